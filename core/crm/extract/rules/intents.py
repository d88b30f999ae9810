"""What the customer wants: a new event, a change to a stored one, an answer, or nothing."""

import re
from dataclasses import dataclass
from datetime import date

from core.crm.draft import ExistingEvent, Intent
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.doubts import find_doubt
from core.crm.extract.rules.ledger import Ledger, Service
from core.crm.extract.rules.services import added, is_stored
from core.crm.extract.rules.turns import Turn
from core.i18n import _


@dataclass(frozen=True, slots=True)
class Verdict:
    """The intent, the stored event that is meant, and why."""

    intent: Intent
    target: ExistingEvent | None
    reason: str
    ambiguous: bool = False


_STILL_LOOKING = r"nu\s+rezerv|not\s+booking|compar|gandes|gandim|alta\s+parte"
_INVOICE = re.compile(r"\bfactur\w*|\binvoice|\bcontractul?\b|\bchitant\w*|\breceipt")
_WANTS_TO_BOOK = re.compile(
    r"\b(?:vreau|vrem|as\s+vrea|am\s+vrea|as\s+dori|am\s+dori|doresc|dorim|want|like|love|need"
    r"|hai|atunci)\b"
    r"[^.!?]{0,24}\b(?:rezerv\w*|book)\b|^[^?]*\b(?:rezerv\w*|book)\b[^?]*$"
)
_ASKS_HOW = re.compile(
    r"[^,;]{0,24}?\b(?:how\s+(?:far|long|early|late|soon|many|does|do|can)|when\s+(?:do|should"
    r"|must)"
    r"|(?:do|should|must)\s+(?:i|we)\s+(?:need|have|book)|cu\s+cate?\s+(?:timp|zile|saptamani)"
    r"|din\s+timp"
    r"|cum\s+(?:se|pot|fac|facem|functioneaza)|trebuie\s+sa\s+(?:rezerv|fac|dau|platesc))\b"
)
"""A question about how things go, which asks for nothing yet."""
_IF = re.compile(r"\b(?:daca|if|in\s+caz\s+ca)\b[^.!?]{0,24}\b(?:rezerv|book|anul|cancel)")
_PAPERS = re.compile(
    r"\b(?:nevoie\s+de|vreau|vrem|as\s+vrea|am\s+vrea|as\s+dori|am\s+dori|doresc|need|want"
    r"|like)\s+(?:\w+\s+){0,3}"
    r"(?:numar\w*|cont\w*|iban|factur\w*|chitant\w*|poze\w*|video\w*|contract\w*|invoice|receipt"
    r"|photos?|pictures|bon\w*|review|dovad\w*|multum\w*|thank|interviu\w*|interview|colabor\w*"
    r"|angaj\w*|sponsor\w*|job)"
)
"""Papers, pictures or an account are wanted, not a party."""


def _asks_for(turn: Turn) -> bool:
    """Whether a message plainly asks for a party or a service."""
    for start, end in turn.sentences:
        sentence = lexicon.NOT_BOOKING.sub(" ", turn.folded[start:end])
        if not lexicon.REQUEST.search(sentence) or lexicon.PAST.search(sentence):
            continue
        if lexicon.INQUIRY.search(sentence) and not _WANTS_TO_BOOK.search(sentence):
            continue
        if "?" in sentence and (_ASKS_HOW.match(sentence) or lexicon.OPINION.match(sentence)):
            continue
        if "?" in sentence and _IF.search(sentence):
            continue
        if re.search(r"\bnu\s+(?:\w+\s+){0,2}rezerv|\bnot\s+book", sentence):
            continue
        if _PAPERS.search(sentence):
            continue
        return True
    return False


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


def _cancels(turn: Turn, events: list[ExistingEvent], ledger: Ledger) -> bool:
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
    asks = any(t.roles and _asks_for(t) for t in inbound)
    if _SELF_OFFER.search(text):
        return True
    return hits >= 1 and not party and (bool(selling) or not asks)


