"""What a customer's answer accepts of the company's offer."""

import re

from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.doubts import find_doubt
from core.crm.extract.rules.ledger import Ledger, Offer, Price, clock
from core.crm.extract.rules.prices import NOT_PRICE, around, is_single
from core.crm.extract.rules.turns import IN_STREET, Turn
from core.crm.resolve.numbers import NUMBER, to_int

_AT_END = re.compile(r"[,.]\s*(?:e\s+)?(?:bine|ok|perfect|da|super|in\s+regula|fine|great)[\s.!]*$")
_PLEASE = re.compile(r"\s*(?:da,?\s+)?(?:va\s+rog|please)(?:\s+(?:frumos|mult))?[\s.,!]*")


_WE_SHALL_SEE = re.compile(r"\bvedem\b|\bmai\s+vedeti\b|\bwe'?ll\s+see")


def accepts(turn: Turn) -> bool:
    """Whether a customer's message says yes to what stands open."""
    if answers.HAGGLE.search(turn.folded) and not re.search(
        r"\bok\b|\bbine\b[^\n]*\d|fine,|\b(?:doar|numai|only|just)\b[^.!?]{0,30}\b(?:atunci|then)\b|\b(?:ramanem|mergem|raman)\s+(?:doar\s+)?(?:la|pe|cu)\b",
        turn.folded,
    ):
        return False
    if answers.NOTED.search(turn.folded) and not answers.FIRM.search(turn.folded):
        return False
    doubt = find_doubt(turn) or _WE_SHALL_SEE.search(turn.folded)
    if doubt is not None:
        firm = answers.PRICE_OK.search(turn.folded)
        return bool(firm or answers.STILL_YES.search(turn.folded, doubt.end()))
    return any(says_yes(turn.folded[start:end]) for start, end in turn.sentences)


def says_yes(sentence: str) -> bool:
    """Whether a folded sentence says yes, or takes something on."""
    if answers.ACCEPT_START.match(sentence) or _PLEASE.fullmatch(sentence):
        return True
    if _AT_END.search(sentence):
        return True
    found = answers.ACCEPT_ANY.search(sentence)
    return bool(found) and not re.search(r"\bnu\s+(?:e|este|ne)\b|\bnot\b|n't|\?", sentence)


ORDINALS = (
    (re.compile(r"\bprima\b|\bprimul\b|\bfirst\b|varianta\s+(?:1|unu|a\b)|option\s+(?:1|one)"
    r"|\bthe\s+former|mai\s+ieftin|cheaper|\bscurt[ae]?\b|shorter|mai\s+mica?\b|\bde\s+baza\b"
    r"|\bbasic\b|\bsimpl[aeu]\b"), 0),
    (re.compile(r"\b(?:de|din)\s+mijloc|\bmijlocie|\bmiddle\b"), 1),
    (re.compile(r"\ba\s+doua\b|\bal\s+doilea\b|\bsecond\b|varianta\s+(?:2|doi|b\b)|option\s+"
    r"(?:2|two)|\bthe\s+latter|\blunga?\b|longer|mai\s+mare\b|\bultima\b|\bcomplet[ae]?\b"), 1),
    (re.compile(r"\ba\s+treia\b|\bal\s+treilea\b|\bthird\b|varianta\s+(?:3|trei)|option\s+(?:3"
    r"|three)"), 2),
)  # fmt: skip
_HOURS = re.compile(
    rf"(?:^|\b(?:luam|iau|vreau|vrem|doar|pe|la|take|just|the|with|cu)\s+)\s*(?P<n>una|one"
    rf"|{NUMBER})\s*(?:$|[.!,]|(?:then|atunci|ajunge|is|hour)\b|'s\b)"
)
"""A short answer in hours: "două", "luăm una"."""
_COMMON = frozenset(
    [
        "lei",
        "ron",
        "euro",
        "de",
        "la",
        "si",
        "cu",
        "pe",
        "un",
        "o",
        "ora",
        "ore",
        "for",
        "the",
        "and",
        "hour",
        "hours",
        "este",
        "costa",
        "sau",
        "or",
        "avem",
        "in",
        "e",
        "pentru",
    ]
)


