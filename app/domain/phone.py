"""Phone numbers as they are stored: mainland mobiles as 11 digits, all others in E.164."""

from __future__ import annotations

from app.domain.errors import Refused

MAINLAND_DIGITS = 11


def normalised_phone(typed: str) -> str:
    """ "138 0000 1234", "+86 13800001234" → "13800001234"; "+852 9123 4567" → "+85291234567". Raises Refused."""
    import phonenumbers  # its tables take a twentieth of a second to load: not before somebody types a number

    plain = typed.strip().translate(str.maketrans("０１２３４５６７８９＋－", "0123456789+-"))
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        raise Refused("phone.unreadable") from None
    if not phonenumbers.is_possible_number(number):
        raise Refused("phone.unreadable")
    if number.country_code == 86:
        national = str(number.national_number)
        if len(national) == MAINLAND_DIGITS and national.startswith("1"):
            return national
        raise Refused("phone.not_mobile")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
