"""The simulated worker and the simulator together: pairing, events, sends, sessions."""

import json
from pathlib import Path

import pytest

from bridge.errors import SimulatorError
from bridge.simulator.client import SimulatorClient
from bridge.whatsapp.facts import MessageSeen, ReceiptSeen
from bridge.whatsapp.protocol import (
    Connect,
    DownloadMedia,
    Gone,
    JournalAdvanced,
    LoginFailed,
    LogOut,
    MarkRead,
    PairPhone,
    QrCode,
    Ready,
    Send,
)
from tests.support.simulated import (
    IOANA,
    RADU,
    SHOP,
    Desk,
    free_port,
    running_simulator,
    running_worker,
)
from tests.support.waiting import until_found

IOANA_JID = "40700010001@s.whatsapp.net"


def texts(desk: Desk) -> list[str]:
    return [fact.body for fact in desk.facts() if isinstance(fact, MessageSeen)]


async def test_a_scanned_code_links_the_device(client: SimulatorClient, desk: Desk) -> None:
    ready = await desk.next(Ready)
    assert not ready.has_session
    paired = await desk.pair(client)
    assert paired.jid == "40700099001@s.whatsapp.net"
    assert paired.lid_jid.endswith("@lid")
    assert paired.push_name == "Petreceri"
    session = desk.folder / "session.json"
    assert session.stat().st_mode & 0o777 == 0o600


async def test_only_the_code_on_the_screen_can_be_scanned(
    client: SimulatorClient, desk: Desk
) -> None:
    await client.set(qr_first_seconds=0.0, qr_next_seconds=30.0)
    await desk.tell(Connect())
    first, second = await desk.next(QrCode), await desk.next(QrCode)
    assert second.seconds_valid == 30.0
    for wrong in (first.payload, "2@nonsense"):
        with pytest.raises(SimulatorError, match="No device shows that code"):
            await client.scans_qr(SHOP, wrong)
    await client.scans_qr(SHOP, second.payload)
    assert await desk.next_connection() == "connected"


async def test_six_codes_then_the_round_is_over(client: SimulatorClient, desk: Desk) -> None:
    await client.fault("qr_timeout", "WA-01")
    await desk.tell(Connect())
    codes = [(await desk.next(QrCode)).payload for _ in range(6)]
    assert len(set(codes)) == 6
    assert (await desk.next(LoginFailed)).reason == "qr_timeout"


async def test_a_phone_code_links_the_device(client: SimulatorClient, desk: Desk) -> None:
    await desk.tell(Connect())
    reply = await desk.ask(PairPhone(command_id=0, phone="40700099001"))
    assert reply.failure is None
    assert len(reply.value) == 9
    await client.enters_code(SHOP, reply.value)
    assert await desk.next_connection() == "connected"


async def test_a_passkey_ends_the_round(client: SimulatorClient, desk: Desk) -> None:
    await client.fault("passkey", "WA-01")
    await desk.tell(Connect())
    await client.scans_qr(SHOP, (await desk.next(QrCode)).payload)
    assert (await desk.next(LoginFailed)).reason == "passkey_required"


