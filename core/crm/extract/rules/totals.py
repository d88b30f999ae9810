"""The total that a customer names: a price agreed to, a budget, or a counter-offer."""

import re

from core.crm.extract.rules import answers
from core.crm.extract.rules.acceptance import accepts, names_less
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.payments import (
    DONE,
    OF_DEPOSIT,
    REST,
    all_sums,
    asked_questions,
    says_little_else,
)
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.money import Money

_UNIT_TALK = re.compile(
    r"\b(?:ca|like|as)\s+(?:si\s+)?(?:last\s+(?:year|time)|anul\s+trecut|data\s+trecuta)|\ba\s+costat|\bne-?a\s+costat|\bcost\s+us\b|\bspent\b|\bcostum\w*|\bcostumes?\b"
    r"|\binvitatii\w*|\btaxi\w*|\bparcare\w*|\bsite|\btort\w*|\bcake\b|\bcadou\w*|\bgifts?\b"
    r"|\brochi\w*|\bsala\b|\brestaurant\w*|\bmeniu\w*|\bchiri\w*|\binchiri\w*|\baltii\b"
    r"|\bconcuren\w*"
    r"|\balta\s+firma|\bla\s+alt\w*|\bpriete\w+|\bveci\w+|\bcoleg\w+|\bneighbou?r\w*|\bfriend\w*"
    r"|\bbucata|\bbuc\b|\bfiecare|\beach\b|\bpe\s+ora|\bbalonul|\bbacsis|\btips?\b"
    r"|\bpret\s+de\s+lista|\bora\b(?=\s|$)\s*(?:e|costa)"
)
_BEYOND = re.compile(r"\bpeste\b|\bover\b|\babove\b|\bmore\s+than\b|\bmai\s+mult\s+de")
_BUDGET = re.compile(
    r"\bbuget\w*|\bbudget|\bmaxim(?:um)?\b|\bpret(?:ul)?\b|\bsuma\b|\bne\s+incadram|\btotal"
    r"|\bpentru\s+suma|\bprice|\bla\s+(?=\d{3})|\bcost\w*"
)


def read_price(turn: Turn, ledger: Ledger, currency: str) -> None:
    """Note a total price that the customer says, or a counter-offer that awaits an answer."""
    for one in all_sums(turn):
        sentence = turn.sentence_at(one.start)
        begin, end = turn.clause_span(one.start)
        clause = turn.folded[begin:end]
        if (
            one.per_unit
            or turn.is_aside(one.start, "sum")
            or OF_DEPOSIT.search(clause)
            or DONE.search(sentence)
            or _is_deposit(turn, one, ledger)
        ):
            continue
        if _UNIT_TALK.search(clause) or _BEYOND.search(clause) or one.amount < 50:
            continue
        haggled = answers.HAGGLE.match(turn.folded, one.start) or answers.HAGGLE.search(sentence)
        if one.currency is None and not (haggled or _bare_price(turn, one, clause, ledger)):
            continue
        named = one.currency or _quoted_currency(ledger, one) or currency
        if answers.HAGGLE.search(sentence) or ("?" in sentence and not _BUDGET.search(clause)):
            if not any(one.amount == price.amount for price in ledger.offer.prices):
                ledger.counter = (one.amount, named, turn.id)
            if not accepts(turn):
                continue
        if (
            "?" in sentence
            and not accepts(turn)
            and "buget" not in clause
            and "budget" not in clause
        ):
            continue
        open_prices = ledger.offer.prices
        if len(open_prices) == 1 and names_less(turn, open_prices[0]):
            ledger.counter = (one.amount, named, turn.id)
            continue
        ids = [turn.id]
        ledger.put("payment.amount", one.amount, *ids, confidence=0.8 if one.currency else 0.7)
        ledger.put("payment.currency", named, *ids, confidence=0.8 if one.currency else 0.7)
        ledger.counter = (one.amount, named, turn.id) if "buget" in clause else ledger.counter


def _quoted_currency(ledger: Ledger, one: Money) -> str | None:
    """Return the currency in which the company named the same sum."""
    return next((q.currency for q in reversed(ledger.quotes) if q.amount == one.amount), None)


_AGREED = re.compile(
    r"^\s*(?:ok|bine|da|hai|deal|fine|accept|fie|atunci|deci|e\s+bine|e\s+ok)\W"
    r"|\b(?:is|e|este)\s+(?:fine|ok|bine|good)|works"
    r"|\d\s*(?:lei\s+)?(?:cu\s+)?(?:tot|total|in\s+total|totul)\b"
)


def _is_deposit(turn: Turn, one: Money, ledger: Ledger) -> bool:
    """Whether a sum is paid before the rest, or is all that answers a question about a deposit."""
    _begin, end = turn.sentence_span(one.start)
    if REST.search(turn.folded, one.end, end):
        return True
    if not says_little_else(turn.clause_at(one.start), turn.folded[one.start : one.end]):
        return False
    if OF_DEPOSIT.search(turn.sentence_at(one.start)):
        return True  # "mâine vă trimit avansul, 150"
    sent = ledger.facts.get("payment.deposit")
    if sent is not None and sent.value == one.amount and turn.id in sent.ids:
        return True
    named = ledger.offer.deposit
    if named is not None and named[0] == one.amount:
        return True
    return any(OF_DEPOSIT.search(question) for question in asked_questions(ledger))


def _bare_price(turn: Turn, one: Money, clause: str, ledger: Ledger) -> bool:
    """Whether a bare number is a price: a budget, a whole clause, or agreed as one."""
    if one.amount >= 20000 or 1900 <= one.amount <= 2100:
        return False
    if re.search(
        r"\bnr\b|\bstr|\bbl\b|\bap\b|\bcalea|\bsos\b|\bbd\b|\bnumar|\bcod\b|\btel|\binterfon"
        r"|\bstrada|\bscoala|street",
        clause,
    ):
        return False
    alone = says_little_else(clause, turn.folded[one.start : one.end])
    if alone and any(_UNIT_TALK.search(question) for question in asked_questions(ledger)):
        return False  # the company asks what others charge
    agreed = bool(_AGREED.search(clause))
    return alone or bool(_BUDGET.search(clause)) or agreed
