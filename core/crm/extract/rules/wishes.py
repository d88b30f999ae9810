"""How surely a customer's message asks for a service that it names."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.roles import RoleMention

_WISH = re.compile(
    r"\b(?:vrea|vor|ar\s+dori|isi\s+dores\w+|zice|zic|a\s+zis|a\s+ales|a\s+decis|am\s+ales"
    r"|ne-?am\s+hotarat|am\s+decis"
    r"|ne\s+intereseaz\w*|trebuie|ar\s+trebui|wants?|said|says|picked|chose|chosen|decided|he'?d"
    r"|she'?d|they'?d|thinking)\b"
    r"|\b(?:sa\s+(?:fie|apara|intre|ajunga|faca|aduc\w*)|incep\w*|vin\b|vine\b|veniti|apare"
    r"|confirm\w*|merge|perfect|super|ok\b|okay|da\b|yes|sure"
    r"|atunci|then|doar|numai|just|only|please|pls|va\s+rog|daca\s+(?:aveti|se\s+poate)"
    r"|if\s+(?:possible|you\s+have)|works|instead|pachet\w*|package"
    r"|theme\w*|tema\w*)\b"
)
"""Words of choosing, confirming or planning."""
_PIECE = re.compile(r"[,;:()\n]|\s-\s|\s\+\s")
_WORD = re.compile(r"[^\W_][\w'-]*")
_PLAIN = frozenset(
    {
        "un",
        "o",
        "unui",
        "cu",
        "si",
        "sau",
        "la",
        "de",
        "din",
        "in",
        "pe",
        "pt",
        "pentru",
        "ptr",
        "plus",
        "mai",
        "inca",
        "niste",
        "ceva",
    }
    | {
        "cam",
        "vreo",
        "cate",
        "a",
        "an",
        "the",
        "and",
        "with",
        "for",
        "at",
        "on",
        "of",
        "in",
        "also",
        "some",
        "one",
        "buna",
        "ziua",
    }
    | {
        "salut",
        "seara",
        "hello",
        "hi",
        "hey",
        "good",
        "morning",
        "evening",
        "afternoon",
        "ora",
        "orele",
        "deci",
        "so",
        "copii",
        "kids",
        "ani",
    }
)
_MOST_WORDS = 3
"""How many other words a piece of a message may have that only names what is wanted."""


def is_plain(turn: Turn, mention: RoleMention, named: list[tuple[int, int]]) -> bool:
    """Whether a service stands in a piece of the message that says little else: "Elsa, ora 5".

    `named` are the offsets of people's names and of the address.
    """
    start, end = turn.sentence_span(mention.start)
    for found in _PIECE.finditer(turn.folded, start, end):
        if found.end() <= mention.start:
            start = found.end()
        elif found.start() >= mention.end:
            end = found.start()
            break
    taken = [*turn.claims(), *named, *((r.start, r.end) for r in turn.roles)]
    words = [
        word
        for word in _WORD.finditer(turn.folded, start, end)
        if word[0] not in _PLAIN
        and not word[0][0].isdigit()
        and not any(s <= word.start() < e for s, e in taken)
    ]
    return len(words) <= _MOST_WORDS


@dataclass(frozen=True, slots=True)
class Mood:
    """What a sentence does with the services that it names."""

    wanted: bool
    """It asks for them, or changes something with them."""
    asking: bool
    """It has the words of a question."""
    put_off: bool
    """It leaves them open."""
    wished: bool
    """It asks for, chooses, plans or asks about something."""


@lru_cache(maxsize=64)
def read_mood(sentence: str) -> Mood:
    """Return what a folded sentence does with the services in it."""
    request = bool(lexicon.REQUEST.search(sentence))
    change = bool(lexicon.CHANGE.search(sentence))
    asking = bool(lexicon.QUESTION_WORDS.search(sentence))
    wanted = request or (change and not lexicon.INQUIRY.search(sentence))
    return Mood(
        wanted=wanted and not lexicon.OPINION.match(sentence),
        asking=asking,
        put_off=bool(lexicon.NOT_BOOKING.search(sentence)),
        wished=request or change or asking or bool(_WISH.search(sentence)),
    )
