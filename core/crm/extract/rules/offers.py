"""What the company asks and proposes."""

import re
from dataclasses import replace
from datetime import time

from core.crm.catalogue import Entry
from core.crm.extract.rules import answers
from core.crm.extract.rules.acceptance import says_yes
from core.crm.extract.rules.ledger import Fact, Ledger, Offer, Price, clock
from core.crm.extract.rules.mentions import is_refused, same
from core.crm.extract.rules.places import find_address
from core.crm.extract.rules.prices import around, find_prices
from core.crm.extract.rules.turns import Turn

_ASKS = {
    "date": r"\bce\s+(?:data|zi)|\bcand\b|\bin\s+ce\s+zi|\bdata\b|\bwhen\b|\bwhat\s+(?:date"
    r"|day)|\bwhich\s+da(?:y|te)|\bthe\s+date",
    "startTime": r"\bce\s+or[ae]|\bla\s+cat|(?<!\d )(?<!\d)(?<!\bo )(?<!doua )(?<!trei )"
    r"\bor[ae]\b(?!\s*\d)|\bwhat\s+time|\bwhich\s+time"
    r"|\btime\b|\binterval",
    "address": r"(?<!de )\bunde\b|\badres|\bstrada\b|\bce\s+sector"
    r"|\bloca[tț]i|\bwhere\b|\baddress|\bvenue|\blocation"
    r"|\bin\s+ce\s+(?:zona|loc)|\bsala\b",
    "childName": r"\bcum\s+(?:il|o|se|ii)\s+(?:cheama|nume|zice)|\bnume(?:le)?\b|\bcheama\b"
    r"|\bname\b|\bpentru\s+cine|\bsarbatorit",
    "parentName": r"\bnumele\s+(?:dvs|dumneavoastra|tau|pe)|\bcu\s+cine\s+vorb|\byour\s+name"
    r"|\bpe\s+ce\s+nume|\bcum\s+va\s+numiti",
    "childAge": r"\bvarst|\bcati\s+ani|\bce\s+varsta|\bhow\s+old|\bage\b|\bani\s+(?:implin|fac)",
    "numChildren": r"\bcati\s+(?:copii|invitati|sunt|vor)|\bcate\s+persoane|\bcati\b(?!\s+ani)"
    r"|\bhow\s+many|\bnumar\w*\s+(?:de\s+)?copii|\bcopii\s+(?:vor|sunt)",
    "durationMin": r"\bcate\s+ore|\bcat\s+timp|\bor[ae]\s+sau\b"
    r"|\bsau\s+(?:\d|doua|trei)\s+ore\b|\bhours?\s+or\b|\bcat\s+sa\s+(?:dureze|stea|stam)|\bcat\s+(?:dureaza|sta)\b|\bhow\s+long"
    r"|\bhow\s+many\s+hours|\bdurata",
    "roles": r"\bce\s+(?:personaj|servici|anim|v-?ati\s+dori|tema)|\bwhich\s+character"
    r"|\bwhat\s+character|\bpersonaj\w*\s+(?:doriti|preferat)",
}  # fmt: skip
_FIELD = {name: re.compile(pattern) for name, pattern in _ASKS.items()}
_DEPOSIT = re.compile(r"avans|deposit|\bacont")


