"""Whoever is not the hub learns nothing, and whoever is not let in is told so in a sentence."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from app.domain.errors import Unavailable
from app.domain.sentences import SENTENCES
from app.ports.clock import SystemClock
from app.sync.envelope import DeskKey
from app.sync.http import HubClient, check_hub
from app.sync.http import enrol as enrol_at
from app.sync.protocol import Enrol, Hello, Place
from tests.faults.sync.served import until
from tests.support.certificates import Authority, Pair

OLD_DAYS, COMING_DAYS = (-90, -1), (1, 90)


class Listening:
    """Somebody who answers under the hub's address, and keeps all that they are told."""

    def __init__(self, pair: Pair) -> None:
        self.heard = b""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(pair.certificate, pair.key)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                with suppress(OSError), line, self._context.wrap_socket(line, server_side=True) as told:
                    self.heard += told.recv(65_536)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


def a_client(url: str, ca: Path, own: Path | None = None) -> HubClient:
    key = DeskKey(bytes(range(32)))
    return HubClient(url, mall="M1", desk="K1", key=key, hub_key=bytes(32), clock=SystemClock(), ca=ca, own=own)


HELLO = Hello(Place(1, 0, bytes(32)), None, "0.1.0", 1, 0, "boot", 0, 0)
CODE = Enrol("AAAA-BBBB-CCCC", bytes(32), "0.1.0")


@pytest.mark.parametrize(
    ("issued", "code"),
    [
        (lambda ours, _: ours.issue("expired", days=OLD_DAYS), "hub.certificate_date"),
        (lambda ours, _: ours.issue("not-yet", days=COMING_DAYS), "hub.certificate_date"),
        (lambda ours, _: ours.issue("elsewhere", hosts=("hub.example", "10.9.8.7")), "hub.certificate_name"),
        (lambda _, others: others.issue("hub"), "hub.certificate"),
    ],
    ids=["expired", "not good yet", "another host's", "of another authority"],
)
def test_who_cannot_prove_to_be_the_hub_is_told_nothing(
    tmp_path: Path, issued: Callable[[Authority, Authority], Pair], code: str
) -> None:
    ours, others = Authority(tmp_path), Authority(tmp_path, "Somebody Else")
    somebody = Listening(issued(ours, others))
    client = a_client(somebody.url, ours.file)
    try:
        for say in (lambda: client.hello(HELLO), lambda: enrol_at(somebody.url, ours.file, CODE)):
            with pytest.raises(Unavailable) as said:
                say()
            assert said.value.code == code
            assert code in SENTENCES
    finally:
        client.close()
        somebody.close()
    assert somebody.heard == b""


def test_the_hub_itself_is_told_with_the_same_certificate_check(tmp_path: Path) -> None:
    """The control: what the tests above would hear."""
    ours = Authority(tmp_path)
    hub = Listening(ours.issue("hub"))
    client = a_client(hub.url, ours.file)
    with pytest.raises(Unavailable):  # it closes without a word
        client.hello(HELLO)
    client.close()
    hub.close()
    assert b"/v1/hello" in hub.heard


def test_a_file_that_is_no_certificate_is_named(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")
    for ca, own in ((nothing, None), (tmp_path / "not-there.pem", None), (ours.file, nothing)):
        with pytest.raises(Unavailable) as said:
            a_client("https://127.0.0.1:9", ca, own)
        assert said.value.code == "hub.certificate_file"


async def _healthy(scope: Any, receive: Any, send: Any) -> None:
    body = json.dumps({"program": "0.1.0", "protocol": 1, "server_ms": 0, "ok": True}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def asking_for_certificates(pair: Pair, client_ca: Path) -> Iterator[str]:
    """As `memberdesk hub --client-ca` listens, before anything of the hub."""
    config = uvicorn.Config(
        _healthy,
        host="127.0.0.1",
        port=0,
        log_level="critical",
        lifespan="off",
        ssl_certfile=str(pair.certificate),
        ssl_keyfile=str(pair.key),
        ssl_ca_certs=str(client_ca),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started, "the start")
    (listening,) = server.servers[0].sockets
    yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_a_hub_that_asks_for_certificates_lets_in_whoever_has_one_of_its_authority(tmp_path: Path) -> None:
    ours, others = Authority(tmp_path), Authority(tmp_path, "Somebody Else")
    desk, stranger = ours.issue("desk"), others.issue("stranger")
    with asking_for_certificates(ours.issue("hub"), ours.file) as url:
        check_hub(url, ours.file, desk.both)
        for own, code in ((None, "enrol.wants_certificate"), (stranger.both, "enrol.certificate_not_taken")):
            with pytest.raises(Unavailable) as said:
                check_hub(url, ours.file, own)
            assert said.value.code == code  # it closes the line and does not say why
