"""What a question asks for: its language, its topic, and which events it is about."""

import re
from dataclasses import dataclass
from typing import Literal

from core.crm.ask.phrases import Language
from core.crm.folding import squash
from core.crm.resolve.dates import MONTHS

Topic = Literal[
    "spent", "paid", "outstanding", "count", "last", "next", "by_year", "by_service", "left_out",
    "event", "unknown",
]  # fmt: skip
_TOPICS: tuple[tuple[Topic, str], ...] = (
    ("by_year", r"(?:pe|in fiecare|pe fiecare|fiecare) ani?|anual"
                r"|(?:by|per|each|every) year|yearly"),
    ("by_service", r"servici\w*|personaj\w*|animator\w*|services?|characters?|entertain\w*"),
    ("left_out", r"anulat\w*|arhivat\w*|cancell?ed|archived|called off"),
    ("outstanding", r"de plat\w*|rest|restul|restant\w*|dator\w*|datoreaza|neplatit\w*|neachitat\w*"
                    r"|ramas|ramane|mai are de|owe\w*|outstanding|unpaid|due|debt|balance"
                    r"|left to pay|still (?:have|has)? ?to pay|not (?:yet )?paid"),
    ("paid", r"platit\w*|achitat\w*|incasat\w*|paid|pay|payments?|avans\w*|deposits?"),
    ("next", r"urmator\w*|urmeaza|viito\w*|next|upcoming|coming|following"),
    ("last", r"ultim\w*|precedent\w*|cel mai recent|trecut\w*|last|latest|most recent|previous"),
    ("spent", r"chelt\w*|total\w*|valo\w*|costat|costa|suma|sume|bani|spen[dt]\w*|worth|value"
              r"|cost\w*|revenue|how much|cat"),
    ("count", r"cate|cati|numar\w*|how many|number of|count"),
)  # fmt: skip
"""Topic to what its questions say, in folded words; the first that fits wins."""
_COUNTS = re.compile(r"\b(?:cate|cati|how many|number of)\b")
_HOW_MUCH_PAID = re.compile(
    r"\bcat (?:a|au) (?:platit|achitat)\b|\bhow much (?:has|have|did) (?:\w+ ){1,3}pa(?:id|y)\b"
)
_PATTERNS = tuple((topic, re.compile(rf"\b(?:{words})\b")) for topic, words in _TOPICS)
_ENGLISH_WORDS = (
    "how what when which who did does has have is are was were the much many spent spend paid pay"
    " last next event events by year service services owe they he she client customer of in"
    " for us still to left list show will"
)
_ROMANIAN_WORDS = (
    "cat cate cati care cand ce cine a au are este sunt fost platit cheltuit achitat incasat"
    " ultimul ultima urmatorul urmatoarea eveniment evenimente evenimentul petrecere petreceri"
    " clientul clienta de la pe an ani servicii mai rest plata datoreaza si lui ei noi"
    " pana acum arata anul luna spune despre mi imi"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_ROMANIAN = frozenset(_ROMANIAN_WORDS.split())
_ONLY_ROMANIAN = re.compile(r"[ăâîșțşţ]", re.IGNORECASE)
_NUMBER_OF_EVENT = re.compile(
    r"#\s?(\d{1,9})\b|\b(?:nr|numarul|evenimentul|event|number)\s+(\d{1,9})\b"
)
_YEAR = re.compile(r"\b(20\d\d)\b")
_MONTH = re.compile(rf"\b({'|'.join(sorted(MONTHS, key=len, reverse=True))})\b")
_THIS_YEAR = re.compile(r"\b(?:anul acesta|anul asta|in acest an|this year)\b")
_LAST_YEAR = re.compile(r"\b(?:anul trecut|last year)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as far as it is understood."""

    topic: Topic
    language: Language
    year: int | None = None
    """The year that the question is limited to."""
    month: int | None = None
    short_id: int | None = None
    """The event that it names."""


def understand(text: str, *, language: Language, this_year: int) -> Question:
    """Return what a question asks for; `language` is taken when its own cannot be told."""
    words = squash(text)
    spoken = _language(text, words, language)
    named = _NUMBER_OF_EVENT.search(text.lower())
    number = next((int(part) for part in (named.groups() if named else ()) if part), None)
    year, rest = _year(words, this_year)
    month = _month(rest, spoken)
    if number is not None and number != year:
        return Question("event", spoken, year, month, number)
    return Question(_topic(rest), spoken, year, month)


def _topic(words: str) -> Topic:
    """Return the topic of the folded words."""
    counts = _COUNTS.search(words)
    for topic, pattern in _PATTERNS:
        if not pattern.search(words):
            continue
        if topic == "outstanding" and _HOW_MUCH_PAID.search(words):
            return "spent"  # which tells both
        return "count" if counts and topic in ("spent", "paid", "next", "last") else topic
    return "unknown"


def _year(words: str, this_year: int) -> tuple[int | None, str]:
    """Return the year that is named, and the words without it (`last year` is no last event)."""
    for pattern, year in ((_THIS_YEAR, this_year), (_LAST_YEAR, this_year - 1)):
        if pattern.search(words):
            return year, pattern.sub(" ", words)
    found = _YEAR.search(words)
    return (int(found[1]), _YEAR.sub(" ", words)) if found else (None, words)


def _month(words: str, language: Language) -> int | None:
    """Return the month that is named; Romanian `mai` alone is `more`."""
    for found in _MONTH.finditer(words):
        before = words[: found.start()].split()[-1:]
        if found[1] in ("mai", "may", "mar") and before not in (["in"], ["luna"], ["din"]):
            continue
        if len(found[1]) < 4 and found[1] != "mai" and language == "ro" and before != ["in"]:
            continue
        return MONTHS[found[1]]
    return None


def _language(text: str, words: str, default: Language) -> Language:
    if _ONLY_ROMANIAN.search(text):
        return "ro"
    said = words.split()
    english = sum(word in _ENGLISH for word in said)
    romanian = sum(word in _ROMANIAN for word in said)
    if english == romanian:
        return default
    return "en" if english > romanian else "ro"
