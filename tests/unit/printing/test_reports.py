"""Tables and charts on every paper, and the daily report that is made of them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.composition.bench.reports import bare, long_report, pages_of, rendered
from app.domain.axis import ticks
from printing.composing import composed
from printing.document import Chart, Fitted, Series, Table, TableColumn, Text
from printing.layout import BlankRow, ChartRow, Row, RuleRow, TextRow, columns_of, laid_out
from printing.renderers.chart import Bar, Label, Line, chart_height_dots, marks
from printing.renderers.drawing import height_dots
from printing.renderers.escpos import encode
from printing.renderers.paper_profile import A4, ROLL_58, ROLL_80, PaperProfile
from printing.renderers.pdf import pdf
from printing.renderers.preview import preview_png
from printing.renderers.sheet import paged
from tests.unit.printing.all_slips import DAILY_REPORT
from tests.unit.printing.reports import QUIET, a_closed_day, a_day

RARE = "李𬭚、龚䶮、㛃 ￥1,234.50"
papers = pytest.mark.parametrize("profile", [ROLL_58, ROLL_80, A4], ids=["58 mm", "80 mm", "A4"])
languages = pytest.mark.parametrize("language", ["zh_CN", "en"])


def texts_of(rows: tuple[Row, ...]) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row.cells) for row in rows if isinstance(row, TextRow)]


def text_of(file: bytes) -> str:
    opened = pypdfium2.PdfDocument(file)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in opened)
    opened.close()
    return text


def a_table(rows: int) -> Table:
    return Table(
        (TableColumn("编码", 10), TableColumn("礼品")), tuple((f"G{n}", f"礼品 {n}") for n in range(rows)), ("合计", "")
    )


# -- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_says_its_headings_again_on_each_sheet() -> None:
    pages = paged(laid_out((a_table(150),), A4.columns), A4)
    assert len(pages) == 3
    assert all(texts_of(page)[0] == ("编码", "礼品") for page in pages)
    told = [row[0] for page in pages for row in texts_of(page) if row[0].startswith("G")]
    assert told == [f"G{n}" for n in range(150)]


@given(st.integers(1, 130))
def test_no_page_is_higher_than_the_sheet_and_a_total_is_never_alone_under_its_line(rows: int) -> None:
    pages = paged(laid_out((Text("x"), a_table(rows), Text("y")), A4.columns), A4)
    for page in pages:
        assert not isinstance(page[0], RuleRow)
        assert not (isinstance(page[-1], RuleRow) and page[-1].under)
        assert sum(height_dots(row, A4) for row in page) <= 257 / A4.dot_mm
    assert [row for page in pages for row in texts_of(page)][-2:] == [("合计",), ("y",)]


def test_a_long_text_in_a_table_goes_on_below_in_its_own_column() -> None:
    table = Table((TableColumn("a", 4), TableColumn("b")), (("1", "很长的名称" * 20),))
    rows = texts_of(laid_out((table,), A4.columns))
    assert rows[0] == ("a", "b")
    assert len(rows) > 2
    assert "".join(row[-1] for row in rows[1:]) == "很长的名称" * 20
    assert all(columns_of(row[-1]) <= 92 for row in rows)


@pytest.mark.parametrize("columns", [(), (TableColumn("a", 3),), (TableColumn("a"), TableColumn("b"))])
def test_exactly_one_column_of_a_table_takes_what_is_left(columns: tuple[TableColumn, ...]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Table(columns, ())


def test_a_row_has_a_cell_for_each_column() -> None:
    with pytest.raises(ValueError, match="each column"):
        Table((TableColumn("a"),), (("1", "2"),))


def test_what_is_fitted_differs_between_roll_and_sheet() -> None:
    document = (Fitted(roll=(Text("roll"),), sheets=(Text("sheet"), Fitted(sheets=(Text("inner"),)))),)
    assert texts_of(laid_out(document, ROLL_58.columns)) == [("roll",)]
    assert texts_of(laid_out(document, A4.columns)) == [("sheet",), ("inner",)]


# -- charts ----------------------------------------------------------------------------------------------------------

numbers = st.lists(st.integers(-5_000_000, 5_000_000), min_size=1, max_size=31)


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_the_axis_holds_all_values_in_a_few_round_steps(one: int, other: int) -> None:
    axis = ticks(min(one, other), max(one, other))
    assert 2 <= len(axis) <= 7
    assert axis[0] <= min(one, other, 0) <= max(one, other, 0) <= axis[-1]
    assert len({after - before for before, after in pairwise(axis)}) == 1
    assert 0 in axis


@given(numbers, st.sampled_from([ROLL_58, ROLL_80, A4]))
def test_everything_of_a_chart_lies_on_the_paper(values: list[int], profile: PaperProfile) -> None:
    labels = tuple(str(place) for place in range(len(values)))
    chart = Chart("积分", labels, (Series("发放", tuple(values)), Series("使用", tuple(reversed(values)))))
    height = chart_height_dots(profile)
    bars = 0
    for mark in marks(chart, profile):
        match mark:
            case Bar(left, top, wide, high, _):
                assert 0 <= left <= left + wide <= profile.dots + 0.01
                assert 0 <= top <= top + high <= height + 2
                bars += 1
            case Line(left, right, y, _):
                assert 0 <= left < right <= profile.dots
                assert 0 <= y <= height
            case Label(_, x, baseline, _):
                assert 0 <= x <= profile.dots
                assert 0 < baseline <= height
    assert bars == 2 * sum(value != 0 for value in values) + 2  # and the legend


def test_the_higher_value_has_the_higher_bar() -> None:
    chart = Chart("积分", ("9", "10"), (Series("发放", (50, 100)),))
    bars = [mark for mark in marks(chart, ROLL_80) if isinstance(mark, Bar)][1:]
    assert bars[0].height * 2 == pytest.approx(bars[1].height)


@pytest.mark.parametrize("series", [(), (Series("a", (1,)),) * 3, (Series("a", (1, 2)),)])
def test_a_chart_has_one_or_two_series_with_a_value_for_each_label(series: tuple[Series, ...]) -> None:
    with pytest.raises(ValueError, match="series"):
        Chart("", ("x",), series)


@papers
def test_a_chart_is_drawn_where_its_row_is(profile: PaperProfile) -> None:
    chart = Chart("积分", ("9", "10"), (Series("发放", (50, 100)),))
    with_chart, without = (
        Image.open(BytesIO(preview_png(document, profile, 1))) for document in ((chart, Text("x")), (Text("x"),))
    )
    if not profile.is_sheet:
        assert with_chart.height - without.height == chart_height_dots(profile)
    dark = sum(with_chart.convert("L").histogram()[:100])
    assert dark > 2_000


def test_a_chart_on_a_receipt_printer_is_rows_of_dots() -> None:
    chart = Chart("积分", ("9", "10"), (Series("发放", (50, 100)),))
    segments = encode((chart,), ROLL_80)
    rows = sum(int.from_bytes(segment[6:8], "little") for segment in segments if segment.startswith(b"\x1d\x76\x30"))
    assert rows == chart_height_dots(ROLL_80)
    assert not any(bad in segment for segment in segments[1:] for bad in (b"\x10\x04", b"\x10\x05", b"\x10\x14"))


# -- the daily report ------------------------------------------------------------------------------------------------


@languages
def test_all_figures_of_the_day_stand_in_the_file(language: str) -> None:
    report = a_day()
    text = text_of(pdf(composed(DAILY_REPORT, language), A4, title="t", language=language))
    for figure in ("75,664", "37,600", "￥768,247.00", "+38,576", "2026-11-22", "584"):
        assert figure in text
    for gift in report.gifts:
        assert f"{gift.gift} {gift.name}" in text
    for clerk in report.clerks:
        assert clerk.name in text
    for hour in report.hours[9:22]:
        assert f"{hour.hour:02}:00–{hour.hour:02}:59 {hour.issued:,} {hour.used:,}" in text


@languages
def test_a_roll_has_the_sums_the_chart_and_the_first_gifts(language: str) -> None:
    rows = laid_out(composed(DAILY_REPORT, language), ROLL_58.columns)
    texts = [text for row in texts_of(rows) for text in row]
    assert "75,664" in texts
    assert sum(isinstance(row, ChartRow) for row in rows) == 1
    assert len([row for row in rows if isinstance(row, TextRow | BlankRow)]) < 70
    assert not any("五常" in text for text in texts) or "五常大米 5kg" in texts


@languages
def test_a_day_without_business_says_so(language: str) -> None:
    document = composed(replace(DAILY_REPORT, report=QUIET), language)
    assert not any(isinstance(element, Chart) for element in document)
    said = {"zh_CN": "当日没有业务", "en": "Nothing was done on this day"}[language]
    assert any(isinstance(element, Text) and element.text == said for element in document)
    assert "全天" in text_of(pdf(document, A4, title="t", language="zh_CN")) or language == "en"


def test_a_day_that_is_not_over_says_until_when() -> None:
    text = text_of(pdf(composed(DAILY_REPORT, "zh_CN"), A4, title="t", language="zh_CN"))
    assert "统计截至 2026-11-22 22:30" in text


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not on this machine")
def test_rare_characters_of_a_table_are_found_again_by_poppler_on_every_page(tmp_path: Path) -> None:
    table = Table((TableColumn(RARE), TableColumn("￥1,234.50", 20)), ((RARE, "￥1,234.50"),) * 100, (RARE, ""))
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf((table,), A4, title=RARE, language="zh_CN"))
    run = subprocess.run(["pdftotext", "-layout", "-enc", "UTF-8", file, "-"], capture_output=True, check=True)
    pages = run.stdout.decode().split("\f")[:-1]
    assert len(pages) == 2
    assert sum(page.count(RARE) for page in pages) == 100 + 1 + len(pages) + len(pages)  # rows, total, headings, feet
    assert f"第 2 页，共 {len(pages)} 页" in pages[1]


def test_a_long_report_fills_its_pages_and_says_what_the_bare_drawing_says() -> None:
    document = long_report(3)
    assert 3 <= pages_of(document) <= 5
    ours, theirs = text_of(rendered(document)), text_of(bare(document)())
    for gift in ("G-00000 316 不锈钢保温杯（500ml） 0", "G-00155 316 不锈钢保温杯（500ml） 155"):
        assert gift in ours
        assert gift in theirs


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_what_came_late_stands_apart_from_the_figures_with_when_and_where(language: str) -> None:
    slip = replace(DAILY_REPORT, report=a_closed_day())
    text = text_of(pdf(composed(slip, language), A4, title="t", language=language))
    for said in ("11-20 14:12", "11-22 09:05", "+1,280", "2026-11-23", "182,734", "9f3c61a2b45d77e0"):
        assert said in text, said
    assert ("补传业务" if language == "zh_CN" else "Late: of earlier days") in text
    roll = text_of(pdf(composed(replace(DAILY_REPORT, report=a_day()), language), A4, title="t", language=language))
    assert "补传" not in roll
    assert "Late" not in roll


def test_a_desk_that_was_cut_off_says_that_it_tells_of_itself_alone() -> None:
    slip = replace(DAILY_REPORT, report=replace(a_day(), desk_only=True))
    assert "仅本台数据" in text_of(pdf(composed(slip, "zh_CN"), A4, title="t", language="zh_CN"))
