"""Which of several bridges runs an account, and how one lets go of it for another."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bridge import supervisor
from bridge.tasks import cancel_all
from bridge.whatsapp.protocol import Connect, LeaseUntil
from core.paths import DataFolder
from core.service.errors import CallRefused
from core.store.port import CommitResult, Create, Update, Write
from tests.support.bridges import ACCOUNT, a_world
from tests.support.waiting import document_where, until


async def test_an_account_is_run_where_it_was_added_and_nowhere_else(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await until(lambda: "WA-01" in one.workers, "a worker")
        with pytest.raises(CallRefused) as caught:
            await other.supervisor.find("WA-01", asks=False)
        assert caught.value.status == "UNAVAILABLE"
        assert (one.runs, other.runs) == (["WA-01"], [])
        told = one.workers["WA-01"].told
        await until(lambda: Connect() in told, "the worker connects")
        assert isinstance(told[0], LeaseUntil), "it knows its end before it connects"
        assert told[0].stop_at < told[0].gone_at


async def test_bridges_that_begin_at_once_share_the_accounts(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        first = world.bridge("first")
        for number in range(6):
            await first.supervisor.add(f"Linia {number}", None)
        await first.stops()
        world.bridges.clear()
        bridges = [world.bridge(name) for name in ("one", "two", "three")]
        await until(lambda: sum(len(one.runs) for one in bridges) == 6, "all run")
        assert sorted(name for one in bridges for name in one.runs) == [
            f"WA-{number:02}" for number in range(1, 7)
        ]


async def test_an_orderly_stop_hands_over_at_once(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await one.stops()
        world.bridges.remove(one)
        await until(lambda: other.runs == ["WA-01"], "the other one runs it")
        assert world.earth.ahead == 0


async def test_an_account_moves_to_where_an_admin_asks_for_it(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other, third = (world.bridge(name) for name in ("one", "other", "third"))
        await one.supervisor.add("Principal", None)
        await until(lambda: "WA-01" in one.workers, "a worker")
        found = await other.supervisor.find("WA-01")
        assert (one.runs, other.runs, third.runs) == ([], ["WA-01"], [])
        assert one.workers["WA-01"].is_gone
        await until(lambda: found.runner.is_connected, "connected")
        document = await other.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["lease"]["owner"], document.data["leaseWantedBy"]) == ("other", None)
        await one.supervisor.find("WA-01")
        assert (one.runs, other.runs) == (["WA-01"], [])


async def test_who_does_not_let_go_in_time_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_HAND_OVER_SECONDS", 0.2)
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await cancel_all(one._tasks)  # it looks at nothing any more
        with pytest.raises(CallRefused) as caught:
            await other.supervisor.find("WA-01")
        assert caught.value.status == "UNAVAILABLE"
        document = await other.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["lease"]["owner"], document.data["leaseWantedBy"]) == ("one", None)
        assert other.runs == []


async def test_an_archived_account_is_let_go_everywhere(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await one.supervisor.archive("WA-01")
        document = await one.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["isArchived"], document.data["lease"]) == (True, None)
        await other.supervisor.find("WA-01")
        assert other.runs == ["WA-01"]
        assert one.runs == []


async def test_an_archived_account_is_not_taken_up_for_what_was_known_before(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        await one.supervisor.add("Principal", None)
        await one.has_looked()
        before = one.supervisor._documents
        await one.supervisor.archive("WA-01")
        one.supervisor._documents = before
        await one.supervisor._look()
        assert one.runs == []
        document = await one.store.get(ACCOUNT)
        assert document is not None
        assert (document.data["isArchived"], document.data["lease"]) == (True, None)


async def test_an_account_is_taken_up_again_while_it_is_being_archived(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        await one.supervisor.add("Principal", None)
        await one.store.commit([Update(ACCOUNT, {"isArchived": True})])
        await other.supervisor.find("WA-01")
        assert (one.runs, other.runs) == ([], ["WA-01"])


async def test_a_new_account_is_its_makers_though_others_see_it_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        commit, refused = one.store.commit, []

        async def commit_and_be_overtaken(writes: Sequence[Write]) -> CommitResult:
            result = await commit(writes)
            if isinstance(writes[0], Create) and writes[0].path == ACCOUNT:
                await other.has_looked()
                refused.append(await other.supervisor._look())
            return result

        monkeypatch.setattr(one.store, "commit", commit_and_be_overtaken)
        await one.supervisor.add("Principal", None)
        assert len(refused) == 1
        assert refused[0] is not None, "the other one looks again later"
        assert (one.runs, other.runs) == (["WA-01"], [])


async def test_an_account_that_cannot_be_opened_leaves_the_others_alone(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        first = world.bridge("first")
        await first.supervisor.add("Bun", None)
        await first.supervisor.add("Rău", None)
        await first.stops()
        world.bridges.clear()
        folder = DataFolder(tmp_path / "one")
        folder.prepare()
        in_the_way = folder.account("WA-02")
        in_the_way.write_text("a file")
        bridge = world.bridge("one")
        await until(lambda: bridge.runs == ["WA-01"], "the sound one runs")
        await document_where(bridge.store, "accounts/WA-02", lambda data: data["lease"] is None)
