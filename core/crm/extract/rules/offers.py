"""What the company asks and proposes, and what a customer's answer accepts of it."""

import re
from dataclasses import replace

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Fact, Ledger, Offer, Price, clock
from core.crm.extract.rules.places import find_address
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.money import Money
from core.crm.resolve.numbers import NUMBER

_ASKS = {
    "date": r"\bce\s+(?:data|zi)|\bcand\b|\bin\s+ce\s+zi|\bdata\b|\bwhen\b|\bwhat\s+(?:date"
    r"|day)|\bwhich\s+da(?:y|te)|\bthe\s+date",
    "startTime": r"\bce\s+or[ae]|\bla\s+cat|\bor[ae]\b(?!\s*\d)|\bwhat\s+time|\bwhich\s+time"
    r"|\btime\b|\binterval",
    "address": r"\bunde\b|\badres|\bloca[tț]i|\bwhere\b|\baddress|\bvenue|\blocation"
    r"|\bin\s+ce\s+(?:zona|loc)|\bsala\b",
    "childName": r"\bcum\s+(?:il|o|se|ii)\s+(?:cheama|nume|zice)|\bnume(?:le)?\b|\bcheama\b"
    r"|\bname\b|\bpentru\s+cine|\bsarbatorit",
    "parentName": r"\bnumele\s+(?:dvs|dumneavoastra|tau|pe)|\bcu\s+cine\s+vorb|\byour\s+name"
    r"|\bpe\s+ce\s+nume|\bcum\s+va\s+numiti",
    "childAge": r"\bvarst|\bcati\s+ani|\bce\s+varsta|\bhow\s+old|\bage\b|\bani\s+(?:implin|fac)",
    "numChildren": r"\bcati\s+(?:copii|invitati|sunt|vor)|\bcate\s+persoane|\bcati\b(?!\s+ani)"
    r"|\bhow\s+many|\bnumar\w*\s+(?:de\s+)?copii|\bcopii\s+(?:vor|sunt)",
    "durationMin": r"\bcate\s+ore|\bcat\s+timp|\bcat\s+sa\s+dureze|\bhow\s+long"
    r"|\bhow\s+many\s+hours|\bdurata",
    "roles": r"\bce\s+(?:personaj|servici|anim|v-?ati\s+dori|tema)|\bwhich\s+character"
    r"|\bwhat\s+character|\bpersonaj\w*\s+(?:doriti|preferat)",
}  # fmt: skip
_FIELD = {name: re.compile(pattern) for name, pattern in _ASKS.items()}
_NOT_PRICE = re.compile(
    r"\bavans|\bdeposit|\bacont|\bgarantie|\banul\s+trecut|\blast\s+year|\bpaid\b|\bplatit"
    r"|\bin\s+loc\s+de\b"
)
_DEPOSIT = re.compile(r"avans|deposit|\bacont")
_FROM_PRICE = re.compile(
    r"(?:\bpornesc\s+de\s+la|\bincepand\s+(?:de\s+la|cu)|\bde\s+la|\bfrom|\bstart\w*\s+(?:at"
    r"|from)|\bin\s+jur\s+de|\bin\s+functie|\bpana\s+la|\bup\s+to)\s*$"
)
_EXTRA = re.compile(
    r"(?:\bplus|\+|\bextra|\bsupliment\w*|\btransport\w*(?:\s+(?:e|este|is|costa))?:?"
    r"|\bdelivery)\s*(?:de\s+|of\s+)?$"
)
_EXTRA_AFTER = re.compile(
    r"\s*(?:\w+\s+)?(?:transport|extra|supliment|in\s+plus|taxa)(?!\s+inclus)"
)
_TOTAL = re.compile(
    r"\btotal|\bin\s+tot|\bcu\s+tot\b|\baltogether|\ball\s+in|\bambele|\bfor\s+both|\bimpreuna"
    r"|\bpachetul\s+complet|\btotul\b"
)
_DURATION_SUM = re.compile(r"\s*(?:e|este|sunt|costa|ar\s+fi|is|for|for|=|-|:|la)?\s*$")


