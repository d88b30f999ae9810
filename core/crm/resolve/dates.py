"""Dates as Romanian and English customers write them, counted from the message's own moment."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from core.crm.resolve.numbers import NUMBER, WORDS, to_int

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "ianuarie ian january jan", "februarie febr feb february", "martie mart mar march",
            "aprilie apr april", "mai may", "iunie iun june jun", "iulie iul july jul",
            "august aug", "septembrie sept sep september", "octombrie oct october",
            "noiembrie noiem nov november", "decembrie dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "luni lunea monday mon", "marti martea tuesday tues", "miercuri miercurea wednesday",
            "joi joia thursday thurs", "vineri vinerea vineria friday fri",
            "sambata simbata sambta sambata saturday", "duminica duminca duminika duminici sunday",
        )
    )
    for name in names.split()
}  # fmt: skip

Certainty = Literal["full", "day", "weekday", "relative", "none"]


@dataclass(frozen=True, slots=True)
class DateMention:
    """Words that speak of a day: where they stand, and the day, when it is one."""

    start: int
    end: int
    value: date | None
    certainty: Certainty
    """`full` names a month, `day` only the day of a month, `none` no single day."""


_LONG_MONTH = "|".join(month for month in MONTHS if len(month) > 4)
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(WEEKDAYS, key=len, reverse=True))
_THINGS = (
    r"copi|cop\b|kid|child|children|invitat|persoan|adult|elev|an\b|ani\b|anis|year|lei|ron\b|eur|€"
    r"|leu|ore\b|ora\b|or[ae]\b|h\b|min|hour|buc|balo|euro|de\s+(?:copi|lei|min|ani|balo|euro|pers)"
    r"|%|km|metri|x\b|d\s+copi|guest|people|st\.|th\s+birthday|(?:st|nd|rd|th)\s+(?:floor|birthday)"
)
THINGS_AHEAD = rf"(?!\s*(?:{_THINGS}))"
"""Pattern: the number before is not a count of children, years, lei, hours and the like."""

_YEAR = r"(?:[\s,.]*(?:anul\s+)?(?P<y{0}>20\d\d)\b)?"
_NOT_AM = r"(?!\s?pm\b)(?!(?<=\D\d)\s?am\b)(?!(?<=1[0-2])\s?am\b)"
"""Pattern: the number before is no hour; "31 am rezervat" is no hour either."""
_SUFFIX = r"(?:\s?(?:st|nd|rd|th))?"
_MORE = (
    r"(?:(?<!mai)|(?!\s+(?:degraba|repede|mult|mari|mare|mici|mic|tarziu|devreme|putin|bine|am\b|sunt|vreau|aveti|se\b|e\b)))"
    r"(?!\s*,?\s*(?:nr\b|numarul\b|bl\b|bloc\b))"
)
"""Pattern: "mai" is no month in "10 mai multe", and "25 martie nr 14" is a street."""
_STREET = (
    r"(?<!str )(?<!str\. )(?<!strada )(?<!bd )(?<!bd\. )(?<!b-dul )(?<!bulevardul )(?<!calea )"
    r"(?<!nr )(?<!nr\. )(?<!bl )(?<!bl\. )(?<!ap )(?<!ap\. )(?<!sc )(?<!et )(?<!piata )(?<!aleea )"
    r"(?<!nr\.)(?<!bl\.)(?<!ap\.)(?<!no )(?<!no\. )(?<!numarul )(?<!boulevard )(?<!bld )(?<!bdul )"
)
_ORDINALS = {
    "prima": 1, "primul": 1, "first": 1, "a doua": 2, "al doilea": 2, "second": 2, "a treia": 3,
    "third": 3, "a patra": 4, "fourth": 4, "ultima": -1, "ultimul": -1, "last": -1,
}  # fmt: skip
_ORDINAL = "|".join(word.replace(" ", r"\s+") for word in _ORDINALS)
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("iso", r"(?<![\d-])(?P<isoy>20\d\d)-(?P<isom>\d\d)-(?P<isod>\d\d)(?!\d)"),
    (
        "dmy",
        r"(?<![\d.,/-])(?P<dmyd>\d{1,2})\s?[./-]\s?(?P<dmym>\d{1,2}|"
        r"(?<=[./-])[a-z]{3,4})\s?[./-]\s?"
        r"(?P<dmyy>20\d\d|[2-4]\d)(?![\d:])",
    ),
    (
        "named",
        rf"{_STREET}\b(?P<namedd>\d{{1,2}}|{WORDS}){_SUFFIX}(?:\s+(?:of|a\s+lunii|ale\s+lunii|luna"
        rf"|de))?(?:[\s./-]*|,\s*(?=(?:{_LONG_MONTH})\b(?!\s+\d)))(?:\b|(?<=\d))(?P<namedm>{_MONTH})\b{_MORE}\.?{_YEAR.format('named')}",
    ),
    (
        "month",
        rf"\b(?P<monthm>{_MONTH})\.?\s+(?:the\s+)?(?P<monthd>\d{{1,2}}){_SUFFIX}\b(?![:.]\d)"
        rf"{_NOT_AM}"
        rf"{THINGS_AHEAD}{_YEAR.format('month')}",
    ),
    (
        "nth",
        rf"\b(?P<nthn>{_ORDINAL})\s+(?P<nthw>{_WEEKDAY})\s+(?:din|dintre|a\s+lunii|a\s+lui|of|in)\s+"
        rf"(?:luna\s+)?(?P<nthm>{_MONTH})\b",
    ),
    (
        "dayweek",
        rf"(?<![\w.,:/-])(?:in|pe|la|on|the)\s+(?:the\s+)?(?P<dwd>\d{{1,2}}){_SUFFIX}\s*,?\s*"
        rf"(?:e\s+|este\s+|adica\s+|care\s+e\s+)?(?P<dww>{_WEEKDAY})\b",
    ),
    (
        "dm",
        rf"(?<![\d.,/:-])(?<!la )(?<!ora )(?<!orele )(?<!at ){_STREET}(?P<dmd>\d{{1,2}})"
        r"[./](?P<dmm>\d{1,2})(?![\d:]|[./,]\d"
        r"|\s*(?:de\s+)?(?:lei|ron|eur|€|ore\b|h\b|hours?\b|hrs?\b|ani\b|anisori|years?\b|km\b|kg\b))",
    ),
    (
        "ahead",
        r"\b(?:peste|in|(?:de\s+)?(?:azi|astazi|acum)\s+in)\s+(?:fix\s+|exact(?:ly)?\s+)?"
        rf"(?P<aheadn>{NUMBER}|o|a|doua)\s+"
        r"(?:de\s+)?(?P<aheadu>zile|days|saptamani|saptamana|weeks|week)\b(?:'?\s+time)?",
    ),
    (
        "fromnow",
        rf"\b(?P<nown>{NUMBER}|a|one)\s+(?P<nowu>days?|weeks?)\s+from\s+(?:today|now|tomorrow)\b",
    ),
    ("intro", r"\bintr-?\s?o\s+saptamana\b"),
    (
        "word",
        r"\b(?P<wordw>(?:the\s+)?day\s+after\s+(?:tomorrow|tmrw)|raspoimaine|poi?m[ai]{1,2}ne|maine"
        r"|miine|mine\s+(?=la\b)|tomorrow|tmrw|tomorow|tommorow|astazi|azi|today|diseara"
        r"|asta\s+seara"
        r"|tonight)\b",
    ),
    ("every", rf"\b(?:every|each|fiecare)\s+(?:{_WEEKDAY})\b"),
    (
        "weekday",
        r"(?:\b(?P<wk1>(?:saptamana\s+(?:viitoare|urmatoare|cealalta|asta|aceasta|care\s+vine)"
        r"|next\s+week|this\s+week))[\s,]*(?:pe\s+|on\s+)?)?"
        r"(?:\b(?P<wkpre>next|this|coming|following|a\s+week\s+from|week\s+on)\s+(?:coming\s+)?)?"
        rf"\b(?P<wd>{_WEEKDAY}|(?<=this )(?:sat|sun)|(?<=next )(?:sat|sun)|(?<=on )(?:sat|sun))\b"
        r"(?:[\s,]*(?:de\s+|din\s+|of\s+)?(?P<wk2>saptamana\s+(?:viitoare|urmatoare|cealalta|asta"
        r"|aceasta)|next\s+week|this\s+week|peste\s+(?:o|doua|2)\s+saptaman[ai]|week\b"
        r"|in\s+(?:two|2)\s+weeks))?"
        r"(?:\s+(?P<wkpost>asta|aceasta|viitoare|urmatoare|cealalta|(?:asta\s+)?(?:care|ce)\s+vine"
        r"|care\s+urmeaza))?"
        r"(?:[\s,]+(?:pe\s+|the\s+|in\s+data\s+de\s+|data\s+de\s+)?(?P<wdd>\d{1,2})(?:st|nd|rd"
        r"|th)?\b"
        rf"(?![:./]\d|\s?-\s?\d){_NOT_AM}{THINGS_AHEAD})?",
    ),
    (
        "day",
        r"\b(?:(?:in\s+|pe\s+)?data\s+de|in\s+ziua\s+de|data\s*:|pe|din|on\s+the|the|on"
        r"|for\s+the)\s+"
        rf"(?P<dayd>{NUMBER})(?P<dayth>st|nd|rd|th)?\b(?!\s*(?:%|-\s?\d)|[:./,]\d){THINGS_AHEAD}"
        r"(?P<daynext>\s+(?:ale\s+|a\s+)?(?:luna|lunii|of\s+next\s+month)\s*"
        r"(?:asta|viitoare|acesteia|urmatoare|curenta)?)?",
    ),
    (
        "ordinal",
        r"(?<![\w.])(?<!'s )(?P<ord>\d{1,2})(?:st|nd|rd|th)\b"
        r"(?!\s*(?:floor|birthday|b-?day|grade))",
    ),
    (
        "vague",
        r"\b(?:(?:in\s+|la\s+)?week-?endul?(?:\s+(?:asta|acesta|viitor|urmator|trecut))?"
        r"|(?:this|next|the)\s+weekend|saptamana\s+(?:asta|viitoare|urmatoare|cealalta)"
        r"|next\s+week|this\s+week|luna\s+(?:asta|viitoare)|next\s+month"
        rf"|(?:in|prin|luna|during|sometime\s+in)\s+(?:{_MONTH}))\b",
    ),
)
_FINDERS = tuple((name, re.compile(pattern)) for name, pattern in _PATTERNS)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next_named(day: int, month: int, today: date) -> date | None:
    for year in range(today.year, today.year + 9):
        found = _valid(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def next_day_of_month(day: int, today: date) -> date | None:
    """Return the first date from `today` on whose day of the month is `day`; None for day 32."""
    year, month = today.year, today.month
    for _step in range(13):
        found = _valid(year, month, day)
        if found is not None and found >= today:
            return found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def _full(day: int, month: int, year: str | None, today: date) -> date | None:
    if year is None:
        return _next_named(day, month, today)
    return _valid(int(year) + (2000 if len(year) == 2 else 0), month, day)


def _numbered_weekday(day: int, weekday: int, today: date) -> date | None:
    """Return `weekday` the `day`th within three months; the plain day when they disagree."""
    plain = step = next_day_of_month(day, today)
    for _month in range(3):
        if step is None or step.weekday() == weekday:
            return step
        step = next_day_of_month(day, step + timedelta(days=1))
    return plain


def _weekday(found: re.Match[str], today: date) -> date | None:
    target = WEEKDAYS.get(found["wd"])
    if target is None:
        target = {"sat": 5, "sun": 6}[found["wd"]]
    day = found["wdd"]
    if day is not None:
        named = _numbered_weekday(int(day), target, today)
        if named is not None:
            return named
    coming = today + timedelta(days=(target - today.weekday() - 1) % 7 + 1)
    monday = today - timedelta(days=today.weekday())
    words = {found[name] or "" for name in ("wk1", "wkpre", "wk2", "wkpost")}
    text = " ".join(" ".join(words).split())
    if "from" in text or text == "week" or "week on" in text:
        return coming + timedelta(days=7)
    if re.search(r"doua|\b2\b|two", text):
        return monday + timedelta(days=14 + target)
    if re.search(r"viitoare|urmatoare|cealalta|next|following|peste o|saptamana care", text):
        return monday + timedelta(days=7 + target)
    if re.search(r"asta|aceasta|this", text) and today.weekday() == target:
        return today
    return coming


def _nth(found: re.Match[str], today: date) -> date | None:
    """Return the day of "the last Sunday of May", of this year or else of the next."""
    count = _ORDINALS[" ".join(found["nthn"].split())]
    target, month = WEEKDAYS[found["nthw"]], MONTHS[found["nthm"]]
    for year in (today.year, today.year + 1):
        days = [d for n in range(1, 32) if (d := _valid(year, month, n)) and d.weekday() == target]
        day = days[count - 1 if count > 0 else count]
        if day >= today:
            return day
    return None


def _relative(word: str, today: date) -> date:
    if word.startswith(("the day after", "day after", "poim", "pom")):
        return today + timedelta(days=2)
    if word.startswith("ras"):
        return today + timedelta(days=3)
    if word.startswith(("ma", "mi", "to", "tm")) and word not in {"today", "tonight"}:
        return today + timedelta(days=1)
    return today


def _ahead(number: str, unit: str, today: date) -> date | None:
    count = 1 if number in {"o", "a", "one"} else to_int(number)
    if count is None or count > 400:
        return None
    return today + timedelta(days=count * (7 if unit[0] in "sw" else 1))


def _read(name: str, found: re.Match[str], today: date) -> tuple[date | None, Certainty]:
    """Return the day that one match says."""
    match name:
        case "iso":
            return _valid(int(found["isoy"]), int(found["isom"]), int(found["isod"])), "full"
        case "dmy":
            month = found["dmym"]
            number = int(month) if month.isdigit() else MONTHS.get(month, 0)
            return _full(int(found["dmyd"]), number, found["dmyy"], today), "full"
        case "named" | "month":
            day = to_int(found[name + "d"])
            month_number = MONTHS[found[name + "m"]]
            return (_full(day, month_number, found["y" + name], today) if day else None), "full"
        case "dm":
            return _full(int(found["dmd"]), int(found["dmm"]), None, today), "full"
        case "ahead":
            return _ahead(found["aheadn"], found["aheadu"], today), "relative"
        case "fromnow":
            start = today + timedelta(days=found[0].endswith("tomorrow"))
            return _ahead(found["nown"], found["nowu"], start), "relative"
        case "nth":
            return _nth(found, today), "full"
        case "dayweek":
            named = _numbered_weekday(int(found["dwd"]), WEEKDAYS[found["dww"]], today)
            return named, "day"
        case "intro":
            return today + timedelta(days=7), "relative"
        case "word":
            return _relative(found["wordw"], today), "relative"
        case "weekday":
            return _weekday(found, today), "day" if found["wdd"] else "weekday"
        case "day" | "ordinal":
            day = to_int(found["dayd" if name == "day" else "ord"])
            start = today
            if name == "day" and re.search("viitoare|urmatoare|next", found["daynext"] or ""):
                start = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
            return (next_day_of_month(day, start) if day else None), "day"
        case _:
            return None, "none"


def find_dates(folded: str, today: date) -> list[DateMention]:
    """Return the mentions of days in folded text, in order; `today` is the message's local day.

    A weekday beside a date is not a second mention: the date counts.
    """
    taken = bytearray(len(folded) + 1)
    mentions: list[DateMention] = []
    for name, pattern in _FINDERS:
        for found in pattern.finditer(folded):
            if any(taken[found.start() : found.end()]):
                continue
            value, certainty = _read(name, found, today)
            if value is None and name not in {"vague", "every", "named", "iso"}:
                continue
            taken[found.start() : found.end()] = b"\1" * (found.end() - found.start())
            mentions.append(DateMention(found.start(), found.end(), value, certainty))
    mentions.sort(key=lambda mention: mention.start)
    return _merged(mentions, folded)


def _in_weeks(one: DateMention, other: DateMention, folded: str) -> DateMention | None:
    """Return the day of "in two weeks, on Saturday", None when the two do not say that."""
    pair = {mention.certainty: mention for mention in (one, other)}
    ahead, weekday = pair.get("relative"), pair.get("weekday")
    if ahead is None or weekday is None or ahead.value is None or weekday.value is None:
        return None
    if not re.search(r"saptaman|week", folded[ahead.start : ahead.end]):
        return None
    monday = ahead.value - timedelta(days=ahead.value.weekday())
    day = monday + timedelta(days=weekday.value.weekday())
    return DateMention(one.start, other.end, day, "relative")


_BESIDE = re.compile(r"[\s,(]*(?:pe|on|the|adica|data\s+de|in\s+data\s+de)?[\s,(]*")


def _merged(mentions: list[DateMention], folded: str) -> list[DateMention]:
    """Join a weekday, a week or `tomorrow` with the date that stands right beside it."""
    rank = {"none": 0, "weekday": 1, "relative": 2, "day": 3, "full": 4}
    merged: list[DateMention] = []
    for mention in mentions:
        last = merged[-1] if merged else None
        if (
            last is not None
            and {"weekday", "none"} & {last.certainty, mention.certainty}
            and _BESIDE.fullmatch(folded, last.end, mention.start)
        ):
            week = _in_weeks(last, mention, folded)
            if week is not None:
                merged[-1] = week
                continue
            best = max(last, mention, key=lambda one: rank[one.certainty])
            merged[-1] = DateMention(last.start, mention.end, best.value, best.certainty)
            continue
        merged.append(mention)
    return merged
