"""Messages laid out: width, days, ticks, placeholders."""

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.service.chat import MediaView, MessageRow, QuoteView
from core.text import clean_text
from tui.widgets.bubbles import Context, Line, Setting, context_of, lay_out
from tui.widgets.days import day_label, list_label

NOON = datetime(2026, 1, 19, 12, tzinfo=UTC)
SETTING = Setting(80, UTC, date(2026, 1, 20))
ROW = MessageRow("M", is_outbound=False, kind="text", body="Bună", moment=NOON)


def plain(lines: list[Line]) -> str:
    return "\n".join("".join(text for text, _style in line) for line in lines)


@given(st.text(max_size=300).map(clean_text), st.integers(14, 160), st.booleans())
def test_no_line_is_wider_than_the_pane(body: str, width: int, out: bool) -> None:
    row = msgspec.structs.replace(
        ROW, body=body, is_outbound=out, status="uncertain" if out else "",
        quote=QuoteView("Q", body[:30].replace("\n", " "), body[:200].replace("\n", " ")),
    )  # fmt: skip
    setting = msgspec.structs.replace(SETTING, width=width)
    for line in lay_out(row, Context(NOON.date(), is_first=True), setting):
        assert sum(cell_len(text) for text, _style in line) <= width


@pytest.mark.parametrize(
    ("status", "sign"),
    [("queued", "◷"), ("sending", "↑"), ("sent", "✓ "), ("delivered", "✓✓ "), ("read", "✓✓•"),
     ("failed", "×"), ("uncertain", "?"), ("unsent", "×")],
)  # fmt: skip
def test_every_status_has_its_own_sign(status: str, sign: str) -> None:
    row = msgspec.structs.replace(ROW, is_outbound=True, status=status)
    assert sign in plain(lay_out(row, Context(None, is_first=False), SETTING))


def test_media_says_kind_name_length_and_size() -> None:
    media = MediaView("nunta.mp4", "video/mp4", 12_345_678, 75)
    row = msgspec.structs.replace(ROW, kind="video", body="iată", media=media)
    text = plain(lay_out(row, Context(None, is_first=False), SETTING))
    assert "▶ Video · nunta.mp4 · 1:15 · 12.3 MB" in text
    assert "iată" in text


@pytest.mark.parametrize(
    ("kind", "heading", "body", "shown"),
    [
        ("text", "Order, 3 items", "Baloane", ["Order, 3 items: Baloane"]),
        ("location", "Live location", "44.4, 26.1", ["◎ Live location", "44.4, 26.1"]),
        ("location", "", "44.4, 26.1", ["◎ Location", "44.4, 26.1"]),
        ("image", "View-once photo", "", ["▣ View-once photo"]),
        ("unsupported", "Waiting for this message.", "", ["□ Waiting for this message."]),
        ("unsupported", "", "", ["□ Only the phone can show this message"]),
        ("system", "Missed voice call", "", ["Missed voice call"]),
    ],
)
def test_what_is_said_of_a_message_is_said_once(
    kind: str, heading: str, body: str, shown: list[str]
) -> None:
    row = msgspec.structs.replace(ROW, kind=kind, heading=heading, body=body)
    lines = plain(lay_out(row, Context(None, is_first=False), SETTING)).splitlines()
    assert [line.replace("12:00", "").strip() for line in lines] == shown


def test_marks_of_edits_revocations_and_reactions() -> None:
    edited = msgspec.structs.replace(ROW, is_edited=True, reactions=(("❤️", 2),))
    text = plain(lay_out(edited, Context(None, is_first=False), SETTING))
    assert "edited 12:00" in text
    assert "❤️ 2" in text
    gone = msgspec.structs.replace(ROW, is_revoked=True, body="secret")
    text = plain(lay_out(gone, Context(None, is_first=False), SETTING))
    assert "This message was deleted" in text
    assert "secret" not in text


def test_a_new_day_is_announced_once() -> None:
    later = msgspec.structs.replace(ROW, moment=NOON + timedelta(minutes=1))
    assert context_of(ROW, None, UTC).day == NOON.date()
    assert context_of(later, ROW, UTC) == Context(None, is_first=False)
    text = plain(lay_out(ROW, context_of(ROW, None, UTC), SETTING))
    assert "yesterday, Monday 19 January" in text


def test_days_and_times_in_words() -> None:
    assert day_label(date(2025, 12, 31), date(2026, 1, 20)) == "Wednesday 31 December 2025"
    assert list_label(NOON, NOON, UTC) == "12:00"
    assert list_label(NOON - timedelta(days=2), NOON, UTC) == "Sat"
    assert list_label(NOON - timedelta(days=12), NOON, UTC) == "7 Jan"
    assert list_label(NOON - timedelta(days=400), NOON, UTC) == "Dec 2024"


def test_keys_of_troubled_messages_follow_the_settings() -> None:
    setting = msgspec.structs.replace(SETTING, keys=(("message-retry", "ctrl+t"),))
    row = msgspec.structs.replace(ROW, is_outbound=True, status="failed", error="no network")
    assert "ctrl+t tries again" in plain(lay_out(row, Context(None, is_first=False), setting))
