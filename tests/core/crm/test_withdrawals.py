"""What the customer takes back once its price is told."""

import pytest

from core.crm.draft import EventDraft
from tests.core.crm.chats import STORED, booked, read, updated

WISH = "Bună, vreau Elsa pe 10 octombrie la 16, str. Rozelor 5"
AGREED = (WISH, "<Elsa 2 ore 500 lei", "da, ok")


def kinds(event: EventDraft) -> list[str]:
    """Return the services of a draft, characters by their names."""
    return [role.label or role.role_type for role in event.roles]


@pytest.mark.parametrize(
    "bodies",
    [
        ["Și popcorn ați putea aduce?", "<Da, popcornul e 250 lei", "Hmm lăsați atunci"],
        ["Vrem și popcorn", "<Popcornul e 250 lei în plus", "Hmm lăsați atunci 😅"],
        ["Vrem și popcorn", "<Popcornul e 250 lei în plus", "hmm, atunci lăsați"],
        ["Vrem și popcorn", "<Popcornul e 250 lei", "Stați puțin", "nu, lăsați. Mulțumesc"],
        ["și popcorn vă rog", "<Ok", "<Popcornul e 250 lei", "lasă-l atunci"],
        ["aș mai vrea și baloane cu heliu", "<20 baloane: 200 lei", "aaa, lăsați, e cam mult"],
        ["aș mai vrea și baloane cu heliu", "of stați, lăsați", "nu mai trebuie"],
        ["we'd also like popcorn", "<Popcorn is 250 lei more", "hmm, never mind then"],
        ["can you add popcorn too?", "<Sure, 250 lei", "leave it then, thanks"],
        ["<Doriți și popcorn, 250 lei?", "hmm, ne descurcăm fără", "<Bine", "ok, mulțumim"],
        ["și popcorn vă rog", "<Popcornul e 250 lei", "hmm, lăsați popcornul atunci"],
        ["și popcorn vă rog", "<Popcornul e 250 lei", "e prea mult, lăsați popcornul"],
        ["și o vrăjitoare?", "<Vrăjitoarea e 400 lei", "Hmm lăsați atunci"],
    ],
)
def test_an_extra_is_taken_back_and_the_rest_stays(bodies: list[str]) -> None:
    event = booked(*AGREED, *bodies)
    assert kinds(event) == ["Elsa"]
    assert event.payment.amount == 500
    assert (event.start_time, event.address) == ("16:00", "str. Rozelor 5")


def test_what_else_the_message_says_counts() -> None:
    event = booked(*AGREED, "și popcorn", "<250 lei", "hmm lăsați atunci. Și să fie la 17")
    assert (kinds(event), event.start_time) == (["Elsa"], "17:00")
    event = booked(*AGREED, "și popcorn", "<250 lei", "e mult, lăsați. Vrem și baloane în schimb")
    assert kinds(event) == ["Elsa", "BALLOONS"]


@pytest.mark.parametrize(
    "bodies",
    [
        ["și popcorn vă rog", "<Popcornul e 250 lei. Îl lăsăm?", "lăsați"],
        ["și popcorn vă rog", "<Popcornul e 250 lei", "ok, lăsați așa"],
        ["și popcorn vă rog", "<Da. Scoatem sau păstrăm popcornul?", "lăsați popcornul"],
        ["și popcorn vă rog", "<Popcornul e 250 lei", "ok, lăsați popcornul la recepție atunci"],
        ["și popcorn vă rog", "<Popcornul e 250 lei", "ok, atunci Elsa și popcorn"],
    ],
)
def test_what_is_left_as_it_is_stays(bodies: list[str]) -> None:
    assert kinds(booked(*AGREED, *bodies)) == ["Elsa", "POPCORN"]


def test_a_character_is_rather_chosen_than_left() -> None:
    asks = "Vreau Elsa și vată de zahăr pe 10 octombrie la 16, str. Rozelor 5"
    chosen = booked(asks, "<Elsa 500 lei, vata 300", "hmm, lăsați Elsa atunci, 500 e ok")
    assert "Elsa" in kinds(chosen)


def test_who_takes_back_all_that_was_asked_for_calls_it_off() -> None:
    assert read(WISH, "<Elsa 2 ore 500 lei", "Hmm lăsați atunci").intent == "CANCEL"
    new = ("Vreau Batman pe 3 iunie, ora 15", "<500 lei", "hmm lăsați atunci")
    assert read(*new, events=[STORED]).action == "NOOP"


@pytest.mark.parametrize("asks", ["Putem adăuga popcorn pe 23 mai?", "Vrem și popcorn pe 23 mai"])
def test_a_stored_event_stays_as_it_is(asks: str) -> None:
    result = read(asks, "<Da, 250 lei", "Hmm lăsați atunci", events=[STORED])
    assert (result.action, result.event) == ("NOOP", None)


def test_a_change_without_its_extra_is_still_one() -> None:
    chat = (
        "Vrem și popcorn pe 23 mai și mutăm la ora 17",
        "<Popcorn 250 lei",
        "hmm, lăsați atunci",
    )
    event = updated(*chat)
    assert (kinds(event), event.start_time) == ([], "17:00")
