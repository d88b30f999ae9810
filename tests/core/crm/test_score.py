"""The engine's score on our own conversations stays at or above the floors kept beside them."""

import json
import tomllib
from pathlib import Path

import msgspec
import pytest

from benchmarks.eval_extraction import read_lines, report, score_files
from core.crm.draft import ExtractionInput, to_exchange
from core.crm.extract.rules import extract

DATA = Path(__file__).parents[2] / "data"
FLOORS = tomllib.loads((DATA / "bookings.own.floors.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("half", sorted(FLOORS))
def test_the_score_stays_above_its_floor(half: str) -> None:
    labelled = [
        one for one in read_lines(DATA / "bookings.own.jsonl") if one["id"].startswith(half)
    ]
    results = []
    for line in labelled:
        bare = {key: value for key, value in line.items() if key not in {"expected", "evidence"}}
        chat = msgspec.json.decode(json.dumps(bare), type=ExtractionInput)
        results.append(to_exchange(extract(chat), chat.id))
    score = score_files(labelled, results)
    floor = FLOORS[half]
    assert len(labelled) == floor["conversations"]
    told = report(score, details=True)
    assert score.intents / len(labelled) >= floor["intent"], told
    assert score.actions / len(labelled) >= floor["action"], told
    assert score.micro.f1 >= floor["f1"], told
    assert score.invented_share <= floor["invented"], told
    assert score.hits / score.cited >= floor["evidence"], told


def test_the_scorer_counts_wrong_missed_and_invented_values() -> None:
    event = {"date": "2026-06-06", "startTime": "17:00", "address": "Str. Teilor 4",
    "roles": [{"roleType": "ANIMATOR", "label": "Elsa"}],
             "payment": {"amount": 500, "currency": "RON", "status": "UNPAID",
             "deposit": None}}  # fmt: skip
    label = {
        "id": "x",
        "expected": {
            "intent": "BOOKING",
            "action": "CREATE_EVENT",
            "targetEventId": None,
            "event": event,
        },
        "evidence": {"date": ["m1"]},
    }
    got = {
        **event,
        "date": "2026-06-07",
        "startTime": None,
        "address": "teilor 4, STR",
        "childAge": 5,
    }
    line = {
        "id": "x",
        "intent": "BOOKING",
        "action": "CREATE_EVENT",
        "targetEventId": None,
        "event": got,
        "evidence": {},
    }
    score = score_files([label], [line])
    assert (
        score.fields["date"].right,
        score.fields["date"].extra,
        score.fields["date"].missed,
    ) == (0, 1, 1)
    assert score.fields["startTime"].missed == 1
    assert score.fields["address"].right == 1
    assert score.fields["childAge"].extra == score.invented == 1
    assert score.intents == 1
    assert score_files([label], []).intents == 0
