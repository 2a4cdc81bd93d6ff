"""What there is to do about what the hub could not honour, by which key, and what to say to the member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.mode import Mode
from app.operations.settle_task import Outcome
from app.ports.hub import HubStatus
from ui.locale import mark, trn


@dataclass(frozen=True)
class Action:
    """What the one key does. It settles the task with `outcome`, or opens what it takes: `goes_to` is a task of the
    counter ("cards", "adjust", "redeem" …) with the member, or "shelf"."""

    label: str
    outcome: Outcome | None = None
    goes_to: str = ""


_CALLED = Action(mark("The member was told"), "called")
_CONFIRMED = Action(mark("Looked into and confirmed"), "confirmed")
_ONCE_MORE = Action(mark("Do it once more"), goes_to="again")
ACTIONS = {
    "conflict.overdrawn": _CALLED,
    "conflict.dup_receipt": _CALLED,
    "conflict.card": Action(mark("Give another card"), goes_to="cards"),
    "conflict.merge_candidate": Action(mark("Open and compare"), goes_to="member"),
    "conflict.stock_short": Action(mark("Go to the shelf"), goes_to="shelf"),
    "conflict.policy_stale": Action(mark("Adjust the points"), goes_to="adjust"),
    "conflict.already_reversed": Action(mark("Noted"), "nothing_to_do"),
    "conflict.not_granted": _ONCE_MORE,
    "conflict.not_applied": _ONCE_MORE,
    "conflict.member_closed": _CONFIRMED,
    "conflict.approver_invalid": _CONFIRMED,
    "conflict.actor_invalid": _CONFIRMED,
    "conflict.no_member_proof": _CONFIRMED,
    "conflict.clock": _CONFIRMED,
    "conflict.looked_up_much": _CONFIRMED,
    "conflict.over_licence": _CONFIRMED,
    "conflict.pending_review": _CONFIRMED,
}
# Where what was done without effect is done once more.
AGAIN: dict[str, Literal["redeem", "credit", "cards", "reverse", "hand_out", "adjust"]] = {
    "adjust_points": "adjust",
    "credit_sale": "credit",
    "hand_out": "hand_out",
    "issue_card": "cards",
    "redeem": "redeem",
    "reissue_card": "cards",
    "replace_card": "cards",
    "reverse": "reverse",
}
ADVICE = {
    "conflict.overdrawn": mark(
        "Call the member. What is owed is taken off the next points. To write it off, adjust the points: that takes a "
        "supervisor and a second person."
    ),
    "conflict.dup_receipt": mark("Nothing has to be booked. Tell the member why the points are gone."),
    "conflict.card": mark("Ask the member to come by and give them another card; the points are on the account."),
    "conflict.merge_candidate": mark(
        "Open both members and compare name and birthday with the person. Until accounts can be merged, serve them on "
        "the older one and leave this open."
    ),
    "conflict.member_closed": mark(
        "A supervisor looks into why the member was frozen or closed, and whether what was done may stand."
    ),
    "conflict.stock_short": mark("Count the shelf. If there are more than the program says, receive the difference."),
    "conflict.policy_stale": mark("It was booked by the rules then in force. Adjust if the member was told otherwise."),
    "conflict.already_reversed": mark("Nothing has to be booked; it had been undone before."),
    "conflict.not_granted": mark("Nothing was booked. Do it once more while connected, with the member there."),
    "conflict.not_applied": mark("Nothing was booked. See what came in between, then do it once more."),
    "conflict.approver_invalid": mark(
        "Another supervisor asks both people what happened. If it may stand, confirm it; if not, undo it at the "
        "counter."
    ),
    "conflict.actor_invalid": mark(
        "A supervisor asks who was at the desk then. If it may stand, confirm it; if not, undo it at the counter."
    ),
    "conflict.no_member_proof": mark(
        "A supervisor asks the member whether they wanted it. If so, confirm it; if not, undo it at the counter."
    ),
    "conflict.pending_review": mark(
        "Compare the slips with what the desk credited. If they are real, confirm it: then the points can be used. If "
        "not, undo the credit at the counter."
    ),
    "conflict.looked_up_much": mark(
        "A supervisor asks who was at the desk and why. If a queue was that long, raise the figure under Rules; if "
        "not, suspend the desk: somebody may be copying the members."
    ),
    "conflict.over_licence": mark(
        "A supervisor finds out who was at the desk and what was handed out. No honest desk goes beyond its licence: "
        "look at its program and who can get at it before it is used again. What was not real, undo at the counter."
    ),
    "conflict.clock": mark("Check the date on the slip. Confirm it, or undo it and credit it again."),
}
# What to say on the telephone; only where the member is concerned. "{name}" is who is called.
CALL = {
    "conflict.overdrawn": mark(
        "“Hello, this is the member service of the mall. Two of our desks served you while the network was down, and "
        "more points were redeemed than you had. You keep the gift; the difference comes off the points you collect "
        "next. We are sorry for the trouble.”"
    ),
    "conflict.dup_receipt": mark(
        "“Hello, this is the member service of the mall. One of your receipts had been credited twice, so that we took "
        "the second credit back. The first one counts. We are sorry for the mix-up.”"
    ),
    "conflict.card": mark(
        "“Hello, this is the member service of the mall. The card you were given cannot be used. Please come by at any "
        "desk; a new one is ready for you, and your points are all there.”"
    ),
    "conflict.merge_candidate": mark(
        "“Hello, this is the member service of the mall. You seem to be registered twice with us. May we check a few "
        "things with you, so that we can put both accounts together? No points are lost.”"
    ),
    "conflict.policy_stale": mark(
        "“Hello, this is the member service of the mall. The rules had changed on the day of your visit, and the "
        "points you got differ from what you were told. May we explain the difference to you?”"
    ),
    "conflict.no_member_proof": mark(
        "“Hello, this is the member service of the mall. We would like to check one thing with you: did you redeem "
        "points with us on that day? If not, we put it right at once.”"
    ),
    "conflict.not_granted": mark(
        "“Hello, this is the member service of the mall. What we did for you that day could not be booked while the "
        "network was down. Would you come by once more? It takes a minute.”"
    ),
    "conflict.not_applied": mark(
        "“Hello, this is the member service of the mall. What we did for you that day could not be booked while the "
        "network was down. Would you come by once more? It takes a minute.”"
    ),
}
OUTCOMES: dict[str, str] = {
    "called": mark("The member was told"),
    "put_right": mark("Put right"),
    "nothing_to_do": mark("Nothing to do"),
    "confirmed": mark("Looked into and confirmed"),
}
STANDS = {
    Mode.ONLINE: mark("Connected to the hub; it decides."),
    Mode.FRESH: mark(
        "Cut off from the hub. Everyday work goes on; redemptions stay within limits and need a supervisor."
    ),
    Mode.STALE: mark("Cut off for long. Crediting, enrolling and looking up go on; redeeming waits for the hub."),
    Mode.CLOCK: mark("This computer's clock is in doubt. Only crediting goes on until the hub has confirmed the time."),
    Mode.UNREADABLE: mark("The hub is newer than this program. Only crediting goes on; update the program."),
    Mode.NOT_TAKEN: mark("The hub cannot take what this desk sends yet. Only crediting goes on."),
    Mode.DISK_LOW: mark("Less than 200 MB are free. Nothing new is begun; sending goes on."),
    Mode.REVOKED: mark("This desk was put out of use; ask an administrator."),
}


def left_unsent(status: HubStatus) -> str:
    """To whoever signs out while the hub is out of reach; "" where nothing waits, or it goes out in a moment anyway."""
    if not status.unsent or status.mode is Mode.ONLINE:
        return ""
    return trn(
        "{n} operation is not sent yet; it stays on this desk and goes out when the hub is back.",
        "{n} operations are not sent yet; they stay on this desk and go out when the hub is back.",
        status.unsent,
    )


def left_at_closing(status: HubStatus) -> str:
    """To whoever closes the program, whether the hub is there or not: nothing is sent by one that is closed."""
    if not status.unsent:
        return ""
    return trn(
        "{n} operation is not sent to the hub yet. Nothing is lost when you close: it stays on this desk and is sent "
        "when the program is started again.",
        "{n} operations are not sent to the hub yet. Nothing is lost when you close: they stay on this desk and are "
        "sent when the program is started again.",
        status.unsent,
    )
