"""The demo company: big enough, alike in every run, and alive."""

from datetime import UTC, datetime
from pathlib import Path

from bridge.simulator.client import SimulatorClient
from bridge.simulator.demo import build_company, load_company
from bridge.simulator.simulator import Simulator
from bridge.simulator.talk import parse_talk
from bridge.whatsapp.facts import MessageSeen, ReceiptSeen
from bridge.whatsapp.proto import EventCode, ReceiptEvent
from bridge.whatsapp.protocol import Connect, Send
from core.text import clean_text
from tests.support.simulated import running_simulator, running_worker
from tests.support.waiting import until_found

NOW = datetime(2026, 2, 3, 10, 0, tzinfo=UTC)


async def everything(folder: Path, *, seed: int, now: datetime = NOW) -> list[tuple[object, ...]]:
    company = load_company()
    simulator = Simulator.open(folder, clock=lambda: now, seed=seed, personas=company.personas)
    build_company(simulator, company, seed=seed)
    build_company(simulator, company, seed=seed)
    simulator.personas.advance(600)
    rows = simulator.state.db.rows("SELECT * FROM message ORDER BY seq")
    await simulator.close()
    return [tuple(row) for row in rows]


async def test_one_seed_and_clock_give_one_company(tmp_path: Path) -> None:
    first = await everything(tmp_path / "1", seed=4)
    assert await everything(tmp_path / "2", seed=4) == first
    assert await everything(tmp_path / "3", seed=5) != first


async def test_the_past_is_past_at_any_hour(tmp_path: Path) -> None:
    for hour in (0, 7, 23):
        now = NOW.replace(hour=hour)
        rows = await everything(tmp_path / str(hour), seed=1, now=now)
        assert max(int(str(row[6])) for row in rows) <= now.timestamp()


def test_it_is_a_lively_little_company() -> None:
    company = load_company()
    assert [account.id for account in company.accounts] == ["WA-01", "WA-02"]
    assert len(company.customers) >= 40
    assert len({customer.phone for customer in company.customers}) == len(company.customers)
    talks = [one.talk for one in company.customers] + [one.talk for one in company.groups]
    texts = [
        line.content["text"]
        for talk in talks
        for line in parse_talk(talk)
        if line.content.get("kind") == "text"
    ]
    assert len(set(texts)) >= 120
    assert all(clean_text(text) == text for text in texts)
    assert all(customer.persona in company.personas for customer in company.customers)


async def test_willing_phones_link_themselves_and_customers_answer(tmp_path: Path) -> None:
    async with (
        running_simulator(tmp_path / "state", company=load_company()) as url,
        SimulatorClient(url) as client,
        running_worker(url, tmp_path / "WA-01", "WA-01") as petreceri,
        running_worker(url, tmp_path / "WA-02", "WA-02") as evenimente,
    ):
        await client.set(scan_after_seconds=0.0, speed=0.0)
        for desk in (petreceri, evenimente):
            await desk.tell(Connect())
            assert await desk.next_connection() == "connected"
            await desk.has_entries(2)
        seen = [fact for fact in petreceri.facts() if isinstance(fact, MessageSeen)]
        assert len(seen) > 100
        before = len(petreceri.journal())
        order = Send(command_id=0, to_jid="40700010001@s.whatsapp.net", body="Sigur, încă 200 lei.")
        reply = await petreceri.ask(order)

        async def has_answered() -> bool:
            await client.advance(5)
            later = petreceri.facts()
            read = [f for f in later if isinstance(f, ReceiptSeen) and reply.value in f.message_ids]
            new = [f for f in later if isinstance(f, MessageSeen) and not f.is_history]
            return bool(new) and {fact.kind for fact in read} == {"delivered", "read"}

        await until_found(has_answered, "has answered")
        assert len(petreceri.journal()) >= before + 3


async def test_personas_live_by_the_clock_too(tmp_path: Path) -> None:
    async with (
        running_simulator(tmp_path / "state", company=load_company()) as url,
        SimulatorClient(url) as client,
    ):
        await client.set(speed=2000.0)
        before = len(await client.messages_of("+40700099001"))

        async def someone_wrote() -> bool:
            return len(await client.messages_of("+40700099001")) > before

        await until_found(someone_wrote, "someone wrote")
        await client.set(speed=0.0)


async def test_a_plan_that_cannot_be_done_stops_nobody(tmp_path: Path) -> None:
    company = load_company()
    simulator = Simulator.open(tmp_path, clock=lambda: NOW, personas=company.personas)
    build_company(simulator, company, seed=1)
    simulator.personas.plan(0.5, "react", phone="40700010001", id="3A00", emoji="❤️")
    simulator.personas.plan(
        0.6, "write", phone="40700010001", to="40700099001", text="Zmeul verde?"
    )
    assert simulator.personas.advance(1.0) == 2
    (row,) = simulator.state.db.rows("SELECT * FROM message WHERE content LIKE '%Zmeul verde%'")
    assert row["chat"] == "40700010001"
    await simulator.close()


async def test_a_group_is_read_but_not_answered(tmp_path: Path) -> None:
    company = load_company()
    async with (
        running_simulator(tmp_path / "state", company=company) as url,
        SimulatorClient(url) as client,
        running_worker(url, tmp_path / "WA-01", "WA-01") as desk,
    ):
        await client.set(scan_after_seconds=0.0, speed=0.0)
        await desk.tell(Connect())
        assert await desk.next_connection() == "connected"
        (jid,) = [
            group["jid"]
            for group in await client.request("GET", "/groups")
            if group["subject"].startswith("Serbare")
        ]
        reply = await desk.ask(Send(command_id=0, to_jid=jid, body="Moșul e pe drum 🎅"))
        assert reply.failure is None
        await client.advance(12)

        def read_receipts() -> list[tuple[str, list[str]]]:
            receipts = [
                ReceiptEvent.FromString(entry.payload)
                for entry in desk.journal()
                if entry.code == EventCode.RECEIPT
            ]
            return [
                (r.MessageSource.Chat.User, list(r.MessageIDs)) for r in receipts if r.Type == 4
            ]

        async def is_read() -> bool:
            return (jid.partition("@")[0], [reply.value]) in read_receipts()

        await until_found(is_read, "is read")
