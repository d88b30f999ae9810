"""What a message that names a service or character means by it."""

import itertools
import re

from core.crm.catalogue import Entry
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.turns import Turn
from core.crm.folding import squash
from core.crm.given_names import is_given
from core.crm.resolve.roles import RoleMention

_SWAP = re.compile(r"\bschimb\w*|\binlocui\w*|\bswap\w*|\bchange\w*|\breplace\w*|\bswitch\w*")
LIKES = re.compile(
    r"(?<!would )(?<!\'d )\bloves?\b|\badora|\bii\s+place|\bplac\b|\bobsessed|\bfan\b|\binnebun"
    r"|\bfavorit|\b(?:mort|moarta|nebun|nebuna|topit|topita)\s+dupa\b|\bmad\s+(?:about|on)\b"
    r"|\bfavou?rite|\bpasionat|\bcrazy\s+about|\bis\s+into\b|\bajunge\b|\bcostum\w*"
    r"|\binvitati[ia]\w*|\bpijama\w*|\btricou\w*|\bghiozdan\w*|\btort\w*|\bcake\b|\bpajamas"
    r"|\bjucari\w*|\bposter\w*|\bdesen\w*|\bfilm\w*|\bgand(?:es|im)\w*\s+la\b|\bthinking\s+(?:of"
    r"|about)\b"
)
_NAMED = re.compile(
    r"(?:\bcheama|(?<!\bin locul )\blui|\blu'?|\bnumeste|\bname\s+is|\bname's|\bnumele|\bsunt"
    r"|\bi'?m"
    r"|\bthis\s+is|\bnumesc|(?:fiul|fiica|fetita|baiatul|baietelul|baietelului|fetitei|fata"
    r"|copilul|nepotica|nepotul)"
    r"\s+(?:meu|mea|mele|nostru|noastra)\s*,?|\b(?:son|daughter|niece|nephew|girl|boy)\s*,?"
    r"|\bmr\.?|\bmrs\.?|\bmiss|\bms\.?|\bdoamna|\bdomnul|\bstr\.?|\bstrada|\bmama|\btatal)\s*$"
)
_CHILD_AFTER = re.compile(
    r"\s*,?\s*(?:(?:care\s+)?(?:face|implineste|va\s+implini)|turns|is\s+turning|'s\s+(?:turning|gonna|going\s+to|\d|birthday|party|b-?day|mum|mom|dad|big)|"
    r"(?:nu\s+mai\s+|isi\s+)?(?:vrea|doreste|ar\s+vrea|wants|would\s+like)\b"
    r"|(?:de\s+)?\d{1,2}\s+ani)"
)
"""Words after a name that is a child's, though a character has it too: "Anna wants Moana"."""
_KIN_AFTER = re.compile(
    r"\s*,\s*(?:fetita|fiica|fiul|baiatul|baietelul|(?:my|our)\s+(?:\w+\s+)?(?:daughter|son|girl|boy))\b"
)
_ASKED_FOR = re.compile(
    r"\b(?:vrem|vreau|vrea|dorim|doresc|dori|luam|chemam|rezerv\w*|cu|like|love|want|book|need|have|get)"
    r"\s+(?:(?:pe|un|o|an?|the|to|have|book)\s+)*$"
)
_SURNAME = re.compile(r" [A-ZȘȚĂÂÎŞŢ][a-zșțăâî]{2,}(?![\w'])")
_GONE = re.compile(
    r"\b(?:initial|la\s+inceput|at\s+first|originally)\b[^.!?;]{0,30}$|\b(?:la\s+anul|anul\s+viitor|next\s+year|data\s+viitoare|next\s+time)\b[^.!?;]{0,20}$|"
    r"\b(?:era|erau|trebuia\s+sa\s+(?:fie|vina)|was|were|used\s+to\s+be)\s+(?:un\s+|o\s+|the\s+)?$"
)
_OWNED = re.compile(
    r"\b(?:am|avem)\s+(?:si\s+)?(?:deja\b|comandat|luat|cumparat|aranjat)[^.!?;]{0,40}$"
    r"|\b(?:we|i)(?:'ll|\s+will)?\s+(?:sort|bring|handle|provide|make)\s+(?:(?:the|our|my)\s+)?$"
    r"|\b(?:we|i)(?:'ve)?\s+(?:already|have\s+already|bought|ordered|got)\b[^.!?;]{0,40}$"
)
_STAYS = re.compile(r"\s+(?:stays?|raman(?:e|)|remain\w*)\b")
_SIBLING = re.compile(
    r"\b(?:frate\w*|sora|surioara|fratior\w*|brother|sister|verisor\w*|cousin)\b[^.!?;]{0,40}$"
)
_ITS_WISH = re.compile(
    r"[\w-]+(?:\s+(?:meu|mea|lui|ei|lor|mai|mare|mic\w*|older|younger|big|little|de|\d+|ani)\b){0,4},?"
    r"(?:\s+[a-z]+,?)?(?:\s+(?:face|implineste|are|turns|is)\s+\d+(?:\s+ani)?,?(?:\s+(?:si|and))?)?"
    r"(?:\s+(?:(?:si\s+el|si\s+ea|il|o|l-?ar|ar)\s+)*"
    r"(?:vrea|doreste|prefera|wants|would\s+like)(?:\s+(?:si\s+)?(?:el|ea))?|(?=\s+pe\s))"
    r"\s+(?:pe|un|o|an?|the)?\s*"
)
"""A brother's own wish: "fratele ei pe", "her brother Tom wants"."""
_SHARED = re.compile(
    r"\bimpreuna\b|\bamandoi\b|\bamandoua\b|\bambi\w+|\bgemen\w+|\btwins?\b|\bboth\b|\btogether\b"
    r"|\bjoint\b|\bpetrecere\s+comuna"
)
"""Words of a party of two."""


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries are the same service and variant."""
    if one.role_type != other.role_type:
        return False
    alike = bool(one.spellings) and one.spellings == other.spellings
    return alike or squash(one.label or "") == squash(other.label or "")


_LIST = re.compile(r"\s*(?:,|\+|&|\bsi\b|\band\b|\bplus\b)+\s*(?:(?:un|o|a|an|cu)\s+)?")


def is_listed(turn: Turn, mention: RoleMention, mentions: list[RoleMention]) -> bool:
    """Whether a service stands in a list with others that plainly are services."""
    return any(
        not other.entry.asked_only
        and (
            _LIST.fullmatch(turn.folded, other.end, mention.start)
            or _LIST.fullmatch(turn.folded, mention.end, other.start)
        )
        for other in mentions
    )


_OBJECT = re.compile(r"\s+(?:me|us|you|them|it|up|down|after)\b")


def moment(turn: Turn, mention: RoleMention) -> bool:
    """Whether a word is the time, the place or the money of something rather than a service."""
    after = turn.folded[mention.end : mention.end + 20]
    if turn.text[mention.start].islower() and _OBJECT.match(after):
        return True  # "so you don't have to chase me"
    if mention.entry.asked_only and re.match(
        r"\s+(?:(?:e|este|il|o|se|is|vine|taiem)\s+){0,2}(?:la|at|pe\s+la|dupa)\s+\d", after
    ):
        return True
    return mention.entry.label is None and bool(re.match(r"\s*(?:de\s+sapun|park\b)", after))


def is_kin(turn: Turn, start: int, end: int) -> bool:
    """Whether a name is said to be a child's: "Elsa, fetița mea", but not "vrem Elsa, fetița …"."""
    after = _KIN_AFTER.match(turn.folded, end)
    return bool(after) and not _ASKED_FOR.search(turn.before(start))


