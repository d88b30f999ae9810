"""What a dialogue establishes: proposals, acceptances, corrections, answers to questions."""

from decimal import Decimal

import pytest

from core.crm.draft import Reason, to_exchange
from tests.core.crm.chats import STORED, booked, read, updated


def test_the_first_acceptance_journey() -> None:
    result = read("Vreau pe 10 feb la 18:00, Str. X nr 3, Spiderman + Elsa, buget 1200")
    line = to_exchange(result, "c1")
    assert line["event"] == {
        "date": "2027-02-10", "startTime": "18:00", "durationMin": None, "address": "Str. X nr 3",
        "parentName": None, "childName": None, "childAge": None, "numChildren": None,
        "roles": [{"roleType": "ANIMATOR", "label": "Spiderman"}, {"roleType": "ANIMATOR",
        "label": "Elsa"}],
        "payment": {"amount": 1200, "currency": "RON", "status": "UNPAID", "deposit": None},
    }  # fmt: skip
    assert line["evidence"]["date"] == ["m1"]
    assert result.engine == "rules"
    assert 0 < result.confidence <= 1


def test_a_second_party_leaves_the_stored_one_alone() -> None:
    event = booked("Mai vreau pe 20 martie 17:00, altă adresă, Mickey, 900", events=[STORED])
    assert (event.date, event.start_time, event.address) == ("2027-03-20", "17:00", None)
    assert event.payment.amount == Decimal(900)


def test_an_offer_counts_only_when_it_is_accepted() -> None:
    asked = "Vreau un Batman pe 6 iunie la 17, Str. Teilor 4"
    offer = "<2 ore costă 450 lei, e ok?"
    assert booked(asked, offer).payment.amount is None
    accepted = booked(asked, offer, "da, perfect")
    assert (accepted.payment.amount, accepted.duration_min) == (Decimal(450), 120)


@pytest.mark.parametrize(
    ("asked", "answer", "address"),
    [
        (
            "<500 lei. Adresa e aceeași, Bd. Pipera 8, ap. 21?",
            "da, aceeași",
            "Bd. Pipera 8, ap. 21",
        ),
        ("<Is the address 14 Rose Street?", "yes", "14 Rose Street"),
        ("<Veniți la Bd. Pipera 8 sau acasă?", "da", None),
        ("<Adresa e Bd. Pipera 8?", "Nu, ne-am mutat", None),
    ],
)
def test_an_address_that_the_company_asks_about_counts_once_it_is_confirmed(
    asked: str, answer: str, address: str | None
) -> None:
    assert booked("Vreau Elsa pe 6 iunie la 17", asked, answer).address == address


@pytest.mark.parametrize(
    ("answer", "minutes", "amount"),
    [
        ("2 ore", 120, 500),
        ("prima variantă", 60, 350),
        ("1 ora ajunge", 60, 350),
        ("a doua", 120, 500),
    ],
)
def test_one_of_two_prices_is_chosen(answer: str, minutes: int, amount: int) -> None:
    event = booked("Vreau Elsa pe 6 iunie la 17", "<1 oră 350 lei, 2 ore 500 lei", answer)
    assert (event.duration_min, event.payment.amount) == (minutes, Decimal(amount))


def test_haggling_ends_at_the_last_agreed_price() -> None:
    event = booked(
        "Vreau Elsa pe 6 iunie la 17",
        "<500 lei",
        "cam mult, 400 merge?",
        "<450 ultimul preț",
        "ok 450",
    )
    assert event.payment.amount == Decimal(450)


def test_short_answers_belong_to_the_question_before() -> None:
    event = booked(
        "Vreau un Sonic sambata asta", "<La ce oră?", "5",
        "<Cum îl cheamă și ce vârstă împlinește?",
        "Matei, 6", "<Câți copii?", "vreo 15", "<Unde?", "Dristorului 92, bl 10, ap 5",
    )  # fmt: skip
    assert (event.date, event.start_time) == ("2026-05-16", "17:00")
    assert (event.child_name, event.child_age, event.num_children) == ("Matei", 6, 15)
    assert event.address == "Dristorului 92, bl 10, ap 5"


