"""Dates as customers write them, at several moments and across the year."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crm.folding import fold
from core.crm.resolve.dates import find_dates
from tests.core.crm.chats import turn_of

MONDAY = "2026-01-26T19:00:00+02:00"
SATURDAY = "2026-05-16T09:00:00+03:00"
NEW_YEAR = "2026-12-30T23:30:00+02:00"


def days_in(phrase: str, sent_at: str = MONDAY) -> list[str]:
    """Return the days that a message names which was sent then."""
    found = turn_of(phrase, datetime.fromisoformat(sent_at)).dates
    days = [mention.value.isoformat() for mention in found if mention.value is not None]
    return list(dict.fromkeys(days))


@pytest.mark.parametrize(
    ("phrase", "sent_at", "expected"),
    [
        ("azi", MONDAY, "2026-01-26"),
        ("diseară la 7", MONDAY, "2026-01-26"),
        ("mâine la 5", MONDAY, "2026-01-27"),
        ("miine", MONDAY, "2026-01-27"),
        ("poimaine", MONDAY, "2026-01-28"),
        ("răspoimâine", MONDAY, "2026-01-29"),
        ("the day after tomorrow", MONDAY, "2026-01-28"),
        ("în 3 zile", MONDAY, "2026-01-29"),
        ("peste două săptămâni", MONDAY, "2026-02-09"),
        ("peste o săptămână", MONDAY, "2026-02-02"),
        ("de azi in 10 zile", MONDAY, "2026-02-05"),
        ("sâmbăta asta", MONDAY, "2026-01-31"),
        ("sambata viitoare", MONDAY, "2026-02-07"),
        ("sâmbătă", MONDAY, "2026-01-31"),
        ("luni", MONDAY, "2026-02-02"),
        ("sambata asta", SATURDAY, "2026-05-16"),
        ("sambata", SATURDAY, "2026-05-23"),
        ("this Sunday", SATURDAY, "2026-05-17"),
        ("next Sunday", SATURDAY, "2026-05-24"),
        ("joi săptămâna viitoare", MONDAY, "2026-02-05"),
        ("saptamana viitoare, joi", MONDAY, "2026-02-05"),
        ("Friday next week", MONDAY, "2026-02-06"),
        ("a week from Saturday", MONDAY, "2026-02-07"),
        ("pe 14", MONDAY, "2026-02-14"),
        ("pe data de 31", MONDAY, "2026-01-31"),
        ("the 21st", MONDAY, "2026-02-21"),
        ("pe 8 luna viitoare", MONDAY, "2026-02-08"),
        ("10 feb", MONDAY, "2026-02-10"),
        ("10 februarie 2027", MONDAY, "2027-02-10"),
        ("10.02", MONDAY, "2026-02-10"),
        ("10/02/2026", MONDAY, "2026-02-10"),
        ("10-02-26", MONDAY, "2026-02-10"),
        ("2026-06-06", MONDAY, "2026-06-06"),
        ("21 martie, sambata", MONDAY, "2026-03-21"),
        ("sâmbătă, 21 martie", MONDAY, "2026-03-21"),
        ("Sunday (22 March)", MONDAY, "2026-03-22"),
        ("April 18th", MONDAY, "2026-04-18"),
        ("the 3rd of May", MONDAY, "2026-05-03"),
        ("zece decembrie", MONDAY, "2026-12-10"),
        ("douăzeci și doi mai", MONDAY, "2026-05-22"),
        ("întâi iunie", MONDAY, "2026-06-01"),
        ("sambata pe 7", MONDAY, "2026-02-07"),
        ("9 ianuarie", NEW_YEAR, "2027-01-09"),
        ("mâine", NEW_YEAR, "2026-12-31"),
        ("poimâine", NEW_YEAR, "2027-01-01"),
        ("pe 2", NEW_YEAR, "2027-01-02"),
        ("31 decembrie", NEW_YEAR, "2026-12-31"),
        ("29 februarie", MONDAY, "2028-02-29"),
        ("pe 31", "2026-02-01T10:00:00+02:00", "2026-03-31"),
        ("mâine", "2026-03-28T23:30:00+02:00", "2026-03-29"),
        ("în 2 zile", "2026-10-24T12:00:00+03:00", "2026-10-26"),
        ("mâine", "2026-06-30T22:30:00+00:00", "2026-07-02"),
    ],
)
def test_a_phrase_is_counted_from_its_own_message(phrase: str, sent_at: str, expected: str) -> None:
    assert days_in(phrase, sent_at) == [expected]


@pytest.mark.parametrize(
    "phrase",
    [
        "weekendul viitor", "luna viitoare", "în aprilie", "săptămâna viitoare", "ora 17.30",
        "la 10.10", "15 copii", "comanda nr. 2305/26", "balonul e 12.50 lei", "32 martie",
        "bulevardul 1 Decembrie 1918", "pe la 5", "2 ore", "6 ani", "30 februarie",
    ],
)  # fmt: skip
def test_what_names_no_day(phrase: str) -> None:
    assert days_in(phrase) == []


@given(
    st.sampled_from(["2026-10-25T00:00:00+00:00", "2027-03-28T00:00:00+00:00"]),
    st.integers(-48 * 60, 48 * 60),
    st.integers(2, 12),
)
def test_days_are_counted_on_the_calendar_where_the_clock_is_set(
    change: str, minutes: int, ahead: int
) -> None:
    sent_at = datetime.fromisoformat(change) + timedelta(minutes=minutes)
    local = sent_at.astimezone(ZoneInfo("Europe/Bucharest"))
    for phrase, days in (("azi", 0), ("mâine", 1), (f"în {ahead} zile", ahead)):
        expected = local.date() + timedelta(days=days)
        assert days_in(phrase, sent_at.isoformat()) == [expected.isoformat()]
    (saturday,) = days_in("sâmbăta asta", sent_at.isoformat())
    until = date.fromisoformat(saturday) - local.date()
    assert date.fromisoformat(saturday).weekday() == 5
    assert timedelta(0) <= until < timedelta(days=7)


def test_two_days_are_not_one() -> None:
    assert len(days_in("pe 13 sau pe 14 iunie")) == 2


@given(st.text(max_size=80))
def test_any_text_is_read_without_failing(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    for mention in find_dates(folded, datetime.fromisoformat(MONDAY).date()):
        assert 0 <= mention.start < mention.end <= len(folded)
