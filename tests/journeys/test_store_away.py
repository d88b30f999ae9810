"""Cloud Firestore goes away in the middle of work, and comes back."""

import os
import signal
from pathlib import Path

import pytest

from core.model.ids import Jid, make_thread_id, messages_path, thread_path
from tests.journeys.engines import firestore
from tests.journeys.stack import CUSTOMER, SHOP, Stack
from tests.support.processes import start_firestore_server

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]


async def test_what_arrives_while_the_store_is_away_is_there_once_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    databases = tmp_path / "firestore"
    databases.mkdir()
    server, ready = start_firestore_server(databases, "--rules")
    port = int(ready["address"].rpartition(":")[2])
    with server:
        async with firestore(ready["address"]) as engine:
            for name, value in engine.environment.items():
                monkeypatch.setenv(name, value)
            async with Stack(tmp_path, engine) as stack:
                await stack.simulator.business_phone(SHOP)
                await stack.simulator.customer(CUSTOMER, name="Maria Ionescu")
                account_id = await stack.pairs("Petreceri", SHOP)
                thread_id = make_thread_id(account_id, Jid.of_phone(CUSTOMER))
                await stack.simulator.customer_writes(CUSTOMER, "Salut", to=SHOP)
                stack.presses("f3")
                await stack.sees("Maria Ionescu", "Salut")

                os.kill(server.pid, signal.SIGKILL)
                server.wait()
                await stack.sees("store away")
                await stack.simulator.customer_writes(CUSTOMER, "Mai sunteți?", to=SHOP)
                await stack.sees("store away", "1 coming in", "Salut")

                again, _ready = start_firestore_server(databases, "--rules", port=port)
                with again:
                    await stack.sees_that(
                        lambda text: "Mai sunteți?" in text and "store away" not in text,
                        "the store is back, with what came meanwhile",
                    )
                    thread = await stack.document(
                        thread_path(thread_id), lambda data: data["unreadCount"] == 2
                    )
                    assert thread.data["lastMessageText"] == "Mai sunteți?"
                    messages = await stack.all(messages_path(thread_id))
                    bodies = sorted(message.data["body"] for message in messages)
                    assert bodies == ["Mai sunteți?", "Salut"]
                    assert len(await stack.all("threads")) == 1
                    await stack.sees_that(lambda text: "coming in" not in text, "nothing waits")
