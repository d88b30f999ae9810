"""Runs: neighbouring messages of one conversation's history, made ready to be stored ahead.

A history is hundreds of thousands of messages that nobody has told before. Each run holds their
documents packed, and beside them the facts, for the case that some of them are known after all.
"""

from collections.abc import Iterable, Iterator
from itertools import compress
from operator import attrgetter

import msgspec

from bridge.account_document import plain
from bridge.errors import TranslationError
from bridge.ingest.messages import Telling, retold, telling
from bridge.whatsapp.facts import Chat, Fact, MessageSeen
from core.model.documents import MessageStatus
from core.model.ids import MESSAGES
from core.store.embedded.codec import encode
from core.store.embedded.packed import (
    Packed,
    PackedCreates,
    checked,
    ready_keys,
    with_room,
    without_room,
)
from core.store.embedded.pieces import Pieces
from core.store.errors import InvalidRequest

MOST_LINES = 400
"""Messages of one run: what a batch takes without holding up others."""
_STAMPS = ("createdAt",)
_ROOM = 1 + len(_STAMPS)
"""For the customer's address and these."""
_NOT_REAL = ("reaction", "system")
_KINDS = 3
"""Of messages that a thread follows."""
_rank = attrgetter("ts_client", "message_id")
_decode = msgspec.msgpack.Decoder(Telling).decode


class Run(msgspec.Struct, frozen=True):
    """Several messages of one chat, each with an id of its own, column by column."""

    chat: Chat
    ids: list[str]
    from_me: list[bool]
    documents: Pieces
    """Without what depends on the thread, for which they have room."""
    keys: list[Pieces]
    """Their keys in the indexes of messages: see `PackedCreates`."""
    telling: list[MessageSeen]
    """Those that a thread follows when all are new: the customer's latest, our latest, and the
    latest of those that are shown in a list of threads."""
    statuses: list[MessageStatus | None]
    """What was told of each that is ours."""

    is_history = True

    def __len__(self) -> int:
        return len(self.ids)

    def own_ids(self) -> list[str]:
        """Return the ids of the messages that are ours."""
        return list(compress(self.ids, self.from_me))

    def creates(self, collection: str, thread_fields: Packed) -> PackedCreates:
        """Return their documents as new ones, given the fields that depend on the thread."""
        return PackedCreates(
            collection, self.ids, self.documents, self.keys, shared=thread_fields, stamps=_STAMPS
        )

    def facts(self) -> list[MessageSeen]:
        """Return what the run was made of."""
        return [
            retold(_decode(without_room(blob, _ROOM)), self.chat, status)
            for (_id, blob), status in zip(self.documents.each(), self.statuses, strict=True)
        ]


Tellable = Fact | Run


def gathered(facts: Iterable[Fact], account_id: str, seq: int) -> Iterator[Tellable]:
    """Put neighbouring messages of history together; everything else stays as it is.

    Raises TranslationError when `facts` does, after all that came before it.
    """
    run: list[MessageSeen] = []
    ids: set[str] = set()
    try:
        for fact in facts:
            line = fact if isinstance(fact, MessageSeen) and fact.is_history else None
            if run and (
                line is None
                or len(run) >= MOST_LINES
                or (line.chat is not run[0].chat and line.chat != run[0].chat)
                or line.message_id in ids
            ):
                yield from _run_of(run, account_id, seq)
                run, ids = [], set()
            if line is None:
                yield fact
            else:
                run.append(line)
                ids.add(line.message_id)
    except TranslationError:
        yield from run
        raise
    if run:
        yield from _run_of(run, account_id, seq)


def _run_of(run: list[MessageSeen], account_id: str, seq: int) -> Iterator[Tellable]:
    ids = [fact.message_id for fact in run]
    try:
        packed = [with_room(_packed(telling(fact, account_id, seq)), _ROOM) for fact in run]
        documents = Pieces.of(ids, packed)
        keys = ready_keys(MESSAGES, ids, [{"tsClient": fact.ts_client} for fact in run])
    except (InvalidRequest, UnicodeEncodeError):
        yield from run  # Whoever stores them finds out which one it is, and sets it aside.
        return
    yield Run(
        chat=run[0].chat,
        ids=ids,
        from_me=[fact.from_me for fact in run],
        documents=documents,
        keys=keys,
        telling=_leading(run),
        statuses=[fact.status for fact in run],
    )


def _packed(said: Telling) -> bytes:
    """Return a document's bytes; what is told of media has numbers, which may be absurd."""
    return encode("", said) if said.media is None else checked(plain(said))


def _leading(run: list[MessageSeen]) -> list[MessageSeen]:
    latest: dict[str, MessageSeen] = {}
    for fact in sorted(run, key=_rank, reverse=True):
        latest.setdefault("ours" if fact.from_me else "theirs", fact)
        if fact.type not in _NOT_REAL:
            latest.setdefault("real", fact)
        if len(latest) == _KINDS:
            break
    return list({fact.message_id: fact for fact in latest.values()}.values())
