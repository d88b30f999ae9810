"""Puts together who a customer's message speaks of: the child, the parent, the guests."""

import re

from core.crm.extract.rules.ages import EACH_ITS_OWN, find_age
from core.crm.extract.rules.children import Named, find_children, have_wishes, is_pair
from core.crm.extract.rules.counts import UNSURE, find_count
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.names import is_character, name_at, nominative, spelled
from core.crm.extract.rules.parents import THIRD_PARTY, find_parent
from core.crm.extract.rules.turns import Turn
from core.crm.given_names import is_given
from core.crm.resolve.numbers import NUMBER, to_int

Span = tuple[int, int]


def read_people(turn: Turn, ledger: Ledger) -> list[Span]:
    """Note names, age and number of children of a customer's message; return the names' offsets."""
    spans: list[Span] = []
    if THIRD_PARTY.search(turn.folded):
        ledger.third_party = True
    parent = find_parent(turn, ledger)
    if parent is not None:
        spans.append(parent)
        ledger.put("parentName", spelled(turn.text[slice(*parent)]), turn.id)
    children = [
        c for c in find_children(turn) if not parent or c.start >= parent[1] or c.end <= parent[0]
    ]
    spans += [(c.start, c.end) for c in children]
    paired = _take_child(turn, ledger, children)
    age = None if paired else find_age(turn, ledger) or _age_beside(turn, children)
    if age is not None:
        ledger.put("childAge", age[0], turn.id, weak=not age[1])
    count = find_count(turn)
    if count is not None:
        ledger.put("numChildren", count, turn.id)
    own = [(c.start, c.end) for c in children if not c.others]
    _answer_names(turn, ledger, spans, found={"childName": bool(own), "parentName": bool(parent)})
    _answer_numbers(turn, ledger, found=(age is not None, count is not None))
    return spans


_BESIDE = re.compile(r"\s*[,(]\s*(\d{1,2})\s*\)?\s*(?:$|[.;!\n)]|,\s)")


def _age_beside(turn: Turn, children: list[Named]) -> tuple[int, bool] | None:
    """Return the age that stands behind the child's name: "fetița: Thea, 6"."""
    if not children or children[0].others or children[0].past or children[0].score < _TOLD:
        return None
    found = _BESIDE.match(turn.folded, children[0].end)
    if found is None or any(s <= found.start(1) < e for s, e in turn.claims()):
        return None
    age = int(found[1])
    return (age, False) if 0 < age <= _OLDEST else None


_TOLD, _OLDEST = 2, 14


def _take_child(turn: Turn, ledger: Ledger, children: list[Named]) -> bool:
    """Note the child's name; return whether children of different ages are named together."""
    usable = [c for c in children if not c.others]
    if not usable:
        return False
    best = usable[0]
    sure = {
        nominative(turn, c.start, c.end)
        for c in usable
        if c.score == best.score == 3 and not c.past
    }
    pair = is_pair(turn, best.start, best.end) or have_wishes(turn)
    pair = pair or bool(EACH_ITS_OWN.search(turn.folded))
    if pair or len(sure) > 1:
        ledger.facts.pop("childName", None)
        return len(sure) > 1 or not re.search(
            r"\b(?:fac|they|turning|gemen\w*|twins?|amandoi|amandoua)\b", turn.folded
        )
    known = ledger.facts.get("childName")
    weak = best.past
    if known is None or (best.sure and not weak) or known.weak:
        name = nominative(turn, best.start, best.end)
        confidence = {3: 0.9, 2: 0.8}.get(best.score, 0.65)
        ledger.put("childName", name, turn.id, confidence=confidence, weak=weak or best.score == 1)
    return False


_AHEAD = re.compile(
    r"\s*(?:(?:pai|da|ok|cu|sunt|eu\s+sunt|numele\s+(?:e|este)|ea|el|pe\s+\w+|sure|yes|e|este|ii\s+zice|it's|its|he's|she's)[\s,]+)*"
    r"(?:\d{1,2}\s*(?:ani\w*|anis\w*)?\s*(?:,|si|-|\.|and)?\s*)?"
)
_ADDRESS_AHEAD = re.compile(r"\s*\d+\s*(?:[,/]|bl|sc|ap)|\s*,?\s*(?:str|nr|bl|sector)\b")
_AGED = re.compile(rf"\s*{NUMBER}\s*(?:ani\w*|anis\w*)?\s*[,.-]")
_BEHIND = re.compile(r"\s*(?:[,.;!]|$|\n|si\b|and\b|dar\b|but\b|\d{1,2}\b|face|-|\()")


