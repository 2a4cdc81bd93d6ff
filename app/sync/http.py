"""The desk's half of the conversation with its hub: the one place of a desk that opens a network connection.

Every request is signed with the desk's key; TLS is checked against the certificate authority that enrolment was given
(without one, against the machine's). What goes wrong on the way is Unavailable; what the hub decided is Refused."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

import httpcore
import httpx

from app.domain.errors import Refused, Unavailable
from app.ports.clock import Clock
from app.ports.hub import AllDesks
from app.sync.envelope import DeskKey, canonical, signature_is_good
from app.sync.following import FeedBroken
from app.sync.protocol import (
    Ask,
    AskDesks,
    Asked,
    AskReport,
    Enrol,
    Enrolled,
    FeedPlace,
    Health,
    Hello,
    HelloReply,
    Looked,
    Lookup,
    Place,
    PullReply,
    Push,
    PushReply,
    Reported,
    SnapshotLine,
    Void,
    from_json,
    request_digest,
    time_digest,
    to_json,
)

T = TypeVar("T")
DEFAULT_PORT = 8443
_HOST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-:")  # names as the network knows them; IPv6
CONNECT_S = 3.0
TOTAL_S = 8.0  # of what somebody waits for, from the first byte to the last, however slowly they come
LONG_S = 60.0  # of what may be long: a push, the rows of a pull, and each PIECE of a snapshot
PIECE = 65_536
# Where the body says nothing: the status is what counts.
_STATUS = {401: "hub.not_recognised", 403: "hub.not_recognised", 413: "hub.too_large", 429: "hub.busy"}


class _Until(threading.local):
    """When the request of this thread has to be over, by the monotonic clock. A time-out alone is of each byte."""

    at: float | None = None


_until = _Until()


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    _until.at = time.monotonic() + seconds
    try:
        yield
    finally:
        _until.at = None


def _left(timeout: float | None) -> float | None:
    if _until.at is None:
        return timeout
    left = max(0.001, _until.at - time.monotonic())
    return left if timeout is None else min(timeout, left)


class _Line(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Line(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        return _Line(self._plain.connect_tcp(host, port, _left(timeout), local_address, socket_options))


class _Transport(httpx.HTTPTransport):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=4,
            keepalive_expiry=60,
            network_backend=_Network(),
        )


@dataclass(frozen=True)
class Certificate:
    """What a server shows of itself. `fingerprint`: SHA-256, as people compare it ("AB:CD:…")."""

    pem: str
    fingerprint: str


def fingerprint_of(pem: str) -> str:
    digest = sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2))


def checked_address(text: str) -> str:
    """The hub's URL as it was meant: "10.0.0.5" is https://10.0.0.5:8443. Without TLS only on this machine, where no
    wire carries the code. Raises Refused("enrol.bad_address" | "enrol.needs_tls")."""
    typed = text.strip().rstrip("/")
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    try:
        host, port = parts.hostname, parts.port or DEFAULT_PORT
    except ValueError:
        host, port = None, 0
    more = parts.username or parts.path or parts.query
    if not host or not set(host) <= _HOST_LETTERS or parts.scheme not in ("http", "https") or more:
        raise Refused("enrol.bad_address", address=typed[:60])
    if parts.scheme == "http" and host not in ("127.0.0.1", "::1", "localhost"):
        raise Refused("enrol.needs_tls")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def check_hub(url: str, ca: Path | None, own: Path | None = None) -> None:
    """Is there a hub that can be trusted, before it is told anything? Raises Unavailable, with
    "enrol.wants_certificate" or "enrol.certificate_not_taken" where it closes the line without a word: that is all
    that a hub says to whose certificate it does not want."""
    with open_client(url, ca, own) as client, _translated():
        try:
            answer = client.get("/v1/health")
        except (httpx.RemoteProtocolError, httpx.ReadError):
            code = "enrol.wants_certificate" if own is None else "enrol.certificate_not_taken"
            raise Unavailable(code) from None
    try:
        from_json(Health, _body(answer))
    except Refused:
        raise Unavailable("hub.other_program") from None


def unknown_certificate(url: str, own: Path | None = None) -> Certificate | None:
    """The certificate of the server at `url` where this computer does not trust it by itself; None where it does.
    Raises Unavailable."""
    try:
        check_hub(url, None, own)
    except Unavailable as problem:
        if not problem.code.startswith("hub.certificate"):
            raise
    else:
        return None
    parts = urlsplit(url)
    try:
        pem = ssl.get_server_certificate((parts.hostname or "", parts.port or DEFAULT_PORT), timeout=CONNECT_S)
    except ssl.SSLError:
        raise Unavailable("hub.other_program") from None
    except (OSError, ValueError):
        raise Unavailable("hub.unreachable") from None
    return Certificate(pem, fingerprint_of(pem))


def open_client(url: str, ca: Path | None, own: Path | None = None) -> httpx.Client:
    """Raises Unavailable("hub.certificate_file") where `ca` cannot be read. It may be an authority's certificate or the
    hub's own. `own`: this desk's certificate and its key in one file, for a hub that wants to see one. Environment
    proxies are not used: a hub is in the mall's own network."""
    try:
        context = ssl.create_default_context(cafile=str(ca) if ca else None)
    except (OSError, ssl.SSLError):
        raise Unavailable("hub.certificate_file", file=str(ca)) from None
    if ca is not None:
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # what somebody has looked at counts by itself
    if own is not None:
        try:
            context.load_cert_chain(own)
        except (OSError, ssl.SSLError):
            raise Unavailable("hub.certificate_file", file=str(own)) from None
    return httpx.Client(
        base_url=url.rstrip("/"),
        transport=_Transport(context),
        timeout=httpx.Timeout(TOTAL_S, connect=CONNECT_S),
        trust_env=False,
    )


