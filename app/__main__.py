"""`memberdesk` and `python -m app`."""

from __future__ import annotations


def main() -> None:
    from app.cli import app

    app()


if __name__ == "__main__":
    main()
