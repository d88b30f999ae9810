"""A conversation's history writes its thread once, at its end, whatever happens in between."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.ingest.runs import gathered
from bridge.ingest.summary import Summary
from bridge.ingest.told import Told
from bridge.whatsapp.facts import Chat, Fact, LidLinked, MessageEdited, NameLearned, ReactionSet
from core.model.ids import Jid
from core.store.counting import CountingStore, Usage
from core.store.embedded import EmbeddedStore
from core.store.errors import StoreUnavailable
from core.store.port import Write
from tests.contract.engines import ENGINES
from tests.support.accounts import (
    LID,
    NOW,
    PHONE,
    THREAD,
    Desk,
    a_desk,
    at,
    desk_on,
    message,
    receipt,
)

CHAT = Chat(jid=PHONE)
GROUP = Chat(jid=Jid("1203630", "g.us"))


def history(count: int, chat: Chat = CHAT, *, from_me: bool = False) -> list[Fact]:
    return [
        message(f"{chat.jid.user}-{n}", f"nr {n}", seconds=n, chat=chat,
                from_me=from_me and n % 2 > 0, is_history=True)
        for n in range(count)
    ]  # fmt: skip


@asynccontextmanager
async def counted(folder: Path) -> AsyncIterator[tuple[Desk, Usage]]:
    """An account's parts on a store that counts."""
    usage = Usage()
    async with EmbeddedStore.open(folder / "store.db", clock=lambda: NOW) as plain:
        desk = desk_on(CountingStore(plain, usage), folder)
        yield desk, usage
        desk.notes.close()


async def tell(desk: Desk, parts: Sequence[Sequence[Fact]]) -> None:
    """Tell batches of which each goes on in the next, where that is of the same conversation."""
    for number, part in enumerate(parts):
        following = parts[number + 1][0] if number + 1 < len(parts) and parts[number + 1] else None
        chat = following.chat if following is not None and hasattr(following, "chat") else None
        told = [Told(fact, NOW, 1) for fact in gathered(part, "WA-01", 1)]
        await desk.applier.apply(told, goes_on=chat)
    await desk.applier.finish()


def cut(facts: list[Fact], *places: int) -> list[list[Fact]]:
    ends = [0, *sorted(places), len(facts)]
    return [facts[a:b] for a, b in pairwise(ends) if facts[a:b]]


@pytest.mark.parametrize("is_there", [False, True])
async def test_the_thread_is_written_once(tmp_path: Path, is_there: bool) -> None:
    async with counted(tmp_path) as (desk, usage):
        if is_there:
            await desk.tell(message("live", "acum", seconds=-900))
        before = usage.copy()
        facts = history(1000, from_me=True)
        await tell(desk, cut(facts, 100, 350, 600, 850))
        used = usage.since(before)
        assert used.writes == {"messages": 1000, "threads": 1}
        thread = await desk.thread()
        assert (thread["lastMessageText"], thread["lastMessageAt"]) == ("nr 999", at(999))
        assert (thread["lastInboundAt"], thread["readUpTo"]) == (at(998), at(999))
        assert thread["unreadCount"] == 0
        assert used.reads["messages"] == (1000 if is_there else 0)


async def test_several_conversations_are_each_written_once(tmp_path: Path) -> None:
    async with counted(tmp_path) as (desk, usage):
        facts = [*history(400), *history(300, GROUP)]
        await tell(desk, cut(facts, 250, 500))
        assert usage.writes == {"messages": 700, "threads": 2}


async def test_reactions_edits_and_receipts_in_between_cost_no_further_write(
    tmp_path: Path,
) -> None:
    async with counted(tmp_path) as (desk, usage):
        facts = history(300)
        last = facts[-1]
        assert hasattr(last, "message_id")
        facts.insert(10, ReactionSet(chat=CHAT, message_id=f"{PHONE.user}-5", reactor_jid=PHONE,
                                     emoji="👍", at=at(5)))  # fmt: skip
        facts.append(
            MessageEdited(chat=CHAT, message_id=last.message_id, body="altfel", at=at(999))
        )
        facts.append(receipt("read_on_phone", f"{PHONE.user}-200"))
        await tell(desk, cut(facts, 100, 200))
        assert usage.writes["threads"] == 1
        thread = await desk.thread()
        assert thread["lastMessageText"] == "altfel"
        assert thread["readUpTo"] == at(200)
        assert (await desk.messages())[f"{PHONE.user}-5"]["reactions"] == {str(PHONE): "👍"}


@pytest.mark.parametrize("engine", sorted(ENGINES))
async def test_after_a_crash_before_the_thread_was_written_it_is_told_again(
    engine: str, tmp_path: Path
) -> None:
    with ENGINES[engine](tmp_path) as one:
        async with one.open() as store:
            desk = desk_on(store, tmp_path)
            facts = history(600)
            first = [Told(one, NOW, 1) for one in gathered(facts[:250], "WA-01", 1)]
            await desk.applier.apply(first, goes_on=CHAT)
            assert await desk.threads() == []
            assert len(await desk.messages()) == 250
            desk.notes.close()
            again = desk_on(store, tmp_path)
            await tell(again, cut(facts, 250, 500))
            again.notes.close()
            assert len(await desk.messages()) == 600
            assert (await desk.thread())["lastMessageText"] == "nr 599"


