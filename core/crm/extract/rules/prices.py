"""The prices that a message of the company names, and what each of them is for."""

import re

from core.crm.extract.rules import answers
from core.crm.extract.rules.ledger import Price
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.money import Money
from core.crm.resolve.numbers import NUMBER, to_int

NOT_PRICE = re.compile(
    r"\bavans|\bdeposit|\bacont|\bgarantie|\brestul\b|\bthe\s+rest\b|\bdiferenta\b|\bbalance\b|\banul\s+trecut|\blast\s+year|\bpaid\b|\bplatit"
    r"|\bin\s+loc\s+de\b"
)
_FROM_PRICE = re.compile(
    r"(?:\bpornesc\s+de\s+la|\bincepand\s+(?:de\s+la|cu)|\bde\s+la|\bfrom|\bstart\w*\s+(?:at"
    r"|from)|\bin\s+jur\s+de|\bin\s+functie|\bpana\s+la|\bup\s+to|\bintre|\bbetween"
    r"|(?:\bintre|\bbetween)\s+\d+\s+(?:lei\s+|ron\s+)?(?:si|and))\s*$"
)
_EXTRA = re.compile(
    r"(?:\bplus|\+|\bextra|\bsupliment\w*|\btransport\w*(?:\s+(?:e|este|is|costa))?:?"
    r"|\bdelivery)\s*(?:de\s+|of\s+)?$"
)
_EXTRA_AFTER = re.compile(
    r"\s*(?:more\b|on\s+top|peste\b)|\s*(?!cu\b)(?:\w+\s+)?(?:transport|extra|supliment"
    r"|in\s+plus|taxa)(?!\s+inclus)"
)
_TOTAL = re.compile(
    r"\btotal|\bramane\b|\bstays\b|\bin\s+tot|\bcu\s+tot\b|\baltogether|\ball\s+in|\bambele|\bambii|\bamandoi"
    r"|\bamandoua|\bboth\b|\bfor\s+both|\bimpreuna"
    r"|\b(?:so|deci|ajunge\s+la|ajungem\s+la)\s*$|\bpachetul\s+complet|\btotul\b"
)
_SINGLE = re.compile(
    r"\b(?:unul|una\s+singura|singur\w*|one\s+(?:alone|only|character)"
    r"|just\s+one|single)\b|\bone\s+is\b"
)
"""A price for one alone, beside that for both."""
_DURATION_SUM = re.compile(r"\s*(?:e|este|sunt|costa|ar\s+fi|is|for|for|=|-|:|la)?\s*$")


def is_single(price: Price) -> bool:
    """Whether a price is for one of two characters alone."""
    return bool(_SINGLE.search(price.words))


def around(turn: Turn, one: Money) -> str:
    """Return the folded clause around a sum."""
    begin, end = turn.clause_span(one.start)
    return turn.folded[begin:end]


def find_prices(turn: Turn, currency: str, *, haggled: bool) -> tuple[list[Price], list[Price]]:
    """Return the prices that the company offers, and all that it names.

    `haggled`: the customer just named one. Unit prices, supplements, deposits and prices "from"
    are left out; of those offered a total counts alone.
    """
    sums = _sums(turn, haggled=haggled)
    lengths = _lengths(turn)
    found: list[Price] = []
    kept: list[Money] = []
    edges = [0, *(one.end for one in sums)]
    for number, one in enumerate(sums):
        if one.per_unit or not _is_price(turn, one):
            continue
        begin = edges[number]
        finish = sums[number + 1].start if number + 1 < len(sums) else len(turn.folded)
        after = re.split(r"[,;\n/|]|\.\s", turn.folded[one.end : finish])[0]
        minutes = _minutes(lengths, (begin, one.start, one.end, finish), sums)
        own = any(begin <= s < finish for s, _e, _m in lengths)
        if minutes is None and found and not own and len(lengths) == 1:
            minutes = found[-1].minutes  # "2 hours 750 lei, with popcorn 1000 lei"
        words = turn.folded[begin : one.end] + after
        named = one.currency or currency
        kept.append(one)
        found.append(Price(one.amount, named, minutes, words, turn.id, _is_total(turn, one)))
    offered = found
    if len(found) > 1 and len(lengths) < len(found):
        plain = [p for p, one in zip(found, kept, strict=True) if not _is_optional(turn, one)]
        offered = plain or found
    if any(_SINGLE.search(price.words) for price in offered):
        return offered, found
    totals = [price for price in offered if price.total]
    return totals[-1:] or offered, found


