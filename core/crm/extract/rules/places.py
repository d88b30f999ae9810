"""The party's address in the customer's own words."""

import re

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold

_STREET = (
    r"str\.?(?=\s|\w)|strada|strazii|bd\.?(?=\s)|bdul|b-dul|bld\.?|bulevardul|bvd\.?|calea"
    r"|aleea|al\.(?=\s)|sos\.?(?=\s)|soseaua|splaiul|piata|intrarea|intr?\.(?=\s)"
    r"|prelungirea|prel\.?(?=\s)|drumul|fundatura|pasajul|street|road|avenue|boulevard|blvd\.?"
    r"|lane|st\.?(?=,|\s+\d|$)"
)
_VENUE = (
    r"restaurant\w*|sala|salon\w*|loc(?:ul)?\s+de\s+joaca|gradinita|gradi|gradina|scoala|liceul"
    r"|piscina|strand\w*|parc(?:ul)?|club\w*|vila|hotel\w*|pensiune\w*|complex\w*|cofetari\w+"
    r"|pizzeri\w+|mall|cabana|ferma|conac\w*|palat\w*|hanul|casa(?=\s\w)|caminul|centrul"
    r"|cresa|domeniul|residence|resort|sediul|playground|school|kindergarten|nursery|gardens?"
    r"|park|villa"
    r"|building|clubhouse|hall|arena|cafe\w*|bistro\w*|terasa|teren\w*|primaria"
    r"|biblioteca|cartier\w*|comuna|satul|orasul|ansambl\w*|bloc"
    r"(?:ul)?\s+[a-z]?\d+|sector(?:ul)?\s+\d"
)
_PART = (
    r"(?:nr|no|numar(?:ul)?|bl|bloc(?:ul)?|sc|scara|et|etaj(?:ul)?|ap|apt|apartament(?:ul)?"
    r"|sect|sector(?:ul)?|jud|judet(?:ul)?|cartier\w*|cart|comuna|com|sat(?:ul)?|oras(?:ul)?"
    r"|mun|corp(?:ul)?"
    r"|tronson|lot|parter|floor|flat|building|cladirea|vila|casa|cod\s+postal|interior|mansarda"
    r"|ground|km|judetul|block|unit|apartment|ilfov|hala)\b\.?"
)
_TOWNS = (
    r"bucuresti|bucharest|voluntari|pipera|otopeni|buftea|chitila|bragadiru|popesti"
    r"(?:[\s-]leordeni)?|pantelimon|magurele|snagov|mogosoaia|corbeanca|balotesti|tunari"
    r"|stefanestii|dobroesti|berceni"
    r"|jilava|cluj(?:[\s-]napoca)?|iasi|timisoara|constanta|brasov|ploiesti|craiova|oradea"
    r"|sibiu|pitesti|militari|titan|drumul\s+taberei|baneasa|cotroceni|rahova|ghencea|colentina"
    r"|floreasca|tineretului"
    r"|domnesti|clinceni|ciorogarla|afumati|ghermanesti|tancabesti|peris|saftica|crevedia"
    r"|chiajna|rosu|dudu|cernica|branesti|glina|mihailesti|targoviste|giurgiu|ilfov|romania"
)
_ANCHOR = re.compile(rf"(?<![\w-])(?:{_STREET}|{_VENUE})(?!\w)")
_ANCHOR_WORD = re.compile(
    r"str|int|strada|strazii|bd|bdul|b-dul|bld|bulevardul|bvd|calea|aleea|al|sos|soseaua|splaiul"
    r"|piata|intrarea|intr|prelungirea|prel|drumul|fundatura|street|road|avenue|boulevard|blvd"
    r"|lane|st"
    r"|restaurant\w*|sala|salon\w*|locul|loc|joaca|gradinita|gradina|scoala|piscina|strand\w*"
    r"|parc|parcul|club\w*|vila|hotel\w*|pensiune\w*|complex\w*|mall|playground|school|gardens?"
    r"|park|villa|building"
    r"|residence|cartier\w*|comuna|sat|satul|sector|sectorul|bloc|blocul|palatul|hanul|domeniul"
    r"|terasa|arena|cofetari\w+|pizzeri\w+|kindergarten|hall|centrul"
)
_STREET_ONLY = re.compile(rf"(?<![\w-])(?:{_STREET})(?!\w)")
_NEXT_PART = re.compile(
    rf"\s*(?:{_PART}|(?:{_TOWNS})\b|\d+\w?\s*$|\d(?:st|nd|rd|th)\s+floor|\d+[a-z]?\b(?=\s*(?:,"
    rf"|$))|(?:{_STREET}|{_VENUE})(?!\w)|\d+\w?\s+(?:[a-z]+\s+){{0,2}}(?:{_STREET})(?!\w))"
)
_LEAD = re.compile(
    r"(?:(?:la|in|pe|at|on|to|din|de|adresa|address|locati[ae]|location|venue|is|e|este|si|the"
    r"|our|noua|new|unde|anume|our|pe|acasa|noi|its|it's|now|party|petrecerea|tot|va|fi|has"
    r"|have|changed|will|be|s-a|schimbat|:)\s*:?\s+|[-:,]\s*)+"
)
_WORD = re.compile(r"[^\s,;()]+")
_SMALL = frozenset(
    {
        "de",
        "din",
        "la",
        "in",
        "pe",
        "lui",
        "a",
        "al",
        "ale",
        "si",
        "the",
        "of",
        "cu",
        "sf",
        "and",
        "&",
        "-",
        "dr",
        "at",
        "no",
        "nr",
    }
)
_STOP = re.compile(
    r"^(?:si|cu|pt|pentru|vrem|vreau|ora|orele|de\s+la|are|avem|sunt|va|face|facem|vin|dar|unde"
    r"|ca|sa|intr-?un|daca|este|e|dupa|langa|vizavi|parola|interfon\w*|cod|poarta|vis-?a-?vis"
    r"|for|with|from|we|he|she|it|is"
    r"|around|please|pls|multumesc|mersi|thanks|aprox\w*|vreo|cam|vor|fi|vom|adica|in\s+curte"
    r"|incepand|intre|se|nu|cand|the|party|and|where|intercom|code|gate|near|next|so"
    r"|la\s+or[ae]|il|o|pe\s+data|cheama|astept\w*|aveti|on|this|dori\w*|ar|as|am|asta|acum|ok"
    r"|da|turning|kids?|copii)$"
)
_CUT = re.compile(
    r"\s*[,;(]?\s*\b(?:(?:la\s+|cod(?:ul)?\s+(?:de\s+)?|parola\s+(?:la\s+)?)?interfon\w*"
    r"|intercom|parola|cod\s+(?:acces|poarta|intrare)|poarta|langa|vizavi|vis[\s-]a[\s-]vis"
    r"|gate\s+code|door\s+code|near|next\s+to|opposite|behind|in\s+spate\w*"
    r"|prima\s+la|la\s+dreapta|la\s+stanga|in\s+dreptul|dupa\s+semafor|colt\s+cu|intrarea\s+"
    r"(?:din|prin)|peste\s+drum|ring|buzzer)\b.*$",
    re.DOTALL,
)
_LABEL = re.compile(
    r"(?:adresa|address|place(?=:)|locati[ae](?:\s+petrecerii)?|location|loc"
    r"(?:ul)?\s+de\s+desfasurare|loc"
    r"(?:ul)?|venue|unde|where|la\s+adresa|adresa\s+(?:este|e|noua|petrecerii)(?:\s+(?:este"
    r"|e))?|locatia\s+(?:este|e|va\s+fi)|address\s+is|venue\s+is)\s*(?::|=|-)?\s+"
)
_AT = re.compile(r"(?<!de )\b(?:la|in|at)\s+(?=[^\W\d_])")
_OTHER_PLACE = re.compile(
    r"slujb|biseric|cununi|church|manastire|plecam|mergem\s+la|mutat\s+din|moved\s+from|lucr"
    r"|\bfosta|got\s+your|auzit|instead\s+of|in\s+loc\s+de|\bnu\s+(?:la|pe)\b"
)
_HOME = re.compile(
    r"^(?:la\s+)?(?:(?:noi|mine|ei)\b\s*)?(?:acasa|home|at\s+home|la\s+noi|my\s+place"
    r"|our\s+place|in\s+curte|la\s+noi\s+in\s+curte|(?:in\s+)?curtea?\s+(?:casei|noastra))?[\s.!]*$"
)
_UNKNOWN = re.compile(
    r"\bnu\s+(?:stiu|stim|am|avem)\b|\bva\s+(?:zic|spun|trimit|anunt|dau)|\bv-?o\s+(?:spun|zic"
    r"|trimit|dau)|don'?t\s+know|not\s+sure|tell\s+you|\baceeasi\b|\bsame\b|\baceasi\b"
    r"|\binca\s+nu|\balta\s+adresa|o\s+sa\s+fie"
)

