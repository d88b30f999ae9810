"""What an operator may write in each field of an event: one sentence for each mistake.

`parse_field` reads what was typed into one field of a form; `check_event` looks at a whole event
before it is saved. Both name fields as the document does (`startTime`, `payment.amount`).
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.crm.events import Event, clock_time, iso_date
from core.crm.money import LARGEST_AMOUNT, currency_code, from_number, show_amount
from core.crm.resolve.phones import resolve_phone
from core.crm.slots import EventRole, letters_of
from core.errors import CapcoadaError
from core.i18n import _
from core.text import clean_line, clean_text

E164 = re.compile(r"\+[1-9]\d{6,14}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"\d{1,3}(?:[ .,]?\d{3})*(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?")
LONGEST_LINE = 200
LONGEST_ADDRESS = 300
LONGEST_NOTES = 5000
LONGEST_DURATION_MIN = 24 * 60
MOST_CHILDREN = 1000
OLDEST_AGE = 120
MOST_ROLES = 50


class InvalidField(CapcoadaError):
    """What was typed into a field cannot be used; the message says what is wanted."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def parse_field(field: str, text: str, *, region: str = "RO") -> Any:
    """Return the value of what was typed; None for nothing. Raises InvalidField.

    `region` is the ISO 3166 code that phone numbers without a country code belong to.
    """
    text = clean_text(text).strip() if field == "notes" else clean_line(text)
    if not text:
        return None
    value = _phone(text, region) if field == "phoneE164" else _PARSERS[field](text)
    sentence = check_field(field, value)
    if value is None or sentence:
        raise InvalidField(field, sentence or _WANTED[field]())
    return value


def check_field(field: str, value: Any) -> str:
    """Return what is wrong with a value, as one sentence; empty when nothing is."""
    if value is None:
        return ""
    return _wrong(field, value)


def check_event(event: Event) -> dict[str, str]:
    """Return field to sentence for everything that is wrong; empty when the event may be saved.

    Roles are named `rolesBySlot.A.startTime`, by the letters of their slots.
    """
    values = {
        "phoneE164": event.phone_e164,
        "parentName": event.parent_name,
        "childName": event.child_name,
        "childAge": event.child_age,
        "childDob": event.child_dob,
        "numChildren": event.num_children,
        "date": event.date,
        "startTime": event.start_time,
        "durationMin": event.duration_min,
        "address": event.address,
        "notes": event.notes,
        "payment.amount": event.payment.amount,
        "payment.currency": event.payment.currency,
        "payment.deposit": event.payment.deposit,
        "payment.method": event.payment.method,
    }
    found = {field: check_field(field, value) for field, value in values.items()}
    if event.phone_e164 is None:
        found["phoneE164"] = _("An event needs the customer's phone number.")
    found = _check_payment(event) | {name: wrong for name, wrong in found.items() if wrong}
    for role in event.roles:
        found |= _check_role(role)
    if len(event.roles_by_slot) > MOST_ROLES:
        found["rolesBySlot"] = _("These are too many services.")
    return {field: sentence for field, sentence in found.items() if sentence}


def _check_payment(event: Event) -> dict[str, str]:
    payment = event.payment
    wrong: dict[str, str] = {}
    if payment.status == "DEPOSIT" and payment.deposit is None:
        wrong["payment.deposit"] = _("Write how much was paid ahead.")
    if payment.status == "PAID" and payment.amount is None:
        wrong["payment.amount"] = _("Write how much was paid.")
    amount, deposit = payment.amount, payment.deposit
    if amount is not None and deposit is not None and deposit > amount:
        wrong["payment.deposit"] = _("The deposit is more than the amount.")
    return wrong


def _check_role(role: EventRole) -> dict[str, str]:
    at = f"rolesBySlot.{letters_of(role.slot)}"
    wrong = {
        f"{at}.startTime": check_field("startTime", role.start_time),
        f"{at}.durationMin": check_field("durationMin", role.duration_min),
    }
    for name in ("label", "details", "note"):
        text = getattr(role, name)
        wrong[f"{at}.{name}"] = _too_long(text, LONGEST_LINE) if text else ""
    if role.role_type == "OTHER" and not (role.label or role.details):
        wrong[f"{at}.label"] = _("Say what this other service is.")
    return wrong


