"""What a message holds, from the simulator's plain description to WhatsApp's own protobuf."""

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

from bridge.errors import SimulatorError
from bridge.whatsapp import proto

Content = Mapping[str, Any]
"""`kind` and what that kind needs; see docs/simulator.md. JSON all the way down."""

_WRAPPERS = {
    "ephemeral": "ephemeralMessage",
    "view_once": "viewOnceMessageV2",
    "document_with_caption": "documentWithCaptionMessage",
}
_MEDIA_FIELDS = {
    "image": "imageMessage",
    "video": "videoMessage",
    "gif": "videoMessage",
    "video_note": "ptvMessage",
    "audio": "audioMessage",
    "voice": "audioMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
}
_CAPTIONED = ("image", "video", "gif", "document")
_MIME_TYPES = {
    "image": "image/png",
    "video": "video/mp4",
    "gif": "video/mp4",
    "video_note": "video/mp4",
    "audio": "audio/mpeg",
    "voice": "audio/ogg; codecs=opus",
    "document": "application/pdf",
    "sticker": "image/webp",
}
_MEDIA_TYPES = {"voice": "ptt", "video_note": "ptv", "location": "location", "contact": "vcard"}
KINDS = frozenset(
    {"text", "location", "live_location", "contact", "contacts", "poll", "event", "group_invite"}
    | {"button_answer", "list_answer", "unknown", *_MEDIA_FIELDS}
)


def check_content(content: Content) -> None:
    """Raise SimulatorError when a description is of no known kind or wrap."""
    kind = content.get("kind")
    if kind not in KINDS:
        raise SimulatorError(f"No such kind of message: {kind!r}.", hint=", ".join(sorted(KINDS)))
    wrap = content.get("wrap", "")
    if wrap and wrap not in _WRAPPERS:
        raise SimulatorError(f"No such wrap: {wrap!r}.", hint=", ".join(sorted(_WRAPPERS)))


def edited(content: Content, text: str) -> Content:
    """Return a message with its text or caption written anew. Raises SimulatorError without one."""
    kind = content["kind"]
    if kind not in ("text", *_CAPTIONED):
        raise SimulatorError(f"A {kind} has no text to be edited.")
    return {**content, "text" if kind == "text" else "caption": text}


def body_of(content: Content) -> str:
    """Return the text that a person reads on a phone's screen."""
    for key in ("text", "caption", "name"):
        if content.get(key):
            return str(content[key])
    return "" if content["kind"] == "text" else f"[{content['kind']}]"


def stanza_type(content: Content) -> tuple[str, str]:
    """Return WhatsApp's own (Type, MediaType) of a message."""
    kind = str(content["kind"])
    if kind == "poll":
        return "poll", ""
    if kind in _MEDIA_FIELDS or kind in _MEDIA_TYPES:
        return "media", _MEDIA_TYPES.get(kind, kind)
    return "text", ""


def build_message(content: Content, message_id: str, *, wrapped: bool) -> Any:
    """Return the waE2E.Message; `wrapped` as history has it, else unwrapped as live events are."""
    message = proto.e2e_pb2.Message()
    _fill(message, content, message_id)
    wrap = content.get("wrap", "")
    if not (wrapped and wrap):
        return message
    outer = proto.e2e_pb2.Message()
    getattr(outer, _WRAPPERS[wrap]).message.CopyFrom(message)
    return outer


