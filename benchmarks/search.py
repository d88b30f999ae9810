"""Search: from a keystroke to the first messages that hold the words, of a million messages."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.data import (
    LAST_WORD,
    account,
    fill,
    index_words,
    message_data,
    thread_data,
    thread_id_of,
)
from benchmarks.table import Figure, Table
from core.identity.session import LocalSession
from core.model.ids import message_path, thread_path
from core.paths import DataFolder
from core.search.words import Wanted, wanted_words
from core.service.search import MessageSearch
from core.settings import Settings
from core.store.open import open_operator_store, open_store
from core.store.port import Set, Write

THREADS, MESSAGES = 20_000, 50
VOCABULARY = 30_000
_SYLLABLES = ("ba", "cu", "da", "e", "fi", "go", "ha", "i", "jo", "la", "mă", "nu", "o", "pe", "rî",
              "să", "ti", "u", "va", "șa", "ța", "ze")  # fmt: skip


def vocabulary() -> list[str]:
    """Return different words, the commonest first and the shortest."""
    made = itertools.chain.from_iterable(
        itertools.product(_SYLLABLES, repeat=length) for length in range(1, 5)
    )
    return ["".join(parts) for parts in itertools.islice(made, VOCABULARY)]


class Language:
    """Draws words as people use them: the n-th commonest one n times less than the first."""

    def __init__(self, seed: int) -> None:
        self._chooser = random.Random(seed)
        self.words = vocabulary()
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))

    def draw(self, count: int) -> list[str]:
        """Return so many words."""
        return self._chooser.choices(self.words, cum_weights=self._weights, k=count)


def documents(threads: int) -> Iterator[Write]:
    """Yield so many conversations of fifty messages each, in the words of the language."""
    language, chooser = Language(1), random.Random(2)
    yield account()
    for number in range(threads):
        thread = thread_id_of(number)
        yield Set(thread_path(thread), thread_data(number))
        for index in range(MESSAGES):
            data = message_data(number, index, MESSAGES)
            if data["body"] != LAST_WORD:
                data["body"] = " ".join(language.draw(chooser.randint(1, 25)))
            yield Set(message_path(thread, f"M{number}-{index}"), data)


async def make(root: Path, threads: int = THREADS) -> tuple[DataFolder, float]:
    """Make a store and its index, unless they are there; return messages indexed a second."""
    folder = DataFolder(root)
    rate = 0.0
    if not (root / "complete").exists():
        folder.prepare()
        async with open_store(folder) as store:
            await fill(store, documents(threads))
            began = time.perf_counter()
            seen = await index_words(store, folder)
            rate = seen / (time.perf_counter() - began)
        (root / "complete").touch()
    return folder, rate


def typed(count: int) -> Iterator[str]:
    """Yield what stands in the field after each key of so many searches of one to three words.

    Keys that ask for nothing else than the one before are left out: there is nothing to find.
    """
    language, chooser = Language(3), random.Random(4)
    for _ in range(count):
        text = " ".join(language.draw(chooser.randint(1, 3)))
        asked: list[Wanted] = []
        for end in range(1, len(text) + 1):
            before, asked = asked, wanted_words(text[:end])
            if asked != before:
                yield text[:end]


async def keystrokes(
    folder: DataFolder, searches: int, seconds: Callable[[], float] = time.perf_counter
) -> Figure:
    """Return milliseconds by a clock from each key of so many searches to the first results.

    They are an operator's, whose rules judge every message that is shown.
    """
    took: list[float] = []
    async with open_operator_store(folder, Settings(), LocalSession()) as store:
        search = MessageSearch(store, folder.search_file)
        await search.find("ba", lambda _: True)
        for text in typed(searches):
            began = seconds()
            await search.find(text, lambda _: True)
            took.append((seconds() - began) * 1000)
        search.close()
    return Figure("key", tuple(took))


async def run(scratch: Path, table: Table, rounds: int) -> None:
    """Measure every keystroke of some searches."""
    folder, rate = await make(scratch / "search")
    keys = await keystrokes(folder, rounds * 6)
    table.add(
        "search over 1,000,000 messages, a key to the first results, p95 in ms",
        keys.percentile(0.95),
        30,
        floor="none: milliseconds",
        figures=str(keys),
    )
    work = (await keystrokes(folder, rounds * 6, time.process_time)).percentile(0.95)
    table.notes.append(
        f"Of a key's time to the first results {work:.1f} ms are the processor's (p95, in a second "
        "run); the rest is what the disk and the machine take."
    )
    size = folder.search_file.stat().st_size / 1e6
    made = f", {rate:.0f} messages a second when it was made" if rate else ""
    table.notes.append(f"The index of words of 1,000,000 messages takes {size:.0f} MB{made}.")


if __name__ == "__main__":
    asyncio.run(run(Path("build/bench"), Table(), 15))
