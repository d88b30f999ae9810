"""Sums that the customer names: prices agreed, budgets, deposits and payments made."""

import re

from core.crm.extract.rules import answers, lexicon
from core.crm.extract.rules.acceptance import accepts, names_less
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.money import Money

_DONE = re.compile(
    r"\b(?:v-?)?am\s+(?:facut|dat)\s+(?:acum\s+|azi\s+|deja\s+)?(?:un\s+|o\s+)?(?:revolut"
    r"|transfer\w*|virament\w*|plata)\b|"
    r"\b(?:v-?)?(?:am|a|au|s-?a)\s+(?:(?:si|deja|facut|tocmai|mai|reusit\s+sa)\s+)*(?:trimis"
    r"|virat|transferat|platit|achitat|dat|pus|depus|facut\s+(?:plata"
    r"|transferul|viramentul)|transferul|plata|viramentul)|\b(?:i|we|i've|we've|have|has"
    r"|just)\s+(?:\w+\s+)?(?:sent|paid|transferred|wired|made\s+the\s+(?:payment|transfer))"
    r"|\bpaid\s+(?:just\s+)?(?:now|today|it|this|by|via|in\b)|\b(?:sent|paid|transferred"
    r"|wired)\s+(?:the|you|all|in\s+full|\d)|\bavans(?:ul)?\s+"
    r"(?:e\s+|este\s+|a\s+fost\s+)?(?:trimis|achitat|platit|virat)"
    r"|deposit\s+(?:is\s+|was\s+|has\s+been\s+)?(?:sent|paid|done)|\bplata\s+(?:e\s+|este\s+)?"
    r"(?:facuta|efectuata)|\bplatit\s+(?:integral|tot)|\bachitat\s+(?:integral|tot)"
)
_SENT = re.compile(
    r"(?:gata,?\s+)?(?:l-?\s?am\s+|am\s+)?(?:trimis|virat|achitat|platit|facut)(?:\s+(?:acum"
    r"|deja|avansul))?"
    r"[\s.!]*|(?:just\s+)?(?:sent|paid|done)(?:\s+(?:it|now))?[\s.!]*"
)
"""A short answer to the company that asked for a deposit."""
_IT = re.compile(
    r"\bsuta\b|\bbanii\b|\bgata\b|\b(?:l|le|i)-?\s?am\b|\bit\b|\bacum\b|\btocmai\b|\bjust\b"
)
_NOT_DONE = re.compile(
    r"\bn-?am\b|\bparca\b|\bi-?\s?am\s+dat\b|\bi\s+gave\s+(?:him|her|them)|\bdid\s+(?:i|we)\b"
    r"|\bnu\s+(?:v-?)?am\b|\bhaven'?t|\bnot\s+(?:yet|paid)|\bo\s+sa\b|\bvoi\b|\bvom\b"
    r"|\bwill\b|i'?ll|\bmaine\b|\bcand\s+am|\binca\s+nu|\btomorrow|\?"
)
_TO_OTHERS = re.compile(
    r"\b(?:la|catre|pentru|pt|to|for)\s+(?:the\s+)?(?:sala|salon\w*|restaurant\w*|locati\w*"
    r"|locul\b|hotel\w*|cofetari\w*|tort\w*|fotograf\w*|dj\b"
    r"|florari\w*|meniu\w*|venue|hall|bakery|cake|photographer|caterer)"
)
"""Money that went to somebody else."""
_DEPOSIT = re.compile(r"avans|deposit|\bacont|\baconto|garanti|rezervarea\s+de|down\s?payment")
_ALL = re.compile(
    r"\bintegral|\btoata\s+suma|\bintreaga\s+suma|\btotal(?:ul|itate)?\b|\btot\b|\brestul"
    r"|\btoti\s+banii|\bdiferenta|\bin\s+full|\bfull\s+amount|\bthe\s+rest|\bremain\w+"
    r"|\bbalance\b|\bsoldul\b|\beverything|\ball\b|\bcomplet|\bwhole"
)
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


def _sums(turn: Turn) -> list[Money]:
    return sorted((*turn.sums, *turn.bare_sums), key=lambda one: one.start)


_ASKS_SENT = re.compile(
    r"\b(?:ati|ai|a|s-?a)\s+(?:\w+\s+)?(?:trimis|platit|virat|achitat"
    r"|facut)\b[^.!?]{0,30}\b(?:avans|acont|depoz)\w*[^.!?]{0,20}\?"
    r"|\b(?:did|have|has)\s+(?:you|the)\b[^.!?]{0,20}\b(?:sent|send|pay|paid"
    r"|transfer\w*)?\b[^.!?]{0,20}\bdeposit\b[^.!?]{0,20}\?"
)
_YES = re.compile(
    r"\s*(?:da|yes|yep|yeah|sigur|desigur|of\s+course)\b(?!\s*,?\s*(?:maine"
    r"|diseara|o\s+sa|imediat|will|i'?ll))"
)


