"""What becomes of a chat once a model has quoted it."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from core.crm.draft import EventDraft, Payment, Reason, Role
from core.llm.groq_extractor import GroqExtractor
from tests.core.llm.quoted import STORED, WISH, WISHED, answer, chat, event_of, fact
from tests.support.fake_groq import FakeGroq, good


async def test_a_wish_becomes_a_draft_with_evidence(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(WISHED, tokens=950))
    result = await extractor.extract(chat(WISH))
    assert (result.intent, result.action, result.engine) == ("BOOKING", "CREATE_EVENT", "groq")
    assert result.event == EventDraft(
        date="2026-02-10", start_time="18:00", address="Str. X nr 3",
        roles=[Role(role_type="ANIMATOR", label="Spiderman"),
               Role(role_type="ANIMATOR", label="Elsa")],
        payment=Payment(amount=Decimal(1200), currency="RON"),
    )  # fmt: skip
    assert result.evidence["date"] == result.evidence["roles"] == ["wa-1"]
    assert result.field_confidence["startTime"] == 0.9
    assert 0.8 <= result.confidence <= 0.9
    assert (result.tokens, result.model) == (950, "openai/gpt-oss-120b")
    assert result.latency_ms is not None


async def test_the_same_date_is_an_update_whatever_the_model_says(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(WISHED))
    result = await extractor.extract(chat(WISH, events=[STORED]))
    assert (result.intent, result.action) == ("UPDATE", "UPDATE_EVENT")
    assert result.target_event_id == "9f2c"


async def test_another_date_is_a_new_event_whatever_the_model_says(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    wish = "Mai vreau pe 20 martie 17:00, Mickey, 900"
    groq.script(
        good(answer(fact("date", "20 martie"), fact("startTime", "17:00"),
                    fact("service", "Mickey"), fact("price", "900"),
                    intent="UPDATE", quote="Mai vreau", target="e1"))
    )  # fmt: skip
    result = await extractor.extract(chat(wish, events=[STORED]))
    assert (result.intent, result.action) == ("BOOKING", "CREATE_EVENT")
    assert event_of(result).date == "2026-03-20"
    assert event_of(result).payment.amount == 900


async def test_an_archived_event_is_no_target(groq: FakeGroq, extractor: GroqExtractor) -> None:
    groq.script(good(WISHED))
    gone = msgspec.structs.replace(STORED, is_archived=True)
    result = await extractor.extract(chat(WISH, events=[gone]))
    assert result.action == "CREATE_EVENT"
    assert 'storedOpenEvents":[]' in groq.requests[0].body["messages"][1]["content"]


async def test_an_undated_change_goes_to_the_one_open_event(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    reply = answer(fact("numChildren", "vreo 20"), intent="UPDATE", quote="o sa vina", target="e1")
    groq.script(good(reply))
    result = await extractor.extract(chat("o sa vina vreo 20 de copii", events=[STORED]))
    assert (result.intent, result.target_event_id) == ("UPDATE", "9f2c")
    assert event_of(result).num_children == 20


async def test_a_stored_character_is_swapped_for_another(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(
        good(
            answer(
                fact("service", "Mickey", kind="ANIMATOR"),
                fact("droppedService", "Elsa", kind="ANIMATOR"),
                fact("droppedService", "Ana", kind="ANIMATOR"),
                intent="UPDATE",
                quote="Se poate",
                target="e1",
            )
        )
    )
    body = "Pentru 10 februarie: Se poate Mickey în loc de Elsa?"
    result = await extractor.extract(chat(body, events=[STORED]))
    assert (result.intent, result.target_event_id) == ("UPDATE", "9f2c")
    assert event_of(result).roles == [Role(role_type="ANIMATOR", label="Mickey")]
    assert event_of(result).dropped_roles == [Role(role_type="ANIMATOR", label="Elsa")]
    assert result.evidence["droppedRoles"] == ["wa-1"]


async def test_only_one_service_takes_out_those_that_are_not_named(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    only = fact("droppedService", "doar cu Elsa", kind="ANIMATOR")
    groq.script(good(answer(only, intent="UPDATE", quote="Rămânem", target="e1")))
    stored = msgspec.structs.replace(
        STORED, roles=[*STORED.roles, Role(role_type="ANIMATOR", label="Anna")]
    )
    result = await extractor.extract(chat("Rămânem doar cu Elsa", events=[stored]))
    assert (result.intent, result.target_event_id) == ("UPDATE", "9f2c")
    assert event_of(result).roles == []
    assert event_of(result).dropped_roles == [Role(role_type="ANIMATOR", label="Anna")]


async def test_a_relative_day_counts_from_its_own_message(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("date", "sambata  VIITOARE"))))
    result = await extractor.extract(chat("Vreau o petrecere sâmbăta viitoare"))
    assert event_of(result).date == "2026-01-31"


async def test_the_last_correction_wins_and_keeps_the_month(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("date", "de fapt pe 12", "m2"), fact("date", "10 martie"))))
    result = await extractor.extract(chat("Vreau pe 10 martie", "stati, de fapt pe 12"))
    assert event_of(result).date == "2026-03-12"
    assert result.evidence["date"] == ["wa-1", "wa-2"]


async def test_an_acceptance_beside_the_customers_own_words_changes_no_order(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(
        good(answer(fact("date", "10 martie", "m1", "m3"), fact("date", "12 martie", "m2")))
    )
    result = await extractor.extract(chat("Vreau pe 10 martie", "ba nu, 12 martie", "da"))
    assert event_of(result).date == "2026-03-12"


async def test_a_month_and_a_later_day_make_a_date(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("date", "in martie"), fact("date", "pe 15", "m2"))))
    result = await extractor.extract(chat("Vreau o petrecere in martie", "pe 15"))
    assert event_of(result).date == "2026-03-15"


async def test_a_span_of_hours_gives_start_and_length(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("startTime", "de la 16 la 18"))))
    event = event_of(await extractor.extract(chat("Vreau maine, de la 16 la 18")))
    assert (event.start_time, event.duration_min) == ("16:00", 120)


async def test_what_the_company_says_needs_an_acceptance(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    talk = ("Vreau Elsa pe 7 februarie", "<Pachetul de 2 ore costă 450 lei. Rezerv?", "Da, perfect")
    groq.script(
        good(answer(fact("price", "450 lei", "m2", "m3"), fact("durationMin", "2 ore", "m2")))
    )
    result = await extractor.extract(chat(*talk))
    event = event_of(result)
    assert (event.payment.amount, event.payment.currency) == (Decimal(450), "RON")
    assert result.evidence["payment.amount"] == ["wa-2", "wa-3"]
    assert event.duration_min is None
    assert Reason("not_accepted", ("durationMin",)) in result.reasons


@pytest.mark.parametrize("accepted", ["m1", "m2", "m9"])
async def test_an_acceptance_is_a_later_message_of_the_customer(
    groq: FakeGroq, extractor: GroqExtractor, accepted: str
) -> None:
    groq.script(good(answer(fact("price", "450 lei", "m2", accepted))))
    result = await extractor.extract(chat("Vreau Elsa maine", "<Costă 450 lei"))
    assert event_of(result).payment.amount is None


async def test_a_deposit_that_was_sent(groq: FakeGroq, extractor: GroqExtractor) -> None:
    talk = ("Vreau Elsa maine la 17, 600 lei", "<Avansul este 200 lei", "am trimis avansul")
    groq.script(
        good(answer(fact("price", "600 lei"), fact("depositSum", "200 lei", "m2", "m3"),
                    fact("depositSent", "am trimis avansul", "m3")))
    )  # fmt: skip
    result = await extractor.extract(chat(*talk))
    assert event_of(result).payment == Payment(
        amount=Decimal(600), currency="RON", status="DEPOSIT", deposit=Decimal(200)
    )
    assert result.evidence["payment.status"] == ["wa-3"]


async def test_the_company_cannot_say_that_it_was_paid(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("paidInFull", "ați plătit tot", "m2", "m3"))))
    result = await extractor.extract(chat("Vreau Elsa maine", "<Văd că ați plătit tot", "da"))
    assert event_of(result).payment.status == "UNPAID"


async def test_people_are_taken_as_written(groq: FakeGroq, extractor: GroqExtractor) -> None:
    text = "Vreau Elsa pt fetita mea ilinca, face 5 anisori. Sunt Roxana Dinu. Vin 15 copii"
    groq.script(
        good(answer(fact("childName", "Ilinca"), fact("childAge", "5 anisori"),
                    fact("parentName", "Roxana Dinu"), fact("numChildren", "15 copii")))
    )  # fmt: skip
    event = event_of(await extractor.extract(chat(text)))
    assert (event.child_name, event.child_age) == ("Ilinca", 5)
    assert (event.parent_name, event.num_children) == ("Roxana Dinu", 15)


async def test_words_that_stand_twice_for_different_things_say_nothing(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("price", "lei"), fact("startTime", "la"))))
    text = "Vreau Elsa maine la 17, tortul e la 18! 2 ore 500 lei sau 1 ora 300 lei?"
    result = await extractor.extract(chat(text))
    assert event_of(result).payment.amount is None
    assert event_of(result).start_time is None


async def test_a_birthday_names_the_age_and_the_child(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("childName", "Victor's"), fact("childAge", "10th birthday"))))
    event = event_of(await extractor.extract(chat("Vreau Elsa, my son Victor's 10th birthday")))
    assert (event.child_name, event.child_age) == ("Victor", 10)
    groq.script(good(answer(fact("childName", "Iuliei"), fact("childAge", "third birthday"))))
    event = event_of(await extractor.extract(chat("Vreau pt ziua Iuliei, third birthday")))
    assert (event.child_name, event.child_age) == ("Iulia", 3)


@pytest.mark.parametrize(
    ("field", "quote", "value"),
    [
        ("childName", "o cheamă Ilinca", "Ilinca"),
        ("childName", "ilinca", "Ilinca"),
        ("parentName", "Sunt Roxana Dinu.", "Roxana Dinu"),
        ("address", "la noi acasă, aleea Barajului 8 bl M12", "aleea Barajului 8 bl M12"),
        ("address", "acasă", None),
    ],
)
async def test_the_words_around_a_name_are_not_part_of_it(
    groq: FakeGroq, extractor: GroqExtractor, field: str, quote: str, value: str | None
) -> None:
    text = "Vreau Elsa, o cheamă ilinca, la noi acasă, aleea Barajului 8 bl M12. Sunt Roxana Dinu."
    groq.script(good(answer(fact(field, quote))))
    event = event_of(await extractor.extract(chat(text)))
    names = {"childName": event.child_name, "parentName": event.parent_name}
    assert {**names, "address": event.address}[field] == value


async def test_a_character_that_the_catalogue_does_not_know(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("service", "Zgubilitici", kind="ANIMATOR"))))
    result = await extractor.extract(chat("Vreau pe Zgubilitici maine la 17"))
    assert event_of(result).roles == [Role(role_type="ANIMATOR", label="Zgubilitici")]
    assert result.evidence["roles"] == ["wa-1"]


@pytest.mark.parametrize(
    "wrong",
    [
        fact("date", "11 feb"),
        fact("date", "10 feb", "m7"),
        fact("startTime", "8:00"),
        fact("numChildren", "20"),
        fact("childName", "Spider"),
        fact("address", ""),
        fact("address", "acasa"),
        fact("price", "Str. X nr 3"),
        fact("childAge", "18:00"),
        fact("service", "Str. X", kind="POPCORN"),
    ],
)
async def test_what_is_not_in_the_message_is_left_out(
    groq: FakeGroq, extractor: GroqExtractor, wrong: dict[str, Any]
) -> None:
    groq.script(good(answer(fact("service", "Elsa"), wrong)))
    result = await extractor.extract(chat(WISH + " acasa"))
    assert result.event == EventDraft(roles=[Role(role_type="ANIMATOR", label="Elsa")])
    assert list(result.evidence) == ["roles"]
    assert {"unknown_message", "not_one_value", "not_in_message"} & {r.code for r in result.reasons}


async def test_an_intent_without_evidence_is_the_rules_own(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(intent="BOOKING", quote="I book it")))
    result = await extractor.extract(chat("Bună, cât costă un animator?"))
    assert (result.intent, result.action, result.event) == ("QUESTION", "NOOP", None)
    assert result.confidence <= 0.6
    assert Reason("no_evidence") in result.reasons


async def test_a_model_and_rules_that_differ_are_shown_as_doubt(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(intent="QUESTION", quote="Vreau pe 10 feb")))
    result = await extractor.extract(chat(WISH))
    assert (result.intent, result.confidence) == ("QUESTION", 0.6)
    assert Reason("read_differently") in result.reasons


async def test_a_birthday_that_is_the_only_day_told_is_proposed_as_not_sure(
    groq: FakeGroq, extractor: GroqExtractor
) -> None:
    groq.script(good(answer(fact("service", "Elsa", kind="ANIMATOR"))))
    result = await extractor.extract(chat("Vreau Elsa, Maria face 4 ani pe 13 iunie"))
    assert event_of(result).date == "2026-06-13"
    assert result.field_confidence["date"] == 0.5
