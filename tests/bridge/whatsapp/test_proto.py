"""The protobuf classes come without neonize, and do not stand in its way."""

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.whatsapp.proto import Conversation, EventCode, excerpt

REPOSITORY = Path(__file__).parents[3]
WITHOUT_LIBRARY = "import os; os.environ['SPHINX'] = '1'\n"


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        capture_output=True,
        check=False,
        cwd=REPOSITORY,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_neonize_is_not_imported() -> None:
    found = run(
        "import sys; path = list(sys.path); import bridge.whatsapp.translate\n"
        "print([m for m in ('neonize', 'neonize.client', 'magic', 'PIL') if m in sys.modules],"
        " sys.path == path)"
    )
    assert found == "[] True"


@pytest.mark.parametrize("first", ["bridge.whatsapp.proto", "neonize.client"])
def test_the_real_neonize_shares_the_classes(first: str) -> None:
    found = run(
        WITHOUT_LIBRARY + f"import {first}\n"
        "import neonize.client, neonize.events\n"
        "from bridge.whatsapp import proto\n"
        "from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message\n"
        "print(neonize.events.MessageEv is proto.MessageEvent, Message is proto.E2EMessage,"
        " neonize.proto.Neonize_pb2.JID is proto.ProtoJid)"
    )
    assert found == "True True True"


def test_our_event_codes_are_neonizes() -> None:
    found = run(
        WITHOUT_LIBRARY + "from neonize.events import INT_TO_EVENT\n"
        "from bridge.whatsapp.proto import EventCode\n"
        "print([INT_TO_EVENT[int(code)].__name__ for code in EventCode])"
    )
    expected = {
        EventCode.DEVICE: "Device",
        EventCode.PAIR_STATUS: "PairStatus",
        EventCode.CONNECTED: "Connected",
        EventCode.KEEPALIVE_TIMEOUT: "KeepAliveTimeout",
        EventCode.KEEPALIVE_RESTORED: "KeepAliveRestored",
        EventCode.LOGGED_OUT: "LoggedOut",
        EventCode.STREAM_REPLACED: "StreamReplaced",
        EventCode.TEMPORARY_BAN: "TemporaryBan",
        EventCode.CONNECT_FAILURE: "ConnectFailure",
        EventCode.CLIENT_OUTDATED: "ClientOutdated",
        EventCode.STREAM_ERROR: "StreamError",
        EventCode.DISCONNECTED: "Disconnected",
        EventCode.HISTORY_SYNC: "HistorySync",
        EventCode.MESSAGE: "Message",
        EventCode.RECEIPT: "Receipt",
        EventCode.JOINED_GROUP: "JoinedGroup",
        EventCode.GROUP_INFO: "GroupInfoEvent",
        EventCode.OFFLINE_SYNC_COMPLETED: "OfflineSyncCompleted",
        EventCode.CALL_OFFER: "CallOffer",
        EventCode.UNDECRYPTABLE_MESSAGE: "UndecryptableMessage",
    }
    assert found == str([expected[code] for code in EventCode])


def test_an_excerpt_reads_some_fields_of_a_message() -> None:
    whole = Conversation(ID="4070@s.whatsapp.net", lastMsgTimestamp=1_767_000_000, unreadCount=3)
    whole.messages.add().message.key.ID = "A"
    part = excerpt(Conversation, "lastMsgTimestamp", "conversationTimestamp")
    found = part.FromString(whole.SerializePartialToString())
    assert (found.lastMsgTimestamp, found.conversationTimestamp) == (1_767_000_000, 0)
    assert [field.name for field in part.DESCRIPTOR.fields] == [
        "lastMsgTimestamp",
        "conversationTimestamp",
    ]
