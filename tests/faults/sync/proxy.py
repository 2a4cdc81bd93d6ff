"""A line between desks and hubs that misbehaves on demand.

As a *cable* it carries bytes and knows nothing of them: TLS goes through untouched. As a *balancer* it ends TLS and
begins it again, as a mall's own may, knows one request from the next, and can be aimed at one path."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

PIECE = 65_536
_HEAD_AT_MOST = 65_536


class Fault(Enum):
    LATE = "late"  # everything arrives, later
    CUT = "cut"  # reset in the middle of the request: the hub never has it whole
    HALF_OPEN = "half-open"  # taken, never carried on, never closed
    REPLY_DROPPED = "reply dropped"  # the hub has done it; not a byte of its answer arrives
    REPLY_TORN = "reply torn"  # the first bytes of the answer, then a reset
    DOUBLED = "doubled"  # the request reaches the hub twice, byte by byte the same
    DRIP = "drip"  # the answer comes a byte at a time
    GARBAGE = "garbage"  # in the place of the answer, noise
    PORTAL = "portal"  # another program answers 200 with a page of its own


@dataclass(frozen=True)
class Tls:
    """Of a balancer: its own certificate for desks, and whom it believes to be the hub."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@dataclass
class _Aim:
    fault: Fault
    path: str  # where the path begins so; "" is every one
    times: int | None  # None: until it is mended


