"""A message in pieces between commas, and how far an address reaches inside one."""

import re
from dataclasses import dataclass

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.address_words import (
    ANCHOR,
    LEAD,
    NEXT_PART,
    PART,
    SMALL,
    STOP,
    STREET,
    TOWN,
    VERB,
    WORD,
    WORD_OF_ADDRESS,
)
from core.crm.extract.rules.turns import Turn
from core.crm.given_names import is_given
from core.crm.resolve.dates import MONTHS

Span = tuple[int, int]
_MOST_WORDS, _BETWEEN = 5, 2
_FEW, _SOME = 4, 7
"""How many words without a capital letter a street's or a venue's name may have."""
_BREAK = re.compile(
    r"[,;()]|\s-\s|:(?=\s)|(?<=[a-z]{5})\.(?=\s|$)|(?<=\d)\.(?=\s|$)|(?<=\w)\.{2,}|\n"
)
_GUESTS = re.compile(
    r"\b\d+[ \t]*(?:d\s+|de\s+)?(?:copii|kids|children|copi|invitati"
    r"|pers\b|persoan\w*|ani\b|anis\w*"
    r"|guests|pupils|elevi|masini|locuri|lei\b)"
)
_PART_NUMBER = re.compile(rf"{PART.pattern}[\w/-]*")
_CODE = re.compile(r"[a-z]?\d+[a-z]?(?:[/-]\d*[a-z]?)?|[a-z]")
_NAME_NUMBER = re.compile(
    r"\s*(?:pe\s+|la\s+)?(?:[A-ZȘȚĂÂÎŞŢ][\w'-]+\s+){1,3}(?:nr\.?\s*)?\d{1,3}\s?[A-Za-z]?\s*$"
)
_NO_VENUE = frozenset(
    {"noi", "mine", "curte", "ora", "our", "my", "gradina", "garden", "acasa", "parintii"}
    | {
        "tara",
        "parinti",
        "bunici",
        "bunicii",
        "mama",
        "soacra",
        "socri",
        "socrii",
        "nasi",
        "home",
        "mum's",
    }
)
_CHANNELS = frozenset({"telefon", "whatsapp", "messenger", "facebook", "instagram", "site", "mail"})
_KIN = re.compile(
    r"(?:cumnat|unchi|matus|vecin|prieten|verisor|verisoar|socri|soacr|bunic"
    r"|nas[ai]?|parint)\w*"
)
_BARE_HOUSE = re.compile(
    r"\s*(?:casa|vila|villa|house|sala|cladirea|building)\b(?!\s*(?:nr\.?\s*"
    r"|no\.?\s*)?(?:[a-z]?\d|[a-z]\b))\s+(?:cu|e|este|with|galben|alb|mare)"
)
_GENERIC = re.compile(
    r"\s*(?:in\s+fata\s+\w+|(?:(?:la|in|at|the|un|o|a|intr-o|intr-un|ei|noi|mine|el"
    r"|ea)\s+)*(?:bloc|restaurant|sala|club|curte|casa|gradinita|scoala"
    r"|parc|piscina|gradina|terasa|hotel|pensiune|party|school|park))\s*"
)
"""A kind of place without a name."""
_NEGATED = re.compile(r"\s*(?:nu|not|no)\s")


@dataclass(slots=True)
class Marks:
    """What of a message belongs to something else, by offset."""

    hard: bytearray
    """Days, hours, lengths, sums, numbers of guests, names of people."""
    soft: bytearray
    """Services and characters, which a venue may be called after."""

    def taken(self, start: int, end: int) -> bool:
        """Whether any of these offsets belongs to something else."""
        return any(self.hard[start:end]) or any(self.soft[start:end])


_INSTEAD_OF = re.compile(
    r"\b(?:in\s+loc(?:ul)?\s+de|instead\s+of|rather\s+than)\s+(?P<place>[^,;!?\n]{3,40}?)(?=\s+(?:venim|veniti|facem|mergem|tinem|o\s+facem|va\s+fi|we|it)\b|[,;!?\n]|$)"
)
"""A place that another one replaces."""


