"""The hour and the length of the service from a customer's message."""

import itertools
import re

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.days import NEGATED, OR
from core.crm.extract.rules.ledger import Ledger, clock
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.numbers import NUMBER, to_int
from core.crm.resolve.times import TimeMention, find_times

_UNSURE = re.compile(
    r"\bnu\s+(?:stiu|stim)\b|\bnot\s+sure|\bdon'?t\s+know|\bdepinde\b|\bdepends\b|\binca\s+nu\b"
)
_OTHER_HOUR = re.compile(
    r"slujb|biseric|cununi|religio|church|ceremon|\btort|\bcake|\bcandles|invitat\w*\s+(?:vin"
    r"|ajung|sosesc|sunt\s+chemati|incep)"
    r"|copii\w*\s+(?:vin|ajung|sosesc|mananca|dorm|incep\s+sa\s+vina)|(?:guests?|kids|people"
    r"|children|everyone)\s+(?:arriv|com|will\s+(?:arriv|com)|get)"
    r"|\bla\s+(?:serviciu|munca|birou)|\bat\s+work\b|\bsuna(?:ti|t)?\b|\bvorbi\w*|\blucre\w*|\blucram|\bprogramul\b|\bluni\s*-\s*vineri|\bwork\b|\bscoala\b"
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
_CANNOT = re.compile(
    r"\s*(?:nu\s+(?:mai\s+)?(?:ajung\w*|pot|putem|merge|convine|se\s+poate)|(?:we|i)\s+can'?t"
    r"|(?:doesn'?t|won'?t)\s+work)\b"
)
"""The hour before these words does not suit: "la 17 nu ajung nașii"."""
_RATHER = re.compile(
    rf"\b(?:hai|haideti|mai\s+bine|mai\s+degraba|poate|atunci|let'?s\s+(?:say|do)|how\s+about|rather|make\s+it|so|deci|say|maybe|could\s+we\s+do)\s+(?:la\s+|pe\s+la\s+|at\s+)?(?P<h>{NUMBER}(?:[:.][0-5]\d)?)\b"
)
_VAGUE_HOUR = re.compile(r"\s*(?:la\s+)?(?:pranz|amiaza)\s*")
_WANTED_AFTER = re.compile(
    r"\s*(?:vrem|vreau|am\s+vrea|as\s+vrea|sa\s+(?:vina|veniti|inceapa)|il|o)\b"
)


_NEAR = 20
"""How far before an hour the words may stand that move the party to it."""


def _several_parties(turn: Turn) -> bool:
    return bool(turn.dates) or bool(re.search(r"\bcealalta|\bcelalalt|\bthe\s+other", turn.folded))


def read_hour(turn: Turn, ledger: Ledger) -> None:
    """Note the hour, and the length of a span, that a customer's message gives for the service."""
    ranked: list[tuple[int, int, TimeMention]] = []
    for mention in turn.times:
        before = turn.before(mention.start, 80)
        if turn.is_aside(mention.start, "when") or NEGATED.search(before[-40:]):
            continue
        known = ledger.value("startTime") is not None and "startTime" not in ledger.asked
        if known and not mention.marked and not lexicon.CORRECTION.search(turn.folded):
            continue
        if _TOO_LATE.match(turn.folded, mention.end) or _CANNOT.match(turn.folded, mention.end):
            continue
        if _GROWN.search(before[-24:]) and _NOW.match(turn.folded, mention.end):
            continue
        unsure = _UNSURE.search(before)
        if unsure and not re.search(r"\b(?:dar|but|sigur)\b", before[unsure.end() :]):
            continue
        unchanged = ledger.stored and lexicon.UNCHANGED.search(turn.sentence_at(mention.start))
        if unchanged and _several_parties(turn):
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
        moved = lexicon.MOVE.search(
            turn.folded, mention.start - min(_NEAR, mention.start), mention.start
        )
        if other and not (wanted or moved) and not (ours and _OUR_HOUR.search(clause)):
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
        ledger.open_hours = [entry[2].value for entry in ranked]
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
        OR.fullmatch(turn.folded, one.end, other.start)
        or OR.match(turn.folded[other.start : other.end])
        for one, other in itertools.pairwise(hours)
    )


_CHOICE = re.compile(
    rf"\s*({NUMBER}(?:[:.][0-5]\d)?)\s*(?:sau|ori|or)\s+({NUMBER}(?:[:.][0-5]\d)?)"
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
    choice = _CHOICE.match(turn.folded)
    if choice is not None:
        ledger.open_hours = [one.value for n in (1, 2) for one in find_times("ora " + choice[n])]
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


_MORE_TIME = re.compile(
    r"\b(?:mai\s+(?:adaug\w*|stati|ramaneti|prelung\w*|vrem|vreau|luam|punem)|prelung\w*\s+cu|add|another|extra)"
    r"(?:\s+va\s+rog|\s+si|\s+please|\s+inca)*\s+$|\binca\s+$"
)
_IN_ADDITION = re.compile(r"\s*(?:in\s+plus|mai\s+mult|suplimentar\w*|extra|more|longer)\b")
"""An hour more, which is not how long it takes altogether."""
_HOURS_INSTEAD = re.compile(
    rf"(?<![\d:.])(?P<n>{NUMBER})(?:\s+ore)?\s+(?:in\s+loc(?:ul)?\s+de|instead\s+of|nu)\s+(?:o|un|one|{NUMBER})"
    r"(?:\s+or[ae])?\s*(?:$|[.,!;])"
)


def read_length(turn: Turn, ledger: Ledger) -> None:
    """Note how long the customer wants the service to take."""
    if _answer_length(turn, ledger):
        return
    lengths = [
        m
        for m in turn.durations
        if not turn.is_aside(m.start, "when")
        and not _NOT_OURS.search(turn.clause_at(m.start))
        and not NEGATED.search(turn.before(m.start, 16))
        and not (_MORE_TIME.search(turn.before(m.start)) or _IN_ADDITION.match(turn.folded, m.end))
    ]
    instead = _HOURS_INSTEAD.search(turn.folded) if turn.durations else None
    if instead is not None and (hours := to_int(instead["n"])) and hours <= _MOST_HOURS:
        ledger.put("durationMin", hours * 60, turn.id, confidence=0.8)
        return
    if not lengths:
        return
    if any(OR.fullmatch(turn.folded, a.end, b.start) for a, b in itertools.pairwise(lengths)):
        return
    chosen = lengths[-1]
    asking = "?" in turn.sentence_at(chosen.start) or bool(
        lexicon.INQUIRY.search(turn.sentence_at(chosen.start))
    )
    wanted = lexicon.REQUEST.search(turn.sentence_at(chosen.start))
    ledger.put("durationMin", chosen.minutes, turn.id, weak=asking and not wanted,
               confidence=0.6 if asking else 0.9)  # fmt: skip
