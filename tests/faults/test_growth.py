"""The judge of a day finds nothing in a sound one, and each kind of growth in a doctored one."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.gauges import MB, Reading, Slope, Taken
from tests.faults.growth import judge, slopes, table

HOURS = 24
Doctor = Callable[[Reading], Reading]


def a_process(pid: int, megabytes: float, seconds: float) -> Taken:
    return Taken(pid, int(megabytes * MB), ("/dev/null", "socket", "socket"), 5, seconds)


def a_reading(hour: int, noise: float) -> Reading:
    """A bridge that took half its memory in the first hours."""
    warm = min(1.0, 0.5 + hour / 10)
    return Reading(
        hour,
        1000 * (hour + 1),
        a_process(1, 80 * warm + noise, 4.0 * hour),
        a_process(2 if hour < 4 else 3, 40 + noise, 1.0 * hour),
        {
            "store.db": MB * (hour + 1),
            "store.db-wal": 16 * MB,
            "search.db": MB // 5 * (hour + 1),
            "search.db-wal": 4 * MB,
            "accounts/WA-01/journal.db": 9 * MB,
            "accounts/WA-01/journal.db-wal": 4 * MB,
            "logs/bridge.log": 5 * MB,
        },
        min(7000, 1500 * (hour + 1)),
    )


def a_day(doctor: Doctor = lambda one: one) -> list[Reading]:
    chance = random.Random(5)
    return [doctor(a_reading(hour, chance.uniform(-1, 1))) for hour in range(HOURS)]


def test_a_sound_day_is_sound() -> None:
    assert judge(a_day()) == []


def more_memory(one: Reading) -> Reading:
    return replace(one, bridge=replace(one.bridge, memory=one.bridge.memory + MB * one.hour))


def a_leaking_worker(one: Reading) -> Reading:
    memory = one.worker.memory + MB // 2 * one.hour
    return replace(one, worker=replace(one.worker, memory=memory))


def a_socket_more(one: Reading) -> Reading:
    some = (*one.bridge.descriptors, *["socket"] * (one.hour // 10))
    return replace(one, bridge=replace(one.bridge, descriptors=some))


def a_pipe_more(one: Reading) -> Reading:
    some = (*one.worker.descriptors, "pipe") if one.hour == HOURS - 1 else one.worker.descriptors
    return replace(one, worker=replace(one.worker, descriptors=some))


def more_threads(one: Reading) -> Reading:
    return replace(one, bridge=replace(one.bridge, threads=5 + 3 * one.hour))


def slower(one: Reading) -> Reading:
    return replace(one, bridge=replace(one.bridge, seconds=0.2 * one.hour**2))


def more_entries(one: Reading) -> Reading:
    return replace(one, entries=1500 * (one.hour + 1))


def larger(name: str, size: Callable[[int], int]) -> Doctor:
    return lambda one: replace(one, files=one.files | {name: size(one.hour)})


@pytest.mark.parametrize(
    ("doctor", "found"),
    [
        (more_memory, "the bridge's memory grows"),
        (a_leaking_worker, "the worker's memory grows"),
        (a_socket_more, "the bridge holds 2 descriptors more: socket, socket"),
        (a_pipe_more, "the worker holds 1 descriptors more: pipe"),
        (more_threads, "the bridge has 74 threads"),
        (slower, "s of the bridge's processor"),
        (more_entries, "the journal holds 36000 entries"),
        (larger("store.db-wal", lambda hour: 40 * MB), "store.db-wal takes 40 MB"),
        (larger("logs/bridge.log", lambda hour: 9 * MB), "logs/bridge.log takes 9.0 MB"),
        (larger("accounts/WA-01/worker.log", lambda hour: hour * MB), "worker.log takes 23.0 MB"),
        (larger("store.db", lambda hour: hour**2 * MB), "store.db takes"),
        (larger("search.db", lambda hour: hour**3 * MB), "search.db takes"),
    ],
)
def test_growth_is_found(doctor: Doctor, found: str) -> None:
    findings = judge(a_day(doctor))
    assert any(found in one for one in findings), findings


def test_a_line_has_its_slope_and_noise_an_error() -> None:
    exact = Slope.of([3.0, 5.0, 7.0, 9.0])
    assert (exact.a_step, exact.error) == (2.0, 0.0)
    chance = random.Random(7)
    noisy = Slope.of([chance.gauss(100, 3) for _ in range(200)])
    assert abs(noisy.a_step) < 2.5 * noisy.error
    assert noisy.error == pytest.approx(3 * (12 / 200**3) ** 0.5, rel=0.15)


def test_only_the_last_workers_memory_counts() -> None:
    assert abs(slopes(a_day())["worker"].a_step) < MB / 10


def test_a_table_has_a_line_for_each_hour() -> None:
    assert len(table(a_day()).splitlines()) == 1 + HOURS + 2
