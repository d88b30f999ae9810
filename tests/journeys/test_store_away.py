"""Cloud Firestore goes away in the middle of work, and comes back."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.ids import Jid, make_thread_id, messages_path, thread_path
from tests.journeys.engines import Engine, firestore
from tests.journeys.stack import CUSTOMER, SHOP, Stack
from tests.support.processes import Process, start_firestore_server

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]


class Server:
    """A Firestore server that can be killed and started again on its port."""

    def __init__(self, databases: Path) -> None:
        databases.mkdir()
        self._databases = databases
        self._process: Process
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it, where it was before."""
        self._process, ready = start_firestore_server(self._databases, "--rules", port=self.port)
        self.port = int(ready["address"].rpartition(":")[2])

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it without a word to anybody."""
        os.kill(self._process.pid, how)
        self._process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    """A server of this test alone."""
    return Server(tmp_path / "firestore")


@pytest.fixture
async def engine(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Engine]:
    """A project at that server."""
    async with firestore(f"127.0.0.1:{server.port}") as engine:
        for name, value in engine.environment.items():
            monkeypatch.setenv(name, value)
        yield engine
    server.kill(signal.SIGTERM)


async def test_nothing_is_lost_or_doubled_while_the_store_is_away(
    stack: Stack, server: Server
) -> None:
    account_id = await stack.pairs("Petreceri", SHOP)
    thread_id = make_thread_id(account_id, Jid.of_phone(CUSTOMER))
    await stack.simulator.customer_writes(CUSTOMER, "Salut", to=SHOP)
    stack.presses("f3")
    await stack.sees("Maria Ionescu", "Salut")
    stack.presses("enter")
    await stack.document(thread_path(thread_id), lambda data: data["unreadCount"] == 0)

    server.kill()
    await stack.sees("× store away", "! not live")
    await stack.simulator.customer_writes(CUSTOMER, "Mai sunteți?", to=SHOP)
    await stack.sees("× store away", "1 coming in", "Salut")
    stack.terminal.type("Revin imediat")
    stack.presses("enter")
    await stack.sees("Revin imediat", "kept here: Firestore cannot be reached.")

    server.start()
    await stack.sees_that(
        lambda screen: (
            "Mai sunteți?" in screen
            and not any(word in screen for word in ("store away", "not live", "coming in"))
        ),
        "the store is back, with what came meanwhile",
    )
    stack.presses("up")
    await stack.sees("Try again")
    stack.presses("t")
    await stack.one("outbox", lambda data: data["status"] == "delivered")
    await stack.sees_that(lambda screen: "kept here" not in screen, "the message on its way")
    thread = await stack.document(
        thread_path(thread_id), lambda data: data["lastMessageText"] == "Revin imediat"
    )
    assert thread.data["unreadCount"] == 0
    messages = await stack.all(messages_path(thread_id))
    bodies = sorted(message.data["body"] for message in messages)
    assert bodies == ["Mai sunteți?", "Revin imediat", "Salut"]
    assert len(await stack.all("threads")) == len(await stack.all("outbox")) == 1
    received = await stack.simulator.delivered_to(CUSTOMER)
    assert [message["body"] for message in received] == ["Revin imediat"]