class FaultProxy:
    """Listens on 127.0.0.1 from the moment it is made, on a thread of its own, until `close`."""

    def __init__(self, hubs: Sequence[int], *, tls: Tls | None = None, seed: int = 0) -> None:
        self.hubs = list(hubs)  # ports; the next one is tried where one does not answer
        self.late_s = 0.1
        self.drip_s = 0.02
        self.met = 0  # requests (or connections of a cable) that met a fault
        self._tls = tls
        self._chance = random.Random(seed)
        self._aim: _Aim | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.plug()

    # -- any thread --------------------------------------------------------------------------------------------------

    def break_(self, fault: Fault, path: str = "", *, times: int | None = None) -> None:
        """From now on, also for lines that are open already."""
        self._aim = _Aim(fault, path, times)

    def mend(self) -> None:
        """No fault any more; connections that hang in one are reset."""
        self._aim = None
        self._call(self._reset_all())

    def plug(self) -> None:
        """Also where it is plugged in already."""

        async def listen() -> None:
            if self._server is not None:
                return
            context = self._tls.server if self._tls else None
            self._server = await asyncio.start_server(
                self._carried, "127.0.0.1", self.port, ssl=context, limit=_HEAD_AT_MOST
            )
            self.port = self._server.sockets[0].getsockname()[1]

        self._call(listen())

    def unplug(self) -> None:
        """Nobody listens, and what is open is reset."""

        async def stop() -> None:
            if self._server is not None:
                self._server.close()
            self._server = None
            await self._reset_all()

        self._call(stop())

    def close(self) -> None:
        self.unplug()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)  # type: ignore[arg-type]

    # -- the loop ----------------------------------------------------------------------------------------------------

    async def _reset_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks))

    def _met(self, path: str) -> Fault | None:
        aim = self._aim
        if aim is None or not path.startswith(aim.path):
            return None
        if aim.times is not None:
            aim.times -= 1
            if aim.times <= 0:
                self._aim = None
        self.met += 1
        return aim.fault

    async def _carried(self, desk_in: asyncio.StreamReader, desk_out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(desk_out)
        try:
            if self._tls is None:
                await self._cable(desk_in, desk_out)
            else:
                await self._balanced(desk_in, desk_out)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            _reset(desk_out)
            self._open.discard(desk_out)
            self._tasks.discard(task)

    async def _hub(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Of those that answer, one after the other. Raises OSError where none does."""
        self._turn += 1
        for step in range(len(self.hubs)):
            port = self.hubs[(self._turn + step) % len(self.hubs)]
            with contextlib.suppress(OSError):
                client = self._tls.client if self._tls else None
                hub = await asyncio.open_connection("127.0.0.1", port, ssl=client, limit=_HEAD_AT_MOST)
                self._open.add(hub[1])
                return hub
        raise OSError("no hub answers")

    def _left(self, writer: asyncio.StreamWriter) -> None:
        _reset(writer)
        self._open.discard(writer)

    # -- a cable -----------------------------------------------------------------------------------------------------

    async def _cable(self, desk_in: asyncio.StreamReader, desk_out: asyncio.StreamWriter) -> None:
        hub_in, hub_out = await self._hub()
        try:
            there = asyncio.ensure_future(self._bytes(desk_in, hub_out, desk_out, to_hub=True))
            back = asyncio.ensure_future(self._bytes(hub_in, desk_out, hub_out, to_hub=False))
            try:
                await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in (there, back):
                    each.cancel()
                await asyncio.wait((there, back))
        finally:
            self._left(hub_out)

    async def _bytes(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, other: asyncio.StreamWriter, *, to_hub: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(PIECE):
                match self._met("") if self._aim else None:
                    case Fault.LATE:
                        await asyncio.sleep(self.late_s * self._chance.uniform(0.2, 1.8))
                    case Fault.HALF_OPEN | Fault.PORTAL:
                        await asyncio.sleep(3_600)
                    case Fault.CUT:
                        sink.write(piece[: len(piece) // 2])
                        await sink.drain()
                        return
                    case Fault.REPLY_DROPPED | Fault.REPLY_TORN if not to_hub:
                        return
                    case Fault.DOUBLED:
                        piece += piece
                    case Fault.GARBAGE if not to_hub:
                        piece = self._chance.randbytes(len(piece))
                    case Fault.DRIP if not to_hub:
                        await self._drip(piece, sink)
                        continue
                sink.write(piece)
                await sink.drain()

    async def _drip(self, piece: bytes, sink: asyncio.StreamWriter) -> None:
        for at in range(len(piece)):
            if self._aim is None:
                sink.write(piece[at:])
                return
            sink.write(piece[at : at + 1])
            await sink.drain()
            await asyncio.sleep(self.drip_s)

    # -- a balancer --------------------------------------------------------------------------------------------------

    async def _balanced(self, desk_in: asyncio.StreamReader, desk_out: asyncio.StreamWriter) -> None:
        while True:
            head = await desk_in.readuntil(b"\r\n\r\n")
            body = await desk_in.readexactly(_length(head))
            fault = self._met(head.split(b" ", 2)[1].decode())
            try:
                await self._answered(head, body, fault, desk_out)
            except OSError:  # as a balancer says that no hub answers
                desk_out.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\n502")
                await desk_out.drain()

    async def _answered(self, head: bytes, body: bytes, fault: Fault | None, desk_out: asyncio.StreamWriter) -> None:
        """One request and its answer, over a connection to a hub that ends with it."""
        if fault is Fault.HALF_OPEN:
            await asyncio.sleep(3_600)
        if fault is Fault.PORTAL:
            page = b"<html><body>Welcome to the mall's free Wi-Fi</body></html>"
            told = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page)
            desk_out.write(told + page)
            await desk_out.drain()
            return
        if fault is Fault.LATE:
            await asyncio.sleep(self.late_s)
        request = head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1).replace(b"Connection: keep-alive\r\n", b"")
        if fault is Fault.DOUBLED:
            await self._to_the_end(request + body)
        hub_in, hub_out = await self._hub()
        try:
            if fault is Fault.CUT:
                hub_out.write((request + body)[: len(head) // 2 + len(body) // 2])
                await hub_out.drain()
                raise asyncio.CancelledError
            hub_out.write(request + body)
            await hub_out.drain()
            await self._reply(hub_in, desk_out, fault)
        finally:
            self._left(hub_out)

    async def _to_the_end(self, request: bytes) -> None:
        hub_in, hub_out = await self._hub()
        try:
            hub_out.write(request)
            await hub_out.drain()
            while await hub_in.read(PIECE):
                pass
        finally:
            self._left(hub_out)

    async def _reply(self, hub_in: asyncio.StreamReader, desk_out: asyncio.StreamWriter, fault: Fault | None) -> None:
        if fault is Fault.REPLY_DROPPED:
            while await hub_in.read(PIECE):  # so that whatever it asked for is done
                pass
            raise asyncio.CancelledError
        head = await hub_in.readuntil(b"\r\n\r\n")
        if fault is Fault.LATE:
            await asyncio.sleep(self.late_s)
        if fault is Fault.GARBAGE:
            desk_out.write(self._chance.randbytes(300))
            await desk_out.drain()
            raise asyncio.CancelledError
        desk_out.write(head if fault is not Fault.DRIP else b"")
        if fault is Fault.DRIP:
            await self._drip(head, desk_out)
        chunked = b"transfer-encoding: chunked" in head.lower()
        left = None if chunked else _length(head)
        tail = b""
        while left is None or left > 0:
            piece = await hub_in.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                if left is None and tail.endswith(b"0\r\n\r\n"):
                    return
                raise asyncio.CancelledError  # the hub went away in the middle
            tail = (tail + piece)[-5:]
            left = None if left is None else left - len(piece)
            if fault is Fault.REPLY_TORN:
                desk_out.write(piece[: len(piece) // 2])
                await desk_out.drain()
                raise asyncio.CancelledError
            if fault is Fault.DRIP:
                await self._drip(piece, desk_out)
            else:
                desk_out.write(piece)
            await desk_out.drain()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _reset(writer: asyncio.StreamWriter) -> None:
    """As a cable that was pulled: no goodbye."""
    line = writer.get_extra_info("socket")
    if line is not None:
        with contextlib.suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
