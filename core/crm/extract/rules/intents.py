"""What the customer wants: a new event, a change to a stored one, an answer, or nothing."""

import re
from dataclasses import dataclass

from core.crm.draft import ExistingEvent, Intent, ReasonCode
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.cancels import cancels, company_frees, goes_on
from core.crm.extract.rules.doubts import wants_nothing
from core.crm.extract.rules.ledger import Ledger, Service
from core.crm.extract.rules.removals import find_removed
from core.crm.extract.rules.requests import asks_for
from core.crm.extract.rules.services import added
from core.crm.extract.rules.targets import pick_target, states
from core.crm.extract.rules.turns import Turn


@dataclass(frozen=True, slots=True)
class Verdict:
    """The intent, the stored event that is meant, and why."""

    intent: Intent
    target: ExistingEvent | None
    reason: ReasonCode
    ambiguous: bool = False


_INVOICE = re.compile(r"\bfactur\w*|\binvoice|\bcontractul?\b|\bchitant\w*|\breceipt")
_SELF_OFFER = re.compile(
    r"\baveti\s+nevoie\s+de\s+(?:personal|oameni|ajutor\b|ajutoare|colaboratori|un\s+coleg)"
    r"|\bam\s+experienta\s+(?:ca|in|cu)\b|\bcaut\s+(?:de\s+lucru|un\s+job)|\b(?:oferta"
    r"|linie)\s+de\s+credit"
    r"|"
    r"\b(?:job|cv)\b|loc\s+de\s+munca|\bangajari\b|\bangajati\s+\w*animator|\bcolabora\w*"
    r"|\bhiring\b|\bposturi\b"
    r"|\bcautati\s+(?:oameni|personal|colegi|animatori|colaboratori)|\bsunt\s+(?:un\s+|o\s+)?"
    r"(?:animator|animatoare|magician|dj|fotograf|clovn|studenta?\s+si\s+caut)\b(?!\w)"
    r"|\bi'?m\s+an?\s+(?:\w+\s+)?(?:face\s+painter|magician|dj|entertainer|photographer|clown)\b"
    r"|\bva\s+putem\s+(?:livra|oferi|suna|trimite|propune|ajuta)|\bva\s+(?:oferim|propun"
    r"|propunem)\b"
    r"|\bsuntem\s+o\s+(?:firma|companie|agentie|echipa)|\binchiriez\b|\bvand\b|\bvindem\b"
    r"|\bramburs\b"
    r"|\blei\s+pe\s+luna\b|\bpentru\s+echipa\b|^\s*(?:anunt|invitatie)\s*:|\bintrare\s+libera"
    r"|\bmagazin\s+nou"
    r"|\bpartner\s+with\b|\bdelivery\s+guy|\bcolet\w*\b|\bwe\s+(?:offer|sell|provide)\b"
    r"|\bstrang\w*\s+fonduri|\bdonat\w*"
)
"""The writer offers something, or looks for work."""


def _spam(inbound: list[Turn]) -> bool:
    text = " ".join(turn.folded for turn in inbound)
    hits = len(lexicon.SPAM.findall(text))
    party = re.search(r"petrec|party|animator|ursitoare|botez|aniversar|birthday|copii\b", text)
    selling = re.search(
        r"vindem|promoti|reducer|va\s+oferim|we\s+(?:sell|offer)|castig|click|\bjob\b|\bcv\b"
        r"|angajat(?:or"
        r"|i\s+animatori)",
        text,
    )
    asks = any(t.roles and asks_for(t) for t in inbound)
    if _SELF_OFFER.search(text):
        return True
    return hits >= 1 and not party and (bool(selling) or not asks)


def _details(ledger: Ledger) -> int:
    names = ("date", "startTime", "address", "childName", "childAge", "numChildren", "durationMin")
    return sum(ledger.value(name) is not None for name in names)


_WRONG_NUMBER = re.compile(
    r"\bgresit\s+(?:numarul|persoana|grupul|conversatia)|\bnu\s+era\s+pentru\s+(?:aici|voi)\b"
    r"|\bwrong\s+(?:number|person|chat|group)"
)


