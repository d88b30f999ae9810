"""Large entries are read by a process of its own, with the same result as here."""

from contextlib import aclosing
from typing import Any

import pytest

from bridge.ingest.reader import Reader
from bridge.ingest.reading import Errand, Part, parts_of
from bridge.ingest.runs import Run
from bridge.whatsapp.addresses import OwnJids
from bridge.whatsapp.facts import HistoryProgress
from bridge.whatsapp.proto import EventCode, HistorySyncEvent
from tests.support.accounts import NOW, OWN


def _errand(payload: bytes) -> Errand:
    own = OwnJids(phone=OWN)
    return Errand("WA-01", EventCode.HISTORY_SYNC, payload, own, NOW, 7)


def _history(messages: int = 700) -> bytes:
    event = HistorySyncEvent()
    event.Data.syncType = 2
    conversation = event.Data.conversations.add()
    conversation.ID = "40712345678@s.whatsapp.net"
    conversation.name = "Maria"
    for number in range(messages):
        info = conversation.messages.add().message
        info.key.remoteJID = conversation.ID
        info.key.ID = f"M{number}"
        info.messageTimestamp = 1_767_000_000 - number
        info.message.conversation = "bună ziua " * 12
        if number == 5:
            info.message.ClearField("conversation")
            info.message.imageMessage.mimetype = "image/jpeg"
    return bytes(event.SerializeToString())


async def _read(reader: Reader, errand: Errand) -> list[Part]:
    return [part async for part in reader.read(errand)]


@pytest.fixture
async def reader() -> Any:
    one = Reader()
    yield one
    await one.close()


async def test_a_process_reads_the_same(reader: Reader) -> None:
    errand = _errand(_history())
    here = list(parts_of(errand))
    assert sum(len(one) for part in here for one in part.facts if isinstance(one, Run)) == 700
    assert isinstance(here[-1].facts[-1], HistoryProgress)
    for _again in range(2):
        assert await _read(reader, errand) == here
    assert reader._child is not None
    process = reader._child._process
    await reader.close()
    assert process.returncode == 0


async def test_the_next_entry_is_handed_over_while_one_is_read(reader: Reader) -> None:
    first, second = _errand(_history()), _errand(_history(900))
    async with aclosing(reader.read(first, second)) as parts:
        assert [part async for part in parts] == list(parts_of(first))
    assert reader._child is not None
    assert reader._child._sent is second
    child = reader._child
    assert await _read(reader, second) == list(parts_of(second))
    assert reader._child is child


async def test_another_entry_than_was_announced_is_read_all_the_same(reader: Reader) -> None:
    first, announced, other = (_errand(_history(count)) for count in (700, 800, 900))
    async with aclosing(reader.read(first, announced)) as parts:
        assert [part async for part in parts] == list(parts_of(first))
    assert await _read(reader, other) == list(parts_of(other))
    assert await _read(reader, announced) == list(parts_of(announced))


async def test_a_broken_entry_says_so(reader: Reader) -> None:
    broken = _errand(_history() + b"\xff\xff\xff")
    (part,) = await _read(reader, broken)
    assert part.error
    assert part.is_last
    assert len(await _read(reader, _errand(_history()))) > 1


async def test_when_the_process_dies_the_entry_is_read_here(reader: Reader) -> None:
    errand = _errand(_history(4000))
    found: list[Part] = []
    async with aclosing(reader.read(errand)) as parts:
        async for part in parts:
            if not found:
                assert reader._child is not None
                reader._child._kill()
                await reader._child._process.wait()
            found.append(part)
    told = [fact for part in found for fact in part.facts]
    whole = [fact for part in parts_of(errand) for fact in part.facts]
    assert told[-len(whole) :] == whole
    assert len(told) > len(whole)


async def test_an_entry_that_is_left_early_leaves_no_process(reader: Reader) -> None:
    async with aclosing(reader.read(_errand(_history(4000)))) as parts:
        await anext(parts)
        assert reader._child is not None
        process = reader._child._process
    assert process.returncode is not None


async def test_without_a_process_it_is_read_here(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    errand = _errand(_history())
    assert await _read(reader, errand) == list(parts_of(errand))
