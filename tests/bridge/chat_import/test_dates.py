"""Which number is the day, and which moment a wall clock meant."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.chat_import.dates import Certainty, DateEvidence, DateOrder, Decision, WallClock
from bridge.chat_import.lines import Stamp, parse_header

TODAY = date(2026, 2, 1)
BUCHAREST = ZoneInfo("Europe/Bucharest")


def decide(dates: Iterable[str], language: str = "", clock: str = "14:05") -> Decision:
    evidence = None
    for text in dates:
        header = parse_header(f"{text}, {clock} - Ana: x")
        assert header is not None
        evidence = evidence or DateEvidence(header.shape, TODAY)
        evidence.add(header.stamp)
    assert evidence is not None
    return evidence.decide(language)


@pytest.mark.parametrize(
    ("dates", "order", "certainty"),
    [
        (["03/04/2025", "13/04/2025"], "dmy", "certain"),
        (["04/03/2025", "04/13/2025"], "mdy", "certain"),
        (["03/13/25"], "mdy", "certain"),
        (["13/03/25"], "dmy", "certain"),
        (["2025-04-03"], "ymd", "certain"),
        (["25-04-13", "25-05-01"], "ymd", "certain"),
        (["25-04-13", "25-04-14"], "ymd", "likely"),
        (["13-04-25"], "dmy", "certain"),
        # As day first, the second is 240 days before the first.
        (["01/10/2025", "02/02/2025"], "mdy", "certain"),
        # As month first, the second is in the future.
        (["01/02/2025", "01/12/2025", "01/03/2026"], "mdy", "certain"),
        (["05/05/2025", "06/06/2025", "07/06/2025"], "dmy", "unknown"),
        (["05.06.2025"], "dmy", "likely"),
        (["03/04/2025", "04/04/2025", "05/04/2025", "06/04/2025"], "dmy", "likely"),
        (["04/03/2025", "04/04/2025", "04/05/2025", "04/06/2025"], "mdy", "likely"),
        (["05/06/2025"], "dmy", "unknown"),
    ],
)
def test_the_whole_file_tells_the_order(
    dates: list[str], order: DateOrder, certainty: Certainty
) -> None:
    assert decide(dates) == Decision(order, certainty)


@pytest.mark.parametrize(
    ("text", "language", "clock", "order", "certainty"),
    [
        ("05/06/2025", "ro", "14:05", "dmy", "likely"),
        ("5/6/25", "en", "2:05\u202fPM", "mdy", "likely"),
        ("05/06/2025", "en", "2:05\u202fpm", "dmy", "likely"),
        ("5/6/25", "en", "2:05 pm", "dmy", "likely"),
        ("05/06/2025", "en", "2:05 PM", "dmy", "unknown"),
        ("5/6/25", "en", "14:05", "dmy", "unknown"),
        ("5/6/25", "", "2:05\u202fPM", "dmy", "unknown"),
    ],
)
def test_customs_decide_what_the_dates_leave_open(
    text: str, language: str, clock: str, order: DateOrder, certainty: Certainty
) -> None:
    assert decide([text], language, clock) == Decision(order, certainty)


def stamp(text: str) -> Stamp:
    header = parse_header(f"{text} - Ana: x")
    assert header is not None
    return header.stamp


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("12/03/2024, 14:05", datetime(2024, 3, 12, 12, 5, tzinfo=UTC)),
        ("12/07/2024, 14:05", datetime(2024, 7, 12, 11, 5, tzinfo=UTC)),
        ("12/07/2024, 12:05 AM", datetime(2024, 7, 11, 21, 5, tzinfo=UTC)),
        ("12/07/2024, 12:05 PM", datetime(2024, 7, 12, 9, 5, tzinfo=UTC)),
        # 31 March 2024, 03:00 to 04:00 did not happen in Bucharest.
        ("31/03/2024, 03:30", datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),
        ("31/03/2024, 04:00", datetime(2024, 3, 31, 1, 0, tzinfo=UTC)),
        # 27 October 2024, 03:00 to 04:00 happened twice.
        ("27/10/2024, 03:30", datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
    ],
)
def test_wall_clock(text: str, utc: datetime) -> None:
    times = WallClock(BUCHAREST).read(stamp(text), "dmy")
    assert times is not None
    assert times[1] == utc


@pytest.mark.parametrize(
    "text",
    ["30/02/2024, 10:00", "10/13/2024, 10:00", "10/10/2024, 24:00", "10/10/2024, 10:60",
     "10/10/2024, 0:30 PM", "10/10/2024, 13:30 PM", "10/10/0, 10:00"],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    found = WallClock(BUCHAREST).read(stamp(text), "dmy")
    assert found is None or found[0].year == 2000


def test_the_hour_that_happens_twice_follows_the_order_of_the_messages() -> None:
    clock = WallClock(BUCHAREST)
    shown = ["02:59", "03:10", "03:50", "03:05", "03:40", "04:05"]
    moments = [clock.read(stamp(f"27/10/2024, {time}"), "dmy") for time in shown]
    utc = [moment[1].strftime("%H:%M") for moment in moments if moment]
    assert utc == ["23:59", "00:10", "00:50", "01:05", "01:40", "02:05"]