def read_outbound(turn: Turn, ledger: Ledger, currency: str) -> None:
    """Take in a message of the company: its questions, its offer, its answer to a counter-offer."""
    read_questions(turn, ledger)
    haggled = ledger.counter is not None
    _answer_counter(turn, ledger)
    about_deposit = ledger.deposit_asked and len(turn.sums) == 1
    prices = [] if about_deposit else _prices(turn, currency, haggled=haggled)
    offer = ledger.offer
    if prices:
        if len(prices) == 1 and prices[0].minutes is None and len(ledger.lengths) == 1:
            prices = [replace(prices[0], minutes=next(iter(ledger.lengths)))]
        offer.prices = prices
        ledger.quotes += prices
    if len({m.minutes for m in turn.durations}) == 1 and len(prices) < 2:
        offer.minutes = Fact(turn.durations[0].minutes, (turn.id,), 0.85)
    elif not turn.durations and len({t.minutes for t in turn.times} - {None}) == 1:
        offer.minutes = Fact(next(t.minutes for t in turn.times if t.minutes), (turn.id,), 0.8)
    days = {m.value for m in turn.dates if m.value is not None and not turn.is_past(m.start)}
    if len(days) == 1 and not re.search(r"doar|numai|only|nu\s+mai\s+avem", turn.folded):
        offer.day = Fact(days.pop(), (turn.id,), 0.8)
    hours = [
        t for t in turn.times if not re.search(r"intre|between|program", turn.clause_at(t.start))
    ]
    if len({t.value for t in hours}) == 1:
        offer.hour = Fact(clock(hours[0].value), (turn.id,), 0.8)
    if "?" not in turn.folded or re.search(r"aceeasi\s+adresa|same\s+address", turn.folded):
        place = find_address(turn, ledger)
        offer.address = Fact(place[0], (turn.id,), 0.7) if place else offer.address
    for one in turn.sums:
        if ledger.deposit_asked or _DEPOSIT.search(_around(turn, one)):
            offer.deposit = (one.amount, turn.id)


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


def _around(turn: Turn, one: Money) -> str:
    begin, end = turn.clause_span(one.start)
    return turn.folded[begin:end]


def _prices(turn: Turn, currency: str, *, haggled: bool) -> list[Price]:
    """Return the prices that the company names; `haggled`: the customer just named one."""
    sums = list(turn.sums)
    for bare in turn.bare_sums:
        after_length = any(
            m.end <= bare.start and _DURATION_SUM.match(turn.folded[m.end : bare.start] or " ")
            for m in turn.durations
        )
        accepts = re.search(
            r"\b(?:facem|putem|ok|bine|merge|ultim\w*|we\s+can|last)\b[^.]{0,14}$",
            turn.before(bare.start),
        )
        before_length = any(
            0 <= m.start - bare.end < 14
            and re.fullmatch(
                r"\s*(?:lei\s*)?(?:pentru|pt|for|la|-|/|pe)?\s*", turn.folded[bare.end : m.start]
            )
            for m in turn.durations
        )
        begin, end = turn.clause_span(bare.start)
        alone = turn.folded[begin:end].strip(" .!?") == turn.folded[bare.start : bare.end]
        if after_length or before_length or accepts or alone or (haggled and len(sums) == 0):
            sums.append(bare)
    sums.sort(key=lambda one: one.start)
    found: list[tuple[Price, bool]] = []
    edges = [0, *(one.end for one in sums)]
    for number, one in enumerate(sums):
        before = turn.before(one.start, 26)
        if one.per_unit or _NOT_PRICE.search(
            turn.before(one.start, 34) + " " + turn.folded[one.end : one.end + 10]
        ):
            continue
        if (
            _FROM_PRICE.search(before)
            or _EXTRA.search(before)
            or _EXTRA_AFTER.match(turn.folded, one.end)
        ):
            continue
        total = bool(
            _TOTAL.search(before)
            or re.match(
                r"[^,.;\d]{0,18}?\btotal|\s*(?:in\s+tot|altogether|pentru\s+tot|for\s+(?:both"
                r"|all))",
                turn.folded[one.end : one.end + 30],
            )
        )
        begin = edges[number]
        finish = sums[number + 1].start if number + 1 < len(sums) else len(turn.folded)
        words = (
            turn.folded[begin : one.end] + re.split(r"[,;\n/|]", turn.folded[one.end : finish])[0]
        )
        found.append(
            (
                Price(
                    one.amount,
                    one.currency or currency,
                    _length(turn, begin, one, finish, len(sums)),
                    words,
                    turn.id,
                    total,
                ),
                total,
            )
        )
    totals = [price for price, total in found if total]
    return totals[-1:] if totals else [price for price, _total in found]


