"""History: any size, in chunks with progress, the same for every device that is linked."""

from bridge.simulator.client import SimulatorClient
from bridge.whatsapp.facts import ConversationNoted, Fact, HistoryProgress, MessageSeen
from bridge.whatsapp.protocol import Send
from tests.support.simulated import IOANA, SHOP, Desk, running_worker


def of_history(desk: Desk) -> list[Fact]:
    return [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]


async def test_generated_history_comes_whole_in_chunks(client: SimulatorClient, desk: Desk) -> None:
    recipe = {"conversations": 40, "messages": 30, "chunk_messages": 200, "until": 1_770_000_000}
    await client.business_phone(SHOP, history=recipe)
    await desk.pair(client)
    await desk.has_entries(8)
    seen = [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert len(seen) == 40 * 30
    assert len({fact.message_id for fact in seen}) == 40 * 30
    assert all(fact.is_history for fact in seen)
    assert max(fact.ts_client.timestamp() for fact in seen) <= 1_770_000_000
    progress = [fact.percent for fact in desk.facts() if isinstance(fact, HistoryProgress)]
    assert progress == sorted(progress)
    assert progress[-1] == 100
    conversations = [fact for fact in desk.facts() if isinstance(fact, ConversationNoted)]
    newest = [fact.last_activity_at for fact in conversations]
    assert newest == sorted(newest, reverse=True)  # type: ignore[type-var]


async def test_long_conversations_are_cut_and_repeat_exactly(
    client: SimulatorClient, desk: Desk
) -> None:
    recipe = {"conversations": 2, "messages": 250, "chunk_messages": 100, "body_length": 300}
    await client.business_phone(SHOP, history=recipe)
    await desk.pair(client)
    await desk.has_entries(7)
    first = of_history(desk)
    assert len(first) == 500
    assert min(len(fact.body) for fact in first if isinstance(fact, MessageSeen)) >= 300
    await client.unlinks(SHOP)
    assert await desk.next_connection() == "logged_out"
    folder = desk.folder.with_name("again")
    async with running_worker(client.url, folder) as again:
        await again.pair(client)
        await again.has_entries(7)
        assert of_history(again) == first


async def test_a_generated_customer_can_be_written_to(client: SimulatorClient, desk: Desk) -> None:
    await client.business_phone(SHOP, history={"conversations": 3, "messages": 1})
    await desk.pair(client)
    known = Send(command_id=0, to_jid="40700000002@s.whatsapp.net", body="Bună!")
    unknown = Send(command_id=0, to_jid="40700000003@s.whatsapp.net", body="Bună!")
    assert (await desk.ask(known)).failure is None
    assert (await desk.ask(unknown)).failure == "not_on_whatsapp"


async def test_an_address_that_is_no_number_is_said(client: SimulatorClient, desk: Desk) -> None:
    await client.business_phone(SHOP, history={"conversations": 3, "messages": 1})
    await desk.pair(client)
    for user in ("407abcdefgh", "4070000000\xb2"):
        reply = await desk.ask(Send(command_id=1, to_jid=f"{user}@s.whatsapp.net", body="Alo"))
        assert reply.failure == "not_on_whatsapp"


async def test_what_a_phone_holds_is_its_history(client: SimulatorClient, desk: Desk) -> None:
    await client.customer(IOANA, name="Ioana", addressing="lid")
    await client.contact(SHOP, IOANA, "Ioana (Matei)")
    past = [
        {"chat": IOANA, "seconds": 1_769_000_000, "text": "Bună!"},
        {"chat": IOANA, "seconds": 1_769_000_060, "text": "Cu ce vă ajut?", "from_me": True},
        {"chat": IOANA, "seconds": 1_769_000_120, "content": {"kind": "voice"}, "is_read": False},
    ]
    ids = await client.has_past(SHOP, past)
    await desk.pair(client)
    await desk.has_entries(2)
    seen = [fact for fact in desk.facts() if isinstance(fact, MessageSeen)]
    assert [fact.message_id for fact in seen] == ids
    assert [fact.from_me for fact in seen] == [False, True, False]
    (noted,) = [fact for fact in desk.facts() if isinstance(fact, ConversationNoted)]
    assert noted.name == "Ioana (Matei)"
    assert noted.unread_count == 1
    assert noted.chat.jid.is_lid
    assert noted.chat.other_jid is not None
