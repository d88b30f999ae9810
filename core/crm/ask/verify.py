"""Checks a worded answer: every number, date and short id in it must be in the client's data.

It reads digits and number words, Romanian and English, and is strict: what it cannot place is an
objection. Sums must be sums of that currency, dates must be days of events, `#12` an event.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from core.crm.ask.facts import ClientFacts, as_data, by_service, by_year
from core.crm.ask.spelled import spelled_numbers
from core.crm.events import iso_date
from core.crm.folding import fold, tidy
from core.crm.money import CURRENCIES
from core.crm.resolve.dates import MONTHS, WEEKDAYS

_NAMED_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_ISO = re.compile(r"(?<!\d)(\d{4}-\d{1,2}-\d{1,2})(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_NAMED_MONTH})\b\.?(?:,?\s+(\d{{4}})\b)?"
)
_MONTH_DAY = re.compile(
    rf"\b({_NAMED_MONTH})\b\.?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?![.,]?\d)(?:,?\s+(\d{{4}})\b)?"
)
_MONTH_YEAR = re.compile(rf"\b({_NAMED_MONTH})\b\.?\s+(\d{{4}})\b")
_MONTH_ALONE = re.compile(rf"\b({'|'.join(sorted((m for m in MONTHS if len(m) > 4), key=len))})\b")
_SHORT_DAY = re.compile(r"(?<![\d.,/])(\d{1,2})[/](\d{1,2})(?![\d/])")
_TIME = re.compile(r"(?<!\d)(\d{1,2})[:](\d{2})(?::\d{2})?(?!\d)\s*([ap]m\b)?")
_PHONE = re.compile(r"\+\d[\d\s.()-]{6,18}\d")
_SHORT_ID = re.compile(r"#\s*(\d+)")
_CURRENCY = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_SCALE = r"(?:\s*(?P<scale>k|mii|mie|mil|milioane|milion|thousand|million|m)\b)?"
_NUMBER = re.compile(
    rf"(?P<before>(?:{_CURRENCY}|\b[a-z]{{3}}\b)\s?)?(?P<sign>(?<![\w\d])[-−])?"
    rf"(?P<digits>\d+(?:[., ]\d{{3}}(?!\d))*(?:[.,]\d+)?){_SCALE}(?P<percent>\s*%)?"
    rf"(?:\s*(?:de\s+)?(?P<after>{_CURRENCY}|[a-z]{{3}}(?![a-z])))?"
)
_FOREIGN = frozenset(
    ["aed", "aud", "bgn", "cad", "chf", "cny", "czk", "dkk", "huf", "ils", "inr", "jpy", "mdl",
     "nok", "pln", "rsd", "rub", "sek", "try", "uah"]
)  # fmt: skip
"""Currencies that no client here pays in, but that a model may make up."""
_EVENTS = re.compile(r"\s*(?:de\s+)?(?:eveniment|petrecer|events?\b|part(?:y|ies)\b|bookings?\b)")
_SCALES = {"k": 1000, "mii": 1000, "mie": 1000, "thousand": 1000}


@dataclass
class _Ground:
    """Everything that an answer may say, taken from the facts."""

    numbers: set[Decimal] = field(default_factory=set)
    money: dict[str, set[Decimal]] = field(default_factory=dict)
    """ISO 4217 code to its sums."""
    days: set[date] = field(default_factory=set)
    times: set[str] = field(default_factory=set)
    short_ids: set[int] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    counts: set[Decimal] = field(default_factory=set)
    """Of events: all, by year, by service, past and to come."""
    texts: list[str] = field(default_factory=list)
    """Folded names, addresses and the like, which may be repeated word for word."""


def objections(answer: str, facts: ClientFacts) -> list[str]:
    """Return what in an answer the data do not hold, as it is written; empty when all is held."""
    ground = _ground(facts)
    text = _comparable(answer)
    found: list[str] = []

    def settle(pattern: re.Pattern[str], is_held: Any) -> None:
        """Take what a pattern finds out of the text, and object to what is not held."""
        nonlocal text
        for match in pattern.finditer(text):
            if not is_held(match):
                found.append(match[0].strip())
        text = pattern.sub(" | ", text)

    settle(re.compile(r"[^\x00-\x7f€£]*[^\x00-\x7f€£\W_a-z]"), lambda match: _is_letters(match[0]))
    for known in sorted(ground.texts, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " | ", text)
    _object_to_weekdays(text, ground, found)
    settle(_PHONE, lambda match: re.sub(r"\D", "", match[0]) in ground.phones)
    settle(_SHORT_ID, lambda match: int(match[1][:18]) in ground.short_ids)
    settle(_ISO, lambda match: _is_day(iso_date(match[1]), ground))
    settle(_DAY_FIRST, lambda match: _is_day(_day_first(match), ground))
    settle(_MONTH_DAY, lambda match: _is_named_day(match[2], match[1], match[3], ground))
    settle(_DAY_MONTH, lambda match: _is_named_day(match[1], match[2], match[3], ground))
    settle(_MONTH_YEAR, lambda match: _is_month(match[1], match[2], ground))
    settle(_MONTH_ALONE, lambda match: any(d.month == MONTHS[match[1]] for d in ground.days))
    settle(_SHORT_DAY, lambda match: _is_day_of_year(match[1], match[2], ground))
    settle(_TIME, lambda match: _time(match) in ground.times)
    settle(_NUMBER, lambda match: _is_held_number(match, ground))
    for words, value, currency in spelled_numbers(text):
        held = ground.money.get(currency, set()) if currency else ground.numbers
        if Decimal(value) not in held:
            found.append(words)
    return found


def _comparable(text: str) -> str:
    """Return text in lower case without diacritics, all digits as ASCII ones."""
    plain = "".join(
        str(unicodedata.decimal(char)) if unicodedata.decimal(char, None) is not None else char
        for char in unicodedata.normalize("NFKC", tidy(text))
    )
    return fold(plain)


def _is_letters(text: str) -> bool:
    """Whether no character of another script is a number (Ⅻ, ½, 十二)."""
    return all(unicodedata.numeric(char, None) is None for char in text)


def _ground(facts: ClientFacts) -> _Ground:
    ground = _Ground(phones={facts.phone_e164.lstrip("+"), facts.phone_e164[-9:]})
    data = as_data(facts)
    ground.numbers = set(_numbers(data))
    ground.money = {name: set(amounts) for name, amounts in _sums(facts)}
    ground.counts = {Decimal(len(facts.past)), Decimal(len(facts.coming)), Decimal(0)}
    ground.counts |= {Decimal(len(use.events)) for use in by_service(facts)}
    ground.counts |= {Decimal(total.events_count) for total in by_year(facts).values()}
    ground.counts |= {Decimal(facts.totals.events_count), Decimal(len(facts.left_out))}
    ground.numbers |= ground.counts
    ground.days = {facts.today}
    for event in facts.events:
        if event.date:
            ground.days.add(date.fromisoformat(event.date))
        if event.event_short_id:
            ground.short_ids.add(event.event_short_id)
        ground.times |= {event.start_time} if event.start_time else set()
        ground.times |= {role.start_time for role in event.roles if role.start_time}
        labels = (role.label for role in event.roles)
        held = (event.address, event.parent_name, event.child_name, *labels)
        ground.texts += [fold(tidy(text)) for text in held if text and any(map(str.isalpha, text))]
    ground.texts += [fold(tidy(facts.name))] if any(map(str.isalpha, facts.name)) else []
    ground.numbers |= {Decimal(day.year) for day in ground.days}
    ground.numbers |= {Decimal(len(use.labels)) for use in by_service(facts)}
    return ground


def _sums(facts: ClientFacts) -> Iterator[tuple[str, set[Decimal]]]:
    """Yield each currency with every sum of it that the facts hold."""
    totals = [facts.totals, *by_year(facts).values()]
    totals += [facts.only([event]).totals for event in facts.events]
    named = {event.payment.currency or facts.currency for event in facts.events}
    currencies = {facts.currency, *facts.totals.by_currency, *named}
    for currency in currencies:
        sums = {Decimal(0)}
        for total in totals:
            spend = total.by_currency.get(currency)
            sums |= {spend.paid, spend.all, spend.outstanding} if spend else set()
        for event in facts.events:
            if (event.payment.currency or facts.currency) == currency:
                held = {event.payment.amount, event.payment.deposit}
                sums |= {amount for amount in held if amount is not None}
        yield currency, sums


_NO_NUMBERS = frozenset({"phoneE164", "today", "date", "startTime", "eventId", "eventShortId"})


def _numbers(data: Any) -> Iterator[Decimal]:
    """Yield every number in the facts, years that are keys too."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key not in _NO_NUMBERS:
                yield from _numbers(value)
    elif isinstance(data, list):
        for value in data:
            yield from _numbers(value)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield Decimal(str(data))


