"""A list with its search on the left, the form of one row on the right; in a narrow window one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.catalogue.keeping import NEW, Form, Keeper, KeepingState
from ui.locale import tr
from ui.theme import Space, theme
from ui.widgets import (
    Banner,
    Button,
    Card,
    Column,
    DataTable,
    EmptyState,
    ProgressLine,
    RowsModel,
    ScrollColumn,
    SearchField,
    SegmentedControl,
    SelectField,
    Text,
    TextField,
    show_if,
)

NARROW_PX = 800
FORM_PX = 360


@dataclass(frozen=True)
class Field:
    """One field of a form. `kind`: text, digits, secret, segments, select, suggest (a text with a list of others)."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    longest: int = 40
    placeholder: str = ""


_NOTHING_YET = object()

FieldWidget = TextField | SelectField | SegmentedControl


class KeeperView(QWidget):
    """Children say what stands in the list and in the form; all texts are asked anew when the language changes."""

    presenter: Keeper[Any]
    columns: Sequence[Column[Any]] = ()
    icon_of_nothing = "list"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(1)
        self.fields: dict[str, FieldWidget] = {}
        self._shown_form: object = _NOTHING_YET
        self._shown_rows: tuple[object, ...] = ()
        self._state: KeepingState[Any] = KeepingState()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        self._list = QWidget()
        self._lay_out_list()
        row.addWidget(self._list, 1)
        self._sheet = Card(padding=Space.L)
        row.addWidget(self._sheet)
        self._form_place = QVBoxLayout()
        self._sheet.body.addLayout(self._form_place, 1)
        self.form: QWidget = QWidget()
        self._form_place.addWidget(self.form)
        self.presenter.services.contact.listen(self._contact_changed)

    # What the child says

    def words(self) -> dict[str, str]:
        """Texts by name: "find", "new" ("" for none), "nothing", "nothing_hint", "choose", "choose_hint"."""
        raise NotImplementedError

    def form_title(self, form: Form[Any]) -> str:
        raise NotImplementedError

    def form_fields(self, form: Form[Any]) -> Sequence[Field]:
        raise NotImplementedError

    def form_hint(self, form: Form[Any]) -> str:
        return ""

    def form_extras(self, form: Form[Any]) -> Sequence[QWidget]:
        """More widgets below the fields, updated in `show_extras`."""
        return ()

    def show_extras(self, form: Form[Any]) -> None:
        """The form's texts have changed."""

    def save_words(self, form: Form[Any]) -> str:
        """What stands on the button that saves; "" where there is nothing to save."""
        return tr("Save")

    def waits_for_hub(self, form: Form[Any]) -> bool:
        """What it saves is for the hub to write (`Offline.NEVER`): so it is with nearly all that is kept in lists."""
        return bool(self.save_words(form))

    def saved_words(self, saved: str, name: str) -> str:
        return tr("{name} was added.", name=name) if saved == "added" else tr("{name} was changed.", name=name)

    def open_kind(self, row: Any) -> str:
        """Which form a row opens."""
        return "edit"

    def may_add(self) -> bool:
        return True

    # Shown by the presenter

    def show_state(self, state: KeepingState[Any]) -> None:
        before, self._state = self._state, state
        self._show_list(state)
        form = state.form
        place = None if form is None else (form.kind, form.row)
        if place != self._shown_form:
            moved, self._shown_form = self._shown_form is not _NOTHING_YET, place
            had_keyboard = self._sheet.isAncestorOf(self.window().focusWidget() or self)
            self._build_form(form)
            if form is not None:
                self._show_form(state, form)
                self._focus_form()
            elif moved and (had_keyboard or before.busy):
                self.take_keyboard()
        if form is not None:
            self._show_form(state, form)
        self._arrange()

    def take_keyboard(self) -> None:
        if self.isVisible():
            (self.filter if self.filter.isVisible() else self.new).setFocus()

    def retranslate(self) -> None:
        self._shown_form = _NOTHING_YET
        self._shown_rows = ()
        words = self.words()
        self.filter.set_placeholder(words["find"])
        self.new.setText(words["new"])
        self.table.setAccessibleName(words["find"])
        self.table.horizontalHeader().viewport().update()
        self.nothing.set(words["nothing"], words["nothing_hint"])
        self.show_state(self._state)

    def start_new(self) -> None:
        if self.may_add() and self.words()["new"]:
            self.presenter.start(NEW)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        form = self._state.form
        focused: QWidget | None = self.window().focusWidget()
        inside = focused is not None and self._sheet.isAncestorOf(focused)
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if form is not None and inside and enter and not event.isAutoRepeat():
            if isinstance(focused, QAbstractButton) and not focused.isCheckable():
                focused.click()
            elif self.save.isEnabled():
                self.presenter.save()
        elif form is not None and event.key() == Qt.Key.Key_Escape:
            self.presenter.leave_form()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self.table.share_width()

    # Within

    def _lay_out_list(self) -> None:
        column = QVBoxLayout(self._list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        self.filter = SearchField(key="")
        self.new = Button("", "secondary", icon="plus", key="Ctrl+N")
        top.addWidget(self.filter, 1)
        top.addWidget(self.new)
        column.addLayout(top)
        self.saved = Banner("", "success", dismissable=True)
        self.saved.hide()
        self.problem = Banner("", "warning")
        self.problem.hide()
        column.addWidget(self.saved)
        column.addWidget(self.problem)
        self.table = DataTable()
        self.model: RowsModel[Any] = RowsModel(self.columns)
        self.table.show_model(self.model)
        self.nothing = EmptyState(self.icon_of_nothing, "")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self.nothing)
        column.addWidget(self._pages, 1)
        self.filter.typed.connect(self._on_filter)
        self.filter.moved.connect(self._on_moved)
        self.filter.chosen.connect(self._on_chosen)
        self.new.clicked.connect(self.start_new)
        self.table.clicked.connect(self._on_clicked)
        self.table.opened.connect(self._on_opened)
        self.problem.acted.connect(self.presenter.open)
        self.saved.dismissed.connect(self.saved.hide)

    def _show_list(self, state: KeepingState[Any]) -> None:
        if state.rows != self._shown_rows:
            self._shown_rows = state.rows
            self.model.set_rows(state.rows)
            self.table.share_width()
        if self.filter.text() != state.filter:
            self.filter.setText(state.filter)
        show_if(self.new, self.may_add() and bool(self.words()["new"]))
        wanted = state.total > 0 or state.loading or bool(state.filter)
        lost = not wanted and self.filter.hasFocus()
        show_if(self.filter, wanted)
        if lost:
            self.new.setFocus()
        words = self.words()
        if state.total and not state.rows:
            self.nothing.set(tr("Nothing fits “{typed}”", typed=state.filter), tr("Esc empties the field."))
        else:
            self.nothing.set(words["nothing"], words["nothing_hint"])
        empty = not state.rows and not state.loading and state.load_problem is None
        self._pages.setCurrentIndex(1 if empty else 0)
        show_if(self.saved, bool(state.saved))
        if state.saved:
            self.saved.set(self.saved_words(state.saved, state.saved_name), "success")
        problem = state.load_problem
        show_if(self.problem, problem is not None)
        if problem is not None:
            self.problem.set(self._sentence(problem.code, problem.facts), "warning", tr("Try again"))

    def _build_form(self, form: Form[Any] | None) -> None:
        self._form_place.removeWidget(self.form)
        self.form.hide()
        self.form.deleteLater()
        for known in self.fields.values():
            if isinstance(known, TextField):
                known.edit.clear()  # a PIN does not wait for Qt to bury the field it was typed in
        self.fields = {}
        self.form = QWidget()
        self._form_place.addWidget(self.form, 1)
        column = QVBoxLayout(self.form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        if form is None:
            words = self.words()
            column.addWidget(EmptyState(self.icon_of_nothing, words["choose"], words["choose_hint"]))
            self.form.show()
            return
        column.addWidget(Text(self.form_title(form), "title", wrap=True))
        self.only_hub = Banner()
        self.only_hub.hide()
        column.addWidget(self.only_hub)
        inside = ScrollColumn(spacing=Space.M)
        hint = self.form_hint(form)
        if hint:
            inside.column.addWidget(Text(hint, "body", tone="muted", wrap=True))
        for field in self.form_fields(form):
            inside.column.addWidget(self._make_field(field))
        for extra in self.form_extras(form):
            inside.column.addWidget(extra)
        column.addWidget(inside, 1)
        self.progress = ProgressLine()
        self.form_problem = Banner("", "warning")
        self.form_problem.hide()
        column.addWidget(self.progress)
        column.addWidget(self.form_problem)
        foot = QHBoxLayout()
        foot.setSpacing(Space.S)
        back = Button(tr("Go back"), "quiet", key="Esc")
        back.clicked.connect(self.presenter.leave_form)
        saving = self.save_words(form)
        self.save = Button(saving, "primary", key="Enter", large=True)
        self.save.clicked.connect(self.presenter.save)
        foot.addWidget(back)
        foot.addStretch(1)
        foot.addWidget(self.save)
        show_if(self.save, bool(saving))
        column.addLayout(foot)
        self.form.show()  # at once: what is shown only with the next event cannot take the keyboard now

    def _make_field(self, field: Field) -> QWidget:
        put: Callable[[str], None] = partial(self.presenter.put, field.name)
        widget: FieldWidget
        if field.kind in ("select", "suggest"):
            widget = SelectField(field.label, field.options, editable=field.kind == "suggest")
        elif field.kind == "segments":
            widget = SegmentedControl(field.options, name=field.label)
        else:
            secret = field.kind == "secret"
            widget = TextField(
                field.label, field.hint, secret=secret, digits=secret or field.kind == "digits",
                max_length=field.longest, placeholder=field.placeholder,
            )  # fmt: skip
        widget.changed.connect(put)
        self.fields[field.name] = widget
        if not isinstance(widget, SegmentedControl):
            return widget
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Text(field.label, "label"))
        column.addWidget(widget)
        if field.hint:
            column.addWidget(Text(field.hint, "small", tone="muted", wrap=True))
        return part

    def _show_form(self, state: KeepingState[Any], form: Form[Any]) -> None:
        for name, widget in self.fields.items():
            value = form.typed.get(name, "")
            widget.setEnabled(not state.busy)  # before a problem takes the keyboard there
            if isinstance(widget, TextField):
                if widget.edit.text() != value:
                    widget.set_value(value)
                said = state.problem if state.problem_field == name else None
                sentence = self._sentence(said.code, said.facts) if said is not None else ""
                if widget.problem != sentence:
                    widget.set_problem(sentence)
                    if sentence:
                        widget.setFocus()
            elif widget.value != value:
                widget.set_value(value)
        problem = state.problem
        whole = problem is not None and not isinstance(self.fields.get(state.problem_field), TextField)
        show_if(self.form_problem, whole)
        if whole and problem is not None:
            self.form_problem.set(self._sentence(problem.code, problem.facts), "warning")
        why_not = self.presenter.services.contact.why_not if self.waits_for_hub(form) else ""
        if why_not:
            self.only_hub.set(self._sentence(why_not, {}), "info")
        show_if(self.only_hub, bool(why_not))
        self.save.setEnabled(not state.busy and not why_not)
        if state.busy:
            self.progress.start(tr("Writing it down …"))
        else:
            self.progress.finish()
        self.show_extras(form)

    def _contact_changed(self) -> None:
        """Without a click, and what was typed stays."""
        form = self._state.form
        if form is not None and self._shown_form == (form.kind, form.row):
            self._show_form(self._state, form)

    def _focus_form(self) -> None:
        if not self.isVisible():
            return
        self._arrange()
        first = next((widget for widget in self.fields.values() if widget.isEnabled()), None)
        if first is not None:
            first.setFocus()
            if isinstance(first, TextField):
                first.edit.selectAll()
        else:
            self.save.setFocus()

    def _arrange(self) -> None:
        narrow = self.width() < theme().px(NARROW_PX)
        filling = self._state.form is not None
        show_if(self._list, not (narrow and filling))
        show_if(self._sheet, filling or not narrow)
        if narrow:
            self._sheet.setMinimumWidth(0)
            self._sheet.setMaximumWidth(16_777_215)
        else:
            self._sheet.setFixedWidth(theme().px(FORM_PX))

    def _sentence(self, code: str, facts: Any) -> str:
        return self.presenter.services.sentence(code, facts)

    def _open_row(self, at: int) -> None:
        if 0 <= at < len(self.model.rows):
            row = self.model.row(at)
            self.presenter.start(self.open_kind(row), row)

    def _on_filter(self, text: str) -> None:
        self.presenter.type_filter(text)

    def _on_moved(self, step: int) -> None:
        rows = len(self.model.rows)
        if rows:
            at = self.table.currentIndex().row()
            self.table.selectRow(min(rows - 1, max(0, at + step)))

    def _on_chosen(self, _text: str) -> None:
        """Enter in the search: the chosen row, or the only one."""
        at = self.table.currentIndex().row()
        self._open_row(max(at, 0))

    def _on_clicked(self, index: QModelIndex) -> None:
        self._open_row(index.row())

    def _on_opened(self, at: int) -> None:
        self._open_row(at)
