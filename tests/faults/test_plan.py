"""A plan follows from its seed alone, and a long one has everything in it."""

from itertools import pairwise

from core.failpoints import NAMES
from tests.faults.plan import make_plan

LONG = make_plan(1, 500)


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert make_plan(7, 40) == make_plan(7, 40)
    assert make_plan(7, 40) != make_plan(8, 40)


def test_a_shorter_run_of_a_seed_is_the_beginning_of_a_longer_one() -> None:
    short = make_plan(1, 20)
    assert LONG[: len(short)] == short


def test_a_long_plan_kills_at_every_failpoint_that_a_short_life_reaches() -> None:
    killed = {one.kill.failpoint.partition(":")[0] for one in LONG} - {""}
    assert killed == set(NAMES) - {"journal.compact"}
    assert {one.kill.kind for one in LONG} == {
        "instant", "startup", "failpoint", "worker", "worker failpoint",
    }  # fmt: skip


def test_a_long_plan_has_every_fault_and_every_deed_in_it() -> None:
    outages = {one.outage.kind for one in LONG if one.outage}
    assert outages == {"locked", "moved away", "full disk"}
    assert any(one.outage and one.outage.detail["seconds"] > 5 for one in LONG)
    assert len({fault.kind for one in LONG for fault in one.faults}) == 11
    assert len({deed.kind for one in LONG for deed in one.deeds}) == 18
    assert {one.clock for one in LONG if one.clock and "@" in one.clock}
    assert {one.full.partition(":")[0] for one in LONG if one.full}


def test_a_process_that_runs_is_never_to_be_armed() -> None:
    for before, after in pairwise(LONG):
        if not before.ends_bridge:
            assert (after.kill.failpoint, after.full, after.clock) == ("", "", "")
