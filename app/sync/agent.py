"""The one thread of a desk that talks to its hub: hello, push, pull, and again; it picks up wherever it was stopped.

Nobody waits for it. Screens ask `status`, which is a value; what they write is in the store before it is sent. A reply
may be lost at any moment: what has no result is sent again, and the hub answers what it has with its first answer."""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from app.domain.calendar import CLOCK_JUMP_MS
from app.domain.errors import Refused, Unavailable
from app.domain.mode import Limits, Standing, mode_of
from app.domain.versions import version_parts
from app.ports.clock import Clock
from app.ports.hub import AllDesks, HubStatus
from app.sync.earlier import readable
from app.sync.envelope import instant
from app.sync.following import FeedBroken, FeedUnreadable, Following
from app.sync.protocol import (
    MOST_OPERATIONS,
    MOST_ROWS,
    PROTOCOL,
    Ask,
    AskDesks,
    Asked,
    AskReport,
    DeskState,
    FeedPlace,
    Hello,
    HelloReply,
    Licence,
    Looked,
    Lookup,
    OfflinePolicy,
    Place,
    PullReply,
    Push,
    Pushed,
    PushReply,
    Reported,
    SignedLicence,
    SnapshotLine,
    from_json,
    stopped_by,
    to_json,
)

HELLO_EVERY_S = 10.0
WAIT_S = 1.5  # of one pull; the hub answers at once when there is something. The end of the program waits no longer.
BACK_OFF_S = (1.0, 60.0)
STOP_WITHIN_S = 2.0
_FEWEST = 10  # operations of a push to a hub that is slow
# Names of what is kept between two runs.
LICENCE, STATE, READ_AT, UNREADABLE, RE_ENROL, OLDEST_PROGRAM, TAKES, NOT_TAKEN, SAID_AT = (
    "licence",
    "state",
    "read_at",
    "unreadable",
    "re_enrol",
    "oldest_program",
    "reads",
    "not_taken",  # the code of what the hub could not take of this desk; what follows it waits here as well
    "said_at",  # by the hub's clock: when it said what is known of this desk's state
)
WIPE_WITHIN_MS = 60_000  # an order to wipe does not wait any longer for what could still be sent


class Hub(Protocol):
    """`app.sync.http.HubClient`, or what a test puts in its place."""

    def hello(self, hello: Hello) -> HelloReply: ...
    def push(self, push: Push) -> PushReply: ...
    def pull(self, place: FeedPlace, limit: int, wait_s: float, head: Place) -> PullReply: ...
    def snapshot(self) -> AbstractContextManager[tuple[FeedPlace, Iterator[SnapshotLine]]]: ...
    def lookup(self, wish: Lookup) -> Looked: ...
    def report(self, wish: AskReport) -> Reported: ...
    def request(self, wish: Ask) -> Asked: ...
    def void(self, operation: UUID) -> None: ...
    def desks(self, wish: AskDesks) -> AllDesks: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class _Known:
    """What the last rounds have found out. Replaced as a whole, so that any thread may read it."""

    in_contact: bool = False
    answered_ms: int | None = None  # since boot, of the last answered heartbeat
    read_ms: int | None = None  # since boot, when the feed was last read to its end
    lost_at: datetime | None = None
    licence: Licence | None = None
    state: DeskState = DeskState.ACTIVE
    unreadable: bool = False
    outdated: bool = False  # the hub asks for a newer program
    re_enrol: bool = False
    takes: Mapping[str, Collection[int]] | None = None  # what the hub reads; None: it has not said yet
    not_taken: str | None = None
    hub_program: str = ""
    wipe_by_ms: int | None = None  # since boot
    true_ms: int | None = None  # what the hub's clock said
    true_at_ms: int = 0  # since boot, when it said it
    trouble: str | None = None
    unsent: int = 0
    oldest: datetime | None = None
    floor_used: int = 0
    open_tasks: int = 0