def _is_held_number(match: re.Match[str], ground: _Ground) -> bool:
    """Whether a number, in one of the ways to read its separators, is in the data."""
    if match["sign"] or match["percent"]:
        return False
    scale = match["scale"]
    if scale and scale not in _SCALES:
        return False
    factor = _SCALES[scale] if scale else 1
    values = {value * factor for value in _readings(match["digits"])}
    if _EVENTS.match(match.string, match.end("digits")):
        return bool(values & ground.counts)
    codes = {_code(word) for word in (match["before"], match["after"]) if word}
    known = {code for code in codes if code in ground.money or code in _CODES}
    if known:
        return any(values & ground.money.get(code, set()) for code in known)
    everything = ground.numbers.union(*ground.money.values())
    return bool(values & everything)


_CODES = frozenset(CURRENCIES.values()) | {code.upper() for code in _FOREIGN}


def _code(word: str) -> str:
    name = word.strip()
    return CURRENCIES.get(name, name.upper())


def _readings(digits: str) -> set[Decimal]:
    """Return the values that digits with separators may mean: `1.200` is 1200 and 1.2."""
    compact = re.sub(r"\s", "", digits)
    found = (
        {Decimal(re.sub(r"[.,]", "", compact))} if re.search(r"[.,]\d{3}(?!\d)", compact) else set()
    )
    parts = re.split(r"[.,]", compact)
    if len(parts) == 1:
        return {Decimal(compact)}
    if len(parts[-1]) < 3 or len(parts) == 2:
        found.add(Decimal("".join(parts[:-1]) + "." + parts[-1]))
    return found


