"""What lies on the disk is its owner's alone, and what customers write stands in no log."""

import os
import stat
from pathlib import Path

import pytest

from core.model.ids import Jid, make_thread_id, messages_path
from core.store.port import Query
from tests.journeys.stack import CUSTOMER, SHOP, Stack

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]

SECRET = "Parola de la interfon e 4711"
ANSWER = "Am notat interfonul"


async def test_the_data_folder_is_private_and_texts_stay_out_of_logs_and_command_lines(
    stack: Stack,
) -> None:
    before = os.umask(0o022)  # what most systems have: the programs must not rely on it
    try:
        account_id = await stack.pairs("Petreceri", SHOP)
        await stack.simulator.customer_writes(CUSTOMER, SECRET, to=SHOP)
        stack.presses("f3")
        await stack.sees("Parola de la interfon")
        stack.presses("enter")
        stack.terminal.type(ANSWER)
        stack.presses("enter")
        thread = make_thread_id(account_id, Jid.of_phone(CUSTOMER))
        await stack.one(messages_path(thread), lambda data: data.get("status") == "delivered")
        assert len(await stack.all(messages_path(thread))) == 2
        command_lines = _command_lines(stack.folder.root)
        stack.presses("ctrl+q")
        assert stack.terminal.wait_end() == 0
    finally:
        os.umask(before)
    assert await stack.store.query(Query("outbox"))
    open_to_others = {
        str(path.relative_to(stack.folder.root)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in [stack.folder.root, *stack.folder.root.rglob("*")]
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    }
    assert not open_to_others
    logs = [*stack.folder.logs.glob("*.log"), *stack.folder.root.glob("accounts/*/worker.log")]
    assert logs
    for place in [*(path.read_text(errors="replace") for path in logs), *command_lines]:
        assert "interfon" not in place
        assert CUSTOMER.removeprefix("+") not in place


def _command_lines(folder: Path) -> list[str]:
    """Return the command lines of all processes that work on a data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    assert found
    return found
