"""A call made while the bridge is starting waits for it, however the start ends."""

import asyncio
from pathlib import Path

import pytest

from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest, Health
from core.service.errors import BridgeUnreachable
from tui.late_bridge import LateBridge


async def test_a_call_waits_for_the_end_of_a_start_that_may_fail(tmp_path: Path) -> None:
    gate = asyncio.Event()

    async def start(_client: BridgeClient) -> Health:
        await gate.wait()
        raise BridgeUnreachable("It did not start.")

    bridge = LateBridge(DataFolder(tmp_path), LocalSession(), start=start)
    starting = asyncio.create_task(bridge.ensure_running())
    call = asyncio.create_task(bridge.call(AddAccountRequest(name="x")))
    await asyncio.sleep(0.05)
    assert not call.done()
    gate.set()
    with pytest.raises(BridgeUnreachable, match="did not start"):
        await starting
    with pytest.raises(BridgeUnreachable, match="cannot be reached"):
        await call
    await bridge.close()
