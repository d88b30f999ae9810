"""The party's address in the customer's own words."""

import itertools
import re

from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.address_words import (
    ANCHOR,
    AT,
    CUT,
    DOOR_CODE,
    HOME,
    LABEL,
    LABEL_FAR,
    LEAD,
    NEXT_LEAD,
    OTHER_PLACE,
    PART,
    STREET,
    STREET_WORDS,
    TOWN,
    UNKNOWN,
    VENUE,
    VENUE_WORDS,
)
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.names import COMMON
from core.crm.extract.rules.pieces import (
    Marks,
    Span,
    capital,
    goes_on,
    is_name_with_number,
    is_negated,
    leads_on,
    reach_left,
    reach_right,
    read_marks,
    split,
)
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold

MAX_ANCHORS = 8
"""How many words such as "strada" are looked at in one sentence."""
MAX_NAMES = 16
"""How many names after "at" are looked at in one message."""
_BARE = re.compile(rf"(?:{STREET_WORDS}|{VENUE_WORDS}|la|de|in|the|joaca|a|\s)+")
_VENUE_NAME = re.compile(r"[A-ZȘȚĂÂÎ][\w'-]+(?:\s+(?:din\s+|de\s+)?[A-ZȘȚĂÂÎ0-9][\w'-]*)+")
_ANY = re.compile(r"\b(?:our|my|the|o|a|vreo)\s+$")
_PARTY = re.compile(r"petrec|party|tinem|facem|sarbat|serb|vom\s+fi|venue")


_OCCASION = re.compile(
    r"(?:botez\w*|petrecere\w*|nunta|aniversare\w*|party|christening|birthday)\s*,\s+"
)
"""What the place stands behind: "ursitoare la botez, restaurant Diamant"."""


def find_address(
    turn: Turn, ledger: Ledger, names: list[Span] | None = None
) -> tuple[str, float] | None:
    """Return the address that a message gives, with a confidence, or None.

    `names` are the offsets of people's names in it.
    """
    marks = read_marks(turn, names or [])
    for begin, finish in turn.sentences:
        value = _labelled(turn, begin, finish, marks)
        if value:
            return value, 0.9
    found = _anchored(turn, marks)
    if found:
        occasion = _OCCASION.match(fold(found))
        return found[occasion.end() if occasion else 0 :], 0.9
    if turn.inbound and "address" in ledger.asked:
        answer = _answer(turn, marks)
        if answer:
            return answer, 0.7
    return _at_name(turn, ledger, marks) if turn.inbound else None


def _labelled(turn: Turn, begin: int, finish: int, marks: Marks) -> str | None:
    """Return what follows a label such as "adresa:" in a sentence."""
    label = LABEL_FAR.search(turn.folded, begin, finish) or LABEL.search(turn.folded, begin, finish)
    if label is None or not re.search(r"adres|loca|:|address", label[0]):
        return None
    if OTHER_PLACE.search(turn.folded, begin, label.start()):
        return None
    if UNKNOWN.search(turn.folded, begin, finish) or "?" in turn.folded[begin:finish]:
        return None
    value = _rest(turn, label.end(), finish, marks)
    return value if value and _is_placelike(value) else None


def _anchored(turn: Turn, marks: Marks) -> str | None:
    """Return the address around a word such as "strada" or "restaurant"."""
    best: str | None = None
    for begin, finish in turn.sentences:
        anchors = [
            m
            for m in ANCHOR.finditer(turn.folded, begin, finish)
            if not marks.hard[m.start()] and not turn.is_aside(m.start(), "place")
        ]
        if not anchors or turn.is_past(begin):
            continue
        pieces = split(turn, begin, finish)
        values = []
        for anchor in anchors[:MAX_ANCHORS]:
            own = next(i for i, (s, e) in enumerate(pieces) if s <= anchor.start() <= e)
            if not _names_a_place(turn, anchor) or _is_label(turn, *pieces[own]):
                continue
            if not OTHER_PLACE.search(turn.folded[slice(*pieces[own])]):
                values.append(_around(turn, anchor, own, pieces, marks))
        good = [v for v in values if (len(v.split()) > 1 or _numbered(v)) and not _is_bare(v)]
        if not good:
            continue
        found = max(good, key=lambda v: (_is_street(v), -good.index(v)))
        if best is None or _is_street(found):
            best = found
    return best


