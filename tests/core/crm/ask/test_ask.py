"""Answers hold the exact sums, in the question's language; a model's words are checked."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.crm.ask.answers import answer_from_facts, describe
from core.crm.ask.ask import Proposal, ask
from core.crm.ask.facts import ClientFacts, as_data, gather
from core.crm.ask.phrases import count_events
from core.crm.ask.questions import understand
from core.crm.ask.verify import objections
from core.crm.events import Event, EventPayment, EventRole
from core.crm.slots import put_in_slots
from core.errors import CapcoadaError

TODAY = date(2026, 3, 1)


def event(number: int, day: str | None, amount: str, *labels: str, **given: Any) -> Event:
    roles = [EventRole(role_type="ANIMATOR", label=label) for label in labels]
    payment = EventPayment(
        amount=Decimal(amount),
        currency=given.pop("currency", "RON"),
        status=given.pop("status", "UNPAID"),
        deposit=given.pop("deposit", None),
    )
    return Event(
        event_id=f"e{number}", event_short_id=number, date=day, start_time="18:00",
        roles_by_slot=put_in_slots(roles, number), payment=payment, **given,
    )  # fmt: skip


EVENTS = (
    event(1, "2026-02-10", "1200", "Spiderman", "Elsa", status="PAID", address="Str. X nr 3"),
    event(2, "2026-03-20", "900", "Mickey"),
    event(4, "2025-06-07", "450.50", "Elsa", status="DEPOSIT", deposit=Decimal(100)),
    event(7, "2026-05-01", "5000", "Batman", status="CANCELLED"),
)


def facts(*events: Event) -> ClientFacts:
    return gather(
        events or EVENTS, phone_e164="+40712345678", name="Ana Pop", currency="RON", today=TODAY
    )


def reply(question: str, *events: Event) -> str:
    return answer_from_facts(facts(*events), question, language="en").text


@pytest.mark.parametrize(
    ("question", "first_line"),
    [
        ("Cât a cheltuit clientul?",
         "Valoarea totală: 2550.50 RON, din care plătit 1300 RON, rămas de plată 1250.50 RON."),
        ("How much has this client spent?",
         "Total value: 2550.50 RON, of which 1300 RON is paid and 1250.50 RON is outstanding."),
        ("Cât a plătit până acum?", "A plătit 1300 RON din 2550.50 RON."),
        ("what did they pay in 2025", "Paid in 2025: 100 RON of 450.50 RON."),
        ("Cât mai are de plată?", "Mai are de plată 1250.50 RON din 2550.50 RON."),
        ("How much do they still owe?", "Outstanding: 1250.50 RON of 2550.50 RON."),
        ("Cât a plătit și ce rest mai are?",
         "Valoarea totală: 2550.50 RON, din care plătit 1300 RON, rămas de plată 1250.50 RON."),
        ("How much did the client pay, and what is still due?",
         "Total value: 2550.50 RON, of which 1300 RON is paid and 1250.50 RON is outstanding."),
        ("Câte evenimente a avut?", "Are 3 evenimente."),
        ("How many events in 2026?", "There are 2 events in 2026."),
        ("Care a fost ultimul eveniment?",
         "Ultimul eveniment: #1 marți 2026-02-10 18:00 · Spiderman, Elsa · Str. X nr 3 · 1200 RON"
         " · plătit."),
        ("When is the next party?",
         "The next event: #2 Friday 2026-03-20 18:00 · Mickey · 900 RON · unpaid."),
        ("Cât a cheltuit pe ani?", "Pe ani:"),
        ("How much by year?", "By year:"),
        ("Ce servicii a luat?", "Pe servicii:"),
        ("Which services did they book?", "By service:"),
        ("Câte au fost anulate?",
         "Anulate sau arhivate, deci nesocotite: 1 eveniment."),
        ("Spune-mi despre #4",
         "#4 sâmbătă 2025-06-07 18:00 · Elsa · 450.50 RON · avans 100 RON"),
        ("What about event 9?", "This client has no event #9."),
        ("Cât a cheltuit în februarie?",
         "Valoarea totală în februarie: 1200 RON, din care plătit 1200 RON, rămas de plată 0 RON."),
        ("How much did they spend in 2020?", "There is no event in 2020."),
        ("Anul trecut cât a plătit?", "A plătit în 2025 100 RON din 450.50 RON."),
        ("Îi place ciocolata?", "Nu răspund la această întrebare, dar iată ce știu:"),
    ],
)  # fmt: skip
def test_common_questions(question: str, first_line: str) -> None:
    assert reply(question).splitlines()[0] == first_line


def test_years_and_services_in_full() -> None:
    assert reply("How much by year?").splitlines()[1:] == [
        "- 2026: 2 events. Total value: 2100 RON, of which 1200 RON is paid and 900 RON is "
        "outstanding.",
        "- 2025: 1 event. Total value: 450.50 RON, of which 100 RON is paid and 350.50 RON is "
        "outstanding.",
    ]
    assert reply("Ce servicii?").splitlines()[1:] == [
        "- animator: 3 evenimente (Mickey, Spiderman, Elsa)"
    ]


def test_answers_cite_the_events() -> None:
    answer = answer_from_facts(facts(), "Cât a cheltuit?", language="en")
    assert [(s.event_id, s.event_short_id, s.date) for s in answer.sources] == [
        ("e2", 2, "2026-03-20"), ("e1", 1, "2026-02-10"), ("e4", 4, "2025-06-07"),
    ]  # fmt: skip
    assert answer.sources[0].details == "#2 vineri 2026-03-20 18:00 · Mickey · 900 RON · neplătit"
    owing = answer_from_facts(facts(), "cât mai are de plată", language="en")
    assert [s.event_short_id for s in owing.sources] == [2, 4]


def test_sums_of_several_currencies_stay_apart() -> None:
    both = (event(1, "2026-01-01", "10"), event(2, "2026-01-02", "20", currency="EUR"))
    assert reply("how much spent", *both).splitlines()[0] == (
        "Total value: 20 EUR and 10 RON, of which 0 EUR is paid and 20 EUR and 10 RON is "
        "outstanding."
    )


@pytest.mark.parametrize(
    ("question", "language"),
    [("total?", "en"), ("cat a cheltuit", "ro"), ("when is the next one", "en"), ("câți?", "ro")],
)
def test_the_language_of_the_question(question: str, language: str) -> None:
    assert understand(question, language="en", this_year=2026).language == language


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 evenimente"), (1, "1 eveniment"), (19, "19 evenimente"), (20, "20 de evenimente"),
     (101, "101 evenimente"), (120, "120 de evenimente")],
)  # fmt: skip
def test_romanian_counts(count: int, text: str) -> None:
    assert count_events(count, "ro") == text


@pytest.mark.parametrize(
    "text",
    [
        "Clientul a cheltuit în total 2550,50 RON, din care a plătit 1.300 lei.",
        "They paid 1,300 RON of 2,550.50 RON; 1250.5 RON is outstanding.",
        "Last event: #1 on Tuesday 2026-02-10 (10 February 2026), at 6:00 PM, Str. X nr 3.",
        "Ultimul: 10 feb, marți; următorul: vineri 20.03.2026, ora 18:00, #2 cu Mickey.",
        "3 evenimente: două în 2026 și unul în 2025.",
        "There were three events.",
        "Avansul este de o sută de lei la #4.",
        "Ana Pop, +40 712 345 678, are 3 evenimente.",
        "No number at all.",
    ],
)
def test_words_that_the_data_hold(text: str) -> None:
    assert objections(text, facts()) == []


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("A cheltuit 2551 RON.", "2551 ron"),
        ("A cheltuit 2550.50 EUR.", "2550.50 eur"),
        ("He paid CHF 1200.", "chf 1200"),
        ("They have 4 events.", "4"),
        ("Event #3 was best.", "#3"),
        ("On 2026-02-11 it was.", "2026-02-11"),
        ("Pe 11 februarie 2026.", "11 februarie 2026"),
        ("On March 21 we meet.", "march 21"),
        ("În aprilie 2026 a fost.", "aprilie 2026"),
        ("Luni 2026-02-10.", "luni 2026-02-10"),
        ("It was a Wednesday.", "wednesday"),
        ("La ora 19:30.", "19:30"),
        ("About 60% is paid.", "60%"),
        ("Cam 2.5k RON.", "2.5k ron"),
        ("It is two thousand RON.", "two thousand"),
        ("A plătit trei mii de lei.", "trei mii de"),
        ("A cheltuit ٩٩٩ RON.", "999 ron"),
        ("A cheltuit １２３４ RON.", "1234 ron"),
        ("Sună la +40 799 999 999.", "+40 799 999 999"),
        ("Au fost 十二 petreceri.", "十二"),
        ("Mai datorează -900 RON.", "-900 ron"),
    ],
)
def test_words_that_the_data_do_not_hold(text: str, objection: str) -> None:
    assert any(objection in one for one in objections(text, facts())), objections(text, facts())


QUESTIONS = [
    "Cât a cheltuit?", "How much was paid?", "cât mai are de plată", "how many events",
    "ultimul?", "next event", "pe ani", "by service", "nimic cunoscut", "anulate?",
]  # fmt: skip
ARCHIVED = event(
    8, "2026-03-21", "7777.77", "Shrek", status="PAID", address="Str. Veche 8", is_archived=True
)
"""It would be the next event, the dearest one, and the only one with this service's label."""


