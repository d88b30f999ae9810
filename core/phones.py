"""Phone numbers as people type and read them, and as E.164."""

from core.errors import CapcoadaError
from core.i18n import _


class PhoneInvalid(CapcoadaError):
    """What was typed is no phone number that can exist."""


def parse_phone(text: str, region: str) -> str:
    """Return a typed phone number as E.164; one without a country code belongs to `region`.

    Raises PhoneInvalid, saying what is wrong with it.
    """
    import phonenumbers  # noqa: PLC0415 - only whoever types a number needs the numbering plans

    hint = _("Write it with its country code, for example +40 712 345 678.")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalid(_("This is not a phone number."), hint=hint) from error
    match phonenumbers.is_possible_number_with_reason(number):
        case phonenumbers.ValidationResult.TOO_SHORT:
            raise PhoneInvalid(_("This number has too few digits."), hint=hint)
        case phonenumbers.ValidationResult.TOO_LONG:
            raise PhoneInvalid(_("This number has too many digits."), hint=hint)
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalid(_("No phone can have this number."), hint=hint)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def group_digits(phone_e164: str) -> str:
    """Return an E.164 number with its digits in threes from the end, which is how it is read."""
    digits = phone_e164.removeprefix("+")
    first = len(digits) % 3
    groups = [digits[:first], *(digits[i : i + 3] for i in range(first, len(digits), 3))]
    return "+" + " ".join(filter(None, groups))
