"""The child, the parent, ages and how many children come."""

import re
from collections.abc import Iterator

from core.crm.catalogue import Catalogue
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold
from core.crm.resolve.dates import MONTHS, WEEKDAYS
from core.crm.resolve.numbers import NUMBER, to_int

_CAPITAL = r"[A-ZȘȚĂÂÎȘŢÁÉÓÖŞ]"
_NAME = re.compile(rf"{_CAPITAL}[\w'’]+(?:[ -]{_CAPITAL}[\w'’]+){{0,2}}")
_LOWER_NAME = re.compile(r"[^\W\d_]{3,14}")
_COMMON = frozenset(
    [
        "day", "sports", "school", "class", "christmas", "halloween", "easter", "grupa", "buna",
        "salut", "da", "ok", "okay", "multumesc", "mersi", "pe", "str", "strada", "la",
        "de", "in", "pentru", "si", "ora", "data", "adresa", "cu", "nu", "am", "avem", "vrem",
        "vreau", "super", "perfect", "petrecerea", "petrecere", "un", "una", "sunt", "este",
        "hello", "hi", "hey", "thanks", "thank", "the", "we", "our", "it", "he", "she", "yes",
        "no", "please", "my", "party", "can", "could", "and", "his", "her", "its", "with",
        "from", "est", "va", "fi", "vor", "mama", "tata", "fetita", "baiat", "baiatul", "copil",
        "copilul", "copii", "fiica", "fiul", "fata", "mea", "meu", "face", "ani", "implineste",
        "turns", "turning", "happy", "best", "regards", "cheers", "bucuresti", "bucharest", "ar",
        "cam", "vreo", "interesat", "interesata", "doar", "ziua", "domnul", "doamna", "aceeasi",
        "same", "acum", "maine", "azi", "cat", "ce", "cum", "unde", "cand", "care", "daca",
        "dar", "mai", "noi", "voi", "ei", "ea", "el", "lui", "lor", "acasa", "botezul", "botez",
        "nasa", "nasul", "bunica", "bunicul", "educatoarea", "directoarea", "invatatoarea",
        "restaurant", "sala", "loc", "sector", "romania", "ok", "kids", "children", "oh", "and",
        "also", "so", "great", "mami", "tati", "animator", "ursitoare", "mascota", "printesa",
        "popcorn", "baloane", "vata", "facem", "fac", "sarbatorim", "noastra", "nostru",
        "rezerv", "rezervare", "confirm", "deal", "va", "rog", "still", "hope", "this", "that",
        "just", "sorry", "not", "for", "about", "around", "near", "same", "minute", "parintele",
        "client", "numele", "anii", "baietel", "fetite", "gemeni", "gemenii", "gemenele", "bine",
        "gata", "sure", "cool", "fine", "sigur", "desigur", "sir", "dear", "team", "santa",
        "mos", "craciun", "paste", "personaj", "tema", "mine", "lor", "one", "only", "never",
        "said", "who", "iti", "imi", "si-a", "toti", "toate", "deja", "asta", "aici", "acolo",
        "british", "american", "englez", "roman",
    ]
) | frozenset(MONTHS) | frozenset(WEEKDAYS)  # fmt: skip

