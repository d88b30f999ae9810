"""Payments that the customer says were made: deposits, and all of it."""

import re
from decimal import Decimal

from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger
from core.crm.extract.rules.turns import Turn
from core.crm.resolve.money import Money

DONE = re.compile(
    r"\b(?:v-?)?(?:am|a)\s+(?:facut|dat)\s+(?:acum\s+|azi\s+|deja\s+)?(?:un\s+|o\s+)?(?:revolut"
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
"""Money went out."""
_SENT = re.compile(
    r"(?:gata,?\s+)?(?:l-?\s?am\s+|am\s+)?(?:trimis|virat|achitat|platit|facut)(?:\s+(?:acum"
    r"|deja|avansul))?"
    r"[\s.!]*|(?:just\s+)?(?:sent|paid|done)(?:\s+(?:it|now))?[\s.!]*"
)
"""A short answer to the company that asked for a deposit."""
_IT = re.compile(
    r"\bsuta\b|\bbanii\b|\bgata\b|\b(?:l|le|i)-?\s?am\b|\bit\b|\bacum\b|\btocmai\b|\bjust\b"
)
_NOT_YET = re.compile(
    r"\bn-?am\b|\bi-?\s?am\s+dat\b|\bi\s+gave\s+(?:him|her|them)|\bdid\s+(?:i|we)\b"
    r"|\bnu\s+(?:v-?)?am\b|\bhaven'?t|\bnot\s+paid|\bo\s+sa\b|\bvoi\b|\bvom\b"
    r"|\bwill\b|i'?ll|\bmaine\b|\bcand\s+am|\btomorrow"
)
"""Words before the payment by which it was not made."""
_UNSURE = re.compile(r"\bparca\b|\bcred\s+ca\b|\binca\s+nu\b|\bnot\s+yet\b|\?")
_ARRIVED = re.compile(
    r"[\s,-]*(?:(?:(?:i-?\s?|l-?\s?)?(?:a|ati|au)\s+(?:ajuns|primit|intrat|venit|vazut)|se\s+vede"
    r"|(?:il\s+|ii\s+)?vedeti|did\s+(?:you|it)\s|can\s+you\s|have\s+you\s|has\s+it\s|puteti\s)[^?]*"
    r"|ok|okay|bine|da|nu|e\s+ok|right)\s*\?\s*$"
)
"""The question whether it has arrived, which leaves no doubt that it was sent."""
_TO_OTHERS = re.compile(
    r"\b(?:la|catre|pentru|pt|to|for)\s+(?:the\s+)?(?:sala|salon\w*|restaurant\w*|locati\w*"
    r"|locul\b|hotel\w*|cofetari\w*|tort\w*|fotograf\w*|dj\b"
    r"|florari\w*|meniu\w*|venue|hall|bakery|cake|photographer|caterer)"
)
"""Money that went to somebody else."""
OF_DEPOSIT = re.compile(
    r"avans|deposit|depozit|\bacont|garanti|rezervarea\s+de|down\s?payment|up\s?front"
)
_ALL = re.compile(
    r"\bintegral|\btoata\s+suma|\bintreaga\s+suma|\btotal(?:ul|itate)?\b|\btot(?:ul)?\b"
    r"|\btoti\s+banii|\bin\s+full|\bfull\s+amount|\bthe\s+full\b|\beverything|\ball\b|\bcomplet"
    r"|\bwhole"
)
REST = re.compile(r"\brestul\b|\bdiferenta\b|\bsoldul\b|\bthe\s+rest\b|\bremain\w+|\bbalance\b")
"""What is paid after a deposit."""
_ASKS_SENT = re.compile(
    r"\b(?:ati|ai|a|s-?a)\s+(?:\w+\s+)?(?:trimis|platit|virat|achitat|facut|dat)\b"
    r"|\b(?:avans|acont|depoz)\w*[^.!?]{0,20}\b(?:trimis|platit|virat|achitat)\b"
    r"|\b(?:did|have|has)\s+(?:you|the)\b[^.!?]{0,30}\b(?:sen[dt]|pay|paid|transfer\w*|deposit)\b"
)
_YES = re.compile(
    r"\s*(?:da|yes|yep|yeah|sigur|desigur|of\s+course)\b(?!\s*,?\s*(?:maine"
    r"|diseara|o\s+sa|imediat|will|i'?ll))"
)
_FILLER = re.compile(
    r"\b(?:acum|deja|azi|da|pai|ar\s+fi|cam|vreo|maxim\w*|doar|pe\s+loc|cash|lei|ron|ok|fix|now|today"
    r"|yes|about|around|well|up\s+to|at\s+most|right|for|pt|pentru|inceput|moment)\b|[\s,.!]+"
)
"""Words that may stand beside a sum that is a whole answer: "550 acum"."""


def all_sums(turn: Turn) -> list[Money]:
    """Return the sums of a message, with a currency or without, in order."""
    return sorted((*turn.sums, *turn.bare_sums), key=lambda one: one.start)


def asked_questions(ledger: Ledger) -> list[str]:
    """Return the questions of the company's last message."""
    return re.findall(r"[^.!?\n]*\?", ledger.last_outbound)


def says_little_else(clause: str, words: str) -> bool:
    """Whether a clause holds a sum, written `words`, and nothing that tells what it is."""
    return not _FILLER.sub("", clause.replace(words, " ", 1))


def read_payment(turn: Turn, ledger: Ledger, currency: str) -> None:
    """Note what a customer's message says of deposits and payments made."""
    _answer_sent(turn, ledger)
    for start, end in turn.sentences:
        sentence = turn.folded[start:end]
        if _SENT.fullmatch(sentence.strip()) and ledger.offer.deposit is not None:
            _note_deposit(ledger, ledger.offer.deposit, turn)
        elif _was_made(sentence):
            _take_payment(turn, (start, end), ledger, currency)


def _was_made(sentence: str) -> bool:
    """Whether a sentence says that money went to the company for this party."""
    plain = _ARRIVED.sub("", sentence)
    done = list(DONE.finditer(plain))
    if not done or _NOT_YET.search(plain[: done[-1].end()]) or _UNSURE.search(plain):
        return False
    return not (_TO_OTHERS.search(sentence) or lexicon.PAST.search(sentence))


def _take_payment(turn: Turn, span: tuple[int, int], ledger: Ledger, currency: str) -> None:
    """Note the payment that the sentence at these offsets says was made."""
    sentence = turn.folded[slice(*span)]
    sums = [one for one in all_sums(turn) if span[0] <= one.start < span[1]]
    asked = ledger.offer.deposit
    rest = REST.search(turn.folded, *span)
    if OF_DEPOSIT.search(sentence) or (rest and sums and sums[0].start < rest.start()):
        told = sums[:1] or ([] if asked else all_sums(turn)[-1:])
        _note_deposit(ledger, (told[0].amount, turn.id) if told else asked, turn)
    elif rest or _ALL.search(sentence):
        ledger.put("payment.status", "PAID", turn.id)
        ledger.facts.pop("payment.deposit", None)
        if sums and (not rest or "," in turn.folded[rest.end() : sums[-1].start]):
            ledger.put("payment.amount", sums[-1].amount, turn.id)
            ledger.put("payment.currency", sums[-1].currency or currency, turn.id)
    elif not sums and asked and _IT.search(sentence):
        _note_deposit(ledger, asked, turn)
    elif sums and (ledger.value("payment.amount") or ledger.price_stored) == sums[0].amount:
        ledger.put("payment.status", "PAID", turn.id)
    elif sums and _is_part(sums[0].amount, ledger):
        _note_deposit(ledger, (sums[0].amount, turn.id), turn)


def _is_part(amount: Decimal, ledger: Ledger) -> bool:
    """Whether a sum that was sent is the deposit asked for, or less than the party costs."""
    asked = ledger.offer.deposit
    total = ledger.value("payment.amount") or ledger.price_stored
    return bool(asked and asked[0] == amount) or (total is not None and amount < total)


def _note_deposit(ledger: Ledger, told: tuple[Decimal, str] | None, turn: Turn) -> None:
    """Note that a deposit was sent; `told` is its sum and the message that names it."""
    ledger.put("payment.status", "DEPOSIT", turn.id)
    if told is not None:
        ids = (told[1], turn.id) if told[1] != turn.id else (turn.id,)
        ledger.put("payment.deposit", told[0], *ids)


def _answer_sent(turn: Turn, ledger: Ledger) -> None:
    """Read "da", "200" or "da, 200" to the company that asks whether or how much was sent."""
    start, end = turn.sentences[0]
    first = turn.folded[start:end]
    questions = [q for q in asked_questions(ledger) if _ASKS_SENT.search(q)]
    if not questions or _NOT_YET.search(first) or _UNSURE.search(first):
        return
    about_deposit = any(OF_DEPOSIT.search(question) for question in questions)
    told = [
        one
        for one in all_sums(turn)
        if start <= one.start < end
        and says_little_else(turn.clause_at(one.start), turn.folded[one.start : one.end])
    ]
    asked = ledger.offer.deposit
    if len(told) == 1 and (about_deposit or asked or REST.search(first)):
        _note_deposit(ledger, (told[0].amount, turn.id), turn)
    elif about_deposit and asked and not told and _YES.match(first):
        _note_deposit(ledger, asked, turn)
