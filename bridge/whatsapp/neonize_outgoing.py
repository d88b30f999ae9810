"""What is handed to neonize for a send, and what its error texts mean. Pure; tested without it."""

import re
from typing import Any

from bridge.whatsapp.proto import E2EMessage, ProtoJid
from bridge.whatsapp.protocol import FailureCode, Send
from core.model.ids import Jid

_SERVER_ERROR = re.compile(r"server returned error (\d+)")
_REACH_OUT_LIMITED = "463"

_FAILURES: tuple[tuple[str, FailureCode], ...] = (
    # Before the frame went out.
    ("websocket not connected", "not_connected"),
    ("client is nil", "not_connected"),
    ("doesn't contain a device jid", "not_connected"),
    ("not logged in", "not_connected"),
    ("no lid found", "not_on_whatsapp"),
    ("can't encrypt", "refused"),
    ("failed to encrypt", "refused"),
    ("can't send", "refused"),
    ("unknown server", "refused"),
    ("recipient jid", "refused"),
    ("failed to get group", "refused"),
)
"""Parts of whatsmeow's error texts, which are all that neonize passes on."""

_AFTER_THE_FRAME = ("timed out", "disconnected before", "retry", "context")
"""Texts of a send whose frame may have gone out already, whatever else they say."""


def proto_jid(text: str, *, device: int = 0) -> Any:
    """Return a neonize JID with every field that it requires. Raises ValueError for no JID."""
    jid = Jid.parse(text)
    if not jid.user:
        raise ValueError("a JID without a user")
    return ProtoJid(
        User=jid.user, RawAgent=0, Device=device, Integrator=0, Server=jid.server, IsEmpty=False
    )


def device_jid(text: str) -> Any:
    """Return `user:device@server` as a neonize JID. Raises ValueError for anything else."""
    user, _at, _server = text.partition("@")
    return proto_jid(text, device=int(user.partition(":")[2]))


def outgoing_message(command: Send) -> Any:
    """Return the message of a send.

    A plain text goes out as it is; neonize's own way with strings would turn `@` and digits into
    mentions and look up groups.
    """
    if not command.quoted_message_id:
        return E2EMessage(conversation=command.body)
    message = E2EMessage()
    message.extendedTextMessage.text = command.body
    context = message.extendedTextMessage.contextInfo
    context.stanzaID = command.quoted_message_id
    context.participant = command.quoted_sender_jid or command.to_jid
    context.quotedMessage.conversation = command.quoted_body
    return message


def send_failure(text: str) -> FailureCode:
    """Return what the text of a failed send means.

    What is not known to have failed before the frame went out has an unknown outcome: a message
    too few is asked about, a message too many cannot be taken back.
    """
    lowered = text.lower()
    if server := _SERVER_ERROR.search(lowered):
        return "reach_out_limited" if server.group(1) == _REACH_OUT_LIMITED else "refused"
    if any(part in lowered for part in _AFTER_THE_FRAME):
        return "outcome_unknown"
    return next((code for part, code in _FAILURES if part in lowered), "outcome_unknown")


def call_failure(text: str) -> FailureCode:
    """Return what the text of any other failed call means: those can be repeated safely."""
    code = send_failure(text)
    return code if code == "not_connected" else "refused"