MAX_ANCHORS = 8
"""How many words such as "strada" are looked at in one sentence."""


def _blocked(turn: Turn) -> bytearray:
    """Mark the offsets of everything that is no address: days, hours, sums, services."""
    marks = bytearray(len(turn.folded) + 1)
    street = [m.start() for m in _STREET_ONLY.finditer(turn.folded)]
    claims = turn.claims()
    for mention in turn.roles:
        if not any(0 <= mention.start - position < 12 for position in street):
            claims.append((mention.start, mention.end))
    for start, end in claims:
        marks[start:end] = b"\1" * (end - start)
    for found in re.finditer(
        r"\b\d+\s*(?:d\s+|de\s+)?(?:copii|kids|children|copi|invitati|pers\w*|ani\b|anis\w*"
        r"|guests|pupils|elevi)",
        turn.folded,
    ):
        marks[found.start() : found.end()] = b"\1" * (found.end() - found.start())
    return marks


def _capital(turn: Turn, start: int) -> bool:
    return turn.text[start : start + 1].isupper()


def _left(turn: Turn, anchor: int, floor: int, marks: bytearray) -> int:
    """Return where an address that holds the anchor begins, inside its comma chunk."""
    words = list(_WORD.finditer(turn.folded, floor, anchor))
    begin = anchor
    venue = not _STREET_ONLY.match(turn.folded, anchor)
    for word in reversed(words):
        token = word[0].strip(".:\"'")
        claimed = any(marks[word.start() : word.end()])
        beside = not turn.folded[word.end() : begin].strip()  # "Pirates Cove Playground"
        part_of_name = venue and beside and _capital(turn, word.start())
        if (claimed and not part_of_name) or word[0].endswith(":"):
            break
        if token[:1].isdigit() or (
            _capital(turn, word.start()) and not (word.start() == floor and _STOP.match(token))
        ):
            begin = word.start()
        elif token in _SMALL:
            continue
        elif _ANCHOR_WORD.fullmatch(token):
            begin = word.start()
        else:
            break
    lead = _LEAD.match(turn.folded, begin)
    return min(lead.end(), anchor) if lead else begin


