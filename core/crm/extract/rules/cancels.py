"""Whether the customer calls the party off."""

import re

from core.crm.draft import ExistingEvent
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn

_OTHERS_CANCEL = re.compile(
    r"\b(?:animator\w*|clown|clovn\w*|entertainer|magician\w*|company|firma|restaurantul|sala"
    r"|venue|locatia"
    r"|they|someone|cineva|el|ea|cei\s+de\s+la\s+\w+)\s+(?:\w+\s+){0,2}?(?:has\s+|have\s+"
    r"|just\s+|just\s+now\s+)?"
    r"(?:cancel+ed|(?:ne-?)?(?:a|au)\s+anulat|bailed|dropped\s+out|pulled\s+out|fell\s+through)\b"
)
"""Somebody else called off, which is why the customer writes."""
_PLANS = re.compile(r"plan|mind")
"""What may call off, or only change: "plans changed"."""
_GIVES_UP_PART = re.compile(
    r"renunt\w*\s+la\s+(?:punct|nr|\d|locati|sala|restaurant|adres|ora\b|data\b|tema|tort)"
)


def cancels(turn: Turn, events: list[ExistingEvent], ledger: Ledger) -> bool:
    """Whether a message calls the whole party off, not one of its services."""
    for start, end in turn.sentences:
        sentence = turn.folded[start:end]
        found = lexicon.CANCEL.search(sentence)
        if found and "razgandit" in found[0] and (turn.roles or turn.dates or turn.times):
            continue  # "ne-am răzgândit, Moana în loc de Elsa"
        if found and _GIVES_UP_PART.match(sentence, found.start()):
            continue
        if found is None or lexicon.NO_CANCEL.search(sentence) or lexicon.PAST.search(sentence):
            continue
        if _OTHERS_CANCEL.search(sentence) or (_PLANS.search(found[0]) and turn.dates):
            continue
        near = [
            r
            for r in turn.roles
            if start <= r.start < end
            and 0 <= r.start - start - found.end() < 22
            and not re.search(r"[,;:]", sentence[found.end() : r.start - start])
        ]
        if near and any(r.start > near[0].start and r.entry != near[0].entry for r in turn.roles):
            continue  # "we don't want Elsa any more, we want Rapunzel"
        if near and not lexicon.WHOLE.search(sentence):
            types = {near[0].entry.role_type}
            stored = [{role.role_type for role in event.roles} for event in events]
            left = [service for service in ledger.services if service.asked]
            if not any(roles and roles <= types for roles in stored) and (stored or left):
                continue
        return True
    return False


_FREED = re.compile(
    r"\b(?:am|l-am|le-am)\s+(?:anulat|eliberat|scos)(?:-[ol])?\b|\beliber(?:am|ez)\b|\banulam\b"
    r"|\b(?:it'?s|is|have|i'?ve|we'?ve)\s+(?:been\s+)?cancell?ed\b|\btak(?:e|en)\s+you\s+off\b"
    r"|\breleased?\s+(?:the|your)\s+(?:date|slot)\b|\b(?:no\s+longer|don'?t)\s+need\s+us\b"
    r"|\bnu\s+mai\s+(?:tinem|aveti\s+nevoie|venim|facem)\b"
)
_UNLESS = re.compile(r"\b(?:daca|altfel|if|otherwise|unless|ultimul)\b")
_CONFIRMED = re.compile(
    r"\s*(?:da|exact|asa|corect|din\s+pacate|nu\b|yes|yep|correct|right|no\b|nope|please|afraid)"
)


def company_frees(turns: list[Turn]) -> Turn | None:
    """Return the message in which the company says that the party is off.

    Or asks whether it is, and the customer confirms; None without one.
    """
    for turn in turns:
        found = None if turn.inbound else _FREED.search(turn.folded)
        if found is None:
            continue
        sentence = turn.sentence_at(found.start())
        if _UNLESS.search(sentence):
            continue
        answers = [t for t in turns if t.inbound and t.index > turn.index]
        if "?" not in sentence or (answers and _CONFIRMED.match(answers[0].folded)):
            return turn
    return None


def goes_on(inbound: list[Turn], ledger: Ledger, cancelled: Turn) -> bool:
    """Whether later messages settle details of a party, so that nothing was called off."""
    later = {t.id for t in inbound if t.index > cancelled.index}
    names = {"startTime", "durationMin", "address", "payment.amount", "childName", "numChildren"}
    told = [name for name in names & set(ledger.facts) if later & set(ledger.facts[name].ids)]
    wished = [s for s in ledger.services if s.asked and later & set(s.ids)]
    return len(told) + len(wished) >= _SOME


_SOME = 2