async def test_a_message_reaches_the_journal_once_and_is_acknowledged(
    client: SimulatorClient, desk: Desk
) -> None:
    await desk.pair(client)
    message_id = await client.customer_writes(IOANA, "Salut", to="WA-01")
    await desk.next(JournalAdvanced)

    async def all_acknowledged() -> bool:
        (device,) = await client.devices()
        return bool(device["unacknowledged"] == 0)

    await until_found(all_acknowledged, "all acknowledged")
    (seen,) = [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert (seen.message_id, seen.body, seen.from_me) == (message_id, "Salut", False)
    assert seen.chat.other_jid is not None
    assert seen.chat.other_jid.is_lid


async def test_what_came_while_away_is_delivered_in_order(
    client: SimulatorClient, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "away"
    async with running_worker(url, folder) as desk:
        await desk.pair(client)
    for number in range(5):
        await client.customer_writes(IOANA, str(number), to="WA-01")
    async with running_worker(url, folder) as desk:
        assert (await desk.next(Ready)).has_session
        await desk.tell(Connect())
        await desk.has_entries(6)
        assert texts(desk) == ["0", "1", "2", "3", "4"]


async def test_an_event_whose_acknowledgement_is_lost_comes_again(
    client: SimulatorClient, desk: Desk
) -> None:
    await desk.pair(client)
    await desk.has_entries(1)
    await client.fault("ack_lost", "WA-01")
    await client.customer_writes(IOANA, "Salut", to="WA-01")
    await desk.has_entries(2)
    await client.fault("disconnect", "WA-01")
    assert await desk.next_connection() == "disconnected"
    assert await desk.next_connection() == "connected"
    await desk.has_entries(3)
    first, second = desk.journal()[1:]
    assert first.payload == second.payload


async def test_a_send_is_answered_delivered_and_read(client: SimulatorClient, desk: Desk) -> None:
    await client.customer(IOANA)
    await desk.pair(client)
    reply = await desk.ask(Send(command_id=0, to_jid=IOANA_JID, body="Bună, Ioana!"))
    assert reply.failure is None
    assert reply.value.startswith("3EB0")
    assert reply.timestamp_seconds > 1_700_000_000
    (arrival,) = await client.delivered_to(IOANA)
    assert (arrival["id"], arrival["body"]) == (reply.value, "Bună, Ioana!")
    await client.customer_reads(IOANA, to="WA-01")
    await desk.has_entries(3)
    receipts = [fact for fact in desk.facts() if isinstance(fact, ReceiptSeen)]
    assert [(r.kind, r.message_ids) for r in receipts] == [
        ("delivered", (reply.value,)),
        ("read", (reply.value,)),
    ]
    assert texts(desk) == []  # an own send is not echoed to the device that sent it


async def test_a_reply_quotes(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    asked = await client.customer_writes(IOANA, "Cât costă?", to="WA-01")
    quoted = {"quoted_message_id": asked, "quoted_sender_jid": IOANA_JID, "quoted_body": "Cât?"}
    await desk.ask(Send(command_id=0, to_jid=IOANA_JID, body="450 lei", **quoted))
    assert [one["body"] for one in await client.delivered_to(IOANA)] == ["450 lei"]


async def test_a_number_without_whatsapp_is_said(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    reply = await desk.ask(Send(command_id=0, to_jid="40799999999@s.whatsapp.net", body="Alo?"))
    assert reply.failure == "not_on_whatsapp"


async def test_a_send_without_a_login_is_safe_to_repeat(desk: Desk) -> None:
    reply = await desk.ask(Send(command_id=0, to_jid=IOANA_JID, body="Alo?"))
    assert reply.failure == "not_connected"


async def test_marking_read_is_seen_by_the_customer(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    message_id = await client.customer_writes(IOANA, "Salut", to="WA-01")
    command = MarkRead(
        command_id=0, chat_jid=IOANA_JID, sender_jid=IOANA_JID, message_ids=[message_id]
    )
    assert (await desk.ask(command)).failure is None
    (message,) = await client.messages_of(SHOP)
    assert message["is_read"]


async def test_what_the_owner_does_on_the_phone_is_told(
    client: SimulatorClient, desk: Desk
) -> None:
    await desk.pair(client)
    await client.customer_writes(IOANA, "Salut", to="WA-01")
    await client.owner_reads(SHOP, IOANA)
    await client.owner_writes(SHOP, IOANA, "De pe telefon")
    await desk.has_entries(5)
    seen = [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert [(fact.body, fact.from_me) for fact in seen] == [
        ("Salut", False),
        ("De pe telefon", True),
    ]
    kinds = [fact.kind for fact in desk.facts() if isinstance(fact, ReceiptSeen)]
    assert kinds == ["read_on_phone", "delivered"]


async def test_media_is_downloaded(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    await client.customer_writes(IOANA, to="WA-01", content={"kind": "image", "caption": "Tort"})
    await desk.has_entries(2)
    target = desk.folder / "tort.png"
    entry = desk.journal()[-1]
    command = DownloadMedia(command_id=0, journal_seq=entry.seq, target=str(target))
    assert (await desk.ask(command)).failure is None
    assert target.read_bytes().startswith(b"\x89PNG")
    assert target.stat().st_mode & 0o777 == 0o600
    missing = DownloadMedia(command_id=0, journal_seq=1, target=str(target))
    assert (await desk.ask(missing)).failure == "refused"


async def test_media_of_history_is_downloaded(client: SimulatorClient, desk: Desk) -> None:
    content = {"kind": "voice", "size": 5000, "wrap": "ephemeral"}
    past = [{"chat": IOANA, "seconds": 1_769_000_000, "content": content}]
    (message_id,) = await client.has_past(SHOP, past)
    await desk.pair(client)
    await desk.has_entries(2)
    target = desk.folder / "voce.ogg"
    seq = next(entry.seq for entry in desk.journal() if message_id.encode() in entry.payload)
    command = DownloadMedia(
        command_id=0, journal_seq=seq, target=str(target), message_id=message_id
    )
    assert (await desk.ask(command)).failure is None
    assert target.stat().st_size == 5000


async def test_logging_out_forgets_the_session(client: SimulatorClient, desk: Desk) -> None:
    await desk.pair(client)
    assert (await desk.ask(LogOut(command_id=0))).failure is None
    assert not (desk.folder / "session.json").exists()
    assert await client.devices() == []


async def test_the_session_survives_both_sides(tmp_path: Path) -> None:
    port = free_port()
    state, folder = tmp_path / "state", tmp_path / "WA-01"
    async with (
        running_simulator(state, port=port) as url,
        SimulatorClient(url) as client,
        running_worker(url, folder) as desk,
    ):
        await client.business_phone(SHOP)
        await client.set(reconnect_seconds=0.01)
        await desk.pair(client)
    async with running_simulator(state, port=port) as url, running_worker(url, folder) as desk:
        await desk.tell(Connect())
        assert await desk.next_connection() == "connected"


async def test_a_vanished_simulator_is_dialled_again(tmp_path: Path) -> None:
    port = free_port()
    state = tmp_path / "state"
    async with running_worker(f"http://127.0.0.1:{port}", tmp_path / "WA-01") as desk:
        async with running_simulator(state, port=port) as url, SimulatorClient(url) as client:
            await client.business_phone(SHOP)
            await client.set(reconnect_seconds=0.01)
            await desk.pair(client)
        assert await desk.next_connection() == "disconnected"
        reply = await desk.ask(Send(command_id=0, to_jid=IOANA_JID, body="Alo?"))
        assert reply.failure == "not_connected"
        async with running_simulator(state, port=port):
            assert await desk.next_connection() == "connected"


async def test_a_first_dial_that_fails_is_the_end(tmp_path: Path) -> None:
    async with running_worker(f"http://127.0.0.1:{free_port()}", tmp_path / "WA-01") as desk:
        await desk.tell(Connect())
        assert "failed to dial" in (await desk.next(Gone)).detail


async def test_a_damaged_session_file_is_said(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "session.json").write_text("{")
    async with running_worker(url, folder) as desk:
        assert (await desk.next(Ready)).has_session
        await desk.tell(Connect())
        assert "cannot be read" in (await desk.next(Gone)).detail


async def test_a_session_that_the_phone_forgot_is_logged_out(
    client: SimulatorClient, desk: Desk
) -> None:
    forgotten = {"token": "gone", "jid": "40700099001@s.whatsapp.net"}
    (desk.folder / "session.json").write_text(json.dumps(forgotten))
    await desk.tell(Connect())
    assert await desk.next_connection() == "logged_out"
    assert not (desk.folder / "session.json").exists()


async def test_two_devices_hear_of_each_others_sends(
    client: SimulatorClient, desk: Desk, url: str, tmp_path: Path
) -> None:
    await client.customer(RADU)
    await desk.pair(client)
    async with running_worker(url, tmp_path / "WA-09", "WA-09") as other:
        await other.pair(client)
        await other.has_entries(1)
        await desk.ask(Send(command_id=0, to_jid="40700010002@s.whatsapp.net", body="Bună, Radu!"))
        await other.has_entries(3)
        assert texts(other) == ["Bună, Radu!"]
        assert texts(desk) == []