def _sums(turn: Turn, *, haggled: bool) -> list[Money]:
    """Return the sums with a currency, and the bare numbers that can only be prices."""
    bare = [one for one in turn.bare_sums if _is_plain_price(turn, one)]
    if bare or turn.sums:
        lowest = min(one.amount for one in (*turn.sums, *bare))
        bare += [
            one
            for one in turn.bare_sums
            if one not in bare
            and one.amount >= lowest / 2
            and (
                _EQUALS.search(turn.before(one.start))
                or _FOR_ONE.match(turn.folded, one.end)
                or _TOTAL_AFTER.match(turn.folded, one.end)
            )
        ]
    elif haggled:
        bare = turn.bare_sums[:1]
    return sorted((*turn.sums, *bare), key=lambda one: one.start)


_EQUALS = re.compile(r"(?:\bsunt|\be|\beste|\bis|\bare|\bcosta|=|:|-|\btotal\w*)\s*$")
_FOR_ONE = re.compile(rf"\s*(?:for|pentru|pt|la)\s+(?:one|una|o|{NUMBER})\b")
_AGREES = re.compile(r"\b(?:facem|putem|ok|bine|merge|ultim\w*|we\s+can|last)\b[^.]{0,14}$")
_FOR_LENGTH = re.compile(r"\s*(?:lei\s*)?(?:pentru|pt|for|la|-|/|pe)?\s*")


def _is_plain_price(turn: Turn, bare: Money) -> bool:
    """Whether a bare number is a price: beside a length, a whole clause, or agreed to."""
    begin, end = turn.clause_span(bare.start)
    if turn.folded[begin:end].strip(" .!?") == turn.folded[bare.start : bare.end]:
        return True
    if _AGREES.search(turn.before(bare.start)) or _TOTAL.search(turn.before(bare.start, 16)):
        return True
    return any(
        (m.end <= bare.start and _DURATION_SUM.match(turn.folded[m.end : bare.start] or " "))
        or (
            0 <= m.start - bare.end < _NEAR
            and _FOR_LENGTH.fullmatch(turn.folded, bare.end, m.start)
        )
        for m in turn.durations
    )


def _is_price(turn: Turn, one: Money) -> bool:
    """Whether a sum is no deposit, supplement, "from" price or price of last year."""
    before = turn.before(one.start, 34)
    after = re.split(r"[.,!?;\n]", turn.folded[one.end : one.end + 12])[0]
    if NOT_PRICE.search(before + " " + after):
        return False
    near = before[-26:]
    return not (
        _FROM_PRICE.search(near) or _EXTRA.search(near) or _EXTRA_AFTER.match(turn.folded, one.end)
    )


def _is_optional(turn: Turn, one: Money) -> bool:
    """Whether a sum is that of something proposed in addition: "we can add balloons for 150"."""
    return bool(answers.MORE.search(turn.sentence_at(one.start)))


_TOTAL_AFTER = re.compile(
    r"[^,.;\d]{0,18}?\btotal|\s*(?:in\s+tot|tot\b|cu\s+totul|altogether|pentru\s+tot"
    r"|tot\s+pachetul|for\s+(?:both|all))"
)


def _is_total(turn: Turn, one: Money) -> bool:
    return bool(
        _TOTAL.search(turn.before(one.start, 26)) or _TOTAL_AFTER.match(turn.folded, one.end)
    )


_NEAR = 16
"""How far behind a price its length may stand."""
_SHORT_LENGTH = re.compile(
    rf"\b(?:for|pentru|pt|la)\s+(?P<a>one|una|{NUMBER})(?=\s*(?:$|[.,;!?)]))"
    rf"|(?<!\w)(?P<b>{NUMBER})\s*(?:sunt|e|este|is|are|=|:)\s*(?=\d{{3}})"
)


def _lengths(turn: Turn) -> list[tuple[int, int, int]]:
    """Return start, end and minutes of all lengths: of "1 hour or two" both."""
    found = [(m.start, m.end, m.minutes) for m in turn.durations]
    for short in _SHORT_LENGTH.finditer(turn.folded) if found else ():
        said = short["a"] or short["b"]
        hours = 1 if said in {"one", "una"} else to_int(said)
        if hours is not None and 1 <= hours <= _LONGEST:
            found.append((*short.span(), hours * 60))
    return sorted(found)


_LONGEST = 8
"""Hours that a short "for two" may say."""


def _minutes(
    lengths: list[tuple[int, int, int]], place: tuple[int, int, int, int], sums: list[Money]
) -> int | None:
    """Return the minutes that a price is for: of the words before it, else right after it.

    `place`: where the words before the sum begin, the sum itself, and where the next one starts.
    """
    begin, start, end, finish = place
    follows = len(sums) > 1 and len(lengths) == len(sums) and lengths[0][0] > sums[0].start
    before = [minutes for s, e, minutes in lengths if begin <= s and e <= start]
    if before and not follows:
        return before[-1]
    after = [(s, minutes) for s, e, minutes in lengths if end <= s and e <= finish + 1]
    if after and (len(sums) == 1 or after[0][0] - end < _NEAR):
        return after[0][1]
    return lengths[0][2] if len(lengths) == 1 and len(sums) == 1 else None
