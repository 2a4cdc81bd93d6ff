"""Images of the hub written into the desk's tables, the desk's own pending operations laid over them.

A thin copy's rows lead to rows that only the hub holds, so that its store is opened without checking references."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.calendar import DEFAULT_ZONE, add_months, business_day
from app.domain.card import card_serial, digest_of, is_keyed, keyed_number
from app.domain.errors import Refused
from app.domain.points import Account, Lot, LotId
from app.operations.base import Operation
from app.operations.report_card_lost import ReportCardLost
from app.sync import codec
from app.sync.envelope import decoded, instant
from app.sync.following import FeedUnreadable
from app.sync.images import (
    PLAIN_TABLES,
    AccountImage,
    CardImage,
    LeaseImage,
    LotImage,
    MemberImage,
    RedemptionImage,
    StockImage,
    TaskImage,
    as_key,
    keyed,
)
from app.sync.overlay import Effect, cards_laid_over, laid_over
from app.sync.protocol import FullMember, Image, from_json
from db.connection import Connection, Row
from db.repositories.cards import card_secrets
from db.repositories.log import found_desk
from db.repositories.members import characters, keys_of
from db.repositories.policy import policy_in_force

# An operation of this desk counts over an image until its result is in it: read from the feed, or known to be older.
_PENDING = (
    "NOT EXISTS (SELECT 1 FROM operation_result r WHERE r.mall_id = o.mall_id AND r.operation_id = o.operation_id "
    "AND (r.pulled = :yes OR r.verdict = 'quarantined' OR r.n <= :image_n))"
)
# Columns that every desk keeps for itself: a PIN got wrong here is counted here, an own number may be used already.
_OWN_COLUMNS = {"staff": ("failures", "locked_until"), "card_batch": ("next_serial",)}
_OF_CARDS = ("issue_card", "reissue_card", "replace_card", "report_card_lost")
_INSTANTS = {"locked_until", "given_at", "ended_at"}
_IDS = {"own_membership", "card"}
_BYTES = {"public_key", "sealed_key"}


class Images:
    """Within one transaction; `n` is the place in the feed at which the images stand. Of accounts and shelves only the
    last image of a transaction is ever seen: `write` and `settled` note whose rows are to be made anew, `finish` makes
    them.

    `pending_from`: no own operation before this place (epoch, sequence) is pending. SQLite knows nothing of how large
    its tables are: where one of them grows for ever, CROSS JOIN states which is looked at first."""

    def __init__(
        self, connection: Connection, mall: str, desk: str, search_key: bytes, pending_from: tuple[int, int] = (0, 0)
    ) -> None:
        self._connection = connection
        self._mall = mall
        self._desk = desk
        self._search_key = search_key
        self._pending_from = pending_from
        self._stale_accounts: dict[UUID, None] = {}
        self._stale_shelves: dict[str, None] = {}
        self._everybody: bool | None = None
        zone = connection.row("SELECT zone FROM mall WHERE mall_id = :mall", mall=mall)
        self._zone = zone[0] if zone and zone[0] else DEFAULT_ZONE

    # -- one image ---------------------------------------------------------------------------------------------------

    def write(self, image: Image, n: int) -> None:
        """Raises FeedUnreadable for a kind that this program does not know."""
        if image.of in PLAIN_TABLES:
            self._plain(image)
            return
        if image.state is None:  # nothing but a row of a plain table ever goes away
            return
        match image.of:
            case "account":
                self._keep(image, n)
                self._thin_points(UUID(image.key), from_json(AccountImage, image.state))
                self._stale_accounts[UUID(image.key)] = None
            case "member":
                self._keep(image, n)
                self._member(UUID(image.key), from_json(MemberImage, image.state))
            case "card":
                self._card(image, n)
            case "stock":
                from_json(StockImage, image.state)  # or it is unreadable
                self._keep(image, n)
                self._stale_shelves[image.key] = None
            case "lease":
                self._lease(image, n)
            case "redemption":
                self._redemption(UUID(image.key), from_json(RedemptionImage, image.state))
            case "reversal":
                self._run(
                    "INSERT INTO reversal (mall_id, reverses, operation_id) VALUES (:mall, :reverses, :operation) "
                    "ON CONFLICT (mall_id, reverses) DO NOTHING",
                    reverses=UUID(image.key),
                    operation=UUID(str((image.state)["operation"])),
                )
            case "sale":
                self._run(
                    "UPDATE sale SET taken_back = :taken_back WHERE mall_id = :mall AND operation_id = :operation",
                    taken_back=bool((image.state)["taken_back"]),
                    operation=UUID(str((image.state)["operation"])),
                )
            case "task":
                self._task(image.key, from_json(TaskImage, image.state))
            case _:
                raise FeedUnreadable(image.of)

    def finish(self) -> None:
        """Whoever called `write` or `settled` calls this before the transaction ends."""
        accounts, self._stale_accounts = self._stale_accounts, {}
        shelves, self._stale_shelves = self._stale_shelves, {}
        for member in accounts:
            self.lay_over(member)
        for shelf in shelves:
            self._stock(shelf)

    def _run(self, sql: str, **values: Any) -> int:
        return self._connection.run(sql, mall=self._mall, **values)

    def _rows(self, sql: str, **values: Any) -> list[Any]:
        return self._connection.rows(sql, mall=self._mall, **values)

    def _keep(self, image: Image, n: int) -> None:
        self._run(
            "INSERT INTO central_image (mall_id, kind, key, n, state) VALUES (:mall, :kind, :key, :n, :state) "
            "ON CONFLICT (mall_id, kind, key) DO UPDATE SET n = :n, state = :state",
            kind=image.of,
            key=image.key,
            n=n,
            state=json.dumps(image.state),
        )

    def _kept(self, kind: str, key: str) -> tuple[int, str] | None:
        rows = self._rows(
            "SELECT n, state FROM central_image WHERE mall_id = :mall AND kind = :kind AND key = :key",
            kind=kind,
            key=key,
        )
        return (rows[0][0], rows[0][1]) if rows else None

    # -- accounts ----------------------------------------------------------------------------------------------------

    def lay_over(self, member: UUID) -> None:
        """The rows that screens read, made anew from the hub's image and what is pending here."""
        shown = self.shown(member)
        if shown is None or not self.holds(member):
            return
        self._run(
            "INSERT INTO account (mall_id, account, kind, posted, held, owed) "
            "VALUES (:mall, :member, 'member', :posted, :held, :owed) "
            "ON CONFLICT (mall_id, account) DO UPDATE SET posted = :posted, held = :held, owed = :owed",
            member=member,
            posted=shown.posted,
            held=shown.held,
            owed=shown.owed,
        )
        self._run(
            "UPDATE lot SET remaining = 0 WHERE mall_id = :mall AND account = :member AND remaining > 0", member=member
        )
        for lot in shown.lots:
            self._run(
                "INSERT INTO lot (mall_id, operation_id, line, account, earned_on, expires_on, quantity, remaining) "
                "VALUES (:mall, :source, :line, :member, :earned_on, :expires_on, :quantity, :remaining) "
                "ON CONFLICT (mall_id, operation_id, line) DO UPDATE SET expires_on = :expires_on, "
                "quantity = :quantity, remaining = :remaining",
                member=member,
                source=lot.lot.source,
                line=lot.lot.line,
                earned_on=lot.earned_on,
                expires_on=lot.expires_on,
                quantity=lot.quantity,
                remaining=lot.remaining,
            )

    def in_short(self, member: UUID, usable: int, n: int, today: date) -> None:
        """All that the thin copy says of an account: so many points, in one lot."""
        lot = {
            "source": str(member),
            "line": 0,
            "earned_on": today.isoformat(),
            "expires_on": (today + timedelta(days=1)).isoformat(),
            "quantity": max(1, usable),
            "remaining": usable,
        }
        account = {"posted": usable, "held": 0, "owed": 0, "lots": [lot] if usable else []}
        self.write(Image("account", str(member), account), n)
        self.finish()

    def imaged(self) -> frozenset[UUID]:
        """Whose account the hub has told."""
        rows = self._rows("SELECT key FROM central_image WHERE mall_id = :mall AND kind = 'account'")
        return frozenset(UUID(key) for (key,) in rows)

    def left_behind(self, known: Collection[UUID], n: int, today: date) -> list[UUID]:
        """After a whole new copy: those of `known` and of operations that are lost whom it does not bring in full, but
        in short. They stand as it says: what stood of them was the old copy's, or the lost operations'."""
        lost = self._rows(
            "SELECT DISTINCT o.member FROM operation o JOIN operation_result r ON r.mall_id = o.mall_id "
            "AND r.operation_id = o.operation_id WHERE o.mall_id = :mall AND o.member IS NOT NULL "
            "AND r.verdict = 'quarantined'"
        )
        left = []
        for member in {*known, *(member for (member,) in lost)} - self.imaged():
            thin = self._rows(
                "SELECT usable FROM member_thin WHERE mall_id = :mall AND member = :member", member=member
            )
            if thin and self.holds(member):
                self.in_short(member, thin[0][0], n, today)
                if not self._touched_here(member):
                    left.append(member)
        self._nobody_knows()
        return left

    def _nobody_knows(self) -> None:
        """Who joined by an operation that is lost, and is not in the copy of everybody, is no member."""
        if policy_in_force(self._connection, self._mall).desk_copy_everybody:
            self._run(
                "UPDATE member SET state = 'closed' WHERE mall_id = :mall AND member IN (SELECT o.member "
                "FROM operation o JOIN operation_result r ON r.mall_id = o.mall_id AND r.operation_id = o.operation_id "
                "WHERE o.mall_id = :mall AND o.verb = 'enrol_member' AND r.verdict = 'quarantined') "
                "AND member NOT IN (SELECT member FROM member_thin WHERE mall_id = :mall)"
            )

    def shown(self, member: UUID) -> Account | None:
        """Central ⊕ overlay; None where the hub has said nothing of this account yet."""
        kept = self._kept("account", str(member))
        if kept is None:
            return None
        n, state = kept
        image = from_json(AccountImage, state)
        held = {hold.operation: hold.points for hold in image.holds}
        own = [replace(effect, held=held.get(effect.operation, 0)) for effect in self._effects(member, n)]
        account = laid_over(_account(member, image), own)
        aside = self._moved(member, None, n) + self._frozen(member, n)
        return replace(account, held=max(0, account.held + aside))

    def _moved(self, member: UUID, lease: UUID | None, image_n: int) -> int:
        """Of a member's points set aside for this desk (by one lease, or by all): what own operations that are pending
        did with them."""
        ((moved,),) = self._rows(
            "SELECT coalesce(sum(m.points), 0) FROM lease_move m CROSS JOIN operation o WHERE m.mall_id = :mall "
            "AND m.member = :member AND (m.lease = :lease OR :of_all) AND o.mall_id = m.mall_id "
            f"AND o.operation_id = m.operation_id AND o.desk = :desk AND {_PENDING}",
            member=member,
            lease=lease or UUID(int=0),
            of_all=lease is None,
            desk=self._desk,
            yes=True,
            image_n=image_n,
        )
        return int(moved)

    def _frozen(self, member: UUID, image_n: int) -> int:
        """What own operations that are pending hold, less what they let go."""
        ((points,),) = self._rows(
            "SELECT coalesce(sum(CASE WHEN h.operation_id = o.operation_id THEN h.points ELSE -h.points END), 0) "
            "FROM hold h CROSS JOIN operation o WHERE h.mall_id = :mall AND h.account = :member "
            "AND o.mall_id = h.mall_id AND o.operation_id IN (h.operation_id, h.resolved_by) "
            f"AND o.desk = :desk AND {_PENDING}",
            member=member,
            desk=self._desk,
            yes=True,
            image_n=image_n,
        )
        return int(points)

    def _lease(self, image: Image, n: int) -> None:
        state = from_json(LeaseImage, image.state or {})
        if state.desk != self._desk:
            return
        self._keep(image, n)
        lease = UUID(image.key)
        remaining = min(state.points, max(0, state.remaining + self._moved(state.member, lease, n)))
        self._run(
            "INSERT INTO lease (mall_id, lease, desk, member, points, remaining, until, ended_by) VALUES (:mall, "
            ":lease, :desk, :member, :points, :remaining, :until, :ended_by) ON CONFLICT (mall_id, lease) DO UPDATE "
            "SET points = :points, remaining = :remaining, until = :until, ended_by = :ended_by",
            lease=lease,
            desk=state.desk,
            member=state.member,
            points=state.points,
            remaining=0 if state.ended_by is not None else remaining,
            until=instant(state.until_ms),
            ended_by=state.ended_by,
        )

    def holds(self, member: UUID) -> bool:
        return bool(self._rows("SELECT 1 FROM member WHERE mall_id = :mall AND member = :member", member=member))

    def _effects(self, member: UUID, image_n: int) -> list[Effect]:
        """From what never changes: journal lines, and which lots were used. The rows of `lot` are made from it."""
        rows = self._rows(
            "SELECT o.operation_id, o.at, v.reverses, j.line, j.amount, l.expires_on, l.earned_on FROM journal j "
            "CROSS JOIN operation o "
            "LEFT JOIN lot l ON l.mall_id = j.mall_id AND l.operation_id = j.operation_id AND l.line = j.line "
            "LEFT JOIN reversal v ON v.mall_id = o.mall_id AND v.operation_id = o.operation_id "
            "WHERE j.mall_id = :mall AND j.account = :member AND o.mall_id = j.mall_id "
            f"AND o.operation_id = j.operation_id AND o.desk = :desk AND {_PENDING} "
            "ORDER BY o.epoch, o.sequence, j.line",
            member=member,
            desk=self._desk,
            yes=True,
            image_n=image_n,
        )
        by_operation: dict[tuple[UUID, date, UUID | None], list[Row]] = {}
        for operation, at, reverses, *line in rows:
            by_operation.setdefault((operation, business_day(at, self._zone), reverses), []).append(tuple(line))
        return [
            self._effect(member, operation, on, lines)
            if reverses is None
            else self._undoing(member, operation, on, reverses, [amount for _, amount, _, _ in lines])
            for (operation, on, reverses), lines in by_operation.items()
        ]

    @staticmethod
    def _effect(member: UUID, operation: UUID, on: date, lines: list[Row]) -> Effect:
        made = [
            Lot(LotId(operation, line), expires_on, amount, amount, earned_on)
            for line, amount, expires_on, earned_on in lines
            if amount > 0
        ]
        return Effect(operation, on, made=tuple(made), spent=-sum(amount for _, amount, _, _ in lines if amount < 0))

    def _undoing(self, member: UUID, operation: UUID, on: date, reverses: UUID, amounts: list[int]) -> Effect:
        returned, taken = sum(each for each in amounts if each > 0), -sum(each for each in amounts if each < 0)
        if not returned:
            made = self._rows(
                "SELECT operation_id, line FROM lot WHERE mall_id = :mall AND operation_id = :reverses "
                "AND account = :member",
                reverses=reverses,
                member=member,
            )
            return Effect(operation, on, spent=taken, first_from=tuple(LotId(*lot) for lot in made), undoes=reverses)
        used = self._rows(
            "SELECT l.operation_id, l.line, l.expires_on, l.quantity, l.earned_on, u.quantity FROM lot_use u "
            "JOIN lot l ON l.mall_id = u.mall_id AND l.operation_id = u.source_id AND l.line = u.source_line "
            "WHERE u.mall_id = :mall AND u.operation_id = :reverses AND u.source_id <> :reverses AND u.quantity > 0 "
            "AND l.account = :member",
            reverses=reverses,
            member=member,
        )
        into = [
            (Lot(LotId(source, line), expires_on, whole, 0, earned_on), quantity)
            for source, line, expires_on, whole, earned_on, quantity in used
        ]
        policy = policy_in_force(self._connection, self._mall)
        return Effect(
            operation,
            on,
            spent=taken,  # of a lot that has expired: what was left in it
            first_from=tuple(lot.lot for lot, _ in into),
            returned=returned,
            undoes=reverses,
            into=tuple(into),
            not_before=on + timedelta(days=policy.returned_points_live_days),
            new_until=add_months(on, policy.points_live_months),
        )

    # -- members and cards -------------------------------------------------------------------------------------------

    def _thin_card(self, digest: bytes, member: UUID, state: str) -> None:
        if not self._holds_thin(member):
            return
        self._run(
            "INSERT INTO card_thin (mall_id, hash, member, state) VALUES (:mall, :hash, :member, :state) "
            "ON CONFLICT (mall_id, hash) DO UPDATE SET member = :member, state = :state",
            hash=digest,
            member=member,
            state=state,
        )

    def _holds_thin(self, member: UUID) -> bool:
        """Of everybody, or, where the mall has chosen that, of those only who are held here in full."""
        if self._everybody is None:
            self._everybody = bool(policy_in_force(self._connection, self._mall).desk_copy_everybody)
        return self._everybody or is_full(self._connection, self._mall, member)

    def _thin_points(self, member: UUID, account: AccountImage) -> None:
        """As of the image's day; whoever is served is looked at in full, day by day."""
        usable = max(0, sum(lot.remaining for lot in account.lots) - account.held - account.owed)
        self._run(
            "UPDATE member_thin SET usable = :usable WHERE mall_id = :mall AND member = :member",
            member=member,
            usable=usable,
        )

    def _member(self, member: UUID, image: MemberImage) -> None:
        if self._holds_thin(member):
            self._run(
                "INSERT INTO member_thin (mall_id, member, tier, state, usable, phone) "
                "VALUES (:mall, :member, :tier, :state, 0, :phone) ON CONFLICT (mall_id, member) DO UPDATE "
                "SET tier = :tier, state = :state, phone = :phone",
                member=member,
                tier=image.tier,
                state=image.state,
                phone=base64.b64decode(image.phone) if image.phone else None,
            )
        if not self._touched_here(member):
            self._free_number(image.member_no, member)
            self._run(
                "UPDATE member SET member_no = :member_no, state = :state, tier = :tier, joined_on = :joined_on "
                "WHERE mall_id = :mall AND member = :member",
                member=member,
                member_no=image.member_no,
                state=image.state,
                tier=image.tier,
                joined_on=image.joined_on,
            )

    def _free_number(self, member_no: str, member: UUID) -> None:
        """A store that was put back has given numbers out twice: the hub says whose it is. Whoever else stands under it
        here has another, or was enrolled by an operation that is lost."""
        for (other,) in self._rows(
            "SELECT member FROM member WHERE mall_id = :mall AND member_no = :member_no AND member <> :member",
            member_no=member_no,
            member=member,
        ):
            self._run(
                "UPDATE member SET member_no = :unknown WHERE mall_id = :mall AND member = :member",
                unknown=f"~{other.hex[:12]}",
                member=other,
            )

    def _touched_here(self, member: UUID, verbs: tuple[str, ...] = ()) -> bool:
        """Something that this desk did with the member (of `verbs`, or whatever it was) is not answered yet."""
        which = f"AND o.verb IN {verbs} " if verbs else ""
        return bool(
            self._rows(
                f"SELECT 1 FROM operation o WHERE o.mall_id = :mall AND o.member = :member AND o.desk = :desk {which}"
                f"AND {_PENDING} LIMIT 1",
                member=member,
                desk=self._desk,
                yes=True,
                image_n=-1,
            )
        )

    def _card(self, image: Image, n: int) -> None:
        digest, card = base64.b64decode(image.key), from_json(CardImage, image.state or {})
        self._thin_card(digest, card.member, card.state)
        if self.holds(card.member):
            self._keep(image, n)
            self._note_keyed(card.member, digest, card.kind, card.since_ms)
            self.stand_cards(card.member)

    def hold_cards_in_short(self, member: UUID, now_ms: int) -> None:
        """Whose number nobody has shown here: they can be told, and reported lost, all the same."""
        cards = self._rows("SELECT hash FROM card_thin WHERE mall_id = :mall AND member = :member", member=member)
        if [digest for (digest,) in cards if self._note_keyed(member, digest, "physical", now_ms)]:
            self.stand_cards(member)

    def _note_keyed(self, member: UUID, digest: bytes, kind: str, since_ms: int) -> bool:
        """False where it was known before."""
        numbers = self._rows("SELECT number FROM card WHERE mall_id = :mall AND member = :member", member=member)
        if any(self._digest(number) == digest for (number,) in numbers):
            return False
        self._run(
            "INSERT INTO card (mall_id, number, member, kind, state, since, serial, issue) VALUES (:mall, :number, "
            ":member, :kind, 'unknown', :since, 0, 1) ON CONFLICT (mall_id, number) DO UPDATE SET member = :member, "
            "state = 'unknown' WHERE card.member <> :member",
            number=keyed_number(digest),
            member=member,
            kind=kind,
            since=instant(since_ms),
        )
        return True

    def _digest(self, number: str) -> bytes:
        return digest_of(number) if is_keyed(number) else keyed(self._search_key, "card", number)

    def stand_cards(self, member: UUID) -> None:
        """The numbers that are known here stand as the hub has said and own operations that are pending make them. One
        of which neither knows is no card ("unknown"): its operation was not honoured, or is lost."""
        rows = sorted(
            self._rows(
                "SELECT number, kind, state, issue, since FROM card WHERE mall_id = :mall AND member = :member",
                member=member,
            )
        )
        if not rows:
            return
        said: dict[str, CardImage] = {}
        sure: dict[str, int] = {}  # of which the hub has told an image, and when
        digests = [self._digest(number) for number, *_ in rows]
        for digest, (number, kind, _, issue, since) in zip(digests, rows, strict=True):
            kept = self._kept("card", as_key(digest))
            if kept is not None:
                said[number] = from_json(CardImage, kept[1])
                sure[number] = kept[0]
            for (state,) in (
                ()
                if kept
                else self._rows(
                    "SELECT state FROM card_thin WHERE mall_id = :mall AND hash = :hash AND member = :member",
                    hash=digest,
                    member=member,
                )
            ):
                said[number] = CardImage(member, kind, state, issue, _ms(since))
        by_digest = {digest: number for digest, (number, *_) in zip(digests, rows, strict=True)}
        own = [(self._by_number(operation, by_digest), at_ms) for operation, at_ms in self._own_of_cards(member)]
        stand = cards_laid_over(_one_of_a_kind(said, sure), own)
        for number, kind, _, issue, since in rows:
            if number not in stand or stand[number].member != member:
                stand[number] = CardImage(member, kind, "unknown", issue, _ms(since))
        # A member has one of a kind that is issued, and which is of which kind may change places.
        self._run(
            "UPDATE card SET state = 'unknown' WHERE mall_id = :mall AND member = :member AND state = 'issued'",
            member=member,
        )
        for number, card in stand.items():
            self._run(
                "UPDATE card SET kind = :kind, state = :state, since = :since, issue = :issue WHERE mall_id = :mall "
                "AND number = :number",
                number=number,
                kind=card.kind,
                state=card.state,
                since=instant(card.since_ms),
                issue=card.issue,
            )

    def _by_number(self, operation: Operation, by_digest: Mapping[bytes, str]) -> Operation:
        """What was said of a keyed number counts for the number, once that is known."""
        if isinstance(operation, ReportCardLost):
            number = by_digest.get(self._digest(operation.number), operation.number)
            return replace(operation, number=number)
        return operation

    def stand_all_cards(self) -> None:
        for (member,) in self._rows("SELECT DISTINCT member FROM card WHERE mall_id = :mall"):
            self.stand_cards(member)

    def _own_of_cards(self, member: UUID) -> list[tuple[Operation, int]]:
        rows = self._rows(
            "SELECT o.epoch, o.sequence, o.encoded FROM operation o WHERE o.mall_id = :mall AND o.member = :member "
            f"AND o.desk = :desk AND o.verb IN {_OF_CARDS} AND {_PENDING}",
            member=member,
            desk=self._desk,
            yes=True,
            image_n=-1,  # one that is in the image already changes nothing any more
        )
        own = [decoded(encoded) for _, _, encoded in sorted(rows)]
        return [(codec.operation_from(each.verb, each.id, each.body), each.wall_ms) for each in own]

    def settled(self, operation: UUID, n: int) -> None:
        """The result of an own operation was read: what was kept back for it is written now."""
        for member, verb in self._rows(
            "SELECT member, verb FROM operation WHERE mall_id = :mall AND operation_id = :operation "
            "AND member IS NOT NULL",
            operation=operation,
        ):
            if verb in _OF_CARDS:
                self.stand_cards(member)
            kept = self._kept("member", str(member))
            if kept is not None:
                self._member(member, from_json(MemberImage, kept[1]))
            self._stale_accounts[member] = None

    # -- in full -----------------------------------------------------------------------------------------------------

    def full(self, member: FullMember, n: int) -> None:
        """Whoever is served here is held with name and phone; images older than what stands here are dropped."""
        images = {image.of: image for image in member.images}
        shape = from_json(MemberImage, images["member"].state or {})
        self.hold(member.member, shape.member_no, shape.state, shape.tier, shape.joined_on, member.pin_verifier)
        if member.subject_key is not None:
            self._run(
                "INSERT INTO subject_key (mall_id, subject, key) VALUES (:mall, :subject, :key) "
                "ON CONFLICT (mall_id, subject) DO NOTHING",
                subject=member.member,
                key=member.subject_key,
            )
        self._person(member)
        states = {image.key: image for image in member.images if image.of == "card"}
        for number in member.cards:
            image = states.get(as_key(keyed(self._search_key, "card", number)))
            if image is not None and image.state is not None:
                self._note_number(number, from_json(CardImage, image.state))
        for image in member.images:
            kept = self._kept(image.of, image.key)
            if kept is None or kept[0] <= n:
                self.write(image, n)
            elif image.of == "account":
                self._stale_accounts[member.member] = None
        self.finish()

    def hold(
        self, member: UUID, member_no: str, state: str, tier: str, joined_on: date, pin_verifier: str | None
    ) -> None:
        self._free_number(member_no, member)
        self._run(
            "INSERT INTO member (mall_id, member, member_no, state, tier, joined_on, adult_confirmed, pin_verifier, "
            "pin_failures, pin_disabled, operation_id, line) VALUES (:mall, :member, :member_no, :state, :tier, "
            ":joined_on, :yes, :pin, 0, :no, :member, 0) ON CONFLICT (mall_id, member) DO UPDATE SET "
            "member_no = :member_no, joined_on = :joined_on, pin_verifier = :pin",
            member=member,
            member_no=member_no,
            state=state,
            tier=tier,
            joined_on=joined_on,
            pin=pin_verifier,
            yes=True,
            no=False,
        )

    def hold_card(self, number: str, member: UUID, now_ms: int) -> None:
        """Its number was shown here; all that is known of it is what the hub has said in short."""
        self._note_number(number, CardImage(member, "physical", "", 1, now_ms))
        self.stand_cards(member)

    def _note_number(self, number: str, card: CardImage) -> None:
        prefix, secret = card_secrets(self._connection, self._mall)
        try:
            serial = card_serial(number, prefix, secret)
        except Refused:
            serial = 0  # none of this mall's numbers
        self._run(  # it was known in short
            "UPDATE card SET number = :number, serial = :serial WHERE mall_id = :mall AND number = :keyed "
            "AND NOT EXISTS (SELECT 1 FROM card o WHERE o.mall_id = :mall AND o.number = :number)",
            number=number,
            serial=serial,
            keyed=keyed_number(self._digest(number)),
        )
        self._run(
            "INSERT INTO card (mall_id, number, member, kind, state, since, serial, issue) VALUES (:mall, :number, "
            ":member, :kind, 'unknown', :since, :serial, :issue) ON CONFLICT (mall_id, number) DO UPDATE SET "
            "member = :member, state = 'unknown' WHERE card.member <> :member",
            number=number,
            member=card.member,
            kind=card.kind,
            since=instant(card.since_ms),
            serial=serial,
            issue=card.issue,
        )

    def _person(self, member: FullMember) -> None:
        before = self._rows("SELECT name FROM person WHERE mall_id = :mall AND member = :member", member=member.member)
        ((twin,),) = self._rows(  # the hub may hold two members with one telephone until they are merged
            "SELECT coalesce(max(twin) + 1, 0) FROM person WHERE mall_id = :mall AND phone = :phone "
            "AND member <> :member",
            member=member.member,
            phone=member.phone,
        )
        self._run(
            "INSERT INTO person (mall_id, member, name, phone, phone_reversed, birthday, gender, twin) VALUES (:mall, "
            ":member, :name, :phone, :reversed, :birthday, :gender, :twin) ON CONFLICT (mall_id, member) DO UPDATE SET "
            "name = :name, phone = :phone, phone_reversed = :reversed, birthday = :birthday, gender = :gender, "
            "twin = CASE WHEN person.phone = :phone THEN person.twin ELSE :twin END",
            twin=twin,
            member=member.member,
            name=member.name,
            phone=member.phone,
            reversed=member.phone[::-1],
            birthday=date.fromisoformat(member.birthday) if member.birthday else None,
            gender=member.gender,
        )
        if before == [(member.name,)]:
            return
        for kind, key in (each for (name,) in before for each in keys_of(name)):
            self._run(
                "DELETE FROM search_key WHERE mall_id = :mall AND kind = :kind AND key = :key AND member = :member",
                kind=kind,
                key=key,
                member=member.member,
            )
        for kind, key in keys_of(member.name):
            self._run(
                "INSERT INTO search_key (mall_id, kind, key, member) VALUES (:mall, :kind, :key, :member) "
                "ON CONFLICT (mall_id, kind, key, member) DO NOTHING",
                kind=kind,
                key=key,
                member=member.member,
            )
        if self._connection.engine == "sqlite":
            self._run("DELETE FROM name_index WHERE mall_id = :mall AND member = :member", member=member.member.hex)
            self._run(
                "INSERT INTO name_index (characters, mall_id, member) VALUES (:characters, :mall, :member)",
                characters=characters(member.name),
                member=member.member.hex,
            )

    # -- shelf, redemptions, tasks -----------------------------------------------------------------------------------

    def _stock(self, shelf: str) -> None:
        kept = self._kept("stock", shelf)
        assert kept is not None, "the image was kept before"
        image_n, state = kept[0], from_json(StockImage, kept[1])
        desk, _, gift = shelf.partition(" ")
        on_hand, reserved = state.on_hand, state.reserved
        if desk == self._desk:  # a shelf has one writing desk: what it did since is added
            ((moved, set_aside),) = self._rows(
                "SELECT coalesce(sum(m.on_hand), 0), coalesce(sum(m.reserved), 0) FROM operation o "
                "CROSS JOIN stock_move m WHERE o.mall_id = :mall AND o.desk = :desk "
                "AND (o.epoch, o.sequence) >= (:epoch, :sequence) AND m.mall_id = o.mall_id "
                f"AND m.operation_id = o.operation_id AND m.desk = :desk AND m.gift = :gift AND {_PENDING}",
                desk=desk,
                gift=gift,
                epoch=self._pending_from[0],
                sequence=self._pending_from[1],
                yes=True,
                image_n=image_n,
            )
            on_hand, reserved = on_hand + int(moved), max(0, reserved + int(set_aside))
        self._run(
            "INSERT INTO stock (mall_id, desk, gift, on_hand, reserved) VALUES (:mall, :desk, :gift, :on_hand, "
            ":reserved) ON CONFLICT (mall_id, desk, gift) DO UPDATE SET on_hand = :on_hand, reserved = :reserved",
            desk=desk,
            gift=gift,
            on_hand=max(on_hand, reserved),
            reserved=reserved,
        )

    def _redemption(self, operation: UUID, image: RedemptionImage) -> None:
        if not self.holds(image.member):
            return
        if image.desk == self._desk and self._touched_here(image.member, ("hand_out", "reverse")):
            return  # their answers bring it again
        self._run(
            "INSERT INTO redemption (mall_id, operation_id, member, desk, points, at) VALUES (:mall, :operation, "
            ":member, :desk, :points, :at) ON CONFLICT (mall_id, operation_id) DO NOTHING",
            operation=operation,
            member=image.member,
            desk=image.desk,
            points=image.points,
            at=instant(image.at_ms),
        )
        for line in image.lines:
            self._run(
                "INSERT INTO redemption_line (mall_id, operation_id, line, gift, quantity, points, handed_out_by, "
                "taken_by) VALUES (:mall, :operation, :line, :gift, :quantity, :points, :by, :taken_by) "
                "ON CONFLICT (mall_id, operation_id, line) DO UPDATE SET handed_out_by = :by, taken_by = :taken_by",
                operation=operation,
                line=line.line,
                gift=line.gift,
                quantity=line.quantity,
                points=line.points,
                by=line.handed_out_by,
                taken_by=line.taken_by,
            )

    def _task(self, key: str, task: TaskImage) -> None:
        operation, _, _ = key.partition(" ")
        self._run(
            "INSERT INTO exception_task (mall_id, operation_id, code, desk, verb, member, owner, facts, state, "
            "raised_at, closed_by, closed_at, outcome) VALUES (:mall, :operation, :code, :desk, :verb, :member, "
            ":owner, :facts, :state, :raised, :closed_by, :closed_at, :outcome) "
            "ON CONFLICT (mall_id, operation_id, code) DO UPDATE SET state = :state, owner = :owner, facts = :facts, "
            "closed_by = :closed_by, closed_at = :closed_at, outcome = :outcome",
            operation=UUID(operation),
            code=task.code,
            desk=task.desk,
            verb=task.verb,
            member=task.member,
            owner=task.owner,
            facts=json.dumps(task.facts, ensure_ascii=False),
            state=task.state,
            raised=instant(task.raised_ms),
            closed_by=task.closed_by,
            closed_at=instant(task.closed_ms) if task.closed_ms is not None else None,
            outcome=task.outcome,
        )

    # -- rows as they are --------------------------------------------------------------------------------------------

    def _plain(self, image: Image) -> None:
        keys, columns = PLAIN_TABLES[image.of]
        key_values: dict[str, Any] = {name: _value(name, image.key) for name in keys}
        if image.state is None:
            if image.of in ("staff", "desk", "mall", "card_batch"):
                raise FeedUnreadable(image.of)
            self._run(f"DELETE FROM {image.of} WHERE mall_id = :mall AND {keys[0]} = :key", key=image.key)
            return
        values = {name: _value(name, image.state.get(name)) for name in columns if name in image.state}
        if image.of == "desk":
            found_desk(self._connection, self._mall, image.key, values["number"], values["name"], values["public_key"])
            return
        if image.of == "card_batch":
            key_values["first_serial"] = int(image.key)
        kept_here = _OWN_COLUMNS.get(image.of, ())
        changed = [name for name in values if name not in kept_here]
        if image.of == "mall":
            sets = ", ".join(f"{name} = :{name}" for name in changed)
            self._run(f"UPDATE mall SET {sets} WHERE mall_id = :mall", **values)
            return
        names = [*key_values, *values]
        sets = ", ".join(f"{name} = :{name}" for name in changed)
        self._run(
            f"INSERT INTO {image.of} (mall_id, {', '.join(names)}) VALUES (:mall, "
            f"{', '.join(':' + name for name in names)}) ON CONFLICT (mall_id, {', '.join(key_values)}) "
            f"DO UPDATE SET {sets}",
            **key_values,
            **values,
        )


