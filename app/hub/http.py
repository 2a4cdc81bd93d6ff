"""The hub over HTTP: who asks is proved by the desk's signature over each request, whatever carried it here.

Bodies of failures are constant: a code of `app.domain.sentences` and its facts. Nothing tells what is inside."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import TypeAdapter
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.desk_kind import DeskKind
from app.domain.errors import Refused, Unavailable
from app.hub.group import Group
from app.hub.page import page_of
from app.hub.service import Hub
from app.ports.hub import AllDesks
from app.queries.rows import Guest
from app.sync.envelope import canonical, signature_is_good
from app.sync.group import (
    AskDirectory,
    AskGuest,
    DirectoryPage,
    FindGuest,
    GuestPosted,
    Partner,
    PostGuest,
    VoidGuest,
)
from app.sync.hub import HubDesk
from app.sync.protocol import (
    MOST_BYTES,
    MOST_ROWS,
    SIGNED_WITHIN_MS,
    Ask,
    AskDesks,
    Asked,
    AskReport,
    DeskState,
    Enrol,
    Enrolled,
    Failure,
    Health,
    Hello,
    HelloReply,
    Looked,
    Lookup,
    PullReply,
    Push,
    PushReply,
    Reported,
    Sales,
    SalesReply,
    Void,
    from_json,
    request_digest,
    to_json,
)

T = TypeVar("T")
LONGEST_WAIT_S = 30.0
LOOK_AGAIN_S = 0.2  # of a pull that waits: one question of one row, of all desks that wait together
REQUESTS_PER_S, BURST = 20.0, 60.0
FAILURES_PER_MINUTE = 5
_MOST_REMEMBERED = 10_000  # desks and addresses; the oldest are forgotten
_LONGEST_NONCE = 64
# What is done for a desk that is no longer in use: it may hand in what it has, and is told to wipe.
_ALSO_REVOKED = frozenset({"/v1/hello", "/v1/push"})
_STATUS = {"hub.feed_epoch": 410, "protocol.unreadable": 400, "hub.not_a_till": 403, "hub.revoked": 403}  # else 422
_FOR_TILLS = "/v1/sales"  # and nothing else, nor is it for anybody else (`Hub.sales`)

log = structlog.get_logger("memberdesk.hub")


class Turned(Exception):
    """This request is answered by a status and a code, and by nothing else."""

    def __init__(self, status: int, code: str, facts: dict[str, Any] | None = None) -> None:
        super().__init__(code)
        self.facts = facts or {}
        self.status = status
        self.code = code


@dataclass
class Limits:
    """Of this process. Several behind a balancer allow as many times more, which is still a limit."""

    clock: Callable[[], float] = time.monotonic
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _failures: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)

    def take(self, desk: str) -> None:
        """Raises Turned(429) when `desk` asks faster than it may."""
        now = self.clock()
        left, at = self._left.pop(desk, (BURST, now))
        left = min(BURST, left + (now - at) * REQUESTS_PER_S)
        is_too_fast = left < 1
        self._left[desk] = (left if is_too_fast else left - 1, now)  # being turned away costs nothing: it ends
        _forget(self._left)
        if is_too_fast:
            raise Turned(429, "hub.busy")

    def check_address(self, address: str) -> None:
        """Raises Turned(429) where too many requests of `address` were not recognised."""
        failures = self._failures.get(address)
        if failures is None:
            return
        while failures and failures[0] < self.clock() - 60:
            failures.popleft()
        if len(failures) >= FAILURES_PER_MINUTE:
            raise Turned(429, "hub.busy")

    def failed(self, address: str) -> None:
        self._failures.setdefault(address, deque(maxlen=FAILURES_PER_MINUTE)).append(self.clock())
        _forget(self._failures)


def _forget(known: OrderedDict[str, Any]) -> None:
    while len(known) > _MOST_REMEMBERED:
        known.popitem(last=False)


class Door:
    """Lets requests in: reads them within limits, and knows who sent them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._limits = Limits()
        self._keys: OrderedDict[str, bytes] = OrderedDict()  # with which each desk signed last

    async def body(self, request: Request) -> bytes:
        told = request.headers.get("content-length", "0")
        if not told.isdigit() or int(told) > MOST_BYTES:
            raise Turned(413, "hub.too_large")
        read = bytearray()
        with suppress(ClientDisconnect):
            async for part in request.stream():
                read += part
                if len(read) > MOST_BYTES:
                    raise Turned(413, "hub.too_large")
            return bytes(read)
        raise Turned(400, "protocol.unreadable")  # the line broke: nobody is there to read this

    def stranger(self, request: Request) -> None:
        """Who enrols has no key yet: only so many tries."""
        self._limits.check_address(_address(request))

    def failed(self, request: Request) -> None:
        self._limits.failed(_address(request))

    async def desk(self, request: Request, body: bytes) -> HubDesk:
        """Raises Turned where nobody who is known has signed just this request just now."""
        try:
            found = await run_in_threadpool(self._recognised, request, body)
        except Turned as turned:
            if turned.code == "hub.stale_request":  # a desk we know, or what it once said: no guess at a key
                self._limits.take(f"stale {_address(request)}")
            elif turned.status == 401:
                self._limits.check_address(_address(request))
                self._limits.failed(_address(request))
            raise
        self._limits.take(found.desk)
        revoked = found.state in (DeskState.LOST, DeskState.RETIRED)
        if revoked and request.url.path not in _ALSO_REVOKED:
            raise Turned(403, "hub.revoked")
        if found.kind is DeskKind.TILL and request.url.path != _FOR_TILLS:
            raise Turned(403, "hub.till_only_sells")
        return found

    async def partner(self, request: Request, body: bytes) -> Partner:
        """The hub of another mall of the group, which signs with its own key. Raises Turned."""
        mall = request.headers.get("x-memberdesk-mall", "")
        group = self._hub.group
        known = await run_in_threadpool(group.partner, mall) if group is not None else None
        try:
            if known is None:
                raise Turned(401, "hub.not_recognised")
            await run_in_threadpool(self._signed_by_partner, request, body, known)
        except Turned as turned:
            if turned.status == 401:
                self._limits.check_address(_address(request))
                self._limits.failed(_address(request))
            raise
        self._limits.take(f"@{known.mall}")
        return known

    def _signed_by_partner(self, request: Request, body: bytes, partner: Partner) -> None:
        if not self._hub.nonce_is_new(f"@{partner.mall}", self._signed_nonce(request, body, partner.public_key)):
            raise Turned(401, "hub.stale_request")

    def _recognised(self, request: Request, body: bytes) -> HubDesk:
        desk = request.headers.get("x-memberdesk-desk", "")
        if request.headers.get("x-memberdesk-mall") != self._hub.mall:
            raise Turned(401, "hub.not_recognised")
        try:
            key, nonce = self._signed_by_desk(request, body, desk)
            known = self._hub.hears(desk, nonce)
        except Refused:
            raise Turned(401, "hub.not_recognised") from None
        if known is None:
            raise Turned(401, "hub.stale_request")
        if known.newest_key != key:  # it has enrolled anew
            raise Turned(401, "hub.not_recognised")
        return known

    def _signed_by_desk(self, request: Request, body: bytes, desk: str) -> tuple[bytes, str]:
        """(key, nonce). Whether the key that it signed with last is still its own is asked along with the nonce."""
        key = self._keys.get(desk)
        if key is not None:
            with suppress(Turned):
                return key, self._signed_nonce(request, body, key)
        self._keys[desk] = key = self._hub.known_desk(desk).newest_key
        _forget(self._keys)
        return key, self._signed_nonce(request, body, key)

    def _signed_nonce(self, request: Request, body: bytes, key: bytes) -> str:
        said = request.headers
        nonce, at = (said.get(f"x-memberdesk-{name}", "") for name in ("nonce", "time"))
        try:
            signature = bytes.fromhex(said.get("x-memberdesk-signature", ""))
            at_ms = int(at) if len(at) <= 16 else 0
        except ValueError:
            raise Turned(401, "hub.not_recognised") from None
        if not 8 <= len(nonce) <= _LONGEST_NONCE:
            raise Turned(401, "hub.not_recognised")
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        digest = request_digest(request.method, path, body, at_ms, nonce)
        if not signature_is_good(key, digest, signature):
            raise Turned(401, "hub.not_recognised")
        if abs(self._hub.now_ms() - at_ms) > SIGNED_WITHIN_MS:
            raise Turned(401, "hub.stale_request", self._hub.time_for(nonce))  # its clock may be wrong
        return nonce


