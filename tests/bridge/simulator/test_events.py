"""Every event parses back and says to the translator what the simulator meant."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import SimulatorError
from bridge.simulator import events
from bridge.simulator.client import SimulatorClient
from bridge.simulator.content import KINDS, build_message, media_bytes
from bridge.simulator.events import Envelope, Source
from bridge.whatsapp.facts import (
    Fact,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    ReactionSet,
    ReceiptSeen,
)
from bridge.whatsapp.proto import EventCode, MessageEvent
from bridge.whatsapp.translate import translate
from tests.support.simulated import IOANA, RADU, SHOP, Desk, running_worker
from tests.support.waiting import until_found

ENVELOPE = Envelope(
    source=Source(
        chat="40700010001@s.whatsapp.net",
        sender="40700010001@s.whatsapp.net",
        sender_alt="123456789012345@lid",
    ),
    message_id="3A0011",
    seconds=1_770_000_000,
    push_name="Ioana",
)
SAMPLES: dict[str, dict[str, Any]] = {
    "text": {"text": "Bună!"},
    "image": {"caption": "Tortul"},
    "video": {"seconds": 12},
    "gif": {},
    "video_note": {},
    "audio": {},
    "voice": {"seconds": 9},
    "document": {"file_name": "factura.pdf"},
    "sticker": {},
    "location": {"name": "Parc", "address": "Calea Văcărești 391"},
    "live_location": {"caption": "vin acum"},
    "contact": {"name": "Contabil", "phone": "+40700020001"},
    "contacts": {"name": "2 contacte", "contacts": [{"name": "A", "phone": "+40700020002"}]},
    "poll": {"name": "Când?", "options": ["sâmbătă", "duminică"]},
    "event": {"name": "Serbare", "description": "la 10"},
    "group_invite": {"name": "Părinți"},
    "button_answer": {"text": "Da"},
    "list_answer": {"text": "Spiderman"},
    "unknown": {},
}
TYPES = {
    "image": "image", "video": "video", "gif": "video", "video_note": "video", "audio": "audio",
    "voice": "voice", "document": "document", "sticker": "sticker", "location": "location",
    "live_location": "location", "contact": "contact", "contacts": "contact", "poll": "poll",
    "text": "text", "button_answer": "text", "list_answer": "text", "unknown": "unsupported",
}  # fmt: skip


def facts(event: events.Event) -> list[Fact]:
    return list(translate(*event, received_at=datetime(2026, 2, 3, tzinfo=UTC)))


def test_there_is_a_sample_of_every_kind() -> None:
    assert set(SAMPLES) == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("wrap", ["", "ephemeral", "view_once"])
def test_every_kind_of_message_is_understood(kind: str, wrap: str) -> None:
    event = events.message_event(ENVELOPE, {"kind": kind, "wrap": wrap, **SAMPLES[kind]})
    assert MessageEvent.FromString(event[1]).IsInitialized()
    (seen,) = [fact for fact in facts(event) if isinstance(fact, MessageSeen)]
    assert seen.message_id == "3A0011"
    assert seen.ts_client == datetime.fromtimestamp(1_770_000_000, UTC)
    assert seen.type == TYPES.get(kind, seen.type)
    if kind in ("text", "image"):
        assert seen.body in ("Bună!", "Tortul")


def test_history_has_the_wrappers_that_live_messages_lost() -> None:
    content = {"kind": "text", "text": "dispar", "wrap": "ephemeral"}
    assert build_message(content, "3A", wrapped=True).HasField("ephemeralMessage")
    assert build_message(content, "3A", wrapped=False).conversation == "dispar"


def test_a_file_is_the_same_each_time() -> None:
    for kind in ("image", "voice", "document"):
        content = {"kind": kind, "size": 5000}
        assert media_bytes(content, "3A1") == media_bytes(content, "3A1")
        assert media_bytes(content, "3A1") != media_bytes(content, "3A2")


async def test_that_somebody_types_is_taken_and_not_kept(
    client: SimulatorClient, desk: Desk
) -> None:
    await desk.pair(client)
    known = len(desk.journal())
    await client.customer_types(IOANA, to="WA-01")
    await client.customer_writes(IOANA, "la 5", to="WA-01")
    await desk.has_entries(known + 1)
    assert [entry.code for entry in desk.journal()[known:]] == [EventCode.MESSAGE]

    async def all_acknowledged() -> bool:
        (device,) = await client.devices()
        return bool(device["unacknowledged"] == 0)

    await until_found(all_acknowledged, "all acknowledged")


async def test_edits_reactions_and_revokes(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    written = await client.customer_writes(IOANA, "la 5", to="WA-01")
    await client.customer_edits(IOANA, written, "la 6")
    await client.customer_reacts(IOANA, written, "❤️")
    await client.customer_reacts(IOANA, written, "")
    await client.customer_revokes(IOANA, written)
    await desk.has_entries(6)
    (edited,) = [fact for fact in desk.facts() if isinstance(fact, MessageEdited)]
    assert (edited.message_id, edited.body) == (written, "la 6")
    reactions = [fact for fact in desk.facts() if isinstance(fact, ReactionSet)]
    assert [(one.message_id, one.emoji) for one in reactions] == [(written, "❤️"), (written, "")]
    (revoked,) = [fact for fact in desk.facts() if isinstance(fact, MessageRevoked)]
    assert revoked.message_id == written


async def test_an_edited_caption_belongs_to_its_photo(
    client: SimulatorClient, desk: Desk, url: str, tmp_path: Path
) -> None:
    await desk.pair(client)
    photo = {"kind": "image", "caption": "tort", "size": 9}
    written = await client.customer_writes(IOANA, content=photo, to="WA-01")
    await client.customer_edits(IOANA, written, "tort mare")
    await desk.has_entries(3)
    (edited,) = [fact for fact in desk.facts() if isinstance(fact, MessageEdited)]
    assert edited.body == "tort mare"
    async with running_worker(url, tmp_path / "WA-02", "WA-02") as other:
        await other.pair(client)
        await other.has_entries(2)
        (told,) = [fact for fact in other.facts() if isinstance(fact, MessageSeen)]
    assert (told.message_id, told.type, told.body) == (written, "image", "tort mare")
    voice = await client.customer_writes(IOANA, content={"kind": "voice"}, to="WA-01")
    with pytest.raises(SimulatorError, match="no text"):
        await client.customer_edits(IOANA, voice, "x")


async def test_quotes_and_groups(client: SimulatorClient, desk: Desk) -> None:
    await client.customer(RADU, name="Radu")
    group = await client.group("Serbare", [SHOP, IOANA, RADU])
    await desk.pair(client)
    first = await client.customer_writes(RADU, "Cine vine?", group=group)
    await client.customer_writes(IOANA, "Eu", group=group, quoted=first)
    await desk.has_entries(3)
    asked, answered = [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert asked.chat.jid.is_group
    assert asked.sender_name == "Radu"
    assert str(asked.sender_jid) == "40700010002@s.whatsapp.net"
    assert answered.quoted is not None
    assert answered.quoted.message_id == first
    assert answered.quoted.body == "Cine vine?"


async def test_a_customer_known_by_lid_and_then_by_phone(
    client: SimulatorClient, desk: Desk
) -> None:
    await desk.pair(client)
    await client.customer(IOANA, addressing="lid_only")
    await client.customer_writes(IOANA, "unu", to="WA-01")
    await client.customer(IOANA, addressing="lid")
    await client.customer_writes(IOANA, "doi", to="WA-01")
    await client.customer(IOANA, addressing="phone_only")
    await client.customer_writes(IOANA, "trei", to="WA-01")
    await desk.has_entries(4)
    chats = [fact.chat for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert [(c.jid.is_lid, c.other_jid is not None) for c in chats] == [
        (True, False),
        (True, True),
        (False, False),
    ]


async def test_receipts_under_the_lid(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    await client.customer(IOANA, receipts_under="lid")
    await client.owner_writes(SHOP, IOANA, "Bună!")
    await desk.has_entries(3)
    (receipt,) = [fact for fact in desk.facts() if isinstance(fact, ReceiptSeen)]
    assert receipt.chat.jid.is_lid


async def test_a_status_story_says_nothing(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    await client.customer_posts_status(IOANA, "La mare!")
    await desk.has_entries(2)
    assert not [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]


async def test_a_phone_that_is_off_delivers_later(client: SimulatorClient, desk: Desk) -> None:
    await client.customer(IOANA, delivers=False)
    await desk.pair(client)
    written = await client.owner_writes(SHOP, IOANA, "Bună!")
    assert await client.delivered_to(IOANA) == []
    assert await client.customer_comes_online(IOANA) == [written]
    assert [one["id"] for one in await client.delivered_to(IOANA)] == [written]


async def test_a_phone_that_is_turned_on_gets_what_waited_first(
    client: SimulatorClient, desk: Desk
) -> None:
    await client.customer(IOANA, delivers=False)
    await desk.pair(client)
    waited = [await client.owner_writes(SHOP, IOANA, text) for text in ("Bună!", "Alo?")]
    await client.customer(IOANA, delivers=True)
    new = await client.owner_writes(SHOP, IOANA, "A mers?")
    assert [one["id"] for one in await client.delivered_to(IOANA)] == [*waited, new]


async def test_what_waited_in_a_group_comes_too(client: SimulatorClient, desk: Desk) -> None:
    group = await client.group("Serbare", [SHOP, IOANA, RADU])
    await client.customer(IOANA, delivers=False)
    await client.customer(RADU)
    await desk.pair(client)
    written = await client.owner_writes(SHOP, group, "Cine vine?")
    assert [one["id"] for one in await client.delivered_to(RADU)] == [written]
    await client.customer(IOANA, delivers=True)
    assert [one["id"] for one in await client.delivered_to(IOANA)] == [written]
    assert await client.customer_comes_online(RADU) == []


async def test_a_burst_arrives_whole(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    ids = await client.burst(to="WA-01", customers=10, messages=15)
    await desk.has_entries(151)
    seen = [fact.message_id for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert seen == ids
