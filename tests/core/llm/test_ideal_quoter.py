"""A model that always quotes well loses almost nothing on the way to the draft."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.eval_extraction import read_lines, report, score_files
from core.crm.catalogue import load_catalogue
from core.crm.draft import ExtractionInput, to_exchange
from core.crm.extract.rules.ledger import Ledger
from core.crm.folding import squash
from core.llm.facts import FactReader
from core.llm.groq_extractor import build
from core.llm.reading import Reading, read_chat
from core.llm.schemas import ExtractionAnswer, FactField, QuotedFact

DATA = Path(__file__).parents[2] / "data" / "bookings.own.jsonl"
CATALOGUE = load_catalogue()
LONGEST = 20
"""Words of a quotation."""
FIELDS: dict[FactField, str] = {
    "date": "date", "startTime": "startTime", "durationMin": "durationMin", "address": "address",
    "parentName": "parentName", "childName": "childName", "childAge": "childAge",
    "numChildren": "numChildren", "price": "payment.amount", "depositSum": "payment.deposit",
}  # fmt: skip
_NAMES = {"address", "parentName", "childName"}


def phrases(text: str) -> Iterator[str]:
    """Yield all runs of words, the shortest first."""
    words = text.split()
    for length in range(1, LONGEST + 1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def wanted(event: dict[str, Any], name: str) -> str | None:
    """Return what a field should hold, as comparable text."""
    part, _dot, rest = name.partition(".")
    value = event[part][rest] if rest else event[part]
    if value is None:
        return None
    return squash(value) if name in _NAMES else str(value)


def told(ledger: Ledger, name: str) -> str | None:
    """Return what a field holds after one fact."""
    value = ledger.value(name)
    if value is None:
        return None
    return squash(value) if name in _NAMES else str(value)


def services(ledger: Ledger) -> list[tuple[str, str]]:
    return [(one.entry.role_type, squash(one.entry.label or "")) for one in ledger.services]


class Quoter:
    """Looks in the labelled messages for the words that say a labelled value."""

    def __init__(self, line: dict[str, Any], reading: Reading) -> None:
        self.event = line["expected"]["event"]
        self.evidence: dict[str, list[str]] = line["evidence"]
        self.reading = reading
        self.names = {turn.id: name for name, turn in reading.turns.items()}

    def facts(self) -> list[QuotedFact]:
        found = [self._quoted(field, name) for field, name in FIELDS.items()]
        found += [self._service(role) for role in self.event["roles"]]
        found.append(self._paid())
        return [fact for fact in found if fact is not None]

    def _candidates(
        self, field: FactField, name: str, kind: str | None = None
    ) -> Iterator[tuple[QuotedFact, Ledger]]:
        for message_id in reversed(self.evidence.get(name, [])):
            turn = self.reading.turns[self.names[message_id]]
            later = [
                other
                for other, one in self.reading.turns.items()
                if not turn.inbound and one.inbound and one.index > turn.index
            ]
            for quote in phrases(turn.text):
                fact = QuotedFact(
                    field, quote, self.names[message_id], later[0] if later else None, kind
                )
                reader = FactReader(self.reading.turns, CATALOGUE, "RON")
                reader.read([fact])
                yield fact, reader.ledger

    def _quoted(self, field: FactField, name: str) -> QuotedFact | None:
        want = wanted(self.event, name)
        if want is None:
            return None
        found = self._candidates(field, name)
        return next((fact for fact, ledger in found if told(ledger, name) == want), None)

    def _service(self, role: dict[str, Any]) -> QuotedFact | None:
        want = [(role["roleType"], squash(role["label"] or ""))]
        found = self._candidates("service", "roles", role["roleType"])
        return next((fact for fact, ledger in found if services(ledger) == want), None)

    def _paid(self) -> QuotedFact | None:
        status = self.event["payment"]["status"]
        if status == "UNPAID":
            return None
        found = self._candidates(
            "depositSent" if status == "DEPOSIT" else "paidInFull", "payment.status"
        )
        return next((fact for fact, one in found if one.value("payment.status") == status), None)


def ideal(line: dict[str, Any], reading: Reading) -> ExtractionAnswer:
    """Return the best answer that a model could give."""
    expected = line["expected"]
    said = [(name, one) for name, one in reading.turns.items() if one.inbound and one.text.strip()]
    name, quote = (said[0][0], said[0][1].text.split()[0]) if said else ("", "")
    return ExtractionAnswer(
        intent=expected["intent"], action=expected["action"], intent_quote=quote,
        intent_message_id=name, target_event_id=None,
        facts=Quoter(line, reading).facts() if expected["event"] else [],
    )  # fmt: skip


def test_good_quotations_become_good_drafts() -> None:
    labelled = read_lines(DATA)[::2]
    results = []
    for line in labelled:
        chat = msgspec.json.decode(json.dumps(line), type=ExtractionInput)
        reading = read_chat(chat, CATALOGUE)
        draft = build(ideal(line, reading), reading, CATALOGUE, currency="RON")
        results.append(to_exchange(draft, chat.id))
    score = score_files(labelled, results)
    details = report(score, details=True)
    assert score.intents == score.actions == len(labelled), details
    assert score.micro.f1 >= 0.98, details
    assert score.invented == 0, details
