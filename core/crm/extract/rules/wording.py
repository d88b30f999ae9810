"""What chats that are worded like this one wanted, learned from labelled conversations.

Rules say what they are made to say; new phrasings of a question or a refusal pass them by. The
words of a whole chat tell what it wants even so: a linear model (logistic regression over words and
pairs of words, weighed by how rare they are) holds what our labelled conversations teach.
`scripts/wording.py` makes it.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, cast

from core.crm.draft import Intent

WEIGHTS = Path(__file__).with_name("wording.txt")
"""A line of intents, one of their biases, then for each feature its rarity and its weights."""
_WORDS = re.compile(r"[a-z]+|0|[?!]")
_DIGITS = re.compile(r"\d+")


class Model(NamedTuple):
    """A trained model."""

    intents: tuple[Intent, ...]
    biases: tuple[float, ...]
    rarity: Mapping[str, float]
    """Of each word and pair of words."""
    weights: Mapping[str, tuple[float, ...]]
    """How much each of them speaks for each intent."""

    def judge(self, words: Mapping[str, float]) -> dict[Intent, float]:
        """Return how likely each intent is, from counted words; all sum to 1."""
        sums = list(self.biases)
        for name, value in weighed(words, self.rarity):
            for number, weight in enumerate(self.weights[name]):
                sums[number] += value * weight
        highest = max(sums)
        odds = [math.exp(one - highest) for one in sums]
        return {intent: one / sum(odds) for intent, one in zip(self.intents, odds, strict=True)}


def read_words(said: Iterable[tuple[bool, str]], *, has_event: bool) -> Counter[str]:
    """Count the words of a chat and their pairs; who says them makes them others.

    `said` holds, for each message, whether the customer wrote it, and its folded text. The
    customer's last message counts once more, apart: it often tells what all was for. `has_event`
    is whether an event is open.
    """
    words: list[str] = []
    last: list[str] = []
    for inbound, folded in said:
        spoken = _WORDS.findall(_DIGITS.sub("0", folded))
        words += [f"{'i' if inbound else 'o'}{word}" for word in spoken] + ["/"]
        if inbound:
            last = [f"l{word}" for word in spoken]
    words += last
    if has_event:
        words.append("+")
    return Counter(words) + Counter(f"{one} {other}" for one, other in pairwise(words))


def weighed(words: Mapping[str, float], rarity: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield the words that a model knows with their share in the chat."""
    values = {
        name: (1 + math.log(count)) * rarity[name]
        for name, count in words.items()
        if name in rarity
    }
    length = math.sqrt(sum(value * value for value in values.values())) or 1.0
    for name, value in values.items():
        yield name, value / length


def read_model(lines: Iterable[str]) -> Model:
    """Return the model that a file's lines hold."""
    rows = (line.rstrip("\n").split("\t") for line in lines)
    intents = cast("tuple[Intent, ...]", tuple(next(rows)))
    biases = tuple(map(float, next(rows)))
    rarity: dict[str, float] = {}
    weights: dict[str, tuple[float, ...]] = {}
    for name, rare, *speaks in rows:
        rarity[name] = float(rare)
        weights[name] = tuple(map(float, speaks))
    return Model(intents, biases, rarity, weights)


@cache
def packaged_model() -> Model:
    """Return the model that comes with the program."""
    with WEIGHTS.open(encoding="utf-8") as lines:
        return read_model(lines)
