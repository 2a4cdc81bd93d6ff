"""What the window asks of a screen, and what a screen offers: commands with their keys, help, cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from app.ports.devices import BankCardSeen, CardSeen, UnreadableSeen


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """Something a person can do, by key or from the command palette. `everywhere`: from any screen, not only its own.

    `title` is asked each time, so that it follows the language. `words` are more words to find it by."""

    name: str
    title: Callable[[], str]
    run: Callable[[], None]
    key: str = ""
    icon: str = ""
    everywhere: bool = True
    is_possible: Callable[[], bool] = _always
    words: str = ""


class Screen(Protocol):
    """One place of the program. Plain classes and QWidgets both can be one; the window owns it once it is added."""

    name: str
    icon: str  # a name of ui.theme.ICONS
    key: str  # to come here: "Ctrl+1"

    @property
    def widget(self) -> QWidget: ...

    def title(self) -> str:
        """Short, for the navigation rail."""

    def commands(self) -> Sequence[Command]: ...

    def help(self) -> str:
        """One or two sentences: what this screen is for. Its keys are listed from `commands()`."""

    def retranslate(self) -> None:
        """Write every text again: the language has changed."""

    def entered(self) -> None:
        """It is shown now: ask for what may be old, and take the keyboard."""


@runtime_checkable
class CardScreen(Protocol):
    """The screen that a swipe brings up: the counter."""

    def on_card(self, card: CardSeen) -> None: ...


@runtime_checkable
class TrialScreen(Protocol):
    """A screen that may want the next swipe for itself, to try the reader. Asked only while it is in front."""

    def take_swipe(self, seen: CardSeen | BankCardSeen | UnreadableSeen) -> bool: ...


@runtime_checkable
class SearchScreen(Protocol):
    """The screen that the search field at the top drives: the counter."""

    def search_typed(self, text: str) -> None: ...
    def search_chosen(self, text: str) -> None: ...
    def search_moved(self, step: int) -> None: ...


@runtime_checkable
class FindingScreen(Protocol):
    """A search screen that says when the field at the top may be emptied: its member is open."""

    search_done: SignalInstance


@runtime_checkable
class PersonScreen(Protocol):
    """A screen that cares who is signed in: it drops what the person before left open."""

    def person_changed(self) -> None: ...


@runtime_checkable
class ShyScreen(Protocol):
    """A screen that may show personal data in clear: it masks everything again when the desk is locked."""

    def blank(self) -> None: ...


@runtime_checkable
class LooksScreen(Protocol):
    """A screen on which people choose language, colours and text size: the window does what they choose."""

    language_chosen: SignalInstance
    theme_chosen: SignalInstance
    scale_chosen: SignalInstance
    changed: SignalInstance
