"""A call made while the bridge is starting waits for it, however the start ends."""

import asyncio
from pathlib import Path
from typing import cast

import pytest

from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.service.callables import AddAccountRequest
from core.service.errors import BridgeUnreachable
from tests.support.bridge import ScriptedBridge
from tui.starting import StartingBridge


async def test_a_call_waits_for_the_end_of_the_start() -> None:
    scripted, gate = ScriptedBridge(), asyncio.Event()

    async def start(_client: BridgeClient) -> None:
        await gate.wait()

    bridge = StartingBridge(cast(BridgeClient, scripted), start)
    starting = asyncio.create_task(bridge.start())
    call = asyncio.create_task(bridge.call(AddAccountRequest(name="x")))
    await asyncio.sleep(0)
    assert scripted.calls == []
    gate.set()
    assert (await call).account_id == "WA-01"
    await starting


async def test_after_a_start_that_failed_calls_say_why(tmp_path: Path) -> None:
    async def start(_client: BridgeClient) -> None:
        raise BridgeUnreachable("It did not start.")

    bridge = StartingBridge(BridgeClient(DataFolder(tmp_path)), start)
    with pytest.raises(BridgeUnreachable, match="did not start"):
        await bridge.start()
    with pytest.raises(BridgeUnreachable, match="cannot be reached"):
        await bridge.call(AddAccountRequest(name="x"))
    await bridge.close()