def _names_a_place(turn: Turn, anchor: re.Match[str]) -> bool:
    """Whether a word such as "sala" can begin an address: not in "our hall", "sala ne-o dau"."""
    first = not turn.folded[turn.sentence_span(anchor.start())[0] : anchor.start()].strip()
    if capital(turn, anchor.start()) and not first:
        return True
    before = turn.before(anchor.start(), 24)
    if _ANY.search(before):
        return False
    if STREET.match(turn.folded, anchor.start()):
        return True
    after = re.split(r"[,.;!?\n]", turn.text[anchor.end() : anchor.end() + 40])[0]
    name = " ".join(after.split()[:2])
    return (not first and bool(_LED.search(before))) or any(
        c.isupper() or c.isdigit() for c in name
    )


_LED = re.compile(
    r"(?:\b(?:la|in|at|pe|din|locati[ae]|adresa|loc|venue|e|este|is)\b|[:,\n]|^)[\s:]*$"
)


def join(known: str, new: str) -> str | None:
    """Return a venue and its street, or a street and its flat or town, as one address.

    None when the new address does not complete the known one.
    """
    if fold(known) in fold(new) or fold(new) in fold(known):
        return None
    street = _is_street(new)
    if street and not _is_street(known) and ANCHOR.search(fold(known)):
        venue = VENUE.search(re.sub(PART.pattern, " ", fold(new)))
        return None if venue else f"{known}, {new}"
    if _is_street(known) and not street and _ONLY_PARTS.fullmatch(fold(new)):
        return f"{known}, {new}"
    if _ONLY_PARTS.fullmatch(fold(known)) and not TOWN.search(fold(new)) and _numbered(new):
        return f"{known}, {new}"
    return None


def is_vaguer(new: str, known: str) -> bool:
    """Whether an address says less than the known one: a venue in passing, after a street."""
    return _is_street(known) == _MOST and not _numbered(new)


_MOST = 2
_ONLY_PARTS = re.compile(
    rf"(?:(?:{PART.pattern}\s*[\w-]{{0,5}}|{TOWN.pattern})(?:[\s,.]+(?:in\s+|la\s+)?|$))+"
)


def _numbered(value: str) -> bool:
    return bool(re.search(r"\d", value))


def _is_street(value: str) -> int:
    """Return 2 for a street with a number, 1 for a street, 0 for other places."""
    street = bool(STREET.search(fold(value)))
    return street + (street and _numbered(value))


def _around(turn: Turn, anchor: re.Match[str], own: int, pieces: list[Span], marks: Marks) -> str:
    """Return the address around one word such as "strada": what leads to it and what goes on."""
    floor = pieces[own][0]
    start = reach_left(turn, anchor.start(), floor, marks)
    lead = LEAD.match(turn.folded, start)
    start = min(lead.end(), anchor.start()) if lead else start
    start = _before(turn, start, own, pieces, marks)
    after = turn.text[anchor.end() : anchor.end() + 24]
    lower = bool(after.strip(" .")) and not any(c.isupper() for c in after)
    end, stopped = reach_right(turn, anchor.start(), pieces[own][1], marks, lower=lower)
    end = _after(turn, end, own + 1, pieces, marks, stopped=stopped)
    return _tidy(turn, start, _next_lines(turn, end, pieces[-1][1]))


def _next_lines(turn: Turn, end: int, finish: int) -> int:
    """Return where an address ends with the lines behind it that hold only parts of one."""
    if turn.folded[end:finish].strip(" .,;\n"):
        return end
    for start, stop in turn.sentences:
        line = turn.folded[start:stop].strip(" .,;\n")
        if start < finish or not line:
            continue
        if not _ONLY_PARTS.fullmatch(line):
            break
        end = start + len(turn.folded[start:stop].rstrip(" .,;\n"))
    return end


def further_parts(turn: Turn) -> str | None:
    """Return a message that holds nothing but parts of an address: "bl 3, ap 15"."""
    text = turn.text.strip(" .,;\n")
    known = PART.match(fold(text)) or TOWN.match(fold(text))
    return text if known and _ONLY_PARTS.fullmatch(fold(text)) else None