def is_person(turn: Turn, mention: RoleMention, people: list[tuple[int, int]]) -> bool:
    """Whether a mention is somebody's name; `people` are the offsets of names and addresses."""
    if any(start <= mention.start and mention.end < end for start, end in people):
        return True
    if mention.entry.label is None and _endearment(turn, mention):
        return True
    if mention.entry.role_type != "ANIMATOR" or not mention.entry.exact_label:
        return False
    if any(start < mention.end and mention.start < end for start, end in people):
        return True

    before = turn.before(mention.start)
    if " " in turn.folded[mention.start : mention.end].strip():
        return False
    if _NAMED.search(before) or _CHILD_AFTER.match(turn.folded, mention.end):
        return True
    if is_kin(turn, mention.start, mention.end):
        return True
    surname = _SURNAME.match(turn.text, mention.end)
    return bool(
        surname
        and is_given(turn.folded[mention.start : mention.end])
        and not any(r.start < surname.end() and mention.end < r.end for r in turn.roles)
    )


def _endearment(turn: Turn, mention: RoleMention) -> bool:
    """Whether "our princess" is the child."""
    if not turn.folded.startswith(("print", "princ"), mention.start):
        return False
    after = re.match(r"\s+(?:noastra|mea|noastre|mele)\b", turn.folded[mention.end :])
    return bool(after or re.search(r"\b(?:our|my)\s+(?:little\s+)?$", turn.before(mention.start)))


