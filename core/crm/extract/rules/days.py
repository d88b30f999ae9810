"""The party's day from a customer's message."""

import itertools
import re
from dataclasses import replace
from datetime import date

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.birthdays import THEN, coming_birthday, day_after, day_near, is_birthday
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.dates import WEEKDAYS, DateMention, next_day_of_month
from core.crm.resolve.numbers import NUMBER, to_int

NEGATED = re.compile(
    r"(?:\bnu|\bnot|\bnici|\brenunt\w*|instead\s+of|in\s+locul?\s+(?:de|lui)|rather\s+than|\bdecat)\s*"
    r"(?:mai\s+)?(?:pe|on|la|at|de|the|ora|e)?"
    r"(?:\s+(?:la|ora|pe))?\s*$"
)
_PARTY = re.compile(
    r"petrec|serb[ea]?|\bfacem|tinem|tine\b|party|celebrat|\bdata\b|rezerv|vrem|vreau|botez"
    r"|eveniment|mut|organiz|want|would\s+like|book|dorim"
)
_ELSEWHEN = re.compile(
    r"\b(?:was|were)\s+(?:going\s+to|supposed\s+to|meant\s+to)|\btrebuia\s+sa\s+(?:fie|o)|\bar\s+fi\s+fost\b|"
    r"soacra|mother\s+in\s+law|at\s+first|initial|i\s+thought|ne\s+gandeam|m-?am\s+gandit"
    r"|we\s+fly|sunt\s+plecat|nu\s+sunt\s+(?:acasa|in)|i'?m\s+away|nu\s+ma\s+suna|plecam|plec\b|vacanta|holiday|concediu"
    r"|\bmai\s+(?:vorbim|discutam)\b|\bwe'?ll\s+(?:talk|speak)\b|\braspuns\b"
    r"|\bploua\b|\bninge\b|\brains?\b|\braining\b|\bvremea\b|\bweather\b"
    r"|\btrimit(?:em)?\b|\brestul\b|\bdiferenta\b|\bthe\s+rest\b"
    r"|(?<!\bsa )\bva\s+(?:zic|spun|anunt|sun|dau|confirm|caut"
    r"|scri\w*\s+(?:maine|azi|diseara|pe|cand|dupa|luni"
    r"|marti|miercuri|joi|vineri|sambata|duminica))"
    r"|\bplat(?:esc|im|a|it|ita)\b|\bvir(?:ez|at|ament\w*)\b|\bavans|\bachit|\brevin|\bpana\s|\buntil|\bby\s"
    r"|\btransfer|\bam\s+vorbit\s+(?:cu|ieri|azi)|\breview|i'?ll\s+(?:let|pay|send|call|confirm"
    r"|tell)|\bpaid|\bsent\b|call\s+(?:you|me)|sunati|gradinita\s+are"
    r"|\bam\s+(?:vazut|trimis|scris|platit|sunat)|let\s+you\s+know|factura|\bajung\s+acasa"
    r"|unii\s|altii\s|verisor|can\s+come\s+later"
)
_ABOUT_PARTY = re.compile(
    r"\b(?:pt|ptr|pentru|for"
    r"|(?:petrecerea|party|eveniment\w*|rezervarea|booking|botez\w*|christening|baptism|birthday|serbare\w*|aniversare\w*|the)(?:\s+(?:de|din|on|of|the|pe))*)\s*$"
)
"""The day is the one that a party is told by: "pentru duminica"."""
OR = re.compile(
    r"\s*(?:[,?]\s*)?(?:sau|ori|or|/|fie)\s+(?:pe\s+|in\s+|on\s+|the\s+|la\s+|at\s+|de\s+)*"
)
_AHEAD, _BEHIND = 48, 28
"""How far before and behind a day the words for another occasion may stand."""
_FAR = 300
"""Days ahead from which a date without its year is rather that of the past year."""


def _is_long_past(turn: Turn, mention: DateMention) -> bool:
    """Whether a date without a year is one gone by: "pozele de pe 9 mai", written on 12 May."""
    text = turn.folded[mention.start : mention.end]
    ahead = (mention.value - turn.day).days if mention.value else 0
    return ahead > _FAR and not re.search(r"20\d\d|[./-]\d\d$|viitor|next|la\s+anul", text)


_CANNOT = re.compile(
    r"[^.!?;]{0,40}?\b(?:dar|insa|but|however)\b[^.!?;]{0,16}?(?:\bnu\s+(?:putem|pot|se\s+poate|merge|e\s+posibil)|\b(?:we|i)\s+can'?t|doesn'?t\s+work)"
    r"\s*(?:atunci|in\s+ziua|fix|chiar|then|that\s+day|on\s+the\s+day|do\s+(?:it\s+)?(?:then|that)|[.!;]|$)"
)
"""After a day that does not suit: "e pe 3, dar nu putem atunci"."""


