"""The tables. Every key starts with `mall_id`, so that the same schema can be distributed by mall (Citus' rule)."""

from db.models.base import metadata
from db.models.ledger import account, adjustment, hold, journal, lot, lot_use, reversal
from db.models.log import desk, import_batch, mall, operation, secret, setting, subject_key
from db.models.members import card, card_alert, card_batch, card_void, consent, member, person, reveal, search_key
from db.models.paper import print_job
from db.models.shelf import coupon, gift, redemption, redemption_line, sale, shop, stock, stock_move
from db.models.staff import session, staff

__all__ = [
    "account",
    "adjustment",
    "card",
    "card_alert",
    "card_batch",
    "card_void",
    "consent",
    "coupon",
    "desk",
    "gift",
    "hold",
    "import_batch",
    "journal",
    "lot",
    "lot_use",
    "mall",
    "member",
    "metadata",
    "operation",
    "person",
    "print_job",
    "redemption",
    "redemption_line",
    "reveal",
    "reversal",
    "sale",
    "search_key",
    "secret",
    "session",
    "setting",
    "shop",
    "staff",
    "stock",
    "stock_move",
    "subject_key",
]