def judge(
    turns: list[Turn], ledger: Ledger, events: list[ExistingEvent], *, every: list[Turn]
) -> Verdict:
    """Return the intent of a chat; `turns` are those about the party asked about last."""
    inbound = [turn for turn in turns if turn.inbound and turn.folded.strip()]
    if not inbound:
        return Verdict("OTHER", None, "not_written")
    if any(_WRONG_NUMBER.search(turn.folded) for turn in every):
        return Verdict("OTHER", None, "nothing_asked")
    if _spam(inbound):
        return Verdict("OTHER", None, "advertising")
    open_events = [event for event in events if not event.is_archived]
    asked = [turn for turn in inbound if asks_for(turn)]
    freed = company_frees(turns)
    off = freed is not None and not goes_on(inbound, ledger, freed)
    if _calls_off(inbound, every, ledger, open_events) or (off and (open_events or asked)):
        return Verdict("CANCEL", None, "calls_off")
    target, several = pick_target(turns, ledger, events)
    if target is not None:
        takes_out = find_removed(ledger, target.roles)
        if wants_nothing(turns, ledger) and not takes_out and "payment.status" not in ledger.facts:
            return Verdict("QUESTION", None, "only_asks")
        if _changes(inbound, ledger, target):
            return Verdict("UPDATE", target, "about_stored")
        return _idle(inbound)
    if several and (ledger.facts or ledger.services) and ledger.value("date") is None:
        return Verdict("UPDATE", None, "several_events", ambiguous=True)
    if wants_nothing(turns, ledger):
        return Verdict("QUESTION", None, "not_booked_yet")
    services = [s for s in ledger.services if s.asked]
    past_only = all(turn.is_past(0) for turn in inbound) and not asked
    if (
        asked and (services or _details(ledger) or ledger.accepted or _asks_party(asked))
    ) and not past_only:
        return Verdict("BOOKING", None, "asks_for_party")
    if (
        ledger.accepted
        and (ledger.value("date") or ledger.services)
        and _details(ledger)
        and ("payment.amount" in ledger.facts or _inquired(inbound))
        and (
            not all(
                lexicon.QUESTION_WORDS.search(t.folded) or lexicon.THANKS.search(t.folded)
                for t in inbound
            )
            or ("payment.amount" in ledger.facts and _said_yes(inbound))
        )
    ):
        return Verdict("BOOKING", None, "accepts_offer")
    telling = {fact_id for fact in ledger.facts.values() for fact_id in fact.ids}
    plain = [
        t
        for t in inbound
        if "?" not in t.folded
        and not lexicon.INQUIRY.search(t.folded)
        and (t.id in telling or not all(t.is_past(start) for start in _starts(t)))
    ]
    told = plain and _is_told(plain, ledger, services)
    only_thanks = len(plain) == 1 and lexicon.THANKS.search(plain[0].folded) and not services
    if (told and not only_thanks) or _is_complete(ledger, messages=len(inbound)):
        return Verdict("BOOKING", None, "gives_details")
    return _idle(inbound)


def _is_complete(ledger: Ledger, *, messages: int) -> bool:
    """Whether the day, the hour, a service and an address with a number are known.

    Who tells all that, in several messages or with the child or the guests, wants more than an
    answer, however it is put.
    """
    people = {"childName", "childAge", "numChildren"} & set(ledger.facts)
    if messages == 1 and not people:
        return False
    address = ledger.value("address") or ""
    numbered = any(letter.isdigit() for letter in address)
    when = {"date", "startTime"} <= set(ledger.facts)
    return when and numbered and bool(ledger.services)


