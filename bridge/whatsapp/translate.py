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
    HistorySyncEvent,
    JoinedGroupEvent,
    MessageEvent,
    ProtoClass,
    ReceiptEvent,
    UndecryptableEvent,
)

Reader = Callable[[Any, OwnJids, datetime], Iterator[Fact]]

_READERS: dict[int, tuple[ProtoClass, Reader]] = {
    EventCode.HISTORY_SYNC: (HistorySyncEvent, history_facts),
    EventCode.MESSAGE: (MessageEvent, live.message_facts),
    EventCode.RECEIPT: (ReceiptEvent, live.receipt_facts),
    EventCode.JOINED_GROUP: (JoinedGroupEvent, live.joined_group_facts),
    EventCode.GROUP_INFO: (GroupInfoEvent, live.group_facts),
    EventCode.CALL_OFFER: (CallOfferEvent, live.call_facts),
    EventCode.UNDECRYPTABLE_MESSAGE: (UndecryptableEvent, live.undecryptable_facts),
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
    known = _READERS.get(code)
    if known is None:
        return
    event_class, read = known
    try:
        event = event_class.FromString(payload)
        # A history's required fields are not gone through: that takes as long as reading it.
        if code != EventCode.HISTORY_SYNC and not event.IsInitialized():
            raise ValueError("required fields are missing")
        for fact in read(event, own, received_at):
            yield _in_turn(fact, seq)
    except (DecodeError, ValueError, TypeError, KeyError, OverflowError) as error:
        # What was read is not named: it may hold what a customer wrote.
        raise TranslationError(code, seq) from error


def _in_turn(fact: Fact, seq: int) -> Fact:
    """Return a live message a little later than its second, by its place in the journal.

    WhatsApp tells whole seconds; what is written within one would be shown in any order.
    """
    if not isinstance(fact, MessageSeen) or fact.is_history or fact.ts_client.microsecond:
        return fact
    later = timedelta(microseconds=seq % 1_000_000)
    return msgspec.structs.replace(fact, ts_client=fact.ts_client + later)
