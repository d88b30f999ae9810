"""Journeys 1 to 7: pair, survive, stay apart, receive, send, restart, history."""

import signal
from datetime import UTC, datetime

import pytest

from core.model.ids import Jid, make_thread_id, messages_path, thread_path
from tests.journeys.engines import on_both_engines
from tests.journeys.stack import CUSTOMER, SHOP, Stack

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]

MARIA = Jid.of_phone(CUSTOMER)


async def test_1_pair_by_qr(stack: Stack) -> None:
    account_id = await stack.pairs("Petreceri", SHOP)
    account = await stack.document(f"accounts/{account_id}", lambda data: data["lastConnectedAt"])
    assert account.data["status"] == "connected"
    assert account.data["qrCode"] is None
    assert account.data["phoneE164"] == SHOP
    await stack.sees("connected")


async def test_1_pair_by_phone_code(stack: Stack) -> None:
    stack.presses("f2")
    await stack.sees("Accounts")
    stack.presses("a")
    await stack.sees("Add a WhatsApp account")
    stack.terminal.type("Petreceri")
    stack.presses("enter")
    account = await stack.one("accounts", lambda data: data["status"] == "qr_ready")
    stack.presses("k")
    await stack.sees("number")
    stack.terminal.type(SHOP)
    stack.presses("enter")
    paired = await stack.document(account.path, lambda data: data["pairingCode"])
    await stack.simulator.enters_code(SHOP, paired.data["pairingCode"])
    connected = await stack.document(account.path, lambda data: data["status"] == "connected")
    assert connected.data["pairingCode"] is None
    assert connected.data["qrCode"] is None


async def test_2_the_session_survives_a_restart_of_the_bridge(stack: Stack) -> None:
    account_id = await stack.pairs("Petreceri", SHOP)
    before = await stack.document(f"accounts/{account_id}", lambda data: data["lastConnectedAt"])
    await stack.stop_bridge()
    stack.start_bridge()
    after = await stack.document(
        f"accounts/{account_id}",
        lambda data: (
            data["status"] == "connected"
            and data["lastConnectedAt"] > before.data["lastConnectedAt"]
        ),
    )
    assert after.data["qrCode"] is None
    assert len(await stack.simulator.devices()) == 1


@on_both_engines
async def test_3_and_4_two_accounts_stay_apart_and_messages_appear_by_themselves(
    stack: Stack,
) -> None:
    first = await stack.pairs("Unu", SHOP)
    stack.presses("escape")
    second_phone = "+40700000002"
    await stack.simulator.business_phone(second_phone)
    second = await stack.pairs("Doi", second_phone)
    stack.presses("f3")
    await stack.simulator.customer_writes(CUSTOMER, "Salut", to=SHOP)
    await stack.simulator.customer_writes(CUSTOMER, "Salut", to=second_phone)
    for account_id in (first, second):
        thread_id = make_thread_id(account_id, MARIA)
        thread = await stack.document(
            thread_path(thread_id), lambda data: data["lastMessageText"] == "Salut"
        )
        assert thread.data["lastMessageDirection"] == "inbound"
        assert thread.data["accountId"] == account_id
        (message,) = await stack.all(messages_path(thread_id))
        assert message.data["direction"] == "inbound"
        assert message.data["body"] == "Salut"
        assert message.data["accountId"] == account_id
        assert message.data["tsClient"] == thread.data["lastMessageAt"]
        assert message.data["createdAt"] is not None
    assert len(await stack.all("threads")) == 2

    await stack.sees("Maria Ionescu")
    stack.presses("enter")
    await stack.simulator.customer_writes(CUSTOMER, "Mai sunteți?", to=second_phone)
    await stack.simulator.customer_writes(CUSTOMER, "Și aici?", to=SHOP)
    # One of the two chats is open; the other's row follows in the inbox.
    await stack.sees("Mai sunteți?", "Și aici?")


@on_both_engines
async def test_5_a_sent_message_and_its_ticks(stack: Stack) -> None:
    account_id = await stack.pairs("Petreceri", SHOP)
    thread_id = make_thread_id(account_id, MARIA)
    await stack.simulator.customer_writes(CUSTOMER, "Bună ziua", to=SHOP)
    await stack.document(thread_path(thread_id), lambda data: data["lastMessageText"])
    stack.presses("f3")
    await stack.sees("Maria Ionescu")
    stack.presses("enter")
    stack.terminal.type("Cu drag!")
    stack.presses("enter")
    item = await stack.one("outbox", lambda data: data["status"] in {"sent", "delivered"})
    assert item.data["body"] == "Cu drag!"
    await stack.sees("Cu drag!", "✓")
    delivered = await stack.document(item.path, lambda data: data["status"] == "delivered")
    assert delivered.data["deliveredAt"] is not None
    await stack.simulator.customer_reads(CUSTOMER, to=SHOP)
    read = await stack.document(item.path, lambda data: data["status"] == "read")
    message = await stack.document(
        f"{messages_path(thread_id)}/{item.id}", lambda data: data["status"] == "read"
    )
    assert read.data["readAt"] == message.data["readAt"]
    assert message.data["waMessageId"] == read.data["waMessageId"]
    bodies = [one["body"] for one in await stack.simulator.delivered_to(CUSTOMER)]
    assert bodies.count("Cu drag!") == 1


@on_both_engines
@pytest.mark.parametrize("instant", ["before the send", "while the answer is lost"])
async def test_6_the_bridge_is_killed_while_it_sends(stack: Stack, instant: str) -> None:
    account_id = await stack.pairs("Petreceri", SHOP)
    await stack.simulator.customer_writes(CUSTOMER, "Bună ziua", to=SHOP)
    await stack.one("threads", lambda data: data["lastMessageText"])
    stack.presses("f3")
    await stack.sees("Maria Ionescu")
    kind = "slow" if instant == "before the send" else "lost_answer"
    await stack.simulator.fault(kind, account=account_id, seconds=20.0)
    stack.presses("enter")
    stack.terminal.type("O singură dată")
    stack.presses("enter")
    item = await stack.one("outbox", lambda data: data["status"] in {"sending", "uncertain"})
    await stack.stop_bridge(signal.SIGKILL)
    await stack.simulator.clear_faults()
    stack.start_bridge()
    settled = await stack.document(
        item.path, lambda data: data["status"] in {"sent", "delivered", "read", "uncertain"}
    )
    bodies = [one["body"] for one in await stack.simulator.delivered_to(CUSTOMER)]
    assert bodies.count("O singură dată") <= 1
    if settled.data["status"] == "uncertain" and not bodies.count("O singură dată"):
        await stack.sees("uncertain")
    assert len(await stack.all("outbox")) == 1


async def test_7_history_fills_the_threads_once(stack: Stack) -> None:
    began = int(datetime(2026, 1, 5, 9, 0, tzinfo=UTC).timestamp())
    past = [
        {"chat": CUSTOMER, "text": f"vechi {number}", "seconds": began + 3600 * number}
        for number in range(12)
    ]
    await stack.simulator.has_past(SHOP, past)
    account_id = await stack.pairs("Petreceri", SHOP)
    await stack.document(
        f"accounts/{account_id}",
        lambda data: data["lastHistorySyncAt"] and data["sync"]["progress"] == 100,
    )
    thread_id = make_thread_id(account_id, MARIA)
    messages = await stack.all(messages_path(thread_id))
    assert [one.data["body"] for one in sorted(messages, key=lambda m: m.data["tsClient"])] == [
        f"vechi {number}" for number in range(12)
    ]