def _clause_before(turn: Turn, mention: RoleMention) -> tuple[int, int]:
    begin, _end = turn.clause_span(mention.start)
    return begin, mention.start


def unwanted(turn: Turn, mention: RoleMention) -> bool:
    """Whether a service was planned earlier, is there already, or is a brother's liking.

    A brother's wish counts beside the child's own, or where the party is that of both.
    """
    before = turn.before(mention.start, 80)
    if _STAYS.match(turn.folded, mention.end):
        return True
    if _GONE.search(before) or _OWNED.search(turn.folded, *_clause_before(turn, mention)):
        return True
    sibling = _SIBLING.search(before)
    if sibling is None or is_second_wish(turn, mention):
        return False
    begin = mention.start - len(sibling[0])
    return not any(begin < r.start < mention.start for r in turn.roles)


def is_second_wish(turn: Turn, mention: RoleMention) -> bool:
    """Whether a brother or sister has a character of their own at the party.

    That is a wish beside the child's, or one for a party of both.
    """
    sibling = _SIBLING.search(turn.before(mention.start, 80))
    if sibling is None or not _ITS_WISH.fullmatch(sibling[0]):
        return False
    begin = mention.start - len(sibling[0])
    first = turn.sentence_span(mention.start)[0]
    beside = any(first <= r.start < begin for r in turn.roles)
    return (beside or bool(_SHARED.search(turn.folded))) and not turned_down(turn, mention)


_WAIT = re.compile(
    r"\s*(?:\.\.+|,|-)?\s*(?:wait|stai|stati|ba\s+nu|no\s+wait|a\s+nu|nu\s+stai"
    r"|glum\w+|kidding|joking|jk)\b"
)
_NOT_AFTER = re.compile(
    r"\s*(?:nu|no)\s*(?:[.,;!]|$)|\s*,?\s*(?:dar|insa|but)\s+(?:nu\s+(?:(?:ne|imi|mai|il|le|o)\s+)*(?:trebui\w*|vrem|vreau|interes\w*|dorim|luam|chemam)"
    r"|(?:we\s+|i\s+)?(?:don'?t|do\s+not)\s+(?:need|want))"
    r"|\s+(?:(?:le|il|o|ii|l-)\s*(?:scoatem|scot|scoateti|anulam|anulati|dam\s+jos|sarim)\b|(?:is|are)\s+out\b|deja|already|avem\b(?!\s+nevoie)"
    r"|(?:(?:le|il|o|ii)\s+)?(?:iau|luam|aduc\w*|pun\w*|fac\w*|cumpar\w*)\s+(?:eu|noi|singur\w*"
    r"|de\s+la|din\s+alta|restaurant\w*|sala)|(?:[a-z-]+\s+){0,3}(?:le|il"
    r"|o)\s+pune\s+restaurant\w*"
    r"|sunt\s+(?:deja\s+)?(?:aranjat\w*|rezolvat\w*|luat\w*)|ourselves|myself|(?:is|are)\s+sorted"
    r"|nu\s+mai\s+(?:e|este|sunt|ii|il)\b|nu(?:-[loi])?\s+(?:(?:ne|il|o|le|ii)\s+)?(?:mai\s+)?(?:aveti|vrem|vreau|trebuie|luam|vine|e\s+nevoie)|cade\b|iese\b|pica\b"
    r"|(?:e|este|sunt)\s+(?:prea|cam)\s+scump\w*|(?:is|are)\s+too\s+expensive|no\s+longer"
    r"|not\s+needed)"
)


