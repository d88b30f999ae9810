"""The child that is celebrated: the names a message gives, and how surely each is the one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.mentions import is_kin, is_second_wish
from core.crm.extract.rules.names import (
    CAPITAL,
    CAPITALISED,
    COMMON,
    in_genitive,
    is_character,
    name_at,
    nominative,
)
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold
from core.crm.given_names import is_given
from core.crm.resolve.numbers import NUMBER

_FAMILY = (
    r"(?:fiul|fiica|baiatul|baietelul|baietelului|baiatului|fetita|fetitei|fata|fetei|fetele"
    r"|copilul|copilului|nepotica|nepotelul|nepotul|nepoata|nepotelului|nepoatei|nepotului"
    r"|nepoticii|nepoticai|fiului|fiicei|finul|fina|finului|finei|finuta|finutei|printesa|printul"
    r"|puiul|puiului|bebelusul"
    r"|bebelusului|bebelusa|juniorul|piciul|piticul|piticei|minunea|cel\s+mic|cea\s+mica"
    r"|celui\s+mic|celei\s+mici|cel\s+mare|cea\s+mare|celui\s+mare|celei\s+mari|micutul|micuta|micutei|micutului"
    r"|mezina|mezinul|sarbatoritul|sarbatorita|sarbatoritului|sarbatoritei|copilasul"
    r"|gagica|printisorul|domnisoara|domnisorul)\s*(?:meu|mea|mei|mele|nostru|noastra|noastre"
    r"|sau|sa|ei|lui)?"
)
_CHILD_NOUN = (
    r"(?:son|daughter|boy|girl|niece|nephew|kid|grandson|granddaughter|godson|goddaughter"
    r"|toddler|princess|child|baby|little\s+(?:one|man|lady|girl|boy|guy)|youngest|oldest|eldest)"
)
_CUES: tuple[tuple[str, int], ...] = (
    (r"(?<!\bma )(?<!\bte )(?<!\bva )\b(?:cheama|botezam|boteaza)\s+(?:pe\s+)?", 3),
    (r"(?<!\bma )\bse\s+numeste\s+", 3),
    (r"\b(?:her|his|their|kid'?s?|child'?s?|son'?s|daughter'?s|girl'?s|boy'?s|baby'?s)\s+name"
    r"(?:'s|\s+is|\s*:)\s+", 3),
    (r"\b(?:birthday\s+(?:girl|boy|child)|b-?day\s+(?:girl|boy)|kid|the\s+child)\s*(?:is|:|'s"
    r"|will\s+be|=)\s*(?:called\s+|named\s+)?", 3),
    (r"(?<!place )(?<!venue )(?<!hall )\b(?:called|named)\s+", 3),
    (r"\b(?:sarbatorit(?:ul|a|ei|ului)?|copil(?:ul)?|child|kid"
    r"|nume(?:le)?\s+(?:de\s+)?(?:copil\w*|fetit\w*|baiet\w*|baiat\w*|sarbatorit\w*|bebelus\w*"
    r"|celui\s+mic|celei\s+mici|ei|lui))(?:\s*(?::|-|=)\s*|\s+(?:este|e)\s+)", 3),
    (r"\b(?:pe\s+(?:fetita|baiat|baietel|copil|cea\s+mica|cel\s+mic|ea|el|sarbatorit\w*))\s+"
    r"(?:o|il)\s+cheama\s+", 3),
    (r"\b(?:ziua|aniversarea|botezul|petrecerea|party-?ul|birthday-?ul|birthday\s+party-?ul"
    r"|majoratul|serbarea|sarbatorirea|bdayul|cristelnita)\s+(?:de\s+(?:nastere"
    r"|\w+\s+an\w*)\s+)?(?:a\s+)?"
    r"(?:lui|lu'?|la(?=\s+[a-z-]+\b))\s+(?:fi-?miu\s+|fiu-?miu\s+)?", 3),
    (r"\b(?:petrecere|aniversare|serbare)(?:\s+\w+){0,2}\s+a\s+lui\s+", 3),
    (r"(?<!de-)(?<!fosta )\ba\s+lui\s+", 1),
    (r"\b(?:numele|name)\s+(?!meu|dvs|dumn|tau|of\b|pe\b|salii|sala)[^.!?:\n]{0,40}:\s*", 3),
    (r"(?<!my )(?<!your )(?<!place )\bname\s+(?:for|on)\s+[^.!?:\n]{0,24}?\bis\s+", 3),
    (r"\blittle\s+one'?s\s+name\s+is\s+", 3),
    (r"\bla\s+(?:fi-?miu|fie-?mea|fiu-?miu),?\s+", 2),
    (r"\b(?:fi-?miu|fie-?mea|fiu-?miu|fii-?mea|fiica-?mea)(?:\s+(?:e|este)\s+|,?\s+)", 3),
    (rf"\b{_FAMILY}(?:\s*,\s*|\s*:\s*|\s+)(?:e\s+|este\s+|pe\s+nume\s+|numita?\s+"
    r"|si\s+anume\s+)?", 2),
    (rf"\b(?:my|our|the)\s+(?:\w+\s+)?{_CHILD_NOUN}(?:'s)?,?\s+(?:is\s+)?(?:called\s+|named\s+)?",
    2),
    (r"\b(?:baby|little|micuta|micutul|micutei|micutului|micul|mica)\s+", 2),
    (r"\b(?:mama|mamica|tatal|tata|mami|tati|bunica|bunicul|nasa|nasul|matusa|nasii|bunicii"
    r"|parintii)\s+(?:lui\s+|lu'?\s+|(?=[a-z]+(?:ei|ai|ii)\b))", 2),
    (r"(?<!ask )(?<!call )(?<!wait )(?<!except )\b(?:pentru|pt|ptr|ptru|for)\s+"
    r"(?:ziua\s+lui\s+)?", 1),
    (r"\b(?:mum|mom|dad|mother|father|parent)\s+(?:of|to)\s+(?:little\s+)?", 2),
    (r"\bfor\s+(?:our|my)\s+(?:own\s+|little\s+|dear\s+)?", 1),
    (r"\b(?:facem|serbam|sarbatorim)\s+\w+\s+(?:ani|anisori)\s+(?:lui|lu'?)\s+", 3),
    (r"\b(?:ii|i)\s+zice\s+(?:pe\s+)?", 2),
    (r"\bboteaz[am]\w*\s+(?:\w+\s+noastr\w,?\s+|pe\s+)", 2),
)  # fmt: skip
_CHILD = tuple((re.compile(cue), score) for cue, score in _CUES)
_TURNS = (
    r"(?:face|fac|implines\w+|va\s+face|va\s+implini|implini|turns|is\s+turning|turning"
    r"|is\s+gonna\s+be|will\s+be|is\s+going\s+to\s+be|e\s+gata\s+sa\s+faca|'s\s+turning"
    r"|o\s+sa\s+faca|'s\s+gonna\s+be)"
)
_YEARS = r"(?:ani\w*|anis\w*|an\b|years?\b(?:\s+old)?|yo\b|y\.?o\.?)"
_NAME_AGE = re.compile(
    r"\s*,?\s*(?:(?:care|who|va|o\s+sa|si)\s+)?"
    rf"(?:{_TURNS}\s+(?:deja\s+|in\s+curand\s+|acum\s+)?(?:{NUMBER}|un\b|o\b)"
    rf"|(?:de\s+|are\s+|-\s*|\(\s*)?{NUMBER}\s*(?:de\s+)?{_YEARS}|\(\s*\d{{1,2}}\s*\))"
)
_AGE_NAME = re.compile(
    rf"(?:\b{_TURNS}\s+{NUMBER}|\b{NUMBER}\s*(?:de\s+)?{_YEARS})(?:\s+(?:ani\w*|anis\w*"
    r"|years?(?:\s+old)?))?\s*(?:[,.:-]\s*|\s)(?:(?:face|implineste)\s+)?(?:pe\s+nume\s+"
    r"|o\s+cheama\s+|il\s+cheama\s+)?"
)
_POSSESSIVE = re.compile(
    rf"({CAPITAL}[a-zăâîșț]+)'s\s+(?:\w+\s+){{0,2}}(?:party|birthday|b-?day|bday|christening|mum"
    rf"|mom|mummy|mommy|dad|daddy|mother|father)\b"
)
_GENITIVE = re.compile(
    r"\b(?:ziua|aniversarea|aniversare|surpriza|botezul|petrecerea|zilei"
    r"|micutei)\s+(?:de\s+nastere\s+)?(?:(?:e\s+|este\s+)?a\s+)?"
    rf"({CAPITAL}[\w-]*(?:ei|ăi|ii|ai))\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    rf"({CAPITAL}[\w-]+)\s+(?:(?:nu\s+mai\s+)?(?:vrea|il\s+vrea|o\s+vrea)\b|s-a\s+razg|s-a\s+răzg|a\s+zis|zice|vrea|ar\s+vrea|ar\s+dori"
    r"|isi\s+dor|își\s+dor|are\s+ziua|își\s+serbeaz|isi\s+serbeaz|changed\s+(?:her|his)|also\s+want|wants|loves|adora|adoră"
    r"|ii\s+place|îi\s+place|would\s+like|would\s+love|begged|asked|a\s+cerut|a\s+ales"
    r"|has\s+chosen|picked)"
)
_IS_CALLED = re.compile(
    rf"({CAPITAL}[\w-]+(?:\s{CAPITAL}[\w-]+)?)\s+(?:(?:il|îl|o|se)\s+(?:cheam|numes)"
    r"|(?:e|este|is)\s+(?:sarbatorit\w*|sărbătorit\w*|the\s+birthday\s+(?:girl|boy|child)|cea\s+care\s+face|cel\s+care\s+face)"
    r"|is\s+(?:her|his|the\s+(?:\w+\s+)?(?:girl|boy|child|kid)'?s?)\s+name|(?:e"
    r"|este)\s+numele\s+(?:ei|lui|fet|b[aă]ie|copil))"
)
_SHE = re.compile(r"\b(?:he|she|it|ea|el)(?:'s|\s+is|\s+e|\s+este)\s+")
_FEASTS = frozenset(
    {"recoltei", "copilului", "familiei", "mamei", "femeii", "scolii", "gradinitei", "orasului"}
    | {"children", "sports", "mother", "father", "women", "family", "santa", "today", "tomorrow"}
)
_SMALL = r"[a-zăâîșțşţ]"
LIST_AFTER = re.compile(
    rf"(?:\s*,\s*{CAPITAL}\w+)+\s*,?\s*(?:si|și|and|&)\s+(?P<next>{CAPITAL}\w+)"
)
PAIR_AFTER = re.compile(
    rf"\s*(?:\(\d+\)|,?\s*(?:de\s+|are\s+|face\s+|is\s+)?\d+\s+(?:ani\w*"
    rf"|years\s+old))?\s*(?:,\s*)?(?:si|și|and|&)\s+"
    rf"(?:al?\s+|lui\s+)?(?P<next>{CAPITAL}\w+|{_SMALL}{{3,}})"
)
PAIR_BEFORE = re.compile(
    rf"(?P<next>{CAPITAL}\w+|\b{_SMALL}{{3,}})\s*(?:\(\d+\)|,?\s*(?:de\s+)?\d+\s+ani\w*(?:\s+jum\w*)?)?"
    r"\s+(?:si|și|and|&)\s+$"
)
_OTHERS = re.compile(
    r"\bunde\s+a\s+fost|\bsame\s+(?:place|address|venue)\s+as|\bla\s+fel\s+ca\s+la\b"
    r"|\bgave\s+me\s+your|\brecomand|\brecommended|\bmi-?a\s+(?:dat|zis|spus)|\bhad\s+you\b"
    r"|\bv-?a\s+(?:avut|chemat)|\bv-?au\s+(?:avut|chemat)|\bcoleg\w*|\bveci[nm]\w*|\bpriete\w+"
    r"|\bverisoa\w*|\bverisor\w*|\bverisoru\w*|\bcousin\w*|\bneighbou?r\w*|\bfriend\w*|\bclassmate"
    r"|\ba\s+fost\s+la\b|\bam\s+fost\s+(?:la|invitat\w*)|\bwe\s+(?:were|went)|\bne-?am\s+vazut"
    r"|\bcumnat\w*|\bsora\s+(?:mea|lui|ei)|\bfratele|\bsurioara|\bfratior\w*|\bfrati\w*\s+lui"
    r"|\b(?:her|his|my)\s+(?:\w+\s+)?(?:sister|brother)|\bde\s+la\s+petrecerea\b"
    r"|\b(?:ii|i)\s+(?:spunem|zicem|se\s+spune)\b|\bwe\s+call\b"
)
"""The sentence speaks of another family, of a brother or sister, or of a pet name."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a message may give the child."""

    start: int
    end: int
    score: int
    """3 plainly named, 2 beside a word such as "daughter", 1 by a preposition alone."""
    others: bool
    """Whether the sentence speaks of another family before the name."""
    past: bool
    """Whether the clause speaks of an earlier party before the name."""

    @property
    def sure(self) -> bool:
        """Whether the words say that this is the child's name."""
        return self.score >= 3


