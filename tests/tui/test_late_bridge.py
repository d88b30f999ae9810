"""A call made while the bridge is starting waits for it, however the start ends."""

import asyncio
from pathlib import Path

import pytest

from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest, Health
from core.service.errors import BridgeUnreachable
from tests.support.virtual_time import run_virtually
from tui.late_bridge import LateBridge


def test_a_call_waits_for_the_end_of_a_start_that_may_fail(tmp_path: Path) -> None:
    run_virtually(call_during_a_start_that_fails(tmp_path))


async def call_during_a_start_that_fails(folder: Path) -> None:
    gate = asyncio.Event()

    async def start(_client: BridgeClient) -> Health:
        await gate.wait()
        raise BridgeUnreachable("It did not start.")

    bridge = LateBridge(DataFolder(folder), LocalSession(), start=start)
    starting = asyncio.create_task(bridge.ensure_running())
    call = asyncio.create_task(bridge.call(AddAccountRequest(name="x")))
    await asyncio.sleep(60)
    assert not call.done()
    gate.set()
    with pytest.raises(BridgeUnreachable, match="did not start"):
        await starting
    with pytest.raises(BridgeUnreachable, match="cannot be reached"):
        await call
    await bridge.close()
