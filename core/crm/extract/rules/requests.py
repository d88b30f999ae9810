"""Whether a message of the customer asks for a party or a service."""

import re

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.turns import Turn

_WANTS_TO_BOOK = re.compile(
    r"\b(?:vreau|vrem|as\s+vrea|am\s+vrea|as\s+dori|am\s+dori|doresc|dorim|want|like|love|need"
    r"|hai|atunci)\b"
    r"[^.!?]{0,24}\b(?:rezerv\w*|book)\b|^[^?]*\b(?:rezerv\w*|book)\b[^?]*$"
)
_ASKS_HOW = re.compile(
    r"[^,;]{0,24}?\b(?:how\s+(?:far|long|early|late|soon|many|does|do|can)|when\s+(?:do|should"
    r"|must)"
    r"|(?:do|should|must)\s+(?:i|we)\s+(?:need|have|book)|cu\s+cate?\s+(?:timp|zile|saptamani)"
    r"|din\s+timp"
    r"|cum\s+(?:se|pot|fac|facem|functioneaza)|trebuie\s+sa\s+(?:rezerv|fac|dau|platesc))\b"
)
"""A question about how things go, which asks for nothing yet."""
_IF = re.compile(r"\b(?:daca|if|in\s+caz\s+ca)\b[^.!?]{0,24}\b(?:rezerv|book|anul|cancel)")
_PAPERS = re.compile(
    r"\b(?:nevoie\s+de|vreau|vrem|as\s+vrea|am\s+vrea|as\s+dori|am\s+dori|doresc|need|want"
    r"|like)\s+(?:\w+\s+){0,3}"
    r"(?:numar\w*|cont\w*|iban|factur\w*|chitant\w*|poze\w*|video\w*|contract\w*|invoice|receipt"
    r"|photos?|pictures|bon\w*|review|dovad\w*|multum\w*|thank|interviu\w*|interview|colabor\w*"
    r"|angaj\w*|sponsor\w*|job)"
)
"""Papers, pictures or an account are wanted, not a party."""


def asks_for(turn: Turn) -> bool:
    """Whether a message plainly asks for a party or a service."""
    for start, end in turn.sentences:
        sentence = lexicon.NOT_BOOKING.sub(" ", turn.folded[start:end])
        if not lexicon.REQUEST.search(sentence) or lexicon.PAST.search(sentence):
            continue
        if lexicon.INQUIRY.search(sentence) and not _WANTS_TO_BOOK.search(sentence):
            continue
        if "?" in sentence and (_ASKS_HOW.match(sentence) or lexicon.OPINION.match(sentence)):
            continue
        if "?" in sentence and _IF.search(sentence):
            continue
        if re.search(r"\bnu\s+(?:\w+\s+){0,2}rezerv|\bnot\s+book", sentence):
            continue
        if _PAPERS.search(sentence):
            continue
        return True
    return False
