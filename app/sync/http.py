"""The desk's half of the conversation with its hub: the one place of a desk that opens a network connection.

Every request is signed with the desk's key; TLS is checked against the certificate authority that enrolment was given
(without one, against the machine's). What goes wrong on the way is Unavailable; what the hub decided is Refused."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID, uuid4

import httpx

from app.domain.errors import Refused, Unavailable
from app.ports.clock import Clock
from app.sync.envelope import DeskKey, canonical, signature_is_good
from app.sync.following import FeedBroken
from app.sync.protocol import (
    Ask,
    Asked,
    AskReport,
    Enrol,
    Enrolled,
    FeedPlace,
    Hello,
    HelloReply,
    Looked,
    Lookup,
    PullReply,
    Push,
    PushReply,
    Reported,
    SnapshotLine,
    from_json,
    request_digest,
    to_json,
)

T = TypeVar("T")
CONNECT_S = 3.0
TOTAL_S = 8.0
SNAPSHOT_S = 60.0  # between two pieces of it
# Where the body says nothing: the status is what counts.
_STATUS = {401: "hub.not_recognised", 403: "hub.not_recognised", 413: "hub.too_large", 429: "hub.busy"}


def open_client(url: str, ca: Path | None) -> httpx.Client:
    """Raises Unavailable("hub.certificate_file") where `ca` cannot be read. Environment proxies are not used: a hub is
    in the mall's own network."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError):
        raise Unavailable("hub.certificate_file", file=str(ca)) from None
    return httpx.Client(
        base_url=url.rstrip("/"),
        verify=context,
        timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
        trust_env=False,
        limits=httpx.Limits(max_connections=4, keepalive_expiry=60),
    )


def enrol(url: str, ca: Path | None, wish: Enrol) -> Enrolled:
    """With the one-time code. Raises Refused or Unavailable."""
    with open_client(url, ca) as client, _translated():
        answer = client.post("/v1/enrol", content=canonical(to_json(wish)), headers=_JSON)
        return from_json(Enrolled, _body(answer))


class HubClient:
    """One desk's connection; any thread may use it."""

    def __init__(self, url: str, *, mall: str, desk: str, key: DeskKey, hub_key: bytes, clock: Clock, ca: Path | None):
        self._client = open_client(url, ca)
        self._mall = mall
        self._desk = desk
        self._key = key
        self._hub_key = hub_key
        self._clock = clock

    def close(self) -> None:
        self._client.close()

    def hello(self, hello: Hello) -> HelloReply:
        """Raises Unavailable("hub.forged") where the answer is not the hub's."""
        reply = self._post("/v1/hello", hello, HelloReply)
        if not signature_is_good(self._hub_key, sha256(reply.bytes()).digest(), reply.signature):
            raise Unavailable("hub.forged")
        return reply

    def push(self, push: Push) -> PushReply:
        return self._post("/v1/push", push, PushReply)

    def pull(self, place: FeedPlace, limit: int, wait_s: float) -> PullReply:
        """Raises FeedBroken where the hub's feed is another than the one that was read."""
        query = urlencode({"feed_epoch": str(place.epoch), "after": place.n, "limit": limit, "wait": f"{wait_s:g}"})
        answer = self._send("GET", f"/v1/pull?{query}", b"", read_s=wait_s + TOTAL_S)
        return from_json(PullReply, answer)

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        with _translated():
            request = self._request("GET", "/v1/snapshot", b"", httpx.Timeout(SNAPSHOT_S, connect=CONNECT_S))
            answer = self._client.send(request, stream=True)
            try:
                if answer.status_code != 200:
                    answer.read()
                    _body(answer)
                lines = answer.iter_lines()
                first = from_json(FeedPlace, next(lines, ""))
                yield first, (from_json(SnapshotLine, line) for line in lines if line)
            finally:
                answer.close()

    def lookup(self, wish: Lookup) -> Looked:
        return self._post("/v1/lookup", wish, Looked)

    def report(self, wish: AskReport) -> Reported:
        return self._post("/v1/report", wish, Reported)

    def request(self, wish: Ask) -> Asked:
        return self._post("/v1/request", wish, Asked)

    def void(self, operation: UUID) -> None:
        self._send("POST", "/v1/void", canonical({"operation": str(operation)}))

    def _post(self, path: str, message: Any, kind: type[T]) -> T:
        return from_json(kind, self._send("POST", path, canonical(to_json(message))))

    def _send(self, method: str, path: str, body: bytes, *, read_s: float = TOTAL_S) -> bytes:
        with _translated():
            request = self._request(method, path, body, httpx.Timeout(read_s, connect=CONNECT_S))
            return _body(self._client.send(request))

    def _request(self, method: str, path: str, body: bytes, timeout: httpx.Timeout) -> httpx.Request:
        now, nonce = self._clock.wall_ms(), uuid4().hex
        signature = self._key.sign(request_digest(method, path, body, now, nonce))
        headers = {
            **_JSON,
            "X-MemberDesk-Mall": self._mall,
            "X-MemberDesk-Desk": self._desk,
            "X-MemberDesk-Time": str(now),
            "X-MemberDesk-Nonce": nonce,
            "X-MemberDesk-Signature": signature.hex(),
        }
        return self._client.build_request(method, path, content=body, headers=headers, timeout=timeout)


_JSON = {"content-type": "application/json"}


def _body(answer: httpx.Response) -> bytes:
    status = answer.status_code
    if status == 200:
        return answer.content
    if status == 410:
        raise FeedBroken("another feed")
    if status == 409 and b'"head"' in answer.content:  # a push that does not follow: the head says where to go on
        return answer.content
    said = _said(answer)
    if said is not None and said[0] == "hub.feed_epoch":
        raise FeedBroken("another feed")
    if status >= 500:
        raise Unavailable("hub.trouble")
    if said is None:
        raise Unavailable(_STATUS.get(status, "hub.other_program"))
    if status in (401, 429):  # no decision on what was asked
        raise Unavailable(said[0], **said[1])
    raise Refused(said[0], **said[1])


def _said(answer: httpx.Response) -> tuple[str, dict[str, Any]] | None:
    """(code, facts) of a refusal, where the body is one."""
    try:
        said = answer.json()
        return str(said["code"]), dict(said.get("facts") or {})
    except (ValueError, KeyError, TypeError):
        return None


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.ConnectError as problem:
        if "CERTIFICATE" in str(problem).upper() or isinstance(problem.__cause__, ssl.SSLError):
            raise Unavailable("hub.certificate") from None
        raise Unavailable("hub.unreachable") from None
    except httpx.TimeoutException:
        raise Unavailable("hub.no_answer") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
        raise Unavailable("hub.unreachable") from None