@pytest.mark.parametrize(
    "question",
    [
        "Cât a cheltuit?", "How much was paid?", "cât mai are de plată", "how many events",
        "Câte evenimente în 2026?", "ultimul?", "next event", "pe ani", "by service",
        "Cât a cheltuit în martie?", "nimic cunoscut",
    ],
)  # fmt: skip
def test_archived_events_are_in_no_answer(question: str) -> None:
    without = answer_from_facts(facts(*EVENTS), question, language="en")
    with_it = answer_from_facts(facts(*EVENTS, ARCHIVED), question, language="en")
    assert with_it == without
    assert "e8" not in [source.event_id for source in with_it.sources]


def test_who_asks_about_archived_events_is_told_that_they_do_not_count() -> None:
    said = reply("Câte au fost arhivate?", *EVENTS[:3], ARCHIVED).splitlines()
    assert said[0] == "Anulate sau arhivate, deci nesocotite: 1 eveniment."


def test_a_model_is_told_nothing_of_archived_events_and_may_say_nothing_of_them() -> None:
    with_it, without = facts(*EVENTS, ARCHIVED), facts(*EVENTS)
    told = as_data(with_it)
    assert told.pop("cancelledOrArchived") == 2
    assert told == {k: v for k, v in as_data(without).items() if k != "cancelledOrArchived"}
    for words in ("A plătit 7777.77 RON.", "Event #8 is next.", "Pe 21 martie 2026.",
                  "A cheltuit 10328.27 RON.", "Are 4 evenimente."):  # fmt: skip
        assert objections(words, with_it), words


