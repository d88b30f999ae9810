"""The day on which a child's birthday falls, and when it is the party's too."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

from core.crm.extract.rules.acceptance import accepts
from core.crm.extract.rules.ledger import Fact, Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.dates import DateMention
from core.crm.resolve.numbers import NUMBER

_BORN = re.compile(
    r"nascut|nascuta|\bborn\b|implinit[aei]?\s*(?:pe|in|la)?\s*$|\bziua\s+(?:lui(?:\s+\w+)?|ei|lor|de\s+nastere|\w+(?:ei|ai))\s+(?:e|este|pica|cade"
    r"|ar\s+fi)\b|birthday\s+(?:is|falls)|b-?day\s+is"
    r"|aniversarea\s+(?:e|este|pica)"
)
_TURNS_ON = re.compile(
    r"(?:implines\w+|\bface|\bfac|\bs?he's|\bs?he\s+is|\bturns?|\bturning|will\s+be|gonna\s+be)\s+(?:\w+\s+)?"
    rf"(?:{NUMBER}|un|unu)\b(?:\s+"
    r"(?!petrec)\w+){0,3}\s+(?:pe|on|in|din|the|la)?\s*"
    r"(?:data\s+de\s+)?$"
)
THEN = re.compile(
    r"\b(?:chiar\s+)?atunci\b|in\s+(?:aceeasi|aceiasi)\s+zi|that\s+(?:same\s+)?day|same\s+day"
    r"|chiar\s+(?:de\s+ziua|in\s+ziua)|also\s+the\s+party"
    r"|on\s+the\s+day\s+itself"
)
"""On the birthday itself."""
_OF_OTHERS = re.compile(
    r"\b(?:frat\w+|sor(?:a|ei|ioar\w+)|fratior\w*|surioar\w*|verisor\w*|verisoar\w*|coleg\w*|prieten\w*"
    r"|brother|sister|cousin|friend)\b"
)
_OPEN = re.compile(
    r"\b(?:nu|nici)\s+(?:\w+\s+){0,3}(?:stim|stiu|stabilit\w*|hotarat\w*|decis\w*|sigur\w*)\b"
    r"|\bnu\s+(?:\w+\s+){0,2}(?:atunci|in\s+ziua)\b|\b(?:not|n't)\s+(?:\w+\s+)?(?:sure|know|decided|set|fixed)\b"
    r"|\b(?:petrec\w+|party|serb\w+|tinem|facem|o\s+facem)\b[^.!?]{0,24}\b(?:dupa|inainte|before|after|later"
    r"|alta|alt)\b|\b(?:alta\s+zi|alta\s+data|another\s+day|other\s+day)\b|\bweekend\w*"
)
"""Words by which the party's day is open, or another one than the birthday."""
_UNSURE = 0.5
"""Confidence in a party's day that is only the birthday."""
_FAR = 300
"""Days ahead from which a birthday without its year is rather the one just gone by."""


def is_birthday(turn: Turn, mention: DateMention) -> bool:
    """Whether a day is told as the one on which somebody was born or turns an age."""
    begin, _end = turn.clause_span(mention.start)
    earlier = [other.end for other in turn.dates if other.value and other.end <= mention.start]
    before = turn.folded[max([begin, *earlier]) : mention.start]
    return bool(_BORN.search(before) or _TURNS_ON.search(before))


def take_birthday(turns: list[Turn], ledger: Ledger) -> None:
    """Take the birthday for the party's day where nothing else is said of that.

    Surely where the company asked and the customer agreed; not while another question for the day
    stands open.
    """
    named = "date" in ledger.facts or "days" in ledger.notes
    birthday = None if named else _only_birthday(turns)
    if birthday is None:
        return
    told = next(turn.index for turn in turns if turn.id in birthday.ids)
    asking = [t for t in turns if not t.inbound and t.index > told and _asks_if_then(t)]
    answers = [t for t in turns if t.inbound and asking and t.index > asking[-1].index]
    if answers and accepts(answers[0]):
        ledger.put("date", birthday.value, *birthday.ids, answers[0].id, confidence=0.85)
        return
    last = max((turn.index for turn in turns if not turn.inbound), default=-1)
    if not asking and not ("date" in ledger.asked and told < last):
        ledger.facts["date"] = birthday
        ledger.notes.append("birthday")


def _asks_if_then(turn: Turn) -> bool:
    """Whether the company asks if the party is on the birthday itself: "tot atunci?"."""
    return any(THEN.search(part) for part in re.findall(r"[^.!?\n]*\?", turn.folded))


def _only_birthday(turns: Iterable[Turn]) -> Fact | None:
    """Return the birthday where the customer says nothing else of a day.

    None where other days, a month or a weekend are named, the day is open, or two children have
    two birthdays.
    """
    told: dict[date, str] = {}
    for turn in turns:
        if not turn.inbound:
            continue
        if _OPEN.search(turn.folded):
            return None
        for mention in turn.dates:
            if turn.is_aside(mention.start, "when"):
                continue
            day = mention.value
            if day is None or not is_birthday(turn, mention):
                return None
            if _OF_OTHERS.search(turn.clause_at(mention.start)):
                continue
            coming = coming_birthday(day, turn.day)
            if coming is None or (coming - turn.day).days > _FAR:
                return None
            told.setdefault(coming, turn.id)
    if len(told) != 1:
        return None
    ((day, message_id),) = told.items()
    return Fact(day, (message_id,), _UNSURE, weak=True)


def day_after(birthday: date, weekday: int) -> date:
    """Return the first such weekday (Monday is 0) after a birthday: "sâmbăta de după"."""
    return birthday + timedelta(days=(weekday - birthday.weekday() - 1) % 7 + 1)


def day_near(birthday: date, day_of_month: int, today: date) -> date | None:
    """Return the day of that number nearest to a birthday, from today on; None without one."""
    first = birthday.replace(day=1)
    months = [(first - timedelta(days=1)).replace(day=1), first, first + timedelta(days=32)]
    days = []
    for month in months:
        with suppress(ValueError):
            days.append(month.replace(day=day_of_month))
    return min(
        (day for day in days if day >= today), key=lambda day: abs(day - birthday), default=None
    )


def coming_birthday(day: date, today: date) -> date | None:
    """Return the next anniversary of a day; None for a 29 February that this year lacks."""
    try:
        coming = day if day >= today else day.replace(year=today.year)
        return coming if coming >= today else coming.replace(year=today.year + 1)
    except ValueError:
        return None