def _is_day(iso: str | None, ground: _Ground) -> bool:
    return iso is not None and date.fromisoformat(iso) in ground.days


def _day_first(match: re.Match[str]) -> str | None:
    year = match[4] if len(match[4]) == 4 else f"20{match[4]}"
    return iso_date(f"{match[1]}-{match[3]}-{year}")


def _is_named_day(day: str, month: str, year: str | None, ground: _Ground) -> bool:
    return any(
        held.day == int(day) and held.month == MONTHS[month] and year in (None, str(held.year))
        for held in ground.days
    )


def _is_month(month: str, year: str, ground: _Ground) -> bool:
    return any(held.month == MONTHS[month] and held.year == int(year) for held in ground.days)


def _is_day_of_year(day: str, month: str, ground: _Ground) -> bool:
    return any(held.day == int(day) and held.month == int(month) for held in ground.days)


def _time(match: re.Match[str]) -> str:
    hour = int(match[1])
    if match[3] == "pm" and hour < 12:
        hour += 12
    elif match[3] == "am" and hour == 12:
        hour = 0
    return f"{hour:02d}:{match[2]}"


_WEEKDAY = re.compile(
    rf"\b({'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})\b,?\s*(?:pe\s+|on\s+)?"
    rf"(\d{{4}}-\d{{2}}-\d{{2}})?"
)


def _object_to_weekdays(text: str, ground: _Ground, found: list[str]) -> None:
    """Object to a weekday that is not the date's beside it, or of no event at all."""
    for match in _WEEKDAY.finditer(text):
        if len(match[1]) < 3:
            continue
        wanted = WEEKDAYS[match[1]]
        iso = iso_date(match[2]) if match[2] else None
        days = {date.fromisoformat(iso)} if iso else ground.days
        if all(day.weekday() != wanted for day in days):
            found.append(match[0].strip())
