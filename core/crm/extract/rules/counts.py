"""How many children come."""

import re

from core.crm.extract.rules.turns import Turn
from core.crm.resolve.numbers import NUMBER, to_int

_KIDS = rf"(?P<n>\d{{1,3}}|{NUMBER})"
_KIDS_WORD = (
    r"(?:de\s+|d\s+)?(?:copii|copilasi|copchii|copi\b|copiii|kids|children|kiddos|elevi|prescolari"
    r"|pupils|students|little\s+ones|littles|pici\b|pitici\b|toddlers|prichindei|copii\w*"
    r"|invitati\s+copii|invitatei|micuti)"
)
_ABOUT = (
    r"(?:aproximativ|aprox\.?|cca\.?|circa|vreo|cam|in\s+jur\s+de|about|around|roughly|maxim\w*"
    r"|max\.?|maybe|poate|probabil|pe\s+la|doar|de\s+fapt|minim|undeva\s+la|up\s+to)"
)
_ENOUGH = (
    r"\s*(?:[,.!?;:)+]|$|\n|(?:de\s+)?(?:copii|copilasi|invitati|pitici|prichindei)|kids"
    r"|children|guests|in\s+tot"
    r"|cu\s+tot|in\s+total|total|si\b|and\b|plus\b|la\s+numar|max|pe\s+lista|confirm|dintre"
    r"|din\s+care"
    r"|in\s+loc|instead|(?:si\s+)?nu\s+\d|not\s+\d|pana|acum|now|probabil|with\b|cu\s+(?:al|ai)|of\s+(?:us|them)|incl)"
)
_COUNT = (
    re.compile(
        rf"(?:numar(?:ul)?|nr\.?)\s*(?:de\s+)?(?:copii|invitati)\s*(?::|=|-|este|e"
        rf"|aprox\w*)?\s*(?:acum\s+)?(?:{_ABOUT}\s+)*{_KIDS}"
        rf"|\bnumber\s+of\s+(?:kids|children|guests)\s*(?:(?:is|are|will\s+be|would\s+be|now|has"
        rf"|changed|gone|up|to|:|=|-)\s*)*"
        rf"(?:{_ABOUT}\s+)*(?P<m>\d{{1,3}}|{NUMBER})\b"
    ),
    re.compile(
        rf"(?<![\d-])(?<!- )\b{_KIDS}\s*\+?\s*"
        rf"(?:or\s+so\s+|(?P<more>extra|more|other|alti|inca)\s+|\w+\s+)?{_KIDS_WORD}"
    ),
    re.compile(
        rf"\b(?:copii|copiii|kids|children)\s*\(?\s*(?:\.\.+\s*|vor\s+fi\s*|sunt\s*|will\s+be\s*"
        rf"|raman\s*|in\s+total\s*|:|=|-"
        rf"|,)?\s*(?:{_ABOUT}\s+)*{_KIDS}\b(?!\s*(?:ani|-|lei|\d|/|:|ore))"
    ),
    re.compile(
        rf"\b(?:suntem|am\s+ajuns|ajungem|s-?au\s+strans|we'?re(?:\s+up)?"
        rf"|we\s+are(?:\s+up)?)\s+(?:la|at|to)\s+(?:{_ABOUT}\s+)*"
        rf"{_KIDS}\b(?=\s*(?:acum|now|cu\s+tot|in\s+total|copii|kids|children|deja))"
    ),
    re.compile(
        rf"\b(?:copiii|invitatii|guests|numarul)\s+(?:au\s+crescut|a\s+crescut|s-?au\s+inmultit"
        rf"|have\s+gone\s+up|went\s+up)\s+(?:la|to)\s+{_KIDS}\b"
    ),
    re.compile(
        rf"\b(?:copii\w*|kids|children)\b[^.!?;\d]{{0,24}}(?:\d+-\d+\s+(?:de\s+)?(?:ani|years)[^.!?;\d]{{0,6}})?,\s*"
        rf"(?:{_ABOUT}\s+)+{_KIDS}\b(?=\s*(?:[.,!;]|$))"
    ),
    re.compile(rf"\b{_KIDS}\s+of\s+them\b"),
    re.compile(
        rf"(?<!si )(?<!and )\b{_KIDS}\s+(?:de\s+)?(?:baieti|fete|baietei|fetite|boys|girls)\b"
        r"(?!\s*(?:,|si|and|\+)\s*\d)"
    ),
    re.compile(rf"\bhead\s?count(?:'s|\s+is|:)?\s+(?:now\s+)?(?:{_ABOUT}\s+)*{_KIDS}\b"),
    re.compile(
        rf"\b(?:vor\s+fi|vom\s+fi|vin|sunt|suntem|sunt\s+invitati|we'?ll\s+be|we\s+are|there\s+"
        rf"(?:will\s+be|are)|there'?ll\s+be|expecting|we\s+expect)\s+(?:{_ABOUT}\s+)*{_KIDS}"
        rf"\b(?={_ENOUGH})(?!\s*"
        r"(?:ani|lei|ore|min|adult|fete|baieti|girls|boys|mame|:|\.\d|persoane|famil|parinti"
        r"|de\s+(?:ani|adul|lei|min|famil"
        r"|pers)|oameni|people|years|parents|st\b|th\b|euro|personaje|ron))"
    ),
    re.compile(rf"\b{_KIDS}\s+(?:de\s+)?(?:invitati|guests|participanti|persoane\s+mici)\b"),
)
_OWN_CHILDREN = re.compile(
    r"\s*(?:ai\s+(?:mei|nostri)|ai\s+no|mei\b|nostri\b|of\s+(?:mine|ours)|gemeni)"
)
_NOT_BEFORE = re.compile(
    r"(?:\d\s*-\s*|\bdin\s+|\b(?:am\s+zis|ziceam|spusesem|am\s+spus|i\s+said|we\s+said)\s+(?:ca\s+(?:sunt\s+|vin\s+)?)?|\bin\s+loc(?:ul)?\s+de\s+|\binstead\s+of\s+|\bnu\s+|\bnot\s+|\bpeste\s+$"
    r"|\bmy\s+|\bour\s+|\b(?:cei|cele|inca|other)\s+|\bde\s+la\s+|/|\bper\s+|\bsub\s+"
    r"|\bcate\s+|\ba\s+cate\s+|\d\s+(?:sau|or|la|to|pana\s+la)\s+)$"
)
_HAVE = re.compile(r"(?<!\bsa )\b(?:am|avem)\s+(?:\w+\s+)?$")
_FAMILY = 4
"""The most children that "avem 3 copii" says of one's own."""
_NOT_AFTER = re.compile(
    r"\s*(?:(?:de\s+)?(?:copii|copilasi|kids|children)\s+)?(?:in\s+plus|extra|more\b|mai\s+mult"
    r"|suplimentar|si-?au\s+anuntat|nu\s+mai|can'?t|fewer|mai\s+putini"
    r"|less\b|mai\s+putin|au\s+racit|pe\s+grupa|per\b)"
)
_CHANGED = re.compile(
    rf"\b(?:deci|adica|in\s+total|so|total|cu\s+totul|altogether)\s*(?:sunt\s+|vor\s+fi\s+|:\s*)?"
    rf"(?:{_ABOUT}\s+)*{_KIDS}\b(?!\s*(?:lei|ron|euro|ore|ora|h\b|%|ani|[.:]\d|min|adul))"
    rf"|\b(?P<m>\d{{1,3}}|{NUMBER})\s+(?:(?:de\s+)?copii\s+)?(?:in\s+total|total|cu\s+totul"
    rf"|in\s+tot|altogether|in\s+all)\b"
)