_FAMILY = (
    r"(?:fiul|fiica|baiatul|baietelul|baietelului|baiatului|fetita|fetitei|fata|fetei|fetele"
    r"|copilul|copilului|nepotica|nepotelul|nepotul|nepoata|nepotelului|nepoatei|nepotului"
    r"|fiului|fiicei|finul|fina|finului|finei"
    r"|finuta|printesa|printul|puiul|puiului|bebelusul|bebelusului|juniorul|piciul|piticul"
    r"|piticei|minunea|cel\s+mic|cea\s+mica|frate-?su|fratele|sora)\s*(?:meu|mea|mei|mele"
    r"|nostru|noastra|noastre|sau|sa|ei|lui)?"
)
_CHILD_CUES: tuple[tuple[str, bool], ...] = (
    (r"(?<!\bma )(?<!\bte )\bcheama\s+(?:pe\s+\w+\s+)?", True),
    (r"\bse\s+numeste\s+", True),
    (r"\b(?:her|his|their|kid'?s?|child'?s?|son'?s|daughter'?s|girl'?s|boy'?s|baby'?s)\s+name"
    r"(?:'s|\s+is)\s+", True),
    (r"\b(?:birthday\s+(?:girl|boy)|b-?day\s+(?:girl|boy)|kid|the\s+child)\s+(?:is"
    r"|will\s+be)\s+(?:called\s+)?", True),
    (r"\b(?:called|named)\s+", True),
    (r"\b(?:sarbatorit(?:ul|a|ei|ului)?|copil(?:ul)?|child|kid|nume(?:le)?\s+(?:copil\w*"
    r"|fetitei|baietelului|sarbatorit\w*|celui\s+mic|ei|lui))(?:\s*(?::|-|=)\s*|\s+(?:este|e)\s+)",
    True),
    (r"\b(?:ziua|aniversarea|botezul|petrecerea|party-?ul|birthday-?ul|birthday\s+party-?ul"
    r"|majoratul|serbarea|sarbatorirea)\s+(?:de\s+nastere\s+a\s+)?(?:lui|lu'?|la)\s+"
    r"(?:fi-?miu\s+|fiu-?miu\s+)?", True),
    (r"\bla\s+(?:fi-?miu|fie-?mea|fiu-?miu),?\s+", False),
    (r"\b(?:fi-?miu|fie-?mea|fiu-?miu|fii-?mea|fiica-?mea),?\s+", True),
    (rf"\b{_FAMILY},?\s+(?:e\s+|este\s+|pe\s+nume\s+|numita?\s+|si\s+anume\s+)?", False),
    (r"\b(?:my|our)\s+(?:\w+\s+)?(?:son|daughter|boy|girl|niece|nephew|kid|grandson"
    r"|granddaughter|godson|goddaughter|one|toddler|princess|child|brother|sister)(?:'s)?,?\s+"
    r"(?:is\s+)?", False),
    (r"\b(?:mama|tatal|tata|mami|tati|bunica|bunicul|nasa|nasul|matusa)\s+(?:lui|lu'?)\s+", False),
    (r"\b(?:pentru|pt|ptr|for)\s+(?:ziua\s+lui\s+|micuta\s+|micutul\s+|micul\s+)?", False),
    (r"\bboteaz[am]\w*\s+(?:\w+\s+noastr\w,?\s+|pe\s+|printesa\s+noastra,?\s+)", False),
    (r"\b(?:he|she)\s+is\s+called\s+", True),
    (rf"\b(?:turns|turning|face|fac|implines\w+|be)\s+{NUMBER}(?:\s+(?:ani\w*|anis\w*|years?"
    rf"(?:\s+old)?))?\s*,\s*(?:pe\s+nume\s+)?", False),
)  # fmt: skip
_CHILD = tuple((re.compile(cue), strong) for cue, strong in _CHILD_CUES)
_NAME_AGE = re.compile(
    r"\s*,?\s*(?:(?:care|who|va|o\s+sa|si)\s+)?(?:(?:face|implines\w+|implini|turns"
    r"|is\s+turning|turning|is\s+gonna\s+be|will\s+be|is\s+going\s+to\s+be|e\s+gata\s+sa\s+faca"
    r"|'s\s+turning)\s+"
    rf"(?:deja\s+|in\s+curand\s+)?(?:{NUMBER}|un\b|o\b)|(?:de\s+)?{NUMBER}\s+(?:de\s+)?(?:ani\b"
    rf"|anis\w+|an\b|years?\b))"
)
_POSSESSIVE = re.compile(
    rf"({_CAPITAL}[a-zăâîșț]+)'s\s+(?:\w+\s+){{0,2}}(?:party|birthday|b-?day|bday|christening)"
)
_GENITIVE = re.compile(
    rf"\b(?:[Zz]iua|[Aa]niversarea|[Bb]otezul|[Pp]etrecerea|zilei)\s+({_CAPITAL}[a-zăâîșț]+"
    rf"(?:ei|ii))\b"
)
_FEASTS = frozenset(
    {"recoltei", "copilului", "familiei", "mamei", "femeii", "scolii", "gradinitei", "orasului"}
    | {"children", "sports", "mother", "father", "women", "family", "santa"}
)
_PAIR = re.compile(rf"\s+(?:si|și|and|&)\s+(?:al?\s+|lui\s+)?{_CAPITAL}")


