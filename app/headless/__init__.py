"""A desk that another program drives: one JSON request per line in, one JSON answer per line out (docs/headless.md)."""

from app.headless.desk import run

__all__ = ["run"]
