"""Hours, lengths, money, phone numbers and services in customers' phrases."""

from decimal import Decimal

import pytest

from core.crm.catalogue import load_catalogue
from core.crm.resolve.money import find_money
from core.crm.resolve.numbers import to_int
from core.crm.resolve.phones import resolve_phone
from core.crm.resolve.roles import resolve_roles
from tests.core.crm.chats import turn_of


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("la 5", "17:00"), ("pe la 5 și jumătate", "17:30"), ("la 4 jumate",
         "16:30"),
        ("ora 17:30", "17:30"), ("ora 17.30", "17:30"), ("la patru după-amiaza", "16:00"),
        ("ora zece și jumătate dimineața", "10:30"), ("ora 5 fără un sfert", "16:45"),
        ("half past 4", "16:30"), ("quarter to 5", "16:45"), ("2:30 pm", "14:30"), ("10.30 am",
         "10:30"),
        ("at noon", "12:00"), ("7 seara", "19:00"), ("17h", "17:00"), ("la 11 dimineata", "11:00"),
        ("de la 16 la 18", "16:00"), ("la 12", "12:00"), ("ora cinci fix", "17:00"), ("la 9",
         "09:00"),
    ],
)  # fmt: skip
def test_hours(phrase: str, expected: str) -> None:
    assert turn_of(phrase).times[0].value.strftime("%H:%M") == expected


def lengths_in(phrase: str) -> set[int]:
    """Return the lengths in minutes that a message names, those of spans of hours too."""
    turn = turn_of(phrase)
    spans = {time.minutes for time in turn.times if time.minutes is not None}
    return spans | {length.minutes for length in turn.durations}


@pytest.mark.parametrize(
    "phrase",
    [
        "la 20 de copii",
        "15 copii",
        "6 ani",
        "2 ore",
        "450 lei",
        "la noi acasa",
        "intre 7 si 10 ani",
    ],
)
def test_what_is_no_hour(phrase: str) -> None:
    assert turn_of(phrase).times == []


@pytest.mark.parametrize(
    ("phrase", "minutes"),
    [
        ("2 ore", 120), ("două ore", 120), ("o oră", 60), ("o oră și jumătate", 90), ("90 de "
        "minute", 90),
        ("de la 16 la 18", 120), ("11am to 1pm", 120), ("între orele 10:00-16:00", 360),
        ("3-5pm", 120),
        ("1h", 60), ("half an hour", 30), ("an hour and a half", 90), ("trei sferturi de oră", 45),
        ("from 10 until 2", 240), ("1,5 ore", 90), ("15:30 - 17:00", 90),
    ],
)  # fmt: skip
def test_lengths(phrase: str, minutes: int) -> None:
    assert lengths_in(phrase) == {minutes}


@pytest.mark.parametrize(
    "phrase",
    ["peste 2 ore", "30 minutes earlier", "răspuns în 15 minute", "ora 17", "17h", "oh no"],
)
def test_what_is_no_length(phrase: str) -> None:
    assert lengths_in(phrase) == set()


@pytest.mark.parametrize(
    ("phrase", "amount", "currency"),
    [
        ("450 lei", "450", "RON"), ("1.200 lei", "1200", "RON"), ("1 200 de lei", "1200", "RON"),
        ("12,50 lei", "12.50", "RON"), ("130 euro", "130", "EUR"), ("€50", "50", "EUR"),
        ("cinci sute de lei", "500", "RON"), ("buget 1200", "1200", "RON"), ("900", "900", "RON"),
    ],
)  # fmt: skip
def test_money(phrase: str, amount: str, currency: str) -> None:
    turn = turn_of(phrase)
    found = [(one.amount, one.currency or "RON") for one in (*turn.sums, *turn.bare_sums)]
    assert found == [(Decimal(amount), currency)]


def test_a_price_per_hour_or_child_is_a_unit_price() -> None:
    assert [one.per_unit for one in find_money("400 lei ora, 40 lei/copil, 500 lei")] == [
        True,
        True,
        False,
    ]


def test_numbers_in_words() -> None:
    assert [
        to_int(text)
        for text in (
            "saptesprezece",
            "douazeci si unu",
            "twenty-one",
            "patruzeci",
            "elsa",
            "unu doi",
        )
    ] == [17, 21, 21, 40, None, None]


def test_phone_numbers_become_e164() -> None:
    assert resolve_phone("tel. 0722 123 456, după 18", "RO") == "+40722123456"
    assert resolve_phone("pe 12.05 la 17", "RO") is None


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("un animator", [("ANIMATOR", None)]),
        ("Elsa și Anna", [("ANIMATOR", "Elsa"), ("ANIMATOR", "Anna")]),
        ("baloane cu heliu cifra 8", [("HELIUM_BALLOONS", "cifra 8")]),
        ("niște baloane", [("BALLOONS", None)]),
        ("vata de zahar + popcorn", [("COTTON_CANDY", None), ("POPCORN", None)]),
        ("Moș Crăciun", [("SANTA_CLAUS", None)]),
        ("jocuri arcade", [("ARCADE", None)]),
        ("gheață carbonică", [("DRY_ICE", None)]),
        ("clovnul", [("ANIMATOR", "clovn")]),
        ("pictură pe față", [("OTHER", "pictură pe față")]),
        ("elza", [("ANIMATOR", "Elsa")]),
        ("personaj Zorro", [("ANIMATOR", None), ("ANIMATOR", "Zorro")]),
        ("omul păianjen", [("ANIMATOR", "Omul Păianjen")]),
        ("trei ursitoare", [("URSITOARE", None)]),
        ("decorațiuni", [("DECORATIONS", None)]),
    ],
)
def test_services(phrase: str, expected: list[tuple[str, str | None]]) -> None:
    assert resolve_roles(phrase, load_catalogue()) == expected