def is_full(connection: Connection, mall: str, member: UUID) -> bool:
    """With name and phone."""
    return bool(
        connection.row("SELECT 1 FROM person WHERE mall_id = :mall AND member = :member", mall=mall, member=member)
    )


def _value(column: str, said: Any) -> Any:
    if said is None:
        return None
    if column in _INSTANTS:
        return instant(int(said))
    if column in _IDS:
        return UUID(said)
    if column in _BYTES:
        return base64.b64decode(said)
    return said


def _one_of_a_kind(said: dict[str, CardImage], sure: dict[str, int]) -> dict[str, CardImage]:
    """The hub gives each member one card of a kind: the one it told last; what became of the other it is telling next.
    Of a number that was only said in short (not in `sure`, place in the feed by number) the kind is a guess, and where
    it has to be another, it is."""
    found = dict(said)
    taken: set[str] = set()
    issued = [number for number in said if said[number].state == "issued"]
    for number in sorted(issued, key=lambda each: (sure.get(each, -1), said[each].since_ms), reverse=True):
        card = said[number]
        guesses = () if number in sure else ("physical", "virtual")
        kind = next((kind for kind in (card.kind, *guesses) if kind not in taken), None)
        found[number] = replace(card, kind=kind) if kind is not None else replace(card, state="unknown")
        taken.add(found[number].kind)
    return found


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _account(member: UUID, image: AccountImage) -> Account:
    return Account(member, image.posted, image.held, image.owed, tuple(_lot(lot) for lot in image.lots))


def _lot(image: LotImage) -> Lot:
    return Lot(LotId(image.source, image.line), image.expires_on, image.quantity, image.remaining, image.earned_on)


def images_of(said: Iterable[Any]) -> list[Image]:
    return [from_json(Image, each) for each in said]