def _details(ledger: Ledger) -> int:
    names = ("date", "startTime", "address", "childName", "childAge", "numChildren", "durationMin")
    return sum(ledger.value(name) is not None for name in names)


_AFTERTHOUGHT = re.compile(
    r"mai\s+vedem|(?:ma|ne)\s+mai\s+gand|sa\s+(?:ma|ne)\s+mai\s+gand|we'?ll\s+see|nu\s+acum"
    r"|not\s+now"
)


def _offers_more(turn: Turn) -> bool:
    """Whether the company's last question is about a further service."""
    asked = [(s, e) for s, e in turn.sentences if "?" in turn.folded[s:e]]
    return bool(asked) and any(
        asked[-1][0] <= r.start < asked[-1][1] and lexicon.MORE.search(turn.folded, *asked[-1])
        for r in turn.roles
    )


_LATER = re.compile(r"^\s*(?:va|te|iti|o\s+sa\s+va)\b")


def _says_not_booking(turn: Turn, turns: list[Turn]) -> bool:
    """Whether a message says that nothing is booked.

    Not where it only thinks about one service, or puts the answer to one question off.
    """
    found = find_doubt(turn)
    if found is None or lexicon.STILL_YES.search(turn.folded, found.end()):
        return False
    earlier = [t for t in turns if t.index < turn.index and not t.inbound]
    if _LATER.match(found[0]) and earlier and "?" in earlier[-1].folded and not earlier[-1].sums:
        return False
    return not (earlier and _AFTERTHOUGHT.match(found[0]) and _offers_more(earlier[-1]))


_PUT_OFF = re.compile(
    r"reven|^\s*(?:va|te|iti|o\s+sa\s+va)\b|let\s+you\s+know|mai\s+vedem"
    r"|we'?ll\s+see|gand"
)


def _puts_off(turn: Turn) -> bool:
    """Whether a message only leaves something open, which says little once a price is agreed."""
    found = find_doubt(turn)
    return found is not None and bool(_PUT_OFF.search(found[0]))


def _wants_nothing(turns: list[Turn], ledger: Ledger) -> bool:
    """Whether the last word on it is that nothing is being booked (yet)."""
    last = -1
    for turn in turns:
        if turn.inbound and _says_not_booking(turn, turns):
            last = turn.index
    if last < 0:
        return False
    refused = next(t for t in turns if t.index == last)
    agreed = ledger.facts.get("payment.amount")
    before = {t.id for t in turns if t.inbound and t.index < last}
    if agreed is not None and before & set(agreed.ids) and _puts_off(refused):
        return False
    later = [t for t in turns if t.inbound and t.index > last]
    if any(_asks_for(t) or (t.dates and not re.search(r"\?", t.folded)) for t in later) or (
        ledger.accepted and any(lexicon.ACCEPT_START.match(t.folded) for t in later)
    ):
        return False
    haggle = lexicon.HAGGLE.search(refused.folded)
    if haggle and (
        later or ledger.accepted or re.search(r"\bbuget|\bse\s+poate|\d", refused.folded)
    ):
        return False
    return not (_asks_for(refused) and not re.search(_STILL_LOOKING, refused.folded))


_TAG = re.compile(
    r"\b(?:(?:e|este|ar\s+fi|is|would)\s+(?:(?:that|it|this)\s+(?:be\s+)?)?(?:ok|okay|bine"
    r"|in\s+regula|alright|all\s+right|fine|posibil|possible|vreo\s+problema|o\s+problema"
    r"|a\s+problem)"
    r"|se\s+poate|ok|bine|right|nu\s+(?:e|este)\s+(?:o\s+)?problema)\s*\?"
)
"""A statement's "is that ok?", which makes no question of it."""


