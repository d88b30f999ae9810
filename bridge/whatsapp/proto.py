"""neonize's generated protobuf classes, without neonize.

Importing neonize itself starts its Go library, needs libmagic, sets up logging, and costs half a
second and 60 MB; its generated modules alone cost a sixth of that. They are found through a
stand-in package that is taken away again at once, so that a process which imports the real neonize
before or after is not disturbed. The generated code is untyped; it stops at the translator.
"""

import importlib.util
import sys
import threading
from enum import IntEnum
from types import ModuleType
from typing import Any, Protocol

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_PACKAGE = "neonize"
_loading = threading.Lock()


class EventCode(IntEnum):
    """neonize's numbers of the events that this program knows (`neonize.events.EVENT_TO_INT`)."""

    DEVICE = 0
    PAIR_STATUS = 2
    CONNECTED = 3
    KEEPALIVE_TIMEOUT = 4
    KEEPALIVE_RESTORED = 5
    LOGGED_OUT = 6
    STREAM_REPLACED = 7
    TEMPORARY_BAN = 8
    CONNECT_FAILURE = 9
    CLIENT_OUTDATED = 10
    STREAM_ERROR = 11
    DISCONNECTED = 12
    HISTORY_SYNC = 13
    MESSAGE = 17
    RECEIPT = 18
    JOINED_GROUP = 21
    GROUP_INFO = 22
    OFFLINE_SYNC_COMPLETED = 27
    CALL_OFFER = 36
    UNDECRYPTABLE_MESSAGE = 44


class ProtoClass(Protocol):
    """What is used of a generated class: make one, or read one from bytes."""

    def __call__(self, **fields: Any) -> Any:
        """Make a message with these fields."""

    DESCRIPTOR: Any

    def FromString(self, data: bytes) -> Any:  # noqa: N802 - protobuf's name
        """Read a message; raises google.protobuf.message.DecodeError."""


def _load() -> tuple[ModuleType, ModuleType, ModuleType, ModuleType, ModuleType]:
    """Import the generated modules, through a stand-in package unless the real one is there."""
    with _loading:
        standing_in = _PACKAGE not in sys.modules
        search_path = list(sys.path)
        if standing_in:
            spec = importlib.util.find_spec(_PACKAGE)
            if spec is None or spec.submodule_search_locations is None:
                raise ModuleNotFoundError("neonize is not installed", name=_PACKAGE)
            stand_in = ModuleType(_PACKAGE)
            stand_in.__path__ = list(spec.submodule_search_locations)
            sys.modules[_PACKAGE] = stand_in
        try:
            # Its package puts its own folder first in sys.path; the modules inside need that.
            neonize = importlib.import_module("neonize.proto.Neonize_pb2")
            found = tuple(
                importlib.import_module(name)
                for name in (
                    "waE2E.WAWebProtobufsE2E_pb2",
                    "waWeb.WAWebProtobufsWeb_pb2",
                    "waHistorySync.WAWebProtobufsHistorySync_pb2",
                    "waCommon.WACommon_pb2",
                )
            )
        finally:
            if standing_in:
                # The real package then makes modules of its own, which share the classes.
                for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
                    del sys.modules[name]
                sys.path[:] = search_path
    e2e, web, history, common = found
    return neonize, e2e, web, history, common


neonize_pb2, e2e_pb2, web_pb2, history_pb2, common_pb2 = _load()

# neonize's own events: what the journal holds.
MessageEvent: ProtoClass = neonize_pb2.Message
ReceiptEvent: ProtoClass = neonize_pb2.Receipt
HistorySyncEvent: ProtoClass = neonize_pb2.HistorySync
UndecryptableEvent: ProtoClass = neonize_pb2.UndecryptableMessage
GroupInfoEvent: ProtoClass = neonize_pb2.GroupInfoEvent
JoinedGroupEvent: ProtoClass = neonize_pb2.JoinedGroup
CallOfferEvent: ProtoClass = neonize_pb2.CallOffer
ProtoJid: ProtoClass = neonize_pb2.JID

# WhatsApp's own messages inside of them.
E2EMessage: ProtoClass = e2e_pb2.Message
WebMessageInfo: ProtoClass = web_pb2.WebMessageInfo
Conversation: ProtoClass = history_pb2.Conversation
HistorySync: ProtoClass = history_pb2.HistorySync


def field_number(message: ProtoClass, name: str) -> int:
    """Return the number of a field."""
    number: int = message.DESCRIPTOR.fields_by_name[name].number
    return number


def excerpt(message: ProtoClass, *names: str) -> ProtoClass:
    """Return a class that reads only some simple fields of a message, and skips the others."""
    whole = descriptor_pb2.DescriptorProto()
    message.DESCRIPTOR.CopyToProto(whole)
    file = descriptor_pb2.FileDescriptorProto(name=f"{whole.name}_excerpt.proto")
    part = file.message_type.add(name=whole.name)
    part.field.extend(field for field in whole.field if field.name in names)
    pool = DescriptorPool()
    pool.Add(file)
    found: Any = GetMessageClass(pool.FindMessageTypeByName(whole.name))
    read: ProtoClass = found
    return read
