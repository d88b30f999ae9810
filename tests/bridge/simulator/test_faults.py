"""Faults on request: each is what the daemon would see of real trouble, and then it is over."""

import pytest

from bridge.errors import SimulatorError
from bridge.simulator.client import SimulatorClient
from bridge.whatsapp.facts import MessageSeen, ReceiptSeen
from bridge.whatsapp.protocol import Connect, Connection, Gone, Send
from tests.support.simulated import IOANA, SHOP, Desk

TO_IOANA = Send(command_id=0, to_jid="40700010001@s.whatsapp.net", body="Bună!")


def bodies(desk: Desk) -> list[str]:
    return [fact.body for fact in desk.facts() if isinstance(fact, MessageSeen)]


async def waits(client: SimulatorClient, paired: Desk, seconds: float) -> None:
    """Have the worker wait so long for the answer to a send, from its next connection on."""
    await client.set(send_timeout_seconds=seconds)
    await client.fault("disconnect", "WA-01")
    assert await paired.next_connection() == "disconnected"
    assert await paired.next_connection() == "connected"


@pytest.fixture
async def paired(client: SimulatorClient, desk: Desk) -> Desk:
    await client.customer(IOANA)
    await desk.pair(client)
    return desk


@pytest.mark.parametrize(
    ("fault", "failure", "arrivals"),
    [
        ("error_before_send", "refused", 0),
        ("error_463", "reach_out_limited", 0),
        ("lost_answer", "outcome_unknown", 1),
        ("error_after_delivery", "outcome_unknown", 1),
    ],
)
async def test_a_send_that_goes_wrong_once(
    client: SimulatorClient, paired: Desk, fault: str, failure: str, arrivals: int
) -> None:
    if fault == "lost_answer":
        await waits(client, paired, 0.05)
    await client.fault(fault, "WA-01")
    assert (await paired.ask(TO_IOANA)).failure == failure
    assert len(await client.delivered_to(IOANA)) == arrivals
    await waits(client, paired, 75.0)
    assert (await paired.ask(TO_IOANA)).failure is None
    assert len(await client.delivered_to(IOANA)) == arrivals + 1


async def test_a_lost_answer_still_brings_its_receipt(
    client: SimulatorClient, paired: Desk
) -> None:
    await waits(client, paired, 0.05)
    await client.fault("lost_answer", "WA-01")
    await paired.ask(TO_IOANA)
    (arrival,) = await client.delivered_to(IOANA)
    await paired.has_entries(2)
    (receipt,) = [fact for fact in paired.facts() if isinstance(fact, ReceiptSeen)]
    assert receipt.message_ids == (arrival["id"],)


async def test_a_slow_send_runs_out_of_time(client: SimulatorClient, paired: Desk) -> None:
    await waits(client, paired, 0.05)
    await client.fault("slow", "WA-01", seconds=3600.0)
    assert (await paired.ask(TO_IOANA)).failure == "outcome_unknown"


@pytest.mark.parametrize("fault", ["logout", "stream_replaced", "temporary_ban", "client_outdated"])
async def test_the_end_of_a_connection(client: SimulatorClient, paired: Desk, fault: str) -> None:
    await client.fault(fault, "WA-01", seconds=3600)
    expected = "logged_out" if fault == "logout" else fault
    ended = await paired.next(Connection)
    assert ended.kind == expected
    assert ended.retry_after_seconds == (3600 if fault == "temporary_ban" else None)
    assert (await paired.ask(TO_IOANA)).failure == "not_connected"
    assert len(await client.devices()) == (0 if fault == "logout" else 1)


@pytest.mark.parametrize(
    ("fault", "kind"), [("connect_failure", "connect_failure"), ("throttled", "throttled")]
)
async def test_a_login_that_is_refused(
    client: SimulatorClient, paired: Desk, fault: str, kind: str
) -> None:
    await client.fault(fault, "WA-01")
    assert await paired.next_connection() == "disconnected"
    assert await paired.next_connection() == kind


async def test_refused_connections_are_dialled_again(client: SimulatorClient, paired: Desk) -> None:
    await client.fault("refuse_connections", "WA-01", count=3)
    assert await paired.next_connection() == "disconnected"
    assert await paired.next_connection() == "connected"
    assert await client.request("GET", "/faults") == []


async def test_a_refused_first_connection_is_the_end(client: SimulatorClient, desk: Desk) -> None:
    await client.fault("refuse_connections", "WA-01", count=None)
    await desk.tell(Connect())
    assert "503" in (await desk.next(Gone)).detail
    assert await client.clear_faults() == 1


async def test_silence_and_its_end(client: SimulatorClient, paired: Desk) -> None:
    await client.fault("keepalive_timeout", "WA-01", seconds=0.01)
    assert await paired.next_connection() == "keepalive_timeout"
    assert await paired.next_connection() == "keepalive_restored"


async def test_silence_waits_for_a_connection(client: SimulatorClient, desk: Desk) -> None:
    await client.fault("keepalive_timeout", "WA-01", seconds=0.01)
    await desk.pair(client)
    assert await desk.next_connection() == "keepalive_timeout"
    assert await desk.next_connection() == "keepalive_restored"
    assert await client.clear_faults() == 0


async def test_a_long_silence_keeps_nobody_waiting(client: SimulatorClient, paired: Desk) -> None:
    await client.fault("keepalive_timeout", "WA-01", seconds=600)
    assert await paired.next_connection() == "keepalive_timeout"


async def test_an_event_twice(client: SimulatorClient, paired: Desk) -> None:
    await paired.has_entries(1)
    await client.fault("duplicate", "WA-01")
    await client.customer_writes(IOANA, "Salut", to="WA-01")
    await paired.has_entries(3)
    assert bodies(paired) == ["Salut", "Salut"]


async def test_two_events_in_the_wrong_order(client: SimulatorClient, paired: Desk) -> None:
    await paired.has_entries(1)
    await client.fault("reorder", "WA-01")
    await client.customer_writes(IOANA, "unu", to="WA-01")
    await client.customer_writes(IOANA, "doi", to="WA-01")
    await paired.has_entries(3)
    assert bodies(paired) == ["doi", "unu"]


async def test_a_message_that_is_decrypted_later(client: SimulatorClient, paired: Desk) -> None:
    message_id = await client.customer_writes(IOANA, "taină", to="WA-01", undecryptable=True)
    await paired.has_entries(2)
    await client.decrypts(message_id)
    await paired.has_entries(3)
    seen = [fact for fact in paired.facts() if isinstance(fact, MessageSeen)]
    assert [(one.message_id, one.is_placeholder) for one in seen] == [
        (message_id, True),
        (message_id, False),
    ]


async def test_the_owner_unlinks(client: SimulatorClient, paired: Desk) -> None:
    assert await client.unlinks(SHOP) == 1
    assert await paired.next_connection() == "logged_out"


async def test_an_unknown_fault_is_refused(client: SimulatorClient) -> None:
    with pytest.raises(SimulatorError, match="No such fault"):
        await client.fault("earthquake")
