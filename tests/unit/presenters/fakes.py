"""A counter without store, window or machines: what the presenters are tested with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

from app.domain.card_code import PresentedCard
from app.domain.errors import Refused
from app.domain.offline_rules import OfflineRules
from app.domain.policy import Policy
from app.domain.staff import Staff
from app.operations.base import ApprovalRequirement, Operation
from app.ports.authority import Answer, Requirements, Submission
from app.ports.devices import CardContents
from app.ports.jobs import JobsAtOnce
from app.ports.paper import PrintJob
from app.queries.rows import (
    CardBatchRow,
    CardFace,
    CardHolder,
    CardRow,
    CatalogueGift,
    DeskStatus,
    ExpiringPoints,
    ExportedCard,
    Found,
    FoundMember,
    GiftRow,
    Guest,
    HoldRow,
    LeaseRow,
    MemberPage,
    OperationRow,
    OwedGift,
    ShopRow,
    StaffRow,
    StaffTile,
    TimelineEntry,
)
from app.queries.slips import RedemptionSlip
from ui.counter.services import CounterServices, SignedIn

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 6, 3, tzinfo=UTC)  # 14:03 at the mall
WANG, OUYANG = UUID(int=1), UUID(int=2)
GUEST = UUID(int=3)  # of another mall
CLERK = SignedIn(UUID(int=9), "1001", "张丽", "clerk")
SUPERVISOR = SignedIn(UUID(int=8), "2001", "李强", "supervisor")


def a_gift(gift: str = "G-CUP", name: str = "保温杯", points: int = 3000, free: int = 12, **more: Any) -> GiftRow:
    return GiftRow(gift, name, more.pop("pinyin", "baowenbei bwb"), points, 9900, free, 0, **more)


GIFTS = (
    a_gift(),
    a_gift("G-PARK2", "停车券 2 小时", 400, 500, pinyin="tingchequan tcq"),
    a_gift("G-BAG", "购物袋", 800, 0, pinyin="gouwudai gwd", elsewhere=(("2 号服务台", 3),)),
)
SHOPS = (
    ShopRow("S001", "优衣库", "youyiku yyk", "服装"),
    ShopRow("S002", "星巴克咖啡", "xingbakekafei xbkkf", "餐饮"),
)


def a_page(member: UUID = WANG, **changes: Any) -> MemberPage:
    page = MemberPage(
        member=member,
        member_no="M00000018",
        name="王*" if member == WANG else "欧阳*",
        phone="138****1234",
        surname="王" if member == WANG else "欧阳",
        gender="f",
        tier="gold",
        state="active",
        joined_on=date(2024, 3, 8),
        birthday_month=11,
        birthday_today=False,
        usable=12_480,
        held=0,
        owed=0,
        spend_12_months_fen=4_680_000,
        next_tier="platinum",
        to_next_tier_fen=320_000,
        has_pin=True,
        expiring=(ExpiringPoints(date(2026, 12, 31), 300), ExpiringPoints(date(2027, 1, 31), 1_180)),
        cards=(CardRow("•••• 0019", "9900010000000019", "physical", "issued", NOW),),
        gifts_owed=(),
        timeline=(),
        warnings=(),
        as_of=NOW,
    )
    return replace(page, **changes)


def a_guest(**changes: Any) -> Guest:
    guest = Guest("M02", "北区店", GUEST, "M00000231", "李*", "138****5678", "silver", "active", 5_000)
    return replace(guest, **changes)


def an_entry(operation: UUID, kind: str = "redeemed", points: int = -3000, **more: Any) -> TimelineEntry:
    return TimelineEntry(operation, 0, kind, NOW, more.pop("label", "保温杯"), points, **more)


def an_owed_gift(redemption: UUID, line: int = 0, desk: str = "1 号服务台") -> OwedGift:
    return OwedGift(redemption, line, "G-CUP", "保温杯", 1, desk, NOW)


@dataclass
class FakeQueries:
    pages: dict[UUID, MemberPage] = field(default_factory=lambda: {WANG: a_page(), OUYANG: a_page(OUYANG)})
    cards: dict[str, UUID] = field(default_factory=lambda: {"9900010000000019": WANG, "9900010000000027": OUYANG})
    slips: dict[str, UUID] = field(default_factory=dict)
    card_problems: dict[str, str] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    found_here: dict[str, Found] = field(default_factory=dict)  # where that differs: before the hub was asked
    asked_hub: list[str] = field(default_factory=list)
    gift_rows: tuple[GiftRow, ...] = GIFTS
    operations: tuple[OperationRow, ...] = ()
    revealed_value: str = "13800001234"
    free_card: str | None = "9900010000000035"
    doubts: dict[str, str] = field(default_factory=dict)
    batches: tuple[CardBatchRow, ...] = ()
    guests: dict[str, Guest] = field(default_factory=dict)  # by card or telephone number
    guest_fails: list[Exception] = field(default_factory=list)

    def staff(self) -> tuple[StaffTile, ...]:
        return (
            StaffTile("1001", "张丽", "clerk", may_approve=False),
            StaffTile("2001", "李强", "supervisor", may_approve=True),
            StaffTile("2002", "陈静", "supervisor", may_approve=True),
        )

    def find_members(self, typed: str) -> Found:
        self.asked_hub.append(typed)
        return self.found.get(typed, Found(()))

    def find_here(self, typed: str) -> Found:
        self.asked.append(typed)
        return self.found_here.get(typed) or self.found.get(typed, Found(()))

    def member_by_card(self, number: str) -> UUID:
        if number in self.cards:
            return self.cards[number]
        raise Refused(self.card_problems.get(number, "card.unknown"))

    def member_page(self, member: UUID, slip: UUID | None = None) -> MemberPage:
        if member not in self.pages:
            raise Refused("member.unknown")
        return self.pages[member]

    def staff_roll(self) -> tuple[StaffRow, ...]:
        return ()

    def catalogue(self) -> tuple[CatalogueGift, ...]:
        return ()

    def leases(self, member: UUID) -> tuple[LeaseRow, ...]:
        return ()

    def holds(self, member: UUID) -> tuple[HoldRow, ...]:
        return ()

    def session_staff(self, session: UUID) -> Staff:
        raise Refused("session.unknown")

    def gifts(self) -> tuple[GiftRow, ...]:
        return self.gift_rows

    def shops(self) -> tuple[ShopRow, ...]:
        return SHOPS

    def recent_operations(self, limit: int = 50, verb: str | None = None) -> tuple[OperationRow, ...]:
        return self.operations[:limit]

    def desk_status(self) -> DeskStatus:
        return DeskStatus("M01", "海棠广场", "D1", "1 号服务台", 0, 0)

    def redemption_slip(self, operation: UUID) -> RedemptionSlip:
        raise Refused("operation.unknown")

    def revealed(self, operation: UUID, by: str | None = None) -> str:
        return self.revealed_value

    def free_card_number(self, kind: str = "physical") -> str:
        if self.free_card is None:
            raise Refused("card.none_left")
        return self.free_card

    def guest(self, digits: str) -> Guest:
        if self.guest_fails:
            raise self.guest_fails.pop(0)
        if digits not in self.guests:
            raise Refused("member.unknown")
        return self.guests[digits]

    def card_holder(self, seen: PresentedCard) -> CardHolder | Guest:
        if seen.number in self.guests:
            return self.guest(seen.number)
        if seen.number in self.slips:
            return CardHolder(self.cards[seen.number], None, slip=self.slips[seen.number])
        return CardHolder(self.member_by_card(seen.number), seen, self.doubts.get(seen.number, ""), "2 号服务台")

    def card_to_write(self, number: str, *, member: UUID | None = None, name: str = "") -> tuple[CardContents, int]:
        return CardContents(number, f"B{number}^{name or member}^", f"{number}="), 1

    def card_batches(self) -> tuple[CardBatchRow, ...]:
        return self.batches

    def next_card_serial(self) -> int:
        return 1_000_010_001

    def exported_cards(self, operation: UUID, by: str) -> tuple[ExportedCard, ...]:
        return tuple(ExportedCard(serial, f"99{serial:014d}", "000000", "") for serial in range(1, 4))

    def card_face(self, operation: UUID, by: str) -> CardFace:
        return CardFace("海棠广场", "9900010000000019", "王小明", "gold")

    def policy(self) -> Policy:
        return Policy()

    def offline_rules(self) -> OfflineRules:
        return OfflineRules()

    def setting(self, name: str) -> str | None:
        return None


FACTS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "assign_task": lambda asked: {"owner": asked.owner},
    "settle_task": lambda asked: {"code": asked.code},
    "redeem": lambda o: {"points": o.points, "usable_before": 12_480, "usable_after": 12_480 - o.points},
    "hand_out": lambda o: {"pieces": len(o.lines)},
    "redeem_as_guest": lambda o: {"points": o.points},
    "credit_sale": lambda o: {
        "points": o.amount_fen // 50,
        "steps": ("base", "tier gold ×2"),
        "usable_after": 12_480 + o.amount_fen // 50,
        "expires_on": "2028-11-22",
        "tier_before": "gold",
        "tier_after": "gold",
    },
    "reverse": lambda _o: {"verb": "redeem", "points": 3000, "usable_after": 12_480, "owed_after": 0},
    "enrol_member": lambda o: {"member": str(o.member), "member_no": "M00000099", "tier": "bronze"},
    "issue_card": lambda o: {"card": f"•••• {o.number[-4:]}"},
    "report_card_lost": lambda o: {"card": f"•••• {o.number[-4:]}"},
    "replace_card": lambda o: {"old": f"•••• {o.old_number[-4:]}", "new": f"•••• {o.new_number[-4:]}"},
    "adjust_points": lambda o: {"usable_before": 12_480, "usable_after": 12_480 + o.change},
    "receive_stock": lambda o: {"pieces": sum(line.quantity for line in o.lines)},
    "reveal": lambda o: {"field": o.field, "seconds": 3},
    "lift_lockout": lambda _o: {},
    "close_staff": lambda o: {"staff": o.staff},
    "reopen_staff": lambda o: {"staff": o.staff},
    "present_member_code": lambda _o: {"card": "•••• 0019"},
    "raise_card_alert": lambda o: {"card": f"•••• {o.number[-4:]}"},
    "print_card_face": lambda o: {"card": f"•••• {o.number[-4:]}"},
    "reissue_card": lambda o: {"card": f"•••• {o.number[-4:]}", "issue": o.issue},
    "void_card_number": lambda o: {"card": f"•••• {o.number[-4:]}"},
    "void_card_batch": lambda _o: {"numbers": 7},
    "add_card_batch": lambda _o: {},
    "suspend_desk": lambda o: {"desk": o.desk},
    "report_desk_lost": lambda o: {"desk": o.desk},
    "open_enrolment": lambda o: {"desk": o.desk, "until": "2026-11-22T06:13:00+00:00"},
    "set_offline_rules": lambda _o: {},
    "export_card_numbers": lambda o: {"first_serial": o.first_serial, "label": "红卡"},
}


@dataclass
class FakeAuthority:
    """Answers everything, after the failures it was told to have first."""

    needs: Requirements = field(default_factory=lambda: Requirements(None, member_pin=False))
    failures: list[Exception] = field(default_factory=list)
    asking_fails: list[Exception] = field(default_factory=list)
    submitted: list[Submission] = field(default_factory=list)
    given_up: list[UUID] = field(default_factory=list)
    pins_checked: list[str] = field(default_factory=list)
    pin_fails: Exception | None = None

    @property
    def operations(self) -> list[Operation]:
        return [operation for submission in self.submitted for operation in submission.operations]

    def submit(self, submission: Submission) -> tuple[Answer, ...]:
        self.submitted.append(submission)
        if self.failures:
            raise self.failures.pop(0)
        return tuple(Answer(one.id, one.verb, FACTS[one.verb](one)) for one in submission.operations)

    def requirements(self, submission: Submission) -> Requirements:
        if self.asking_fails:
            raise self.asking_fails.pop(0)
        return self.needs

    def give_up(self, operations: Sequence[UUID]) -> None:
        self.given_up += operations

    def check_pin(self, session: UUID, pin: str) -> None:
        self.pins_checked.append(pin)
        if self.pin_fails is not None:
            raise self.pin_fails


@dataclass
class FakePaper:
    spool: tuple[PrintJob, ...] = ()
    settled: list[UUID] = field(default_factory=list)
    drawer_opened: int = 0

    def jobs(self, limit: int = 50) -> tuple[PrintJob, ...]:
        return self.spool

    def wake(self) -> None: ...

    def came_out(self, job_id: UUID) -> None:
        self.settled.append(job_id)

    def give_up(self, job_id: UUID) -> None:
        self.settled.append(job_id)

    def after_jam(self, *, restart: bool) -> None: ...

    def open_drawer(self) -> None:
        self.drawer_opened += 1

    def preview_png(self, operation_id: UUID, document: str, language: str) -> bytes:
        return b""

    def pdf(self, operation_id: UUID, document: str, language: str) -> bytes:
        return b""


@dataclass
class FakeTimers:
    """Time passes when a test says so."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def after(self, delay_ms: int, call: Callable[[], None]) -> Callable[[], None]:
        self.waiting.append(call)

        def stop() -> None:
            if call in self.waiting:
                self.waiting.remove(call)

        return stop

    def pass_once(self) -> None:
        due, self.waiting = self.waiting, []
        for call in due:
            call()


