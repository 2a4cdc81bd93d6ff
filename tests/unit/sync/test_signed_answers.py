"""What a hub has signed is an answer to one hello of one desk, and says the same to an older program."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest

from app.domain.errors import Unavailable
from app.sync import http
from app.sync.envelope import DeskKey
from app.sync.http import HubClient
from app.sync.protocol import (
    DeskState,
    FeedPlace,
    Hello,
    HelloReply,
    Place,
    SignedLicence,
    from_json,
    name_of,
    said_digest,
    to_json,
)
from tests.support.clocks import SetClock
from tests.support.fake_hub import a_licence

HUB = DeskKey(os.urandom(32))
HELLO = Hello(Place(1, 0, bytes(32)), None, "0.1.0", 1, 1_795_000_000_000, "boot-1", 60_000, 0)


def told_to(desk: str, hello: Hello, *, mall: str = "M1", **changed: Any) -> HelloReply:
    licence = SignedLicence.by(HUB, a_licence(mall, desk))
    feed = FeedPlace(UUID(int=1), 0, bytes(32))
    said: dict[str, Any] = {"licence": licence, "mall": mall, "desk": desk, "answers": name_of(hello), **changed}
    return HelloReply(hello.wall_ms, DeskState.ACTIVE, hello.head, feed, "0.1.0", **said).signed(HUB)


@pytest.fixture
def hears(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any], Hello], HelloReply]:
    """What desk K1 of M1 makes of such an answer to its hello."""

    def heard(answer: dict[str, Any], hello: Hello) -> HelloReply:
        def answering(_request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=answer)

        def opened(url: str, *_: object) -> httpx.Client:
            return httpx.Client(base_url=url, transport=httpx.MockTransport(answering))

        monkeypatch.setattr(http, "open_client", opened)
        with closing_client() as client:
            return client.hello(hello)

    return heard


@contextmanager
def closing_client() -> Iterator[HubClient]:
    key = DeskKey(os.urandom(32))
    client = HubClient("https://hub.test", mall="M1", desk="K1", key=key, hub_key=HUB.public, clock=SetClock(), ca=None)
    yield client
    client.close()


def signature(kind: Literal["hello", "licence"], said: dict[str, Any]) -> str:
    return base64.b64encode(HUB.sign(said_digest(kind, said))).decode()


Hears = Callable[[dict[str, Any], Hello], HelloReply]


def test_what_the_hub_says_to_this_hello_is_believed(hears: Hears) -> None:
    assert hears(to_json(told_to("K1", HELLO, wipe=True)), HELLO).wipe


@pytest.mark.parametrize(
    "recorded",
    [
        told_to("K2", HELLO, wipe=True),
        told_to("K1", HELLO, mall="M2", wipe=True),
        told_to("K1", replace(HELLO, since_boot_ms=59_999), wipe=True),
        told_to("K1", replace(HELLO, boot="boot-0"), wipe=True),
        told_to("K1", HELLO, answers="", wipe=True),
        replace(told_to("K1", HELLO), wipe=True),
        replace(told_to("K2", HELLO, wipe=True), desk="K1"),
    ],
    ids=["another desk", "another mall", "an earlier hello", "before a restart", "in a file", "changed", "renamed"],
)
def test_an_order_to_wipe_that_was_not_said_to_this_hello_of_this_desk_is_none(
    hears: Hears, recorded: HelloReply
) -> None:
    with pytest.raises(Unavailable) as forged:
        hears(to_json(recorded), HELLO)
    assert forged.value.code == "hub.forged"


def test_what_a_newer_hub_says_more_is_under_its_signature_and_in_nobodys_way(hears: Hears) -> None:
    more = to_json(a_licence("M1", "K1")) | {"per_week": 5}
    licence = {"licence": more, "signature": signature("licence", more)}
    answer = to_json(told_to("K1", HELLO)) | {"licence": licence, "weather": "fine"}
    del answer["signature"]
    answer["signature"] = signature("hello", answer)
    reply = hears(answer, HELLO)
    assert reply.licence is not None
    assert reply.licence.checked(HUB.public) == a_licence("M1", "K1")
    kept = from_json(SignedLicence, json.dumps(to_json(reply.licence)))
    assert kept.checked(HUB.public) == a_licence("M1", "K1"), "also in the next run"
    with pytest.raises(Unavailable):
        hears(answer | {"weather": "foul"}, HELLO)


def test_an_answer_without_any_signature_is_nobodys(hears: Hears) -> None:
    answer = to_json(told_to("K1", HELLO))
    del answer["signature"]
    with pytest.raises(Unavailable):
        hears(answer, HELLO)
