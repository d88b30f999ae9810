"""Conversations as text files: readable, in the business's time, harmless names."""

import os
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.moving.names import FileNames
from bridge.moving.text_export import write_texts
from bridge.moving.transcript import Transcript
from core.clock import EPOCH
from core.service.inbox import ThreadRow, thread_row
from core.store.port import Document, Set
from tests.support.moving import THREAD, a_store, small_company

BUCHAREST = ZoneInfo("Europe/Bucharest")
NEW_YEAR = datetime(2025, 12, 31, 21, 59, tzinfo=UTC)


def thread(**fields: Any) -> ThreadRow:
    data = {
        "accountId": "WA-01",
        "displayName": "Ana Pop",
        "phoneE164": "+40712345678",
        "clientJid": "40712345678@s.whatsapp.net",
    }
    return thread_row(Document(f"threads/{THREAD}", data | fields, EPOCH, EPOCH))


def document(number: int = 1, /, minutes: float = 0, **fields: Any) -> Document:
    data = {
        "messageId": f"M{number}",
        "direction": "inbound",
        "type": "text",
        "body": "Salut",
        "tsClient": NEW_YEAR + timedelta(minutes=minutes),
    }
    return Document(f"threads/{THREAD}/messages/M{number}", data | fields, EPOCH, EPOCH)


def shown(*messages: Document, **fields: Any) -> list[str]:
    transcript = Transcript(thread(**fields), BUCHAREST)
    return [line for one in messages for line in transcript.message(one)]


def test_days_begin_where_the_business_is() -> None:
    assert shown(document(), document(2, 1), document(3, 2, direction="outbound")) == [
        "", "--- 2025-12-31 ---", "", "[23:59] Ana Pop: Salut",
        "", "--- 2026-01-01 ---", "", "[00:00] Ana Pop: Salut",
        "[00:01] You: Salut",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"body": "una\ndoua\n\npatru"}, ["una", "    doua", "", "    patru"]),
        ({"type": "image", "media": {"fileName": "a.jpg"}, "body": "uite"},
         ["[Photo, a.jpg]", "    uite"]),
        ({"type": "voice", "media": {"seconds": 65}, "body": ""}, ["[Voice message, 1:05]"]),
        ({"type": "document", "media": {"fileName": "x.pdf", "localPath": "media/WA-01/x.pdf"},
          "body": ""}, ["[Document, x.pdf, media/WA-01/x.pdf]"]),
        ({"type": "location", "body": ""}, ["[Location]"]),
        ({"type": "poll", "body": "Sâmbătă?"}, ["Sâmbătă?"]),
        ({"type": "poll", "body": "Când?\n• Luni", "heading": {"code": "poll"}},
         ["Poll: Când?", "    • Luni"]),
        ({"type": "image", "body": "uite", "media": {"size": 1},
          "heading": {"code": "view_once_photo"}}, ["[View-once photo]", "    uite"]),
        ({"type": "unsupported", "body": "", "heading": {"code": "waiting"}},
         ["Waiting for this message."]),
        ({"type": "unsupported", "body": ""}, ["[Only the phone can show this message]"]),
        ({"body": ""}, ["[]"]),
        ({"quoted": {"messageId": "M0", "body": "Cât\ncostă?", "senderName": "Ana"}},
         ["Salut", "    > Ana: Cât costă?"]),
        ({"reactions": {"1@lid": "❤️", "2@lid": "❤️", "3@lid": ""}}, ["Salut", "    ❤️ 2"]),
        ({"isEdited": True}, ["Salut", "    (edited)"]),
        ({"isRevoked": True, "isEdited": True}, ["[deleted]"]),
        ({"body": "a\x1b[31mb\u202ec\x00"}, ["abc"]),
    ],
)  # fmt: skip
def test_what_a_message_looks_like(fields: dict[str, Any], lines: list[str]) -> None:
    first, *rest = shown(document(**fields))[3:]
    assert [first.removeprefix("[23:59] Ana Pop: "), *rest] == lines


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"status": "sent"}, "(sent)"),
        ({"status": "read", "readAt": NEW_YEAR}, "(read 2025-12-31 23:59)"),
        ({"status": "delivered", "deliveredAt": NEW_YEAR}, "(delivered 2025-12-31 23:59)"),
        ({"status": "failed", "error": "No WhatsApp."}, "(not sent: No WhatsApp.)"),
        ({"status": "uncertain"}, "(perhaps not sent)"),
        ({"status": "queued"}, "(waits to be sent)"),
    ],
)
def test_what_became_of_ours_is_told(fields: dict[str, Any], line: str) -> None:
    assert shown(document(direction="outbound", **fields))[-1] == f"    {line}"


def test_who_writes_in_a_group_is_told() -> None:
    message = document(senderName="Ion", senderJid="407@s.whatsapp.net")
    assert shown(message, isGroup=True)[-1] == "[23:59] Ion: Salut"
    nameless = document(senderJid="407@s.whatsapp.net")
    assert shown(nameless, isGroup=True)[-1] == "[23:59] 407: Salut"
    call = document(type="system", body="", heading={"code": "missed_voice_call"})
    assert shown(call, isGroup=True)[-1] == "[23:59] * Missed voice call"
    notice = document(type="system", body="Ion left\nthe group")
    assert shown(notice, isGroup=True)[-1] == "[23:59] * Ion left the group"


@given(st.lists(st.tuples(st.text(max_size=200), st.sampled_from(["", "+40712345678", "../x"]))))
def test_names_are_harmless_and_each_but_once(people: list[tuple[str, str]]) -> None:
    names = FileNames()
    given_names = [
        names.of_thread(thread(displayName=name, phoneE164=phone)) for name, phone in people
    ]
    assert len({name.casefold() for name in given_names}) == len(people)
    for name in given_names:
        assert name.endswith(".txt")
        assert len(name.encode()) <= 255
        assert not set('\\/:*?"<>|\0\n') & set(name)
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name)
        assert not name.startswith((".", " ", "-"))


async def test_each_conversation_has_a_file(tmp_path: Path) -> None:
    content = small_company()
    merged = {"accountId": "WA-01", "displayName": "Ana", "mergedInto": THREAD}
    content["threads/WA-01__1@lid"] = merged
    for number in range(1203):
        content[f"threads/{THREAD}/messages/N{number}"] = {
            "direction": "inbound", "type": "text", "body": f"nr {number}",
            "tsClient": NEW_YEAR + timedelta(days=60, seconds=number // 3),
        }  # fmt: skip
    async with a_store() as store:
        paths = list(content)
        for start in range(0, len(paths), 500):
            await store.commit([Set(path, content[path]) for path in paths[start : start + 500]])
        assert await write_texts(store, tmp_path, BUCHAREST) == 2
        first, second = sorted(os.listdir(tmp_path))
        assert first == "Ana Pop +40712345678 WA-01.txt"
        assert second == "Ana Pop +40712345678 WA-02.txt"
        text = (tmp_path / first).read_text().splitlines()
        assert text[0] == "Ana Pop · +40712345678 · WA-01"
        assert text[1] == "Messages: 1204. Times are those of Europe/Bucharest."
        told = [line.partition("nr ")[2] for line in text if "nr " in line]
        assert sorted(map(int, told)) == list(range(1203))
        assert (tmp_path / first).stat().st_mode & 0o777 == 0o600
        before = (tmp_path / first).read_bytes()
        assert await write_texts(store, tmp_path, BUCHAREST, threads=[THREAD]) == 1
        assert (tmp_path / first).read_bytes() == before
        assert len(os.listdir(tmp_path)) == 2
