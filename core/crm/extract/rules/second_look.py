"""Weighs what the rules read out of a chat against how chats worded like it were meant."""

import math
from typing import Final

from core.crm.draft import ExistingEvent, Intent, ReasonCode
from core.crm.extract.rules.intents import Verdict
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.removals import find_removed
from core.crm.extract.rules.targets import pick_target
from core.crm.extract.rules.turns import Turn
from core.crm.extract.rules.wording import packaged_model, read_words

_TRUST = math.e
"""So many times likelier must an intent be that the rules do not see where they see no event. Where
they see one their word counts for nothing more: what is invented costs an operator more than what
is missed."""


_EVENTS = ("BOOKING", "UPDATE")
_WORDED: Final[dict[Intent, ReasonCode]] = {
    "BOOKING": "worded_as_booking",
    "UPDATE": "worded_as_update",
    "CANCEL": "worded_as_cancel",
    "QUESTION": "worded_as_question",
    "OTHER": "worded_as_other",
}


def look_again(
    verdict: Verdict, turns: list[Turn], ledger: Ledger, events: list[ExistingEvent]
) -> Verdict:
    """Return the rules' verdict, or another one that the wording makes likelier.

    Whether an event is new or changed follows from days and stored events, and stays as it is:
    where the rules see one, the likelihoods of both speak for it. One that the rules did not see
    needs something that the chat states and does not take back, a change an open event too. A
    stored service that is plainly taken out leaves no doubt about a change. Where the customer says
    nothing there is nothing to weigh.
    """
    if verdict.target is not None and find_removed(ledger, verdict.target.roles):
        return verdict
    if not any(turn.inbound and turn.folded.strip() for turn in turns):
        return verdict
    open_events = [event for event in events if not event.is_archived]
    said = ((one.inbound, one.folded) for one in turns if one.id not in ledger.taken_back)
    likely = packaged_model().judge(read_words(said, has_event=bool(open_events)))
    if verdict.intent not in _EVENTS:
        likely[verdict.intent] *= _TRUST
        if ledger.taken_back or not (ledger.facts or ledger.services):
            likely["BOOKING"] = likely["UPDATE"] = 0.0
    else:
        likely[verdict.intent] = likely["BOOKING"] + likely["UPDATE"]
    if not open_events:
        likely["UPDATE"] = 0.0
    best = max(likely, key=lambda intent: likely[intent])
    if best == verdict.intent or (best in _EVENTS and verdict.intent in _EVENTS):
        return verdict
    if best != "UPDATE":
        return Verdict(best, None, _WORDED[best])
    target, _several = pick_target(turns, ledger, events)
    if target is None and len(open_events) == 1:
        target = open_events[0]
    return Verdict("UPDATE", target, _WORDED["UPDATE"], ambiguous=target is None)