def _address(request: Request) -> str:
    return request.client.host if request.client else "?"


def _said(value: Any, status: int = 200) -> Response:
    return Response(canonical(to_json(value)), status, media_type="application/json")


def _failure(status: int, code: str, facts: dict[str, Any] | None = None) -> Response:
    return _said(Failure(code, facts or {}), status)


class _ConstantFailures:
    """Plain ASGI: what Starlette makes of a function costs each request a task and a queue more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as problem:
            if begun and isinstance(problem, Unavailable):
                log.warning("broken_off", path=scope["path"], code=problem.code)
                return  # half of an answer is on its way: the server cuts the line, the desk asks for all of it again
            if begun:
                raise
            await _answer_to(problem, scope["path"])(scope, receive, send)


def _answer_to(problem: Exception, path: str) -> Response:
    if isinstance(problem, Turned):
        return _failure(problem.status, problem.code, problem.facts)
    if isinstance(problem, Refused):
        status = _STATUS.get(problem.code, 422)
        return _failure(status, problem.code, dict(problem.facts))
    if isinstance(problem, Unavailable):
        log.warning("unavailable", path=path, code=problem.code)
        return _failure(503, problem.code)
    log.error("bug", path=path, exc_info=problem)
    return _failure(500, "program.bug")


def make_app(hub: Hub) -> FastAPI:
    app = FastAPI(title="MemberDesk hub", version="1", docs_url=None, redoc_url=None)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    door = Door(hub)
    head = _Head(hub)

    app.add_middleware(_ConstantFailures)

    async def message(request: Request, kind: type[T]) -> tuple[HubDesk, T]:
        body = await door.body(request)
        desk = await door.desk(request, body)
        return desk, from_json(kind, body)

    @app.post("/v1/enrol", **_documented(Enrol, Enrolled))
    async def enrol(request: Request) -> Response:
        """A desk shows the code that was made for it, once, within ten minutes. Not signed: it is not known yet."""
        door.stranger(request)
        wish = from_json(Enrol, await door.body(request))
        try:
            return _said(await run_in_threadpool(hub.enrol, wish))
        except Refused:
            door.failed(request)
            raise

    @app.post("/v1/hello", **_documented(Hello, HelloReply))
    async def hello(request: Request) -> Response:
        """Every ten seconds: how both sides stand, a new licence, the hub's signed time, an order to wipe."""
        desk, said = await message(request, Hello)
        return _said(await run_in_threadpool(hub.hello, desk, said))

    @app.post("/v1/push", **_documented(Push, PushReply))
    async def push(request: Request) -> Response:
        """Operations in the order of the desk's chain. Sent again, each has its first answer. 409: see `PushReply`."""
        desk, pushed = await message(request, Push)
        reply = await run_in_threadpool(hub.push, desk.desk, pushed)
        head.hurry()
        return _said(reply, 409 if reply.gap or reply.fork else 200)

    @app.get("/v1/pull", **_documented(None, PullReply))
    async def pull(
        request: Request,
        feed_epoch: UUID,
        after: int,
        limit: int = MOST_ROWS,
        wait: float = 0.0,
        epoch: int = 0,
        sequence: int = -1,
    ) -> Response:
        """Rows after a place; waits for one for `wait` seconds at most. 410: the feed has begun anew. `epoch` and
        `sequence`: the end of the desk's chain when it had read to `after`, which acknowledges all to there."""
        desk = await door.desk(request, await door.body(request))
        if sequence >= 0:
            await run_in_threadpool(hub.acknowledged, desk.desk, feed_epoch, after, epoch, sequence)
        deadline = time.monotonic() + min(max(wait, 0.0), LONGEST_WAIT_S)
        while True:
            reply = await run_in_threadpool(hub.pull, feed_epoch, after, limit)
            if reply.rows or time.monotonic() >= deadline:
                return _said(reply)
            await head.beyond(after, deadline)

    @app.get("/v1/snapshot", response_class=StreamingResponse)
    async def snapshot(request: Request) -> Response:
        """JSON lines, all of one moment: a `FeedPlace`, then `SnapshotLine`s."""
        desk = await door.desk(request, await door.body(request))
        if desk.state is not DeskState.ACTIVE:
            raise Turned(403, "hub.revoked")  # of what it may hold it reads no more: it was stopped for a reason
        lines = iterate_in_threadpool(_in_pieces(hub.snapshot(desk.desk)))
        return StreamingResponse(lines, media_type="application/jsonl")

    @app.post("/v1/lookup", **_documented(Lookup, Looked))
    async def lookup(request: Request) -> Response:
        """Members, masked, at most 20; or one in full who stands at the counter. Written down."""
        desk, asked = await message(request, Lookup)
        return _said(await run_in_threadpool(hub.lookup, desk, asked))

    @app.post("/v1/report", **_documented(AskReport, Reported))
    async def report(request: Request) -> Response:
        """The daily report of the whole mall, late operations listed as late."""
        desk, asked = await message(request, AskReport)
        return _said(await run_in_threadpool(hub.report, desk, asked))

    @app.post("/v1/desks", **_documented(AskDesks, AllDesks))
    async def desks(request: Request) -> Response:
        """How all desks stand, for who keeps them."""
        desk, asked = await message(request, AskDesks)
        return _said(await run_in_threadpool(hub.desks, desk, asked))

    @app.post("/v1/request", **_documented(Ask, Asked))
    async def request_(request: Request) -> Response:
        """May the desk do this? What it needs is held for it until it does, gives it up, or the time is over."""
        desk, asked = await message(request, Ask)
        reply = await run_in_threadpool(hub.request, desk.desk, asked)
        head.hurry()
        return _said(reply)

    @app.post("/v1/void", **_documented(Void, Void))
    async def void(request: Request) -> Response:
        """What was granted will not be done."""
        desk, given_up = await message(request, Void)
        await run_in_threadpool(hub.void, desk.desk, given_up)
        return _said(given_up)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(page_of(app.openapi()))

    @app.post("/v1/sales", **_documented(Sales, SalesReply))
    async def sales(request: Request) -> Response:
        """Sales and refunds as tills and payment services tell them; each transaction counts once."""
        till, told = await message(request, Sales)
        reply = await run_in_threadpool(hub.sales, till, told)
        head.hurry()
        return _said(reply)

    async def from_partner(request: Request, kind: type[T]) -> tuple[Group, Partner, T]:
        body = await door.body(request)
        partner = await door.partner(request, body)
        assert hub.group is not None, "a partner was recognised"
        return hub.group, partner, from_json(kind, body)

    @app.post("/v1/group/find", **_documented(FindGuest, Guest))
    async def find_guest(request: Request) -> Response:
        """From the hub of another mall of the group: who has this card or telephone number? Masked; written down."""
        group, partner, asked = await from_partner(request, FindGuest)
        return _said(await run_in_threadpool(group.find, partner, asked))

    @app.post("/v1/group/request", **_documented(AskGuest, Asked))
    async def request_for_guest(request: Request) -> Response:
        """Hold the points of a member of ours for a redemption at that mall; until it is posted or given up."""
        group, partner, asked = await from_partner(request, AskGuest)
        return _said(await run_in_threadpool(group.ask, partner, asked))

    @app.post("/v1/group/post", **_documented(PostGuest, GuestPosted))
    async def post_for_guest(request: Request) -> Response:
        """It was done: the points go, in the name of that mall. Posted once, however often it is sent."""
        group, partner, asked = await from_partner(request, PostGuest)
        reply = await run_in_threadpool(group.post, partner, asked)
        head.hurry()
        return _said(reply)

    @app.post("/v1/group/void", **_documented(VoidGuest, VoidGuest))
    async def void_for_guest(request: Request) -> Response:
        """It will not be done."""
        group, partner, asked = await from_partner(request, VoidGuest)
        return _said(await run_in_threadpool(group.void, partner, asked))

    @app.post("/v1/group/directory", **_documented(AskDirectory, DirectoryPage))
    async def directory(request: Request) -> Response:
        """This mall's members, by keyed hashes of their telephone numbers and cards."""
        group, _, asked = await from_partner(request, AskDirectory)
        return _said(await run_in_threadpool(group.page, asked))

    @app.get("/v1/health", **_documented(None, Health))
    async def health() -> Response:
        """Not signed: for balancers and watchers. 503 where the database does not answer."""
        return _said(await run_in_threadpool(hub.health))

    return app


