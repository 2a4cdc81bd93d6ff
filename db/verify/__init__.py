"""Is this store what its operations say? (`memberdesk verify`)

From the operations up: every chain is checked byte by byte (`chains`), a hub's feed says in one unbroken row what
became of each operation (`feed`), the books are added up in the tables as they stand (`sums`), and every operation
takes effect again, in order, in an empty store of its own, whose tables must then equal these row by row (`replay`,
`compare`). What is broken is named; nothing is changed."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from app.ports.verify import Finding, Progress
from db.store import Store
from db.verify.chains import Chains
from db.verify.compare import compare_tables
from db.verify.feed import check_feed
from db.verify.guards import check_file, check_guards
from db.verify.replay import Replay, Scratch
from db.verify.report import Report
from db.verify.sums import check_sums


def verify(
    store: Store, mall: str, *, replay: bool = True, progress: Progress | None = None, folder: Path | None = None
) -> list[Finding]:
    """Everything that is wrong with `mall`; an empty list when nothing is. Takes as long as the mall is big, and little
    memory; the desk goes on working meanwhile.

    The copy that operations are applied to again lies in `folder` (default: beside a local store), encrypted under a
    key that exists in memory only. Raises Refused("mall.unknown"), Unavailable."""
    report = Report(progress)
    with ExitStack() as stack:
        here = stack.enter_context(store.snapshot())
        place = folder or (store.file.parent if store.file else None)
        scratch = stack.enter_context(Scratch.made_in(Path(tempfile.mkdtemp(prefix=".verify-", dir=place))))
        check_file(here, report)
        check_guards(here, scratch.connection, report)
        chains = Chains(here, mall, report)
        again = Replay(here, scratch.connection, mall, report)
        if replay:
            again.found()
            for link in chains.links():
                again.apply(link)
            again.finish()
        else:
            for link in chains.links():
                again.check_rows(link)
        check_feed(here, mall, report)
        check_sums(here, mall, report)
        if replay:
            compare_tables(here, scratch.connection, mall, report)
    return report.findings
