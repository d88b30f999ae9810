"""The customer's own name, and whether the customer is someone else than a parent."""

import re

from core.crm.extract.rules.children import find_children
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.names import (
    CAPITALISED,
    COMMON,
    is_character,
    name_at,
    nominative,
    spelled,
)
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold
from core.crm.given_names import is_given

THIRD_PARTY = re.compile(
    r"\b(?:sunt|eu|suntem|aici|noi)\s+(?:[\w-]+,?\s+){0,3}(?:bunic\w*|nasa|nasul|nasii|matus\w*"
    r"|unchi\w*|educato\w*|invatato\w*|profeso\w*|director\w*|verisoar\w*|sora|fratele"
    r"|diriginta|bona|administrator\w*|parintele|preot\w*|secretara|asistenta)\b"
    r"|\b(?:bunica|bunicul|nasa|nasul|matusa|unchiul)\s+(?:lui|ei|lu)\b|\b(?:educatoarea"
    r"|invatatoarea|directoarea|dir\.|parintele)(?!\w)|\bnepot\w*\s+(?:meu|mea)|\bnepotic\w*"
    r"|\bnepotel\w*|\bfin(?:ul|a|uta|utul|ei|ului)\s+(?:meu|mea|mei|mele|nostru|noastra)"
    r"|\b(?:i'?m|i\s+am|this\s+is)\s+(?:the\s+|his\s+|her\s+|a\s+|\w+'s\s+)?(?:\w+\s+)?"
    r"(?:grand\w+|teacher|godmother|godfather|aunt\w*|uncle|nanny|principal|headteacher)"
    r"|\bmy\s+(?:\w+\s+)?(?:niece|nephew|grandson|granddaughter|grandchild|godson|goddaughter)"
    r"|\bdin\s+partea\b|\b(?:la|pentru|pt|de\s+la|reprezint)\s+firma\b|\bfirma\s+(?:noastra|mea)\b"
    r"|\bs\.?r\.?l\b|\bour\s+company\b|\bcompania\s+noastra\b|\bour\s+(?:office"
    r"|employees|school|kindergarten|class)|\bangajati\w*"
    r"|\bi'?m\s+from\s+(?:the\s+)?(?:\w+\s+){0,2}(?:school|kindergarten|nursery|office|company"
    r"|agency|team|hr|foundation|council)\b"
    r"|\bthis\s+is\s+\w+\s+(?:\w+\s+)?from\b|\bgradinita\s+noastra|\bprimaria\s+(?:comunei"
    r"|orasului|sectorului)|\basociati|\bfundati|\bclasa\s+a\s|\bon\s+behalf\b|\bdepartament"
    r"|\bhr\b|\bsediul?\b|\bteacher\b|\bfactura\s+(?:pe|pentru|va\s+rog)|\bpupils\b"
    r"|\b(?:pt|pentru|for)\s+(?:o|un|a|my)\s+(?:prieten\w*|cunostint\w*|friend)"
)
"""The customer writes for someone else's child, or for a company."""