def find_children(turn: Turn) -> list[Named]:
    """Return the names that may be the celebrated child's, the surest first."""
    best: dict[int, Named] = {}
    for start, end, score in _candidates(turn):
        begin, _end = turn.clause_span(start)
        past = turn.is_past(start) and bool(lexicon.PAST.search(turn.folded, begin, start))
        one = Named(start, end, score, _of_others(turn, start, end), past)
        if start not in best or best[start].score < score:
            best[start] = one
    return sorted(best.values(), key=lambda n: (n.others, n.past, -n.score, n.start))


_RELATION = re.compile(
    r"\s*,?\s*(?:un\s+|o\s+|a\s+)?(?:coleg|prieten|verisor|verisoar|vecin|cousin|friend"
    r"|classmate)\w*\b"
)


def _of_others(turn: Turn, start: int, end: int) -> bool:
    begin = next((s for s, e in turn.sentences if s <= start < e), 0)
    found = _OTHERS.search(turn.folded, begin, start)
    if found is None:
        return bool(_RELATION.match(turn.folded, end))
    turns = re.compile(rf"[\w' -]{{2,24}}?,?\s*(?:care\s+|who\s+)?{_TURNS}\b")
    pet_name = re.search(r"spun|zicem|call", found[0])
    return bool(pet_name) or not turns.match(turn.folded, start)


