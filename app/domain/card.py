"""Member card numbers (DEVICES.md 3): 16 digits = prefix (4) + 11 digits + Luhn.

The 11 digits are a keyed permutation of the card's serial: numbers look random, yet blocks of serials can be handed to
desks. The permutation is an unbalanced Feistel network with modular addition over 10^5 x 10^6 (the structure of NIST
SP 800-38G's FF1, with keyed BLAKE2b as round function)."""

from __future__ import annotations

import base64
from hashlib import blake2b

from stdnum import luhn

from app.domain.errors import Refused

CARD_DIGITS = 16
PREFIX_DIGITS = 4
SERIALS = 10**11
_LEFT, _RIGHT = 10**5, 10**6
_ROUNDS = 10
# A desk that follows a hub knows most cards only by a keyed hash (RELIABILITY.md 0.10). Behind this sign, in base64, it
# stands where a number would.
_KEYED = "~"


def _round(key: bytes, number: int, half: int) -> int:
    return int.from_bytes(blake2b(b"%d.%d" % (number, half), digest_size=8, key=key).digest())


def _permuted(serial: int, key: bytes) -> int:
    left, right = divmod(serial, _RIGHT)
    for number in range(_ROUNDS):
        if number % 2 == 0:
            left = (left + _round(key, number, right)) % _LEFT
        else:
            right = (right + _round(key, number, left)) % _RIGHT
    return left * _RIGHT + right


def _unpermuted(digits: int, key: bytes) -> int:
    left, right = divmod(digits, _RIGHT)
    for number in reversed(range(_ROUNDS)):
        if number % 2 == 0:
            left = (left - _round(key, number, right)) % _LEFT
        else:
            right = (right - _round(key, number, left)) % _RIGHT
    return left * _RIGHT + right


def card_number(serial: int, prefix: str, key: bytes) -> str:
    body = f"{prefix}{_permuted(serial, key):011d}"
    check: str = luhn.calc_check_digit(body)
    return body + check


def card_serial(number: str, prefix: str, key: bytes) -> int:
    """The serial behind a number. Raises Refused where the number cannot be one of this mall's."""
    if not (number.isascii() and number.isdigit() and len(number) == CARD_DIGITS):
        raise Refused("card.not_16_digits")
    if not luhn.is_valid(number):
        raise Refused("card.misread")
    if not number.startswith(prefix):
        raise Refused("card.foreign")
    return _unpermuted(int(number[PREFIX_DIGITS:15]), key)


def keyed_number(digest: bytes) -> str:
    """What stands for the number of a card of which no more is known than its keyed hash."""
    return _KEYED + base64.b64encode(digest).decode()


def is_keyed(number: str) -> bool:
    return number.startswith(_KEYED)


def digest_of(number: str) -> bytes:
    """The keyed hash that such a number stands for. Raises Refused("card.unknown")."""
    try:
        return base64.b64decode(number.removeprefix(_KEYED), validate=True)
    except ValueError:
        raise Refused("card.unknown") from None


def checked_prefix(prefix: str) -> str:
    """Four digits that no bank card can start with (DEVICES.md 3)."""
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) == PREFIX_DIGITS):
        raise Refused("card.prefix_four_digits")
    if prefix[0] in "3456":
        raise Refused("card.prefix_of_banks")
    return prefix


def looks_like_bank_card(number: str) -> bool:
    """13 to 19 digits, Luhn, first digit 3 to 6 (DEVICES.md 3)."""
    return (
        number.isascii()
        and number.isdigit()
        and 13 <= len(number) <= 19
        and number[0] in "3456"
        and luhn.is_valid(number)
    )
