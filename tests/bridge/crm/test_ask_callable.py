"""Journey 10 without a screen: the answer holds the client's exact sums, and nothing is written."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from bridge.crm import ask_callable, engines
from bridge.crm.ask_callable import ask_about_client
from core.crm.ask.ask import Proposal
from core.crm.ask.facts import ClientFacts
from core.crm.save import archive_event, change_payment
from core.service.callables import AskAnswer, AskRequest
from core.service.errors import CallRefused
from core.settings import Settings
from core.store.port import Store
from tests.bridge.crm.world import OTHER_PHONE, PHONE, World, party
from tests.support.console import thread


async def ask(world: World, question: str, **given: Any) -> AskAnswer:
    request = AskRequest(**({"phone_e164": PHONE, "question": question} | given))
    return await ask_about_client(world.store, Settings(), lambda: world.now, request)


async def fill(world: World) -> None:
    await world.save("r1", party("2026-02-10", "1200", "Spiderman", "Elsa"))
    await world.save("r2", party("2026-03-20", "900", "Mickey"))
    gone = (await world.save("r3", party("2026-04-01", "777"))).stored.event.event_id
    await world.save("r4", party("2026-02-10", "5000", phone=OTHER_PHONE))
    await archive_event(world.store, gone, reason="", uid="ana")
    await world.triggers.catch_up()


async def test_the_answer_holds_the_exact_sums_and_cites_the_events(world: World) -> None:
    await fill(world)
    before = await world.store.last_seq()
    answer = await ask(world, "Cât a cheltuit clientul?")
    client = await world.client()
    assert f"{client['lifetimeSpendAll']} RON" in answer.answer
    assert f"{client['lifetimeSpendPaid']} RON" in answer.answer
    assert "777" not in answer.answer
    assert "5000" not in answer.answer
    assert [(s.event_short_id, s.date) for s in answer.sources] == [
        (2, "2026-03-20"), (1, "2026-02-10"),
    ]  # fmt: skip
    assert "Spiderman, Elsa" in answer.sources[1].details
    assert answer.engine == "facts"
    assert await world.store.last_seq() == before


async def test_what_was_paid(world: World) -> None:
    await fill(world)
    first = next(s for s in (await ask(world, "total?")).sources if s.event_short_id == 1)
    base = await world.event(first.event_id)
    await change_payment(world.store, base, uid="ana", status="PAID", amount=Decimal(600))
    await world.triggers.catch_up()
    assert (await world.client())["lifetimeSpendPaid"] == 600
    assert (await ask(world, "How much was paid?")).answer.startswith("Paid: 600 RON of 1500 RON.")


class Model:
    """A model that makes things up."""

    name = "groq"

    async def answer(self, question: str, facts: ClientFacts, rejected: Sequence[str]) -> Proposal:
        return Proposal("A cheltuit 123456 RON.")


async def test_what_a_model_makes_up_is_never_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def make(_store: Store, _settings: Settings) -> Model:
        return Model()

    monkeypatch.setitem(engines.ANSWERERS, "groq", make)
    await fill(world)
    answer = await ask(world, "Cât a cheltuit?")
    assert "123456" not in answer.answer
    assert "2100 RON" in answer.answer
    assert (answer.engine, len(answer.reasons)) == ("facts", 1)
    assert not (await ask(world, "Cât a cheltuit?", engine="facts")).reasons


async def test_a_model_that_hangs_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    class Hanging(Model):
        async def answer(
            self, question: str, facts: ClientFacts, rejected: Sequence[str]
        ) -> Proposal:
            await asyncio.Event().wait()
            raise AssertionError

    async def make(_store: Store, _settings: Settings) -> Model:
        return Hanging()

    monkeypatch.setattr(ask_callable, "_MODEL_SECONDS", 0.01)
    monkeypatch.setitem(engines.ANSWERERS, "groq", make)
    await fill(world)
    assert (await ask(world, "Cât a cheltuit?")).engine == "facts"


async def test_whoever_writes_but_booked_nothing_is_a_client_without_events(world: World) -> None:
    await world.store.commit([thread(0, "Maria", phoneE164=PHONE)])
    answer = await ask(world, "Cât a cheltuit?")
    assert answer.answer == "Nu are niciun eveniment."
    assert answer.sources == []


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"phone_e164": "+40700000009"}, "NOT_FOUND", "phoneE164"),
        ({"question": "  "}, "INVALID_ARGUMENT", "question"),
        ({"engine": "groq"}, "FAILED_PRECONDITION", "engine"),
    ],
)
async def test_what_is_refused(
    world: World, given: dict[str, Any], status: str, field: str
) -> None:
    await fill(world)
    with pytest.raises(CallRefused) as caught:
        await ask(world, given.pop("question", "total"), **given)
    assert (caught.value.status, caught.value.field) == (status, field)