def _right(
    turn: Turn, position: int, ceiling: int, marks: bytearray, *, lower: bool
) -> tuple[int, bool]:
    """Return where the address ends in this chunk, and whether it stopped before the chunk did."""
    end = position
    for count, word in enumerate(_WORD.finditer(turn.folded, position, ceiling)):
        token = word[0].strip(".:\"'!?")
        if any(marks[word.start() : word.end()]) or token.startswith(("interfon", "intercom")):
            return end, True
        good = (
            token[:1].isdigit()
            or _capital(turn, word.start())
            or bool(re.fullmatch(_PART, token) or re.fullmatch(_TOWNS, token))
            or bool(_ANCHOR_WORD.fullmatch(token))
            or bool(
                re.fullmatch(r"[a-z]?\d+[a-z]?|[a-z]", token)
                and count
                and token not in {"o", "a", "e", "i"}
            )
        )
        if good:
            end = word.end()
        elif token in _SMALL and count and not _STOP.match(token):
            pass
        elif _STOP.match(token) or not lower or count > 7:
            return end, True
        else:
            end = word.end()
    return end, False


_CHUNK_END = re.compile(r"[,;]|\s-\s|:(?=\s)|(?<=[a-z]{5})\.(?=\s|$)|(?<=\d)\.(?=\s|$)")


def _chunks(turn: Turn, begin: int, finish: int) -> list[tuple[int, int]]:
    spans, start = [], begin
    for found in _CHUNK_END.finditer(turn.folded, begin, finish):
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, finish))
    return spans


def _is_part(
    turn: Turn, start: int, end: int, marks: bytearray, names: list[tuple[int, int]]
) -> bool:
    """Whether the chunk after an address goes on with it."""
    text = turn.folded[start:end]
    if not text.strip() or any(s < end and start < e for s, e in names):
        return False
    if _NEXT_PART.match(text):
        return not any(marks[start : start + len(text) - len(text.lstrip()) + 1])
    words = list(_WORD.finditer(turn.folded, start, end))
    if any(marks[start:end]) or len(words) > 4:
        return False
    fits = all(
        _capital(turn, w.start()) or w[0] in _SMALL or re.fullmatch(rf"{_PART}|\d+\w?", w[0])
        for w in words
    )
    return fits and not lexicon.GREETING.search(text)