def _name_at(
    turn: Turn, position: int, catalogue: Catalogue, *, lower: bool
) -> tuple[int, int] | None:
    """Return the offsets of a person's name that starts at `position`."""
    found = _NAME.match(turn.text, position)
    if found is None and lower:
        found = _LOWER_NAME.match(turn.text, position)
    if found is None:
        return None
    words = list(re.finditer(r"[^\s-]+", turn.folded[position : found.end()]))
    end = position
    for word in words:
        if word[0].replace("'s", "") in _COMMON or any(
            r.start < position + word.end()
            and position + word.start() < r.end
            and r.entry.role_type != "ANIMATOR"
            for r in turn.roles
        ):
            break
        end = position + word.end()
    if end == position:
        return None
    if turn.text[position:end].endswith(("'s", "’s")):
        end -= 2
    if _kind(turn, position, end):
        return None
    return position, end


def _kind(turn: Turn, start: int, end: int) -> bool:
    """Whether the words are a service's own name or a kind of character, never a person."""
    return any(r.start <= start and end <= r.end and not r.entry.exact_label for r in turn.roles)


def _is_character(turn: Turn, start: int, end: int) -> bool:
    return any(r.start < end and start < r.end for r in turn.roles)


def spelled(text: str) -> str:
    """Return a name as the customer wrote it, with capitals where there were none."""
    plain = " ".join(text.split())
    return plain.title() if plain.islower() or (plain.isupper() and len(plain) > 2) else plain


def find_children(turn: Turn, catalogue: Catalogue) -> Iterator[tuple[int, int, bool]]:
    """Yield the offsets of the names of celebrated children, and whether the cue is strong."""
    for pattern, strong in _CHILD:
        for found in pattern.finditer(turn.folded):
            span = _name_at(turn, found.end(), catalogue, lower=True)
            if span is None:
                continue
            aged = bool(_NAME_AGE.match(turn.folded, span[1]))
            ours = re.search(r"\b(?:meu|mea|nostru|noastra|my|our)\b", found[0])
            closed = re.match(r"\s*(?:[,.!]|$|care\b|face\b|who\b)", turn.folded[span[1] :])
            if turn.text[span[0]].islower() and not (aged or strong or (ours and closed)):
                continue
            if _is_character(turn, *span) and not aged and not strong:
                continue
            sure = strong or aged
            if turn.text[span[0]].islower() and len(turn.text[span[0] : span[1]]) < 3:
                continue
            yield (*span, sure)
    first = re.match(r"\s*(?:(?:buna|salut|da|ok)[\s,]+)?", turn.folded)
    span = _name_at(turn, first.end() if first else 0, catalogue, lower=True)
    if span is not None and _NAME_AGE.match(turn.folded, span[1]) and turn.text[span[0]].islower():
        yield (*span, True)
    for found in _NAME.finditer(turn.text):
        if _NAME_AGE.match(turn.folded, found.end()):
            span = _name_at(turn, found.start(), catalogue, lower=False)
            if span is not None and span[1] == found.end():
                yield (*span, True)
    for pattern in (_POSSESSIVE, _GENITIVE):
        for found in pattern.finditer(turn.text):
            if fold(found[1]) not in _COMMON | _FEASTS:
                yield found.start(1), found.end(1), True


