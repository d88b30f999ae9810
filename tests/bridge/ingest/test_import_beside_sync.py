"""An import and a sync of one chat, in any order and at once, give the same conversation."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.chat_import.archive import open_export
from bridge.ingest import batch
from bridge.ingest.runs import gathered
from bridge.ingest.told import Told
from bridge.ingest.working import Working
from bridge.whatsapp.facts import (
    Chat,
)
from core.model.documents import MessageType
from core.model.ids import Jid
from core.store.errors import StoreUnavailable
from core.store.port import Reader
from tests.contract.engines import ENGINES
from tests.support.accounts import (
    NOW,
    a_desk,
    desk_on,
    message,
)
from tests.support.imported import Said, an_imported_chat, take_in, visible


@st.composite
def conversations(draw: st.DrawFn) -> list[Said]:
    """Conversations in which the same words are said again and again, seconds apart."""
    gaps = draw(st.lists(st.sampled_from([0, 1, 7, 20, 55, 61, 130, 9000]), max_size=12))
    said: list[Said] = []
    seconds = 0
    for number, gap in enumerate(gaps):
        seconds += gap
        kinds: list[MessageType] = ["text", "text", "text", "image"]
        kind = draw(st.sampled_from(kinds))
        body = draw(st.sampled_from(["da", "ok", "bine"])) if kind == "text" else ""
        said.append(Said(number, seconds, draw(st.booleans()), body, kind))
    return said


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_interleaving_gives_the_same_conversation(data: st.DataObject) -> None:
    said = data.draw(conversations(), "said")
    is_synced = [data.draw(st.sampled_from([True, True, False])) for _ in said]
    synced = [one for one, is_told in zip(said, is_synced, strict=True) if is_told]
    order = data.draw(st.permutations(synced), "order") if data.draw(st.booleans()) else synced
    sizes = data.draw(st.lists(st.integers(1, 5), max_size=5), "batches")
    when = data.draw(st.lists(st.integers(0, len(sizes) + 1), min_size=1, max_size=3), "imports")
    asyncio.run(_interleave(said, synced, order, sizes, when))


async def _interleave(
    said: Sequence[Said], synced: Sequence[Said], order: Sequence[Said], sizes: list[int],
    when: list[int],
) -> None:  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.txt"
        path.write_text("")
        exported = [one.exported for one in said]
        with open_export(path) as export:
            async with a_desk(Path(folder)) as desk:
                rest = list(order)
                for number, size in enumerate([*sizes, len(rest)]):
                    for _ in range(when.count(number)):
                        await take_in(desk, exported, export)
                    some, rest = rest[:size], rest[size:]
                    if some:
                        await desk.tell(*(one.fact for one in some))
                for _ in range(when.count(len(sizes) + 1)):
                    await take_in(desk, exported, export)
                if said:
                    interleaved = await visible(desk)
            (Path(folder) / "other").mkdir()
            async with a_desk(Path(folder) / "other") as desk:
                if synced:
                    await desk.tell(*(one.fact for one in synced))
                await take_in(desk, exported, export)
                if said:
                    assert interleaved == await visible(desk)


async def test_only_threads_with_imported_messages_pay(tmp_path: Path) -> None:
    old = Said(1, 0, False, "Salut")
    async with an_imported_chat(tmp_path, old) as (desk, _export):
        asked: list[str] = []

        class Counted(Working):
            async def load(self, reader: Reader, paths: Sequence[str]) -> None:
                asked.extend(paths)
                await super().load(reader, paths)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch, "Working", Counted)
            other = Chat(jid=Jid("40799999999", "s.whatsapp.net"))
            await desk.tell(message("N1", "nou", chat=other, is_history=True))
            await desk.tell(message("N2", "nou", chat=other, is_history=True))
            await desk.tell(message("N3", "mult mai nou", seconds=9 * 86_400))
            assert not any("/aliases/" in path for path in asked)
            await desk.tell(message("N4", "de atunci", seconds=30, is_history=True))
            assert any("/aliases/" in path for path in asked)


async def test_an_import_beside_a_sync_adds_each_message_once(tmp_path: Path) -> None:
    said = [Said(number, 40 * number, number % 3 == 0, "da") for number in range(60)]
    (tmp_path / "chat.txt").write_text("")
    async with a_desk(tmp_path) as desk:
        with open_export(tmp_path / "chat.txt") as export:

            async def sync() -> None:
                for one in reversed(said):
                    await desk.tell(one.fact)

            await asyncio.gather(sync(), take_in(desk, [one.exported for one in said], export))
        assert len(await desk.messages()) == len(said)
        assert all(doc["waMessageId"] for doc in (await desk.messages()).values())


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_a_long_history_beside_an_import_of_it(engine: str, tmp_path: Path) -> None:
    """Runs of hundreds of messages, on either engine, while the same chat is imported."""
    said = [Said(number, 20 * number, number % 3 == 0, f"nr {number % 7}") for number in range(700)]
    (tmp_path / "chat.txt").write_text("")
    with ENGINES[engine](tmp_path) as one, open_export(tmp_path / "chat.txt") as export:
        async with one.open() as store, one.open() as other:
            desk, elsewhere = desk_on(store, tmp_path), desk_on(other, tmp_path / "other")
            exported = [each.exported for each in said]

            async def sync() -> None:
                facts = [each.fact for each in said]
                for first in (500, 250, 0):  # the newest first, as phones tell it
                    runs = gathered(facts[first : first + 250], "WA-01", 1)
                    await desk.applier.apply([Told(run, NOW, 1) for run in runs])

            await take_in(desk, exported[:600], export)
            await asyncio.gather(sync(), take_in(elsewhere, exported, export))
            docs = sorted((await desk.messages()).values(), key=lambda doc: doc["tsClient"])
            assert [doc["waMessageId"] for doc in docs] == [f"WA{each.number}" for each in said]
            assert [doc["body"] for doc in docs] == [each.body for each in said]
            assert (await desk.thread())["lastMessageAt"] == said[-1].fact.ts_client
            for each in (desk, elsewhere):
                each.notes.close()


async def test_a_telling_that_was_cut_off_is_told_again(tmp_path: Path) -> None:
    hello = Said(1, 65, False, "Salut")
    async with an_imported_chat(tmp_path, hello) as (desk, _export):
        commit = desk.store.transact

        async def fails(*args: Any, **options: Any) -> Any:
            await commit(*args, **options)
            raise StoreUnavailable("gone", hint="")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(desk.store, "transact", fails)
            with pytest.raises(StoreUnavailable):
                await desk.tell(hello.fact)
        await desk.tell(hello.fact)
        assert len(await desk.messages()) == 1