@dataclass
class JobsLater:
    """Work that is answered when a test says so, in any order."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None] | None = None
    ) -> None:
        self.waiting.append(lambda: JobsAtOnce().run(work, done, failed))

    def answer(self, place: int = 0) -> None:
        self.waiting.pop(place)()

    def answer_all(self) -> None:
        while self.waiting:
            self.answer()


@dataclass
class FakeHost:
    """Stands for the counter where one task is tested alone."""

    said: list[str] = field(default_factory=list)
    opened: list[UUID] = field(default_factory=list)
    undone: list[Any] = field(default_factory=list)

    def changed(self) -> None:
        self.said.append("changed")

    def shows(self) -> None: ...

    def settled(self) -> None:
        self.said.append("settled")

    def open_member(self, member: UUID) -> None:
        self.opened.append(member)

    def undo(self, what: Any) -> None:
        self.undone.append(what)

    def finished(self) -> None:
        self.said.append("finished")


class Recorder:
    """Any presenter's screen: keeps the last state it was shown."""

    def __init__(self) -> None:
        self._last: Any = None
        self.opened: list[UUID] = []
        self.cards: list[str] = []
        self.guests: list[tuple[Guest, str]] = []
        self.guest: Any = None  # the guest page's last state
        self.fronts = 0

    def _show(self, state: Any) -> None:
        self._last = state

    @property
    def state(self) -> Any:
        return self._last

    show_found = show_member = show_redeem = show_credit = show_reverse = show_adjust = _show
    show_enrol = show_hand_out = show_cards = show_shelf = show_approvals = show_counter = _show

    def open_member(self, member: UUID) -> None:
        self.opened.append(member)

    def show_guest(self, state: Any) -> None:
        self.guest = state

    def open_guest(self, guest: Guest, digits: str) -> None:
        self.guests.append((guest, digits))

    def card_typed(self, number: str) -> None:
        self.cards.append(number)

    def come_to_front(self) -> None:
        self.fronts += 1


