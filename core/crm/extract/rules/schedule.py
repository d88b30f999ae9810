"""The party's day, hour and length from a customer's message."""

import itertools
import re
from dataclasses import replace
from datetime import date

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger, clock
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.dates import WEEKDAYS, DateMention, next_day_of_month
from core.crm.resolve.numbers import NUMBER, to_int
from core.crm.resolve.times import TimeMention, find_times

_NEGATED = re.compile(
    r"(?:\bnu|\bnot|\bnici|\brenunt\w*|instead\s+of|in\s+locul?\s+(?:de|lui)|rather\s+than|\bdecat)\s*"
    r"(?:mai\s+)?(?:pe|on|la|at|de|the|ora|e)?"
    r"(?:\s+(?:la|ora|pe))?\s*$"
)
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
_THEN = re.compile(
    r"\b(?:chiar\s+)?atunci\b|in\s+(?:aceeasi|aceiasi)\s+zi|that\s+(?:same\s+)?day|same\s+day"
    r"|chiar\s+(?:de\s+ziua|in\s+ziua)|also\s+the\s+party"
    r"|on\s+the\s+day\s+itself"
)
_PARTY = re.compile(
    r"petrec|serb[ea]?|\bfacem|tinem|tine\b|party|celebrat|\bdata\b|rezerv|vrem|vreau|botez"
    r"|eveniment|mut|organiz|want|would\s+like|book|dorim"
)
_ELSEWHEN = re.compile(
    r"\b(?:was|were)\s+(?:going\s+to|supposed\s+to|meant\s+to)|\btrebuia\s+sa\s+(?:fie|o)|\bar\s+fi\s+fost\b|"
    r"soacra|mother\s+in\s+law|at\s+first|initial|i\s+thought|ne\s+gandeam|m-?am\s+gandit"
    r"|we\s+fly|sunt\s+plecat|nu\s+sunt\s+(?:acasa|in)|i'?m\s+away|nu\s+ma\s+suna|plecam|plec\b|vacanta|holiday|concediu"
    r"|\btrimit(?:em)?\b|(?<!\bsa )\bva\s+(?:zic|spun|anunt|sun|dau|confirm|caut"
    r"|scri\w*\s+(?:maine|azi|diseara|pe|cand|dupa|luni"
    r"|marti|miercuri|joi|vineri|sambata|duminica))"
    r"|\bplat(?:esc|im)|\bvirez|\bavans|\bachit|\brevin|\bpana\s|\buntil|\bby\s"
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
_UNSURE = re.compile(
    r"\bnu\s+(?:stiu|stim)\b|\bnot\s+sure|\bdon'?t\s+know|\bdepinde\b|\bdepends\b|\binca\s+nu\b"
)
_OR = re.compile(
    r"\s*(?:,\s*)?(?:sau|ori|or|/|fie)\s+(?:pe\s+|in\s+|on\s+|the\s+|la\s+|at\s+|de\s+)*"
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


def _rejected_day(turn: Turn, mention: DateMention, *, asked: bool) -> bool:
    if turn.is_aside(mention.start, "when"):
        return True
    before = turn.before(mention.start)
    if _NEGATED.search(before) or re.search(r"^\s*(?:nu\b\s*)$", before):
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
        lexicon.UNCHANGED.search(turn.sentence_at(mention.start))
    )


def _birthday(turn: Turn, mention: DateMention) -> bool:
    begin, _end = turn.clause_span(mention.start)
    earlier = [other.end for other in turn.dates if other.value and other.end <= mention.start]
    before = turn.folded[max([begin, *earlier]) : mention.start]
    return bool(_BORN.search(before) or _TURNS_ON.search(before))


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


def read_day(turn: Turn, ledger: Ledger) -> None:
    """Note the day that a customer's message gives for the party."""
    dates = [_of_named_days(turn, m, ledger.named_days) for m in turn.dates]
    asked = "date" in ledger.asked or bool(lexicon.REQUEST.search(turn.folded))
    usable = [m for m in dates if m.value is not None and not _rejected_day(turn, m, asked=asked)]
    birthdays = [m for m in usable if _birthday(turn, m)]
    settled = ledger.value("date") is not None
    days = [
        m
        for m in usable
        if m not in birthdays
        and not (settled and lexicon.UNCHANGED.search(turn.sentence_at(m.start)))
    ]
    for mention in days:
        if mention.value is not None:
            ledger.mentioned_days.append((mention.value, turn.id))
    days = [m for m in days if not _moved_from(turn, m) and not _is_told_exactly(turn, m, days)]
    if not days and birthdays and _THEN.search(turn.folded):
        days = birthdays
    known = ledger.value("date")
    correcting = bool(lexicon.CORRECTION.search(turn.folded) or lexicon.MOVE.search(turn.folded))
    if known is not None and not correcting and "date" not in ledger.asked:
        days = [
            m for m in days if m.certainty != "relative" or _PARTY.search(turn.clause_at(m.start))
        ]
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


def _alternatives(turn: Turn, days: list[DateMention]) -> bool:
    return any(
        _OR.fullmatch(turn.folded, one.end, other.start) or _OR.match(turn.folded[other.start :])
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


_OTHER_HOUR = re.compile(
    r"slujb|biseric|cununi|religio|church|ceremon|\btort|\bcake|\bcandles|invitat\w*\s+(?:vin"
    r"|ajung|sosesc|sunt\s+chemati|incep)"
    r"|copii\w*\s+(?:vin|ajung|sosesc|mananca|dorm|incep\s+sa\s+vina)|(?:guests?|kids|people"
    r"|children|everyone)\s+(?:arriv|com|will\s+(?:arriv|com)|get)"
    r"|\bsuna(?:ti|t)?\b|\bvorbi\w*|\blucre\w*|\blucram|\bprogramul\b|\bluni\s*-\s*vineri|\bwork\b|\bscoala\b"
    r"|\btrain|\btrenul|\bzbor|\bflight|review|ajung(?:em)?\s+(?:acasa|de\s+la|la)|\bplec(?:am)?\s+(?:din|de|la|spre)\b|\bsun"
    r"(?:ati)?-?\s?ma|\bsunati|call\s+me|raspund|program\s+de\s+lucru"
    r"|\bmasa\s+(?:e|este|se)|\blunch|\bdinner|\bpranzul|dansul|primarie|somn|\bnap\b|manastire"
    r"|\bgustar\w*|\btermin\w*|\bfinish|\bends?\b|se\s+incheie|\binchid\w*|\bcloses?\b|se\s+elibereaza"
    r"|iesim|terminam\s+(?:scoala|serviciul)|slujba"
    r"|botezul\s+(?:propriu|e\s+la\s+biserica|religios)|adult\w*\s+(?:vin|raman)|meeting|sedint"
)
_WEAK_HOUR = re.compile(
    r"la\s+restaurant|restaurant\w*\s+incep|incepe(?:m)?\s+(?:la\s+)?restaurant|venue\s+opens"
    r"|doors?\s+open|sala\s+(?:e|este|o\s+avem)|party\s+starts|petrecerea\s+incepe"
)
_OUR_HOUR = re.compile(
    r"\bsa\s+(?:vin|veni|fiti|ajung|fie|incep)|animator|vrem\s+(?:la|de)|\ble\s+vrem|il\s+vrem"
    r"|o\s+vrem|dori\w*\s+(?:la|sa)|show|spectacol|\bveni(?:ti|t)\b|\bcome\b|arrive\s+at"
)


_BECAUSE = re.compile(r"\b(?:fiindca|pentru\s+ca|deoarece|intrucat|caci|because)\b")
_GROWN = re.compile(r"\b(?:suntem|ajuns|ajungem|strans|we'?re|we\s+are|up)\s*$")
_NOW = re.compile(r"\s*(?:acum|now|cu\s+tot|in\s+total|copii|kids|children|deja)\b")
"""Between these an hour is the number of guests: "suntem la 13 acum"."""
_TOO_LATE = re.compile(
    r"\s*(?:e|este|ar\s+fi|is|would\s+be|may\s+be|might\s+be)?\s*(?:cam|prea|destul\s+de|too|a\s+(?:bit|little)|quite|rather)\s+(?:tarziu|devreme|late|early)"
)
"""The hour before these words is the one that does not suit."""
_RATHER = re.compile(
    rf"\b(?:hai|haideti|mai\s+bine|mai\s+degraba|poate|atunci|let'?s\s+(?:say|do)|how\s+about|rather|make\s+it|so|deci|say|maybe|could\s+we\s+do)\s+(?:la\s+|pe\s+la\s+|at\s+)?(?P<h>{NUMBER}(?:[:.][0-5]\d)?)\b"
)
_VAGUE_HOUR = re.compile(r"\s*(?:la\s+)?(?:pranz|amiaza)\s*")
_WANTED_AFTER = re.compile(
    r"\s*(?:vrem|vreau|am\s+vrea|as\s+vrea|sa\s+(?:vina|veniti|inceapa)|il|o)\b"
)


def _several_parties(turn: Turn) -> bool:
    return bool(turn.dates) or bool(re.search(r"\bcealalta|\bcelalalt|\bthe\s+other", turn.folded))


def read_hour(turn: Turn, ledger: Ledger) -> None:
    """Note the hour, and the length of a span, that a customer's message gives for the service."""
    ranked: list[tuple[int, int, TimeMention]] = []
    for mention in turn.times:
        before = turn.before(mention.start, 80)
        if turn.is_aside(mention.start, "when") or _NEGATED.search(before[-40:]):
            continue
        known = ledger.value("startTime") is not None and "startTime" not in ledger.asked
        if known and not mention.marked and not lexicon.CORRECTION.search(turn.folded):
            continue
        if _TOO_LATE.match(turn.folded, mention.end):
            continue
        if _GROWN.search(before[-24:]) and _NOW.match(turn.folded, mention.end):
            continue
        unsure = _UNSURE.search(before)
        if unsure and not re.search(r"\b(?:dar|but|sigur)\b", before[unsure.end() :]):
            continue
        if lexicon.UNCHANGED.search(turn.sentence_at(mention.start)) and _several_parties(turn):
            continue
        head = turn.folded[mention.start : mention.end].strip()
        counted = {"numChildren", "childAge"} & ledger.asked and "startTime" not in ledger.asked
        if counted and re.fullmatch(r"(?:around|about|by|cam|la)?\s*\d+(?:\s*-\s*\d+)?", head):
            continue
        begin, end = turn.clause_span(mention.start)
        if _BECAUSE.search(turn.folded, begin, mention.start):
            continue
        clause = turn.folded[begin:end]
        wanted = _WANTED_AFTER.match(turn.folded, mention.end)
        ours = bool(_OUR_HOUR.search(clause)) or any(begin <= r.start < end for r in turn.roles)
        other = list(_OTHER_HOUR.finditer(turn.folded, begin, mention.start))
        other += list(_OTHER_HOUR.finditer(turn.folded, mention.end, min(end, mention.end + 30)))
        if other and not wanted and not (ours and _OUR_HOUR.search(clause)):
            continue
        weak = bool(_WEAK_HOUR.search(clause)) and not ours
        ranked.append((0 if weak else 2 if ours else 1, mention.start, mention))
    if not ranked and any(_TOO_LATE.match(turn.folded, m.end) for m in turn.times):
        rather = _RATHER.search(turn.folded)
        hours = find_times("ora " + rather["h"]) if rather else []
        if hours:
            ledger.put("startTime", clock(hours[0].value), turn.id, confidence=0.8)
        return None
    if not ranked:
        return _answer_hour(turn, ledger)
    if _several_hours(turn, [entry[2] for entry in ranked]):
        return None
    correcting = lexicon.CORRECTION.search(turn.folded)
    rank, _start, chosen = max(ranked, key=lambda r: (min(r[0], 1) if correcting else r[0], r[1]))
    if lexicon.MOVE.search(turn.folded) and chosen.until is not None:
        ledger.put("startTime", clock(chosen.until), turn.id)  # "from 4 to 5" is a move, not a span
        return None
    vague = _VAGUE_HOUR.fullmatch(turn.folded, chosen.start, chosen.end)
    ledger.put("startTime", clock(chosen.value), turn.id, weak=rank == 0 or bool(vague))
    if chosen.minutes is not None:
        ledger.put("durationMin", chosen.minutes, turn.id)
    return None


def _several_hours(turn: Turn, hours: list[TimeMention]) -> bool:
    return any(
        _OR.fullmatch(turn.folded, one.end, other.start)
        or _OR.match(turn.folded[other.start : other.end])
        for one, other in itertools.pairwise(hours)
    )


_SPAN = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})")
_STARRED = re.compile(
    rf"\s*\*\s*(?:la\s+|at\s+)?({NUMBER}(?:[:.][0-5]\d)?)\s*\*?\s*$|\s*({NUMBER})\s*\*\s*$"
)


