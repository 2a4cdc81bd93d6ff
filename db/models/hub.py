"""What a hub keeps beside the mall itself: desks and their licences, the feed, what could not be honoured as asked.

On a desk's own store these tables are empty but `exception_task`, which comes with the feed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.models.base import mall_key, metadata
from db.types import Bytes, Day, Id, Instant

# A code that was made for a desk, by the administrator and a second person; whoever holds it enrols, once.
enrol_code = Table(
    "enrol_code",
    metadata,
    mall_key(),
    Column("code_hash", String, primary_key=True),
    Column("operation_id", Id, nullable=False),
    Column("desk", String, nullable=False),
    Column("name", String, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String, nullable=False, server_default="counter"),
    Column("until", Instant, nullable=False),
    Column("used_by", Id),  # the operation that enrolled the desk
)

# The key of each epoch after the first, whose key stands with the desk.
desk_key = Table(
    "desk_key",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("public_key", Bytes, nullable=False),
    Column("operation_id", Id, nullable=False),
)

# How the hub stands with a desk; nothing that operations determine.
hub_desk = Table(
    "hub_desk",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("program", String, nullable=False),
    Column("last_seen", Instant),
    Column("unsent", BigInteger, nullable=False),
    Column("oldest_unsent", Instant),
    Column("seen_n", BigInteger, nullable=False),  # how far it says it has read
    Column("must_enrol", Integer, nullable=False),  # 1: its store was restored or copied
    Column("state_why", String),  # what the hub found, or that a person wanted it
    Column("state_since", Instant),
    Column("clock_skew_ms", BigInteger),  # how far its clock stood ahead, when it was last heard of
    Column("licence_until", Instant),
    Column("floor_used", BigInteger),  # points redeemed within limits, as it told last, that it has no result of
    # It holds the feed `acked_feed` to here, and all that it had done before is admitted (docs/adr/0012, rule 4).
    Column("acked_n", BigInteger, nullable=False, server_default="0"),
    Column("acked_feed", Id),
    Column("kind", String, nullable=False, server_default="counter"),  # since its newest epoch began
    CheckConstraint("state IN ('active', 'suspended', 'retired', 'lost')", name="state"),
)

# All licences of one epoch say the same K, so that the bound is one figure.
licence_epoch = Table(
    "licence_epoch",
    metadata,
    mall_key(),
    Column("number", BigInteger, primary_key=True),
    Column("desks", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("feed_epoch", Id),
)

# In which licence epochs a desk was among the licensed: from `since` on, before `until`.
licence_span = Table(
    "licence_span",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger),
)

# Strict: what each row of the feed told the desks that they may spend of a member, and what they have. Rows that no
# desk can go by any more are taken out.
member_share = Table(
    "member_share",
    metadata,
    mall_key(),
    Column("member", Id, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("share", BigInteger, nullable=False),
    Column("licence", BigInteger, nullable=False),
    Column("shared_on", Day, nullable=False),
)

share_spend = Table(
    "share_spend",
    metadata,
    mall_key(),
    Column("member", Id, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("desk", String, nullable=False),
    Column("points", BigInteger, nullable=False),
)

# What a desk redeemed while it was cut off, by the rows that it is in: the points of that member, and of all, up to and
# with it. What it says it had read by then does not count any more; what it had redeemed since is the difference.
limits_spend = Table(
    "limits_spend",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("member", Id, nullable=False),
    Column("of_member", BigInteger, nullable=False),
    Column("of_desk", BigInteger, nullable=False),
)
Index("ix_limits_spend_member", *(limits_spend.c[name] for name in ("mall_id", "desk", "member", "n")))

feed_head = Table(
    "feed_head",
    metadata,
    mall_key(),
    Column("epoch", Id, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("h", Bytes, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    mall_key(),
    Column("n", BigInteger, primary_key=True),
    Column("prev", Bytes, nullable=False),
    Column("h", Bytes, nullable=False),
    Column("kind", String, nullable=False),  # "op": a desk's, a fact; "system": the hub's own
    Column("operation_id", Id, nullable=False),
    Column("desk", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("verb", String, nullable=False),
    Column("op_hash", Bytes, nullable=False),
    Column("result", Bytes, nullable=False),
    Column("received_at", Instant, nullable=False),
    UniqueConstraint("mall_id", "operation_id"),
)

op_quarantine = Table(
    "op_quarantine",
    metadata,
    mall_key(),
    Column("hash", Bytes, primary_key=True),
    Column("desk", String, primary_key=True),
    Column("why", String, nullable=False),
    Column("encoded", Bytes, nullable=False),
    Column("signature", Bytes, nullable=False),
    Column("at", Instant, nullable=False),
)

# The key that one operation was sealed under, where it is not the subject's own.
operation_key = Table(
    "operation_key",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("subject", Id, nullable=False),
    Column("key", Bytes, nullable=False),
)

exception_task = Table(
    "exception_task",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("code", String, primary_key=True),
    Column("desk", String, nullable=False),
    Column("verb", String, nullable=False),
    Column("member", Id),
    Column("owner", String),
    Column("facts", String, nullable=False),  # JSON
    Column("state", String, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("closed_by", String),
    Column("closed_at", Instant),
    Column("outcome", String),
    CheckConstraint("state IN ('open', 'closed')", name="state"),
)
Index(
    "ix_exception_task_open",
    exception_task.c.mall_id,
    exception_task.c.desk,
    postgresql_where=text("state = 'open'"),
    sqlite_where=text("state = 'open'"),
)

# What the hub has granted (`grant_request`): the desk then does it as a fact, under the same id.
hub_request = Table(
    "hub_request",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),  # of the operation that was asked for
    Column("granted_by", Id, nullable=False),
    Column("desk", String, nullable=False),
    Column("verb", String, nullable=False),
    Column("member", Id),
    Column("points", BigInteger, nullable=False),  # held; 0 where nothing had to be
    Column("until", Instant, nullable=False),
    Column("state", String, nullable=False),  # granted | done | void
)
_GRANTED = text("state = 'granted'")
Index(
    "ix_hub_request_until",
    hub_request.c.mall_id,
    hub_request.c.until,
    postgresql_where=_GRANTED,
    sqlite_where=_GRANTED,
)

Index("ix_hub_request_granted_by", hub_request.c.mall_id, hub_request.c.granted_by)

# What tills and payment notices have told: the same transaction counts once.
till_sale = Table(
    "till_sale",
    metadata,
    mall_key(),
    Column("transaction_id", String, primary_key=True),
    Column("refund_of", String),  # the sale's transaction
    Column("amount_fen", BigInteger, nullable=False, server_default="0"),
    Column("told", Bytes, nullable=False),  # SHA-256 of what was told
    Column("answer", Bytes, nullable=False),
    Column("operation_id", Id),  # by which the sale stands in the books: a clerk may have been quicker
    Column("at", Instant, nullable=False),
)
_EARLY = text("refund_of IS NOT NULL AND operation_id IS NULL")  # it came before its sale
Index(
    "ix_till_sale_refund_of",
    till_sale.c.mall_id,
    till_sale.c.refund_of,
    postgresql_where=_EARLY,
    sqlite_where=_EARLY,
)

# The last days of reports that are closed (`close_day`): each closes all before it, too.
closed_day = Table(
    "closed_day",
    metadata,
    mall_key(),
    Column("day", Day, primary_key=True),
    Column("operation_id", Id, nullable=False),
)

# The hub's store was put back to an earlier time, and what desks had done since, and sent, comes again.
restoration = Table(
    "restoration",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)

# Points that a desk has credited of slips, by the business day on which it did: A_k.
desk_credit = Table(
    "desk_credit",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("on_day", Day, primary_key=True),
    Column("points", BigInteger, nullable=False),
)

# Whom each desk was given in full by the hub, a day.
desk_shown = Table(
    "desk_shown",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("on_day", Day, primary_key=True),
    Column("member", Id, primary_key=True),
)

scheduled_job = Table(
    "scheduled_job",
    metadata,
    mall_key(),
    Column("job", String, primary_key=True),
    Column("on_day", Day, primary_key=True),
    Column("done_at", Instant, nullable=False),
    Column("said", String, nullable=False),  # JSON
)

request_nonce = Table(
    "request_nonce",
    metadata,
    mall_key(),
    Column("desk", String, primary_key=True),
    Column("nonce", String, primary_key=True),
    Column("at", Instant, nullable=False),
)
Index("ix_request_nonce_at", request_nonce.c.mall_id, request_nonce.c.at)

# Another mall of the group, and where its hub answers.
partner = Table(
    "partner",
    metadata,
    mall_key(),
    Column("partner", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("url", String, nullable=False),
    Column("public_key", Bytes, nullable=False),
)

# Whose member somebody is: keyed hashes of telephones and cards, as the other malls told them.
directory = Table(
    "directory",
    metadata,
    mall_key(),
    Column("hash", Bytes, primary_key=True),
    Column("home", String, nullable=False),
)

# What was given here to members of other malls.
guest_redemption = Table(
    "guest_redemption",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("home", String, nullable=False),
    Column("member", Id, nullable=False),
    Column("points", BigInteger, nullable=False),
)

# How far their home has been told of it.
guest_call = Table(
    "guest_call",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("home", String, nullable=False),
    Column("member", Id, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("feed", Id),  # the epoch of the home's feed in which it was posted
    CheckConstraint("state IN ('asked', 'posted', 'voided')", name="state"),
)
Index(
    "ix_guest_call_open",
    guest_call.c.mall_id,
    guest_call.c.asked_at,
    postgresql_where=text("state = 'asked'"),
    sqlite_where=text("state = 'asked'"),
)
