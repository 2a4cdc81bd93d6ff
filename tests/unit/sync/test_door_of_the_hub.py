"""Who gets in at the hub's door, how often, and what everybody else is told: a code, and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import httpx
import pytest

from app.domain.errors import Refused, Unavailable
from app.hub.http import BURST, FAILURES_PER_MINUTE, REQUESTS_PER_S, Limits, Turned, make_app
from app.hub.service import Hub
from app.sync.envelope import DeskKey
from app.sync.hub import HubDesk
from app.sync.protocol import MOST_BYTES, SIGNED_WITHIN_MS, DeskState, request_digest

NOW_MS = 1_795_000_000_000
KEY = DeskKey(bytes(range(32)))


class Service:
    """Of a hub, what its door needs; whatever else is asked of it is a bug."""

    mall = "M1"

    def __init__(self) -> None:
        self.nonces: set[str] = set()
        self.state = DeskState.ACTIVE
        self.done = 0
        self.trouble: Exception | None = None
        self.keys = {1: KEY.public}

    def known_desk(self, desk: str) -> HubDesk:
        if desk != "K1":
            raise Refused("hub.desk_unknown")
        return HubDesk("K1", 1, self.state, False, self.keys, 0, None)

    def hears(self, desk: str, nonce: str) -> HubDesk | None:
        return self.known_desk(desk) if self.nonce_is_new(desk, nonce) else None

    def nonce_is_new(self, _desk: str, nonce: str) -> bool:
        new = nonce not in self.nonces
        self.nonces.add(nonce)
        return new

    def now_ms(self) -> int:
        return NOW_MS

    def time_for(self, nonce: str) -> dict[str, Any]:
        return {"server_ms": NOW_MS, "signature": nonce}

    def void(self, _desk: str, _void: object) -> None:
        self.done += 1
        if self.trouble is not None:
            raise self.trouble


BODY = b'{"operation":"0192f5a0-0000-7000-8000-000000000001"}'


def signed(
    body: bytes = BODY, *, nonce: str = "", at_ms: int = NOW_MS, desk: str = "K1", mall: str = "M1", key: DeskKey = KEY
) -> Any:
    nonce = nonce or f"nonce-{next(_NONCES):08}"
    signature = key.sign(request_digest("POST", "/v1/void", body, at_ms, nonce))
    return {
        "X-MemberDesk-Mall": mall,
        "X-MemberDesk-Desk": desk,
        "X-MemberDesk-Time": str(at_ms),
        "X-MemberDesk-Nonce": nonce,
        "X-MemberDesk-Signature": signature.hex(),
    }


_NONCES = iter(range(10_000))


class Door:
    def __init__(self) -> None:
        self.service = Service()
        self._app = make_app(cast(Hub, self.service))

    def post(self, *headers: dict[str, str], body: Any = BODY) -> list[tuple[int, str]]:
        """Status and code of each, one after the other."""

        async def all_of_them() -> list[tuple[int, str]]:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as client:
                answers = [await client.post("/v1/void", content=body, headers=each) for each in headers]
            return [(answer.status_code, answer.json().get("code", "")) for answer in answers]

        return asyncio.run(all_of_them())

    def post_and_hang_up(self, body: bytes) -> list[dict[str, Any]]:
        """What is said into a line that broke after `body`, which is a part of what was announced."""
        coming = [{"type": "http.request", "body": body, "more_body": True}]
        told: list[dict[str, Any]] = []

        async def receive() -> Any:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)

        headers = [(name.lower().encode(), value.encode()) for name, value in signed().items()]
        scope = {"type": "http", "method": "POST", "path": "/v1/void", "query_string": b"", "headers": headers}
        asyncio.run(self._app({**scope, "client": ("10.0.0.9", 50_000)}, receive, send))
        return told


@pytest.fixture
def door() -> Door:
    return Door()


def test_a_request_counts_once_however_often_it_is_played_back(door: Door) -> None:
    captured = signed()
    assert door.post(captured, captured, captured) == [
        (200, ""),
        (401, "hub.stale_request"),
        (401, "hub.stale_request"),
    ]
    assert door.service.done == 1


def test_a_nonce_serves_once_also_under_another_signature(door: Door) -> None:
    assert door.post(signed(nonce="the same one"), signed(nonce="the same one", at_ms=NOW_MS + 1)) == [
        (200, ""),
        (401, "hub.stale_request"),
    ]


def test_the_key_of_before_a_desk_enrolled_anew_opens_nothing_though_it_just_did(door: Door) -> None:
    newer = DeskKey(bytes(range(1, 33)))
    assert door.post(signed()) == [(200, "")]
    door.service.keys = {1: KEY.public, 2: newer.public}
    assert door.post(signed(), signed(key=newer), signed(), signed(key=newer)) == [
        (401, "hub.not_recognised"),
        (200, ""),
        (401, "hub.not_recognised"),
        (200, ""),
    ]


def test_a_request_of_too_long_ago_or_of_the_future_is_turned_away(door: Door) -> None:
    times = (-SIGNED_WITHIN_MS - 1, -SIGNED_WITHIN_MS, SIGNED_WITHIN_MS, SIGNED_WITHIN_MS + 1)
    answers = door.post(*(signed(at_ms=NOW_MS + off) for off in times))
    assert [status for status, _ in answers] == [401, 200, 200, 401]
    assert answers[0][1] == answers[3][1] == "hub.stale_request"


@pytest.mark.parametrize(
    "changed",
    [
        {"X-MemberDesk-Mall": "M2"},
        {"X-MemberDesk-Desk": "K2"},
        {"X-MemberDesk-Nonce": "short"},
        {"X-MemberDesk-Nonce": "x" * 65},
        {"X-MemberDesk-Time": "soon"},
        {"X-MemberDesk-Time": "9" * 400},
        {"X-MemberDesk-Signature": "not hexadecimal"},
        {"X-MemberDesk-Signature": ""},
    ],
)
def test_who_is_not_known_learns_nothing_about_why(door: Door, changed: dict[str, str]) -> None:
    assert door.post({**signed(), **changed}) == [(401, "hub.not_recognised")]
    assert door.service.done == 0


def test_a_signature_is_of_this_body_and_no_other(door: Door) -> None:
    assert door.post(signed(b"something else")) == [(401, "hub.not_recognised")]


def test_five_guesses_a_minute_and_then_nobody_guesses(door: Door) -> None:
    wrong = {**signed(), "X-MemberDesk-Signature": "00" * 64}
    statuses = [status for status, _ in door.post(*[wrong] * 8)]
    assert statuses == [401] * FAILURES_PER_MINUTE + [429] * 3
    assert door.post(signed()) == [(200, "")], "the desk itself, at the same address, goes on"


def test_what_a_balancer_sends_twice_is_no_guess(door: Door) -> None:
    captured = signed()
    door.post(*[captured] * 9)
    assert door.post({**signed(), "X-MemberDesk-Signature": "00" * 64}) == [(401, "hub.not_recognised")]


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(MOST_BYTES // 65_536 + 2):
        yield b"x" * 65_536
    raise AssertionError("it was read to the end")


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "-1", "many", "1e3"])
def test_more_than_a_request_may_have_is_not_read(door: Door, length: str) -> None:
    assert door.post({**signed(), "Content-Length": length}) == [(413, "hub.too_large")]


def test_a_body_without_a_length_is_read_up_to_the_limit(door: Door) -> None:
    assert door.post(signed(), body=_endless()) == [(413, "hub.too_large")]


def test_a_line_that_breaks_in_the_middle_of_a_request_is_no_bug_of_the_hub(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    start, _ = door.post_and_hang_up(BODY[:10])
    assert (start["status"], door.service.done) == (400, 0)
    assert capsys.readouterr().out == "", "nobody is called for it"


@pytest.mark.parametrize(
    ("trouble", "answer"),
    [
        (Unavailable("store.unreachable", host="db1.internal"), (503, "store.unreachable")),
        (RuntimeError("SELECT secret FROM staff"), (500, "program.bug")),
    ],
)
def test_what_goes_wrong_inside_stays_inside(
    door: Door, trouble: Exception, answer: tuple[int, str], capsys: pytest.CaptureFixture[str]
) -> None:
    door.service.trouble = trouble
    assert door.post(signed()) == [answer]


def test_a_desk_that_is_gone_may_only_hand_in_what_it_has(door: Door) -> None:
    door.service.state = DeskState.LOST
    assert door.post(signed()) == [(403, "hub.revoked")]
    assert door.service.done == 0


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def turned(ask: Callable[[], None]) -> bool:
    try:
        ask()
    except Turned as answer:
        return (answer.status, answer.code) == (429, "hub.busy")
    return False


def test_a_desk_may_ask_twenty_times_a_second_and_a_little_more_now_and_then() -> None:
    clock = Clock()
    limits = Limits(clock)
    assert [turned(lambda: limits.take("K1")) for _ in range(int(BURST))] == [False] * int(BURST)
    assert turned(lambda: limits.take("K1"))
    assert not turned(lambda: limits.take("K2")), "another desk has its own"
    answered = 0
    for _ in range(1_000):  # a hundred a second, for ten seconds
        clock.now += 0.01
        answered += not turned(lambda: limits.take("K1"))
    assert 10 * REQUESTS_PER_S - 1 <= answered <= 10 * REQUESTS_PER_S, "as often as it may, however often it asks"


def test_after_a_minute_an_address_may_guess_again() -> None:
    clock = Clock()
    limits = Limits(clock)
    for _ in range(FAILURES_PER_MINUTE):
        assert not turned(lambda: limits.check_address("10.0.0.9"))
        limits.failed("10.0.0.9")
    assert turned(lambda: limits.check_address("10.0.0.9"))
    assert not turned(lambda: limits.check_address("10.0.0.8"))
    clock.now += 61
    assert not turned(lambda: limits.check_address("10.0.0.9"))
