"""Keeps `None` alive under Python 3.11.

PySide6 6.12.0 returns None from every function without a result and takes no reference to it. Since Python 3.12 None is
immortal (PEP 683) and that is harmless; under 3.11 each such call takes one reference away, and after some ten thousand
calls the interpreter ends with "none_dealloc: deallocating None" (measured: `QObject.setObjectName` a thousand times
costs a thousand references). So here None is given as many references as it would have in 3.12."""

from __future__ import annotations

import ctypes
import sys

ENOUGH = 1 << 60


def keep_none() -> None:
    """Do for None what Python 3.12 does. Does nothing where None is immortal already, or after the first time."""
    if sys.version_info < (3, 12) and sys.implementation.name == "cpython" and sys.getrefcount(None) < ENOUGH // 2:
        # The count is the first word of an object in every release build of CPython 3.11.
        ctypes.c_ssize_t.from_address(id(None)).value = ENOUGH