_THIRD = re.compile(
    r"\b(?:sunt|eu|suntem|aici|noi)\s+(?:\w+\s+){0,2}(?:bunic\w*|nasa|nasul|nasii|matus\w*"
    r"|unchi\w*|educato\w*|invatato\w*|profeso\w*|director\w*|verisoar\w*|sora|fratele"
    r"|diriginta|bona|administrator\w*)\b"
    r"|\b(?:bunica|bunicul|nasa|nasul|matusa|unchiul)\s+(?:lui|ei|lu)\b|\b(?:educatoarea"
    r"|invatatoarea|directoarea)\b|\bnepot\w*\s+(?:meu|mea)|\bnepotic\w*|\bnepotel\w*|\bfin"
    r"(?:ul|a|uta|utul|ei|ului)\s+(?:meu|mea|mei|mele|nostru|noastra)"
    r"|\b(?:i'?m|i\s+am|this\s+is)\s+(?:the\s+|his\s+|her\s+|a\s+|\w+'s\s+)?(?:\w+\s+)?"
    r"(?:grand\w+|teacher|godmother|godfather|aunt\w*|uncle|nanny|principal|headteacher)"
    r"|\bmy\s+(?:\w+\s+)?(?:niece|nephew|grandson|granddaughter|grandchild|godson|goddaughter)"
    r"|\bdin\s+partea\b|\bfirma\b|\bs\.?r\.?l\b|\bcompany\b|\bcompania\b|\bour\s+(?:office"
    r"|employees|school|kindergarten|class)|\bangajati\w*|\bi'?m\s+from\s+\w+"
    r"|\bthis\s+is\s+\w+\s+(?:\w+\s+)?from\b|\bgradinita\s+noastra|\bprimaria\s+(?:comunei"
    r"|orasului|sectorului)|\basociati"
    r"|\bfundati|\bclasa\s+a\s"
)
_PARENT_CUES = (
    re.compile(
        r"\b(?:eu\s+)?(?:sunt|is)\s+(?:mama|tatal|tata|mami|tati|mamica|taticul)\s*(?:lui\s+\w+"
        r"|ei|sa)?,?\s*(?:si\s+ma\s+numesc\s+|,\s*)"
    ),
    re.compile(
        r"(?:^|[,.!\n]\s*)(?:mama|tatal|tata|mami|mamica)(?:\s+(?:lui|lu'?)\s+\w+|\s+ei)?\s*[,:]\s*"
    ),
    re.compile(
        r"\b(?:ma\s+numesc|numele\s+meu\s*(?:este|e|:)?|ma\s+cheama|ma\s+zic|my\s+name\s*(?:is"
        r"|'s)|name'?s|numele\s*(?:este|e|:)|pe\s+numele|nume\s*:|parinte\s*:|mama\s*:|tata\s*:"
        r"|parent\s*:|persoana\s+de\s+contact\s*:?|contact\s*:|name\s*:)\s+"
    ),
    re.compile(r"(?<!nu )\b(?:eu\s+)?sunt\s+(?:mama\s+)?"),
    re.compile(r"\b(?:i'?m|i\s+am|this\s+is|it'?s|aici)\s+"),
)
_SIGNED = re.compile(
    r"(?:multumesc|multumim|mersi|cu\s+stima|o\s+(?:zi|seara|saptamana)\s+\w+|thanks"
    r"|thank\s+you|best"
    r"(?:\s+regards)?|regards|kind\s+regards|cheers|cu\s+drag|cu\s+respect|numai\s+bine"
    r"|confirmed|confirm|va\s+pup|pup|xx|love|thx|ty|mc|merci|anticipat|seara\s+faina|perfect"
    r"|ok|sincerely|yours)"
    r"\s*(?:mult|frumos|anticipat|you)?\s*[,.!\n-]+\s*(?:-\s*)?$"
)