def _candidates(turn: Turn) -> Iterator[tuple[int, int, int]]:
    yield from _cued(turn)
    yield from _aged(turn)
    for pattern in (_POSSESSIVE, _GENITIVE, _WISHES, _IS_CALLED):
        for found in pattern.finditer(turn.text):
            word = fold(found[1])
            if word in COMMON | _FEASTS or is_character(turn, *found.span(1)):
                continue
            if pattern is _GENITIVE and not _declined(turn, *found.span(1)):
                continue
            if pattern is _WISHES and not is_given(word):
                continue
            yield found.start(1), found.end(1), 2 if pattern is _WISHES else 3


def _declined(turn: Turn, start: int, end: int) -> bool:
    """Whether words in the genitive are a name: with a capital letter, or a known one."""
    known = is_given(fold(nominative(turn, start, end)), lower=turn.text[start].islower())
    return in_genitive(turn, start) and (known or turn.text[start].isupper())


_PARENT_OF = re.compile(
    r"\b(?:tatal|mama|mamica|bunic\w*|fratele|sora|nasa|nasul|nasii|parintii|doamna"
    r"|educatoarea|pisic\w*|cain\w*|catel\w*|papus\w*|hamster\w*|cat|dog|puppy|doll)\s+$"
)
"""Before "copilului, Mihai": the name is not the child's."""
_NAMING = re.compile(r"cheam|numes|nume|name|called|zice|\bis\s+$(?<=boy is )|:")


