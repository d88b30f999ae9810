"""Places are remembered for some customers only, and are the same when looked up again."""

from pathlib import Path

import pytest

from bridge.ingest.notes import Notes
from bridge.ingest.places import Places
from bridge.whatsapp.facts import Chat
from core.model.ids import Jid
from core.store.embedded import EmbeddedStore


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
