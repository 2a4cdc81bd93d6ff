"""What a request of a desk gets where something fails at the hub."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.domain.errors import Refused, Unavailable
from app.hub.http import _ConstantFailures


def answered(problem: Exception, *, after: int) -> list[dict[str, Any]]:
    """What is sent where the program fails after so many messages."""
    sent: list[dict[str, Any]] = []

    async def program(_scope: Any, _receive: Any, send: Any) -> None:
        begin = {"type": "http.response.start", "status": 200, "headers": []}
        body = {"type": "http.response.body", "body": b"half", "more_body": True}
        for message in (begin, body)[:after]:
            await send(message)
        raise problem

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(_ConstantFailures(program)({"type": "http", "path": "/v1/snapshot"}, receive, send))
    return sent


@pytest.mark.parametrize(
    ("problem", "status"),
    [(Unavailable("store.unreachable"), 503), (Refused("member.unknown"), 422), (KeyError(), 500)],
)
def test_before_anything_was_said_the_answer_names_what_failed(problem: Exception, status: int) -> None:
    begin, body = answered(problem, after=0)
    assert begin["status"] == status
    assert b'"code"' in body["body"]


def test_a_copy_that_breaks_off_in_the_middle_never_looks_whole_and_is_no_bug() -> None:
    sent = answered(Unavailable("store.unreachable"), after=2)
    assert [message.get("more_body") for message in sent] == [None, True]


def test_a_bug_in_the_middle_is_one() -> None:
    with pytest.raises(KeyError):
        answered(KeyError("x"), after=2)