def find_parent(turn: Turn, ledger: Ledger, catalogue: Catalogue) -> tuple[int, int] | None:
    """Return the offsets of the customer's own name in their message."""
    for number, cue in enumerate(_PARENT_CUES):
        for found in cue.finditer(turn.folded):
            if re.search(
                r"(?:her|his|their|\bkid'?s?|child'?s?|son'?s|daughter'?s|copil\w*|lui|ei"
                r"|fetitei|baietelului)\s*$",
                turn.before(found.start(), 16),
            ):
                continue
            span = _name_at(turn, found.end(), catalogue, lower=number == 2)
            if span is None or (number >= 3 and _is_character(turn, *span)):
                continue
            tail = turn.folded[span[1] :]
            if tail.startswith("'s"):
                continue
            if number >= 3 and re.match(
                r"\s+(?:de\s+copii|copii|years|de\s+acord|din\s+partea)", tail
            ):
                continue
            return span
    here = re.search(rf"({_CAPITAL}\w+(?:\s{_CAPITAL}\w+)?)\s+here\b", turn.text)
    if here and fold(here[1]).split()[0] not in _COMMON:
        return here.span(1)
    last = list(_NAME.finditer(turn.text))
    if last and not turn.text[last[-1].end() :].strip(" .!,\n😊🙏❤️"):
        begin = last[-1].start()
        alone = re.search(r"\w\W*[.!\n]\s*$", turn.folded[:begin]) and len(last[-1][0].split()) < 3
        if (
            alone
            and not {"childName", "address"} & ledger.asked
            and not _is_character(turn, *last[-1].span())
        ):
            return _name_at(turn, begin, catalogue, lower=False)
        span = _name_at(turn, begin, catalogue, lower=False)
        if (
            span
            and _SIGNED.search(turn.folded, max(0, begin - 40), begin)
            and not _is_character(turn, *span)
        ):
            return span
    return None


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
_AN = rf"(?P<n>{NUMBER}|un|o)"
_YEARS = (
    r"\s*-?\s*(?:de\s+)?(?:ani\b|an\b|anis\w*|ansori|anishori|years?\b|yrs?\b|yo\b|y\.o|y/o"
    r"|year-old)"
)
_AGE = (
    re.compile(
        rf"\b(?:implines\w*|va\s+implini|implini|sa\s+faca|face|fac|turns?|turning|turned"
        rf"|serbam|sarbatorim)\s+(?:deja\s+|acum\s+|in\s+curand\s+|varsta\s+de\s+|primii\s+"
        rf"|frumoasa\s+varsta\s+de\s+|the\s+big\s+)?{_AN}(?:{_YEARS}|(?=\s*(?:[,.!?;)]|$|pe\b"
        rf"|on\b|in\b|now|si\b|and\b|anul|this|next|soon|years|de\b|luna|sambata|duminica|maine)))"
    ),
    re.compile(
        rf"\b(?:will\s+be|'ll\s+be|(?:she|he)(?:'?ll|ll)\s+be|gonna\s+be|going\s+to\s+be)\s+"
        rf"(?:turning\s+)?{_AN}(?:{_YEARS}|(?=\s*(?:[,.!?;)]|$)))"
    ),
    re.compile(r"\b(?P<n>\d{1,2})(?:st|nd|rd|th)\s+(?:birthday|b-?day|bday|anniversary)"),
    re.compile(
        r"\b(?P<w>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\s+"
        r"(?:birthday|b-?day|bday)"
    ),
    re.compile(rf"\bvarsta\s*(?:este|e|:)?\s*{_AN}"),
    re.compile(rf"\b{_AN}{_YEARS}"),
    re.compile(rf"\b(?:is|age|aged|e)\s+{_AN}\s*(?=[,.!]|$)"),
)
_OTHER_AGE = re.compile(
    r"\bacum\s+$|\b(?:intre|between)\s+(?:\w+\s+(?:si|and)\s+)?$|\d\s*-\s*$|\b(?:sora|fratele"
    r"|sister|brother|baby|verisor\w*|fratiorul|surioara|cousin)(?:\s+\w+){0,3}\s*(?:de\s+|e\s+"
    r"|are\s+|is\s+|who'?s\s+|,\s*)?$|\bde\s+(?:peste\s+)?$(?<=lucram de )|\bcopii\w*\s+(?:au"
    r"|de|intre|cu|sub|peste)\s+(?:varste\s+)?(?:de\s+|intre\s+)?(?:la\s+)?(?:\w+\s+(?:la|si"
    r"|-)\s+)?$|\b(?:kids|children|guests)\s+(?:are|aged|of|between|from)\s+(?:\w+\s+(?:to|and"
    r"|-)\s+)?$|who'?s\s+$|\bsub\s+$|\bpeste\s+$|(?:a|and|si|la)\s+$(?<=\d si )|\bclasa\s"
)
_NOT_AGE_AFTER = re.compile(
    r"\s*(?:ago|in\s+urma|de\s+(?:experienta|zile|cand)|or\s+older|si\s+\d+\s+ani|experience"
    r"|-\s*\d)"
)


def find_age(turn: Turn, ledger: Ledger) -> tuple[int, bool] | None:
    """Return the age the child turns, and whether the words say "turns" rather than "is"."""
    for number, pattern in enumerate(_AGE):
        for found in pattern.finditer(turn.folded):
            begin = turn.before(found.start(), 45)
            if _OTHER_AGE.search(begin) or _NOT_AGE_AFTER.match(turn.folded, found.end()):
                continue
            if turn.is_past(found.start()) or re.search(r"\b(?:sau|or|ori)\s+$", begin):
                continue
            groups = found.groupdict()
            if groups.get("w"):
                return AGE_WORDS[groups["w"]], True
            value = 1 if groups["n"] in {"un", "o"} else to_int(groups["n"])
            if value is not None and 0 < value <= 18:
                if (
                    number == 6
                    and "childAge" not in ledger.asked
                    and not re.search(r"\b(?:he|she|son|daughter|el|ea)\s+$", begin)
                ):
                    continue
                return value, number < 5
    return None


