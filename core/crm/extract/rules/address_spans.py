"""From where to where an address stands in a message, and its words."""

import re

from core.crm.extract.rules.address_values import ONLY_PARTS, is_numbered
from core.crm.extract.rules.address_words import (
    AT,
    CUT,
    DOOR_CODE,
    HOME,
    LEAD,
    NEXT_LEAD,
    OTHER_PLACE,
    TOWN,
)
from core.crm.extract.rules.pieces import (
    Marks,
    Span,
    capital,
    goes_on,
    is_negated,
    leads_on,
    reach_left,
    reach_right,
    split,
)
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold


def address_around(
    turn: Turn, anchor: re.Match[str], own: int, pieces: list[Span], marks: Marks
) -> str:
    """Return the address around one word such as "strada": what leads to it and what goes on."""
    floor = pieces[own][0]
    start = reach_left(turn, anchor.start(), floor, marks)
    lead = LEAD.match(turn.folded, start)
    start = min(lead.end(), anchor.start()) if lead else start
    start = widen_left(turn, start, own, pieces, marks)
    after = turn.text[anchor.end() : anchor.end() + 24]
    lower = bool(after.strip(" .")) and not any(c.isupper() for c in after)
    end, stopped = reach_right(turn, anchor.start(), pieces[own][1], marks, lower=lower)
    end = widen_right(turn, end, own + 1, pieces, marks, stopped=stopped)
    return tidy_address(turn, start, _next_lines(turn, end, pieces[-1][1]))


def _next_lines(turn: Turn, end: int, finish: int) -> int:
    """Return where an address ends with the lines behind it that hold only parts of one."""
    if turn.folded[end:finish].strip(" .,;\n"):
        return end
    for start, stop in turn.sentences:
        line = turn.folded[start:stop].strip(" .,;\n")
        if start < finish or not line:
            continue
        if not ONLY_PARTS.fullmatch(line):
            break
        end = start + len(turn.folded[start:stop].rstrip(" .,;\n"))
    return end


_BETWEEN = re.compile(r"[\s\-:\"']*(?:(?:la|in|at|on|pe)\s+)?")


def widen_left(turn: Turn, start: int, own: int, pieces: list[Span], marks: Marks) -> int:
    """Return where an address starts with the venue or town in the pieces before it."""
    for previous in range(own - 1, -1, -1):
        between = _BETWEEN.fullmatch(turn.folded, pieces[previous + 1][0], start)
        if between is None or turn.folded[pieces[previous][1]] == ":":
            break
        venue = leads_on(turn, *pieces[previous], marks, AT)
        if venue is None or marks.hard[venue]:
            break
        apart = between[0].strip(" -:\"'")
        if apart and not (capital(turn, venue) or TOWN.match(turn.folded, venue)):
            break
        words = turn.folded[slice(*pieces[previous])]
        if apart and (OTHER_PLACE.search(words) or CUT.search(words)):
            break
        start = venue
    return start


def widen_right(
    turn: Turn, end: int, following: int, pieces: list[Span], marks: Marks, *, stopped: bool
) -> int:
    """Return where an address ends with the pieces that go on with it."""
    while not stopped and following < len(pieces):
        piece = pieces[following]
        following += 1
        if is_negated(turn, *piece) or DOOR_CODE.fullmatch(turn.folded, *piece):
            continue
        lead = NEXT_LEAD.match(turn.folded, *piece)
        piece = (lead.end(), piece[1]) if lead and lead.end() < piece[1] else piece
        if not goes_on(turn, *piece, marks):
            break
        lower = not any(c.isupper() for c in turn.text[slice(*piece)])
        end, stopped = reach_right(turn, *piece, marks, lower=lower)
    return end


def tidy_address(turn: Turn, start: int, end: int) -> str:
    """Return an address's words without door codes, asides and what merely joins them."""
    text = _without_codes(turn, start, end)
    cut = CUT.search(fold(text))
    if cut is not None and cut.start() > 0:
        text = text[: cut.start()]
    value = re.sub(r",\s*(?:nu|not)\s[^,]{1,20}(?=,|$)", "", text)
    value = re.sub(r",\s*(?:suntem|stam|e|este)\s+(?:la|in|pe)\s+", ", ", value)
    value = " ".join(value.strip(" ,;:.-!?\n\"'(").split())
    return re.sub(r"(?:\s+(?:de|la|din|in|pe|cu|si))+$", "", value)


def _without_codes(turn: Turn, start: int, end: int) -> str:
    """Return the text between two offsets without its pieces that are door codes."""
    pieces = turn.text[start:end].split(",")
    return ",".join(piece for piece in pieces if not DOOR_CODE.fullmatch(fold(piece)))


def address_after(turn: Turn, start: int, finish: int, marks: Marks) -> str:
    """Return the address that begins at an offset of a sentence."""
    lead = LEAD.match(turn.folded, start)
    start = lead.end() if lead and lead.end() < finish else start
    pieces = split(turn, start, finish)
    if len(pieces) > 1 and (
        HOME.match(turn.folded[slice(*pieces[0])].strip()) or is_label(turn, *pieces[0])
    ):
        pieces = pieces[1:]
        start = pieces[0][0]
    end, stopped = reach_right(turn, *pieces[0], marks, lower=True)
    return tidy_address(turn, start, widen_right(turn, end, 1, pieces, marks, stopped=stopped))


def is_label(turn: Turn, start: int, end: int) -> bool:
    """Whether a piece only says whose place follows: "my mum's garden: …"."""
    plain = turn.text[start:end].islower() and not is_numbered(turn.text[start:end])
    return plain and end < len(turn.folded) and turn.folded[end] == ":"