def _too_long(text: str, most: int) -> str:
    if len(text) <= most:
        return ""
    return _("At most {count} characters, please.").format(count=most)


def _wrong(field: str, value: Any) -> str:
    if field in _LONGEST:
        return _too_long(value, _LONGEST[field])
    if field in ("date", "childDob"):
        return "" if iso_date(value) == value else _WANTED[field]()
    if field == "startTime":
        return "" if clock_time(value) == value else _WANTED[field]()
    if field == "phoneE164":
        return "" if E164.fullmatch(value) else _WANTED[field]()
    if field == "payment.currency":
        return "" if _CURRENCY.fullmatch(value) else _WANTED[field]()
    least, most = _RANGES[field]
    if isinstance(value, Decimal) and value != from_number(value):
        return _("An amount has at most two decimals.")
    if value < least:
        return _("That must be at least {least}.").format(least=least)
    if value > most:
        return _("That is more than {most}.").format(most=most)
    return ""


_LONGEST = {
    "parentName": LONGEST_LINE,
    "childName": LONGEST_LINE,
    "address": LONGEST_ADDRESS,
    "notes": LONGEST_NOTES,
    "payment.method": LONGEST_LINE,
}
_RANGES: dict[str, tuple[int, int]] = {
    "childAge": (0, OLDEST_AGE),
    "numChildren": (0, MOST_CHILDREN),
    "durationMin": (1, LONGEST_DURATION_MIN),
    "payment.amount": (0, int(LARGEST_AMOUNT)),
    "payment.deposit": (0, int(LARGEST_AMOUNT)),
}


def _wanted_number() -> str:
    return _("Write a whole number.")


def _wanted_amount() -> str:
    example = show_amount(Decimal("99.90"))
    return _("Write an amount, such as 1200 or {example}.").format(example=example)


def _wanted_date() -> str:
    return _("Write a date that exists, as {example}.").format(example="2026-02-10")


_WANTED: dict[str, Callable[[], str]] = {
    "date": _wanted_date,
    "childDob": _wanted_date,
    "startTime": lambda: _("Write a time between 00:00 and 23:59, such as 18:00."),
    "phoneE164": lambda: _("Write a phone number with its country code, such as +40712345678."),
    "payment.currency": lambda: _("Write a currency in three letters, such as RON."),
    "payment.amount": _wanted_amount,
    "payment.deposit": _wanted_amount,
    "childAge": _wanted_number,
    "numChildren": _wanted_number,
    "durationMin": _wanted_number,
}


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else None


def _amount(text: str) -> Decimal | None:
    """Read `1200`, `1.200`, `1 200,50`, `99.90`: a last part of one or two digits is cents."""
    if re.fullmatch(r"-\d+(?:[.,]\d{1,2})?", text, re.ASCII):
        return Decimal(text.replace(",", "."))
    if not _AMOUNT.fullmatch(text) or not text.isascii():
        return None
    whole, _mark, cents = text, "", ""
    if found := re.search(r"[.,](\d{1,2})$", text):
        whole, cents = text[: found.start()], found[1]
    return from_number(f"{re.sub(r'[ .,]', '', whole)}.{cents or 0}")


def _date(text: str) -> str | None:
    found = iso_date(text)
    is_whole = not re.match(r"\d{4}-", text) or re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text)
    return found if is_whole else None


def _phone(text: str, region: str) -> str | None:
    return text if E164.fullmatch(text) else resolve_phone(text, region)


def _time(text: str) -> str | None:
    return clock_time(text if re.search(r"[:.]", text) else f"{text}:00")


_PARSERS: dict[str, Callable[[str], Any]] = {
    "date": _date,
    "childDob": _date,
    "startTime": _time,
    "durationMin": _whole,
    "childAge": _whole,
    "numChildren": _whole,
    "payment.amount": _amount,
    "payment.deposit": _amount,
    "payment.currency": currency_code,
    "payment.method": str,
    "parentName": str,
    "childName": str,
    "address": str,
    "notes": str,
}
"""Field to what reads it; the phone number needs the region besides."""
