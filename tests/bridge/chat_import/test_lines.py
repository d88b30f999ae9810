"""Headers of every shape, and which lines belong together."""

import pytest

from bridge.chat_import.lines import LONGEST_BODY, Notes, Shape, parse_header, read_entries

ANDROID = Shape(False, "/", "last", False, False)


@pytest.mark.parametrize(
    ("line", "numbers", "time", "rest"),
    [
        ("12/03/2024, 14:05 - Ana: Salut", (12, 3, 2024), (14, 5, 0, ""), "Ana: Salut"),
        ("3/12/24, 2:05\u202fPM - Ana: Hi", (3, 12, 24), (2, 5, 0, "p"), "Ana: Hi"),
        ("3/12/24, 2:05 AM - Ana: Hi", (3, 12, 24), (2, 5, 0, "a"), "Ana: Hi"),
        ("12/3/2024, 2:05 p.\u00a0m. - Ana: Hola", (12, 3, 2024), (2, 5, 0, "p"), "Ana: Hola"),
        ("12/3/2024, 2:05 a. m. - Ana: Hola", (12, 3, 2024), (2, 5, 0, "a"), "Ana: Hola"),
        ("12.03.2024, 14:05 - Ana: Bună", (12, 3, 2024), (14, 5, 0, ""), "Ana: Bună"),
        ("12.03.24 14.05 - Ana: Moin", (12, 3, 24), (14, 5, 0, ""), "Ana: Moin"),
        ("2024-03-12, 14:05 - Ana: Hej", (2024, 3, 12), (14, 5, 0, ""), "Ana: Hej"),
        ("24-03-12, 14:05 - Ana: Hej", (24, 3, 12), (14, 5, 0, ""), "Ana: Hej"),
        ("[12.03.2024, 14:05:09] Ana: Bună", (12, 3, 2024), (14, 5, 9, ""), "Ana: Bună"),
        ("\u200e[12.03.2024, 14:05:09] Ana: \u200eimagine omisă", (12, 3, 2024), (14, 5, 9, ""),
         "Ana: \u200eimagine omisă"),
        ("[3/12/24, 2:05:09\u202fPM] Ana: Hi", (3, 12, 24), (2, 5, 9, "p"), "Ana: Hi"),
        ("\ufeff[3/12/24, 2:05:09 p.m.] Ana: Hi", (3, 12, 24), (2, 5, 9, "p"), "Ana: Hi"),
        ("\u202a[12/03/24 14:05:09]\u202c Ana: Hi", None, None, None),
        ("[2024/03/12, 14:05:09] Ana: Hi", (2024, 3, 12), (14, 5, 9, ""), "Ana: Hi"),
        ("\u200f12/03/2024, 14:05\u200f - Ana: Hi", (12, 3, 2024), (14, 5, 0, ""), "Ana: Hi"),
        ("12. 3. 2024., 14:05 - Ana: Bok", (12, 3, 2024), (14, 5, 0, ""), "Ana: Bok"),
        ("12/03/2024, 14:05 -", (12, 3, 2024), (14, 5, 0, ""), ""),
        ("12/03/2024 la ora 14:05 vă așteptăm", None, None, None),
        ("12/03/2024 14:05", None, None, None),
        ("1200 - 1400 lei", None, None, None),
        ("[12/03/2024] 14:05 - Ana: x", None, None, None),
        ("12/03.2024, 14:05 - Ana: x", None, None, None),
        ("2024/03/2024, 14:05 - Ana: x", None, None, None),
        ("", None, None, None),
    ],
)  # fmt: skip
def test_headers(
    line: str,
    numbers: tuple[int, int, int] | None,
    time: tuple[int, int, int, str] | None,
    rest: str | None,
) -> None:
    header = parse_header(line)
    if numbers is None:
        assert header is None
        return
    assert header is not None
    assert header.stamp[:3] == numbers
    assert header.stamp[3:7] == time
    assert header.rest == rest


def test_lines_without_a_header_belong_to_the_message_before() -> None:
    notes = Notes()
    lines = ["12/03/2024, 14:05 - Ana: unu", "", "doi ", "12/03/2024, 14:06 - Ana: trei"]
    entries = list(read_entries(lines, ANDROID, notes))
    assert [(entry.line, entry.lines, entry.text) for entry in entries] == [
        (1, 3, "Ana: unu\n\ndoi "),
        (4, 1, "Ana: trei"),
    ]
    assert notes == Notes()


def test_a_pasted_header_of_another_shape_is_text() -> None:
    notes = Notes()
    lines = ["12/03/2024, 14:05 - Ana: uite", "[11.03.24, 09:00:00] Ion: hai", "da?"]
    entries = list(read_entries(lines, ANDROID, notes))
    assert [entry.text for entry in entries] == ["Ana: uite\n[11.03.24, 09:00:00] Ion: hai\nda?"]
    assert notes.foreign == [2]


def test_lines_before_the_first_header_are_noted() -> None:
    notes = Notes()
    lines = ["", "Exported from my phone", "12/03/2024, 14:05 - Ana: a"]
    assert len(list(read_entries(lines, ANDROID, notes))) == 1
    assert notes.stray == [2]


def test_a_message_longer_than_any_is_cut_and_the_rest_is_noted() -> None:
    lines = ["12/03/2024, 14:05 - Ana: a", "x" * (LONGEST_BODY - 20), "y" * 50, "z" * 50]
    (entry,) = read_entries(lines, ANDROID, Notes())
    assert len(entry.text) < LONGEST_BODY
    assert entry.dropped == [3, 4]
    assert entry.lines == 4


def test_a_first_line_longer_than_any_message_is_cut() -> None:
    lines = ["12/03/2024, 14:05 - Ana: " + "x" * LONGEST_BODY, "y", "12/03/2024, 14:06 - Ana: b"]
    long, after = read_entries(lines, ANDROID, Notes())
    assert long.text == "Ana: " + "x" * (LONGEST_BODY - 5)
    assert (long.dropped, long.numbers) == ([1, 2], range(1, 3))
    assert after.numbers == range(3, 4)


def test_bytes_that_are_no_text_are_marked() -> None:
    line = b"12/03/2024, 14:05 - Ana: caf\xe9".decode("utf-8", "surrogateescape")
    (entry,) = read_entries([line], ANDROID, Notes())
    assert entry.is_damaged
    assert entry.text == "Ana: caf\ufffd"
