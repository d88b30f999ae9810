"""The party's address in the customer's own words."""

import itertools
import re

from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.address_spans import (
    address_after,
    address_around,
    is_label,
    tidy_address,
    widen_left,
    widen_right,
)
from core.crm.extract.rules.address_values import is_bare, is_numbered, is_placelike, street_rank
from core.crm.extract.rules.address_words import (
    ANCHOR,
    AT,
    HOME,
    LABEL,
    LABEL_FAR,
    OTHER_PLACE,
    STREET,
    TOWN,
    UNKNOWN,
)
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.names import COMMON
from core.crm.extract.rules.pieces import (
    Marks,
    Span,
    capital,
    is_name_with_number,
    read_marks,
    split,
)
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold

MAX_ANCHORS = 8
"""How many words such as "strada" are looked at in one sentence."""
MAX_NAMES = 16
"""How many names after "at" are looked at in one message."""
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
    value = address_after(turn, label.end(), finish, marks)
    return value if value and is_placelike(value) else None


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
            if not _names_a_place(turn, anchor) or is_label(turn, *pieces[own]):
                continue
            if not OTHER_PLACE.search(turn.folded[slice(*pieces[own])]):
                values.append(address_around(turn, anchor, own, pieces, marks))
        good = [v for v in values if (len(v.split()) > 1 or is_numbered(v)) and not is_bare(v)]
        if not good:
            continue
        found = max(good, key=lambda v: (street_rank(v), -good.index(v)))
        if best is None or street_rank(found):
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
    if _ACTS.match(turn.folded, anchor.end()):
        return False
    after = re.split(r"[,.;!?\n]", turn.text[anchor.end() : anchor.end() + 40])[0]
    name = " ".join(after.split()[:2])
    return (not first and bool(_LED.search(before))) or any(
        c.isupper() or c.isdigit() for c in name
    )


_ACTS = re.compile(
    r"\s+(?:n[ei]|ne-?(?:a|au)|ni-?[ls]\w*|nu|zice|zic|spune|lasa|inchide|deschide|vrea|cere|says?|lets|opens)\b"
)
"""What a venue does: "sala ne-a dat alt slot" names none."""
_LED = re.compile(
    r"(?:\b(?:la|in|at|pe|din|locati[ae]|adresa|loc|venue|e|este|is)\b|[:,\n]|^)[\s:]*$"
)


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
            value = address_after(turn, at.end() if taken and at else start, finish, marks)
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
        value[:1].isupper()
        or is_numbered(value)
        or asked_at
        or re.match(r"\s*(?:la|in|at)\s", piece)
    )
    if not good or is_bare(value) or HOME.match(folded) or re.fullmatch(r"\d+|\w{1,3}", folded):
        return False
    if _SAYS.search(folded) and not is_numbered(folded):
        return False
    first = folded.split()[0].strip(",.")
    named = len(value.split()) > 1 and all(word[0].isupper() for word in value.split())
    if first in COMMON and not (is_numbered(folded) or ANCHOR.match(folded) or named):
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
            return address_after(turn, found.end(), finish, marks), 0.6
    return None


def _name_with_number(turn: Turn, marks: Marks) -> tuple[str, float] | None:
    """Return an address without a street word: "Pipera, Emil Racovita 27, vila 4"."""
    for begin, finish in turn.sentences:
        pieces = split(turn, begin, finish)
        for number, (start, end) in enumerate(pieces):
            if marks.taken(start, end) or not is_name_with_number(turn, start, end):
                continue
            first = start + len(turn.text[start:end]) - len(turn.text[start:end].lstrip())
            begins = widen_left(turn, first, number, pieces, marks)
            ends = widen_right(turn, end, number + 1, pieces, marks, stopped=False)
            if begins < first or ends > end:
                return tidy_address(turn, begins, ends), 0.7
    return None
