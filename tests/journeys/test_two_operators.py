"""Two operators at two consoles on one bridge: who answers, who is here, who may no longer."""

import asyncio
from collections.abc import Callable

import pytest

from core.model.ids import Jid, make_thread_id, presence_path, staff_path, thread_path
from tests.journeys.stack import CUSTOMER, SHOP, Stack
from tests.support.terminal import Terminal
from tests.support.waiting import PATIENCE_SECONDS

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]


async def shows(terminal: Terminal, *texts: str) -> None:
    await asyncio.to_thread(terminal.wait_for, *texts, timeout=PATIENCE_SECONDS)


async def shows_that(terminal: Terminal, condition: Callable[[str], object], what: str) -> None:
    wait = terminal.wait_until
    await asyncio.to_thread(wait, condition, timeout=PATIENCE_SECONDS, what=what)


async def hires_mihai(stack: Stack) -> None:
    """Let Mihai work on the account, by keys."""
    stack.presses("f8")
    await stack.sees("You are alone here.")
    stack.presses("a")
    await stack.sees("User ID")
    stack.terminal.type("mihai")
    stack.presses("down")
    stack.terminal.type("Mihai Pop")
    stack.presses("down", "down", "down", "down", "right")
    await stack.sees("Petreceri: seen and answered")
    stack.presses("ctrl+s")
    await stack.sees("● Mihai Pop")


async def test_two_operators_share_the_conversations(stack: Stack) -> None:
    account_id = await stack.pairs("Petreceri", SHOP)
    thread_id = make_thread_id(account_id, Jid.of_phone(CUSTOMER))
    await hires_mihai(stack)
    profile = await stack.document(staff_path("mihai"), lambda data: data["isActive"])
    assert profile.data["allowedAccountIds"] == [account_id]
    await stack.simulator.customer_writes(CUSTOMER, "Salut", to=SHOP)
    stack.presses("f3")
    await stack.sees("Salut")
    with stack.colleague("mihai") as mihai:
        await shows(mihai, "Salut")
        stack.presses("enter")
        await stack.sees("Write a message…")
        mihai.press("enter")

        # Each sees the other; whoever types is seen typing.
        await stack.sees("Mihai is here")
        await shows(mihai, "local is here")
        mihai.type("Bună!")
        await stack.sees("Mihai is typing…")

        # Whoever writes first answers; the admin takes over.
        mihai.press("enter")
        thread = await stack.document(thread_path(thread_id), lambda data: data["ownerUid"])
        assert (thread.data["ownerUid"], thread.data["coWriterUids"]) == ("mihai", [])
        await stack.sees("owner Mihai Pop")
        await stack.document(
            thread_path(thread_id), lambda data: data["lastMessageStatus"] == "delivered"
        )
        received = await stack.simulator.delivered_to(CUSTOMER)
        assert [message["body"] for message in received] == ["Bună!"]
        stack.presses("up")
        await stack.sees("Reply")
        stack.presses("o")
        await stack.sees("owner: you")
        await shows(mihai, "local answers this conversation")
        mihai.type("Mai e ceva")
        mihai.press("enter")
        await shows(mihai, "Not sent")

        # Shut out, and let in again with what was written.
        stack.presses("f8")
        await stack.sees("● Mihai Pop")
        stack.presses("down", "d")
        await stack.sees("Deactivate Mihai Pop?")
        stack.presses("y")
        await shows(mihai, "Your access was switched off.", "Ask an admin: local.")
        stack.presses("r")
        await shows(mihai, "Mai e ceva")
        await shows_that(mihai, lambda text: "switched off" not in text, "the console again")
    signs = {document.id: document.data for document in await stack.all(presence_path(thread_id))}
    assert set(signs) == {"local", "mihai"}
