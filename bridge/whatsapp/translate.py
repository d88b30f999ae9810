"""The translator: an event of neonize, as the journal holds it, becomes facts. Pure, no IO."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from google.protobuf.message import DecodeError

from bridge.errors import TranslationError
from bridge.whatsapp import live
from bridge.whatsapp.addresses import NOBODY, OwnJids
from bridge.whatsapp.facts import Fact, MessageSeen
from bridge.whatsapp.history import history_facts
from bridge.whatsapp.proto import (
    CallOfferEvent,
    EventCode,
    GroupInfoEvent,
    JoinedGroupEvent,
    MessageEvent,
    ProtoClass,
    ReceiptEvent,
    UndecryptableEvent,
)

Reader = Callable[[bytes, OwnJids, datetime], Iterator[Fact]]


def _live(
    event_class: ProtoClass, read: Callable[[Any, OwnJids, datetime], Iterator[Fact]]
) -> Reader:
    """Return what reads a live event, which is parsed whole."""

    def facts(payload: bytes, own: OwnJids, received_at: datetime) -> Iterator[Fact]:
        event = event_class.FromString(payload)
        if not event.IsInitialized():
            raise ValueError("required fields are missing")
        return read(event, own, received_at)

    return facts


_READERS: dict[int, Reader] = {
    EventCode.HISTORY_SYNC: history_facts,
    EventCode.MESSAGE: _live(MessageEvent, live.message_facts),
    EventCode.RECEIPT: _live(ReceiptEvent, live.receipt_facts),
    EventCode.JOINED_GROUP: _live(JoinedGroupEvent, live.joined_group_facts),
    EventCode.GROUP_INFO: _live(GroupInfoEvent, live.group_facts),
    EventCode.CALL_OFFER: _live(CallOfferEvent, live.call_facts),
    EventCode.UNDECRYPTABLE_MESSAGE: _live(UndecryptableEvent, live.undecryptable_facts),
}

JOURNALLED = frozenset(_READERS)
"""The codes of the events that belong in the journal; the worker writes these and no others."""


def translate(
    code: int, payload: bytes, *, own: OwnJids = NOBODY, received_at: datetime, seq: int = 0
) -> Iterator[Fact]:
    """Read one event; facts come one at a time, so that a history of any size fits.

    `received_at` stands in for a time that the event does not tell; `seq` is the entry's place in
    the journal. An event of a kind that says nothing here gives no facts. Raises TranslationError,
    possibly after some facts, for a payload that cannot be understood.
    """
    read = _READERS.get(code)
    if read is None:
        return
    try:
        facts = read(payload, own, received_at)
        if code == EventCode.HISTORY_SYNC:
            yield from facts
            return
        for fact in facts:
            yield _in_turn(fact, seq)
    except (DecodeError, ValueError, TypeError, KeyError, OverflowError) as error:
        # What was read is not named: it may hold what a customer wrote.
        raise TranslationError(code, seq) from error


def _in_turn(fact: Fact, seq: int) -> Fact:
    """Return a live message a little later than its second, by its place in the journal.

    WhatsApp tells whole seconds; what is written within one would be shown in any order.
    """
    if not isinstance(fact, MessageSeen) or fact.ts_client.microsecond:
        return fact
    later = timedelta(microseconds=seq % 1_000_000)
    return msgspec.structs.replace(fact, ts_client=fact.ts_client + later)