def _answer_names(turn: Turn, ledger: Ledger, spans: list[Span], *, found: dict[str, bool]) -> None:
    """Read a name that answers the company's question: "Matei", "6, Luca"."""
    short = len(turn.folded.split()) <= 3
    aged = _AGED.match(turn.folded) if "childAge" in ledger.asked else None
    for field in ("childName", "parentName"):
        if found[field] or ledger.value(field) is not None:
            continue
        if field not in ledger.asked and not (aged and field == "childName"):
            continue
        start = _AHEAD.match(turn.folded)
        begin = start.end() if start else 0
        begin = begin or len(turn.folded) - len(turn.folded.lstrip())
        span = name_at(turn, begin, lower=short) or _given_piece(turn)
        if span is None or is_character(turn, *span):
            continue
        if any(start < span[1] and span[0] < end for start, end in spans):
            continue
        known = is_given(turn.folded[slice(*span)])
        closed = known or _BEHIND.match(turn.folded, span[1])
        if _ADDRESS_AHEAD.match(turn.folded, span[1]) or not closed:
            continue
        if field not in ledger.asked and not is_given(turn.folded[slice(*span)]):
            continue
        spans.append(span)
        ledger.put(field, spelled(turn.text[slice(*span)]), turn.id, confidence=0.75)


def _given_piece(turn: Turn) -> Span | None:
    """Return the first piece between commas that is a given name and little else."""
    for found in re.finditer(r"[^,.;\n]+", turn.folded):
        begin = found.start() + len(found[0]) - len(found[0].lstrip())
        words = found[0].split()
        if words and len(words) <= 2 and is_given(words[0], lower=turn.text[begin].islower()):
            return name_at(turn, begin, lower=True)
    return None


_SHORT, _BOTH = 60, 2
_BARE = re.compile(rf"(?<![\w.:,/-])({NUMBER})(?:ish\b)?(?![\w:/]|[.,]\d|\s*-\s*\d)")


def _answer_numbers(turn: Turn, ledger: Ledger, *, found: tuple[bool, bool]) -> None:
    """Read a bare number by the question before it: "6, Luca", "vreo 15"."""
    numeric = [
        name
        for name, done in (("childAge", found[0]), ("numChildren", found[1]))
        if name in ledger.asked and not done and ledger.value(name) is None
    ]
    if len(numeric) == _BOTH and len(pair := _bare_numbers(turn)) == _BOTH:
        age, count = to_int(pair[0][1]), to_int(pair[1][1])
        if age is not None and count is not None and 0 < age <= _OLDEST:
            ledger.put("childAge", age, turn.id, confidence=0.7)
            ledger.put("numChildren", count, turn.id, confidence=0.7)
        return
    if len(numeric) != 1 or len(turn.folded) > _SHORT or UNSURE.search(turn.folded):
        return
    if "startTime" in ledger.asked and not turn.times and ledger.value("startTime") is None:
        return
    bare = _numbers(turn)
    if len(bare) == 1 and not re.search(r"str|\bnr|\bbl\b|\bap\b|calea", turn.folded):
        value = to_int(bare[0][1])
        if value is not None and 0 < value < (19 if numeric[0] == "childAge" else 1000):
            ledger.put(numeric[0], value, turn.id, confidence=0.8)


def _bare_numbers(turn: Turn) -> list[re.Match[str]]:
    """Return the numbers that are no hour, day, length or sum."""
    taken = [
        span
        for span in turn.claims()
        if not re.fullmatch(r"(?:around|about|by|cam|la)?\s*\d+\s*", turn.folded[slice(*span)])
    ]
    return [
        m
        for m in _BARE.finditer(turn.folded)
        if not any(s <= m.start() < e for s, e in taken) and not _OTHERS.match(turn.folded, m.end())
    ]


def _numbers(turn: Turn) -> list[re.Match[str]]:
    """Return the numbers that may answer "how many?"; the one in front stands for its message."""
    bare = _bare_numbers(turn)
    if bare and _FIRST.fullmatch(turn.folded, 0, bare[0].start()):
        after = turn.folded[bare[0].end() :].lstrip(" ")
        if not after or after[0] in ",.;+(\n" or after.startswith(("in ", "si ", "and ")):
            return bare[:1]
    digits = [m for m in bare if m[1].isdigit()]
    return digits if len(bare) > 1 and len(digits) == 1 else bare


_OTHERS = re.compile(r"\s*(?:de\s+)?(?:adult|parint|ani|an\b|anis|grow)")
_FIRST = re.compile(
    r"\s*(?:(?:vreo|cam|vor\s+fi|maxim|in\s+jur\s+de|about|around|aproximativ|pai|cred\s+ca|sunt)\s+)*"
)