def _calls_off(
    inbound: list[Turn], every: list[Turn], ledger: Ledger, open_events: list[ExistingEvent]
) -> bool:
    """Whether the last word on a party that was asked for, or is stored, is that it is off."""
    cancelled = [
        turn
        for turn in inbound
        if turn.id not in ledger.taken_back and cancels(turn, open_events, ledger)
    ]
    if not cancelled or goes_on(inbound, ledger, cancelled[-1]):
        return False
    last = cancelled[-1]
    if any(t.index > last.index and asks_for(t) and (t.dates or t.roles) for t in inbound):
        return False
    asked_before = any(t.inbound and t.index < last.index and asks_for(t) for t in every)
    said = lexicon.CANCEL.search(last.folded)
    asked_here = said is not None and lexicon.REQUEST.search(last.folded, 0, said.start())
    details = bool(ledger.facts) and len(inbound) > 1
    return bool(open_events or asked_before or asked_here or details)


_MEMORY = re.compile(r"\bpoz[ae]\w*|\bphotos?\b|\bpictures?\b|\bvideo\w*|\bfilmule\w*|\bamintir\w*")


def _is_told(plain: list[Turn], ledger: Ledger, services: list[Service]) -> bool:
    """Whether plain statements give a party's details: what it is, when, for whom or where."""
    if any(_MEMORY.search(turn.folded) for turn in plain):
        return False
    date = ledger.value("date") is not None
    if services and date:
        return True
    known = {"address", "childName", "childAge", "numChildren", "durationMin"} & set(ledger.facts)
    return _details(ledger) >= 2 and bool(services or (date and (known or ledger.last_outbound)))


def _starts(turn: Turn) -> list[int]:
    """Return where the days, hours and services of a message stand."""
    when = [m.start for m in turn.dates] + [t.start for t in turn.times]
    return when + [r.start for r in turn.roles]


def _inquired(inbound: list[Turn]) -> bool:
    """Whether the customer asked about prices, services or free days."""
    return any(
        lexicon.QUESTION_WORDS.search(t.folded) or lexicon.REQUEST.search(t.folded) for t in inbound
    )


def _said_yes(inbound: list[Turn]) -> bool:
    yes = re.compile(r"\s*(?:da|yes|ok|perfect|deal|confirm|sure|de\s+acord|bine)\b")
    return any(yes.match(t.folded) and not lexicon.NOT_BOOKING.search(t.folded) for t in inbound)


def _asks_party(asked: list[Turn]) -> bool:
    return any(re.search(r"rezerv|petrec|party|book|botez|animator", turn.folded) for turn in asked)


def _changes(inbound: list[Turn], ledger: Ledger, target: ExistingEvent) -> bool:
    """Whether the chat changes, adds to or pays for the stored event."""
    if any(name.startswith("payment.") for name in ledger.facts):
        return True
    moved = ledger.value("date")
    if moved is not None and moved.isoformat() != target.date:
        return True
    if added(ledger, target.roles) or find_removed(ledger, target.roles):
        return True
    names = {"startTime", "durationMin", "address", "numChildren"}
    if ledger.value("startTime") == target.start_time:
        names.discard("startTime")
    ids = {fact_id for name in names if name in ledger.facts for fact_id in ledger.facts[name].ids}
    for turn in inbound:
        if turn.id not in ids:
            continue
        change = lexicon.CHANGE.search(turn.folded) or lexicon.REQUEST.search(turn.folded)
        if states(turn) or change:
            return True
    return bool({"childAge", "parentName"} & set(ledger.facts)) and not any(
        "?" in t.folded for t in inbound
    )


def _idle(inbound: list[Turn]) -> Verdict:
    for turn in inbound:
        for start, end in turn.sentences:
            sentence = turn.folded[start:end]
            if _INVOICE.search(sentence) and lexicon.REQUEST_TO_SEND.search(sentence):
                return Verdict("QUESTION", None, "only_asks")
            past = lexicon.PAST.search(sentence) or lexicon.THANKS.search(sentence)
            if past and "?" not in sentence and not lexicon.INQUIRY.search(sentence):
                continue
            if lexicon.QUESTION_WORDS.search(sentence) or _INVOICE.search(sentence):
                return Verdict("QUESTION", None, "only_asks")
    return Verdict("OTHER", None, "nothing_asked")
