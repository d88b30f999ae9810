"""The short form of the soak: a bridge is killed twenty times, and nothing is lost or doubled."""

from pathlib import Path

import pytest

from tests.faults.plan import make_plan
from tests.faults.soak import run, table

SEED = 177
KILLS = 20


@pytest.mark.journey
@pytest.mark.timeout(400)
async def test_twenty_kills_cost_nothing(tmp_path: Path) -> None:
    result = await run(tmp_path, SEED, KILLS)
    plan = "\n".join(map(str, make_plan(SEED, KILLS)))
    findings = "\n".join(map(str, result.findings))
    story = f"seed {SEED}\n{plan}\n{table(result, SEED)}\n{findings}"
    assert not result.findings, story
    assert result.killed >= KILLS, story
    statuses = {one["status"] for one in result.evidence.outbox.values()}
    assert statuses & {"delivered", "read"}, story
