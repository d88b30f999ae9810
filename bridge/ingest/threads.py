"""What a thread document says about its messages, and how it is called.

The summary follows the newest real message and nothing else. `unreadCount` is the number of live
messages of the customer that are newer than `readUpTo`; history and repeats never raise it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bridge.chat_import.matching import IMPORTED_FROM, IMPORTED_UNTIL
from bridge.ingest.messages import Doc
from core.model.ids import Jid
from core.store.port import SERVER_TIMESTAMP
from core.text import clean_line

PREVIEW_LENGTH = 200
NAME_LENGTH = 120
_NAME_RANK = {"": 0, "push": 1, "contact": 2, "group": 2}
_NOT_REAL = ("reaction", "system")


def new_thread(
    thread_id: str, account_id: str, client: Jid, *, lid: Jid | None, phone: Jid | None
) -> Doc:
    """Return the document of a thread that has no message yet."""
    known = phone if phone is not None else client
    return {
        "threadId": thread_id,
        "accountId": account_id,
        "clientJid": str(client),
        "lidJid": None if lid is None else str(lid),
        "phoneE164": known.phone_e164,
        "displayName": known.phone_e164 or known.user,
        "nameSource": "",
        "isGroup": client.is_group,
        "lastMessageText": "",
        "unreadCount": 0,
        "ownerUid": None,
        "coWriterUids": [],
        "labels": [],
        "isArchived": False,
        "createdAt": SERVER_TIMESTAMP,
    }


def with_addresses(thread: Doc, lid: Jid | None, phone: Jid | None) -> Doc:
    """Return the thread with the other address of its customer, once it is known."""
    after = dict(thread)
    if lid is not None and not thread.get("lidJid"):
        after["lidJid"] = str(lid)
    if phone is not None and not thread.get("phoneE164") and not thread.get("isGroup"):
        after["phoneE164"] = phone.phone_e164
        if not thread.get("nameSource") and phone.phone_e164:
            after["displayName"] = phone.phone_e164
    return after


def with_name(thread: Doc, name: str, source: str) -> Doc:
    """Return the thread under a name, unless it has one from a better source."""
    name = shown_name(name)
    known = thread.get("nameSource") or ""
    if not name or _NAME_RANK[source] < _NAME_RANK.get(known, 0):
        return thread
    return {**thread, "displayName": name, "nameSource": source}


def shown_name(name: str) -> str:
    """Return a name as threads have it."""
    return clean_line(name)[:NAME_LENGTH]


def with_message(thread: Doc, message: Doc, *, was_live: bool) -> Doc:
    """Return the thread after one of its messages came or changed."""
    after = _with_summary(thread, message)
    at: datetime = message["tsClient"]
    if message["direction"] == "inbound":
        after["lastInboundAt"] = max(after.get("lastInboundAt") or at, at)
        if message.get("isLive") and not was_live:
            if after.get("readUpTo") is None or at > after["readUpTo"]:
                after["unreadCount"] = after.get("unreadCount", 0) + 1
            if not after.get("mergedInto"):
                after["isArchived"] = False
    return after


def read_up_to(thread: Doc, moment: datetime | None) -> Doc:
    """Return the thread with everything up to `moment` read; the unread count is due anew."""
    known = thread.get("readUpTo")
    if moment is None or (known is not None and known >= moment):
        return thread
    return {**thread, "readUpTo": moment}


def preview(message: Doc) -> str:
    """Return a message's text on one short line, or else its file's name, if it has either.

    Nothing of one that was deleted for everyone.
    """
    if message.get("isRevoked"):
        return ""
    text = clean_line(message.get("body") or "")[:PREVIEW_LENGTH]
    if text:
        return text
    file_name = clean_line((message.get("media") or {}).get("fileName") or "")
    return file_name[:PREVIEW_LENGTH]


def heading(message: Doc) -> Doc | None:
    """Return what is said before a message's preview, or in its place."""
    return {"code": "deleted"} if message.get("isRevoked") else message.get("heading")


def merge_threads(into: Doc, other: Doc) -> Doc:
    """Return the phone's thread after the hidden identity's thread of the same person joined it."""
    after = with_addresses(into, Jid.parse(other["clientJid"]), None)
    after = with_name(after, other.get("displayName") or "", other.get("nameSource") or "push")
    if not other.get("nameSource"):
        after["displayName"] = into.get("displayName", "")
        after["nameSource"] = into.get("nameSource", "")
    if _rank_of_last(other) > _rank_of_last(into):
        names = ("At", "Text", "Heading", "Direction", "Status", "Id", "Type")
        after |= {f"lastMessage{name}": other.get(f"lastMessage{name}") for name in names}
    for name in ("lastInboundAt", "readUpTo"):
        moments = [doc[name] for doc in (into, other) if doc.get(name) is not None]
        if moments:
            after[name] = max(moments)
    for name, outer in ((IMPORTED_FROM, min), (IMPORTED_UNTIL, max)):
        moments = [doc[name] for doc in (into, other) if name in doc]
        if moments:
            after[name] = outer(moments)
    after["labels"] = _joined(into, other, "labels")
    owners = [uid for doc in (into, other) if (uid := doc.get("ownerUid"))]
    after["ownerUid"] = owners[0] if owners else None
    writers = dict.fromkeys([*_joined(into, other, "coWriterUids"), *owners[1:]])
    after["coWriterUids"] = [uid for uid in writers if uid not in owners[:1]]
    return after


def _joined(into: Doc, other: Doc, name: str) -> list[Any]:
    return list(dict.fromkeys([*into.get(name, []), *other.get(name, [])]))


def with_last(thread: Doc, messages: Iterable[Doc]) -> Doc:
    """Return the thread with the newest of its messages as the last, whatever it said before."""
    real = [message for message in messages if message.get("type") not in _NOT_REAL]
    return _with_summary({**thread, "lastMessageAt": None}, max(real, key=rank)) if real else thread


def rank(message: Doc) -> tuple[datetime, str]:
    """Return what orders messages: their time, and among equal ones their id."""
    return message["tsClient"], message["messageId"]


def _with_summary(thread: Doc, message: Doc) -> Doc:
    after = dict(thread)
    if message.get("type") in _NOT_REAL or rank(message) < _rank_of_last(thread):
        return after
    after["lastMessageAt"] = message["tsClient"]
    after["lastMessageId"] = message["messageId"]
    after["lastMessageText"] = preview(message)
    after["lastMessageType"] = message.get("type")
    after["lastMessageHeading"] = heading(message)
    after["lastMessageDirection"] = message["direction"]
    is_ours = message["direction"] == "outbound"
    after["lastMessageStatus"] = message.get("status") if is_ours else None
    return after


def _rank_of_last(thread: Doc) -> tuple[datetime, str]:
    at = thread.get("lastMessageAt")
    if at is None:
        return datetime.min.replace(tzinfo=UTC), ""
    return at, thread.get("lastMessageId") or ""
