"""How a message document comes about and what each fact changes about it.

Pure and order-free: the same facts in any order, any number of times, give the same document.
That is why an edit keeps its time, a reaction its own, and nothing that is known is overwritten
by another telling of the same message.
"""

from datetime import datetime
from typing import Any

from bridge.account_document import plain
from bridge.whatsapp.facts import (
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSet,
    ReceiptSeen,
)
from core.model.documents import moves_forward
from core.store.port import SERVER_TIMESTAMP

Doc = dict[str, Any]
"""A document's data while it is being worked on; never changed in place once stored."""

Change = MessageEdited | MessageRevoked | ReactionSet | ReceiptSeen
"""A fact about a message that was seen before, or will be."""


def seen(before: Doc | None, fact: MessageSeen, *, account_id: str, client_jid: str) -> Doc:
    """Return the message after it was told (again): what is missing is filled in."""
    news = {**told(fact, account_id), "clientJid": client_jid}
    if before is None:
        return {**news, "createdAt": SERVER_TIMESTAMP}
    after = _filled(before, news)
    if before.get("isPlaceholder") and not fact.is_placeholder:
        after |= {name: news[name] for name in ("type", "media", "quoted") if name in news}
        if not before.get("isEdited"):
            after["body"] = news["body"]
    if not (before.get("isPlaceholder") and fact.is_placeholder):
        after.pop("isPlaceholder", None)
    if fact.status is not None and fact.from_me:
        after["status"] = _forward(before.get("status"), fact.status)
    return after


def changed(before: Doc, fact: Change, *, reactor: str = "") -> Doc:
    """Return the message after an edit, revoke, reaction or receipt; `reactor` is its address."""
    match fact:
        case MessageEdited():
            return _edited(before, fact)
        case MessageRevoked():
            return {**before, "isRevoked": True}
        case ReactionSet():
            return _reacted(before, fact, reactor or str(fact.reactor_jid))
        case ReceiptSeen():
            return _receipted(before, fact)


def advanced(before: Doc, status: str, at: datetime) -> Doc:
    """Return a message or outbox item of ours after its status moved, if that is forward."""
    after = dict(before)
    if before.get("status") != "cancelled":
        after["status"] = _forward(before.get("status"), status)
    name = {"delivered": "deliveredAt", "read": "readAt"}.get(status)
    if name:
        after[name] = min(before.get(name) or at, at)
    if after["status"] != before.get("status") and after.get("error"):
        after["error"] = None
    return after


def merged(into: Doc | None, other: Doc) -> Doc:
    """Return one message out of two tellings of it in two threads of one customer."""
    if into is None:
        return other
    after = _filled(into, other)
    for status_of in (into, other):
        if status_of.get("status"):
            after["status"] = _forward(after.get("status"), status_of["status"])
    for flag in ("isRevoked", "isLive"):
        if into.get(flag) or other.get(flag):
            after[flag] = True
    return after


def told(fact: MessageSeen, account_id: str) -> Doc:
    """Return what a telling says whatever its thread, without empty fields."""
    doc: Doc = {
        "messageId": fact.message_id,
        "waMessageId": fact.message_id,
        "accountId": account_id,
        "senderJid": str(fact.sender_jid) if fact.sender_jid else "",
        "direction": "outbound" if fact.from_me else "inbound",
        "type": fact.type,
        "body": fact.body,
        "tsClient": fact.ts_client,
    }
    if fact.sender_name:
        doc["senderName"] = fact.sender_name
    if fact.media is not None:
        doc["media"] = plain(fact.media)
    if fact.quoted is not None:
        doc["quoted"] = plain(fact.quoted)
    if fact.from_me:
        doc["status"] = fact.status or "sent"
    if fact.is_placeholder:
        doc["isPlaceholder"] = True
    return doc


def _edited(before: Doc, fact: MessageEdited) -> Doc:
    known = before.get("editedAt")
    if known is not None and (known, before.get("body", "")) >= (fact.at, fact.body):
        return before
    return {**before, "body": fact.body, "isEdited": True, "editedAt": fact.at}


def _reacted(before: Doc, fact: ReactionSet, reactor: str) -> Doc:
    """Return the message with a person's newest reaction; taken back ones keep their time."""
    times: dict[str, datetime] = before.get("reactionTimes") or {}
    emojis: dict[str, str] = before.get("reactions") or {}
    known = times.get(reactor)
    if known is not None and (known, emojis.get(reactor, "")) >= (fact.at, fact.emoji):
        return before
    emojis = {who: emoji for who, emoji in emojis.items() if who != reactor}
    if fact.emoji:
        emojis[reactor] = fact.emoji
    return {**before, "reactions": emojis, "reactionTimes": {**times, reactor: fact.at}}


def _receipted(before: Doc, fact: ReceiptSeen) -> Doc:
    if before.get("direction") != "outbound" or fact.kind not in ("delivered", "read"):
        return before
    return advanced(before, fact.kind, fact.at)


def _forward(before: str | None, after: str) -> str:
    return after if before is None or moves_forward(before, after) else before


def _filled(doc: Doc, other: Doc) -> Doc:
    """Return a document with what it lacks taken from another telling."""
    missing = {
        name: value
        for name, value in other.items()
        if name not in doc or (_is_empty(doc[name]) and not _is_empty(value))
    }
    return {**doc, **missing}


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", {}, [])