class _Head:
    """Where the feed ends, asked once for all desks that wait for it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._asking: asyncio.Task[int] | None = None
        self._soon = asyncio.Event()

    def hurry(self) -> None:
        """Something was written by this very process."""
        self._soon.set()

    async def beyond(self, n: int, deadline: float) -> None:
        """Until the feed is longer than `n`, or the deadline (of the monotonic clock) has come."""
        while time.monotonic() < deadline:
            if self._asking is None:
                self._asking = asyncio.create_task(self._ask())
            asking = self._asking
            if await asyncio.shield(asking) > n:
                return

    async def _ask(self) -> int:
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), LOOK_AGAIN_S)
            self._soon.clear()
            return await run_in_threadpool(self._hub.feed_length)
        finally:
            self._asking = None


def _in_pieces(lines: Any, size: int = 131_072) -> Any:
    """Lines one by one would be a hop between threads each; pieces of that size are compressed on a thread, so that
    other desks' requests do not wait for it."""
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= size:
            yield bytes(piece)
            piece.clear()
    if piece:
        yield bytes(piece)


def _documented(asked: type[Any] | None, reply: type[Any]) -> dict[str, Any]:
    """Bodies are read after the signature over them was checked, so the framework does not know them by itself."""
    schema = _schema_of
    extra: dict[str, Any] = {}
    if asked is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema(asked)}}}
    return {
        "response_class": Response,
        "openapi_extra": extra,
        "responses": {
            200: {"content": {"application/json": {"schema": schema(reply)}}},
            **{
                status: {"description": text, "content": {"application/json": {"schema": schema(Failure)}}}
                for status, text in (
                    (401, "not signed by a known desk, or not just now"),
                    (413, "more than 1 MiB"),
                    (429, "too often"),
                    (503, "try again"),
                )
            },
        },
    }


def _schema_of(kind: type[Any]) -> dict[str, Any]:
    """Whole: definitions inlined, for the page stands alone."""
    schema = TypeAdapter(kind).json_schema(mode="serialization")
    definitions = schema.pop("$defs", {})

    def inlined(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return inlined(definitions[part["$ref"].rsplit("/", 1)[1]])
            return {name: inlined(value) for name, value in part.items()}
        return [inlined(each) for each in part] if isinstance(part, list) else part

    whole: dict[str, Any] = inlined(schema)
    return whole
