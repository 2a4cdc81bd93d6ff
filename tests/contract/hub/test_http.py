"""The hub as desks see it: a real process, over TLS, with every request signed."""

from __future__ import annotations

import gzip
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.operations.receive_stock import ReceiveStock, StockLine
from app.operations.suspend_desk import SuspendDesk
from app.ports.clock import SystemClock
from app.sync.envelope import canonical
from app.sync.protocol import (
    Asked,
    FeedPlace,
    HelloReply,
    PullReply,
    Push,
    PushReply,
    Sales,
    SalesReply,
    SnapshotLine,
    TillSale,
    from_json,
    request_digest,
    to_json,
)
from tests.support.hub import DeskOfHub, HubMall, a_hub
from tests.support.hub_process import Present, Running, a_certificate, running


def signed(desk: DeskOfHub, method: str, path: str, body: bytes = b"", **changed: str) -> dict[str, str]:
    nonce, at = changed.pop("nonce", os.urandom(12).hex()), changed.pop("at", str(SystemClock().wall_ms()))
    signature = desk.key.sign(request_digest(method, path, body, int(at), nonce))
    return {
        "X-MemberDesk-Mall": desk.mall.name,
        "X-MemberDesk-Desk": desk.desk,
        "X-MemberDesk-Time": at,
        "X-MemberDesk-Nonce": nonce,
        "X-MemberDesk-Signature": changed.pop("signature", signature.hex()),
    }


def post(client: httpx.Client, desk: DeskOfHub, path: str, message: Any) -> httpx.Response:
    body = canonical(to_json(message))
    return client.post(path, content=body, headers=signed(desk, "POST", path, body))


def get(client: httpx.Client, desk: DeskOfHub, path: str) -> httpx.Response:
    return client.get(path, headers=signed(desk, "GET", path))


@pytest.fixture
def mall(fresh_postgres: str) -> Iterator[HubMall]:
    with a_hub(fresh_postgres, clock=Present()) as made:
        yield made


@pytest.fixture
def server(fresh_postgres: str, mall: HubMall, tmp_path: Path) -> Iterator[Running]:
    with running(fresh_postgres, mall.name, tmp_path) as there:
        yield there


def test_a_desk_works_over_tls(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    with server.client() as client:
        enrol = desk.make(desk.enrolment("王芳"))
        reply = from_json(PushReply, post(client, desk, "/v1/push", Push((enrol,))).content)
        assert [pushed.verdict for pushed in reply.results] == ["ok"]

        said = desk.hello()
        content = post(client, desk, "/v1/hello", said).content
        hello = HelloReply.checked(content, mall.hub.public_key, mall.name, desk.desk, said)
        assert hello.licence is not None
        assert hello.licence.checked(mall.hub.public_key).desk == desk.desk

        epoch = mall.hub_store.head().epoch
        answer = get(client, desk, f"/v1/pull?feed_epoch={epoch}&after=0&limit=500&wait=0")
        pulled = from_json(PullReply, answer.content)
        place = FeedPlace(epoch, 0, bytes(32))
        for row in pulled.rows:
            assert row.follows(place)
            place = FeedPlace(epoch, row.n, row.h)
        assert place == pulled.feed

        lines = [line for line in get(client, desk, "/v1/snapshot").text.splitlines() if line]
        assert from_json(FeedPlace, lines[0]) == place
        told = [from_json(SnapshotLine, line) for line in lines[1:]]
        assert [line.full.name for line in told if line.full] == ["王芳"]
        assert len([line for line in told if line.thin]) == 1
        assert {line.image.of for line in told if line.image} >= {"mall", "gift", "shop", "staff", "desk"}

        asked = mall.redemption(desk.member(500))
        desk.do(ReceiveStock(lines=(StockLine("CUP", 1),)))
        granted = from_json(Asked, post(client, desk, "/v1/request", desk.ask(asked)).content)
        assert (granted.verdict, granted.usable) == ("granted", 500)
        assert client.get("/v1/health").json()["ok"] is True
        page = client.get("/openapi.json").json()
        assert {"/v1/enrol", "/v1/push", "/v1/pull", "/v1/sales"} <= page["paths"].keys()
        readable = client.get("/docs").text
        assert all(path in readable for path in page["paths"])
        assert "//" not in readable.replace("<!doctype html>", "")  # nothing is fetched from anywhere
    mall.checked()


def test_answers_are_compressed(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    for _ in range(10):
        desk.member(100)
    with server.client(headers={"Accept-Encoding": "gzip"}) as client:
        path = f"/v1/pull?feed_epoch={mall.hub_store.head().epoch}&after=0"
        with client.stream("GET", path, headers=signed(desk, "GET", path)) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
        assert len(gzip.decompress(raw)) > 3 * len(raw)


def test_a_pull_waits_for_what_another_desk_does(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    head = mall.hub_store.head()
    with server.client() as client:
        from concurrent.futures import ThreadPoolExecutor

        path = f"/v1/pull?feed_epoch={head.epoch}&after={head.n}&wait=20"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(get, client, desk, path)
            mall.hub_desk()  # at another process: this one
            pulled = from_json(PullReply, waiting.result().content)
    assert pulled.rows


def test_a_lost_reply_is_sent_again_and_counts_once(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    member = desk.member()
    sent = desk.make(mall.slip(member, 10_000))
    body = canonical(to_json(Push((sent,))))
    address = server.url.removeprefix("https://").split(":")
    context = ssl.create_default_context(cafile=str(server.certificate))
    with socket.create_connection((address[0], int(address[1]))) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as line:
            headers = {**signed(desk, "POST", "/v1/push", body), "Host": "h", "Content-Length": str(len(body))}
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            line.sendall(f"POST /v1/push HTTP/1.1\r\n{head}\r\n".encode() + body)
            line.recv(1)  # it has taken effect; the rest of the reply is lost
    with server.client() as client:
        reply = from_json(PushReply, post(client, desk, "/v1/push", Push((sent,))).content)
    assert reply.results[0].verdict == "ok"
    assert mall.usable(member) == 100


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"signature": "00" * 64}, "hub.not_recognised"),
        ({"signature": "zz"}, "hub.not_recognised"),
        ({"at": str(SystemClock().wall_ms() - 600_000)}, "hub.stale_request"),
        ({"nonce": "x"}, "hub.not_recognised"),
    ],
)
def test_what_is_not_signed_just_now_is_turned_away(
    mall: HubMall, server: Running, changed: dict[str, str], code: str
) -> None:
    desk = mall.hub_desk()
    body = canonical(to_json(desk.hello()))
    with server.client() as client:
        answer = client.post("/v1/hello", content=body, headers=signed(desk, "POST", "/v1/hello", body, **changed))
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    # The time, signed: it may be the desk's clock that is wrong.
    told = {"server_ms", "signature"} if code == "hub.stale_request" else set()
    assert answer.json()["facts"].keys() == told


