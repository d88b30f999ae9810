"""What a simulated worker and the simulator say to each other: msgpack frames on a websocket."""

import msgspec

from bridge.whatsapp.protocol import FailureCode


class Up(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of what a worker says."""


class Hello(Up, frozen=True, kw_only=True, tag=True):
    """A device dials in; without a token it wants to be linked."""

    account: str
    token: str = ""


class Showing(Up, frozen=True, kw_only=True, tag=True):
    """This code is on the screen from now on; a phone can scan only this one."""

    call: int
    payload: str


class AskPairingCode(Up, frozen=True, kw_only=True, tag=True):
    """A code to type into the phone instead of a QR."""

    call: int
    phone: str


class SendText(Up, frozen=True, kw_only=True, tag=True):
    """Send a text; the answer's value is the message id."""

    call: int
    to_jid: str
    body: str
    quoted_id: str = ""
    quoted_sender: str = ""
    quoted_body: str = ""


class ReadUp(Up, frozen=True, kw_only=True, tag=True):
    """Tell a sender that messages were read."""

    call: int
    chat_jid: str
    message_ids: list[str]


class UnlinkMe(Up, frozen=True, kw_only=True, tag=True):
    """The device logs itself out."""

    call: int


class FetchMedia(Up, frozen=True, kw_only=True, tag=True):
    """Ask for a file by its direct path; the answer's data holds it."""

    call: int
    direct_path: str


class Ack(Up, frozen=True, kw_only=True, tag=True):
    """An event is durable at the worker."""

    seq: int


class Down(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of what the simulator says."""


class Manners(Down, frozen=True, kw_only=True, tag=True):
    """How patient the worker is; first thing on every connection."""

    send_timeout_seconds: float
    reconnect_seconds: float


class Codes(Down, frozen=True, kw_only=True, tag=True):
    """The codes of one pairing round and how long each is shown."""

    payloads: list[str]
    first_seconds: float
    next_seconds: float


class PasskeyAsked(Down, frozen=True, kw_only=True, tag=True):
    """The phone asks for a passkey, which no linked device of this kind can give."""


class Linked(Down, frozen=True, kw_only=True, tag=True):
    """A phone accepted this device."""

    token: str
    jid: str
    lid_jid: str
    push_name: str


class Deliver(Down, frozen=True, kw_only=True, tag=True):
    """One event; `seq` 0 needs no acknowledgement."""

    seq: int
    code: int
    payload: bytes


class Answer(Down, frozen=True, kw_only=True, tag=True):
    """The answer to a call."""

    call: int
    value: str = ""
    seconds: int = 0
    failure: FailureCode | None = None
    detail: str = ""
    data: bytes = b""


UpFrame = Hello | Showing | AskPairingCode | SendText | ReadUp | UnlinkMe | FetchMedia | Ack
DownFrame = Manners | Codes | PasskeyAsked | Linked | Deliver | Answer

encode = msgspec.msgpack.Encoder().encode
_up: msgspec.msgpack.Decoder[UpFrame] = msgspec.msgpack.Decoder(UpFrame)
_down: msgspec.msgpack.Decoder[DownFrame] = msgspec.msgpack.Decoder(DownFrame)


def decode_up(frame: bytes) -> UpFrame:
    """Read what a worker said. Raises msgspec.MsgspecError."""
    return _up.decode(frame)


def decode_down(frame: bytes) -> DownFrame:
    """Read what the simulator said. Raises msgspec.MsgspecError."""
    return _down.decode(frame)
