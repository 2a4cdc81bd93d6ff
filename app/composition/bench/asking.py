"""Redemptions that the hub decides: asked for, granted, done and posted, at a steady pace over HTTPS."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

from app.composition.bench.figures import Figure, Say, at_most, p99
from app.composition.bench.hub_ground import RunningHub, Sender

A_SECOND = 50
SECONDS = 20.0
DESKS = 10  # each asks as often as a desk may

_GRANTED = f"online redemption at {A_SECOND}/s: the hub's yes, p99"
_POSTED = f"online redemption at {A_SECOND}/s: asked, granted and posted, p99"


def figures(hubs: Sequence[RunningHub], tidy: Callable[[], None], members: int, say: Say) -> Iterator[Figure]:
    say("online redemptions: enrolling")
    senders = [
        Sender(hubs[number % len(hubs)], hubs[0].code(40 + number), members, 40 + number) for number in range(DESKS)
    ]
    try:
        for sender in senders:
            sender.redeem_online()
        tidy()
        say(f"online redemptions, {A_SECOND} a second")
        granted, posted = _paced(senders)
    finally:
        for sender in senders:
            sender.close()
    yield Figure(_GRANTED, p99(granted) * 1000, "ms")
    yield Figure(_POSTED, p99(posted) * 1000, "ms", aim=at_most(100, "value"))


def _paced(senders: list[Sender]) -> tuple[list[float], list[float]]:
    """Each begins at its time, whether or not the one before it has ended; who is late for it has waited, too."""
    granted: list[float] = []
    posted: list[float] = []
    problems: list[BaseException] = []
    start = time.perf_counter() + 0.1
    every = len(senders) / A_SECOND

    def one_desk(number: int, sender: Sender) -> None:
        try:
            for turn in range(max(1, round(SECONDS / every))):
                due = start + turn * every + number / A_SECOND
                time.sleep(max(0.0, due - time.perf_counter()))
                late = time.perf_counter() - due
                until_granted, until_posted = sender.redeem_online()
                granted.append(late + until_granted)
                posted.append(late + until_posted)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=one_desk, args=pair) for pair in enumerate(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return granted, posted
