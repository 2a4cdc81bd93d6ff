"""A calm window (see tests.gui.admin)."""

from tests.gui.admin.conftest import calm, desk

__all__ = ["calm", "desk"]
