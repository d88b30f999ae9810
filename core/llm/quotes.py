"""Finds a quotation in the message that it is said to come from."""

import re

from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold, tidy

MAX_QUOTE = 400
"""Longer quotations are not evidence of one thing."""
_EDGES = " \t\n\"'.,;:!?…()[]<>*_~"


def find_quote(turn: Turn, quote: str) -> list[tuple[int, int]]:
    """Return the offsets in `turn.text` at which a quotation stands, as whole words.

    Case, diacritics and the number of blanks do not matter. What was blanked out of a message as an
    instruction is not in it.
    """
    if len(quote) > MAX_QUOTE * 4:
        return []
    words = fold(tidy(quote)).strip(_EDGES).split()
    if not words or sum(map(len, words)) > MAX_QUOTE:
        return []
    pattern = r"\s+".join(re.escape(word) for word in words)
    before = r"(?<!\w)" if words[0][0].isalnum() else ""
    after = r"(?!\w)" if words[-1][-1].isalnum() else ""
    return [found.span() for found in re.finditer(before + pattern + after, turn.folded)]