_KIDS = rf"(?P<n>\d{{1,3}}|{NUMBER})"
_KIDS_WORD = (
    r"(?:de\s+|d\s+)?(?:copii|copilasi|copchii|copi\b|kids|children|kiddos|elevi|prescolari"
    r"|pupils|students|little\s+ones|pici\b|pitici\b|toddlers|prichindei|copii\w*|invitati\s+copii)"
)
_COUNT = (
    re.compile(
        rf"(?:numar(?:ul)?|nr\.?)\s*(?:de\s+)?(?:copii|invitati)\s*(?::|=|-|este|e"
        rf"|aprox\w*)?\s*(?:aprox\w*|cca|circa|vreo|cam)?\s*{_KIDS}"
    ),
    re.compile(rf"(?<![\d-])(?<!- )\b{_KIDS}\s*\+?\s*(?:\w+\s+)?{_KIDS_WORD}"),
    re.compile(
        rf"\b(?:copii|kids|children)\s*(?:vor\s+fi|sunt|in\s+total|:|=|-|around|about|vreo|cam"
        rf"|,)?\s*(?:in\s+jur\s+de\s+|vreo\s+|cam\s+|aprox\w*\s+)?{_KIDS}\b(?!\s*(?:ani|-|lei"
        rf"|\d|/|:|ore))"
    ),
    re.compile(rf"\b{_KIDS}\s+of\s+them\b"),
    re.compile(
        rf"\b(?:vor\s+fi|vom\s+fi|vin|sunt|sunt\s+invitati|we'?ll\s+be|we\s+are|there\s+"
        rf"(?:will\s+be|are)|expecting|we\s+expect)\s+(?:de\s+fapt\s+|doar\s+|about\s+"
        rf"|around\s+|cam\s+|vreo\s+|in\s+jur\s+de\s+|aproximativ\s+|maxim\s+)*{_KIDS}\b(?!\s*"
        rf"(?:ani|lei|ore|min|adult|:|\.\d|persoane|de\s+(?:ani|adul|lei|min)|oameni|people|years))"
    ),
    re.compile(rf"\b{_KIDS}\s+(?:de\s+)?(?:invitati|guests|participanti|persoane\s+mici)\b"),
)
_OWN_CHILDREN = re.compile(
    r"\s*(?:ai\s+(?:mei|nostri)|ai\s+no|mei\b|nostri\b|of\s+(?:mine|ours)|gemeni)"
)
_NOT_COUNT = re.compile(
    r"(?:\d\s*-\s*|\bin\s+loc(?:ul)?\s+de\s+|\binstead\s+of\s+|\bnu\s+|\bnot\s+|\bpeste\s+$"
    r"|\bmy\s+|\bour\s+|\b(?:cei|cele|am|avem)\s+|\bde\s+la\s+|/\s*|\bper\s+|\bsub\s+|\d\s+"
    r"(?:sau|or|la|to|pana\s+la)\s+)$"
)


def find_count(turn: Turn) -> int | None:
    """Return how many children a message says will come; ranges and own children do not count."""
    for pattern in _COUNT:
        for found in reversed(list(pattern.finditer(turn.folded))):
            before = turn.folded[max(0, found.start("n") - 16) : found.start("n")]
            if _NOT_COUNT.search(before) or _OWN_CHILDREN.match(turn.folded, found.end()):
                continue
            if turn.is_past(found.start()) or re.match(r"\s*-\s*\d", turn.folded[found.end("n") :]):
                continue
            if any(begin <= found.start("n") < end for begin, end in turn.claims()):
                continue
            value = to_int(found["n"])
            if value is not None and 0 < value < 1000:
                return value
    return None


_BARE = re.compile(rf"(?<![\w.:,/-])({NUMBER})(?![\w:/]|[.,]\d|\s*-\s*\d)")