def turned_down(turn: Turn, mention: RoleMention) -> bool:
    """Whether the words after a service take it back: "Grinch... wait no", "iepuraș nu aveți"."""
    return bool(_WAIT.match(turn.folded, mention.end) or _NOT_AFTER.match(turn.folded, mention.end))


def swapped_out(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the mention that "swap X for Y" gives away."""
    for start, end in turn.sentences:
        inside = [m for m in mentions if start <= m.start < end]
        swap = _SWAP.search(turn.folded, start, end)
        if swap and len(inside) >= 2 and swap.start() < inside[0].start:
            between = turn.folded[inside[0].end : inside[1].start]
            if re.search(r"\b(?:cu|for|with|to|in|la|pe)\b", between):
                return inside[:1]
    return []


def wanted_after(turn: Turn, mention: RoleMention) -> bool:
    """Whether the message goes on to ask for what it just asked about ("balloons? we want 20")."""
    for start, end in turn.sentences:
        if start >= mention.end and not any(start <= r.start < end for r in turn.roles):
            sentence = turn.folded[start:end]
            return bool(
                lexicon.REQUEST.search(sentence) and not lexicon.QUESTION_WORDS.search(sentence)
            )
    return False


def either(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the services of "Peppa or Bluey": neither is chosen yet."""
    found: list[RoleMention] = []
    for one, other in itertools.pairwise(mentions):
        if re.fullmatch(
            r"\s*(?:,\s*)?(?:sau|ori|or)\s+(?:un\s+|o\s+|an?\s+|poate\s+)?"
            r"(?:(?:ceva|something)\s+(?:cu|gen|with|like)\s+)?",
            turn.folded[one.end : other.start],
        ):
            found += [one, other]
    return found


_TAKEN_BACK = re.compile(
    r"\bactually\b|\bba\s+nu\b|\bno\s+(?:wait|sorry)|\bsau\s+nu\b|\bnu,|\bscuze|\bde\s+fapt\b"
    r"|\bmai\s+bine\b"
)


def taken_back(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return what "a magician... actually no, a clown" takes back."""
    return [
        one
        for one, other in itertools.pairwise(mentions)
        if other.start - one.end < 40
        and _TAKEN_BACK.search(turn.folded, one.end, other.start)
        and not same(one.entry, other.entry)
    ]


_REFUSED = re.compile(
    r"\b(?:nu\s+(?:mai\s+)?(?:avem|facem|oferim|lucram\s+cu|asiguram|tinem|este|e|sunt)"
    r"|(?:e|este|sunt)\s+(?:deja\s+)?(?:rezervat\w*|ocupat\w*|luat\w*)|(?:is"
    r"|are)\s+(?:already\s+)?(?:booked|taken|busy)"
    r"|we\s+(?:don'?t|do\s+not)\s+(?:have|do|offer)|(?:isn'?t|is\s+not|not)\s+available"
    r"|no\s+longer)\b"
)
_INSTEAD = re.compile(
    r"\b(?:dar|doar|poate|insa|in\s+schimb|but|only|maybe|just|avem\s+(?!nu))\b|[?]"
)


def is_refused(turn: Turn, mention: RoleMention) -> bool:
    """Whether the company says in this sentence that it does not have what it names."""
    begin, end = turn.sentence_span(mention.start)
    refused = _REFUSED.search(turn.folded, begin, end)
    if refused is None:
        return False
    words = turn.folded[min(refused.end(), mention.end) : max(mention.start, refused.start())]
    return not _INSTEAD.search(words)