_BETWEEN = re.compile(r"[\s\-:\"']*(?:(?:la|in|at|on|pe)\s+)?")


def _before(turn: Turn, start: int, own: int, pieces: list[Span], marks: Marks) -> int:
    """Return where an address starts with the venue or town in the pieces before it."""
    for previous in range(own - 1, -1, -1):
        between = _BETWEEN.fullmatch(turn.folded, pieces[previous + 1][0], start)
        if between is None or turn.folded[pieces[previous][1]] == ":":
            break
        venue = leads_on(turn, *pieces[previous], marks, AT)
        if venue is None or marks.hard[venue]:
            break
        apart = between[0].strip(" -:\"'")
        if apart and not (capital(turn, venue) or TOWN.match(turn.folded, venue)):
            break
        words = turn.folded[slice(*pieces[previous])]
        if apart and (OTHER_PLACE.search(words) or CUT.search(words)):
            break
        start = venue
    return start


def _after(
    turn: Turn, end: int, following: int, pieces: list[Span], marks: Marks, *, stopped: bool
) -> int:
    """Return where an address ends with the pieces that go on with it."""
    while not stopped and following < len(pieces):
        piece = pieces[following]
        following += 1
        if is_negated(turn, *piece) or DOOR_CODE.fullmatch(turn.folded, *piece):
            continue
        lead = NEXT_LEAD.match(turn.folded, *piece)
        piece = (lead.end(), piece[1]) if lead and lead.end() < piece[1] else piece
        if not goes_on(turn, *piece, marks):
            break
        lower = not any(c.isupper() for c in turn.text[slice(*piece)])
        end, stopped = reach_right(turn, *piece, marks, lower=lower)
    return end


def _is_placelike(value: str) -> bool:
    folded = fold(value)
    known = _numbered(folded) or ANCHOR.search(folded) or TOWN.search(folded)
    return bool(known) or (len(value) > 4 and value[0].isupper())


def _is_bare(value: str) -> bool:
    """Whether the words only say that there is a place: "Strada", "la restaurant"."""
    words = re.sub(r"[^\w\s-]", " ", fold(value)).strip()
    return not _numbered(value) and bool(_BARE.fullmatch(words))


def _tidy(turn: Turn, start: int, end: int) -> str:
    text = _without_codes(turn, start, end)
    cut = CUT.search(fold(text))
    if cut is not None and cut.start() > 0:
        text = text[: cut.start()]
    value = re.sub(r",\s*(?:nu|not)\s[^,]{1,20}(?=,|$)", "", text)
    value = re.sub(r",\s*(?:suntem|stam|e|este)\s+(?:la|in|pe)\s+", ", ", value)
    value = " ".join(value.strip(" ,;:.-!?\n\"'(").split())
    return re.sub(r"(?:\s+(?:de|la|din|in|pe|cu|si))+$", "", value)


def _without_codes(turn: Turn, start: int, end: int) -> str:
    """Return the text between two offsets without its pieces that are door codes."""
    pieces = turn.text[start:end].split(",")
    return ",".join(piece for piece in pieces if not DOOR_CODE.fullmatch(fold(piece)))


def _rest(turn: Turn, start: int, finish: int, marks: Marks) -> str:
    """Return the address that begins at an offset of a sentence."""
    lead = LEAD.match(turn.folded, start)
    start = lead.end() if lead and lead.end() < finish else start
    pieces = split(turn, start, finish)
    if len(pieces) > 1 and (
        HOME.match(turn.folded[slice(*pieces[0])].strip()) or _is_label(turn, *pieces[0])
    ):
        pieces = pieces[1:]
        start = pieces[0][0]
    end, stopped = reach_right(turn, *pieces[0], marks, lower=True)
    return _tidy(turn, start, _after(turn, end, 1, pieces, marks, stopped=stopped))


def _is_label(turn: Turn, start: int, end: int) -> bool:
    """Whether a piece only says whose place follows: "my mum's garden: …"."""
    plain = turn.text[start:end].islower() and not _numbered(turn.text[start:end])
    return plain and end < len(turn.folded) and turn.folded[end] == ":"