def _rejected_day(turn: Turn, mention: DateMention, ledger: Ledger, *, asked: bool) -> bool:
    if turn.is_aside(mention.start, "when"):
        return True
    before = turn.before(mention.start)
    if NEGATED.search(before) or re.search(r"^\s*(?:nu\b\s*)$", before):
        return True
    if _is_long_past(turn, mention) and not asked:
        return True
    begin, end = turn.clause_span(mention.start)
    clause = turn.folded[max(begin, mention.start - _AHEAD) : min(end, mention.end + _BEHIND)]
    if _ABOUT_PARTY.search(before):
        return False
    if _CANNOT.match(turn.folded[mention.end : turn.sentence_span(mention.start)[1]]):
        return True
    return bool(_ELSEWHEN.search(clause)) or bool(
        ledger.stored and lexicon.UNCHANGED.search(turn.sentence_at(mention.start))
    )


def _is_told_exactly(turn: Turn, mention: DateMention, days: list[DateMention]) -> bool:
    """Whether the weekday of a day that is told beside it: "sâmbăta de după, pe 30"."""
    if mention.certainty != "weekday" or mention.value is None:
        return False
    return any(
        other.value is not None
        and other.certainty in {"day", "full"}
        and other.value.weekday() == mention.value.weekday()
        for other in days
    )


def _moved_from(turn: Turn, mention: DateMention) -> bool:
    """Whether the day is the one that a party is moved away from."""
    if not lexicon.MOVE.search(turn.sentence_at(mention.start)):
        return False
    begin = turn.folded[max(0, mention.start - 12) : mention.start + 5]
    from_word = re.search(
        r"\b(?:din|de\s+pe|from|de)\s*(?:the\s+)?(?:data\s+de\s+)?(?:\d|$|pe|\w+$)", begin
    )
    later = any(other.start > mention.start and other.value for other in turn.dates)
    return bool(from_word and later)


def _of_named_days(turn: Turn, mention: DateMention, named: list[date]) -> DateMention:
    """Return "sâmbătă" as the one Saturday that the company named, if it named one."""
    alone = turn.folded[mention.start : mention.end].split()[-1] in WEEKDAYS
    if mention.value is None or mention.certainty != "weekday" or not alone:
        return mention
    weekday = mention.value.weekday()
    fitting = {day for day in named if day.weekday() == weekday and day >= turn.day}
    return replace(mention, value=fitting.pop()) if len(fitting) == 1 else mention


_AFTERWARDS = re.compile(r"\s+(?:de\s+dupa|urmatoare|dupa\s+(?:aceea|ziua)|after(?:wards)?\b)")


def _by_birthday(turn: Turn, mention: DateMention, ledger: Ledger) -> DateMention:
    """Return "sâmbăta de după", or a bare "pe 14", as the day that it is by the birthday."""
    birthday, day = ledger.birthday, mention.value
    if birthday is None or day is None or ledger.value("date") is not None:
        return mention
    if mention.certainty == "weekday" and _AFTERWARDS.match(turn.folded, mention.end):
        return replace(mention, value=day_after(birthday, day.weekday()), certainty="full")
    if mention.certainty == "day":
        return replace(mention, value=day_near(birthday, day.day, turn.day) or day)
    return mention


def read_day(turn: Turn, ledger: Ledger) -> None:
    """Note the day that a customer's message gives for the party."""
    dates = [_of_named_days(turn, m, ledger.named_days) for m in turn.dates]
    asked = "date" in ledger.asked or bool(lexicon.REQUEST.search(turn.folded))
    usable = [
        m for m in dates if m.value is not None and not _rejected_day(turn, m, ledger, asked=asked)
    ]
    birthdays = [m for m in usable if is_birthday(turn, m)]
    for mention in birthdays:
        if mention.value is not None:
            ledger.birthday = coming_birthday(mention.value, turn.day) or ledger.birthday
    settled = ledger.value("date") is not None
    days = [
        _by_birthday(turn, m, ledger)
        for m in usable
        if m not in birthdays
        and not (settled and lexicon.UNCHANGED.search(turn.sentence_at(m.start)))
    ]
    for mention in days:
        if mention.value is not None:
            ledger.mentioned_days.append((mention.value, turn.id))
    days = [m for m in days if not _moved_from(turn, m) and not _is_told_exactly(turn, m, days)]
    if not days and birthdays and THEN.search(turn.folded):
        days = birthdays
    known = ledger.value("date")
    correcting = bool(lexicon.CORRECTION.search(turn.folded) or lexicon.MOVE.search(turn.folded))
    if known is not None and not correcting and "date" not in ledger.asked:
        days = [
            m for m in days if m.certainty != "relative" or _PARTY.search(turn.clause_at(m.start))
        ]
    if known is not None and known == ledger.told_day and not correcting:
        days = [m for m in days if m.certainty != "weekday" or _is_of_party(turn, m, ledger)]
    if _alternatives(turn, days):
        ledger.notes.append("days")
        ledger.facts.pop("date", None)
        return None
    if not days:
        return _numbered_answer(turn, ledger)
    chosen = days[-1]
    if not correcting:
        rank = {"full": 2, "day": 2, "relative": 1, "weekday": 1}

        def weight(mention: DateMention) -> tuple[int, int]:
            party = 2 if _PARTY.search(turn.clause_at(mention.start)) else 0
            return party + rank.get(mention.certainty, 0), mention.start

        chosen = max(days, key=weight)
    _set_day(turn, ledger, chosen)
    return None


