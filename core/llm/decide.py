"""Decides by code what a chat wants: the model's reading is one voice, the rules' another."""

from dataclasses import dataclass

from core.crm.draft import ExistingEvent, ReasonCode
from core.crm.extract.rules.intents import Verdict, judge
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.targets import pick_target
from core.crm.extract.rules.turns import Turn
from core.llm.quotes import find_quote
from core.llm.schemas import ExtractionAnswer

_WANTS = frozenset({"BOOKING", "UPDATE"})


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict, and how sure it is."""

    verdict: Verdict
    confidence: float
    note: ReasonCode | None = None
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
        return Decision(rules, 0.6, "no_evidence")
    verdict = _from_model(answer, turns, ledger, events)
    if verdict.intent == rules.intent:
        return Decision(verdict, 0.9)
    wants = {verdict.intent, rules.intent}
    if wants <= _WANTS:
        return Decision(verdict, 0.8)
    return Decision(verdict, 0.6, "read_differently")


def _from_model(
    answer: ExtractionAnswer, turns: list[Turn], ledger: Ledger, events: list[ExistingEvent]
) -> Verdict:
    match answer.intent:
        case "QUESTION":
            return Verdict("QUESTION", None, "only_asks")
        case "CANCEL":
            return Verdict("CANCEL", None, "calls_off")
        case "OTHER":
            return Verdict("OTHER", None, "nothing_asked")
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
        return Verdict("UPDATE", target, "about_stored")
    if several and undated:
        return Verdict("UPDATE", None, "several_events", ambiguous=True)
    return Verdict("BOOKING", None, "asks_for_party")
