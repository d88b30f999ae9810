"""Services by their number in a list that somebody wrote: "without point 3", "only 1 and 2"."""

import re

from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.removals import take_out
from core.crm.extract.rules.services import drop, keep_only
from core.crm.extract.rules.turns import Turn

_POINT = re.compile(r"(?:^|(?<=[\s,;]))(?P<n>\d)\s?[.)](?!\d)\s*(?=\S)", re.MULTILINE)
_NUMBERS = (
    r"(?P<n>\d(?:\s*(?:,|si|and|&)\s*\d)*)\b"
    r"(?!\s*(?:ore|ora|h\b|copii|kids|ani|lei|hours?|[:/.]\d))"
)
_CALLED = r"(?:(?:punct\w*|pozitia|numarul|nr\.?|numbers?|no\.?|items?|points?)\s+)"
_WITHOUT = re.compile(
    rf"\b(?:fara|without|scoate\w*|scoatem|renunt\w*\s+la|drop|skip|remove|minus"
    rf"|nu\s+(?:mai\s+)?(?:vrem|vreau|luam))\s+{_CALLED}?{_NUMBERS}"
)
_ONLY = re.compile(rf"\b(?:doar|numai|only|just|ramanem\s+la|ramane\w*)\s+{_CALLED}{_NUMBERS}")


def note_points(turn: Turn, ledger: Ledger) -> None:
    """Remember which services stand at which number of a list in a message."""
    points = list(_POINT.finditer(turn.folded))
    if [int(found["n"]) for found in points] != list(range(1, len(points) + 1)) or len(points) < 2:
        return
    ends = [*(found.start() for found in points[1:]), len(turn.folded)]
    ledger.points = {
        int(found["n"]): [r.entry for r in turn.roles if found.end() <= r.start < end]
        for found, end in zip(points, ends, strict=True)
    }


def read_points(turn: Turn, ledger: Ledger) -> None:
    """Drop or keep the services whose numbers a customer's message names."""
    for pattern, keeps in ((_WITHOUT, False), (_ONLY, True)):
        found = pattern.search(turn.folded) if ledger.points else None
        if found is None:
            continue
        numbers = {int(digit) for digit in re.findall(r"\d", found["n"])}
        entries = [entry for n in sorted(numbers) for entry in ledger.points.get(n, [])]
        if keeps and entries:
            keep_only(ledger, entries)
        for entry in [] if keeps else entries:
            drop(ledger, entry)
            take_out(ledger, entry, turn, asked=True)
