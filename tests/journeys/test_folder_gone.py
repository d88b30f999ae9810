"""The data folder is taken away under a running bridge and console, and put back."""

from pathlib import Path

import pytest

from tests.journeys.stack import SHOP, Stack, is_alive

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]


async def test_it_is_said_and_nothing_of_it_is_made_anew(stack: Stack, tmp_path: Path) -> None:
    await stack.pairs("Petreceri", SHOP)
    await stack.sees("connected")
    bridge, root, elsewhere = stack.bridge_pid, stack.folder.root, tmp_path / "elsewhere"
    root.rename(elsewhere)
    await stack.sees("× bridge away", "× store away")
    await stack.until(lambda: not is_alive(bridge), "the bridge to end by itself")
    await stack.sees_that(
        lambda screen: "is gone. Put it back, or leave" in " ".join(screen.split()),
        "why there is no bridge",
    )
    stack.presses("ctrl+q")
    assert stack.terminal.wait_end() == 0
    assert not root.exists()

    elsewhere.rename(root)
    stack.terminal.close()
    stack.open_console()
    stack.presses("f2")
    await stack.sees("Petreceri", "connected")
