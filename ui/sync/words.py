"""What there is to do about what the hub could not honour, and what to say to the member."""

from __future__ import annotations

from app.domain.mode import Mode
from ui.locale import mark

# What to do; the program has no verb of its own for most: somebody talks to a person.
ADVICE = {
    "conflict.overdrawn": mark(
        "Call the member. What is owed is taken off the next points; it can be written off by a manager."
    ),
    "conflict.dup_receipt": mark("Nothing has to be booked. Tell the member why the points are gone."),
    "conflict.card": mark("Ask the member to come by and give them another card."),
    "conflict.merge_candidate": mark("Compare both members with the person, then have the accounts merged."),
    "conflict.member_closed": mark("A supervisor looks into it with the member."),
    "conflict.stock_short": mark("Count the shelf and put the stock right."),
    "conflict.policy_stale": mark("Compare with the rules of that day; adjust if the member lost by it."),
    "conflict.already_reversed": mark("Nothing has to be booked; it had been undone before."),
}
ASK_SUPERVISOR = mark("A supervisor looks at what was done and by whom.")
# What to say on the telephone; only where the member is concerned.
CALL = {
    "conflict.overdrawn": mark(
        "“Hello, this is the member service of the mall. Two of our desks served you while the network was down, and "
        "more points were redeemed than you had. You keep the gift; the difference comes off the points you collect "
        "next.”"
    ),
    "conflict.dup_receipt": mark(
        "“Hello, this is the member service of the mall. One of your receipts had been credited twice, so that we took "
        "the second credit back. The first one counts.”"
    ),
    "conflict.card": mark(
        "“Hello, this is the member service of the mall. The card you were given cannot be used. Please come by at any "
        "desk; a new one is ready for you, and your points are all there.”"
    ),
    "conflict.merge_candidate": mark(
        "“Hello, this is the member service of the mall. You seem to be registered twice. May we put both accounts "
        "together? No points are lost.”"
    ),
}
STANDS = {
    Mode.ONLINE: mark("Connected to the hub; it decides."),
    Mode.FRESH: mark(
        "Cut off from the hub. Everyday work goes on; redemptions stay within limits and need a supervisor."
    ),
    Mode.STALE: mark("Cut off for long. Crediting, enrolling and looking up go on; redeeming waits for the hub."),
    Mode.CLOCK: mark("This computer's clock is in doubt. Only crediting goes on until the hub has confirmed the time."),
    Mode.UNREADABLE: mark("The hub is newer than this program. Only crediting goes on; update the program."),
    Mode.DISK_LOW: mark("Less than 200 MB are free. Nothing new is begun; sending goes on."),
    Mode.REVOKED: mark("This desk was put out of use; ask an administrator."),
}