def _cued(turn: Turn) -> Iterator[tuple[int, int, int]]:
    """Yield the names after words such as "her name is", "fetita mea", "pentru"."""
    for pattern, score in _CHILD:
        for found in pattern.finditer(turn.folded):
            span = name_at(turn, found.end(), lower=True)
            if span is None or _PARENT_OF.search(turn.folded, 0, found.start()):
                continue
            name = turn.folded[slice(*span)]
            aged = bool(_NAME_AGE.match(turn.folded, span[1]))
            small = turn.text[span[0]].islower()
            if small and not _lower_fits(turn, found, span, score, aged=aged):
                continue
            loose = (
                score == 1 or found[0].startswith(("baby", "little")) or found[0].endswith(" la ")
            )
            if loose and not (aged or is_given(name)):
                continue
            if is_character(turn, *span) and not aged and score < 3:
                continue
            yield (*span, 3 if aged and (is_given(name) or score > 1) else score)


def _lower_fits(
    turn: Turn, cue: re.Match[str], span: tuple[int, int], score: int, *, aged: bool
) -> bool:
    """Whether a word without a capital letter can be the name after a cue."""
    name = turn.folded[slice(*span)]
    if is_given(name, lower=True):
        return score > 1 or aged or bool(re.match(r"\s*(?:[,.!]|$)", turn.folded[span[1] :]))
    if score == 1:
        return False
    ours = re.search(r"\b(?:meu|mea|nostru|noastra|my|our)\b", cue[0])
    closed = re.match(r"\s*(?:[,.!]|$|care\b|face\b|who\b|si\s+face)", turn.folded[span[1] :])
    return aged or (score == 3 and bool(_NAMING.search(cue[0]))) or bool(ours and closed)


