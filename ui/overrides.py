"""Keeps an exception in an event handler from ending the program under Python 3.11.

PySide6 6.12.0 stores an exception that leaves a Python override of a Qt method, and reads its arguments as if it were
an object. Under 3.11 an exception that C code has raised ("Internal C++ object already deleted", a wrong argument) may
still be a type and a text there, and the process dies with a segmentation fault. Passing through an `except` makes it
a whole object. From 3.12 on exceptions always are.

Imported by `ui.theme`, so before any widget of ours is defined."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from PySide6.QtCore import QObject


class _Whole:
    """Being handed to `__exit__` is what makes an exception whole."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


_WHOLE = _Whole()


def _whole(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def override(*args: Any, **named: Any) -> Any:
        with _WHOLE:
            return method(*args, **named)

    return override


def _guard(cls: type[QObject], /, **named: Any) -> None:
    super(QObject, cls).__init_subclass__(**named)
    of_qt = [base for base in cls.__mro__ if base.__module__.startswith("PySide6")]
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("__") and any(name in vars(base) for base in of_qt):
            setattr(cls, name, _whole(method))


if sys.version_info < (3, 12):
    QObject.__init_subclass__ = classmethod(_guard)  # type: ignore[assignment, method-assign]
