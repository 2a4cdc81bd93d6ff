"""Members, their personal data (in tables of its own, so that erasing a person is deleting their row), and cards."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from db.models.base import mall_key, metadata
from db.types import Bytes, Day, Id, Instant, searched_text

member = Table(
    "member",
    metadata,
    mall_key(),
    Column("member", Id, primary_key=True),
    Column("member_no", String, nullable=False),
    Column("state", String, nullable=False),
    Column("tier", String, nullable=False),
    Column("joined_on", Day, nullable=False),
    Column("adult_confirmed", Boolean, nullable=False),
    # As it came in with bulk history, so that the rows that were imported can be read back; None for the others.
    Column("first_tier", String),
    Column("first_card", String),
    Column("person_digest", Bytes),  # HMAC under the member's key
    Column("pin_verifier", String),
    Column("pin_failures", Integer, nullable=False),
    Column("pin_locked_until", Instant),
    Column("pin_disabled", Boolean, nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("line", Integer, nullable=False),
    UniqueConstraint("mall_id", "member_no"),
)
Index("ix_member_operation", member.c.mall_id, member.c.operation_id, member.c.line)

person = Table(
    "person",
    metadata,
    mall_key(),
    Column("member", Id, primary_key=True),
    Column("name", searched_text(), nullable=False),
    Column("phone", searched_text(), nullable=False),
    Column("phone_reversed", searched_text(), nullable=False),
    Column("birthday", Day),
    Column("gender", String, nullable=False),
    ForeignKeyConstraint(["mall_id", "member"], ["member.mall_id", "member.member"]),
    # 0; where desks that were cut off enrolled one telephone twice, the later ones count on until they are merged.
    Column("twin", Integer, nullable=False, server_default="0"),
    UniqueConstraint("mall_id", "phone", "twin"),
)
Index("ix_person_name", person.c.mall_id, person.c.name)
Index("ix_person_phone_reversed", person.c.mall_id, person.c.phone_reversed)

search_key = Table(
    "search_key",
    metadata,
    mall_key(),
    Column("kind", String, primary_key=True),  # "p" full pinyin, "i" initials
    Column("key", searched_text(), primary_key=True),
    Column("member", Id, primary_key=True),
    ForeignKeyConstraint(["mall_id", "member"], ["member.mall_id", "member.member"]),
    sqlite_with_rowid=False,
)

consent = Table(
    "consent",
    metadata,
    mall_key(),
    Column("member", Id, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("text_version", String, nullable=False),
    Column("operation_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    ForeignKeyConstraint(["mall_id", "member"], ["member.mall_id", "member.member"]),
)

card = Table(
    "card",
    metadata,
    mall_key(),
    Column("number", String, primary_key=True),
    Column("member", Id, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("serial", BigInteger, nullable=False, server_default="0"),  # 0: the number is none of this mall's
    Column("issue", Integer, nullable=False, server_default="1"),
    Column("qr_step", BigInteger, nullable=False, server_default="0"),  # of the last member QR that counted
    ForeignKeyConstraint(["mall_id", "member"], ["member.mall_id", "member.member"]),
)
_ISSUED = text("state = 'issued'")
Index(
    "uq_card_active",
    card.c.mall_id,
    card.c.member,
    card.c.kind,
    unique=True,
    postgresql_where=_ISSUED,
    sqlite_where=_ISSUED,
)
Index("ix_card_member", card.c.mall_id, card.c.member)
Index("ix_card_serial", card.c.mall_id, card.c.serial)

card_batch = Table(
    "card_batch",
    metadata,
    mall_key(),
    Column("first_serial", BigInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("desk", String, nullable=False),
    Column("next_serial", BigInteger, nullable=False),
    Column("kind", String, nullable=False, server_default="any"),  # physical | virtual | any
    Column("label", String, nullable=False, server_default=""),
    Column("made_at", Instant),
)

# Serials that shall never become cards: one that was spoilt, or what was left of a batch.
card_void = Table(
    "card_void",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("first_serial", BigInteger, nullable=False),
    Column("last_serial", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_card_void_serial", card_void.c.mall_id, card_void.c.first_serial)

card_alert = Table(
    "card_alert",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("number", String, nullable=False),
    Column("member", Id, nullable=False),
    Column("kind", String, nullable=False),
    Column("desk", String, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_card_alert_member", card_alert.c.mall_id, card_alert.c.member, card_alert.c.at)

reveal = Table(
    "reveal",
    metadata,
    mall_key(),
    Column("operation_id", Id, primary_key=True),
    Column("staff", String, nullable=False),
    Column("member", Id, nullable=False),
    Column("field", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("on_day", Day, nullable=False),
)
Index("ix_reveal_staff", reveal.c.mall_id, reveal.c.staff, reveal.c.on_day)
