"""How a message document comes about and what each fact changes about it.

Pure and order-free: the same facts in any order, any number of times, give the same document.
That is why an edit keeps its time, a reaction its own, and nothing that is known is overwritten
by another telling of the same message.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bridge.account_document import plain
from bridge.whatsapp.facts import (
    Chat,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSet,
    ReceiptSeen,
)
from core.clock import EPOCH
from core.model.documents import (
    Direction,
    Heading,
    Media,
    MessageStatus,
    MessageType,
    Model,
    Quoted,
    moves_forward,
)
from core.model.ids import Jid
from core.store.port import SERVER_TIMESTAMP

Doc = dict[str, Any]
"""A document's data while it is being worked on; never changed in place once stored."""

_WAITING = ("isPlaceholder", "heading")
"""What says of a placeholder that its message is waited for."""
_CONTENT = (*_WAITING, "type", "body")
_EDIT = ("body", "isEdited", "editedAt")

Change = MessageEdited | MessageRevoked | ReactionSet | ReceiptSeen
"""A fact about a message that was seen before, or will be."""


def seen(before: Doc | None, fact: MessageSeen, *, account_id: str, client_jid: str) -> Doc:
    """Return the message after it was told (again): what is missing is filled in."""
    news = {**told(fact, account_id), "clientJid": client_jid}
    if before is None:
        return {**news, "createdAt": SERVER_TIMESTAMP}
    if fact.is_placeholder and not before.get("isPlaceholder"):
        news = _without_content(news)
    after = _filled(before, news)
    if before.get("isPlaceholder") and not fact.is_placeholder:
        after = {name: value for name, value in after.items() if name not in _WAITING}
        names = ("type", "heading", "media", "quoted")
        after |= {name: news[name] for name in names if name in news}
        if not before.get("isEdited"):
            after["body"] = news["body"]
    if fact.status is not None and fact.from_me:
        after["status"] = _forward(before.get("status"), fact.status)
    return after


def changed(before: Doc, fact: Change, *, reactor: str = "") -> Doc:
    """Return the message after an edit, revoke, reaction or receipt; `reactor` is its address.

    Whoever has no right to change it leaves it as it was: an app of WhatsApp does not offer that,
    but a program that speaks its protocol may say anything of any message that it got.
    """
    match fact:
        case MessageEdited():
            return _edited(before, fact) if _is_by_its_author(before, fact) else before
        case MessageRevoked():
            return {**before, "isRevoked": True} if _may_revoke(before, fact) else before
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
    """Return one message out of two tellings of it in two threads of one customer.

    What happened to either has happened to it.
    """
    if into is None:
        return other
    both = (into, other)
    waits = [bool(doc.get("isPlaceholder")) for doc in both]
    if waits == [True, False]:
        after = {**_filled(other, _without_content(into)), "messageId": into["messageId"]}
    else:
        after = _filled(into, _without_content(other) if waits == [False, True] else other)
    for doc in both:
        if doc.get("status"):
            after["status"] = _forward(after.get("status"), doc["status"])
    for flag in ("isRevoked", "isLive"):
        if into.get(flag) or other.get(flag):
            after[flag] = True
    for name in ("deliveredAt", "readAt"):
        if moments := [doc[name] for doc in both if doc.get(name)]:
            after[name] = min(moments)
    if edits := [doc for doc in both if doc.get("isEdited")]:
        newest = max(edits, key=_edit_rank)
        after |= {name: newest[name] for name in _EDIT if name in newest}
    return _with_reactions(after, both)


def _without_content(doc: Doc) -> Doc:
    """Return a placeholder without what stands for the message that it waits for."""
    return {name: value for name, value in doc.items() if name not in _CONTENT}


def _edit_rank(doc: Doc) -> tuple[datetime, str]:
    return doc.get("editedAt") or EPOCH, doc.get("body") or ""


def _with_reactions(after: Doc, tellings: Iterable[Doc]) -> Doc:
    """Return a message with each person's newest reaction of all tellings."""
    newest: dict[str, tuple[datetime, str]] = {}
    for doc in tellings:
        emojis = doc.get("reactions") or {}
        for who, moment in (doc.get("reactionTimes") or {}).items():
            newest[who] = max(newest.get(who, (EPOCH, "")), (moment, emojis.get(who, "")))
    if not newest:
        return after
    return {
        **after,
        "reactions": {who: emoji for who, (_moment, emoji) in newest.items() if emoji},
        "reactionTimes": {who: moment for who, (moment, _emoji) in newest.items()},
    }


class Telling(Model, frozen=True, kw_only=True, omit_defaults=True):
    """What a telling says of a message whatever its thread: fields of `core.model.Message`."""

    message_id: str
    wa_message_id: str
    account_id: str
    sender_jid: str
    direction: Direction
    type: MessageType
    body: str
    ts_client: datetime
    heading: Heading | None = None
    sender_name: str = ""
    media: Media | None = None
    quoted: Quoted | None = None
    status: MessageStatus | None = None
    is_placeholder: bool = False
    journal_seq: int = 0


def telling(fact: MessageSeen, account_id: str, seq: int = 0) -> Telling:
    """Return a fact as what it says; `seq` is the journal entry that media are fetched by."""
    return Telling(
        message_id=fact.message_id,
        wa_message_id=fact.message_id,
        account_id=account_id,
        sender_jid=str(fact.sender_jid) if fact.sender_jid else "",
        direction="outbound" if fact.from_me else "inbound",
        type=fact.type,
        body=fact.body,
        ts_client=fact.ts_client,
        heading=fact.heading,
        sender_name=fact.sender_name,
        media=fact.media,
        quoted=fact.quoted,
        status=(fact.status or "sent") if fact.from_me else None,
        is_placeholder=fact.is_placeholder,
        journal_seq=0 if fact.media is None else seq,
    )


def told(fact: MessageSeen, account_id: str) -> Doc:
    """Return what a telling says as a document, without empty fields."""
    return plain(telling(fact, account_id))


def retold(said: Telling, chat: Chat, status: MessageStatus | None) -> MessageSeen:
    """Return the fact of a history again that `telling` was given; `status` is what it told."""
    return MessageSeen(
        chat=chat,
        message_id=said.message_id,
        sender_jid=Jid.parse(said.sender_jid) if said.sender_jid else None,
        sender_name=said.sender_name,
        from_me=said.direction == "outbound",
        ts_client=said.ts_client,
        type=said.type,
        body=said.body,
        heading=said.heading,
        media=said.media,
        quoted=said.quoted,
        status=status,
        is_history=True,
        is_placeholder=said.is_placeholder,
    )


def _may_revoke(before: Doc, fact: MessageRevoked) -> bool:
    """Whether a message may be taken back: in a group by its admins too, whom nobody tells."""
    return fact.chat.jid.is_group or _is_by_its_author(before, fact)


def _is_by_its_author(before: Doc, fact: MessageEdited | MessageRevoked) -> bool:
    author = fact.author
    if author is None:
        return True
    if author.from_me or before.get("direction") == "outbound":
        return author.from_me and before.get("direction") == "outbound"
    if not fact.chat.jid.is_group or author.jid is None or not before.get("senderJid"):
        return True
    writer = Jid.parse(before["senderJid"])
    # Of a phone number and a hidden identity, nobody can tell here that they are not one person's.
    return writer == author.jid or writer.server != author.jid.server


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
    if doc.get("body"):
        missing.pop("heading", None)  # An older version has its words in the text.
    return {**doc, **missing}


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", {}, [])