def _answer_hour(turn: Turn, ledger: Ledger) -> None:
    """Read a bare number as the hour when the company asked for it, or as its correction."""
    starred = _STARRED.match(turn.folded)
    if starred and ledger.value("startTime") is not None:
        hours = find_times("ora " + (starred[1] or starred[2]))
        if hours:
            ledger.put("startTime", clock(hours[0].value), turn.id, confidence=0.7)
        return
    if "startTime" not in ledger.asked or turn.times:
        return
    span = _SPAN.fullmatch(turn.folded.strip(" .!"))
    if span is not None and (hours := find_times(f"de la {span[1]} pana la {span[2]}")):
        ledger.put("startTime", clock(hours[0].value), turn.id, confidence=0.8)
        if hours[0].minutes is not None:
            ledger.put("durationMin", hours[0].minutes, turn.id, confidence=0.8)
        return
    found = re.match(
        rf"\s*(?:(?:cred\s+ca|pe|cam|probabil|maybe|around|hmm|da)\s+)*({NUMBER}"
        rf"(?:[:.\s][0-5]\d)?(?:\s+(?:si\s+)?jum\w*|\s+si\s+un\s+sfert|\s+fara\s+un\s+sfert)?)"
        r"(?![\d/]|\.\d)(?!\s*(?:ani|copii|lei|ore|kids|de\s+copii|-\s*\d))",
        turn.folded,
    )
    if found is None:
        return
    rather = _RATHER.search(turn.folded, found.end())
    late = _TOO_LATE.match(turn.folded, found.end())
    if late and rather is None:
        return
    hours = find_times("ora " + (rather["h"] if late and rather else found[1]))
    if hours and (turn.folded.strip() == found[0].strip() or len(ledger.asked & _NUMERIC) == 1 or
                  re.match(r"\s*[,;.]|\s+(?:la|in|at)\b", turn.folded[found.end() :])):  # fmt: skip
        ledger.put("startTime", clock(hours[0].value), turn.id, confidence=0.8)