def media_bytes(content: Content, message_id: str) -> bytes:
    """Return the same file each time for one message: a real small PNG, or bytes of its size."""
    size = int(content.get("size", 2048))
    noise = hashlib.shake_256(message_id.encode()).digest(3)
    if content["kind"] != "image":
        pattern = hashlib.shake_256(message_id.encode()).digest(1024)
        return (pattern * (size // 1024 + 1))[:size]
    row = b"\0" + noise * 64
    header = (64).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    chunks = (b"IHDR" + header, b"IDAT" + zlib.compress(row * 64), b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (len(part) - 4).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big")
        for part in chunks
    )


def _fill(message: Any, content: Content, message_id: str) -> None:
    kind = str(content["kind"])
    if kind in _MEDIA_FIELDS:
        _fill_media(getattr(message, _MEDIA_FIELDS[kind]), kind, content, message_id)
        part = getattr(message, _MEDIA_FIELDS[kind])
    elif kind == "text":
        part = _fill_text(message, content)
    else:
        part = _fill_other(message, kind, content)
    quoted = content.get("quoted")
    if quoted and part is not None:
        part.contextInfo.stanzaID = quoted["id"]
        part.contextInfo.participant = quoted["sender"]
        _fill(part.contextInfo.quotedMessage, quoted["content"], quoted["id"])


def _fill_text(message: Any, content: Content) -> Any:
    if content.get("quoted") or content.get("extended"):
        message.extendedTextMessage.text = content.get("text", "")
        return message.extendedTextMessage
    message.conversation = content.get("text", "")
    return None


def _fill_media(part: Any, kind: str, content: Content, message_id: str) -> None:
    data = media_bytes(content, message_id)
    part.mimetype = content.get("mime", _MIME_TYPES[kind])
    part.fileLength = len(data)
    part.fileSHA256 = hashlib.sha256(data).digest()
    part.fileEncSHA256 = hashlib.sha256(data + b"enc").digest()
    part.mediaKey = hashlib.sha256(message_id.encode()).digest()
    part.directPath = f"/v/simulated/{message_id}"
    part.URL = f"https://mmg.whatsapp.net/v/simulated/{message_id}"
    if content.get("caption") and kind in _CAPTIONED:
        part.caption = content["caption"]
    if kind in ("audio", "voice", "video", "gif", "video_note"):
        part.seconds = int(content.get("seconds", 7))
    if kind == "voice":
        part.PTT = True
    if kind == "gif":
        part.gifPlayback = True
    if kind in ("image", "video", "gif", "video_note", "sticker"):
        part.width = part.height = 64
    if kind == "document":
        part.fileName = part.title = content.get("file_name", "document.pdf")


def _fill_other(message: Any, kind: str, content: Content) -> Any:
    if kind in ("location", "live_location"):
        place = message.locationMessage if kind == "location" else message.liveLocationMessage
        place.degreesLatitude = float(content.get("latitude", 44.4268))
        place.degreesLongitude = float(content.get("longitude", 26.1025))
        if kind == "location":
            place.name = content.get("name", "")
            place.address = content.get("address", "")
        elif content.get("caption"):
            place.caption = content["caption"]
        return place
    if kind == "contact":
        _fill_card(message.contactMessage, content)
        return message.contactMessage
    if kind == "contacts":
        message.contactsArrayMessage.displayName = content.get("name", "")
        for one in content.get("contacts", ()):
            _fill_card(message.contactsArrayMessage.contacts.add(), one)
        return message.contactsArrayMessage
    if kind == "poll":
        poll = message.pollCreationMessageV3
        poll.name = content.get("name", "")
        poll.selectableOptionsCount = 1
        for option in content.get("options", ()):
            poll.options.add().optionName = option
        return poll
    if kind == "event":
        message.eventMessage.name = content.get("name", "")
        message.eventMessage.description = content.get("description", "")
        return message.eventMessage
    if kind == "group_invite":
        message.groupInviteMessage.groupName = content.get("name", "")
        message.groupInviteMessage.caption = content.get("caption", "")
        return message.groupInviteMessage
    if kind == "button_answer":
        message.buttonsResponseMessage.selectedDisplayText = content.get("text", "")
        return message.buttonsResponseMessage
    if kind == "list_answer":
        message.listResponseMessage.title = content.get("text", "")
        return message.listResponseMessage
    field = int(content.get("field", 1999))
    tag = _varint(field << 3 | 2)
    message.MergeFromString(tag + _varint(4) + b"new!")
    return None


def _fill_card(card: Any, content: Content) -> None:
    name, phone = content.get("name", ""), content.get("phone", "")
    card.displayName = name
    card.vcard = (
        f"BEGIN:VCARD\nVERSION:3.0\nN:;{name};;;\nFN:{name}\n"
        f"TEL;type=CELL;waid={phone.removeprefix('+')}:{phone}\nEND:VCARD"
    )


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))