def test_the_last_correction_wins() -> None:
    event = booked(
        "Vreau Chase pe 18 iunie la 16",
        "ba nu, pe 20",
        "si ora 16:30 mai bine",
        "de fapt Skye in loc de Chase",
    )
    assert (event.date, event.start_time) == ("2026-06-20", "16:30")
    assert [role.label for role in event.roles] == ["Skye"]


def test_a_birthday_and_a_church_are_not_the_party() -> None:
    event = booked(
        "Maria face 6 ani pe 2 iunie dar petrecerea o facem sambata pe 6. Slujba e la 12, "
        "ursitoarele sa vina la 19"
    )
    assert (event.date, event.start_time, event.child_age) == ("2026-06-06", "19:00", 6)


def test_two_days_are_left_open_with_a_reason() -> None:
    result = read("Vrem Moana pe 13 sau 14 iunie, la ora 16, la Green Park, Corbeanca")
    assert result.event is not None
    assert result.event.date is None
    assert Reason("several_days") in result.reasons


def test_a_grandmother_is_not_the_parent() -> None:
    event = booked("Sunt bunica lui Tudor, Elena. Vreau un clovn pe 6 iunie la 4, face 8 ani")
    assert (event.parent_name, event.child_name, event.child_age) == (None, "Tudor", 8)


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        ("mutăm petrecerea pe 30 mai, tot acolo", "date", "2026-05-30"),
        ("pe 23 mai putem muta ora la 17:30?", "start_time", "17:30"),
        ("s-a schimbat adresa petrecerii, e pe strada Livezilor 17, Pantelimon", "address",
         "strada Livezilor 17, Pantelimon"),
        ("pe 23 mai vor fi 20 de copii in loc de 12", "num_children", 20),
    ],
)  # fmt: skip
def test_a_change_to_a_stored_event_says_only_what_changes(
    body: str, field: str, value: object
) -> None:
    event = updated(body)
    assert getattr(event, field) == value
    assert event.roles == []
    assert event.payment.status == "UNPAID"
    others = {"date", "start_time", "address", "num_children"} - {field, "date"}
    assert all(getattr(event, name) is None for name in others)


def test_money_that_was_sent_is_told_from_money_that_is_promised() -> None:
    sent = updated("am trimis avansul de 200 lei pentru petrecerea de pe 23 mai")
    assert (sent.payment.status, sent.payment.deposit, sent.payment.amount) == (
        "DEPOSIT",
        Decimal(200),
        None,
    )
    paid = updated("am achitat integral cei 500 lei pentru petrecere")
    assert (paid.payment.status, paid.payment.amount) == ("PAID", Decimal(500))
    assert read("o să trimit avansul mâine", events=[STORED]).event is None


@pytest.mark.parametrize(
    ("bodies", "intent"),
    [
        (("Cât costă un animator 2 ore?", "<400 lei", "mersi, mă mai gândesc"), "QUESTION"),
        (("Aveți liber pe 6 iunie?", "<Da", "Câți bani e Elsa?"), "QUESTION"),
        (("Not booking yet, just comparing prices. How much is Elsa?",), "QUESTION"),
        (("Vă rog să anulați rezervarea, copilul e bolnav",), "CANCEL"),
        (("We need to cancel Saturday's party, sorry",), "CANCEL"),
        (("Mulțumim pentru ieri, a fost super!",), "OTHER"),
        (("Credit rapid fără girant, sună acum!",), "OTHER"),
        (("<Bună ziua, revenim cu oferta: Elsa, 500 lei, 6 iunie ora 16",), "OTHER"),
    ],
)
def test_what_is_no_booking_proposes_nothing(bodies: tuple[str, ...], intent: str) -> None:
    result = read(*bodies, events=[STORED])
    assert (result.intent, result.action, result.event, result.target_event_id) == (
        intent,
        "NOOP",
        None,
        None,
    )
    assert result.evidence == {}


def test_an_archived_event_is_no_target() -> None:
    from msgspec.structs import replace

    event = booked("Vreau Elsa pe 23 mai la 16", events=[replace(STORED, is_archived=True)])
    assert event.date == "2026-05-23"


def test_the_operator_chooses_between_several_open_events() -> None:
    from msgspec.structs import replace

    other = replace(STORED, event_id="ev2", date="2026-06-20")
    result = read(
        "am schimbat adresa petrecerii: strada Livezilor 17, Pantelimon", events=[STORED, other]
    )
    assert (result.intent, result.target_event_id) == ("UPDATE", None)
    assert Reason("several_events") in result.reasons