def read_marks(turn: Turn, names: list[Span]) -> Marks:
    """Return what of a message is no address; `names` are the offsets of people's names."""
    size = len(turn.folded) + 1
    marks = Marks(bytearray(size), bytearray(size))
    for start, end in (*turn.claims(), *names, *(m.span() for m in _GUESTS.finditer(turn.folded))):
        marks.hard[start:end] = b"\1" * (end - start)
    for found in _INSTEAD_OF.finditer(turn.folded):
        marks.hard[found.start("place") : found.end("place")] = b"\1" * len(found["place"])
    streets = [m.start() for m in STREET.finditer(turn.folded)]
    for mention in turn.roles:
        if not any(0 <= mention.start - position < 12 for position in streets):
            marks.soft[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    return marks


def split(turn: Turn, begin: int, finish: int) -> list[Span]:
    """Return the pieces of a stretch of text between commas, colons, brackets and dashes."""
    spans, start = [], begin
    for found in _BREAK.finditer(turn.folded, begin, finish):
        spans.append((start, found.start()))
        start = found.end()
    spans.append((start, finish))
    return spans


def capital(turn: Turn, start: int) -> bool:
    """Whether a capital letter stands at an offset."""
    return turn.text[start : start + 1].isupper() and not turn.shouted


def reach_left(turn: Turn, anchor: int, floor: int, marks: Marks) -> int:
    """Return where an address that holds a word such as "strada" begins inside its piece."""
    words = list(WORD.finditer(turn.folded, floor, anchor))
    begin = anchor
    venue = not STREET.match(turn.folded, anchor)
    for word in reversed(words):
        token = word[0].strip(".:\"'")
        beside = not turn.folded[word.end() : begin].strip()
        named = venue and beside and capital(turn, word.start())  # "Pirates Cove Playground"
        soft = any(marks.soft[word.start() : word.end()]) and not named
        if any(marks.hard[word.start() : word.end()]) or soft or word[0].endswith(":"):
            break
        if token[:1].isdigit() or (
            capital(turn, word.start()) and not (word is words[0] and STOP.match(token))
        ):
            begin = word.start()
        elif token in {"la", "at"} and not _follows_of(words, word):
            break
        elif token in SMALL:
            continue
        elif WORD_OF_ADDRESS.fullmatch(token) or TOWN.fullmatch(token):
            begin = word.start()
        else:
            break
    return begin


def _follows_of(words: list[re.Match[str]], word: re.Match[str]) -> bool:
    """Whether "de" stands before a word: in "conacul de la lac", not in "Paște la grădiniță"."""
    at = words.index(word)
    return at > 0 and words[at - 1][0] == "de"


@dataclass(slots=True)
class _Reach:
    """How far an address was followed."""

    end: int
    small_words: int = 0
    numbered: bool = False
    street: bool = False
    called: bool = False
    """Whether the word before belongs to a character's name that the venue is called after."""


def reach_right(
    turn: Turn, position: int, ceiling: int, marks: Marks, *, lower: bool
) -> tuple[int, bool]:
    """Return where the address ends in this piece, and whether it stopped before the piece did.

    With `lower`, words without a capital letter belong to it as well, within reason.
    """
    reach = _Reach(position)
    words = list(WORD.finditer(turn.folded, position, ceiling))
    for count, word in enumerate(words):
        token = word[0].strip(".:\"'!?")
        if _is_others(turn, words, count, marks, reach) or token.startswith(_INTERCOM):
            return reach.end, True
        if STREET.match(turn.folded, word.start()):
            reach.street, reach.numbered, reach.small_words = True, False, 0
        if _belongs(turn, word, token, first=not count):
            reach.end = word.end()
            reach.numbered = reach.numbered or token[:1].isdigit()
            continue
        if count and token in SMALL and _goes_on(turn, words, count, marks):
            continue
        if STOP.match(token) or VERB.match(token):
            return reach.end, True
        if lower or (reach.street and not reach.numbered):
            if reach.small_words >= (_FEW if reach.street else _SOME):
                return reach.end, True
            reach.small_words += 1
            reach.end = word.end()
        elif not (count and _names_kind(turn, words, count, marks)):
            return reach.end, True
    return reach.end, False


_INTERCOM = ("interfon", "intercom")


def _is_others(
    turn: Turn, words: list[re.Match[str]], count: int, marks: Marks, reach: _Reach
) -> bool:
    """Whether a word belongs to something else; a venue may be called after a character."""
    word = words[count]
    soft = any(marks.soft[word.start() : word.end()])
    inside = count > 0 and capital(turn, words[count - 1].start())
    fits = reach.called or (capital(turn, word.start()) and (inside or count == 1))
    reach.called = soft and fits and reach.end == word.start() - 1
    return any(marks.hard[word.start() : word.end()]) or (soft and not reach.called)


def _names_kind(turn: Turn, words: list[re.Match[str]], count: int, marks: Marks) -> bool:
    """Whether a word in lower case stands between a venue's kind and its name.

    As in "școala gimnazială Elena Văcărescu".
    """
    return count <= _BETWEEN and any(
        capital(turn, w.start()) and not marks.taken(w.start(), w.end())
        for w in words[count + 1 : count + 3]
    )


def _belongs(turn: Turn, word: re.Match[str], token: str, *, first: bool) -> bool:
    """Whether a word is plainly one of an address."""
    if token[:1].isdigit() or capital(turn, word.start()):
        return True
    if _PART_NUMBER.fullmatch(token) or TOWN.fullmatch(token) or WORD_OF_ADDRESS.fullmatch(token):
        return True
    if token in MONTHS and turn.folded[: word.start()].rstrip()[-1:].isdigit():
        return True  # "str. 1 mai", "Bd. 13 Septembrie"
    code = _CODE.fullmatch(token)
    return bool(code and not first and token not in {"o", "a", "e", "i"})


def _goes_on(turn: Turn, words: list[re.Match[str]], count: int, marks: Marks) -> bool:
    """Whether a small word stands inside the address: "Livada cu Tei", "Casa de Cultura"."""
    inside = capital(turn, words[count - 1].start())
    token = words[count][0].strip(".:\"'!?")
    if count + 1 >= len(words):
        return False
    after = words[count + 1]
    named = capital(turn, after.start()) and not marks.taken(after.start(), after.end())
    if STOP.match(token):
        return inside and named
    if named or token in {"de", "din", "la", "in", "pe", "of", "nr"}:
        follower = after[0].strip(".:\"'!?")
        return not (STOP.match(follower) or VERB.match(follower))
    return False


def goes_on(turn: Turn, start: int, end: int, marks: Marks) -> bool:
    """Whether the piece after an address goes on with it."""
    text = turn.folded[start:end]
    if not text.strip() or any(marks.hard[start + len(text) - len(text.lstrip()) : start + 2]):
        return False
    if _BARE_HOUSE.match(text):
        return False
    if NEXT_PART.match(text):
        begin = start + len(text) - len(text.lstrip())
        return not any(marks.hard[begin : begin + 2])
    words = list(WORD.finditer(turn.folded, start, end))
    if marks.taken(start, end) or len(words) > 4:
        return False
    fits = all(
        capital(turn, w.start())
        or w[0] in SMALL
        or re.fullmatch(rf"{PART.pattern}|\d+\w?", w[0])
        or (w is not words[0] and WORD_OF_ADDRESS.fullmatch(w[0]))
        for w in words
    )
    person = is_given(words[0][0]) and not any(c.isdigit() for c in text)
    return fits and not person and not lexicon.GREETING.search(text)


def is_negated(turn: Turn, start: int, end: int) -> bool:
    """Whether a piece takes a number back: "44A, nu 44"."""
    return bool(_NEGATED.match(turn.folded, start, end)) and len(turn.folded[start:end]) < 24


def is_name_with_number(turn: Turn, start: int, end: int) -> bool:
    """Whether a piece is a street's name with its number and nothing more: "Dristorului 92"."""
    found = _NAME_NUMBER.match(turn.text[start:end])
    return bool(found) and not is_given(turn.folded[start:end].split()[0])


def leads_on(turn: Turn, start: int, end: int, marks: Marks, at: re.Pattern[str]) -> int | None:
    """Return where a venue's or a town's name starts in the piece before a street, if there."""
    text = turn.folded[start:end]
    if any(marks.hard[max(start, end - 2) : end]) or lexicon.GREETING.search(text):
        return None
    anchor = [m for m in ANCHOR.finditer(turn.folded, start, end) if not marks.hard[m.start()]]
    if anchor and not re.search(r"\b(?:our|my|noastra|nostru|mea|acasa)\b", text):
        return reach_left(turn, anchor[0].start(), start, marks)
    first = start + len(text) - len(text.lstrip())
    if _GENERIC.fullmatch(text):
        return None
    words = list(WORD.finditer(turn.folded, start, end))
    if re.fullmatch(rf"\s*(?:{PART.pattern}\s*[\w-]{{1,14}}|\d+(?:st|nd|rd|th)\s+floor)\s*", text):
        return first
    place = list(at.finditer(turn.folded, start, end))
    lead = LEAD.match(turn.folded, first, end)
    begin = place[-1].end() if place else lead.end() if lead else start
    inside = [w for w in words if w.start() >= begin]
    named = place and all(capital(turn, w.start()) for w in inside)
    free = not any(marks.hard[begin:end]) if named else not marks.taken(begin, end)
    if inside and len(inside) <= _MOST_WORDS and free:
        person = is_given(inside[0][0]) and not place
        if any(w[0] in _NO_VENUE | _CHANNELS or _KIN.fullmatch(w[0]) for w in inside):
            return None
        if all(capital(turn, w.start()) or w[0] in SMALL for w in inside) and (
            place or lead or (len(words) == len(inside) and not person)
        ):
            return inside[0].start()
        if (
            place
            and len(inside) <= 3
            and not STOP.match(inside[0][0])
            and inside[0][0]
            not in {"noi", "mine", "curte", "ora", "our", "my", "gradina", "garden"}
        ):
            return inside[0].start()
    town = re.search(rf"(?:{TOWN.pattern})\s*$", text)
    return start + town.start() if town else None
