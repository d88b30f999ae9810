"""What neonize's texts and events mean: errors of a send, the connection, a pairing round."""

from typing import Any

import pytest

from bridge.whatsapp.neonize_outgoing import (
    call_failure,
    outgoing_message,
    proto_jid,
    send_failure,
)
from bridge.whatsapp.neonize_reports import connection_report, login_failure
from bridge.whatsapp.proto import E2EMessage, EventCode, neonize_pb2
from bridge.whatsapp.protocol import Connection, Send
from tests.support.neonize_events import CUSTOMER, NOW_SECONDS


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("timed out waiting for message send response", "outcome_unknown"),
        ("info query timed out", "outcome_unknown"),
        ("websocket disconnected before message send returned response", "outcome_unknown"),
        ("failed to retry frame: websocket not connected", "outcome_unknown"),
        ("context deadline exceeded", "outcome_unknown"),
        ("something never heard of", "outcome_unknown"),
        ("", "outcome_unknown"),
        ("websocket not connected", "not_connected"),
        ("failed to send message node: websocket not connected", "not_connected"),
        ("client is nil", "not_connected"),
        ("the store doesn't contain a device JID", "not_connected"),
        ("no LID found for 40722222222@s.whatsapp.net from server", "not_on_whatsapp"),
        ("server returned error 463", "reach_out_limited"),
        ("server returned error 479", "refused"),
        ("server returned error 4630", "refused"),
        ("can't encrypt message for device: no signal session", "refused"),
    ],
)
def test_the_error_of_a_send(text: str, failure: str) -> None:
    assert send_failure(text) == failure


def test_the_error_of_any_other_call_never_has_an_unknown_outcome() -> None:
    assert call_failure("info query timed out") == "refused"
    assert call_failure("websocket not connected") == "not_connected"


def test_a_jid_is_complete_for_the_library() -> None:
    assert proto_jid("40722222222:5@s.whatsapp.net").IsInitialized()
    assert proto_jid("40722222222:5@s.whatsapp.net").User == "40722222222"
    for wrong in ("", "40722222222", "@s.whatsapp.net"):
        with pytest.raises(ValueError, match="JID"):
            proto_jid(wrong)


def test_a_reply_to_ones_own_chat_names_the_chat_when_the_sender_is_unknown() -> None:
    sent = outgoing_message(
        Send(command_id=1, to_jid=CUSTOMER, body="Da", quoted_message_id="Q1", quoted_body="?")
    )
    assert sent.extendedTextMessage.contextInfo.participant == CUSTOMER
    plain = outgoing_message(Send(command_id=1, to_jid=CUSTOMER, body="@1 Da"))
    assert plain == E2EMessage(conversation="@1 Da")


REASON = neonize_pb2.ConnectFailureReason


def refused(reason: int, number: str = "", text: str = "") -> Any:
    node = neonize_pb2.Node(Tag="failure")
    if number:
        node.Attrs.add(name="reason", text=number)
    return neonize_pb2.ConnectFailure(Reason=reason, Message=text, Raw=node)


@pytest.mark.parametrize(
    ("code", "event", "report"),
    [
        (EventCode.CONNECTED, neonize_pb2.Connected(status=True), Connection(kind="connected")),
        (
            EventCode.DISCONNECTED,
            neonize_pb2.Disconnected(status=True),
            Connection(kind="disconnected"),
        ),
        (
            EventCode.KEEPALIVE_TIMEOUT,
            neonize_pb2.KeepAliveTimeout(ErrorCount=2, LastSuccess=NOW_SECONDS),
            Connection(kind="keepalive_timeout", detail="2 without answer"),
        ),
        (
            EventCode.KEEPALIVE_RESTORED,
            neonize_pb2.KeepAliveRestored(),
            Connection(kind="keepalive_restored"),
        ),
        (
            EventCode.LOGGED_OUT,
            neonize_pb2.LoggedOut(OnConnect=True, Reason=REASON.MAIN_DEVICE_GONE),
            Connection(kind="logged_out", detail="main device gone"),
        ),
        (
            EventCode.STREAM_REPLACED,
            neonize_pb2.StreamReplaced(),
            Connection(kind="stream_replaced"),
        ),
        (
            EventCode.CLIENT_OUTDATED,
            neonize_pb2.ClientOutdated(),
            Connection(kind="client_outdated"),
        ),
        (
            EventCode.TEMPORARY_BAN,
            neonize_pb2.TemporaryBan(Code=2, Expire=3600),
            Connection(kind="temporary_ban", detail="blocked by users", retry_after_seconds=3600.0),
        ),
        (
            EventCode.TEMPORARY_BAN,
            neonize_pb2.TemporaryBan(Code=1, Expire=0),
            Connection(kind="temporary_ban", detail="send to too many people"),
        ),
        (
            EventCode.CONNECT_FAILURE,
            refused(REASON.SERVICE_UNAVAILABLE, "503"),
            Connection(kind="throttled", detail="503 service unavailable"),
        ),
        (
            EventCode.CONNECT_FAILURE,
            refused(REASON.GENERIC, "428"),
            Connection(kind="throttled", detail="428 generic"),
        ),
        (
            EventCode.CONNECT_FAILURE,
            refused(REASON.CLIENT_OUTDATED),
            Connection(kind="client_outdated", detail="client outdated"),
        ),
        (
            EventCode.CONNECT_FAILURE,
            refused(REASON.GENERIC, "400", "bad request"),
            Connection(kind="connect_failure", detail="400 bad request"),
        ),
        (
            EventCode.CONNECT_FAILURE,
            refused(REASON.LOGGED_OUT),
            Connection(kind="logged_out", detail="logged out"),
        ),
        (
            EventCode.STREAM_ERROR,
            neonize_pb2.StreamError(Code="429", Raw=neonize_pb2.Node(Tag="x")),
            Connection(kind="throttled", detail="stream error 429"),
        ),
        (
            EventCode.STREAM_ERROR,
            neonize_pb2.StreamError(Code="xml", Raw=neonize_pb2.Node(Tag="x")),
            None,
        ),
    ],
)
def test_events_of_the_connection(code: int, event: Any, report: Connection | None) -> None:
    assert event.IsInitialized()
    assert connection_report(code, event) == report


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        ("success", None),
        ("code", None),
        ("timeout", "qr_timeout"),
        ("err-client-outdated", "client_outdated"),
        ("err-scanned-without-multidevice", "no_multidevice"),
        ("passkey-request", "passkey_required"),
        ("passkey-confirmation", "passkey_required"),
        ("err-unexpected-state", "error"),
        ("error", "error"),
    ],
)
def test_the_end_of_a_pairing_round(status: str, failure: str | None) -> None:
    assert login_failure(status) == failure
