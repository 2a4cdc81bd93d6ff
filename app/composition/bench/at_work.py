"""Processes that do what they are told, at the same time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Protocol


class Worker(Protocol):
    """Any method of it may be called; what it gives must be picklable."""

    def close(self) -> None: ...


class AtWork:
    def __init__(self, lines: list[Connection]) -> None:
        self._lines = lines

    def all_do(self, what: str, *how: object) -> list[Any]:
        for line in self._lines:
            line.send((what, how))
        return [line.recv() for line in self._lines]

    def one_does(self, what: str, *how: object) -> Any:
        self._lines[0].send((what, how))
        return self._lines[0].recv()


@contextmanager
def at_work(makers: Sequence[Callable[[], Worker]]) -> Iterator[AtWork]:
    """One process for each of `makers`, which is called there."""
    spawn = multiprocessing.get_context("spawn")
    lines, processes = [], []
    for make in makers:
        ours, theirs = spawn.Pipe()
        process = spawn.Process(target=_work, args=(theirs, make))
        process.start()
        theirs.close()
        lines.append(ours)
        processes.append(process)
    try:
        yield AtWork(lines)
    finally:
        for line in lines:
            line.close()
        for process in processes:
            process.join()


def _work(line: Connection, make: Callable[[], Worker]) -> None:
    worker = make()
    try:
        while True:
            what, how = line.recv()
            line.send(getattr(worker, what)(*how))
    except EOFError:
        pass  # the work is done
    finally:
        worker.close()
