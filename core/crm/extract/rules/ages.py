"""The age that the celebrated child turns."""

import re

from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.numbers import NUMBER, to_int

AGE_WORDS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
}
_ORDINALS = {
    "prim": 1, "doua": 2, "trei": 3, "patr": 4, "cinc": 5, "sase": 6, "sapt": 7, "opta": 8,
    "noua": 9, "zece": 10,
}  # fmt: skip
_AN = rf"(?P<n>{NUMBER}|un|o)"
_YEARS = (
    r"\s*-?\s*(?:de\s+)?(?:ani\b|an\b|anis\w*|ansori|anishori|years?\b|yrs?\b|yo\b|y\.o|y/o"
    r"|year-old)"
)
_AGE = (
    re.compile(
        rf"\b(?:implines\w*|va\s+implini|implini|sa\s+faca|face|fac|turns?|turning|turned"
        rf"|serbam|sarbatorim)\s+(?:deja\s+|acum\s+|in\s+curand\s+|varsta\s+de\s+|primii\s+"
        rf"|frumoasa\s+varsta\s+de\s+|the\s+big\s+)?{_AN}(?:{_YEARS}|(?=\s*(?:[,.!?;):]|$|pe\b"
        rf"|on\b|in\b|now|acum\b|cu\b|si\b|and\b|anul|this|next|soon|years|de\b|luna|sambata|duminica|maine"
        r"|noiembrie)))"
    ),
    re.compile(
        rf"\b(?:turns|turning|implines\w*)\s+{_AN}\b(?!\s*(?:copii|kids|lei|ron|euro|or[ae]\b|h\b"
        r"|hours?|%|balo|balloon|people|adult|invitat|[:./]\d|st\b|nd\b|rd\b|th\b|pm\b|am\b|luni))"
    ),
    re.compile(
        rf"\b(?:will\s+be|'ll\s+be|(?:she|he)(?:'?ll|ll)\s+be|gonna\s+be|going\s+to\s+be)\s+"
        rf"(?:turning\s+)?{_AN}(?:{_YEARS}|(?=\s*(?:[,.!?;)]|$|obviously|soon|then|this|next|on\b"
        r"|in\b|and\b)))"
    ),
    re.compile(r"\b(?P<n>\d{1,2})(?:st|nd|rd|th)\s+(?:birthday|b-?day|bday|anniversary)"),
    re.compile(
        r"(?:\w's|\bhis|\bher)\s+(?P<n>\d{1,2})(?:st|nd|rd|th)\b(?!\s+(?:of\b|floor|street"
        r"|avenue|[a-z]{3,}\s+\d))"
    ),
    re.compile(
        r"\b(?P<w>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\s+"
        r"(?:birthday|b-?day|bday)"
    ),
    re.compile(
        r"\b(?P<o>prim[au]l?|a\s+doua|a\s+treia|a\s+patra|a\s+cincea|a\s+sasea|a\s+saptea|a\s+opta"
        r"|a\s+noua|a\s+zecea|a\s+\d{1,2}-a)\s+(?:(?:lui|ei|sa)\s+)?(?:aniversare"
        r"|zi\s+de\s+nastere)"
    ),
    re.compile(
        rf"\b(?:cifra|numarul|number)\s+{_AN}\b[^.!?;\d]{{0,12}}\b(?:asta|atat|atatia|cat|ca"
        rf"|that'?s\s+how\s+old|because)"
        r"\s+(?:implines\w*|face|(?:s?he|he)\s+(?:is|turns))"
    ),
    re.compile(rf"\b(?:varsta\s*(?:este|e|:)?|age\s*(?:is|:|=))\s*{_AN}"),
    re.compile(rf"\b{_AN}{_YEARS}"),
    re.compile(rf"\b[a-z]{{3,}}\s*\(\s*{_AN}\s*\)"),
    re.compile(rf"\b(?:is|age|aged|e|s?he's)\s+{_AN}\s*(?=[,.!]|$|on\s+the\b)"),
)
_STRONG = 9
"""Patterns before this one say that the age is the one the child turns."""
_LAST = len(_AGE) - 1
_OTHER = re.compile(
    r"\bacum\s+$|\bmarimea?\s+$|\bsize\s+$|\b(?:intre|between)\s+(?:\w+\s+(?:si|and)\s+)?$"
    r"|\d\s*-\s*$"
    r"|\bde\s+(?:peste\s+)?$(?<=lucram de )|\bcopii\w*\s+(?:au"
    r"|de|intre|cu|sub|peste)\s+(?:varste\s+)?(?:de\s+|intre\s+)?(?:la\s+)?(?:\w+\s+(?:la|si"
    r"|-)\s+)?$|\b(?:kids|children|guests)\s+(?:are|aged|of|between|from)\s+(?:\w+\s+(?:to|and"
    r"|-)\s+)?$|\bsub\s+$|\bpeste\s+$|\bunder\s+$|\bover\s+$"
    r"|(?:a|and|si|la)\s+$(?<=\d si )|\b(?:de\s+la|from|intre|between)\s+\d+\s+(?:(?:pana\s+)?la"
    r"|to|si|and)\s+$"
    r"|\bclasa\s|\b(?:mai\s+)?am\s+(?:si\s+)?(?:un|o|inca)\s+(?:\w+\s+){1,2}(?:de\s+)?$"
)
_RELATIVE = re.compile(
    r"\b(?:sora|sorei|fratele|fratelui|sister|brother|baby|verisor\w*|verisoar\w*|fratior\w*"
    r"|surioar\w*|cousin\w*|colegu\w*|prieten\w*|friend\w*|al\s+doilea|celalalt|cealalta)\b"
    r"(?P<between>[^.!?\n;]{0,28})$"
)
_SPELL = re.compile(
    r"\b(?:casatorit\w*|impreuna|experient\w*|lucr\w*|together|married|experience|working"
    r"|ne\s+stim|prieteni)\b[^.,;]{0,20}$"
)
"""Before a number of years that is how long something lasts."""
_NOT_AFTER = re.compile(
    r"\s*(?:ago|in\s+urma|de\s+(?:experienta|zile|cand|la\b)|or\s+older|si\s+\d+\s+ani|experience"
    r"|si\s+jum\w*|jum\w*|and\s+a\s+half|-\s*\d|sau\s+mai|\+|plus\b)"
)


