"""The short form of two bridges: one is killed, then a worker, and nothing is lost or doubled."""

from pathlib import Path

import pytest

from tests.faults.plan import ACCOUNT, CUSTOMERS
from tests.faults.takeover import a_team, run
from tests.support.waiting import until_found

SEED = 29
"""Its first blow is a kill, its second befalls a worker."""


@pytest.mark.journey
@pytest.mark.timeout(400)
async def test_a_takeover_costs_nothing(tmp_path: Path) -> None:
    story: list[str] = []
    findings = await run(tmp_path, "embedded", SEED, 2, tell=story.append)
    assert not findings, "\n".join([f"seed {SEED}", *story, *map(str, findings)])
    assert story[:2] == ["1: kill", "2: worker"]


@pytest.mark.journey
@pytest.mark.timeout(400)
async def test_an_event_whose_acknowledgement_was_lost_comes_again_in_the_end(
    tmp_path: Path,
) -> None:
    async with a_team(tmp_path, "embedded", SEED) as team:
        await team.sim.fault("ack_lost", ACCOUNT)
        await team.sim.customer_writes(CUSTOMERS[0], "Salut", to=ACCOUNT)

        async def is_lost() -> bool:
            faults = await team.sim.request("GET", "/faults")
            return not faults

        await until_found(is_lost, "an acknowledgement is lost")
        (device,) = await team.sim.devices()
        assert device["unacknowledged"] >= 1
        assert await team.come_to_rest() == []
