"""What the company says of services, and what a customer's answer takes of it."""

import re
from dataclasses import replace

from core.crm.catalogue import Entry
from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.acceptance import ORDINALS, says_yes
from core.crm.extract.rules.ledger import Ledger, Offer, Service
from core.crm.extract.rules.mentions import is_refused, same
from core.crm.extract.rules.removals import confirm_removals
from core.crm.extract.rules.services import ask, drop, keep_only, only
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold
from core.crm.resolve.roles import RoleMention

_THEN = re.compile(r"\s*[,-]?\s*(?:atunci|then|it\s+is|sa\s+fie)\b")


def answer_services(turn: Turn, ledger: Ledger) -> None:
    """Take in what the company cannot do ("nu avem Naruto"), and its "doar Elsa", "Elsa atunci"."""
    for start, end in turn.sentences:
        inside = [m for m in turn.roles if start <= m.start < end]
        for service in list(ledger.services):
            label = fold(service.entry.label or "")
            found = turn.folded.find(label, start, end) if label else -1
            if found >= 0 and is_refused(
                turn, RoleMention(found, found + len(label), service.entry)
            ):
                drop(ledger, service.entry)
        for mention in inside:
            if is_refused(turn, mention):
                drop(ledger, mention.entry)
        if len(inside) == 1 and _THEN.match(turn.folded, inside[0].end) and inside[0].entry.label:
            known = [s for s in ledger.services if s.entry.role_type == inside[0].entry.role_type]
            if any(same(s.entry, inside[0].entry) for s in known):
                others = [s.entry for s in ledger.services if s not in known]
                keep_only(ledger, [*others, inside[0].entry])
    ledger.offer.services = [
        (r.entry, turn.sentence_at(r.start))
        for r in turn.roles
        if not is_refused(turn, r) and not _REPORTS.search(turn.sentence_at(r.start))
    ] or ledger.offer.services
    ledger.offer.only = [m.entry for m in only(turn, turn.roles)]


_REPORTS = re.compile(
    r"\ball\s+set\b|\b(?:avem|e|este|apare\w*|sunt)\s+(?:deja\s+)?(?:notat|trecut|programat|confirmat|rezervat|in\s+sistem)\w*"
    r"|\b(?:it'?s|is|are|we\s+have\s+you)\s+(?:already\s+)?(?:booked|confirmed|down)\b"
)
"""The company tells what is booked already, and offers nothing."""
_PACKAGE = re.compile(
    r"\bpachet\w*|\b(?:il|le)\s+(?:iau|luam)\b|\bpackage|\btake\s+(?:it|them|everything)\b"
)
_BOTH = re.compile(r"\bboth\b|\bamandoua|\bamandoi|\bambele|\bambii|\btoate\b|\ball\s+of")
_BOOKS = re.compile(
    r"rezerv|\bbook|adaug|\baduce|\bpune(?:ti|m)\b|\badd\b|programam|\bluati\b|\bdoriti|\bvreti"
)


_PROPOSES = re.compile(r"\b(?:doriti|vreti|adaug\w*|would\s+you\s+like|want|sa\s+punem|luati)\b")
_OR = re.compile(r"\bsau\b|\bor\b")


def accept_services(turn: Turn, ledger: Ledger, offer: Offer, *, agreed: bool) -> None:
    """Make what was only asked about, or offered, asked for by an acceptance that names nothing.

    `agreed` says whether the acceptance agreed a price.
    """
    offered = offer.services
    if offer.only and not turn.roles:
        keep_only(ledger, offer.only)
    booking = agreed or _BOOKS.search(ledger.last_outbound) or _BOOKS.search(turn.folded)
    if _BOTH.search(turn.folded) and len(offered) > 1:
        for entry, _sentence in offered:
            ask(ledger, entry, turn, asked=True)
    confirmed = (not turn.roles and booking) or bool(_BOTH.search(turn.folded))
    if confirmed:
        ledger.services = [
            s if s.asked or s.either else replace(s, asked=True, ids=(*s.ids, turn.id))
            for s in ledger.services
        ]
    if confirmed or says_yes(ledger.last_outbound):
        confirm_removals(ledger, turn)
    if _PACKAGE.search(turn.folded) and len(offered) > 1:
        for entry, sentence in offered:
            if not re.search(r"\bsau\b|\bor\b|\?", sentence):
                ask(ledger, entry, turn, asked=True)
    fresh = [e for e, _text in offered if (e.role_type, e.label) not in ledger.dropped]
    if not ledger.services and not turn.roles and len(fresh) == 1:
        ask(ledger, fresh[0], turn, asked=True)
        return
    if not ledger.services and not turn.roles and not ledger.dropped:
        for entry, sentence in offered:
            if not re.search(r"\bsau\b|\bor\b|\bavem\b|\bwe\s+have\b", sentence):
                ask(ledger, entry, turn, asked=True)
        return
    if any(answers.REFUSE.match(turn.folded[start:end]) for start, end in turn.sentences):
        return  # "190 is fine. No popcorn": what else was offered stays open
    for entry, sentence in offered:
        proposed = _PROPOSES.search(sentence) and "?" in sentence and not _OR.search(sentence)
        if proposed and entry in fresh and not _doubted(turn, entry):
            ask(ledger, entry, turn, asked=True)


def _doubted(turn: Turn, entry: Entry) -> bool:
    """Whether the customer names the service only to think about it."""
    return any(
        same(r.entry, entry) and lexicon.NOT_BOOKING.search(turn.sentence_at(r.start))
        for r in turn.roles
    )


_HAS = re.compile(
    r"\d\s*(?:lei|ron|euro|eur)\b|\bavem\b|\bwe\s+have|\bputem|\bmascota|\bavailable|\bliber[ae]?\b|\bfree\b|\?|\bsau\b|\bor\b"
)


def adopt_character(turn: Turn, ledger: Ledger, offered: list[tuple[Entry, str]]) -> None:
    """Take the character that the company has for what the customer left open.

    The customer asked for a kind ("a princess") or for one of several; the company named one, or
    several of which the answer takes one by its place.
    """
    if answers.REFUSE.match(turn.folded) or turn.roles:
        return
    named = {e.label: e for e, text in offered if e.exact_label and _HAS.search(text)}
    exact = list(named.values())
    chosen = exact[0] if len(exact) == 1 else None
    for pattern, position in ORDINALS:
        if chosen is None and position < len(exact) and pattern.search(turn.folded):
            chosen = exact[position]
    if chosen is None:
        return
    open_choice = [s for s in ledger.services if s.either]
    kinds = [s for s in ledger.services if s.entry.role_type == "ANIMATOR"]
    if any(same(s.entry, chosen) for s in open_choice):
        replaced = open_choice
    elif len(kinds) == 1 and not kinds[0].entry.exact_label:
        replaced = kinds
    else:
        return
    ids = tuple(dict.fromkeys(i for s in replaced for i in s.ids))
    position = ledger.services.index(replaced[0])
    ledger.services[position] = Service(chosen, (*ids, turn.id), True)
    ledger.services = [s for s in ledger.services if s not in replaced]