class SyncAgent:
    """`changed` is called on the agent's thread whenever the status is another one."""

    def __init__(
        self,
        following: Following,
        hub: Hub,
        *,
        hub_key: bytes,
        clock: Clock,
        program: str,
        folder: Path,
        changed: Callable[[HubStatus], None] = lambda _status: None,
        report: Callable[[Exception], None] = lambda _problem: None,
        destroy: Callable[[], None] = lambda: None,
        clock_is_in_doubt: Callable[[], bool] = lambda: False,
        confirm_clock: Callable[[int], object] = lambda _server_ms: None,
    ) -> None:
        self._following = following
        self._hub = hub
        self._hub_key = hub_key
        self._clock = clock
        self._program = program
        self._folder = folder
        self._changed = changed
        self._report = report
        self._destroy = destroy
        self._clock_is_in_doubt = clock_is_in_doubt
        self._confirm_clock = confirm_clock
        self._said_before = 0
        self._known = _Known(lost_at=instant(clock.wall_ms()))
        self._suspect = False
        self._at_once = MOST_OPERATIONS  # of one push
        self._tries_again = True  # what the hub could not take: with every hello, it may be another program by then
        self._read_before: int | None = None
        self._told: HubStatus | None = None
        self._ended = threading.Event()
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._remember()

    # -- any thread --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WITHIN_S)
        self._hub.close()

    def hurry(self) -> None:
        """Something was written, or somebody wants to know now."""
        self._wanted.set()

    def listen(self, changed: Callable[[HubStatus], None]) -> None:
        self._changed = changed

    def read_again(self) -> None:
        """What is known of the hub has changed beside this thread: a file was read."""
        self._remember()
        if self._read_before is not None and self._known.read_ms is not None:
            age_ms = max(0, self._clock.wall_ms() - self._read_before)
            self._now(read_ms=max(self._known.read_ms, self._clock.since_boot_ms() - age_ms))
        self.look()

    def no_answer(self) -> None:
        """A request of somebody else was not answered either: the desk goes on by itself at once."""
        self._lost("hub.no_answer")

    def standing(self) -> Standing:
        known = self._known
        now = self._clock.since_boot_ms()
        silent = None if known.answered_ms is None else now - known.answered_ms
        limits = _limits(known.licence)
        timeout_ms = (limits.contact_timeout_s if limits else 15) * 1000
        return Standing(
            in_contact=known.in_contact and silent is not None and silent <= timeout_ms,
            silent_ms=silent,
            copy_age_ms=self._copy_age(),
            now_ms=max(self._clock.wall_ms(), self._true_ms() or 0, self._said_before),
            limits=limits,
            clock_suspect=self._suspect or self.clock_is_right() is False,
            disk_free=_free(self._folder),
            revoked=known.state is not DeskState.ACTIVE or known.re_enrol,
            unreadable=known.unreadable or known.outdated,
            not_taken=bool(known.not_taken),
            has_spoken=known.read_ms is not None,
        )

    def clock_is_right(self) -> bool | None:
        """Against the time that the hub has said in this run, counted on by what nobody can set; None: it said none."""
        true_ms = self._true_ms()
        return None if true_ms is None else abs(self._clock.wall_ms() - true_ms) <= CLOCK_JUMP_MS

    def _true_ms(self) -> int | None:
        known = self._known
        return None if known.true_ms is None else known.true_ms + self._clock.since_boot_ms() - known.true_at_ms

    def hub_takes(self, verb: str, version: int) -> bool:
        """Would the hub understand such an operation? One of an older program may not yet."""
        takes = self._known.takes
        return takes is None or version in takes.get(verb, ())

    def status(self) -> HubStatus:
        known, standing = self._known, self.standing()
        return HubStatus(
            mode=mode_of(standing),
            since=None if standing.in_contact else known.lost_at,
            unsent=known.unsent,
            oldest=known.oldest,
            floor_used=known.floor_used,
            floor_limit=standing.limits.per_desk if standing.limits else 0,
            trouble=self._trouble(known),
            open_tasks=known.open_tasks,
        )

    @staticmethod
    def _trouble(known: _Known) -> str | None:
        """What somebody has to see to comes before what passes by itself."""
        if known.re_enrol:
            return "hub.re_enrol"
        if known.outdated:
            return "hub.program_old"
        if known.state is DeskState.RETIRED:
            return "hub.retired"
        return known.not_taken or known.trouble

    # -- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        back_off = BACK_OFF_S[0]
        while not self._ended.is_set():
            try:
                self.once()
                back_off = BACK_OFF_S[0]
                if not self._reads:  # it is the hub that holds up whoever asks it for news
                    self._wanted.wait(WAIT_S)
                    self._wanted.clear()
            except (Unavailable, Refused) as problem:
                self._lost(problem.code)
                if self._must_wipe_now():
                    self._wipe_now()
                    break
                self._wanted.clear()
                self._wanted.wait(back_off * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
                back_off = min(BACK_OFF_S[1], back_off * 2)
            except Exception as problem:  # a bug here must not end the talk with the hub for good
                self._report(problem)
                self._lost("hub.trouble")
                self._ended.wait(BACK_OFF_S[1] * random.uniform(0.5, 1.0))  # noqa: S311
        self._tell()

    def once(self) -> None:
        """One round. Raises Unavailable where the hub does not answer; then nothing is lost."""
        now = self._clock.since_boot_ms()
        known = self._known
        if not known.in_contact or known.answered_ms is None or now - known.answered_ms >= HELLO_EVERY_S * 1000:
            self._hello()
        if self._ended.is_set():
            return
        self._push()
        self._void()
        if self._is_known:
            self._pull()
        self.look()

    @property
    def _is_known(self) -> bool:
        """As a desk that may read: not one that is gone, nor a copied one."""
        return self._known.state in (DeskState.ACTIVE, DeskState.SUSPENDED) and not self._known.re_enrol

    @property
    def _reads(self) -> bool:
        return self._is_known and not self._known.unreadable

    def _hello(self) -> None:
        asked_ms = self._clock.since_boot_ms()  # before the head is read: what is done from now on is later
        head, feed, waiting = self._following.head(), self._following.feed(), self._following.waiting()
        reply = self._hub.hello(
            Hello(
                head=head,
                feed=feed,
                program=self._program,
                protocol=PROTOCOL,
                wall_ms=self._clock.wall_ms(),
                boot=self._clock.boot(),
                since_boot_ms=asked_ms,
                unsent=waiting.count,
                oldest_unsent_ms=int(waiting.oldest.timestamp() * 1000) if waiting.oldest else None,
                floor_used=self._following.unsettled_points(),
            )
        )
        licence = self._known.licence
        outdated = self._is_older_than(reply.oldest_program)
        kept = {
            STATE: reply.state.value,
            RE_ENROL: "1" if reply.re_enrol else "",
            OLDEST_PROGRAM: reply.oldest_program,
            TAKES: takes_text(reply),
            SAID_AT: str(reply.server_ms),
        }
        if reply.state is not DeskState.ACTIVE or outdated:
            licence, kept[LICENCE] = None, ""  # it ends at once, also for the next start
        if reply.licence is not None:
            licence = reply.licence.checked(self._hub_key)
            kept[LICENCE] = _text(reply.licence)
        self._following.put(**kept)
        if not reply.re_enrol:
            self._following.resend_after(reply.head)  # a hub that was restored lacks what it once had answered
        self._now(
            in_contact=True,
            answered_ms=self._clock.since_boot_ms(),
            licence=licence,
            state=reply.state,
            re_enrol=reply.re_enrol,
            outdated=outdated,
            takes=json.loads(kept[TAKES]),
            hub_program=reply.program,
            wipe_by_ms=self._known.wipe_by_ms if reply.wipe else None,
            true_ms=reply.server_ms,
            true_at_ms=(asked_ms + self._clock.since_boot_ms()) // 2,
            trouble=None,
        )
        self._said_before = reply.server_ms
        self._tries_again = True
        if not self.clock_is_right():
            self._now(trouble="hub.clock_wrong")
        elif self._clock_is_in_doubt():
            self._confirm_clock(reply.server_ms)
        if reply.wipe:
            self._wipe()

    def _is_older_than(self, oldest: str) -> bool:
        return version_parts(self._program) < version_parts(oldest)

    def _push(self) -> None:
        """All that has no answer, in order. A gap (the hub has less than it once said, it was restored) goes back. What
        the hub cannot take stays, and so does all that follows it, until it can."""
        if self._known.re_enrol:
            return
        if self._known.not_taken:
            if not self._tries_again:
                return
            self._at_once = 1
        self._tries_again = False
        while not self._ended.is_set():
            operations = self._following.outbox(self._at_once)
            if not operations:
                self._note_taken(None)  # whatever it was, it is no longer this desk's to send
                return
            try:
                reply = self._hub.push(Push(operations))
            except Unavailable:  # perhaps it was only too much for the time there is: what arrived counts, now less
                self._at_once = max(_FEWEST, self._at_once // 4)
                raise
            self._at_once = min(MOST_OPERATIONS, self._at_once * 2)
            if reply.results:
                self._following.note_pushed(reply.results)
                self._answered()
                self._note_taken(stopped_by(reply.results))
            if reply.fork:  # another history of this desk is there: nothing of this one is taken any more
                self._following.put(**{RE_ENROL: "1"})
                self._now(re_enrol=True)
                return
            if self._known.not_taken:
                return
            if reply.gap or not reply.results:
                self._following.resend_after(reply.head)
                if not reply.results:
                    return

    def _note_taken(self, stop: Pushed | None) -> None:
        code = why_not_taken(stop, self._program, self._known.hub_program)
        if code != self._known.not_taken:
            self._following.put(**{NOT_TAKEN: code or ""})
            self._now(not_taken=code)

    def _void(self) -> None:
        """What nobody is going to do is let go at the hub at once, and not when its quarter of an hour is over."""
        for operation in self._following.given_up():
            self._hub.void(operation)
            self._following.told_given_up(operation)

    def _pull(self) -> None:
        place = self._following.feed()
        asked = self._clock.since_boot_ms(), self._clock.wall_ms()
        if place is None:
            self._snapshot()
            self._read_to_the_end(*asked)
            return
        if self._known.unreadable:  # a newer program reads on from here
            return
        try:
            head = self._following.head()  # after the place: all that was done before this place was reached is in it
            reply = self._hub.pull(place, MOST_ROWS, 0 if self._wanted.is_set() else WAIT_S, head)
            self._wanted.clear()
            place = self._following.apply(reply.rows) if reply.rows else place
        except FeedBroken as problem:
            self._report(problem)
            self._now(trouble="hub.feed_broken")
            self._following.forget_place()
            return
        except FeedUnreadable as problem:
            self._report(problem)
            self._following.put(**{UNREADABLE: self._program})
            self._now(unreadable=True, trouble="hub.feed_unreadable")
            return
        self._answered()
        if place.n >= reply.feed.n:
            self._read_to_the_end(*asked)

    def _snapshot(self) -> None:
        with self._hub.snapshot() as (at, lines):
            self._following.take_snapshot(at, _until(lines, self._ended))
        self._answered()

    def _read_to_the_end(self, asked_boot_ms: int, asked_wall_ms: int) -> None:
        """What was read is as old as the question, not as the answer."""
        self._now(read_ms=asked_boot_ms)
        self._following.put(**{READ_AT: str(asked_wall_ms)})

    def _wipe(self) -> None:
        """The hub calls this desk lost: what it has is sent, for a person to look at; then all goes. Whoever has it may
        cut the line in between: then it goes all the same, within a minute or at the next start."""
        if self._known.wipe_by_ms is None:
            self._now(wipe_by_ms=self._clock.since_boot_ms() + WIPE_WITHIN_MS)
        self._push()
        self._wipe_now()

    def _must_wipe_now(self) -> bool:
        known = self._known
        return known.wipe_by_ms is not None and self._clock.since_boot_ms() >= known.wipe_by_ms

    def _wipe_now(self) -> None:
        self._ended.set()
        self._destroy()

    def look(self) -> None:
        """At the store: what waits, and what was used."""
        waiting = self._following.waiting()
        self._suspect = self._clock_is_in_doubt()
        self._now(
            unsent=waiting.count,
            oldest=waiting.oldest,
            floor_used=self._following.unsettled_points(),
            open_tasks=self._following.open_tasks(),
        )

    def _answered(self) -> None:
        self._now(in_contact=True, answered_ms=self._clock.since_boot_ms())

    def _lost(self, code: str) -> None:
        known = self._known
        lost_at = known.lost_at if not known.in_contact and known.lost_at else instant(self._clock.wall_ms())
        self._now(in_contact=False, lost_at=lost_at, trouble=code)
        with suppress(Unavailable, Refused):  # the store has its own words for that, where somebody writes
            self.look()

    def _now(self, **changes: object) -> None:
        self._known = replace(self._known, **changes)  # type: ignore[arg-type]
        self._tell()

    def _tell(self) -> None:
        status = self.status()
        if status != self._told:
            self._told = status
            self._changed(status)

    def _copy_age(self) -> int | None:
        known = self._known
        if known.read_ms is not None:
            return self._clock.since_boot_ms() - known.read_ms
        if self._read_before is None:
            return None
        return max(0, self._clock.wall_ms() - self._read_before)

    def _remember(self) -> None:
        """What the last run knew: limits and age count on across a restart."""
        self._following.give_up_all()
        get = self._following.get
        said, state, read_at = get(LICENCE), get(STATE), get(READ_AT)
        self._read_before = int(read_at) if read_at else None
        self._said_before = int(get(SAID_AT) or 0)
        licence = None
        if said:
            try:
                licence = from_json(SignedLicence, said).checked(self._hub_key)
            except Refused:
                licence = None  # somebody wrote into the store: no redemption until the hub says again
        self._known = replace(
            self._known,
            licence=licence,
            state=DeskState(state) if state else DeskState.ACTIVE,
            re_enrol=bool(get(RE_ENROL)),
            unreadable=get(UNREADABLE) == self._program,
            outdated=self._is_older_than(get(OLDEST_PROGRAM) or ""),
            takes=json.loads(get(TAKES) or "null"),
            not_taken=get(NOT_TAKEN) or None,
            wipe_by_ms=self._clock.since_boot_ms() if state == DeskState.LOST.value else None,
        )


def takes_text(reply: HelloReply) -> str:
    """As it is kept. A hub of the same program reads what this program reads, also once the desk has a newer one."""
    return json.dumps(readable() if reply.takes is None else dict(reply.takes))


def why_not_taken(stop: Pushed | None, program: str, hub_program: str) -> str | None:
    """The code of what is said about it at the desk."""
    if stop is None:
        return None
    if stop.code == "hub.unreadable" and version_parts(hub_program) < version_parts(program):
        return "hub.desk_newer"
    return stop.code


def _limits(licence: Licence | None) -> Limits | None:
    if licence is None:
        return None
    return Limits(
        per_redemption=licence.per_redemption,
        per_member=licence.per_member,
        per_desk=licence.per_desk,
        newest_copy_s=licence.newest_copy_s,
        not_after_ms=licence.not_after_ms,
        contact_timeout_s=licence.contact_timeout_s,
        kiosk=licence.kiosk,
        shares_of=(licence.since, licence.number) if licence.policy is OfflinePolicy.STRICT else None,
    )


def _text(licence: SignedLicence) -> str:
    return json.dumps(to_json(licence))


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _until(lines: Iterator[SnapshotLine], ended: threading.Event) -> Iterator[SnapshotLine]:
    """The program may end in the middle of a snapshot: the next run takes it again."""
    for line in lines:
        if ended.is_set():
            raise Unavailable("hub.unreachable")
        yield line