def read_outbound(turn: Turn, ledger: Ledger, currency: str) -> None:
    """Take in a message of the company: its questions, its offer, its answer to a counter-offer."""
    read_questions(turn, ledger)
    haggled = ledger.counter is not None
    _answer_counter(turn, ledger)
    about_deposit = ledger.deposit_asked and len(turn.sums) + len(turn.bare_sums) == 1
    none: tuple[list[Price], list[Price]] = ([], [])
    prices, named = none if about_deposit else find_prices(turn, currency, haggled=haggled)
    offer = ledger.offer
    if prices:
        if len(prices) == 1 and prices[0].minutes is None and len(ledger.lengths) == 1:
            prices = [replace(prices[0], minutes=next(iter(ledger.lengths)))]
        last = offer.prices
        if haggled and len(prices) == len(last) == 1 and prices[0].minutes is None:
            prices = [replace(prices[0], minutes=last[0].minutes)]
        if _is_for_more(turn, ledger):
            most = max((quote.amount for quote in ledger.quotes), default=0)
            prices = [
                price if price.total or price.amount > most > 0 else replace(price, partial=True)
                for price in prices
            ]
        offer.prices = prices
        ledger.quotes += [*(one for one in named if one not in prices), *prices]
    lengths = [m for m in turn.durations if not _IN_GENERAL.search(turn.sentence_at(m.start))]
    one_length = len({m.minutes for m in lengths}) == 1 and "durationMin" not in ledger.asked
    if one_length and len(prices) < 2:
        offer.minutes = Fact(lengths[0].minutes, (turn.id,), 0.85)
    spans = {t.minutes for t in turn.times if not _PROGRAM.search(turn.clause_at(t.start))} - {None}
    if not turn.durations and len(spans) == 1:
        offer.minutes = Fact(spans.pop(), (turn.id,), 0.8)
    _read_when(turn, offer)
    if offer.hour is None and (hour := _picked_hour(turn, ledger)):
        offer.hour = Fact(clock(hour), (turn.id,), 0.85)
    ledger.named_days = [m.value for m in turn.dates if m.value is not None] or ledger.named_days
    if offer.hours:
        ledger.asked.add("startTime")
    if "?" not in turn.folded or _TELLS_ADDRESS.search(turn.folded):
        place = None if _OURS.search(turn.folded) else find_address(turn, ledger)
        offer.address = Fact(place[0], (turn.id,), 0.7) if place else offer.address
    for one in (*turn.sums, *turn.bare_sums):
        if ledger.deposit_asked or _DEPOSIT.search(around(turn, one)):
            offer.deposit = (one.amount, turn.id)


_NUMBER = re.compile(r"(?<![\d.,:/])(\d{1,2})(?:[:.]([0-5]\d))?(?![\d:/]|[.,]\d)")
_HALF_DAY = 12


def _picked_hour(turn: Turn, ledger: Ledger) -> time | None:
    """Return the one of the customer's hours that the company takes: "17 atunci"."""
    said = {(int(found[1]), int(found[2] or 0)) for found in _NUMBER.finditer(turn.folded)}
    picked = [
        hour
        for hour in ledger.open_hours
        if {(hour.hour, hour.minute), (hour.hour - _HALF_DAY, hour.minute)} & said
    ]
    return picked[0] if len(picked) == 1 else None


def _is_for_more(turn: Turn, ledger: Ledger) -> bool:
    """Whether the company names the price of a further service, not of those asked for."""
    if any(_WITHOUT.search(turn.before(r.start, 12)) for r in turn.roles):
        return False
    known = [s.entry for s in ledger.services if s.asked]
    open_ones = [s.entry for s in ledger.services if not s.asked]
    named = [r for r in turn.roles if not is_refused(turn, r)]
    meant = [
        r.entry
        for r in named
        if _AS_WELL.search(turn.sentence_at(r.start)) or any(same(r.entry, e) for e in open_ones)
    ]
    if any(_alike(r.entry, k) for r in named for k in known):
        return False
    if not named:
        meant = ledger.topic
    return bool(meant and known) and not any(_alike(e, k) for e in meant for k in known)


def _alike(one: Entry, other: Entry) -> bool:
    return same(one, other) or (
        one.role_type == other.role_type and None in (one.label, other.label)
    )


