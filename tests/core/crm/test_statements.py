"""What short chats state, and that nothing else is read from them."""

from pathlib import Path
from typing import Any

import pytest

from core.crm.draft import Extraction
from core.crm.folding import squash
from tests.core.crm.chats import STORED, read

DATA = Path(__file__).parents[2] / "data"
FILES = (DATA / "statements.txt", DATA / "values.txt")
_SMALL = {"la", "in", "pe", "de", "din", "nr", "numarul", "at", "the", "no"}
_WORDS = {"a", "p", "c", "r"}
"""Keys whose values are compared without case, diacritics, punctuation and order."""


def lines() -> list[str]:
    texts = [file.read_text(encoding="utf-8").splitlines() for file in FILES]
    return [line for text in texts for line in text if line and not line.startswith("#")]


def wanted(text: str) -> dict[str, str]:
    """Return the statements of a line by their keys."""
    pairs = (part.split("=", 1) for part in text.split(";") if part.strip())
    return {"i": "B"} | {key.strip(): value.strip() for key, value in pairs}


def told(result: Extraction) -> dict[str, str]:
    """Return what the engine read, in the notation of the file."""
    event = result.event
    found: dict[str, Any] = {"i": result.intent[0]}
    if event is not None:
        payment = event.payment
        services = [
            one.role_type[:4] + (f":{one.label}" if one.label else "") for one in event.roles
        ]
        other = "" if payment.currency in {"RON", None} else payment.currency
        found |= {
            "d": event.date, "s": event.start_time, "l": event.duration_min, "a": event.address,
            "p": event.parent_name, "c": event.child_name, "g": event.child_age,
            "n": event.num_children, "r": ",".join(services),
            "$": None if payment.amount is None else f"{payment.amount}{other}",
            "dep": None if payment.status == "UNPAID"
            else f"{payment.status}{payment.deposit or ''}",
        }  # fmt: skip
    return {key: str(value) for key, value in found.items() if value not in (None, "")}


def loose(values: dict[str, str]) -> dict[str, Any]:
    return {
        key: sorted(word for word in squash(value).split() if word not in _SMALL)
        if key in _WORDS
        else value
        for key, value in values.items()
    }


@pytest.mark.parametrize("line", lines())
def test_a_chat_states_this_and_nothing_else(line: str) -> None:
    chat, _bars, expected = line.partition("||")
    bodies = [body.strip().replace("\\n", "\n") for body in chat.split(" | ")]
    events = [STORED] if bodies[0] == "STORED" else None
    result = read(*bodies[1 if events else 0 :], events=events)
    assert loose(told(result)) == loose(wanted(expected)), told(result)
