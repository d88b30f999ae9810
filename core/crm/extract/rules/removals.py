"""What the customer takes out of a stored event: dropped for good, or swapped for another."""

import re
from dataclasses import replace

from core.crm.catalogue import Entry
from core.crm.draft import Role
from core.crm.extract.rules.ledger import Ledger, Removal
from core.crm.extract.rules.turns import Turn

_CHANGED_MIND = re.compile(
    r"\b(?:s|m|ne|v)-?\s?(?:a|am|au|ati)\s+razgandit\w*"
    r"|\bchanged\s+(?:her|his|their|our|my)\s+minds?\b|\binstead\b(?!\s+of\b)"
)
"""Words by which what comes next takes the place of what was booked."""
_BESIDES = re.compile(
    r"\b(?:si|mai|also|too|plus|both|another|inca|amandoi|amandoua|ambele)\s+(?:\w+\s+)?$"
    r"|\b(?:pe\s+langa|besides|in\s+addition\s+to)\b"
)


def take_out(ledger: Ledger, entry: Entry, turn: Turn, *, asked: bool) -> None:
    """Note that the customer no longer wants a service; `asked` is False where they only ask."""
    ledger.removals.append(Removal(entry, (turn.id,), asked))


def settle_swaps(ledger: Ledger, turn: Turn, asked: list[Entry]) -> None:
    """Pair what a message takes out with `asked`, what it asks for or asks about.

    A message that changes its mind and names one new character takes out the one that there was.
    """
    kinds = {entry.role_type for entry in asked}
    ledger.removals = [
        replace(one, swapped=True) if turn.id in one.ids and one.entry.role_type in kinds else one
        for one in ledger.removals
    ]
    changed = _CHANGED_MIND.search(turn.folded)
    named = any(turn.id in one.ids for one in ledger.removals)
    if changed is None or named:
        return
    begin = turn.sentence_span(changed.start())[0] if changed[0] == "instead" else changed.end()
    places = [
        m.start
        for m in turn.roles
        if m.start >= begin and m.entry in asked and m.entry.role_type == "ANIMATOR"
    ]
    if len(places) == 1 and not _BESIDES.search(turn.folded, begin, places[0]):
        kind = Entry("ANIMATOR", None)
        ledger.removals.append(Removal(kind, (turn.id,), True, swapped=True, sole=True))


def confirm_removals(ledger: Ledger, turn: Turn) -> None:
    """Make wishes of the removals that the customer only asked about, now that they said yes."""
    ledger.removals = [
        one if one.asked else replace(one, asked=True, ids=(*one.ids, turn.id))
        for one in ledger.removals
    ]


def find_removed(ledger: Ledger, stored: list[Role]) -> list[tuple[Role, tuple[str, ...]]]:
    """Return the services that go out of an event that has `stored`, with their messages.

    What is swapped stays when nothing comes in its place.
    """
    wanted = [service.entry for service in ledger.services if service.asked]
    added = [entry for entry in wanted if not any(_is(entry, role) for role in stored)]
    going = _going(ledger, added)
    found: list[tuple[Role, tuple[str, ...]]] = []
    for role in stored:
        kept = any(_is(entry, role) for entry in wanted)
        gone = [
            one
            for one in going
            if (_is_sole(role, stored) if one.sole else not kept and _covers(one.entry, role))
        ]
        if gone:
            ids = [message_id for one in gone for message_id in one.ids]
            found.append((role, tuple(dict.fromkeys(ids))))
    return found


def name_removed(ledger: Ledger) -> list[tuple[Role, tuple[str, ...]]]:
    """Return what is named as going out, with its messages, while no event is known to have it."""
    wanted = [service.entry for service in ledger.services if service.asked]
    return [
        (Role(role_type=one.entry.role_type, label=one.entry.label), one.ids)
        for one in _going(ledger, wanted)
        if not one.sole
    ]


def _going(ledger: Ledger, added: list[Entry]) -> list[Removal]:
    """Return what goes when `added` comes in."""
    kinds = {entry.role_type for entry in added}
    return [
        one
        for one in ledger.removals
        if one.asked and (one.entry.role_type in kinds or not one.swapped)
    ]


def _is(entry: Entry, role: Role) -> bool:
    return entry.role_type == role.role_type and entry.means(role.label)


def _covers(entry: Entry, role: Role) -> bool:
    return entry.role_type == role.role_type and (entry.label is None or entry.means(role.label))


def _is_sole(role: Role, stored: list[Role]) -> bool:
    return [other for other in stored if other.role_type == "ANIMATOR"] == [role]