_AS_WELL = re.compile(r"\b(?:doriti|vreti|would\s+you\s+like)\b|\b(?:si|also|as\s+well)\b[^.!?]*\?")
_WITHOUT = re.compile(r"\b(?:fara|without|minus)\s+$")
_PROGRAM = re.compile(r"intre|between|program|open")
_OURS = re.compile(r"\b(?:noastra|nostru|our|ne\s+gasiti|find\s+us|sediul)\b")
_TELLS_ADDRESS = re.compile(
    r"\baceeasi\s+adresa|\badresa\s+(?:e|este|ramane)\b|\bsame\s+address|\baddress\s+is\b"
    r"|\bis\s+the\s+address\b"
)
"""The company asks only whether the address that it names is right."""
_IN_GENERAL = re.compile(
    r"\b(?:de\s+obicei|in\s+general|in\s+medie|usually|normally|on\s+average|typically|de\s+regula"
    r"|la\s+noi\s+o\s+petrecere)\b"
)
"""The company tells how things are as a rule, and offers nothing."""
_BUSY = re.compile(
    r"\bocupat\w*|\bnu\s+(?:mai\s+)?(?:putem|avem|suntem|lucram|se\s+poate|e\s+liber)|\bfull\b"
    r"|\brezervat\w*\s+deja|\bdeja\s+rezervat|\bbusy\b|\bfully\s+booked|\bnot\s+available|\bcan'?t\b"
)
_INSTEAD = re.compile(
    r"\b(?:doar|numai|abia|only|earliest|cel\s+devreme|in\s+schimb|not\s+before|incepand\s+cu)\b"
)


def _read_when(turn: Turn, offer: Offer) -> None:
    """Note the one day and the one hour that the company proposes, and if they replace others."""
    busy = _BUSY.search(turn.folded)
    offer.instead = bool(busy or _INSTEAD.search(turn.folded))
    days = [
        *dict.fromkeys(
            m.value
            for m in turn.dates
            if m.value is not None
            and not turn.is_past(m.start)
            and not _BUSY.search(turn.clause_at(m.start))
        )
    ]
    if len(days) > 1:
        offer.days = list(days)
    if len(days) == 1 and not re.search(
        r"\b(?:doar|numai|only)\s+(?:pana|dupa|until)", turn.folded
    ):
        offer.day = Fact(days[0], (turn.id,), 0.8)
    hours = [
        *dict.fromkeys(
            t.value
            for t in turn.times
            if not _PROGRAM.search(turn.clause_at(t.start))
            and not _BUSY.search(turn.clause_at(t.start))
        )
    ]
    if len(hours) > 1:
        offer.hours = hours
    starts = [t.start for t in turn.times] + [m.start for m in turn.dates if m.value is not None]
    offer.instead = offer.instead or any("?" in turn.sentence_at(start) for start in starts)
    if len(hours) == 1:
        offer.hour = Fact(clock(hours[0]), (turn.id,), 0.8)


def read_questions(turn: Turn, ledger: Ledger) -> None:
    """Note which fields the company asks for."""
    for start, end in turn.sentences:
        sentence = turn.folded[start:end]
        if "?" not in sentence and not re.search(
            r"spuneti|trimiteti|astept|let\s+(?:me|us)\s+know|please\s+(?:send|tell)", sentence
        ):
            continue
        for name, pattern in _FIELD.items():
            if pattern.search(sentence):
                ledger.asked.add(name)
        if "?" in sentence and any(start <= m.start < end for m in turn.dates):
            ledger.day_proposed = True
    if "parentName" in ledger.asked:
        ledger.asked.discard("childName")


def _answer_counter(turn: Turn, ledger: Ledger) -> None:
    if ledger.counter is None:
        return
    amount, currency, message_id = ledger.counter
    named = [one.amount for one in (*turn.sums, *turn.bare_sums)]
    agrees = any(says_yes(turn.folded[start:end]) for start, end in turn.sentences)
    refuses = answers.REFUSE.match(turn.folded) or re.search(
        r"din\s+pacate|\bminim|unfortunately|nu\s+putem|can't", turn.folded
    )
    if agrees and not refuses and all(one == amount for one in named):
        ledger.put("payment.amount", amount, message_id, turn.id)
        ledger.put("payment.currency", currency, message_id, turn.id)
        minutes = {price.minutes for price in ledger.offer.prices} - {None}
        if len(minutes) == 1 and ledger.value("durationMin") is None:
            ledger.put("durationMin", minutes.pop(), message_id, turn.id)
    ledger.counter = None
