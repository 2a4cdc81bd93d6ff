"""A hub: one process of as many as there are, in front of the mall's PostgreSQL."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import structlog
import uvicorn

from app.domain.desk_kind import DeskKind
from app.domain.enrolment_code import code_hash, new_enrolment_code
from app.domain.errors import Refused, Unavailable
from app.domain.sentences import sentence
from app.hub.bundles import TakenIn
from app.hub.group import Group
from app.hub.http import make_app
from app.hub.schedule import Duties
from app.hub.service import Hub, Program
from app.operations.add_partner import AddPartner
from app.operations.base import Operation
from app.operations.begin_feed import BeginFeed
from app.operations.open_enrolment import OpenEnrolment
from app.operations.report_desk_lost import ReportDeskLost
from app.operations.resume_desk import ResumeDesk
from app.operations.retire_desk import RetireDesk
from app.operations.sign_in import SignIn
from app.operations.sign_out import SignOut
from app.operations.suspend_desk import SuspendDesk
from app.pins import Argon2Pins
from app.ports.authority import ApprovalGiven, Submission
from app.ports.clock import Clock, SystemClock
from app.ports.hub import AllDesks
from app.settings import write_whole
from app.sync.envelope import instant
from app.sync.group import Partner, PartnerClient
from app.sync.http import HubClient, fingerprint_of
from app.sync.hub import HUB_DESK
from db.engines import KEY_BYTES
from db.hub.group import SqlGroup
from db.hub.replica import Replica
from db.hub.schedule import SqlSchedule
from db.hub.store import SqlHubStore
from db.store import Store
from db.verify.feed import check_feed
from db.verify.report import Report
from db.verify.sums import check_sums

PROGRAM = Program("0.1.0", oldest="0.1.0")
log = structlog.get_logger("memberdesk.hub")
CONNECTIONS = 4  # of this process; each has a thread that writes and one that reads
AGAIN_S = 1.0  # between two looks for a database that is not there
_COMES_BACK = frozenset({"store.unreachable", "store.switching", "store.busy"})
MOST_LOGGED = 20  # findings of one look through the books; `memberdesk verify` names all
CLOCKS_DIFFER = timedelta(minutes=5)  # between a desk's and the hub's: a signed request allows no more


@dataclass(frozen=True)
class Listening:
    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None

    @classmethod
    def at(cls, text: str, certificate: Path | None, key: Path | None, client_ca: Path | None) -> Listening:
        """`text`: HOST:PORT. Raises Refused("hub.bad_address" | "hub.needs_tls")."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65_536:
            raise Refused("hub.bad_address", address=text[:60])
        host = host.strip("[]")
        if certificate is None and host not in ("127.0.0.1", "::1", "localhost"):
            raise Refused("hub.needs_tls", address=text[:60])
        return cls(host, int(port), certificate, key, client_ca)


@dataclass
class OpenHub:
    hub: Hub
    duties: Duties
    store: SqlHubStore
    group: SqlGroup


@contextmanager
def open_hub(
    database: str,
    mall: str,
    *,
    connections: int = CONNECTIONS,
    clock: Clock | None = None,
    pins: Argon2Pins | None = None,
    tell: Callable[[Exception], None] | None = None,
    reports: str | None = None,
) -> Iterator[OpenHub]:
    """`reports`: a server that follows the database, for them. Raises Refused("database.not_postgres" |
    "mall.unknown"), Unavailable."""
    used_clock = clock or SystemClock()
    stores: list[Store] = []
    replica = Replica(reports, mall) if reports else None
    try:
        while len(stores) <= connections:
            stores.append(Store.open(database, None, mall=mall))
        *serving, own = stores
        store = SqlHubStore(serving, mall, used_clock)
        store.replica = replica
        hub = Hub(store, mall, used_clock, pins or Argon2Pins(), PROGRAM)
        group = SqlGroup(store)
        hub.group = Group(group, store, hub.authority, lambda partner: _line_to(partner, hub, used_clock))
        duties = Duties(
            hub,
            SqlSchedule(own, mall),
            lambda: _zone(own, mall),
            lambda: reconciled(own, mall),
            tell or _log,
        )
        hub.duties = duties
        yield OpenHub(hub, duties, store, group)
        hub.group.close()
    finally:
        if replica is not None:
            replica.close()
        for each in stores:
            each.close()