_TOGETHER = re.compile(r"\b(?:amandoi|amandoua|ambii|ambele|both|toate)\b")
_ALONE = re.compile(r"\b(?:doar|numai|only|just)\b")


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words of folded text that can tell prices apart."""
    return {word[:_STEM] for word in re.findall(r"\w+", text) if word not in _COMMON}


_STEM = 6


def choose(turn: Turn, prices: list[Price]) -> Price | None:
    """Return the one of several prices that a message picks by its place or by its words."""
    both = [price for price in prices if price.total]
    if len(both) == 1 and _TOGETHER.search(turn.folded) and not _ALONE.search(turn.folded):
        return both[0]
    single = [price for price in prices if is_single(price)]
    if len(single) == 1 and _ALONE.search(turn.folded):
        return single[0]
    for pattern, position in ORDINALS:
        if pattern.search(turn.folded) and position < len(prices):
            return prices[position]
    short = _HOURS.search(turn.folded)
    hours = (1 if short["n"] in {"una", "o", "one"} else to_int(short["n"])) if short else None
    fitting = [p for p in prices if hours is not None and p.minutes == hours * 60]
    if len(fitting) == 1:
        return fitting[0]
    own = _stems(turn.folded)
    shared = [len(own & _stems(p.words)) for p in prices]
    best = max(shared)
    return prices[shared.index(best)] if best and shared.count(best) == 1 else None


def read_acceptance(turn: Turn, ledger: Ledger) -> bool:
    """Apply what a customer's message accepts of the open offer; return whether it did."""
    offer = ledger.offer
    yes = accepts(turn)
    chosen = _pick(turn, ledger, yes=yes)
    picked = _pick_when(turn, ledger)
    if chosen is None and not yes and not picked:
        if answers.REFUSE.match(turn.folded):
            offer.minutes = None
        if ledger.accepted and _ONLY_THANKS.fullmatch(turn.folded.strip()):
            _accept_rest(turn, ledger)
        return False
    if chosen is not None and chosen.partial:
        offer.prices = []
    elif chosen is not None:
        ids = [chosen.message_id, turn.id]
        ledger.put("payment.amount", chosen.amount, *ids)
        ledger.put("payment.currency", chosen.currency, *ids)
        ledger.total_agreed = chosen.total
        if chosen.minutes is not None:
            ledger.put("durationMin", chosen.minutes, *ids)
        offer.prices = []
    ledger.accepted = True
    if yes:
        _accept_rest(turn, ledger, lasts=chosen is not None and chosen.minutes is not None)
    ledger.offer = Offer(deposit=offer.deposit, prices=offer.prices)
    return True


_ONLY_THANKS = re.compile(
    r"(?:(?:va\s+)?(?:multumesc|multumim)|mersi|ms|thanks|thank\s+you|thx)"
    r"(?:\s+(?:mult|frumos|so\s+much|a\s+lot|din\s+suflet))?[\s.!]*"
)


_SHORT = 48
"""The longest sentence that only picks."""
_SOONER = re.compile(r"\bmai\s+devreme|\bearlier|\bsooner")
_LATER = re.compile(r"\bmai\s+tarziu|\blater|\bult(?:ima|imul)\b|\blast\s+one")


def _place(turn: Turn, many: int) -> int | None:
    """Return which one of several hours or days a message picks by its place, counted from 0."""
    first = turn.folded[slice(*turn.sentences[0])].strip()
    if lexicon.OTHER_PARTY.search(turn.folded) or re.search(r"\d", first) or len(first) > _SHORT:
        return None
    if _SOONER.search(first):
        return 0
    if _LATER.search(first):
        return many - 1
    places = [position for pattern, position in ORDINALS if pattern.search(first)]
    return places[0] if len(places) == 1 and places[0] < many else None


def _pick_when(turn: Turn, ledger: Ledger) -> bool:
    """Note the one of several hours or days that a message picks by its place: "a doua"."""
    offer = ledger.offer
    if len(offer.prices) > 1 or "?" in turn.folded:
        return False
    days = [] if turn.dates else offer.days
    hours = [] if turn.times else offer.hours
    if len(days) > 1 and (at := _place(turn, len(days))) is not None:
        ledger.put("date", days[at], turn.id, confidence=0.8)
    elif len(hours) > 1 and not days and (at := _place(turn, len(hours))) is not None:
        ledger.put("startTime", clock(hours[at]), turn.id, confidence=0.8)
    else:
        return False
    return True