def _is_venue(turn: Turn, start: int, end: int, marks: bytearray) -> int | None:
    """Return where a venue's name starts in the chunk before a street, None without one."""
    text = turn.folded[start:end]
    if any(marks[max(start, end - 2) : end]) or lexicon.GREETING.search(text):
        return None
    anchor = list(_ANCHOR.finditer(turn.folded, start, end))
    if anchor and not re.search(r"\b(?:our|my|noastra|nostru|mea|acasa)\b", text):
        return _left(turn, anchor[0].start(), start, marks)
    words = list(_WORD.finditer(turn.folded, start, end))
    if re.fullmatch(rf"\s*{_PART}\s*\w{{1,4}}\s*", text):
        return start + len(text) - len(text.lstrip())
    place = list(_AT.finditer(turn.folded, start, end))
    begin = place[-1].end() if place else start
    inside = [w for w in words if w.start() >= begin]
    if inside and len(inside) <= 5 and not any(marks[begin:end]):
        if all(_capital(turn, w.start()) or w[0] in _SMALL for w in inside) and (
            place or len(words) == len(inside)
        ):
            return inside[0].start()
        if (
            place
            and len(inside) <= 3
            and not _STOP.match(inside[0][0])
            and inside[0][0]
            not in {"noi", "mine", "curte", "ora", "our", "my", "gradina", "garden"}
        ):
            return inside[0].start()
    town = re.search(rf"(?:{_TOWNS})\s*$", text)
    return start + town.start() if town else None


def _anchored(turn: Turn, marks: bytearray, names: list[tuple[int, int]]) -> str | None:
    best: str | None = None
    for begin, finish in turn.sentences:
        anchors = [m for m in _ANCHOR.finditer(turn.folded, begin, finish) if not marks[m.start()]]
        if not anchors or turn.is_past(begin):
            continue
        chunks = _chunks(turn, begin, finish)
        usable = []
        for anchor in anchors[:MAX_ANCHORS]:
            own = next(i for i, (s, e) in enumerate(chunks) if s <= anchor.start() <= e)
            ours = re.search(r"\b(?:our|my|the|o|a|vreo)\s+$", turn.before(anchor.start(), 8))
            if ours and _capital(turn, anchor.start()) is False:
                continue
            if not _OTHER_PLACE.search(turn.folded[chunks[own][0] : chunks[own][1]]):
                usable.append((anchor, own))
        streets = [pair for pair in usable if _STREET_ONLY.match(turn.folded, pair[0].start())]
        if not usable:
            continue
        values = [_around(turn, pair, chunks, marks, names) for pair in usable]
        good = [
            v for v in values if (len(v.split()) > 1 or re.search(r"\d", v)) and not _bare_word(v)
        ]
        if good and (streets or best is None):
            best = max(good, key=lambda v: (bool(_STREET_ONLY.search(fold(v))), -good.index(v)))
    return best


def _around(
    turn: Turn,
    pair: tuple[re.Match[str], int],
    chunks: list[tuple[int, int]],
    marks: bytearray,
    names: list[tuple[int, int]],
) -> str:
    """Return the address around one word such as "strada": what leads to it and what goes on."""
    anchor, own = pair
    start = _left(turn, anchor.start(), chunks[own][0], marks)
    previous = own - 1
    while previous >= 0 and not turn.folded[chunks[previous + 1][0] : start].strip(" -:\"'"):
        if turn.folded[chunks[previous][1] : chunks[previous][1] + 1] == ":":
            break
        venue = _is_venue(turn, *chunks[previous], marks)
        if venue is None or any(s <= venue < e for s, e in names):
            break
        start = venue
        previous -= 1
    after = turn.folded[anchor.end() :].lstrip(" .")
    lower = bool(after) and not any(
        c.isupper() for c in turn.text[anchor.end() : anchor.end() + 24]
    )
    end, stopped = _right(turn, anchor.start(), chunks[own][1], marks, lower=lower)
    following = own + 1
    while (
        not stopped and following < len(chunks) and _is_part(turn, *chunks[following], marks, names)
    ):
        lower_here = bool(
            re.match(rf"\s*(?:{_STREET})", turn.folded[chunks[following][0] : chunks[following][1]])
        )
        end, stopped = _right(
            turn, chunks[following][0], chunks[following][1], marks, lower=lower or lower_here
        )
        following += 1
    return _tidy(turn, start, end)


def _is_placelike(value: str) -> bool:
    folded = fold(value)
    known = re.search(r"\d", folded) or _ANCHOR.search(folded) or re.search(_TOWNS, folded)
    return bool(known) or (len(value) > 4 and value[0].isupper())


def _bare_word(value: str) -> bool:
    """Whether the words only say that there is a place: "Strada", "la restaurant"."""
    if re.search(r"\d", value):
        return False
    return bool(re.fullmatch(rf"(?:{_STREET}|{_VENUE}|la|de|in|the|joaca|a|\s)+", fold(value)))