_CUES: tuple[tuple[str, bool], ...] = (
    (r"\b(?:eu\s+)?(?:sunt|is)\s+(?:mama|tatal|tata|mami|tati|mamica|taticul)\s*(?:lui\s+\w+"
    r"|ei|sa)?,?\s*(?:si\s+ma\s+numesc\s+|,\s*)", False),
    (r"(?:^|[,.!\n]\s*)(?:mama|tatal|tata|mami|mamica)(?:\s+(?:lui|lu'?)\s+\w+|\s+ei)?"
    r"\s*[,:]\s*", False),
    (r"\b(?:ma\s+numesc|numele\s+meu\s*(?:este|e|:)?|ma\s+cheama|ma\s+zic|my\s+name\s*(?:is"
    r"|'s)|name'?s|numele\s*(?:este|e|:)|pe\s+numele|nume\s*:|parinte\s*:|mama\s*:|tata\s*:"
    r"|parent\s*:|persoana\s+de\s+contact\s*:?|contact\s*:|name\s*:)\s+", True),
    (r"\b(?:put|book|note|keep|it'?s|reserve|down)\s+(?:\w+\s+){0,2}(?:under"
        r"|in)\s+(?:the\s+name\s+(?:of\s+)?|my\s+name,?\s+)?", False),
    (r"\b(?:under|in)\s+the\s+name\s+(?:of\s+)?", True),
    (r"(?<!sunt )\beu\s*,\s*", False),
    (r"[.!\n]\s*(?:mama|tata|mami|tati)\s+(?=\w+[\s.!]*$)", False),
    (r"\bpe\s+mine\s+(?:ma\s+cheama\s+)?", True),
    (r"(?<!nu )\b(?:eu\s+)?sunt\s+(?:mama\s+|tot\s+eu,?\s+)?", False),
    (r"\b(?:eu\s+)?sunt\s+(?:taica-?su|maica-?sa|tatal\s+(?:lui|ei)|mama\s+(?:lui|ei)|mama|tata"
        r"|tatal)\s*,\s*", False),
    (r"\b(?:i'?m|i\s+am|this\s+is|it'?s|aici)\s+", False),
)  # fmt: skip
_PARENT = tuple((re.compile(cue), plain) for cue, plain in _CUES)
_NUMESC = re.compile(
    r"\s*,\s*(?:mama|tata|tatal|mami|tati|mamica|mother|father|mum|mom|dad)\b(?!\s+(?:lui"
    r"|ei)\s+\w+\s+(?:are|e|vine))|"
    r"[^.!?\n]{0,20},?\s*(?:that'?s|that\s+is|it'?s)\s+me\b|\s+(?:ma\s+numesc|ma\s+cheama"
    r"|e\s+numele\s+meu|here|sunt(?=\s*(?:[.,!:;\n]|$)))\b"
)
_SIGNED = re.compile(
    r"(?:thanks(?:\s+\w+){1,3}(?=\s*,)|thank\s+you(?:\s+\w+){1,3}(?=\s*,)|multumesc|multumim"
    r"|mersi|cu\s+stima|o\s+(?:zi|seara|saptamana)\s+\w+|thanks"
    r"|thank\s+you|best(?:\s+(?:regards|wishes))?|regards|kind\s+regards|cheers|cu\s+drag"
    r"|cu\s+respect|numai\s+bine|confirmed|confirm|va\s+pup|pup|xx|love|thx|ty|mc|merci"
    r"|anticipat|seara\s+faina|perfect|ok|sincerely|yours|va\s+rog)"
    r"\s*(?:mult|frumos|anticipat|you)?\s*[,.!\n-]+\s*(?:-\s*)?$"
)
_OF_ANOTHER = re.compile(
    r"(?:\bher|\bhis|\btheir|\bkid'?s?|child'?s?|boy'?s|girl'?s|baby'?s|son'?s|daughter'?s|copil\w*|lui|\bei"
    r"|fetit\w*|baietel\w*|baiatul\w*|bebelus\w*|sarbatorit\w*|friend|prieten\w*|sot\w*"
    r"|husband|wife|sister|brother|sora|frate\w*|not)\s*$"
)
_NOT_NAME_AFTER = re.compile(
    r"'s\b|\s+(?:de\s+copii|copii|years|de\s+acord|din\s+partea|e\s+sot|is\s+my)"
)


_AGAIN = re.compile(
    r"(?:(?:Hi|Hello|Hey|Salut|Bun[aă](?:\s+(?:ziua|seara|dimineața))?)(?:\s+there)?[\s,!.]+)?([A-Z]\w+)\s+(?:again|here|din\s+nou|iar)\b"
)
"""A greeting in which the customer says who writes: "Hi there, Nadia again"."""


