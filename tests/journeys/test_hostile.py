"""Text from outside in every place that shows some: the terminal is never told what to do by it."""

import re
from datetime import UTC, datetime

import pytest

from core.model.ids import Jid, make_thread_id, messages_path, thread_path
from tests.journeys.stack import CUSTOMER, SHOP, Stack

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]

NAME = (
    "Zoe 👩🏽‍🎨\x1b[31;5m\u202eevil\u2066 [bold red]x[/] 陳美玲 Z"
    + "\u0301" * 40
    + "\x1b]0;TITLE\x07"
)
GROUP = "Grup \x1b]52;c;ZXZpbA==\x07❤️ 1️⃣ \x9b41m[@click=app.quit]y[/]\u200e🏴\U000e0067\U000e007f"
FILE = "plata\u202efdp.exe\x1b[2J\x1b[?1049l.pdf"
TEXT = (
    "\x1b]8;;http://evil/\x1b\\vezi\x1b]8;;\x1b\\ "
    "\x1bPq#0\x1b\\ 👨‍👩‍👧 日本語 e\u0301 [/] $x {y} \x07\x08\x7f"
)
QUOTED = "citat \x1b[41;30H\x1bc\u2028rupt"
REACTION = "❤️\x1b[7m"

OURS = re.compile(rb"\x1b\[[0-9;]*[mHK]|\x1b\[\?(?:25|2026)[hl]|\x1b\]22;\w+\x07")
"""What painting needs: colours, cursor places, frames without tearing, the pointer's shape."""
NEVER = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069"
    "\ufeff\U000e0000-\U000e007f]"
)


def end_columns(stack: Stack, text: str) -> list[int]:
    """Return after which cells of the screen a text ends, line by line."""
    screen = stack.terminal.screen
    found = []
    for row in range(screen.lines):
        cells = [screen.buffer[row][column].data for column in range(screen.columns)]
        for column in range(len(cells) - len(text) + 1):
            if "".join(cells[column : column + len(text)]) == text:
                found.append(column + len(text))
    return found


async def test_nothing_from_outside_reaches_the_terminal_but_letters(
    stack: Stack,
) -> None:
    await stack.simulator.customer(CUSTOMER, name=NAME)
    group = await stack.simulator.group(GROUP, [SHOP, CUSTOMER])
    began = int(datetime(2026, 1, 5, 9, 0, tzinfo=UTC).timestamp())
    past = {"chat": group, "text": "vechi", "seconds": began, "sender": CUSTOMER}
    await stack.simulator.has_past(SHOP, [past])
    account_id = await stack.pairs("Petreceri", SHOP)
    await stack.sees("connected")
    mark = len(stack.terminal.raw)
    stack.presses("f3")

    quoted = await stack.simulator.customer_writes(CUSTOMER, QUOTED, to=SHOP)
    await stack.simulator.customer_reacts(CUSTOMER, quoted, REACTION)
    document = {"kind": "document", "file_name": FILE, "caption": TEXT, "size": 1234}
    await stack.simulator.customer_writes(CUSTOMER, to=SHOP, content=document)
    await stack.simulator.customer_writes(CUSTOMER, "Salut", group=group)
    await stack.simulator.customer_writes(CUSTOMER, TEXT + "gata", to=SHOP, quoted=quoted)
    thread_id = make_thread_id(account_id, Jid.of_phone(CUSTOMER))
    await stack.document(thread_path(thread_id), lambda data: data["unreadCount"] == 3)
    assert len(await stack.all(messages_path(thread_id))) == 3
    await stack.sees("Zoe", "Grup")
    stack.presses("ctrl+p")
    stack.terminal.type("zoe")
    await stack.sees("Conversation: Zoe")
    stack.presses("enter")
    await stack.sees_that(lambda screen: "Conversation:" not in screen, "the palette to go")
    screen = await stack.sees("citat", "plata", "日本語", "gata")

    sent = re.sub(rb"\A[^\x1b]*|\x1b\[?[?0-9;]*\Z", b"", bytes(stack.terminal.raw[mark:]))
    assert re.findall(rb"\x1b.{0,12}", OURS.sub(b"", sent)) == []
    assert NEVER.findall(OURS.sub(b"", sent).decode()) == []
    assert "[bold red]x[/]" in screen
    assert "exe" in screen
    # The inbox's account column and the chat's right edge are straight.
    columns = [column for column in end_columns(stack, account_id) if 40 < column < 60]
    assert len(columns) == 2, screen
    assert len(set(columns)) == 1, (columns, screen)