def _length(turn: Turn, begin: int, one: Money, finish: int, count: int) -> int | None:
    """Return the minutes that a price is for: of the words before it, else right after it."""
    paired = count > 1 and count == len(turn.durations)
    follows = paired and turn.durations[0].start > turn.sums[0].start if turn.sums else False
    before = [m for m in turn.durations if begin <= m.start and m.end <= one.start]
    if before and not follows:
        return before[-1].minutes
    after = [m for m in turn.durations if one.end <= m.start and m.end <= finish]
    if after and (count == 1 or after[0].start - one.end < 16):
        return after[0].minutes
    return turn.durations[0].minutes if len(turn.durations) == 1 and count == 1 else None


def _answer_counter(turn: Turn, ledger: Ledger) -> None:
    if ledger.counter is None:
        return
    amount, currency, message_id = ledger.counter
    named = [one.amount for one in (*turn.sums, *turn.bare_sums)]
    agrees = lexicon.ACCEPT_START.match(turn.folded) or lexicon.ACCEPT_ANY.search(turn.folded)
    refuses = lexicon.REFUSE.match(turn.folded) or re.search(
        r"din\s+pacate|\bminim|unfortunately|nu\s+putem|can't", turn.folded
    )
    if agrees and not refuses and all(one == amount for one in named):
        ledger.put("payment.amount", amount, message_id, turn.id)
        ledger.put("payment.currency", currency, message_id, turn.id)
    ledger.counter = None


_PLEASE = re.compile(r"\s*(?:da,?\s+)?(?:va\s+rog|please)(?:\s+(?:frumos|mult))?[\s.,!]*")


def accepts(turn: Turn) -> bool:
    """Whether a customer's message says yes to what stands open."""
    if lexicon.HAGGLE.search(turn.folded) and not re.search(
        r"\bok\b|\bbine\b[^\n]*\d|fine,|\b(?:ramanem|mergem|raman)\s+(?:doar\s+)?(?:la|pe|cu)\b",
        turn.folded,
    ):
        return False
    if lexicon.NOT_BOOKING.search(turn.folded):
        return False
    return any(_says_yes(turn.folded[start:end]) for start, end in turn.sentences)


def _says_yes(sentence: str) -> bool:
    if lexicon.ACCEPT_START.match(sentence) or _PLEASE.fullmatch(sentence):
        return True
    found = lexicon.ACCEPT_ANY.search(sentence)
    return bool(found) and not re.search(r"\bnu\s+(?:e|este|ne)\b|\bnot\b|n't|\?", sentence)


_ORDINALS = (
    (re.compile(r"\bprima\b|\bprimul\b|\bfirst\b|varianta\s+(?:1|unu|a\b)|option\s+(?:1|one)"
    r"|\bthe\s+former|mai\s+ieftin|cheaper|mai\s+scurt|shorter|mai\s+mica?\b"), 0),
    (re.compile(r"\ba\s+doua\b|\bal\s+doilea\b|\bsecond\b|varianta\s+(?:2|doi|b\b)|option\s+"
    r"(?:2|two)|\bthe\s+latter|mai\s+lung|longer|mai\s+mare\b|\bultima\b"), 1),
    (re.compile(r"\ba\s+treia\b|\bal\s+treilea\b|\bthird\b|varianta\s+(?:3|trei)|option\s+(?:3"
    r"|three)"), 2),
)  # fmt: skip
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


