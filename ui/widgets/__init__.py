"""Reusable pieces. All take a `parent=` last; texts are plain text; colours, fonts and sizes come from `ui.theme`.

Texts and marks
    Text(text="", role="body", *, tone="normal", wrap=False, align=None, selectable=False)   set_tone, set_role
        roles: caption small body strong label title headline figure display keypad
        tones: normal muted accent danger warning success toast
    ElidedText(...)                      one line that ends in …
    Chip(text, tone="neutral", *, icon="")    set(text, tone)   tones: bronze silver gold platinum neutral accent
                                              success warning danger info
    Avatar(surname="", *, size=48)       set_surname
    Icon(name, *, size=24, tone="text_muted")   names in ui.theme.ICONS; tone is a role of ui.theme.Colours
    Keycap(key)   KeyHint(key, text)     set_text
Buttons
    Button(text="", kind="secondary", *, key="", icon="", binds=False, large=False)
        clicked; set_kind, set_key, set_icon
        kinds: primary secondary quiet danger. `key` is shown; `binds=True` also binds it (panels and dialogs only;
        a screen's keys are bound by the shell through `Screen.commands()`)
    IconButton(icon, name, *, size=44)   clicked; `name` is accessible name and tool tip
Fields
    SearchField(placeholder="", key="F2")    typed(str) chosen(str) moved(int: -1 or 1)
    TextField(label, hint="", *, placeholder="", secret=False, digits=False, max_length=120)
        value, set_value, set_problem(sentence or ""), problem, set_label, set_hint; changed(str) submitted()
    SelectField(label, options=((value, text), …), value="", *, editable=False)
        value, set_options, set_value; changed(str)
    SegmentedControl(options, value="", *, name="")   value, set_value, set_options; changed(str)
    CheckBox(text, checked=False)   Switch(text, checked=False)    isChecked, set_text; toggled(bool)
    Stepper(value=1, *, minimum=1, maximum=99, name="")   value, set_value, set_maximum; changed(int)
    PinField(*, shortest=6, longest=6)   entered(str) with the sixth digit;
        set_problem, set_busy, clear, type_digit, enter
Surfaces
    Card(title="", *, padding=16, ground="surface")   body (QVBoxLayout), header (QHBoxLayout), set_title, set_ground
    Divider()   ScrollColumn(*, spacing=12, margins=0)   column (QVBoxLayout)
Figures
    Stat(label, value="", detail="", *, role="figure")   set(value, detail, tone=), set_label
    PointsLabel(points=0, role="body", *, change=False)   set_points      MoneyLabel(fen=0, role="body")   set_fen
    BeforeAfter(label="", before=0, after=0, *, unit="")  set(before, after, label=, unit=)
    Meter(share=0.0, *, tone="accent")   set_share
Lists
    ListRow(title, detail="", *, trailing="", icon="", leading=None, key="")
        chosen(); set, set_selected, row (QHBoxLayout)
    TimelineRow(when, title, amount="", *, detail="", icon="slip", tone="normal", muted=False, first=False, last=False)
    Tile(title, detail="", *, leading=None)   chosen(); set_selected
    DataTable(name="", remembered=None)   show_model(RowsModel), sort_by, share_width, chosen_rows, copied, as_csv,
                                          to_csv; opened(int) picked(int)
    RowsModel(columns, rows=(), more=None)   set_rows, append, row(i), rows
    Column(name, title: () -> str, text: row -> str, sort_by=None, right=False, width=140, tone=None)
    PaperPicture()   show_png(bytes or None), set_room(width)   a slip or a sheet as it comes out
States
    EmptyState(icon, title, hint="", *, action=None)   set(title, hint)
    Banner(text="", tone="info", *, action="", dismissable=False)   set(text, tone, action); acted() dismissed()
    ProgressLine()   start(doing, can_cancel=False), set_progress(done, total), finish(); cancelled()
    Toast(host, text, tone="info", *, action="", act=None, key="", stays_ms=5000)   come(), leave()
        (screens do not make toasts: they tell `Messages`, see ui.shell.messages)
Over the screen
    Overlay(host, *, width=480, cancellable=True)   body; open(), close_overlay(), cancel(); cancelled() closed()
    ConfirmPanel(host, title, *, text="", lines=((label, value), …), confirm="", kind="primary", width=480)
        confirmed() cancelled(); content (QVBoxLayout), set_problem, set_busy; stays until close_overlay()
    PinDialog(host, title, text="", *, shortest=6, longest=6)
        entered(str) cancelled(); set_problem, set_busy, close_overlay
    confirm(host, title, *, text="", lines=(), button="", kind="primary", then=callable) -> ConfirmPanel

Showing and hiding
    show_if(widget, wanted)   instead of setVisible() wherever the widget may not be laid out yet: setVisible(True) on a
        widget without a parent opens a window of its own, which takes the keyboard from the real one
    clear(layout)             all its widgets go, at once and for good

Words: `from ui.locale import tr, trn, number, signed, money, day, day_short, clock, moment`. Put the Chinese texts of
an area into its own `ui/locale/zh_CN/<area>.po`; message ids are the English texts.
"""

from ui.widgets.button import Button, IconButton
from ui.widgets.choices import CheckBox, SegmentedControl, SelectField, Stepper, Switch
from ui.widgets.fields import SearchField, TextField
from ui.widgets.figures import BeforeAfter, Meter, MoneyLabel, PointsLabel, Stat
from ui.widgets.keys import Keycap, KeyHint
from ui.widgets.overlay import ConfirmPanel, Overlay, PinDialog, confirm
from ui.widgets.paper import PaperPicture
from ui.widgets.pin import PinField
from ui.widgets.rows import ListRow, Tile, TimelineRow
from ui.widgets.states import Banner, EmptyState, ProgressLine
from ui.widgets.surfaces import Avatar, Card, Chip, Divider, Icon, ScrollColumn
from ui.widgets.table import Column, DataTable, RowsModel
from ui.widgets.text import ElidedText, Text
from ui.widgets.toast import Toast
from ui.widgets.visibility import clear, show_if

__all__ = [
    "Avatar",
    "Banner",
    "BeforeAfter",
    "Button",
    "Card",
    "CheckBox",
    "Chip",
    "Column",
    "ConfirmPanel",
    "DataTable",
    "Divider",
    "ElidedText",
    "EmptyState",
    "Icon",
    "IconButton",
    "KeyHint",
    "Keycap",
    "ListRow",
    "Meter",
    "MoneyLabel",
    "Overlay",
    "PaperPicture",
    "PinDialog",
    "PinField",
    "PointsLabel",
    "ProgressLine",
    "RowsModel",
    "ScrollColumn",
    "SearchField",
    "SegmentedControl",
    "SelectField",
    "Stat",
    "Stepper",
    "Switch",
    "Text",
    "TextField",
    "Tile",
    "TimelineRow",
    "Toast",
    "clear",
    "confirm",
    "show_if",
]