def enrol(url: str, ca: Path | None, wish: Enrol, own: Path | None = None) -> Enrolled:
    """With the one-time code. Raises Refused or Unavailable."""
    with open_client(url, ca, own) as client, _translated(), _within(TOTAL_S):
        answer = client.post("/v1/enrol", content=canonical(to_json(wish)), headers=_JSON)
        return _understood(Enrolled, _body(answer))


class HubClient:
    """One desk's connection; any thread may use it."""

    def __init__(
        self,
        url: str,
        *,
        mall: str,
        desk: str,
        key: DeskKey,
        hub_key: bytes,
        clock: Clock,
        ca: Path | None,
        own: Path | None = None,
    ) -> None:
        self._client = open_client(url, ca, own)
        self._mall = mall
        self._desk = desk
        self._key = key
        self._hub_key = hub_key
        self._clock = clock
        self._ahead_ms = 0  # of the hub's clock before this computer's, where that is too far off to talk

    def close(self) -> None:
        self._client.close()

    def hello(self, hello: Hello) -> HelloReply:
        """Raises Unavailable("hub.forged") where it is not the hub that answers, or not this hello that it answers."""
        said = self._send("POST", "/v1/hello", canonical(to_json(hello)))
        try:
            return HelloReply.checked(said, self._hub_key, self._mall, self._desk, hello)
        except Refused as problem:
            raise Unavailable("hub.forged" if problem.code == "hub.forged" else "hub.other_program") from None

    def push(self, push: Push) -> PushReply:
        return self._post("/v1/push", push, PushReply, LONG_S)

    def pull(self, place: FeedPlace, limit: int, wait_s: float, head: Place) -> PullReply:
        """`head`: of this desk's chain, read after `place`. Raises FeedBroken where the hub's feed is another than the
        one that was read."""
        asked = {"feed_epoch": str(place.epoch), "after": place.n, "limit": limit, "wait": f"{wait_s:g}"}
        query = urlencode({**asked, "epoch": head.epoch, "sequence": head.sequence})
        answer = self._send("GET", f"/v1/pull?{query}", b"", wait_s + TOTAL_S, wait_s + LONG_S)
        return _understood(PullReply, answer)

    @contextmanager
    def snapshot(self) -> Iterator[tuple[FeedPlace, Iterator[SnapshotLine]]]:
        with _translated(), _within(LONG_S):
            request = self._request("GET", "/v1/snapshot", b"", httpx.Timeout(LONG_S, connect=CONNECT_S))
            answer = self._client.send(request, stream=True)
            try:
                if answer.status_code != 200:
                    answer.read()
                    _body(answer)
                lines = _never_standing_still(answer.iter_lines())
                first = _understood(FeedPlace, next(lines, ""))
                yield first, _whole(lines)
            finally:
                answer.close()

    def lookup(self, wish: Lookup) -> Looked:
        return self._post("/v1/lookup", wish, Looked)

    def report(self, wish: AskReport) -> Reported:
        return self._post("/v1/report", wish, Reported)

    def desks(self, wish: AskDesks) -> AllDesks:
        return self._post("/v1/desks", wish, AllDesks)

    def request(self, wish: Ask) -> Asked:
        return self._post("/v1/request", wish, Asked)

    def void(self, operation: UUID) -> None:
        self._post("/v1/void", Void(operation), Void)

    def post(self, path: str, message: Any, kind: type[T], total_s: float = TOTAL_S) -> T:
        return self._post(path, message, kind, total_s)

    def _post(self, path: str, message: Any, kind: type[T], total_s: float | None = None) -> T:
        return _understood(kind, self._send("POST", path, canonical(to_json(message)), total_s=total_s))

    def _send(
        self, method: str, path: str, body: bytes, silent_s: float | None = None, total_s: float | None = None
    ) -> bytes:
        """`silent_s`: how long no byte may come; `total_s`: how long it may take in all."""
        silent_s = TOTAL_S if silent_s is None else silent_s
        with _translated(), _within(TOTAL_S if total_s is None else total_s):
            timeout = httpx.Timeout(silent_s, connect=CONNECT_S)
            request = self._request(method, path, body, timeout)
            try:
                return _body(self._client.send(request))
            except Unavailable as problem:
                if not self._learned_the_time(problem, request.headers["X-MemberDesk-Nonce"]):
                    raise
            return _body(self._client.send(self._request(method, path, body, timeout)))

    def _learned_the_time(self, problem: Unavailable, nonce: str) -> bool:
        """This computer's clock is off: the hub has said, and signed, what time it is. The clock stays in doubt all the
        same, but the talk goes on."""
        server_ms, signature = problem.facts.get("server_ms"), problem.facts.get("signature")
        if problem.code != "hub.stale_request" or not isinstance(server_ms, int) or not isinstance(signature, str):
            return False
        try:
            signed = bytes.fromhex(signature)
        except ValueError:
            return False
        if not signature_is_good(self._hub_key, time_digest(nonce, server_ms), signed):
            return False
        self._ahead_ms = server_ms - self._clock.wall_ms()
        return True

    def _request(self, method: str, path: str, body: bytes, timeout: httpx.Timeout) -> httpx.Request:
        now, nonce = self._clock.wall_ms() + self._ahead_ms, uuid4().hex
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


