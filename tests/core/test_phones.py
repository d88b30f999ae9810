"""Numbers are taken however a person writes them, and refused with the reason."""

import pytest

from core.phones import PhoneInvalid, group_digits, parse_phone


@pytest.mark.parametrize(
    "text", ["0712345678", "0712 345 678", "+40 712.345.678", "0040712345678", "(0712) 345-678"]
)
def test_every_way_of_writing_gives_one_number(text: str) -> None:
    assert parse_phone(text, "RO") == "+40712345678"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a phone number"),
        ("Maria", "not a phone number"),
        ("0712", "too few"),
        ("07123456789012", "too many"),
        ("0012345678", "."),
        ("+40 012 345 678", "No phone"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(PhoneInvalid, match=reason) as caught:
        parse_phone(text, "RO")
    assert "country code" in caught.value.hint


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+40712345678", "+40 712 345 678"), ("+15550001111", "+15 550 001 111"), ("+4", "+4")],
)
def test_digits_are_shown_in_groups(number: str, shown: str) -> None:
    assert group_digits(number) == shown
