"""Phone numbers that customers write: where they stand, as E.164, and left out."""

import re

from core.crm.folding import tidy

_CANDIDATE = re.compile(r"(?<![\w.,])(?:\+|00)?\d(?:[\s./-]?\d){7,13}(?!\d)")
_DATE = re.compile(
    r"(?<![\d./-])(?:(?:0?[1-9]|[12]\d|3[01])(?P<sep>[./-])(?:0?[1-9]|1[0-2])(?P=sep)(?:20)?\d\d"
    r"|20\d\d-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01]))(?![\d/]|[.-]\d)"
)
"""A day in digits, which with the hour behind it is as long as a phone number."""
_LEAST = 9
"""Digits that a number with its area code has."""
_PRIVATE = re.compile(
    r"(?<![\w.,])\d{10,}(?!\w)|(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?!\d)"
    r"|\b[A-Za-z]{2}\d{2}(?:\s?[A-Za-z0-9]{4}){3,7}(?:\s?[A-Za-z0-9]{1,3})?\b"
)
"""Long numbers, those of cards, and IBANs."""


def find_phones(text: str) -> list[tuple[int, int]]:
    """Return the offsets of the phone numbers in a text, which begin with `+` or `0`."""
    plain = _DATE.sub(lambda found: "_" * len(found[0]), text)
    return [
        found.span()
        for found in _CANDIDATE.finditer(plain)
        if found[0][0] in "+0" and sum(char.isdigit() for char in found[0]) >= _LEAST
    ]


def hide_numbers(text: str) -> str:
    """Return a text without phone numbers, and without those of cards and accounts."""
    for start, end in reversed(find_phones(text)):
        text = f"{text[:start]}[phone]{text[end:]}"
    return _PRIVATE.sub("[number]", text)


def resolve_phone(phrase: str, region: str) -> str | None:
    """Return the first valid number of a phrase as E.164; `region` is the ISO 3166 home code."""
    import phonenumbers  # noqa: PLC0415 - heavy, and most phrases hold no number

    for found in _CANDIDATE.finditer(tidy(phrase)):
        try:
            number = phonenumbers.parse(found[0], region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None