async def test_a_hidden_identity_that_becomes_known_meanwhile_keeps_one_thread(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.tell(message("L1", "ascuns", chat=Chat(jid=LID), seconds=-5))
        facts = history(300)
        facts.insert(260, LidLinked(lid=LID, phone=PHONE))
        await tell(desk, cut(facts, 250))
        await desk.tell(message("L2", "apoi", chat=Chat(jid=LID), seconds=5000))
        live = [
            name for name in await desk.threads() if not (await desk.thread(name)).get("mergedInto")
        ]
        assert live == [THREAD]
        assert len(await desk.messages()) == 302
        assert (await desk.thread())["lastMessageText"] == "apoi"


async def test_a_name_learned_meanwhile_is_the_threads(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        facts = history(300)
        facts.insert(260, NameLearned(jid=PHONE, name="Ana", source="contact"))
        await tell(desk, cut(facts, 250))
        assert (await desk.thread())["displayName"] == "Ana"


async def test_what_is_told_beside_a_history_leaves_it_alone(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        facts = history(300)
        first = [Told(one, NOW, 1) for one in gathered(facts[:250], "WA-01", 1)]
        await desk.applier.apply(first, goes_on=CHAT)
        desk.notes.put_early("WA-01__9@lid", "X", receipt("delivered", "X"), NOW)
        await desk.applier.replay_early("WA-01__9@lid", "X")
        await desk.applier.finish()
        assert (await desk.thread())["lastMessageText"] == "nr 249"


async def test_what_came_early_is_forgotten_when_it_is_old(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for name, second in (("old", 0), ("new", 60)):
            desk.notes.put_early(THREAD, name, receipt("delivered", name), at(second))
        desk.notes.forget_older(at(30))
        assert not desk.notes.is_any_early(["old"])
        assert desk.notes.is_any_early(["new"])
        assert [one.message_id for one in desk.notes.early_in(THREAD)] == ["new"]


async def test_what_came_early_is_kept_when_another_thread_has_a_message_of_that_id(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        for thread_id in (THREAD, "WA-01__other"):
            desk.notes.put_early(thread_id, "X", receipt("delivered", "X"), NOW)
        desk.notes.forget_early("WA-01__other", "X")
        assert desk.notes.early("WA-01__other", "X") == []
        assert len(desk.notes.early(THREAD, "X")) == 1
        desk.notes.forget_early(THREAD, "X")
        assert not desk.notes.is_any_early(["X"])


async def _documents(parts: Sequence[Sequence[Fact]], *, at_once: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        async with a_desk(Path(folder)) as desk:
            if at_once:
                for part in parts:
                    for fact in part:
                        await desk.tell(fact)
            else:
                await tell(desk, parts)
            found: dict[str, Any] = {}
            for thread_id in await desk.threads():
                found[thread_id] = await desk.thread(thread_id)
                for key, doc in (await desk.messages(thread_id)).items():
                    found[f"{thread_id}/{key}"] = doc
            return {
                path: {
                    name: one for name, one in doc.items() if name not in ("createdAt", "updatedAt")
                }
                for path, doc in found.items()
            }


_MESSAGES = st.builds(
    lambda number, seconds, group, mine, old: message(
        f"M{number}", f"nr {number}", seconds=seconds, chat=GROUP if group else CHAT,
        from_me=mine, is_history=old,
    ),
    st.integers(0, 9), st.integers(-5, 5), st.booleans(), st.booleans(),
    st.sampled_from([True, True, True, True, False]),
)  # fmt: skip
_CHANGES = st.one_of(
    st.builds(lambda n: receipt("read_on_phone", f"M{n}"), st.integers(0, 9)),
    st.builds(
        lambda n, s: MessageEdited(chat=CHAT, message_id=f"M{n}", body="nou", at=at(s)),
        st.integers(0, 9), st.integers(0, 5),
    ),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(_MESSAGES | _CHANGES, min_size=1, max_size=14), st.sets(st.integers(1, 13)))
def test_however_it_is_cut_the_documents_are_those_of_facts_told_one_by_one(
    facts: list[Fact], places: set[int]
) -> None:
    parts = cut(facts, *(place for place in places if place < len(facts)))
    slow = asyncio.run(_documents(parts, at_once=True))
    assert asyncio.run(_documents(parts, at_once=False)) == slow


def test_a_summary_keeps_the_latest_of_each_kind() -> None:
    summary = Summary()
    for seconds, direction, kind in [(1, "inbound", "text"), (5, "outbound", "text"),
                                     (9, "inbound", "system"), (3, "inbound", "text")]:  # fmt: skip
        summary.add({"messageId": f"{seconds}", "tsClient": at(seconds), "direction": direction,
                     "type": kind, "body": f"{seconds}"})  # fmt: skip
    thread = summary.copy().told_to({})
    assert (thread["lastMessageText"], thread["lastInboundAt"], thread["readUpTo"]) == (
        "5", at(9), at(5),
    )  # fmt: skip


class Flaky(CountingStore):
    """A store that is away once, after its first commit."""

    def __init__(self, store: EmbeddedStore) -> None:
        super().__init__(store, Usage(), self._note_commit)
        self.commits = 0

    def _note_commit(self, _writes: Sequence[Write]) -> None:
        self.commits += 1
        if self.commits == 1:
            raise StoreUnavailable("away")


async def test_a_batch_done_again_after_a_lost_answer_tells_the_thread_right(
    tmp_path: Path,
) -> None:
    async with EmbeddedStore.open(tmp_path / "store.db", clock=lambda: NOW) as plain:
        desk = desk_on(Flaky(plain), tmp_path)
        facts = history(300)
        first = [Told(one, NOW, 1) for one in gathered(facts[:250], "WA-01", 1)]
        with pytest.raises(StoreUnavailable):
            await desk.applier.apply(first, goes_on=CHAT)
        await desk.applier.apply(first, goes_on=CHAT)
        rest = [Told(one, NOW, 1) for one in gathered(facts[250:], "WA-01", 1)]
        await desk.applier.apply(rest)
        assert (await desk.thread())["lastMessageText"] == "nr 299"
        assert len(await desk.messages()) == 300
        desk.notes.close()
