"""Learn from the labelled conversations what chats want, and write it beside the rules engine.

Multinomial logistic regression with a penalty on large weights, by stochastic gradient descent; the
same conversations always give the same file.
"""

import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.crm.draft import ExtractionInput
from core.crm.extract.rules.wording import WEIGHTS, read_words, weighed
from core.crm.folding import fold

DATA = Path(__file__).resolve().parents[1] / "tests" / "data"
CONVERSATIONS = [DATA / "bookings.own.jsonl"]
"""The hold-out is not among them."""
STATEMENTS = DATA / "statements.txt"
_STATEMENT = 1.0
"""How much a statement counts; a conversation counts 1."""
_INTENTS = {"B": "BOOKING", "U": "UPDATE", "Q": "QUESTION", "C": "CANCEL", "O": "OTHER"}
_MOST_COMMON = 4
"""Words that fewer conversations have are left out."""
_STRENGTH = 20.0
"""How much a misread conversation weighs against large weights."""
_ROUNDS = 60
_FIRST_STEP = 0.5


class Sample(NamedTuple):
    """A conversation to learn from."""

    words: Counter[str]
    intent: str
    weight: float = 1.0


def read_conversations(path: Path) -> list[Sample]:
    """Return the labelled conversations of a file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        chat = msgspec.convert(json.loads(line), ExtractionInput)
        intent = json.loads(line)["expected"]["intent"]
        said = ((one.direction == "inbound", fold(one.body)) for one in chat.messages)
        has_event = any(not event.is_archived for event in chat.existing_events)
        found.append(Sample(read_words(said, has_event=has_event), intent))
    return found


def read_statements(path: Path) -> list[Sample]:
    """Return the short chats of a file of statements; its head says how they are written."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        chat, bars, stated = line.partition("||")
        if not bars or line.startswith("#"):
            continue
        bodies = [body.strip() for body in chat.split(" | ")]
        has_event = bodies[0] == "STORED"
        said = [(not body.startswith("<"), fold(body.lstrip("<"))) for body in bodies[has_event:]]
        wanted = next((part.split("=")[1] for part in _parts(stated) if part[:2] == "i="), "B")
        words = read_words(said, has_event=has_event)
        found.append(Sample(words, _INTENTS[wanted], _STATEMENT))
    return found


def _parts(stated: str) -> list[str]:
    return [part.strip() for part in stated.split(";")]


def learn(samples: Sequence[Sample]) -> str:
    """Return the text of a model that is learned from samples."""
    intents = sorted({one.intent for one in samples})
    had_by = Counter(name for one in samples for name in one.words)
    rarity = {
        name: round(math.log((1 + len(samples)) / (1 + count)) + 1, 2)
        for name, count in sorted(had_by.items())
        if count >= _MOST_COMMON
    }
    of_each: defaultdict[str, float] = defaultdict(float)
    for one in samples:
        of_each[one.intent] += one.weight
    share = sum(of_each.values()) / len(intents)
    chats = [
        Chat(
            list(weighed(one.words, rarity)),
            intents.index(one.intent),
            one.weight * share / of_each[one.intent],
        )
        for one in samples
    ]
    biases, weights = _descend(chats, rarity, len(intents))
    lines = ["\t".join(intents), "\t".join(f"{value:.2f}" for value in biases)]
    for name, row in weights.items():
        speaks = "\t".join(f"{value:.2f}" for value in row)
        lines.append(f"{name}\t{rarity[name]}\t{speaks}")
    return "\n".join(lines) + "\n"


class Chat(NamedTuple):
    """A sample as the descent needs it."""

    words: list[tuple[str, float]]
    intent: int
    weight: float


def _descend(
    chats: Sequence[Chat], names: Iterable[str], intents: int
) -> tuple[list[float], dict[str, list[float]]]:
    """Return the biases and the weights of each name that fit the chats best."""
    weights = {name: [0.0] * intents for name in names}
    biases = [0.0] * intents
    order = list(chats)
    chance = random.Random(0)  # noqa: S311 - an order, no secret
    scale = 1.0  # of all weights, so that the penalty costs one multiplication
    for turn in range(_ROUNDS):
        chance.shuffle(order)
        step = _FIRST_STEP / (1 + turn / 4)
        for chat in order:
            scale *= 1 - step / (_STRENGTH * len(chats))
            sums = list(biases)
            for name, value in chat.words:
                for at, speaks in enumerate(weights[name]):
                    sums[at] += scale * speaks * value
            highest = max(sums)
            odds = [math.exp(one - highest) for one in sums]
            total = sum(odds)
            for at, one in enumerate(odds):
                push = step * chat.weight * ((at == chat.intent) - one / total)
                biases[at] += push
                for name, value in chat.words:
                    weights[name][at] += push * value / scale
    return biases, {name: [scale * one for one in row] for name, row in weights.items()}


def main() -> None:
    """Write the model; from the files that are named, or those it is to be learned from."""
    paths = [Path(name) for name in sys.argv[1:]] or CONVERSATIONS
    samples = [one for path in paths for one in read_conversations(path)]
    WEIGHTS.write_text(learn(samples + read_statements(STATEMENTS)), encoding="utf-8")


if __name__ == "__main__":
    main()