_RATHER = re.compile(r"\batunci\b|\bmai\s+(?:bine|degraba)\b|\bthen\b|\brather\b|\bbetter\b")
_TAKEN = re.compile(
    r"\bdin\s+pacate|\bunfortunately|\bsorry\b|\b(?:ocupat|rezervat|plin|indisponibil)\w*"
    r"|\bnu\s+(?:mai\s+)?(?:putem|avem|suntem|este|e)\b|\b(?:booked|taken|busy|full)\b"
    r"|\bnot\s+(?:free|available)\b|\bcan't\b"
)


def _is_of_party(turn: Turn, mention: DateMention, ledger: Ledger) -> bool:
    """Whether a weekday is the party's, though its date was told: not when to pay or to call.

    It is when the clause speaks of the party, or the company asked for a day, named this one, or
    could not come on the day told before.
    """
    asked = "date" in ledger.asked and not _ELSEWHEN.search(ledger.last_outbound)
    if asked or ledger.day_proposed or mention.value in ledger.named_days:
        return True
    clause = turn.clause_at(mention.start)
    if _PARTY.search(clause) or _RATHER.search(clause):
        return True
    return bool(_TAKEN.search(ledger.last_outbound))


def _alternatives(turn: Turn, days: list[DateMention]) -> bool:
    return any(
        OR.fullmatch(turn.folded, one.end, other.start) or OR.match(turn.folded[other.start :])
        for one, other in itertools.pairwise(days)
        if one.value != other.value and other.start - one.end < 20
    )


def _same_month(turn: Turn, chosen: DateMention) -> date | None:
    """Return a bare day in the month that the message named just before: "10 iunie, … pe 13"."""
    named = [m.value for m in turn.dates if m.certainty == "full" and m.start < chosen.start]
    if not named or named[-1] is None or chosen.value is None:
        return None
    day = next_day_of_month(chosen.value.day, named[-1].replace(day=1))
    return day if day is not None and day >= turn.day else None


def _set_day(turn: Turn, ledger: Ledger, chosen: DateMention) -> None:
    value, ids = chosen.value, [turn.id]
    known = ledger.value("date")
    assert value is not None
    if known is None and chosen.certainty == "day":
        value = _same_month(turn, chosen) or value
    if known is not None and chosen.certainty == "day" and known.day == value.day:
        return
    if known is not None and chosen.certainty == "day" and known.day != value.day:
        same_month = next_day_of_month(value.day, known.replace(day=1))
        if same_month is not None and same_month >= turn.day:
            value = same_month
            ids = [*ledger.facts["date"].ids, turn.id]
    elif known is not None and chosen.certainty == "weekday" and known.weekday() == value.weekday():
        return
    if chosen.certainty in {"full", "day"}:
        ledger.told_day = value
    ledger.put("date", value, *ids, confidence=0.95 if chosen.certainty == "full" else 0.85)


_BARE_DAY = re.compile(rf"\s*(?:cred\s+ca\s+)?({NUMBER})\b(?!\s*(?:ani|copii|lei|ore|kids))")
_OTHER_DAY = re.compile(rf"\s*(?:nu|no)\b[^\d]*,\s*(?:pe\s+|ci\s+|the\s+)?({NUMBER})[\s.!]*$")
_SHORT, _SHORTER = 40, 25


def _numbered_answer(turn: Turn, ledger: Ledger) -> None:
    """Read a bare number as the day when the company asked for the day alone."""
    asked = "date" in ledger.asked and "startTime" not in ledger.asked
    if turn.times or len(turn.folded.strip()) >= _SHORT:
        return
    found = None
    if asked and len(turn.folded.strip()) < _SHORTER:
        found = _BARE_DAY.match(turn.folded)
    if found is None and (asked or ledger.day_proposed):
        found = _OTHER_DAY.match(turn.folded)
    if found is not None:
        day = to_int(found[1])
        value = next_day_of_month(day, turn.day) if day else None
        if value is not None:
            ledger.put("date", value, turn.id, confidence=0.6)
