from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

import pytest
from PySide6.QtGui import QFontDatabase, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.foundation.conftest import FONTS
from ui.theme import ICONS, paint_icon, theme
from ui.theme.theme import FAMILY
from ui.theme.tokens import DARK, EDGE_PAIRS, LIGHT, TEXT_PAIRS, TYPE, Colours, contrast
from ui.widgets import DataTable, SelectField, Text, TextField
from ui.widgets.text import TONES


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_every_text_stands_out_from_its_ground(colours: Colours, text: str, ground: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGE_PAIRS)
def test_every_edge_can_be_seen(colours: Colours, edge: str, ground: str) -> None:
    assert contrast(getattr(colours, edge), getattr(colours, ground)) >= 3.0


def test_every_text_role_is_in_a_pair_that_is_checked() -> None:
    checked = {text for text, _ in TEXT_PAIRS}
    roles = {field.name for field in fields(Colours)}
    texts = {name for name in roles if name.endswith("_text") or name.startswith(("text", "on_"))}
    assert texts - {"text_disabled"} <= checked  # what cannot be used is exempt (WCAG 1.4.3)


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21.0


def test_figures_have_equal_widths_so_that_columns_stand() -> None:
    for role in TYPE:
        metrics = QFontMetrics(theme().font(role))
        assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1, role


def test_the_shipped_font_is_used_and_has_rare_names() -> None:
    assert FAMILY in QFontDatabase.families()
    metrics = QFontMetrics(theme().font("body"))
    assert all(metrics.inFontUcs4(ord(character)) for character in "䶮𬭚欧阳¥→−")


def test_a_missing_font_is_said() -> None:
    from ui.theme.theme import Theme

    with pytest.raises(FileNotFoundError):
        Theme().load_fonts(FONTS / "nowhere")


def test_a_font_that_somebody_changes_is_their_own(qapp: QApplication) -> None:
    theme().font("strong").setPixelSize(3)
    assert theme().font("strong").pixelSize() == TYPE["strong"].size_px


@pytest.mark.parametrize("name", sorted(ICONS))
def test_every_icon_draws_something(qapp: QApplication, name: str) -> None:
    image = QImage(48, 48, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    with QPainter(image) as painter:
        paint_icon(painter, image.rect().toRectF(), name, theme().colour("text"))
    assert sum(image.pixelColor(x, y).alpha() > 0 for x in range(48) for y in range(48)) > 60


@pytest.fixture
def looks(qapp: QApplication) -> Iterator[Callable[..., None]]:
    """Puts a theme in force; the usual one is back afterwards."""

    def look(name: str, scale: float = 1.0) -> None:
        theme().apply(qapp, name, scale=scale)
        qapp.processEvents()

    yield look
    look("light")


def test_light_dark_and_size_change_while_the_program_runs(looks: Callable[..., None]) -> None:
    looks("dark", 1.5)
    assert theme().is_dark
    assert theme().colours is DARK
    assert theme().font("body").pixelSize() == round(TYPE["body"].size_px * 1.5)


def test_words_in_every_tone_change_with_the_theme(looks: Callable[..., None], qtbot: QtBot) -> None:
    words = {tone: Text("欧阳", tone=tone) for tone in TONES}
    for text in words.values():
        qtbot.addWidget(text)
    looks("dark")
    shown = {tone: text.palette().color(text.foregroundRole()).name().upper() for tone, text in words.items()}
    assert shown == {
        "normal": DARK.text,
        "muted": DARK.text_muted,
        "accent": DARK.accent_text,
        "danger": DARK.danger_text,
        "warning": DARK.warning_text,
        "success": DARK.success_text,
        "toast": DARK.toast_text,
    }


def test_words_that_stand_there_grow_with_the_text_size(looks: Callable[..., None], qtbot: QtBot) -> None:
    words = Text("欧阳", "title")
    qtbot.addWidget(words)
    looks("light", 1.5)
    assert words.font().pixelSize() == round(TYPE["title"].size_px * 1.5)


@pytest.mark.parametrize("is_shown_before", [True, False])
def test_qts_own_controls_change_with_the_theme_or_when_they_are_shown(
    looks: Callable[..., None], qtbot: QtBot, *, is_shown_before: bool
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    field, choice, table = TextField("姓名"), SelectField("纸宽", (("58", "58 毫米"),)), DataTable("x")
    controls: tuple[QWidget, ...] = (field.edit, choice.box, table)
    for part in (field, choice, table):
        column.addWidget(part)
    page.setVisible(is_shown_before)
    looks("dark")
    page.show()
    qtbot.waitExposed(page)
    middles = [control.grab().toImage().pixelColor(control.rect().center()) for control in controls]
    assert {middle.name().upper() for middle in middles} == {DARK.surface}