_PARTS = re.compile(
    r"\d\s+(?:de\s+)?(?:fet|girl|baie|boy)\w*\s*(?:,|si|and|\+|cu)\s*\d+\s+(?:de\s+)?(?:fet|girl"
    r"|baie|boy)"
)
"""Girls and boys told apart; their sum counts when it is told as well."""
UNSURE = re.compile(
    r"\bnu\s+(?:stiu|stim)\b|\bdepinde\b|\bnot\s+sure|\bdon'?t\s+know|\bdepends\b|\bin\s+clasa\b"
)


def find_count(turn: Turn) -> int | None:
    """Return how many children a message says will come; ranges and own children do not count."""
    more = bool(_PARTS.search(turn.folded))
    for pattern in _COUNT:
        for found in reversed(list(pattern.finditer(turn.folded))):
            group = "n" if found["n"] else "m"
            before = turn.folded[max(0, found.start(group) - 16) : found.start(group)]
            if _NOT_BEFORE.search(before) or _OWN_CHILDREN.match(turn.folded, found.end()):
                continue
            if found.groupdict().get("more") or _NOT_AFTER.match(turn.folded, found.end()):
                more = True
                continue
            value = _free(turn, found, group)
            if value is not None and not (value <= _FAMILY and _HAVE.search(before)):
                return value
    if more:
        for found in _CHANGED.finditer(turn.folded):
            value = _free(turn, found, "n" if found["n"] else "m")
            if value is not None:
                return value
    return None


_GROWN = re.compile(
    r"(?:copiii|invitatii|guests|numarul)\s|suntem\s+la|am\s+ajuns\s+la"
    r"|ajungem\s+la|we'?re\s|we\s+are\s"
)
"""Before a number that is one of guests, although it looks like an hour: "suntem la 13"."""


def _free(turn: Turn, found: re.Match[str], group: str = "n") -> int | None:
    """Return the number of a match, None when it is past, a range or something else's."""
    if UNSURE.search(turn.sentence_at(found.start())):
        return None
    if turn.is_aside(found.start(), "guests") or re.match(
        r"\s*-\s*\d", turn.folded[found.end(group) :]
    ):
        return None
    grown = _GROWN.match(found[0])
    if not grown and any(begin <= found.start(group) < end for begin, end in turn.claims()):
        return None
    value = to_int(found[group])
    return value if value is not None and 0 < value < 1000 else None
