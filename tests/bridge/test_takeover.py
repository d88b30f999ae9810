"""A bridge dies, stands still or loses its store: another goes on, and nothing is sent twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.errors import LeaseLost
from bridge.outbox import sender as sending
from bridge.outbox.sender import Sender
from bridge.whatsapp.proto import EventCode
from bridge.whatsapp.protocol import Reply, Send
from core.clock import system_clock
from core.store.errors import StoreUnavailable
from tests.support.accounts import PHONE
from tests.support.bridges import (
    ACCOUNT,
    SECONDS,
    Bridge,
    World,
    a_world,
    received,
    send,
    status_becomes,
)
from tests.support.neonize_events import receipt
from tests.support.waiting import document_where, until

DELIVERED = 1
"""The number of this kind of receipt at neonize."""


async def test_after_a_death_the_other_takes_over_and_sends_nothing_twice(tmp_path: Path) -> None:
    hours = timedelta(hours=3)
    async with a_world(tmp_path) as world:
        one = world.bridge("one", slow_by=hours)
        other = world.bridge("other", slow_by=-hours)
        await one.supervisor.add("Principal", None)
        request_id = await send(one, "Bună ziua!")
        item = await status_becomes(one, request_id, "sending")
        assert item["lease"]["owner"] == "one"
        await one.dies()
        world.bridges.remove(one)
        await other.has_looked()
        world.earth.ahead += SECONDS - 20
        assert other.runs == []
        world.earth.ahead += 21
        await other.takes_over()
        item = await status_becomes(other, request_id, "uncertain")
        assert item["lease"] is None
        await until(lambda: other.board.counts["uncertain"] == 1, "the board says so")
        assert other.workers["WA-01"].asked == []
        later = await send(other, "Mai sunteți?")
        await status_becomes(other, later, "sending")
        asked = other.workers["WA-01"].asked
        await until(lambda: bool(asked), "the worker is asked")
        assert [one.body for one in asked if isinstance(one, Send)] == ["Mai sunteți?"]


async def test_one_that_stood_still_neither_sends_nor_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_FINISH_SECONDS", 0.0)
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        await one.supervisor.add("Principal", None)
        request_id = await send(one, "Bună ziua!")
        item = await status_becomes(one, request_id, "sending")
        sender = one.supervisor.accounts[0].sender
        other = world.bridge("other")
        await other.has_looked()
        other.stood_still = 3600  # for the other, an hour passed
        await other.takes_over()
        await status_becomes(other, request_id, "uncertain")
        with pytest.raises(LeaseLost):
            await sender._answered(request_id, item, Reply(command_id=1, value="WA1"))
        found = await world.outbox(other.store, request_id)
        assert (found["status"], found["waMessageId"]) == ("uncertain", None)
        later = await send(other, "Mai sunteți?")
        with pytest.raises(LeaseLost):
            await sender._claim(later)
        await until(lambda: one.runs == [], "it lets go")
        worker = one.workers["WA-01"]
        await until(lambda: worker.is_gone, "its worker ends")
        assert len(worker.asked) == 1
        document = await other.store.get(ACCOUNT)
        assert document is not None
        assert document.data["lease"]["owner"] == "other"


async def asked_and_delivered(world: World, one: Bridge) -> str:
    """Have a message go out whose answer is lost, and its delivery come to this bridge alone."""
    await one.supervisor.add("Principal", None)
    request_id = await send(one, "Bună ziua!")
    asked = one.workers["WA-01"].asked
    await until(lambda: bool(asked), "the worker is asked")
    received(one.folder, EventCode.RECEIPT, receipt(DELIVERED, "WA1", chat=str(PHONE)))
    await one.supervisor.accounts[0].ingest.drained()
    assert (await world.outbox(one.store, request_id))["status"] == "sending"
    return request_id


async def test_a_delivery_that_a_dead_bridge_knew_of_settles_the_message_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        request_id = await asked_and_delivered(world, one)
        await one.dies()
        world.bridges.remove(one)
        await other.has_looked()
        world.earth.ahead += SECONDS + 1
        await other.takes_over()
        await status_becomes(other, request_id, "uncertain")

        back = world.bridge("one")
        item = await status_becomes(back, request_id, "delivered")
        assert item["waMessageId"] == "WA1"
        assert (other.runs, back.runs) == (["WA-01"], [])


async def test_a_delivery_that_only_who_lost_the_account_knows_of_settles_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recover, may_recover = Sender.recover, asyncio.Event()
    recovered_at = datetime.max.replace(tzinfo=UTC)

    async def recover_late(sender: Sender) -> None:
        nonlocal recovered_at
        await may_recover.wait()
        await recover(sender)
        recovered_at = system_clock()

    async with a_world(tmp_path) as world:
        one, other = world.bridge("one"), world.bridge("other")
        request_id = await asked_and_delivered(world, one)
        await other.has_looked()
        monkeypatch.setattr(Sender, "recover", recover_late)
        other.stood_still = 3600  # for the other, an hour passed
        await other.takes_over()
        await until(lambda: "WA-01" in one.supervisor._leftovers, "it brings in what it has")
        leftovers = one.supervisor._leftovers["WA-01"]
        await asyncio.gather(*leftovers._tasks[1:])  # it has looked, and told the other
        await one.has_looked()
        await leftovers.ingest.drained()
        assert (await world.outbox(other.store, request_id))["status"] == "sending"
        by_one = await brought_in_at(other)
        may_recover.set()
        item = await status_becomes(other, request_id, "delivered")
        assert item["waMessageId"] == "WA1"
        assert (one.runs, other.runs) == ([], ["WA-01"])
        found = await document_where(
            other.store, ACCOUNT, lambda data: data["broughtInAt"] != by_one
        )
        by_other = found.data["broughtInAt"]
        assert by_other > recovered_at, "it tells nobody to look before there is something to see"


async def brought_in_at(bridge: Bridge) -> datetime:
    document = await bridge.store.get(ACCOUNT)
    assert document is not None
    moment: datetime = document.data["broughtInAt"]
    return moment


async def test_a_store_out_of_reach_ends_the_work_before_the_lease_ends(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        account = await one.supervisor.add("Principal", None)
        await until(lambda: account.runner.is_connected, "connected")
        account._tasks["document"].cancel()  # nothing renews the lease any more
        world.earth.ahead += SECONDS * 0.5
        assert account.held.is_sure
        world.earth.ahead += SECONDS * 0.3
        worker = one.workers["WA-01"]
        await until(lambda: worker.is_gone, "the worker is stopped")
        assert account.held.grace_seconds() > 0, "before its time was over"
        # The lease is still its own: it takes it up anew.
        await until(lambda: one.workers["WA-01"] is not worker, "another worker")


async def test_a_stop_while_the_store_is_out_of_reach_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(*_arguments: object) -> None:
        raise StoreUnavailable("Firestore cannot be reached.")

    async with a_world(tmp_path) as world:
        one = world.bridge("one")
        account = await one.supervisor.add("Principal", None)
        await until(lambda: account.runner.is_connected, "connected")
        monkeypatch.setattr(account.sender, "recover", away)
        await one.supervisor.stop()
        assert one.workers["WA-01"].is_gone
    told = [record.getMessage() for record in caplog.records if record.name == "bridge.account"]
    assert told == ["WA-01: the store is away; the next start looks again"]
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