def read_payment(turn: Turn, ledger: Ledger, currency: str) -> None:
    """Note what a customer's message says of deposits and payments made."""
    asked_sent = _ASKS_SENT.search(ledger.last_outbound) and ledger.offer.deposit
    if asked_sent and _YES.match(turn.folded) and not _NOT_DONE.search(turn.folded):
        ledger.put("payment.status", "DEPOSIT", turn.id)
        ledger.put("payment.deposit", asked_sent[0], asked_sent[1], turn.id)
    for start, end in turn.sentences:
        sentence = turn.folded[start:end]
        if _SENT.fullmatch(sentence.strip()) and ledger.offer.deposit is not None:
            asked, message_id = ledger.offer.deposit
            ledger.put("payment.status", "DEPOSIT", turn.id)
            ledger.put("payment.deposit", asked, message_id, turn.id)
            continue
        if (
            not _DONE.search(sentence)
            or _NOT_DONE.search(sentence)
            or _TO_OTHERS.search(sentence)
            or lexicon.PAST.search(sentence)
        ):
            continue
        sums = [one for one in _sums(turn) if start <= one.start < end]
        if _DEPOSIT.search(sentence):
            amount, ids = (sums[0].amount, [turn.id]) if sums else (None, [turn.id])
            if amount is None and ledger.offer.deposit is not None:
                amount, ids = ledger.offer.deposit[0], [ledger.offer.deposit[1], turn.id]
            if amount is None:
                for other in _sums(turn):
                    amount = other.amount
            ledger.put("payment.status", "DEPOSIT", turn.id)
            if amount is not None:
                ledger.put("payment.deposit", amount, *ids)
        elif _ALL.search(sentence):
            ledger.put("payment.status", "PAID", turn.id)
            ledger.facts.pop("payment.deposit", None)
            if (
                sums
                and not re.search(r"restul|the\s+rest|diferenta|remain", sentence.split(",")[0])
            ) or (len(sums) == 1 and re.search(r"toat|all|integral|total", sentence)):
                ledger.put("payment.amount", sums[-1].amount, turn.id)
                ledger.put("payment.currency", sums[-1].currency or currency, turn.id)
        elif not sums and ledger.offer.deposit and _IT.search(sentence):
            ledger.put("payment.status", "DEPOSIT", turn.id)
            ledger.put("payment.deposit", ledger.offer.deposit[0], ledger.offer.deposit[1], turn.id)
        elif sums and ledger.offer.deposit and sums[0].amount == ledger.offer.deposit[0]:
            ledger.put("payment.status", "DEPOSIT", turn.id)
            ledger.put("payment.deposit", sums[0].amount, turn.id)
        elif sums and ledger.value("payment.amount") == sums[0].amount:
            ledger.put("payment.status", "PAID", turn.id)


def read_price(turn: Turn, ledger: Ledger, currency: str) -> None:
    """Note a total price that the customer says, or a counter-offer that awaits an answer."""
    for one in _sums(turn):
        sentence = turn.sentence_at(one.start)
        begin, end = turn.clause_span(one.start)
        clause = turn.folded[begin:end]
        if (
            one.per_unit
            or turn.is_aside(one.start, "sum")
            or _DEPOSIT.search(clause)
            or _DONE.search(sentence)
        ):
            continue
        if _UNIT_TALK.search(clause) or _BEYOND.search(clause) or one.amount < 50:
            continue
        haggled = answers.HAGGLE.match(turn.folded, one.start) or answers.HAGGLE.search(sentence)
        if one.currency is None and not (haggled or _bare_price(turn, one, clause)):
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


def _bare_price(turn: Turn, one: Money, clause: str) -> bool:
    """Whether a bare number is a price: a budget, a whole clause, or agreed as one."""
    if one.amount >= 20000 or 1900 <= one.amount <= 2100:
        return False
    if re.search(
        r"\bnr\b|\bstr|\bbl\b|\bap\b|\bcalea|\bsos\b|\bbd\b|\bnumar|\bcod\b|\btel|\binterfon"
        r"|\bstrada|\bscoala|street",
        clause,
    ):
        return False
    alone = clause.strip(" .!") == turn.folded[one.start : one.end]
    agreed = bool(_AGREED.search(clause))
    return alone or bool(_BUDGET.search(clause)) or agreed