@dataclass
class Desk:
    """One desk's services with its fakes in reach."""

    authority: FakeAuthority = field(default_factory=FakeAuthority)
    queries: FakeQueries = field(default_factory=FakeQueries)
    paper: FakePaper = field(default_factory=FakePaper)
    timers: FakeTimers = field(default_factory=FakeTimers)
    jobs: Any = field(default_factory=JobsAtOnce)
    person: SignedIn | None = CLERK
    bugs: list[Exception] = field(default_factory=list)
    member_has_screen: bool = False

    @property
    def services(self) -> CounterServices:
        return CounterServices(
            authority=self.authority,
            queries=self.queries,
            jobs=self.jobs,
            paper=self.paper,
            timers=self.timers,
            who=lambda: self.person,
            now=lambda: NOW,
            sentence=lambda code, facts: f"{code} {dict(facts)}" if facts else code,
            bug=self.bugs.append,
            member_has_screen=lambda: self.member_has_screen,
        )


def needs_approval(why: str = "approval.many_points", limit: int = 5_000, *, member_pin: bool = False) -> Requirements:
    return Requirements(ApprovalRequirement(why, limit), member_pin)


def found_members(*members: UUID) -> Found:
    return Found(
        tuple(
            FoundMember(member, f"M{n:08}", "王*", "138****1234", "gold", "active", 12_480, "surname")
            for n, member in enumerate(members)
        )
    )


def somebody() -> UUID:
    return uuid4()