def test_the_same_request_twice_is_turned_away(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    body = canonical(to_json(desk.hello()))
    headers = signed(desk, "POST", "/v1/hello", body)
    with server.client() as client:
        assert client.post("/v1/hello", content=body, headers=headers).status_code == 200
        again = client.post("/v1/hello", content=body, headers=headers)
        other = client.post("/v1/hello", content=body + b" ", headers=signed(desk, "POST", "/v1/hello", body))
    assert (again.status_code, again.json()["code"]) == (401, "hub.stale_request")
    assert (other.status_code, other.json()["code"]) == (401, "hub.not_recognised")


def test_guessing_is_slowed_down_and_big_bodies_are_not_read(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    with server.client() as client:
        large = b"x" * (1 << 20) + b"x"
        assert client.post("/v1/push", content=large, headers=signed(desk, "POST", "/v1/push")).status_code == 413
        guess = json.dumps({"code": "AAAA", "desk_key": "A" * 43 + "=", "program": "1"})
        codes = [client.post("/v1/enrol", content=guess).status_code for _ in range(7)]
    assert codes == [422] * 5 + [429] * 2


def test_a_gap_and_a_fork_are_409(mall: HubMall, server: Running) -> None:
    desk = mall.hub_desk()
    first, second = desk.make(desk.enrolment()), desk.make(desk.enrolment())
    with server.client() as client:
        answer = post(client, desk, "/v1/push", Push((second,)))
        assert answer.status_code == 409
        assert from_json(PushReply, answer.content).gap
        assert post(client, desk, "/v1/push", Push((first, second))).status_code == 200


def test_with_a_client_authority_nobody_else_comes_in(fresh_postgres: str, mall: HubMall, tmp_path: Path) -> None:
    authority, _ = a_certificate(tmp_path, name="ca")
    pair = a_certificate(tmp_path, name="desk", issuer=authority)
    with running(fresh_postgres, mall.name, tmp_path, "--client-ca", str(authority)) as there:
        with there.client() as stranger, pytest.raises(httpx.TransportError):
            stranger.get("/v1/health")
        with there.client(cert=pair) as desk:
            assert desk.get("/v1/health").status_code == 200


def test_it_listens_to_other_machines_only_with_tls(fresh_postgres: str) -> None:
    command = [sys.executable, "-m", "app", "hub", "--database", fresh_postgres, "--listen", "0.0.0.0:8443"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "TLS" in ended.stderr


def test_a_till_is_heard_at_one_door_and_a_desk_at_all_others(mall: HubMall, server: Running) -> None:
    desk, till = mall.hub_desk(), mall.till()
    member = desk.member()
    sale = TillSale("T-1", "S1", "T-1", till.clock.wall_ms() - 60_000, 10_000, member=member)
    with server.client() as client:
        taken = from_json(SalesReply, post(client, till, "/v1/sales", Sales((sale,))).content)
        assert [each.points for each in taken.results] == [100]
        refused = [
            post(client, till, "/v1/hello", till.hello()),
            post(client, till, "/v1/push", Push((till.make(desk.enrolment()),))),
            get(client, till, "/v1/snapshot"),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in refused} == {(403, "hub.till_only_sells")}
        answer = post(client, desk, "/v1/sales", Sales((replace(sale, transaction="T-2", slip_number="T-2"),)))
        assert (answer.status_code, answer.json()["code"]) == (403, "hub.not_a_till")
        mall.by_two(SuspendDesk(desk=till.desk))
        mall.by_two(SuspendDesk(desk=desk.desk))
        assert post(client, till, "/v1/sales", Sales((sale,))).json()["code"] == "hub.revoked"
        assert get(client, desk, "/v1/snapshot").json()["code"] == "hub.revoked"
    assert mall.usable(member) == 100