def _line_to(partner: Partner, hub: Hub, clock: Clock) -> PartnerClient:
    """Its certificate is checked against the authorities that this machine trusts."""
    return PartnerClient(
        HubClient(
            partner.url, mall=hub.mall, desk=HUB_DESK, key=hub.key, hub_key=partner.public_key, clock=clock, ca=None
        )
    )


def _zone(store: Store, mall: str) -> str:
    found = store.read(lambda connection: connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=mall))
    if found is None:
        raise Refused("mall.unknown")
    zone: str = found[0]
    return zone


def reconciled(store: Store, mall: str) -> int:
    """How many findings the daily look through the books and the feed had; they are logged, and told on the screen of
    desks. `memberdesk verify` applies all again."""
    report = Report(None)
    with store.snapshot() as connection:
        check_sums(connection, mall, report)
        check_feed(connection, mall, report)
    for found in report.findings[:MOST_LOGGED]:
        log.error("books do not add up", finding=str(found), findings=len(report.findings))
    return len(report.findings)


def _log(problem: Exception) -> None:
    if isinstance(problem, Refused | Unavailable):
        log.warning("duty", problem=str(problem))
    else:  # a bug, with its trace
        log.error("duty", exc_info=problem)


@contextmanager
def open_hub_when_there(
    database: str,
    mall: str,
    *,
    reports: str | None = None,
    pins: Argon2Pins | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[OpenHub]:
    """After a power cut the hub may be there before its database is: that is waited for, as long as it takes, and said
    whenever the reason is another one."""
    said = ""
    with ExitStack() as stack:

        def look() -> OpenHub | None:
            nonlocal said
            try:
                return stack.enter_context(open_hub(database, mall, pins=pins, reports=reports))
            except Unavailable as problem:
                if problem.code not in _COMES_BACK:
                    raise
                why = str(problem.__cause__ or "").strip()
                if why != said:
                    log.warning("waiting", problem=sentence(problem.code, problem.facts, "en"), why=why)
                said = why
                return None

        while (opened := look()) is None:
            pause(AGAIN_S)
        yield opened


def run_hub(database: str, mall: str, listening: Listening, reports: str | None = None) -> int:
    """Until it is told to stop (SIGINT, SIGTERM); what was asked before is still answered."""
    fingerprint = fingerprint_of(listening.certificate.read_text()) if listening.certificate else None
    with open_hub_when_there(database, mall, reports=reports) as opened:
        opened.duties.start()
        try:
            config = uvicorn.Config(
                make_app(opened.hub),
                host=listening.host,
                port=listening.port,
                ssl_certfile=str(listening.certificate) if listening.certificate else None,
                ssl_keyfile=str(listening.key) if listening.key else None,
                ssl_ca_certs=str(listening.client_ca) if listening.client_ca else None,
                ssl_cert_reqs=ssl.CERT_REQUIRED if listening.client_ca else ssl.CERT_NONE,
                server_header=False,
                access_log=False,
                log_level="warning",
                timeout_keep_alive=75,
                timeout_graceful_shutdown=10,
                h11_max_incomplete_event_size=32_768,
            )
            server = uvicorn.Server(config)
            log.info("listening", address=f"{listening.host}:{listening.port}", certificate_sha256=fingerprint)
            server.run()
        finally:
            opened.duties.stop()
    if not server.started:
        raise Unavailable("hub.cannot_listen", address=f"{listening.host}:{listening.port}")
    return 0


def take_bundle(database: str, mall: str, file: Path, answers: Path) -> TakenIn:
    """What a desk without a network has sent by hand; `answers` is the file for the way back. Raises
    Refused("bundle.…"), Unavailable."""
    try:
        content = file.read_bytes()
    except OSError as problem:
        raise Unavailable("bundle.not_read", file=str(file), why=problem.strerror or "") from None
    with open_hub(database, mall, connections=1) as opened:
        taken = opened.hub.take_bundle(content)
    try:
        write_whole(answers, taken.answers)
    except OSError as problem:
        raise Unavailable("bundle.not_written", file=str(answers), why=problem.strerror or "") from None
    return taken


def enrolment_code(
    database: str,
    mall: str,
    *,
    desk: str,
    name: str,
    number: int,
    administrator: str,
    pin: str,
    approver: str,
    approver_pin: str,
    kind: DeskKind | None = None,
) -> str:
    """The administrator and a second person let a desk enrol; without a `kind` one that is there stays what it is.
    Raises Refused as every submission does."""
    with open_hub(database, mall, connections=1) as opened:
        code = new_enrolment_code()
        known = opened.store.desk(desk)
        chosen = kind or (known.kind if known is not None else DeskKind.COUNTER)
        wish = OpenEnrolment(desk=desk, name=name, number=number, code_hash=code_hash(code), kind=chosen)
        _decide(opened, wish, administrator, pin, ApprovalGiven(approver, approver_pin))
        return code


# What may be done about a desk, at the hub as on the screen of desks.
DEEDS: dict[str, Callable[[str], Operation]] = {
    "suspend": lambda desk: SuspendDesk(desk=desk),
    "resume": lambda desk: ResumeDesk(desk=desk),
    "retire": lambda desk: RetireDesk(desk=desk),
    "lost": lambda desk: ReportDeskLost(desk=desk),
}


def change_desk(
    database: str,
    mall: str,
    what: str,
    desk: str,
    *,
    administrator: str,
    pin: str,
    approver: str = "",
    approver_pin: str = "",
    pins: Argon2Pins | None = None,
) -> None:
    """`what` is one of DEEDS. Raises Refused as every submission does."""
    approval = ApprovalGiven(approver, approver_pin) if approver else None
    with open_hub(database, mall, connections=1, pins=pins) as opened:
        _decide(opened, DEEDS[what](desk), administrator, pin, approval)


def desks(database: str, mall: str, staff: str) -> AllDesks:
    """As the hub has them. Raises Refused("staff.no_right" | "staff.unknown")."""
    with open_hub(database, mall, connections=1) as opened:
        return opened.store.desks(staff, instant(opened.hub.now_ms()))


def _decide(
    opened: OpenHub, operation: Operation, administrator: str, pin: str, approval: ApprovalGiven | None
) -> None:
    """At the hub's own chain, by somebody who signs in for it."""
    authority = opened.hub.authority
    signed_in = SignIn(staff=administrator)
    authority.submit(Submission((signed_in,), None, pin=pin))
    try:
        authority.submit(Submission((operation,), signed_in.id, approval, pin))
    finally:
        authority.submit(Submission((SignOut(),), signed_in.id))


def begin_feed(
    database: str,
    mall: str,
    *,
    administrator: str,
    pin: str,
    approver: str,
    approver_pin: str,
    since: datetime | None = None,
    pins: Argon2Pins | None = None,
) -> datetime:
    """The database was put back to an earlier time, and no process of the hub runs yet: the administrator and a second
    person let it go on from there. `since`: up to when it is complete; without it, five minutes before the newest
    operation that it has. Returns it. Raises Refused as every submission does."""
    with open_hub(database, mall, connections=1, pins=pins) as opened:
        newest = opened.store.read(
            lambda connection: connection.row(
                "SELECT received_at FROM feed WHERE mall_id = :mall ORDER BY n DESC LIMIT 1", mall=mall
            )
        )
        began: datetime = since or (newest[0] if newest else datetime.fromtimestamp(0, UTC)) - CLOCKS_DIFFER
        approval = ApprovalGiven(approver, approver_pin) if approver else None
        _decide(opened, BeginFeed(feed=uuid4(), since=began), administrator, pin, approval)
        return began


@dataclass(frozen=True)
class GroupCard:
    """What another mall of the group has to be told of this one. `key` is the group's, and secret."""

    mall: str
    public_key: str
    key: str


def group_card(database: str, mall: str, key: str = "") -> GroupCard:
    """`key`: the group's, hexadecimal, as the first mall has it; without it, and where there is none yet, a new one is
    made. Raises Refused("group.other_key" | "group.bad_key")."""
    with open_hub(database, mall, connections=1) as opened:
        try:
            given = bytes.fromhex(key)
        except ValueError:
            raise Refused("group.bad_key") from None
        if given and len(given) != KEY_BYTES:
            raise Refused("group.bad_key")
        known = opened.group.key()
        if given or known is None:
            opened.group.set_key(given or os.urandom(KEY_BYTES))
        return GroupCard(mall, opened.hub.public_key.hex(), (opened.group.key() or b"").hex())


def add_partner(
    database: str,
    mall: str,
    wish: AddPartner,
    *,
    administrator: str,
    pin: str,
    approver: str,
    approver_pin: str,
    pins: Argon2Pins | None = None,
) -> None:
    """Two people let another mall's hub ask about members of this one, and this one's ask there."""
    with open_hub(database, mall, connections=1, pins=pins) as opened:
        _decide(opened, wish, administrator, pin, ApprovalGiven(approver, approver_pin))