def names_less(turn: Turn, price: Price) -> bool:
    """Whether the customer says yes to a sum below the price: "accept 450"."""
    return any(
        price.amount / 2 < one.amount < price.amount
        and not turn.is_aside(one.start, "sum")
        and not NOT_PRICE.search(around(turn, one))
        and not re.search(r"\bbuget|\bbudget|\bpeste\b|\bover\b", around(turn, one))
        for one in (*turn.sums, *turn.bare_sums)
    )


def _narrows(turn: Turn, ledger: Ledger) -> bool:
    """Whether "only Spiderman, then" leaves fewer characters than the price is for."""
    known = [s for s in ledger.services if s.entry.role_type == "ANIMATOR" and s.entry.exact_label]
    named = [r for r in turn.roles if r.entry.exact_label]
    return bool(_ALONE.search(turn.folded)) and 0 < len(named) < len(known)


def _short_length(turn: Turn) -> set[int]:
    """Return the minutes of a short "let's stick with two"."""
    short = _STICK.search(turn.folded)
    hours = to_int(short["n"]) if short else None
    return {hours * 60} if hours is not None and 0 < hours <= _LONGEST else set()


_LONGEST = 8
_STICK = re.compile(
    rf"\b(?:stick|stay|go)(?:ing)?\s+with\s+(?P<n>{NUMBER})\b(?!\s*(?:lei|ron|euro))"
)


def _pick(turn: Turn, ledger: Ledger, *, yes: bool) -> Price | None:
    """Return the price that a message agrees to: the open one, or the one it names."""
    prices = ledger.offer.prices
    bare = [one for one in turn.bare_sums if not IN_STREET.search(turn.before(one.start, 48))]
    sums = [*turn.sums, *bare]
    told = [one for one in sums if yes or "?" not in turn.sentence_at(one.start)]
    amounts = {one.amount for one in told}
    objects = not yes and (answers.OBJECTION.search(turn.folded) or find_doubt(turn))
    if answers.PRICE_LATER.search(turn.folded):
        return None
    if len(prices) == 1 and prices[0].amount in amounts and not objects:
        return prices[0]
    if objects or (not yes and answers.HAGGLE.search(turn.folded)):
        return None
    if not (told or yes) and "?" in turn.folded:
        return None
    lengths = {m.minutes for m in turn.durations} | _short_length(turn)
    older = [quote for quote in ledger.quotes if quote not in prices]
    for pool in (prices, older):
        for named in (
            [p for p in pool if p.amount in amounts],
            [p for p in pool if p.minutes is not None and p.minutes in lengths],
        ):
            if named and len({p.amount for p in named}) == 1:
                return named[-1]
    if len(prices) > 1:
        return choose(turn, prices)
    if prices and _narrows(turn, ledger):
        lower = [quote for quote in older if quote.amount < prices[0].amount]
        if len({quote.amount for quote in lower}) == 1:
            return lower[0]
    if not prices or not yes or names_less(turn, prices[0]):
        return None
    other_length = lengths and prices[0].minutes is not None and prices[0].minutes not in lengths
    return None if other_length else prices[0]


def _accept_rest(turn: Turn, ledger: Ledger, *, lasts: bool = False) -> None:
    """Take what the company said beside the price; `lasts`: the price told the length."""
    offer = ledger.offer
    for name, fact, own in (
        ("durationMin", offer.minutes, turn.durations),
        ("date", offer.day, turn.dates),
        ("startTime", offer.hour, turn.times),
        ("address", offer.address, []),
    ):
        if fact is None or own or (lasts and name == "durationMin"):
            continue
        known = ledger.facts.get(name)
        replaces = name == "durationMin" or (offer.instead and name in {"date", "startTime"})
        if name == "startTime" and re.search(rf"\b{int(fact.value[:2])}\b", turn.folded):
            replaces = True  # "13 e perfect"
        if known is None or known.weak or (replaces and known.value != fact.value):
            ledger.put(name, fact.value, *fact.ids, turn.id, confidence=fact.confidence)