def find_parent(turn: Turn, ledger: Ledger) -> tuple[int, int] | None:
    """Return the offsets of the customer's own name in their message."""
    for cue, plain in _PARENT:
        for found in cue.finditer(turn.folded):
            if _OF_ANOTHER.search(turn.before(found.start(), 20)):
                continue
            if found[0].startswith("pe numele") and _ANOTHER_AHEAD.match(turn.folded, found.end()):
                continue
            span = name_at(turn, found.end(), lower=plain)
            if span is not None and "mama" in found[0] and _is_declined(turn, span):
                continue
            if span is None or (not plain and _only_character(turn, span)):
                continue
            if _NOT_NAME_AFTER.match(turn.folded, span[1]):
                continue
            if not plain and _claimed(turn, span):
                continue
            return _with_surname(turn, span)
    again = _AGAIN.match(turn.text)
    if again and is_given(fold(again[1])):
        return again.span(1)
    for found in CAPITALISED.finditer(turn.text):
        if _OF_ANOTHER.search(turn.before(found.start(), 20)):
            continue
        if _NUMESC.match(turn.folded, found.end()) and fold(found[0]).split()[0] not in COMMON:
            return found.span()
    return _signature(turn, ledger)


def _is_declined(turn: Turn, span: tuple[int, int]) -> bool:
    """Whether a name is in the genitive, so that it is the child's: "sunt mama Anastasiei"."""
    return nominative(turn, *span) != spelled(turn.text[slice(*span)])


def _only_character(turn: Turn, span: tuple[int, int]) -> bool:
    """Whether a name is a character's alone: "Belle", but not "Belle Ionescu" or "Jasmine and"."""
    if not is_character(turn, *span):
        return False
    given = is_given(turn.folded[slice(*span)])
    return not (given and (" " in turn.text[slice(*span)] or _AND.match(turn.folded, span[1])))


_AND = re.compile(r"\s+(?:and|si)\s+(?:i\b|i'|need|want|as\b|am\b|vreau|would)")
_ANOTHER_AHEAD = re.compile(r"(?:ei|lui|copilului|fetitei|firmei)\b")


def _claimed(turn: Turn, span: tuple[int, int]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in turn.claims())


def _with_surname(turn: Turn, span: tuple[int, int]) -> tuple[int, int]:
    """Return the offsets with the second word of a name in lower case: `iulia stanciu`."""
    if not turn.text[span[0]].islower():
        return span
    more = re.compile(r"\s([a-z]{4,})(?=\s*(?:[,.!\n]|$))").match(turn.folded, span[1])
    if more is None or more[1] in COMMON or not is_given(turn.folded[slice(*span)]):
        return span
    return span[0], more.end()


_COMMA = re.compile(r"\w\s*,\s*$")
_ENDS = re.compile(r"[\s.!,😊🙏❤️🙂:)]*(?:\(?\+?\d[\d\s./-]{7,16}\)?\s*)?")
"""What may stand behind a signature: a phone number at most."""


def _has_other(turn: Turn, ledger: Ledger, span: tuple[int, int]) -> bool:
    """Whether another character is asked for, so that "… let's book. Anna" is signed by Anna."""
    name = turn.folded[slice(*span)]
    named = [s.entry for s in ledger.services if s.asked and s.entry.exact_label]
    return bool(named) and all(fold(entry.label or "") != name for entry in named)


def _signature(turn: Turn, ledger: Ledger) -> tuple[int, int] | None:
    """Return the name that stands alone at the end of a message."""
    last = list(CAPITALISED.finditer(turn.text))
    if not last or not _ENDS.fullmatch(turn.text, last[-1].end()):
        return None
    begin = last[-1].start()
    span = name_at(turn, begin, lower=False)
    if span is None or span[1] != last[-1].end():
        return None
    if is_character(turn, *span) and not (
        is_given(turn.folded[slice(*span)]) and _has_other(turn, ledger, span)
    ):
        return None
    head = turn.folded[:begin]
    if _SIGNED.search(head, max(0, begin - 40)):
        return span
    asked = {"childName", "address", "childAge", "roles"} & ledger.asked
    if asked or len(last[-1][0].split()) > 2:
        return None
    whole = is_given(turn.folded[begin:].split()[0]) and " " in last[-1][0]
    if whole and _COMMA.search(head) and not find_children(turn):
        return span  # "mai vorbim, Georgiana Stan"
    if re.search(r"\w\W*[.!\n]\s*$", head):
        return span if is_given(turn.folded[slice(*span)]) or " " in last[-1][0] else None
    alone = not head.strip() and is_given(turn.folded[slice(*span)])
    known = {"childName", "parentName"} & set(ledger.facts)
    return span if alone and known == {"childName"} else None
