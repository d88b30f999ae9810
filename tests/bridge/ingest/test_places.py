"""Places are remembered for some customers only, and are the same when looked up again."""

from pathlib import Path
from typing import Any

import pytest

from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.whatsapp.facts import Chat
from core.model.ids import Jid, thread_path
from core.store.embedded import EmbeddedStore
from core.store.port import Create


async def test_what_is_remembered_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.ingest.places._REMEMBERED", 3)
    chats = [Chat(jid=Jid.of_phone(f"+4070000{number:04}")) for number in range(10)]
    notes = Notes.open(tmp_path / "notes.db")
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        places = Places(store, "WA-01", notes)
        first = [await places.find(chat) for chat in chats]
        assert len(places._known) == 3
        assert [await places.find(chat) for chat in chats] == first
        assert await places.find(chats[-1]) is await places.find(chats[-1])
    notes.close()


async def test_several_are_found_as_each_would_be(tmp_path: Path) -> None:
    phones = [Jid.of_phone(f"+4070000{number:04}") for number in range(5)]
    lids = [Jid(f"1234567{number}", "lid") for number in range(5)]
    chats = [
        Chat(jid=phones[0]),
        Chat(jid=phones[1], other_jid=lids[1]),  # its thread has the LID's name
        Chat(jid=lids[2]),  # a thread of the phone's name knows this LID
        Chat(jid=phones[3]),  # only another account has a thread with this number
        Chat(jid=lids[4], other_jid=phones[4]),
        Chat(jid=Jid("1203630", "g.us")),
    ]
    stored: list[tuple[str, Jid, dict[str, Any]]] = [
        ("WA-01", phones[0], {"phoneE164": phones[0].phone_e164}),
        ("WA-01", lids[1], {"lidJid": str(lids[1])}),
        ("WA-01", phones[2], {"phoneE164": phones[2].phone_e164, "lidJid": str(lids[2])}),
        ("WA-02", phones[3], {"phoneE164": phones[3].phone_e164}),
    ]
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit(
            [
                Create(
                    thread_path(f"{account}__{client}"),
                    {"accountId": account, "clientJid": str(client), **fields},
                )
                for account, client, fields in stored
            ]
        )
        for number in range(2):
            notes = Notes.open(tmp_path / f"notes-{number}.db")
            places = Places(store, "WA-01", notes)
            if number == 0:
                each = {chat.jid: await places.find(chat) for chat in chats}
            else:
                assert await places.find_all(chats) == each
            notes.close()
    assert [place.thread_id for place in each.values()] == [
        f"WA-01__{client}"
        for client in (phones[0], lids[1], phones[2], phones[3], phones[4], chats[5].jid)
    ]