def _aged(turn: Turn) -> Iterator[tuple[int, int, int]]:
    """Yield the names beside an age: `Ema, 3 ani`, `turning 5, Eva`, `Ethan (8)`."""
    for found in CAPITALISED.finditer(turn.text):
        position = _past_claims(turn, found.end())
        if _NAME_AGE.match(turn.folded, found.end()) or (
            position > found.end() and _NAME_AGE.match(turn.folded, position)
        ):
            span = name_at(turn, found.start(), lower=False)
            known = is_given(turn.folded[slice(*found.span())])
            whole = span is not None and found.end() - span[1] in {0, 2}
            if span is not None and whole and (known or position == found.end()):
                yield (*span, 3)
    for found in re.finditer(r"(?<![\w-])[a-z]{3,}(?:-[a-z]{3,})?(?![\w-])", turn.folded):
        if turn.text[found.start()].islower() and is_given(found[0], lower=True):
            aged = _NAME_AGE.match(turn.folded, found.end())
            if aged and not is_character(turn, *found.span()):
                yield (*found.span(), 3)
    for found in CAPITALISED.finditer(turn.text):
        if is_kin(turn, found.start(), found.end()):
            span = name_at(turn, found.start(), lower=False)
            if span is not None and span[1] == found.end():
                yield (*span, 3)
    for found in _AGE_NAME.finditer(turn.folded):
        span = name_at(turn, found.end(), lower=True)
        if span is None or is_character(turn, *span):
            continue
        known = is_given(turn.folded[slice(*span)], lower=turn.text[span[0]].islower())
        closed = re.match(r"\s*(?:[,.!;]|$|\n|:\)|de\s+la\b)", turn.folded[span[1] :])
        if known or (closed and turn.text[span[0]].isupper()):
            yield (*span, 3 if known else 2)
    for found in _SHE.finditer(turn.folded):
        span = name_at(turn, found.end(), lower=False)
        if span is not None and is_given(turn.folded[slice(*span)]):
            yield (*span, 2)


def _past_claims(turn: Turn, position: int) -> int:
    """Return the offset behind a day or hour that follows between commas, else `position`."""
    found = re.compile(r"\s*,\s*(?:pe\s+|in\s+|on\s+)?").match(turn.folded, position)
    if found is None:
        return position
    for start, end in turn.claims():
        if start <= found.end() < end or start == found.end():
            return end
    return position


_WISHER = re.compile(
    r"(?P<name>[a-z-]{3,})\s+(?:(?:nu\s+mai|o|il|l-?ar|ar|would|isi)\s+)*"
    r"(?:vrea\s+|doreste\s+|prefera\s+|wants\s+|like\s+)?(?:pe\s+|un\s+|o\s+|an?\s+)?$"
)
_WISHED_FOR = re.compile(r"\s+(?:pentru|pt|ptr|for)\s+(?P<name>[a-z-]{3,})\b")


def have_wishes(turn: Turn) -> bool:
    """Whether two children have a character each: "Maria vrea Elsa și Luca Spiderman"."""
    names = set()
    for role in turn.roles:
        if not role.entry.exact_label or role.entry.role_type != "ANIMATOR":
            continue
        if is_second_wish(turn, role):
            return True
        before = _WISHER.search(turn.before(role.start))
        after = _WISHED_FOR.match(turn.folded, role.end)
        names |= {found["name"] for found in (before, after) if found and is_given(found["name"])}
    return len(names) > 1


def is_pair(turn: Turn, start: int, end: int) -> bool:
    """Whether two children are named together: then neither is the one."""
    near = (
        PAIR_AFTER.match(turn.text, end),
        LIST_AFTER.match(turn.text, end),
        PAIR_BEFORE.search(turn.text[:start]),
    )
    for found in near:
        if found and not is_character(turn, *found.span("next")):
            word = fold(found["next"])
            if word not in COMMON and is_given(word, lower=found["next"].islower()):
                return True
    return False