def _tidy(turn: Turn, start: int, end: int) -> str:
    cut = _CUT.search(turn.folded, start, end)
    if cut is not None and cut.start() > start:
        end = cut.start()
    value = turn.text[start:end].strip(" ,;:.-!?\n\"'")
    return " ".join(value.split())


def find_address(
    turn: Turn, ledger: Ledger, names: list[tuple[int, int]] | None = None
) -> tuple[str, float] | None:
    """Return the address that a message gives, with a confidence, or None."""
    names = names or []
    marks = _blocked(turn)
    for begin, finish in turn.sentences:
        label = _LABEL.search(turn.folded, begin, finish)
        if label and (
            "adres" in label[0] or "loca" in label[0] or ":" in label[0] or "address" in label[0]
        ):
            value = _rest(turn, label.end(), finish, marks, names)
            if (
                value
                and not _UNKNOWN.search(turn.folded[begin:finish])
                and _is_placelike(value)
                and "?" not in turn.folded[begin:finish]
            ):
                return value, 0.9
    found = _anchored(turn, marks, names)
    if found:
        return found, 0.9
    if turn.inbound and "address" in ledger.asked:
        answer = _answer(turn, marks, names)
        if answer:
            return answer, 0.7
    return _at_name(turn, marks, names) if turn.inbound else None


def _rest(
    turn: Turn, start: int, finish: int, marks: bytearray, names: list[tuple[int, int]]
) -> str:
    lead = _LEAD.match(turn.folded, start)
    start = lead.end() if lead and lead.end() < finish else start
    chunks = _chunks(turn, start, finish)
    if len(chunks) > 1 and _HOME.match(turn.folded[slice(*chunks[0])].strip()):
        chunks = chunks[1:]
        start = chunks[0][0]
    end, stopped = _right(turn, chunks[0][0], chunks[0][1], marks, lower=True)
    for chunk in chunks[1:]:
        if stopped or not _is_part(turn, *chunk, marks, names):
            break
        end, stopped = _right(turn, *chunk, marks, lower=False)
    return _tidy(turn, start, end)


def _answer(turn: Turn, marks: bytearray, names: list[tuple[int, int]]) -> str | None:
    """Read the message as the answer to "where?": its first stretch that nothing else claims."""
    if _UNKNOWN.search(turn.folded):
        return None
    for begin, finish in turn.sentences:
        for start, end in _chunks(turn, begin, finish):
            piece = turn.folded[start:end]
            if not piece.strip() or (any(marks[start:end]) and not _AT.search(piece)):
                continue
            if any(s < end and start < e for s, e in names) or lexicon.GREETING.fullmatch(
                piece.strip()
            ):
                continue
            at = _AT.search(turn.folded, start, end) if any(marks[start:end]) else None
            value = _rest(turn, at.end() if at else start, finish, marks, names)
            folded = value.lower()
            good = (
                any(c.isupper() for c in value[:1])
                or re.search(r"\d", value)
                or at
                or re.match(r"\s*(?:la|in|at)\s", piece)
            )
            if (
                not value
                or not good
                or _bare_word(value)
                or _HOME.match(folded)
                or re.fullmatch(r"\d+|\w{1,3}", folded)
            ):
                continue
            if lexicon.ACCEPT_START.match(folded) or lexicon.QUESTION_WORDS.search(piece):
                continue
            return value
    return None


def _at_name(
    turn: Turn, marks: bytearray, names: list[tuple[int, int]]
) -> tuple[str, float] | None:
    """Return a capitalised name after "at" that may be a venue, such as "la Happy Land"."""
    for found in _AT.finditer(turn.folded):
        if (
            marks[found.end()]
            or turn.is_past(found.start())
            or any(s <= found.end() < e for s, e in names)
        ):
            continue
        if _OTHER_PLACE.search(turn.clause_at(found.start())) or "?" in turn.sentence_at(
            found.start()
        ):
            continue
        name = re.match(
            r"[A-ZȘȚĂÂÎ][\w'-]+(?:\s+(?:din\s+|de\s+)?[A-ZȘȚĂÂÎ0-9][\w'-]*)+",
            turn.text[found.end() :],
        )
        party = re.search(
            r"petrec|party|tinem|facem|sarbat|serb|vom\s+fi|venue", turn.clause_at(found.start())
        )
        if name is None and party:
            name = re.match(r"[A-ZȘȚĂÂÎ][\w'-]{3,}", turn.text[found.end() :])
        if name is not None and not lexicon.GREETING.search(name[0].lower()):
            return _rest(
                turn,
                found.end(),
                next(e for s, e in turn.sentences if s <= found.start() < e),
                marks,
                names,
            ), 0.6
    return None
