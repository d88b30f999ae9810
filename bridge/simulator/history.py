"""What a phone sends to a device that was just linked: its history, in chunks, newest first.

A chunk is queued as a recipe and made when it is delivered, the same bytes' worth each time, so a
history of any size costs nothing until it is asked for.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from bridge.errors import SimulatorError
from bridge.simulator import events
from bridge.simulator.content import build_message
from bridge.simulator.database import Row
from bridge.simulator.generated import GeneratedHistory, generated_conversation
from bridge.simulator.people import Phone
from bridge.simulator.state import State
from bridge.whatsapp import proto
from bridge.whatsapp.proto import EventCode

_STATUS = {"PENDING": 1, "SERVER_ACK": 2, "DELIVERY_ACK": 3, "READ": 4}
_REVOKED_STUB = 1
_SYNC_TYPES = {"INITIAL_BOOTSTRAP": 0, "FULL": 2, "RECENT": 3, "PUSH_NAME": 4}
_STORED_PER_CHUNK = 500


def parse_history(description: Mapping[str, Any]) -> GeneratedHistory | None:
    """Read a recipe of generated history; None for an empty one. Raises SimulatorError."""
    if not description:
        return None
    try:
        return msgspec.convert(description, GeneratedHistory)
    except msgspec.ValidationError as error:
        raise SimulatorError(f"The history is not understood: {error}") from error


def queue_history(state: State, owner: Phone, token: str) -> int:
    """Queue a phone's whole history for a device; returns the number of chunks."""
    recipes: list[dict[str, Any]] = [*_stored_recipes(state, owner)]
    generated = parse_history(owner.history)
    if generated is not None:
        recipes += generated.recipes()
    conversations = len(recipes)
    recipes.insert(min(1, conversations), {"what": "names"})
    last, done = len(recipes) - 1, 0
    for index, recipe in enumerate(recipes):
        done += recipe["what"] != "names"
        kind = "INITIAL_BOOTSTRAP" if index == 0 else "RECENT" if index <= last // 2 else "FULL"
        recipe["sync"] = "PUSH_NAME" if recipe["what"] == "names" and last else kind
        recipe["chunk"] = index
        recipe["progress"] = 100 * done // conversations if conversations else 100
        recipe["owner"] = owner.number
        state.devices.queue_recipe(token, EventCode.HISTORY_SYNC, recipe)
    return len(recipes)


def _stored_recipes(state: State, owner: Phone) -> Iterator[dict[str, Any]]:
    chats = state.db.rows(
        "SELECT chat, count(*) AS n, max(seconds) AS newest, max(seq) AS top FROM message"
        " WHERE owner = ? GROUP BY chat ORDER BY newest DESC, chat",
        owner.number,
    )
    upto = max((row["top"] for row in chats), default=0)
    batch: list[str] = []
    size = 0
    for row in chats:
        batch.append(row["chat"])
        size += row["n"]
        if size >= _STORED_PER_CHUNK:
            yield {"what": "stored", "chats": batch, "upto": upto}
            batch, size = [], 0
    if batch:
        yield {"what": "stored", "chats": batch, "upto": upto}


def make_chunk(state: State, recipe: Mapping[str, Any]) -> bytes:
    """Return the serialized HistorySync event of a recipe."""
    data = proto.history_pb2.HistorySync()
    data.syncType = _SYNC_TYPES[recipe["sync"]]
    data.chunkOrder = recipe["chunk"]
    data.progress = recipe["progress"]
    owner = state.people.phone(recipe["owner"])
    if recipe["what"] == "stored":
        for chat in recipe["chats"]:
            _stored_conversation(state, data, owner, chat, recipe["upto"])
    elif recipe["what"] == "generated":
        spec = msgspec.convert(recipe["spec"], GeneratedHistory)
        for index in range(recipe["first"], recipe["end"]):
            generated_conversation(
                data, spec, index,
                newest=recipe["newest"], oldest=recipe["oldest"], owner_jid=owner.jid,
            )  # fmt: skip
    else:
        for phone in _customers_of(state, owner):
            if phone.name:
                data.pushnames.add(ID=phone.addresses()[0], pushname=phone.name)
    return events.history_event(data)[1]


def _customers_of(state: State, owner: Phone) -> list[Phone]:
    rows = state.db.rows(
        "SELECT DISTINCT sender FROM message WHERE owner = ? AND from_me = 0 ORDER BY sender",
        owner.number,
    )
    return [state.people.phone(row["sender"]) for row in rows]


def _stored_conversation(state: State, data: Any, owner: Phone, chat: str, upto: int) -> None:
    rows = state.db.rows(
        "SELECT * FROM message WHERE owner=? AND chat=? AND seq<=? ORDER BY seconds DESC, seq DESC",
        owner.number, chat, upto,
    )  # fmt: skip
    conversation = data.conversations.add()
    if "@" in chat:
        conversation.ID = address = chat
        conversation.name = state.people.group(chat)[0]
    else:
        customer = state.people.phone(chat)
        address, other = customer.addresses()
        conversation.ID = address
        if name := state.people.contact_name(owner.number, chat):
            conversation.name = name
        conversation.displayName = name or customer.name
        if other:
            conversation.pnJID, conversation.lidJID = customer.jid, customer.lid_jid
            data.phoneNumberToLidMappings.add(pnJID=customer.jid, lidJID=customer.lid_jid)
    newest = rows[0]["seconds"] if rows else 0
    conversation.conversationTimestamp = conversation.lastMsgTimestamp = newest
    conversation.unreadCount = sum(not row["from_me"] and not row["is_read"] for row in rows)
    for row in rows:
        _stored_message(state, conversation.messages.add(), row, address)


def _stored_message(state: State, entry: Any, row: Row, chat_jid: str) -> None:
    entry.msgOrderID = row["seq"]
    info = entry.message
    info.key.remoteJID = chat_jid
    info.key.fromMe = bool(row["from_me"])
    info.key.ID = row["id"]
    info.messageTimestamp = row["seconds"]
    sender = state.people.phone(row["sender"])
    if row["from_me"]:
        info.status = _STATUS.get(row["status"], 2)
    else:
        info.pushName = sender.name
        if "@g.us" in chat_jid:
            info.participant = info.key.participant = sender.addresses()[0]
    if row["is_revoked"]:
        info.messageStubType = _REVOKED_STUB
        return
    content = json.loads(row["content"])
    info.message.CopyFrom(build_message(content, row["id"], wrapped=True))
    for jid, emoji in json.loads(row["reactions"]).items():
        reaction = info.reactions.add(text=emoji, senderTimestampMS=row["seconds"] * 1000)
        reaction.key.remoteJID = chat_jid
        reaction.key.fromMe = jid == state.people.phone(row["owner"]).jid
        if "@g.us" in chat_jid:
            reaction.key.participant = jid
