"""The numbers along the axis of a chart, on paper and on the screen."""

from __future__ import annotations

from math import ceil, floor, log10

_MOST_STEPS = 5


def ticks(lowest: int, highest: int) -> tuple[int, ...]:
    """A few round numbers, the same distance apart, zero among them: from not above `lowest` to not below `highest`."""
    lowest, highest = min(lowest, 0), max(highest, 0)
    span = max(highest - lowest, 1)
    step = 10 ** max(0, floor(log10(span / _MOST_STEPS))) if span > _MOST_STEPS else 1
    step = next(step * times for times in (1, 2, 5, 10, 20) if _steps(lowest, highest, step * times) <= _MOST_STEPS)
    first = floor(lowest / step)
    last = max(ceil(highest / step), first + 1)
    return tuple(number * step for number in range(first, last + 1))


def _steps(lowest: int, highest: int, step: int) -> int:
    return ceil(highest / step) - floor(lowest / step)