def read_people(turn: Turn, ledger: Ledger, catalogue: Catalogue) -> list[tuple[int, int]]:
    """Note names, age and number of children of a customer's message; return the names' offsets."""
    spans: list[tuple[int, int]] = []
    if _THIRD.search(turn.folded):
        ledger.third_party = True
    parent = find_parent(turn, ledger, catalogue)
    if parent is not None:
        spans.append(parent)
        ledger.put("parentName", spelled(turn.text[slice(*parent)]), turn.id)
    children = [
        c
        for c in find_children(turn, catalogue)
        if parent is None or c[0] >= parent[1] or c[1] <= parent[0]
    ]
    children.sort(key=lambda c: (not c[2],))
    known = ledger.facts.get("childName")
    for start, end, sure in children[:1]:
        spans.append((start, end))
        if _PAIR.match(turn.text, end) or re.search(
            rf"{_CAPITAL}\w+\s+(?:si|și|and)\s+$", turn.text[:start]
        ):
            break
        name = nominative(turn, start, end)
        weak = turn.is_past(start)
        if known is None or (sure and not weak) or known.weak:
            ledger.put("childName", name, turn.id, confidence=0.9 if sure else 0.7, weak=weak)
    age = find_age(turn, ledger)
    if age is not None:
        ledger.put("childAge", age[0], turn.id, weak=not age[1])
    count = find_count(turn)
    if count is not None:
        ledger.put("numChildren", count, turn.id)
    _answers(turn, ledger, catalogue, spans, found=(age is not None, count is not None))
    return spans


def nominative(turn: Turn, start: int, end: int) -> str:
    """Return the name at these offsets as it is called: `Dianei` after `petrecerea` is Diana."""
    name = spelled(turn.text[start:end])
    before = turn.folded[max(0, start - 12) : start].split()
    if (
        before
        and before[-1] in {"ziua", "aniversarea", "botezul", "petrecerea", "zilei"}
        and name.endswith("ei")
        and len(name) > 4
    ):
        return name[:-2] + "a"
    return name


def _answers(
    turn: Turn, ledger: Ledger, catalogue: Catalogue, spans: list[tuple[int, int]],
    *, found: tuple[bool, bool],
) -> None:  # fmt: skip
    """Read short answers by the question before them: "6, Luca" or "vreo 15"."""
    if "childName" in ledger.asked and ledger.value("childName") is None and not spans:
        start = re.match(
            r"\s*(?:(?:pai|da|ok|ea|el|pe\s+\w+|sure|yes|e|este)[\s,]+)*(?:\d{1,2}\s*(?:ani\w*"
            r"|anis\w*)?\s*(?:,|si|-|\.|and)?\s*)?",
            turn.folded,
        )
        position = start.end() if start else 0
        short = len(turn.folded.split()) <= 3
        span = _name_at(turn, position, catalogue, lower=short)
        if (
            span is not None
            and not _is_character(turn, *span)
            and not _address_ahead(turn, span[1])
        ):
            spans.append(span)
            ledger.put("childName", spelled(turn.text[slice(*span)]), turn.id, confidence=0.75)
    if "parentName" in ledger.asked and ledger.value("parentName") is None and not spans:
        span = _name_at(
            turn,
            len(turn.folded) - len(turn.folded.lstrip()),
            catalogue,
            lower=len(turn.folded.split()) <= 3,
        )
        if span is not None and not _is_character(turn, *span):
            spans.append(span)
            ledger.put("parentName", spelled(turn.text[slice(*span)]), turn.id, confidence=0.75)
    numeric = [
        name
        for name, done in (("childAge", found[0]), ("numChildren", found[1]))
        if name in ledger.asked and not done and ledger.value(name) is None
    ]
    if len(numeric) != 1 or len(turn.folded) > 60:
        return
    if "startTime" in ledger.asked and not turn.times and ledger.value("startTime") is None:
        return
    taken = [
        span
        for span in turn.claims()
        if not re.fullmatch(r"(?:around|about|by|cam|la)?\s*\d+\s*", turn.folded[slice(*span)])
    ]
    bare = [m for m in _BARE.finditer(turn.folded) if not any(s <= m.start() < e for s, e in taken)]
    if len(bare) == 1 and not re.search(r"str|\bnr|\bbl\b|\bap\b|calea|adult", turn.folded):
        value = to_int(bare[0][1])
        if value is not None and 0 < value < (19 if numeric[0] == "childAge" else 1000):
            ledger.put(numeric[0], value, turn.id, confidence=0.8)


def _address_ahead(turn: Turn, end: int) -> bool:
    return bool(re.match(r"\s*\d|\s*,?\s*(?:str|nr|bl|sector)\b", turn.folded[end:]))
