"""What the customer takes out of a stored event: dropped for good, or swapped for another."""

import re
from dataclasses import replace

from core.crm.catalogue import Entry
from core.crm.draft import Role
from core.crm.extract.rules.ledger import Ledger, Remainder, Removal
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.roles import RoleMention

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


_KEEPS = re.compile(
    r"\b(?:vrem|vreau|vrea|vor|dorim|doresc|luam|iau|pastr\w+|las(?:am|ati|a)|raman\w*|mergem|ajunge"
    r"|want\w*|like|need|keep\w*|leave|take|have|stay\w*|stick\w*|go(?:ing)?\s+with)\b"
)
"""Words by which a message says itself that it chooses."""
_ASKS_SERVICES = re.compile(
    r"\b(?:raman\w*|pastr\w+|vreti|doriti|luati|las(?:am|ati)|servici\w*|pachet\w*|animator\w*"
    r"|keep|want|like|need|services?|package)\b"
)
"""Words by which the company asks what of the services is to be."""


def cut_down(turn: Turn, ledger: Ledger, left: list[RoleMention], *, asked: bool) -> None:
    """Note that the customer is left with these services alone; `asked` is False in a question.

    A bare "only Elsa" that answers another question ("who comes at four?") cuts nothing down.
    """
    asks = [part for part in re.findall(r"[^.!?\n]*\?", ledger.last_outbound) if part.strip()]
    about = any(_ASKS_SERVICES.search(part) for part in asks) or _named_in(asks, ledger)
    begin, end = turn.sentence_span(left[0].start)
    if asks and not about and not _KEEPS.search(turn.folded, begin, end):
        return
    entries = tuple(mention.entry for mention in left)
    beside = tuple(dict.fromkeys(s.entry for s in ledger.services if s.asked))
    beside += tuple(entry for entry, _words in ledger.offer.services)
    ledger.remainder = Remainder(entries, (turn.id,), asked, beside)


def _named_in(asks: list[str], ledger: Ledger) -> bool:
    """Whether the company's questions name a service."""
    named = [
        (e, words) for e, words in ledger.offer.services if e.label or e.role_type != "ANIMATOR"
    ]
    return any(words.strip() in part for _entry, words in named for part in asks)


def confirm_removals(ledger: Ledger, turn: Turn) -> None:
    """Make wishes of the removals that the customer only asked about, now that they said yes."""
    ledger.removals = [
        one if one.asked else replace(one, asked=True, ids=(*one.ids, turn.id))
        for one in ledger.removals
    ]
    left = ledger.remainder
    if left is not None and not left.asked:
        ledger.remainder = replace(left, asked=True, ids=(*left.ids, turn.id))


def find_removed(ledger: Ledger, stored: list[Role]) -> list[tuple[Role, tuple[str, ...]]]:
    """Return the services that go out of an event that has `stored`, with their messages.

    What is swapped stays when nothing comes in its place.
    """
    wanted = [service.entry for service in ledger.services if service.asked]
    added = [entry for entry in wanted if not any(_is(entry, role) for role in stored)]
    going = _going(ledger, added)
    left = _left_of(ledger, stored)
    found: list[tuple[Role, tuple[str, ...]]] = []
    for role in stored:
        kept = any(_is(entry, role) for entry in wanted)
        gone = [
            one
            for one in going
            if (_is_sole(role, stored) if one.sole else not kept and _covers(one.entry, role))
        ]
        ids = [message_id for one in gone for message_id in one.ids]
        if left is not None and not kept and not any(_leaves(e, role) for e in left.entries):
            ids += left.ids
        if ids:
            found.append((role, tuple(dict.fromkeys(ids))))
    return found


def _left_of(ledger: Ledger, stored: list[Role]) -> Remainder | None:
    """Return what the services of an event are cut down to; None where others were spoken of."""
    left = ledger.remainder
    if left is None or not left.asked:
        return None
    has = [any(_leaves(entry, role) for role in stored) for entry in left.entries]
    known = all(any(_leaves(entry, role) for role in stored) for entry in left.beside)
    return left if any(has) and known else None


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


def _leaves(entry: Entry, role: Role) -> bool:
    """Whether "only" a service leaves a stored one: "balloons" those with helium too."""
    balloons = {"BALLOONS", "HELIUM_BALLOONS"}
    alike = entry.label is None and {entry.role_type, role.role_type} <= balloons
    return alike or _covers(entry, role)


def _covers(entry: Entry, role: Role) -> bool:
    return entry.role_type == role.role_type and (entry.label is None or entry.means(role.label))


def _is_sole(role: Role, stored: list[Role]) -> bool:
    return [other for other in stored if other.role_type == "ANIMATOR"] == [role]
