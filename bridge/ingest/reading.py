"""What a journal entry says, read in parts: here, or in a process that works ahead.

Walking a history's protobufs holds the interpreter's lock for seconds, so large entries go through
`bridge.ingest.reader_process`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from bridge.errors import TranslationError
from bridge.ingest.runs import MOST_LINES, Run, Tellable, gathered
from bridge.whatsapp.addresses import OwnJids
from bridge.whatsapp.facts import (
    ConversationNoted,
    HistoryProgress,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    NameLearned,
    ReactionSet,
    ReceiptSeen,
)
from bridge.whatsapp.translate import translate

LENGTH_BYTES = 4
"""Before each message between the two processes stands its length, the highest byte first."""
_KINDS: tuple[type[Any], ...] = (
    ConversationNoted,
    HistoryProgress,
    LidLinked,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    NameLearned,
    ReactionSet,
    ReceiptSeen,
    Run,
)
_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}


class Errand(msgspec.Struct, frozen=True):
    """A journal entry to read."""

    account_id: str
    code: int
    payload: bytes
    own: OwnJids
    received_at: datetime
    seq: int


class Part(msgspec.Struct, frozen=True):
    """Some of what an entry says, in order."""

    facts: list[Tellable]
    error: str = ""
    """Why the rest cannot be understood."""
    is_last: bool = False


class _Packet(msgspec.Struct, frozen=True, array_like=True):
    """A part on its way between processes: each fact with the number of its kind."""

    facts: list[tuple[int, msgspec.Raw]]
    error: str
    is_last: bool


_encode = msgspec.msgpack.Encoder().encode
_decode_packet = msgspec.msgpack.Decoder(_Packet).decode
_decode_fact = [msgspec.msgpack.Decoder(kind).decode for kind in _KINDS]
_decode_errand = msgspec.msgpack.Decoder(Errand).decode


def parts_of(errand: Errand) -> Iterator[Part]:
    """Read an entry, about as much at once as a batch takes; the last part says so."""
    facts: list[Tellable] = []
    size, error = 0, ""
    told = translate(
        errand.code,
        errand.payload,
        own=errand.own,
        received_at=errand.received_at,
        seq=errand.seq,
    )
    try:
        for fact in gathered(told, errand.account_id, errand.seq):
            facts.append(fact)
            size += len(fact) if isinstance(fact, Run) else 1
            if size >= MOST_LINES:
                yield Part(facts)
                facts, size = [], 0
    except TranslationError as problem:
        error = str(problem)
    yield Part(facts, error, is_last=True)


def encode_errand(errand: Errand) -> tuple[bytes, bytes]:
    """Return an errand in two frames, each with its length before it, without its payload.

    The payload follows the second length as it is: it may be tens of megabytes.
    """
    head = _framed(_encode(msgspec.structs.replace(errand, payload=b"")))
    return head, len(errand.payload).to_bytes(LENGTH_BYTES)


def decode_errand(head: bytes, payload: bytes) -> Errand:
    """Return what `encode_errand` framed, with its payload."""
    return msgspec.structs.replace(_decode_errand(head), payload=payload)


def encode_part(part: Part) -> bytes:
    """Return a part with its length before it."""
    facts = [(_NUMBERS[type(fact)], msgspec.Raw(_encode(fact))) for fact in part.facts]
    return _framed(_encode(_Packet(facts, part.error, part.is_last)))


def decode_part(body: bytes | bytearray) -> Part:
    """Return what `encode_part` framed. Raises msgspec.MsgspecError."""
    packet = _decode_packet(body)
    facts = [_decode_fact[number](raw) for number, raw in packet.facts]
    return Part(facts, packet.error, packet.is_last)


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(LENGTH_BYTES) + body
