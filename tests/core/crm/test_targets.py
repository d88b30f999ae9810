"""Which of two open events a chat is about."""

from decimal import Decimal

import pytest

from core.crm.draft import ExistingEvent, Payment, Role
from tests.core.crm.chats import STORED, read

CHRISTENING = ExistingEvent(
    event_id="ev2", date="2026-06-13", start_time="18:00", address="Salon Iris",
    payment=Payment(amount=Decimal(900), currency="RON"), roles=[Role(role_type="URSITOARE")],
)  # fmt: skip


@pytest.mark.parametrize(
    ("body", "intent", "target"),
    [
        ("La botez am vrea să începem la 19, nu la 18", "UPDATE", "ev2"),
        ("Pentru 23 mai adăugați popcorn. Botezul rămâne la fel", "UPDATE", "ev1"),
        ("Ursitoarele să vină la 19", "UPDATE", "ev2"),
        ("Elsa să vină la 17, vă rog", "UPDATE", "ev1"),
        ("Am achitat avansul pentru botez, 200 lei", "UPDATE", "ev2"),
        ("For the christening, the address is Salon Royal, Strada Lunga 4 now", "UPDATE", "ev2"),
        ("La petrecerea mică (23 mai) punem și baloane, la botez nu", "UPDATE", "ev1"),
        ("Vin 20 de copii", "UPDATE", None),
        ("Petrecerea din 23 se anulează, la botez vă așteptăm", "CANCEL", None),
        ("Anulați botezul, vă rog. Petrecerea rămâne", "CANCEL", None),
        ("One question about the 23rd: do you bring a speaker?", "QUESTION", None),
    ],
)
def test_the_words_of_a_message_choose_between_two_events(
    body: str, intent: str, target: str | None
) -> None:
    result = read(body, events=[STORED, CHRISTENING])
    assert (result.intent, result.target_event_id) == (intent, target), result


def test_what_is_told_of_one_event_is_no_change_of_the_other() -> None:
    result = read(
        "Pentru 13 iunie: adăugați fum greu, vă rog", "<Da, 300 lei, total 1200 lei", "ok",
        events=[STORED, CHRISTENING],
    )  # fmt: skip
    assert result.target_event_id == "ev2"
    assert result.event is not None
    assert [role.role_type for role in result.event.roles] == ["DRY_ICE"]
    assert result.event.payment.amount == Decimal(1200)