def _states(turn: Turn) -> bool:
    """Whether a message asks nothing, or states a number beside what it asks."""
    text = _TAG.sub(" ", turn.folded)
    if "?" not in text:
        return True
    sentences = [turn.folded[start:end] for start, end in turn.sentences]
    return any(
        re.search(r"\d", one) and "?" not in one and not lexicon.INQUIRY.search(one)
        for one in sentences[:-1]
    )


def pick_target(
    turns: list[Turn], ledger: Ledger, events: list[ExistingEvent]
) -> tuple[ExistingEvent | None, bool]:
    """Return the open event that the talk is about, and whether several could be meant."""
    open_events = [event for event in events if not event.is_archived]
    inbound = [turn for turn in turns if turn.inbound]
    text = _TAG.sub(" ", "\n".join(turn.folded for turn in inbound))
    named: date | None = ledger.value("date")
    by_date = [event for event in open_events if named and event.date == named.isoformat()]
    if by_date:
        return by_date[-1], False
    moving = bool(lexicon.MOVE.search(text))
    said = {day.isoformat() for day, _id in ledger.mentioned_days}
    for turn in inbound:
        said |= {m.value.isoformat() for m in turn.dates if m.value and not turn.is_past(m.start)}
    by_mention = [event for event in open_events if event.date in said]
    if moving and by_mention and named is not None:
        return by_mention[-1], False
    postponed = lexicon.POSTPONE.search(text) and not lexicon.OTHER_PARTY.search(text)
    if named is not None and len(open_events) == 1 and postponed:
        return open_events[0], False
    if named is not None and not (moving and _speaks_of_own(text)):
        return None, False
    if lexicon.OTHER_PARTY.search(text) and not moving:
        return None, False
    if len(by_mention) == 1:
        return by_mention[0], False
    christening = [e for e in open_events if any(r.role_type == "URSITOARE" for r in e.roles)]
    if (
        len(open_events) > 1
        and len(christening) == 1
        and re.search(r"botez|ursitoar|christening", text)
    ):
        return christening[0], False
    plain = bool(_speaks_of_own(text) or lexicon.CHANGE.search(text))
    telling = {turn.id for turn in inbound if _states(turn)}
    names = {"childName", "childAge", "numChildren", "address", "startTime"} & set(ledger.facts)
    stated = any(telling & set(ledger.facts[name].ids) for name in names)
    if stated and not any(_asks_for(turn) for turn in inbound):
        plain = True
    if len(open_events) == 1 and (plain or _names_stored(inbound, open_events[0])):
        return open_events[0], False
    return None, bool(len(open_events) > 1 and plain)


def _names_stored(inbound: list[Turn], event: ExistingEvent) -> bool:
    """Whether the customer speaks of a character of a stored event without asking for it."""
    named = [
        r.entry
        for t in inbound
        for r in t.roles
        if r.entry.exact_label and not lexicon.REQUEST.search(t.clause_at(r.start))
    ]
    return any(is_stored(entry, role) for entry in named for role in event.roles)


def _speaks_of_own(text: str) -> bool:
    return bool(lexicon.OWN_BOOKING.search(text))


def _goes_on(inbound: list[Turn], ledger: Ledger, cancelled: Turn) -> bool:
    """Whether later messages settle details of a party, so that nothing was called off."""
    later = {t.id for t in inbound if t.index > cancelled.index}
    names = {"startTime", "durationMin", "address", "payment.amount", "childName", "numChildren"}
    told = [name for name in names & set(ledger.facts) if later & set(ledger.facts[name].ids)]
    wished = [s for s in ledger.services if s.asked and later & set(s.ids)]
    return len(told) + len(wished) >= _SOME


_SOME = 2
_WRONG_NUMBER = re.compile(r"\bgresit\s+(?:numarul|persoana)|\bwrong\s+(?:number|person)")


