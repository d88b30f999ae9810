"""Phone numbers that customers write, as E.164."""

import re

from core.crm.folding import tidy

CANDIDATE = re.compile(r"(?<![\w.,])(?:\+|00)?\d(?:[\s./-]?\d){7,13}(?!\d)")
"""Pattern of digits that may be a phone number."""


def resolve_phone(phrase: str, region: str) -> str | None:
    """Return the first valid number of a phrase as E.164; `region` is the ISO 3166 home code."""
    import phonenumbers  # noqa: PLC0415 - heavy, and most phrases hold no number

    for found in CANDIDATE.finditer(tidy(phrase)):
        try:
            number = phonenumbers.parse(found[0], region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