def _of_another(turn: Turn, position: int) -> bool:
    """Whether the words before are about a brother, a cousin or a guest."""
    begin = turn.before(position, 48)
    if _OTHER.search(begin):
        return True
    found = _RELATIVE.search(begin)
    return found is not None and not re.search(r"\b(?:face|turn|implin)", found["between"])


EACH_ITS_OWN = re.compile(r"\brespectiv\w*\b")
"""Two children have an age each: "6 respectiv 8 ani"."""


def find_age(turn: Turn, ledger: Ledger) -> tuple[int, bool] | None:
    """Return the age the child turns, and whether the words say "turns" rather than "is"."""
    if EACH_ITS_OWN.search(turn.folded):
        return None
    for number, pattern in enumerate(_AGE):
        values: list[int] = []
        for found in pattern.finditer(turn.folded):
            value = _value(turn, ledger, number, found)
            if value is not None:
                values.append(value)
        if number >= _STRONG and len(set(values)) > 1:
            return None
        if values:
            return values[0], number < _STRONG or number == _LAST - 1
    return None


def _value(turn: Turn, ledger: Ledger, number: int, found: re.Match[str]) -> int | None:
    """Return the age that a match says, None when it is somebody else's or no age."""
    if number >= _STRONG and re.search(r"who'?s\s+$", turn.before(found.start(), 8)):
        return None
    if number >= _STRONG and _SPELL.search(turn.before(found.start(), 40)):
        return None
    if _of_another(turn, found.start()) or _NOT_AFTER.match(turn.folded, found.end()):
        return None
    before = turn.before(found.start(), 45)
    if turn.is_aside(found.start(), "child") or re.search(r"\b(?:sau|or|ori)\s+$", before):
        return None
    groups = found.groupdict()
    if groups.get("w"):
        return AGE_WORDS[groups["w"]]
    if groups.get("o"):
        digits = re.search(r"\d+", groups["o"])
        return int(digits[0]) if digits else _ORDINALS[groups["o"].split()[-1][:4]]
    value = 1 if groups["n"] in {"un", "o"} else to_int(groups["n"])
    if value is None or not 0 < value <= 18:
        return None
    if (
        number == _LAST
        and "childAge" not in ledger.asked
        and not re.search(r"\b(?:he|she|son|daughter|el|ea)\s+$", before)
        and not found[0].startswith(("he's", "she's"))
    ):
        return None
    return value
