"""Doorbells are rung after commits, and dead ones are removed."""

import socket
from pathlib import Path

from core.store.embedded import EmbeddedStore
from core.store.embedded.doorbell import Doorbell, ring_all
from core.store.port import Query, Set


def test_a_ring_arrives_at_everyone_else(folder: Path) -> None:
    one, two = Doorbell(folder), Doorbell(folder)
    try:
        ring_all(folder, but=one.path)
        assert two.socket.recv(16) == b"!"
        two.drain()
        one.drain()
    finally:
        one.close()
        two.close()
    assert list(folder.iterdir()) == []


def test_a_bell_that_nobody_hears_is_removed(folder: Path) -> None:
    dead = folder / "1-dead.bell"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(dead))
    (folder / "note.txt").touch()
    ring_all(folder)
    assert [path.name for path in folder.iterdir()] == ["note.txt"]


def test_a_bell_that_is_full_does_not_hold_up_the_ringer(folder: Path) -> None:
    bell = Doorbell(folder)
    try:
        for _ in range(2000):
            ring_all(folder)
        bell.drain()
    finally:
        bell.close()


def test_no_folder_no_ring(folder: Path) -> None:
    ring_all(folder / "none")
    assert not (folder / "none").exists()


async def test_a_bell_lives_as_long_as_there_are_watches(folder: Path) -> None:
    bells = folder / "bell"

    def count() -> int:
        return len(list(bells.iterdir())) if bells.exists() else 0

    async with EmbeddedStore.open(folder / "store.db", doorbells=bells) as store:
        assert count() == 0
        one, two = store.watch("things/one"), store.watch(Query("things"))
        assert count() == 0
        await anext(one)
        await anext(two)
        assert count() == 1
        await one.close()
        assert count() == 1
        await two.close()
        assert count() == 0
        await anext(store.watch("things/one"))
        await store.commit([Set("things/one", {})])
        assert count() == 1
    assert count() == 0


async def test_a_bell_that_cannot_be_hung_leaves_the_poll(folder: Path) -> None:
    too_long = folder / ("x" * 120)
    async with EmbeddedStore.open(folder / "store.db", doorbells=too_long) as store:
        watch = store.watch("things/one")
        await anext(watch)
        async with EmbeddedStore.open(folder / "store.db") as other:
            await other.commit([Set("things/one", {"n": 1})])
        assert len((await anext(watch)).documents) == 1
