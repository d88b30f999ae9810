"""Decides by code what a chat wants: the model's reading is one voice, the rules' another."""

from dataclasses import dataclass

from core.crm.draft import ExistingEvent
from core.crm.extract.rules.intents import Verdict, judge
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.targets import pick_target
from core.crm.extract.rules.turns import Turn
from core.i18n import _
from core.llm.quotes import find_quote
from core.llm.schemas import ExtractionAnswer

_WANTS = frozenset({"BOOKING", "UPDATE"})


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, and how sure it is."""

    verdict: Verdict
    confidence: float
    note: str = ""
    """What the operator should know about it."""


def decide(
    answer: ExtractionAnswer,
    quoted: Turn | None,
    turns: list[Turn],
    ledger: Ledger,
    events: list[ExistingEvent],
) -> Decision:
    """Return what the chat wants; `quoted` is the message that the model's intent cites.

    The rules engine judges the same facts. The model's intent counts only when its quotation
    stands in a message of the customer; whether an event is made or changed, and which, never
    comes from the model alone.
    """
    rules = judge(turns, ledger, events, every=turns)
    heard = quoted is not None and quoted.inbound and find_quote(quoted, answer.intent_quote)
    if not any(turn.inbound and turn.folded.strip() for turn in turns):
        return Decision(rules, 0.8)
    if not heard:
        note = _(
            "The intent is the built-in rules' reading: the model gave no evidence for its own."
        )
        return Decision(rules, 0.6, note)
    verdict = _from_model(answer, turns, ledger, events)
    if verdict.intent == rules.intent:
        return Decision(verdict, 0.9)
    wants = {verdict.intent, rules.intent}
    if wants <= _WANTS:
        return Decision(verdict, 0.8)
    note = _("The built-in rules read the chat differently: check what the customer wants.")
    return Decision(verdict, 0.6, note)


def _from_model(
    answer: ExtractionAnswer, turns: list[Turn], ledger: Ledger, events: list[ExistingEvent]
) -> Verdict:
    match answer.intent:
        case "QUESTION":
            return Verdict("QUESTION", None, _("The customer only asks."))
        case "CANCEL":
            return Verdict("CANCEL", None, _("The customer calls the party off."))
        case "OTHER":
            return Verdict("OTHER", None, _("Nothing is asked for."))
        case _:
            return _wanted(answer, turns, ledger, events)


def _wanted(
    answer: ExtractionAnswer, turns: list[Turn], ledger: Ledger, events: list[ExistingEvent]
) -> Verdict:
    """Return whether a party that is wanted is a new one or a stored one."""
    target, several = pick_target(turns, ledger, events)
    undated = ledger.value("date") is None
    open_events = [event for event in events if not event.is_archived]
    if target is None and undated and answer.intent == "UPDATE":
        several = several or len(open_events) > 1
        if len(open_events) == 1:
            target = open_events[0]
    if target is not None:
        return Verdict("UPDATE", target, _("The chat is about an event that is already stored."))
    if several and undated:
        reason = _("Several open events could be meant: choose one.")
        return Verdict("UPDATE", None, reason, ambiguous=True)
    return Verdict("BOOKING", None, _("The customer asks for a party."))