def _answer(turn: Turn, marks: Marks) -> str | None:
    """Read the message as the answer to "where?": its first stretch that nothing else claims."""
    if UNKNOWN.search(turn.folded):
        return None
    for begin, finish in turn.sentences:
        for start, end in split(turn, begin, finish):
            piece = turn.folded[start:end]
            taken = marks.taken(start, end)
            at = AT.search(turn.folded, start, end)
            if not piece.strip() or (taken and not at):
                continue
            if lexicon.GREETING.fullmatch(piece.strip()) or piece.strip().isdigit():
                continue
            value = _rest(turn, at.end() if taken and at else start, finish, marks)
            if not value or not _answers(value, piece, asked_at=bool(taken and at)):
                continue
            return value
    return None


_SAYS = re.compile(
    r"\b(?:we|i|they|you)(?:'\w+)?\s|\b(?:ne|m|v|l|s)-?a[mu]?\s|\bam\s+\w+at\b"
    r"|\bnu\s"
)
"""Words of a sentence, which no place's name has."""


def _answers(value: str, piece: str, *, asked_at: bool) -> bool:
    """Whether a stretch of text answers "where?"."""
    folded = fold(value)
    good = (
        value[:1].isupper() or _numbered(value) or asked_at or re.match(r"\s*(?:la|in|at)\s", piece)
    )
    if not good or _is_bare(value) or HOME.match(folded) or re.fullmatch(r"\d+|\w{1,3}", folded):
        return False
    if _SAYS.search(folded) and not _numbered(folded):
        return False
    first = folded.split()[0].strip(",.")
    named = len(value.split()) > 1 and all(word[0].isupper() for word in value.split())
    if first in COMMON and not (_numbered(folded) or ANCHOR.match(folded) or named):
        return False
    return not (answers.ACCEPT_START.match(folded) or lexicon.QUESTION_WORDS.search(piece))


_UNSURE = re.compile(r"\b(?:undeva|somewhere|poate|maybe|probabil|caut(?:am)?\s+sal)\b")
_LIVES = re.compile(
    r"\b(?:live|living|(?:we|i)(?:'re|'m|\s+are|\s+am)|suntem|locui\w*|stam|stau)\s*$"
)
"""A town after these words is where the customer lives, unless a street follows."""


def _at_name(turn: Turn, ledger: Ledger, marks: Marks) -> tuple[str, float] | None:
    """Return a street's name with its number, or a capitalised name after "at"."""
    numbered = _name_with_number(turn, marks)
    if numbered is not None:
        return numbered
    named = (
        m
        for m in AT.finditer(turn.folded)
        if capital(turn, m.end()) or TOWN.match(turn.folded, m.end())
    )
    for found in itertools.islice(named, MAX_NAMES):
        if marks.taken(found.end(), found.end() + 1) or turn.is_aside(found.start(), "place"):
            continue
        sentence = turn.sentence_at(found.start())
        if _LIVES.search(turn.before(found.start())) and "address" not in ledger.asked:
            continue
        if (
            OTHER_PLACE.search(turn.clause_at(found.start()))
            or "?" in sentence
            or _UNSURE.search(sentence)
        ):
            continue
        name = _VENUE_NAME.match(turn.text[found.end() :])
        if name is None and TOWN.match(turn.folded, found.end()):
            name = re.match(r"\w+", turn.text[found.end() :])
        if name is None and _PARTY.search(turn.clause_at(found.start())):
            name = re.match(r"[A-ZȘȚĂÂÎ][\w'-]{3,}", turn.text[found.end() :])
        if name is not None and not lexicon.GREETING.search(fold(name[0])):
            finish = next(e for s, e in turn.sentences if s <= found.start() < e)
            return _rest(turn, found.end(), finish, marks), 0.6
    return None


def _name_with_number(turn: Turn, marks: Marks) -> tuple[str, float] | None:
    """Return an address without a street word: "Pipera, Emil Racovita 27, vila 4"."""
    for begin, finish in turn.sentences:
        pieces = split(turn, begin, finish)
        for number, (start, end) in enumerate(pieces):
            if marks.taken(start, end) or not is_name_with_number(turn, start, end):
                continue
            first = start + len(turn.text[start:end]) - len(turn.text[start:end].lstrip())
            begins = _before(turn, first, number, pieces, marks)
            ends = _after(turn, end, number + 1, pieces, marks, stopped=False)
            if begins < first or ends > end:
                return _tidy(turn, begins, ends), 0.7
    return None
