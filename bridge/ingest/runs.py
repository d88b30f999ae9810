"""Runs: neighbouring messages of one conversation's history, made ready to be stored ahead.

A history is hundreds of thousands of messages that nobody has told before. Each run holds their
documents packed, and beside them the facts, for the case that some of them are known after all.
"""

from collections.abc import Iterable, Iterator

import msgspec

from bridge.errors import TranslationError
from bridge.ingest.messages import told
from bridge.whatsapp.facts import Chat, Fact, MessageSeen
from core.store.embedded.packed import Packed
from core.store.errors import InvalidRequest

MOST_LINES = 250
"""Messages of one run: what a batch takes without holding up others."""
STAMPS = ("createdAt",)
_NOT_REAL = ("reaction", "system")
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(MessageSeen).decode


class Line(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One message of a run."""

    message_id: str
    from_me: bool
    pairs: bytes
    """Its document packed, without what depends on the thread."""
    count: int
    fact: msgspec.Raw
    """The MessageSeen as it was told."""

    def document(self, thread_fields: Packed) -> Packed:
        """Return the document, given the fields that depend on the thread."""
        count = self.count + thread_fields.count
        return Packed(self.pairs + thread_fields.pairs, count, STAMPS)

    def told(self) -> MessageSeen:
        """Return the fact."""
        return _decode(self.fact)


class Run(msgspec.Struct, frozen=True):
    """Several messages of one chat, each with an id of its own."""

    chat: Chat
    lines: tuple[Line, ...]
    telling: tuple[int, ...]
    """Places of the lines that a thread follows when all are new: the customer's latest, our
    latest, and the latest of those that are shown in a list of threads."""

    is_history = True

    def ids(self) -> list[str]:
        """Return the ids of all messages."""
        return [line.message_id for line in self.lines]

    def facts(self) -> Iterator[MessageSeen]:
        """Yield what the run was made of."""
        return (line.told() for line in self.lines)


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
                or line.chat != run[0].chat
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
    try:
        lines = tuple(_line(fact, account_id, seq) for fact in run)
    except (InvalidRequest, UnicodeEncodeError):
        yield from run  # Whoever stores them finds out which one it is, and sets it aside.
        return
    yield Run(run[0].chat, lines, _telling(run))


def _line(fact: MessageSeen, account_id: str, seq: int) -> Line:
    doc = told(fact, account_id)
    if "media" in doc and seq:
        doc["journalSeq"] = seq
    packed = Packed.of(doc)
    raw = msgspec.Raw(_encode(fact))
    return Line(fact.message_id, fact.from_me, packed.pairs, packed.count, raw)


def _telling(run: list[MessageSeen]) -> tuple[int, ...]:
    latest: dict[str, int] = {}
    for place, fact in enumerate(run):
        kinds = ["ours" if fact.from_me else "theirs"]
        if fact.type not in _NOT_REAL:
            kinds.append("real")
        for kind in kinds:
            if kind not in latest or _rank(fact) > _rank(run[latest[kind]]):
                latest[kind] = place
    return tuple(sorted(set(latest.values())))


def _rank(fact: MessageSeen) -> tuple[object, str]:
    return fact.ts_client, fact.message_id
