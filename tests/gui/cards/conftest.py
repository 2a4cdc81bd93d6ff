"""The same calm surroundings as the counter's screens."""

from tests.gui.counter.conftest import calm

__all__ = ["calm"]