@pytest.mark.parametrize(
    "later",
    [
        ("<Perfect, 600 lei. Un avans de 200?", "ok, sâmbătă"),
        ("<Când ne puteți da avansul?", "sâmbătă e ok?"),
        ("<Vă sunăm pentru detalii", "sâmbătă sunt liberă"),
        ("adresa v-o zic sâmbătă",),
        ("<Perfect", "Sâmbătă vorbesc cu soțul despre adresă"),
        ("trec sambata pe la voi cu banii",),
    ],
)
def test_a_weekday_for_something_else_leaves_the_day_that_was_told(later: tuple[str, ...]) -> None:
    assert booked("Bună, vrem Elsa pe 23 iunie, ora 17", *later).date == "2026-06-23"


@pytest.mark.parametrize(
    "later",
    [
        ("<Din păcate 23 e ocupat", "atunci sâmbătă"),
        ("<Putem doar sâmbătă sau duminică", "ok sâmbătă"),
        ("de fapt sâmbătă mai bine",),
        ("mutăm pe sâmbătă?",),
        ("vrem sâmbătă, că marți lucrăm",),
    ],
)
def test_a_weekday_for_the_party_replaces_the_day_that_was_told(later: tuple[str, ...]) -> None:
    assert booked("Bună, vrem Elsa pe 23 iunie, ora 17", *later).date == "2026-05-16"


@pytest.mark.parametrize("told", ["1.5 hours", "1.5 hrs", "2.5 ore", "5.5 ani", "1.5 km"])
def test_a_decimal_number_of_something_is_no_day(told: str) -> None:
    draft = booked(
        "Bună, vrem Elsa pe 19 iunie, ora 15", f"cât e pentru {told}?", "<450 lei", "ok, rezervăm"
    )
    assert draft.date == "2026-06-19"


def test_the_occasion_is_no_part_of_the_place() -> None:
    draft = booked("Vrem pe 27 iunie ursitoare la botez, restaurant Diamant, Chitila, ora 17")
    assert draft.address == "restaurant Diamant, Chitila"


def test_a_number_of_children_that_corrects_another() -> None:
    assert updated("am uitat să vă spun, la petrecere vor fi 22 nu 15 copii").num_children == 22


def test_prices_are_haggled_over_until_one_is_accepted() -> None:
    draft = booked(
        "vreau sa rezerv pt sambata 13 iunie, ora 11", "<Ce personaj?", "Bluey si Bingo",
        "<1000 lei 2 ore", "prea mult, doar Bluey?", "<600", "ok doar Bluey",
        "strada Unirii 4, Chiajna, interfon 12",
    )  # fmt: skip
    assert [role.label for role in draft.roles] == ["Bluey"]
    assert (draft.date, draft.start_time, draft.address) == (
        "2026-06-13", "11:00", "strada Unirii 4, Chiajna",
    )  # fmt: skip
    assert draft.payment.amount == 600
    assert draft.payment.status == "UNPAID"


def test_a_voice_note_says_nothing_and_the_messages_after_it_do() -> None:
    draft = booked(
        "🎤", "<Nu pot asculta acum, îmi scrieți?",
        "da, voiam sa intreb daca sunteti liberi pe 20 iunie",
        "<Da", "super, atunci rezervam. spaiderman si elsa, ora 17", "<900 lei", "ok",
    )  # fmt: skip
    assert (draft.date, draft.start_time, draft.address) == ("2026-06-20", "17:00", None)
    assert [role.label for role in draft.roles] == ["Spiderman", "Elsa"]
    assert draft.payment.amount == 900


def test_a_birthday_that_is_the_only_day_is_marked_as_not_sure() -> None:
    alone = read("Vrem Elsa la 17, Maria face 4 ani pe 13 iunie")
    assert alone.field_confidence["date"] == 0.5
    assert alone.evidence["date"] == ["m1"]
    assert Reason("birthday_as_date") in alone.reasons
    agreed = read("Vreau Elsa. Ziua ei e pe 13 iunie", "<Petrecerea e tot atunci?", "da")
    assert agreed.field_confidence["date"] > 0.8
    assert agreed.evidence["date"] == ["m1", "m3"]
    assert Reason("birthday_as_date") not in agreed.reasons