def _understood(kind: type[T], said: bytes | str) -> T:
    """What was asked of a hub is answered by a hub: anything else is another program's, and decides nothing."""
    try:
        return from_json(kind, said)
    except Refused:
        raise Unavailable("hub.other_program") from None


def _never_standing_still(lines: Iterator[str]) -> Iterator[str]:
    """However long it is, as long as the next piece of it comes in time."""
    read = 0
    for line in lines:
        read += len(line)
        if read >= PIECE:
            read, _until.at = 0, time.monotonic() + LONG_S
        yield line


def _whole(lines: Iterator[str]) -> Iterator[SnapshotLine]:
    """A copy of a part of the mall must not pass for the whole: whatever stands between may have ended it early."""
    count = 0
    for line in lines:
        if not line:
            continue
        told = _understood(SnapshotLine, line)
        if told.end is not None:
            if told.end == count:
                return
            break
        count += 1
        yield told
    raise Unavailable("hub.unreachable")


def _body(answer: httpx.Response) -> bytes:
    status = answer.status_code
    if status == 200:
        return answer.content
    if status == 410 and answer.request.url.path == "/v1/pull":
        raise FeedBroken("another feed")
    if status == 409 and b'"head"' in answer.content:  # a push that does not follow: the head says where to go on
        return answer.content
    said = _said(answer)
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


_CERTIFICATE_CODES = {  # X509_V_ERR_… of OpenSSL
    9: "hub.certificate_date",  # not yet valid
    10: "hub.certificate_date",  # expired
    62: "hub.certificate_name",  # another host's
    64: "hub.certificate_name",  # another address's
}


def _why_no_connection(problem: httpx.ConnectError) -> str:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _CERTIFICATE_CODES.get(cause.verify_code, "hub.certificate")
        if isinstance(cause, ssl.SSLError):
            return "hub.other_program"
        cause = cause.__cause__ or cause.__context__
    return "hub.unreachable"


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpx.ConnectError as problem:
        raise Unavailable(_why_no_connection(problem)) from None
    except httpx.TimeoutException:
        raise Unavailable("hub.no_answer") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
        raise Unavailable("hub.unreachable") from None
