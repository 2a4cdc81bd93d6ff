"""A desk without a window: JSON lines in, JSON lines out (docs/headless.md)."""

from __future__ import annotations

import sys

from app.composition.desk import open_desk
from app.composition.housekeeping import Housekeeping
from app.composition.machines import Machines
from app.domain.errors import Refused, Unavailable
from app.domain.sentences import sentence
from app.headless import run
from app.settings import Home
from db.engines import without_password


def run_headless(home: Home, *, store_url: str = "", desk: str = "", language: str = "zh_CN") -> int:
    """Serve stdin until it ends; slips go to the desk's printer if it has one. Returns the exit code."""
    opened = open_desk(home)
    try:
        if desk and desk != opened.settings.desk:
            raise Refused("desk.other_home", desk=desk, home_desk=opened.settings.desk)
        if store_url and without_password(store_url)[0] != home.store_url(opened.settings):
            raise Refused("desk.other_store")
        machines = Machines(opened, opened.settings, language=lambda: language, report=opened.crashes.note)

        def said(problem: Refused | Unavailable) -> None:
            """A disk that is full is nobody's bug."""
            print(sentence(problem.code, problem.facts, language), file=sys.stderr, flush=True)

        housekeeping = Housekeeping(opened, said)
        machines.start()
        housekeeping.start()
        if opened.link is not None:
            opened.link.start()
        try:
            return run(
                opened.authority,
                opened.queries,
                sys.stdin.buffer,
                sys.stdout.buffer,
                wrote=machines.spool.wake,
                crashed=opened.crashes.write,
            )
        finally:
            housekeeping.stop()
            machines.stop()
    finally:
        opened.close()
