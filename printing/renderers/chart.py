"""Where the bars, lines and words of a chart stand. Slip, sheet and screen draw the same marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from app.domain.axis import ticks
from printing.document import Align, Chart
from printing.layout import columns_of, on_paper
from printing.renderers.paper_profile import PaperProfile

LABEL_DOTS = 20
ROLL_HEIGHT_DOTS = 320
SHEET_HEIGHT_DOTS = 440
_LEGEND_DOTS = 40
_AXIS_DOTS = 34  # the row of labels below
_TICK_GAP_DOTS = 8
_SWATCH_DOTS = 16
_EDGE_DOTS = 2


@dataclass(frozen=True)
class Bar:
    """Dots from the upper left corner of the chart."""

    left: float
    top: float
    width: float
    height: float
    filled: bool


@dataclass(frozen=True)
class Line:
    """Across, at `y`; `faint` lines help the eye and mean nothing."""

    left: float
    right: float
    y: float
    faint: bool


@dataclass(frozen=True)
class Label:
    """Text beside, over or right of `x`, as it is aligned; `baseline` is what its letters stand on."""

    text: str
    x: float
    baseline: float
    align: Align


Mark = Bar | Line | Label


def chart_height_dots(profile: PaperProfile) -> int:
    return SHEET_HEIGHT_DOTS if profile.is_sheet else ROLL_HEIGHT_DOTS


def marks(chart: Chart, profile: PaperProfile) -> Iterator[Mark]:
    values = [value for series in chart.series for value in series.values]
    axis = ticks(min(values), max(values))
    height, width = chart_height_dots(profile), float(profile.dots)
    left = max(_width(f"{tick:,}") for tick in axis) + _TICK_GAP_DOTS
    top, bottom = float(_LEGEND_DOTS), float(height - _AXIS_DOTS)

    def y_of(value: int) -> float:
        return bottom - (value - axis[0]) / (axis[-1] - axis[0]) * (bottom - top)

    yield from _legend(chart, width)
    for tick in axis:
        yield Line(left, width, y_of(tick), faint=tick != 0)
        yield Label(f"{tick:,}", left - _TICK_GAP_DOTS, y_of(tick) + LABEL_DOTS * 0.35, Align.RIGHT)
    slot = (width - left) / len(chart.labels)
    bar = max(2.0, slot * 0.8 / len(chart.series))
    for place in range(len(chart.labels)):
        begin = left + place * slot + (slot - bar * len(chart.series)) / 2
        for number, series in enumerate(chart.series):
            value = series.values[place]
            if value:
                over, under = sorted((y_of(value), y_of(0)))
                yield Bar(begin + number * bar, over, bar, max(_EDGE_DOTS, under - over), filled=number == 0)
    widest = max(_width(label) for label in chart.labels)
    every = max(1, ceil((widest + LABEL_DOTS * 0.5) / slot))
    for place in range(0, len(chart.labels), every):
        yield Label(on_paper(chart.labels[place]), left + (place + 0.5) * slot, height - 8.0, Align.CENTRE)


def _legend(chart: Chart, width: float) -> Iterator[Mark]:
    baseline = LABEL_DOTS * 1.1
    yield Label(on_paper(chart.unit), 0.0, baseline, Align.LEFT)
    x = width
    for number in reversed(range(len(chart.series))):
        name = on_paper(chart.series[number].name)
        yield Label(name, x, baseline, Align.RIGHT)
        x -= _width(name) + _SWATCH_DOTS + 6
        yield Bar(x, baseline - _SWATCH_DOTS, _SWATCH_DOTS, _SWATCH_DOTS, filled=number == 0)
        x -= LABEL_DOTS


def _width(text: str) -> float:
    """A little more than the typeface needs."""
    return columns_of(on_paper(text)) * LABEL_DOTS * 0.58
