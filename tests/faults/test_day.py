"""The short form of the day: a busy morning, after which the bridge holds what it held before."""

from pathlib import Path

import pytest

from tests.faults.busy_firm import Traffic
from tests.faults.day import run
from tests.faults.growth import judge, table

SEED = 3
MORNING = Traffic(hours=3, customers=12, rounds=3, answers=12, changes=8, deaths=(1,))


@pytest.mark.journey
@pytest.mark.timeout(400)
async def test_a_busy_morning_leaves_nothing_behind(tmp_path: Path) -> None:
    readings = await run(tmp_path, MORNING, SEED)
    story = f"seed {SEED}\n{table(readings)}"
    assert judge(readings) == [], story
    a_round, answers = MORNING.customers * MORNING.rounds, MORNING.answers
    assert readings[-1].messages >= MORNING.hours * (a_round + answers), story
