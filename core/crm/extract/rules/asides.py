"""What of a message is not about the party: other people's, other places' and imagined things.

An aside begins with words such as "my friend had", "the venue has" or "if it rains" and lasts to
the end of its sentence, or to where the customer comes back to the own party ("but we want").
"""

import re
from dataclasses import dataclass

from core.crm.extract.rules import lexicon

ALL = frozenset({"service", "sum", "when", "child", "guests", "place"})
"""The kinds of value that an aside can hold."""
_OTHER_PEOPLE = (
    r"(?:vecin[aieu]\w*|prieten[aei]\w*|coleg[aei]\w*|cumnat\w*|verisoar\w*|verisor\w*|o\s+amica"
    r"|alta\s+(?:mama|mamica)"
    r"|alti\s+parinti|alte\s+mamici|cineva|o\s+(?:mama|mamica)|niste\s+(?:prieteni|cunostinte)"
    r"|o\s+cunostinta|sefa|seful"
    r"|friends?|neighbou?rs?|colleagues?|co-?workers?|cousins?|somebody|someone|another\s+(?:mum"
    r"|mom|mother|parent|family)"
    r"|other\s+(?:parents|people)|a\s+(?:mum|mom|lady)|my\s+(?:sister|brother)(?:-in-law)?"
    r"|sora\s+mea|fratele\s+meu)"
)
_VENUE = (
    r"(?:sala|salonul|restaurant\w*|locul(?:\s+de\s+joaca)?|locatia|hotelul|pensiunea|gradinita"
    r"|scoala|complexul|cei\s+de\s+la\s+\w+"
    r"|(?:the|our)\s+(?:venue|hall|restaurant|place|club|hotel|playground|kindergarten|school))"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of aside: the words that begin it, and which values it keeps out."""

    opens: re.Pattern[str]
    holds: frozenset[str] = ALL


KINDS = (
    # Other people's parties: "vecina mea a avut Elsa", "my friend paid 600".
    Kind(re.compile(
        rf"\b{_OTHER_PEOPLE}\b[^.!?;\n]{{0,40}}?\b(?:(?:a|au|v-?a|v-?au|ne-?a|mi-?a|l-?a"
        rf"|le-?a)\s+(?:mai\s+)?(?:avut|luat|chemat"
        r"|dat|platit|zis|spus|facut|adus|rezervat|tinut|recomandat|fost|folosit)|avea|aveau|had"
        r"|has\s+had|paid|got|booked|hired|used"
        r"|told|said|recommended|did|threw|was\s+charged)\b")),
    # Another party that was seen: "la o altă petrecere am văzut".
    Kind(re.compile(
        r"\bla\s+(?:o\s+)?alta\s+petrecere|\b(?:am|ne-?am)\s+(?:fost"
        r"|vazut)(?:-\w+)?\s+(?:(?:si\s+)?(?:noi\s+)?)?(?:la|pe|in|cum|ca)\b"
        r"(?!\s+(?:site|pagin|facebook|insta|net|internet|anunt))"
        r"|\bat\s+(?:another|a\s+friend'?s|someone\s+else'?s)\s+(?:party|birthday)|\b(?:we"
        r"|i)\s+(?:saw|went|were|attended)\b")),
    # What somebody else would like: "cumnata-mea vrea Elsa".
    Kind(re.compile(
        r"\b(?:cumnat\w*|soacra|verisoar\w*|verisorul|matusa|vecin\w+|prieten\w+|nasa|bunica|coleg\w+|(?:her|his)\s+(?:cousin|friend)"
        r"|my\s+(?:mother|sister|brother)(?:-in-law)?)(?:-?\s?(?:mea|sa|lui|ei))?,?\s+(?:ar\s+)?"
        r"(?:vrea|zice|prefera|propune|insista|wants|would\s+like|prefers|suggests?|suggested|insists)\b"),
        frozenset({"service"})),
    # Other people's own parties to come: "prietenii mei vor și ei Elsa".
    Kind(re.compile(
        rf"\b{_OTHER_PEOPLE}\b(?:\s+(?:mei|mele|mea|meu|nostri|lui|ei))?\s+(?:vor|vrea|want|wants)\s+(?:si\s+(?:ei|ea|el|ele)|(?:you|it|one)\s+too|also|pe\s|un\s|o\s)")),
    # What others charge or offer: "cei de la Magic cer 400".
    Kind(re.compile(
        r"\bcerut\s+(?:o\s+)?ofert\w*\b|\bgot\s+a\s+quote\b|\b(?:alta\s+(?:firma|parte|echipa)|alte\s+firme|altii|altcineva|concurent\w+"
        r"|cei\s+de\s+la\s+\w+|celalalt\s+animator"
        r"|(?:another|other|the\s+other)\s+(?:company|companies|place|team|animator"
        r"|entertainer)s?|others)\b[^.!?;\n]{0,24}?"
        r"\b(?:cer\w*|zic\w*|ia|iau|fac\w*|ofera\w*|au|a|dau|mi-?au|ne-?au|vor|charg\w+|quot\w+"
        r"|wants?|asks?|asked|offer\w*|gave|said)\b"),
        frozenset({"service", "sum", "place"})),
    # What the venue has or takes: "sala are decorațiuni", "restaurantul ia 150 lei de copil".
    Kind(re.compile(
        rf"\b{_VENUE}\b(?:\s+(?!la\b|de\s+la\b|e\b)[\w'-]+){{0,3}}?\s+(?:(?:ne|le|ni|deja|mai|si"
        rf"|already|also|alone|is|are)\s+){{0,3}}(?:are\b|au\b|avea\b|ofera\w*|pun(?:e)?\b"
        rf"|asigura\w*|includ\w*|vine\s+cu"
        r"|da\b|cer\w*|cost\w*|ia\b|iau\b|provid\w*|has\b|have\b|had\b|comes?\s+with|includes?"
        r"|suppl\w+|charg\w+|offers?|gives?|does\b|(?:is\s+)?(?:doing|making|providing|supplying|offering)\b|sorts?\b)"),
        frozenset({"service", "sum", "guests"})),
    # Where somebody works, or what is only thought of: "lucrez în Pipera", "ne-am gândit la X".
    Kind(re.compile(
        r"\b(?:lucrez|lucram|(?:sunt|suntem)\s+la\s+(?:serviciu|birou|munca)|serviciul\s+meu"
        r"|biroul\s+(?:meu|nostru)|my\s+(?:office|work|job)\s+is|(?:i|we)\s+work)\b"
        r"|\bne(?:-?am)?\s+(?:mai\s+)?gand(?:it|im|eam)\s+(?:si\s+)?la\b|\bm-?am\s+gandit\s+la\b"
        r"|\bthinking\s+(?:of"
        r"|about)\s+(?:\w+ing\s+)?(?:at\s+)?(?:the\s+)?(?=[a-z]+\s+(?:restaurant|hall|park|club"
        r"|cafe))"),
        frozenset({"place"})),
    # Imagined: "dacă plouă", "say there were 25 kids", "de exemplu la 16".
    Kind(re.compile(
        r"\b(?:daca|in\s+caz(?:ul)?\s+(?:ca|in\s+care)|if|in\s+case)\s+(?:\w+\s+){0,2}?(?:ploua"
        r"|va\s+ploua|vremea|vreme|e\s+urat|ninge|rains?|raining|weather|wet|snows?)\b"
        r"|\bdaca\s+(?:ar\s+fi|am\s+fi|vin|ar\s+veni|sunt)\s+(?:\w+\s+)?\d+"
        r"|\bif\s+(?:there\s+(?:are|were)|we\s+(?:are|were|get|have|had))\s+(?:\w+\s+)?\d+"
        r"|\bsay\s+(?:there|we|it)\s+(?:were|was|are|had|have)\b"
        r"|(?<!hai )\bsa\s+zicem\b(?!\s+(?:vreo\s+|cam\s+)?\d)"
        r"|\bde\s+exemplu\b|\bfor\s+(?:example|instance)\b|\be\.g\."
        r"|\bin\s+cel\s+mai\s+rau\s+caz|\bworst\s+case")),
    # A relative's own day: "her cousin turns 9 on 30 May".
    Kind(re.compile(
        r"\b(?:verisor\w*|verisoar\w*|vecin\w*|cousin|coleg\w*|prieten\w*|friend|classmate|fratele"
        r"|fratior\w*|sora\s+(?:lui|ei)|surioara|sister|brother)\b"
        r"[^.!?;\n]{0,22}?\b(?:face|implineste|isi\s+serbeaza|are\s+(?:ziua|petrecere\w*)|turns"
        r"|turned|is\s+turning|has\s+(?:his|her|a)\s+(?:party|birthday))\b"
        r"|\b(?:petrecerea|ziua|nunta|botezul|cununia)\s+(?:lui\s+)?(?:vecin\w*|priete\w*"
        r"|coleg\w*|veri[sș]\w*|cumnat\w*|nas\w*|fratelui|surorii)"
        r"|\b(?:suntem|sunt|e|este|avem|mergem)\s+(?:invitat\w*\s+)?(?:la\s+)?(?:o\s+)?(?:nunta"
        r"|inmormantare)\b|\b(?:a|my\s+\w+'s|our\s+\w+'s)\s+wedding\b"),
        frozenset({"when", "guests"})),
)  # fmt: skip
_RESUMES = re.compile(
    rf"(?:{lexicon.REQUEST.pattern})|\b(?:dar|insa|iar|si|asa\s+ca|deci|but|so|and)\s+(?:noi|eu"
    rf"|la\s+noi|al\s+meu|a\s+mea|we|i|ours|mine|my|our)\b"
)


_BREAK = re.compile(r"[,:()]|\s(?:dar|but|iar|insa|ci|ca|because|so|deci|and)\s")


def find_asides(
    folded: str, sentences: list[tuple[int, int]]
) -> list[tuple[int, int, frozenset[str]]]:
    """Return the stretches of a folded message that are asides, and which values each keeps out."""
    found: list[tuple[int, int, frozenset[str]]] = []
    for start, end in sentences:
        for kind in KINDS:
            opened = kind.opens.search(folded, start, end)
            if opened is None or lexicon.REQUEST.search(folded, start, opened.start()):
                continue
            resumed = _RESUMES.search(folded, opened.end(), end)
            breaks = [m.end() for m in _BREAK.finditer(folded, start, opened.start())]
            begin = breaks[-1] if breaks else start
            found.append((begin, resumed.start() if resumed else end, kind.holds))
    return found