def judge(
    turns: list[Turn], ledger: Ledger, events: list[ExistingEvent], *, every: list[Turn]
) -> Verdict:
    """Return the intent of a chat; `turns` are those about the party asked about last."""
    inbound = [turn for turn in turns if turn.inbound and turn.folded.strip()]
    if not inbound:
        return Verdict("OTHER", None, _("The customer has not written."))
    if any(_WRONG_NUMBER.search(turn.folded) for turn in every):
        return Verdict("OTHER", None, _("Nothing is asked for."))
    if _spam(inbound):
        return Verdict("OTHER", None, _("The message looks like advertising."))
    open_events = [event for event in events if not event.is_archived]
    asked = [turn for turn in inbound if _asks_for(turn)]
    cancelled = [turn for turn in inbound if _cancels(turn, open_events, ledger)]
    if cancelled and not _goes_on(inbound, ledger, cancelled[-1]):
        after = [t for t in asked if t.index > cancelled[-1].index and (t.dates or t.roles)]
        last = cancelled[-1]
        before = [t for t in every if t.inbound and t.index < last.index and _asks_for(t)]
        said = lexicon.CANCEL.search(last.folded)
        if said is not None and lexicon.REQUEST.search(last.folded, 0, said.start()):
            before.append(last)
        details = ledger.facts and len(inbound) > 1
        if not after and (open_events or before or details):
            return Verdict("CANCEL", None, _("The customer calls the party off."))
    target, several = pick_target(turns, ledger, events)
    if target is not None:
        if _wants_nothing(turns, ledger) and "payment.status" not in ledger.facts:
            return Verdict("QUESTION", None, _("The customer only asks."))
        if _changes(inbound, ledger, target):
            return Verdict(
                "UPDATE", target, _("The chat is about an event that is already stored.")
            )
        return _idle(inbound)
    if several and (ledger.facts or ledger.services) and ledger.value("date") is None:
        reason = _("Several open events could be meant: choose one.")
        return Verdict("UPDATE", None, reason, ambiguous=True)
    if _wants_nothing(turns, ledger):
        return Verdict("QUESTION", None, _("The customer says that nothing is booked yet."))
    services = [s for s in ledger.services if s.asked]
    past_only = all(turn.is_past(0) for turn in inbound) and not asked
    if (
        asked and (services or _details(ledger) or ledger.accepted or _asks_party(asked))
    ) and not past_only:
        return Verdict("BOOKING", None, _("The customer asks for a party."))
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
        return Verdict("BOOKING", None, _("The customer accepts the company's offer."))
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
    if told and not only_thanks:
        return Verdict("BOOKING", None, _("The customer gives the details of a party."))
    return _idle(inbound)


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
    if added(ledger, target.roles):
        return True
    names = {"startTime", "durationMin", "address", "numChildren"}
    if ledger.value("startTime") == target.start_time:
        names.discard("startTime")
    ids = {fact_id for name in names if name in ledger.facts for fact_id in ledger.facts[name].ids}
    for turn in inbound:
        if turn.id not in ids:
            continue
        change = lexicon.CHANGE.search(turn.folded) or lexicon.REQUEST.search(turn.folded)
        if _states(turn) or change:
            return True
    return bool({"childAge", "parentName"} & set(ledger.facts)) and not any(
        "?" in t.folded for t in inbound
    )


def _idle(inbound: list[Turn]) -> Verdict:
    for turn in inbound:
        for start, end in turn.sentences:
            sentence = turn.folded[start:end]
            if _INVOICE.search(sentence) and lexicon.REQUEST_TO_SEND.search(sentence):
                return Verdict("QUESTION", None, _("The customer only asks."))
            past = lexicon.PAST.search(sentence) or lexicon.THANKS.search(sentence)
            if past and "?" not in sentence and not lexicon.INQUIRY.search(sentence):
                continue
            if lexicon.QUESTION_WORDS.search(sentence) or _INVOICE.search(sentence):
                return Verdict("QUESTION", None, _("The customer only asks."))
    return Verdict("OTHER", None, _("Nothing is asked for."))
