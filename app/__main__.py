"""`memberdesk` and `python -m app`."""

from __future__ import annotations

import os


def main() -> None:
    from app.cli import app

    if os.name == "posix":
        os.umask(0o077)  # whatever the program writes is its owner's alone: settings, store, backups, crash reports
    app(prog_name="memberdesk")


if __name__ == "__main__":
    main()