def choose(turn: Turn, prices: list[Price]) -> Price | None:
    """Return the one of several prices that a message picks by its place or by its words."""
    for pattern, position in _ORDINALS:
        if pattern.search(turn.folded) and position < len(prices):
            return prices[position]
    own = set(re.findall(rf"\w+|{NUMBER}", turn.folded)) - _COMMON
    shared = [len(own & (set(re.findall(r"\w+", p.words)) - _COMMON)) for p in prices]
    best = max(shared)
    return prices[shared.index(best)] if best and shared.count(best) == 1 else None


def read_acceptance(turn: Turn, ledger: Ledger) -> bool:
    """Apply what a customer's message accepts of the open offer; return whether it did."""
    offer = ledger.offer
    yes = accepts(turn)
    chosen = _pick(turn, ledger, yes=yes)
    if chosen is None and not yes:
        if lexicon.REFUSE.match(turn.folded):
            offer.minutes = None
        if ledger.accepted and _ONLY_THANKS.fullmatch(turn.folded.strip()):
            _accept_rest(turn, ledger)
        return False
    if chosen is not None:
        ids = [chosen.message_id, turn.id]
        ledger.put("payment.amount", chosen.amount, *ids)
        ledger.put("payment.currency", chosen.currency, *ids)
        ledger.total_agreed = chosen.total
        if chosen.minutes is not None:
            ledger.put("durationMin", chosen.minutes, *ids)
        offer.prices = []
    ledger.accepted = True
    if yes:
        _accept_rest(turn, ledger)
    ledger.offer = Offer(deposit=offer.deposit, prices=offer.prices)
    return True


_ONLY_THANKS = re.compile(
    r"(?:(?:va\s+)?(?:multumesc|multumim)|mersi|ms|thanks|thank\s+you|thx)"
    r"(?:\s+(?:mult|frumos|so\s+much|a\s+lot|din\s+suflet))?[\s.!]*"
)


def names_less(turn: Turn, price: Price) -> bool:
    """Whether the customer says yes to a sum below the price: "accept 450"."""
    return any(
        price.amount / 2 < one.amount < price.amount
        and not turn.is_past(one.start)
        and not _NOT_PRICE.search(_around(turn, one))
        for one in (*turn.sums, *turn.bare_sums)
    )


def _pick(turn: Turn, ledger: Ledger, *, yes: bool) -> Price | None:
    """Return the price that a message agrees to: the open one, or the one it names."""
    prices = ledger.offer.prices
    amounts = {one.amount for one in (*turn.sums, *turn.bare_sums)}
    said = [
        one.amount
        for one in (*turn.sums, *turn.bare_sums)
        if "?" not in turn.sentence_at(one.start)
    ]
    if len(prices) == 1 and prices[0].amount in said:
        return prices[0]
    asking = "?" in turn.folded
    if (asking or lexicon.HAGGLE.search(turn.folded)) and not yes:
        return None
    lengths = {m.minutes for m in turn.durations}
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
    if not prices or not yes or names_less(turn, prices[0]):
        return None
    other_length = lengths and prices[0].minutes is not None and prices[0].minutes not in lengths
    return None if other_length else prices[0]


def _accept_rest(turn: Turn, ledger: Ledger) -> None:
    offer = ledger.offer
    for name, fact, own in (
        ("durationMin", offer.minutes, turn.durations),
        ("date", offer.day, turn.dates),
        ("startTime", offer.hour, turn.times),
        ("address", offer.address, []),
    ):
        if fact is None or own:
            continue
        known = ledger.facts.get(name)
        if known is None or (name == "durationMin" and known.value != fact.value):
            ledger.put(name, fact.value, *fact.ids, turn.id, confidence=fact.confidence)
