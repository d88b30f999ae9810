"""Makes stores of any size for the measures: the same documents for the same numbers."""

import random
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.search_indexer import SearchIndexer
from core.model.documents import Account, Message, Thread, to_data
from core.model.ids import Jid, account_path, make_thread_id, message_path, thread_path
from core.paths import DataFolder
from core.search.index import SearchIndex
from core.store.embedded import EmbeddedStore
from core.store.open import open_store
from core.store.port import Set, Store, Write

ACCOUNT = "WA-01"
NEWEST = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)
"""The newest message's time; thread N is N minutes older."""
NEWEST_NAME = "Newestcustomer"
"""The display name of the thread on top, one word so that a marker finds it on a screen."""
LAST_WORD = "Lastmessage"
"""The text of the newest message of the thread on top; its preview says something else."""
_BATCH = 500
_PROSE = (
    "bună petrecere copii sâmbătă ora animator Elsa Spiderman preț avans adresa mulțumesc da "
    "perfect vreau martie februarie baloane două ore lei confirm rezervare duminică 🎉 parc 你好"
)
_WORDS = _PROSE.split()


def jid_of(number: int) -> Jid:
    """Return the JID of the customer with this number."""
    return Jid.of_phone(f"+4070{number:07d}")


def thread_id_of(number: int) -> str:
    """Return the id of the thread with this number; 0 is the newest."""
    return make_thread_id(ACCOUNT, jid_of(number))


def thread_data(number: int, *, at: datetime | None = None, text: str = "") -> dict[str, Any]:
    """Return the document of one thread."""
    chooser = random.Random(number)
    moment = at or NEWEST - timedelta(minutes=number)
    return to_data(
        Thread(
            thread_id=thread_id_of(number),
            account_id=ACCOUNT,
            client_jid=str(jid_of(number)),
            phone_e164=f"+4070{number:07d}",
            display_name=NEWEST_NAME if number == 0 else f"Customer {number} {_text(chooser, 1)}",
            last_message_text=text or _text(chooser, 8),
            last_message_at=moment,
            last_message_direction="inbound",
            unread_count=chooser.randrange(4),
            created_at=moment,
            updated_at=moment,
        )
    )


def message_data(number: int, index: int, count: int) -> dict[str, Any]:
    """Return the document of message `index` of `count` in a thread."""
    chooser = random.Random(number * 1_000_003 + index)
    newest = number == 0 and index == count - 1
    inbound = chooser.random() < 0.5 or newest
    moment = NEWEST - timedelta(minutes=number) - timedelta(minutes=3 * (count - 1 - index))
    return to_data(
        Message(
            message_id=f"M{number}-{index}",
            account_id=ACCOUNT,
            client_jid=str(jid_of(number)),
            direction="inbound" if inbound else "outbound",
            body=LAST_WORD if newest else _text(chooser, chooser.randint(3, 40)),
            status=None if inbound else "read",
            ts_client=moment,
            created_at=moment,
        )
    )


def documents(threads: int, messages: int, first_messages: int | None = None) -> Iterator[Write]:
    """Yield the writes of a store: an account, threads, and messages of each thread.

    `first_messages` replaces `messages` for thread 0, the one on top.
    """
    yield account()
    for number in range(threads):
        yield Set(thread_path(thread_id_of(number)), thread_data(number))
        count = first_messages if number == 0 and first_messages is not None else messages
        for index in range(count):
            path = message_path(thread_id_of(number), f"M{number}-{index}")
            yield Set(path, message_data(number, index, count))


def account() -> Set:
    """Return the write of the account; it is logged out, so that its bridge does nothing."""
    data = Account(account_id=ACCOUNT, name="Bench", status="logged_out", phone_e164="+40700000000")
    return Set(account_path(ACCOUNT), to_data(data))


async def restore(root: Path, threads: Iterable[int]) -> None:
    """Make account and threads of a folder what they were when it was made."""
    async with open_store(DataFolder(root)) as store:
        old = [Set(thread_path(thread_id_of(each)), thread_data(each)) for each in threads]
        await store.commit([account(), *old])


async def fill(store: Store, writes: Iterator[Write]) -> int:
    """Commit writes in batches and return how many there were."""
    total, batch = 0, []
    for write in writes:
        batch.append(write)
        if len(batch) == _BATCH:
            await store.commit(batch)
            total, batch = total + len(batch), []
    if batch:
        await store.commit(batch)
    return total + len(batch)


async def index_words(store: Store, folder: DataFolder) -> int:
    """Bring the index of words into step with an embedded store; return the messages it took."""
    assert isinstance(store, EmbeddedStore)
    indexer = SearchIndexer(store, folder.search_file, folder.store_file.stat().st_ino)
    with closing(SearchIndex.open(folder.search_file)) as index:
        return await indexer.catch_up(index)


async def make_folder(
    root: Path, threads: int, messages: int, first_messages: int | None = None
) -> DataFolder:
    """Make a data folder whose embedded store holds the documents, unless it is there already."""
    folder = DataFolder(root)
    done = root / "complete"
    if not done.exists():
        folder.prepare()
        async with open_store(folder) as store:
            await fill(store, documents(threads, messages, first_messages))
            await index_words(store, folder)  # or a bridge would, beside what is measured
        done.touch()
    return folder


def _text(chooser: random.Random, words: int) -> str:
    return " ".join(chooser.choice(_WORDS) for _ in range(words))