amounts = st.decimals(min_value=0, max_value=99999, places=2)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.builds(
            lambda day, amount, status, part, currency: (day, amount, status, part, currency),
            st.dates(date(2024, 1, 1), date(2027, 12, 31)) | st.none(),
            amounts,
            st.sampled_from(["UNPAID", "DEPOSIT", "PAID", "CANCELLED"]),
            st.integers(0, 100),
            st.sampled_from(["RON", "EUR"]),
        ),
        max_size=5,
    ),
    st.sampled_from(QUESTIONS),
)
def test_our_own_answers_pass_the_check(
    made: list[tuple[date | None, Decimal, Any, int, str]], question: str
) -> None:
    events = [
        event(
            number, day.isoformat() if day else None, str(amount), "Elsa",
            status=status, currency=currency, deposit=Decimal(int(amount) * part // 100),
        )
        for number, (day, amount, status, part, currency) in enumerate(made, start=1)
    ]  # fmt: skip
    if question == "anulate?":
        events = [one for one in events if one.payment.status != "CANCELLED"]
    ground = gather(events, phone_e164="+40712345678", name="Ana", currency="RON", today=TODAY)
    answer = answer_from_facts(ground, question, language="ro")
    assert objections(answer.text, ground) == []


class Model:
    """A model that says what it is told to."""

    name = "groq"

    def __init__(self, *said: Proposal | CapcoadaError) -> None:
        self.said = list(said)
        self.rejected: list[list[str]] = []

    async def answer(self, question: str, facts: ClientFacts, rejected: Sequence[str]) -> Proposal:
        self.rejected.append(list(rejected))
        answer = self.said.pop(0)
        if isinstance(answer, CapcoadaError):
            raise answer
        return answer


async def test_a_true_answer_is_passed_on() -> None:
    model = Model(Proposal("A cheltuit 2550.50 RON.", (1, 2)))
    answer = await ask("Cât a cheltuit?", facts(), answerer=model, language="en")
    assert (answer.text, answer.engine) == ("A cheltuit 2550.50 RON.", "groq")
    assert [source.event_short_id for source in answer.sources] == [2, 1]
    assert answer.sources[0].details == describe(EVENTS[1], "ro")


async def test_a_false_answer_is_asked_again_and_then_replaced() -> None:
    model = Model(Proposal("A cheltuit 9999 RON."), Proposal("A cheltuit 2550.50 RON."))
    answer = await ask("Cât a cheltuit?", facts(), answerer=model, language="en")
    assert answer.text == "A cheltuit 2550.50 RON."
    assert model.rejected == [[], ["9999 ron"]]
    stubborn = Model(Proposal("A cheltuit 9999 RON."), Proposal("Da.", (99,)))
    answer = await ask("Cât a cheltuit?", facts(), answerer=stubborn, language="en")
    assert answer.engine == "facts"
    assert "2550.50 RON" in answer.text
    assert answer.reasons


async def test_without_the_model_the_facts_answer() -> None:
    model = Model(CapcoadaError("No key."))
    answer = await ask("Cât a cheltuit?", facts(), answerer=model, language="en")
    assert answer.engine == "facts"
    assert "No key." in answer.reasons[0]