_NUMERIC = {"startTime", "childAge", "numChildren", "date", "durationMin"}
_NOT_OURS = re.compile(
    r"slujb|biseric|tort|cake|drum|inchiri\w+\s+sala|sala\s+e|mers\b|intarzi|pauz"
)


_HOURS = re.compile(
    rf"\s*(?:da,?\s*)?(?:(?:cam|vreo|about)\s+)?(una|{NUMBER})\s*(?:h\b|atunci)?[\s.!]*"
)
_MOST_HOURS = 8


def _answer_length(turn: Turn, ledger: Ledger) -> bool:
    """Read a bare number as hours when the company asked how long; return whether it was one."""
    found = _HOURS.fullmatch(turn.folded)
    if found is None or "durationMin" not in ledger.asked or "startTime" in ledger.asked:
        return False
    hours = 1 if found[1] == "una" else to_int(found[1])
    if hours is None or not 1 <= hours <= _MOST_HOURS:
        return False
    ledger.put("durationMin", hours * 60, turn.id, confidence=0.8)
    return True


def read_length(turn: Turn, ledger: Ledger) -> None:
    """Note how long the customer wants the service to take."""
    if _answer_length(turn, ledger):
        return
    lengths = [
        m
        for m in turn.durations
        if not turn.is_aside(m.start, "when")
        and not _NOT_OURS.search(turn.clause_at(m.start))
        and not _NEGATED.search(turn.before(m.start, 16))
    ]
    if not lengths:
        return
    if any(_OR.fullmatch(turn.folded, a.end, b.start) for a, b in itertools.pairwise(lengths)):
        return
    chosen = lengths[-1]
    asking = "?" in turn.sentence_at(chosen.start) or bool(
        lexicon.INQUIRY.search(turn.sentence_at(chosen.start))
    )
    wanted = lexicon.REQUEST.search(turn.sentence_at(chosen.start))
    ledger.put("durationMin", chosen.minutes, turn.id, weak=asking and not wanted,
               confidence=0.6 if asking else 0.9)  # fmt: skip
