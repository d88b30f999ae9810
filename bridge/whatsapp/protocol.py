"""The account worker's protocol: small typed frames over one inherited socket.

A frame is a 4-byte big-endian length and a msgpack-encoded value of one of the types below. The
daemon sends commands, the worker sends reports; each command with an id gets exactly one `Reply`.
Events of WhatsApp do not travel here: the worker appends them to the account's journal and only
says that it did (`JournalAdvanced`). End of stream on either side means the other one is gone.
"""

import struct
from typing import Literal

import msgspec

PROTOCOL_VERSION = 2
LONGEST_FRAME = 16 * 1024 * 1024
"""Bytes; a longer one means that the stream is broken."""

_LENGTH = struct.Struct(">I")

FailureCode = Literal[
    "not_connected",  # nothing was sent; trying later is safe
    "not_on_whatsapp",  # the number has no WhatsApp
    "reach_out_limited",  # error 463: messages to new contacts are limited; a person must decide
    "refused",  # WhatsApp or the library refused; nothing was sent
    "outcome_unknown",  # it may or may not have been sent
    "unsupported",  # this worker cannot do that
]

ConnectionKind = Literal[
    "connected",
    "disconnected",  # the library reconnects by itself
    "keepalive_timeout",
    "keepalive_restored",
    "logged_out",
    "stream_replaced",
    "temporary_ban",
    "client_outdated",
    "connect_failure",
    "throttled",
]

LoginFailure = Literal[
    "qr_timeout", "client_outdated", "passkey_required", "no_multidevice", "error"
]


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of everything on the wire; the tag is the class name."""


# -- commands: daemon to worker -------------------------------------------------------------------


class Connect(Frame, frozen=True, kw_only=True, tag=True):
    """Log in with the stored session, or begin a QR round when there is none."""


class LeaseUntil(Frame, frozen=True, kw_only=True, tag=True):
    """How long this worker may work unless it is told anew; without one it may for ever.

    Both are ticks of `core.clock.boot_seconds`, which all processes of a machine share. A worker
    ends by itself in time even when the daemon stands still.
    """

    stop_at: float
    """When it begins to end in order, and sends nothing more."""
    gone_at: float
    """When the process is gone, whatever it is doing."""


class PairPhone(Frame, frozen=True, kw_only=True, tag=True):
    """Ask for a pairing code; answered with the code as `Reply.value`."""

    command_id: int
    phone: str
    """International, digits only."""


class Send(Frame, frozen=True, kw_only=True, tag=True):
    """Send a text; answered with the WhatsApp message id as `Reply.value`."""

    command_id: int
    to_jid: str
    body: str
    quoted_message_id: str = ""
    quoted_sender_jid: str = ""
    quoted_body: str = ""


class MarkRead(Frame, frozen=True, kw_only=True, tag=True):
    """Tell the sender that messages were read."""

    command_id: int
    chat_jid: str
    sender_jid: str
    message_ids: list[str]


class LogOut(Frame, frozen=True, kw_only=True, tag=True):
    """Unlink this device from the phone and forget the session."""

    command_id: int


class DownloadMedia(Frame, frozen=True, kw_only=True, tag=True):
    """Fetch the media of a journalled message into a file."""

    command_id: int
    journal_seq: int
    target: str
    message_id: str = ""
    """Which one of a history chunk's messages; not needed for a live one."""


class Stop(Frame, frozen=True, kw_only=True, tag=True):
    """Disconnect, let what is on its way into the journal arrive, and end."""


# -- reports: worker to daemon --------------------------------------------------------------------


class Ready(Frame, frozen=True, kw_only=True, tag=True):
    """The worker is up and waits for commands."""

    protocol: int
    has_session: bool


class QrCode(Frame, frozen=True, kw_only=True, tag=True):
    """A QR payload to show until it expires or the next one comes."""

    payload: str
    seconds_valid: float


class LoginFailed(Frame, frozen=True, kw_only=True, tag=True):
    """The pairing round is over without success; the worker must be replaced."""

    reason: LoginFailure
    detail: str = ""


class Paired(Frame, frozen=True, kw_only=True, tag=True):
    """The phone accepted this device."""

    jid: str
    """With the phone number; without a device part."""
    lid_jid: str = ""
    device_jid: str = ""
    """Like `jid`, with the number of the device that was linked."""
    push_name: str = ""


class Connection(Frame, frozen=True, kw_only=True, tag=True):
    """The connection to WhatsApp changed."""

    kind: ConnectionKind
    detail: str = ""
    retry_after_seconds: float | None = None
    """How long a ban or throttle lasts, when WhatsApp tells."""


class JournalAdvanced(Frame, frozen=True, kw_only=True, tag=True):
    """Events up to `seq` are durable in the journal."""

    seq: int


class Heard(Frame, frozen=True, kw_only=True, tag=True):
    """Something came from WhatsApp lately; at most one a second."""


class Reply(Frame, frozen=True, kw_only=True, tag=True):
    """The answer to a command."""

    command_id: int
    value: str = ""
    timestamp_seconds: int = 0
    """For a send: WhatsApp's own time of the message, seconds since the epoch."""
    failure: FailureCode | None = None
    detail: str = ""


class Gone(Frame, frozen=True, kw_only=True, tag=True):
    """The worker is about to end; the library's connection is over."""

    detail: str = ""


Command = Connect | LeaseUntil | PairPhone | Send | MarkRead | LogOut | DownloadMedia | Stop
Report = Ready | QrCode | LoginFailed | Paired | Connection | JournalAdvanced | Heard | Reply | Gone

_encoder = msgspec.msgpack.Encoder()
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_reports: msgspec.msgpack.Decoder[Report] = msgspec.msgpack.Decoder(Report)


def encode_frame(frame: Frame) -> bytes:
    """Return a frame as bytes for the wire, length first."""
    body = _encoder.encode(frame)
    return _LENGTH.pack(len(body)) + body


def frame_length(header: bytes) -> int:
    """Return the body length that a 4-byte header announces. Raises ValueError when too long."""
    (length,) = _LENGTH.unpack(header)
    if length > LONGEST_FRAME:
        raise ValueError(f"frame of {length} bytes is longer than {LONGEST_FRAME}")
    return int(length)


def decode_command(body: bytes) -> Command:
    """Read a command's body. Raises msgspec.DecodeError or ValidationError."""
    return _commands.decode(body)


def decode_report(body: bytes) -> Report:
    """Read a report's body. Raises msgspec.DecodeError or ValidationError."""
    return _reports.decode(body)
