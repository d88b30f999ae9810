"""The short form of two bridges: one is killed, then a worker, and nothing is lost or doubled."""

from pathlib import Path

import pytest

from tests.faults.takeover import run

SEED = 29
"""Its first blow is a kill, its second befalls a worker."""


@pytest.mark.journey
@pytest.mark.timeout(400)
async def test_a_takeover_costs_nothing(tmp_path: Path) -> None:
    story: list[str] = []
    findings = await run(tmp_path, "embedded", SEED, 2, tell=story.append)
    assert not findings, "\n".join([f"seed {SEED}", *story, *map(str, findings)])
    assert story[:2] == ["1: kill", "2: worker"]
