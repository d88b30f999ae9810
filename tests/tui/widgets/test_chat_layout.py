"""Where messages are among the lines of a chat, and how little is scrolled to show one."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from core.service.chat import MessageRow
from tui.widgets.bubbles import Setting
from tui.widgets.chat_block import Look
from tui.widgets.chat_layout import MOST_PAINTED, ChatLayout

NOON = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)

heights = st.lists(st.integers(1, 40), min_size=1, max_size=12)
pages = st.integers(1, 30)


def laid(lines: list[int]) -> ChatLayout:
    """Return messages of so many lines of text each."""
    layout = ChatLayout()
    rows = (
        MessageRow(f"M{n}", False, "text", "\n".join("x" * count), NOON)
        for n, count in enumerate(lines)
    )
    layout.arrange(rows, Setting(40, UTC, date(2026, 1, 19)))
    return layout


@given(heights, pages, st.data())
def test_a_message_is_shown_by_scrolling_no_further_than_needed(
    lines: list[int], page: int, data: st.DataObject
) -> None:
    layout = laid(lines)
    index = data.draw(st.integers(0, len(lines) - 1))
    top = data.draw(st.integers(0, layout.line_count))
    start, count = layout.lines_of(index)

    def seen(first: int) -> int:
        return max(0, min(first + page, start + count) - max(first, start))

    new = layout.top_showing(index, top, page)
    assert seen(new) == min(count, page)
    nearer = range(min(top, new), max(top, new) + 1)
    assert all(seen(each) < seen(new) for each in nearer if each != new)


@given(heights, pages, st.data(), st.sampled_from((-1, 1)))
def test_a_tall_message_is_read_line_by_line_and_then_left(
    lines: list[int], page: int, data: st.DataObject, step: int
) -> None:
    layout = laid(lines)
    index = data.draw(st.integers(0, len(lines) - 1))
    start, count = layout.lines_of(index)
    top: int | None = start if step > 0 else start + count - page
    shown: set[int] = set()
    while top is not None:
        shown.update(range(top, top + page))
        top = layout.top_within(index, step, top, page)
    assert shown >= set(range(start, start + count)) or count <= page


def test_what_was_painted_long_ago_is_forgotten() -> None:
    """Painted lines weigh more than their messages, and a chat beside a busy inbox is long."""
    count = MOST_PAINTED + 10
    layout, asked = laid([1] * count), 0

    def style_of(_names: str) -> Style:
        nonlocal asked
        asked += 1
        return Style()

    def is_painted_anew(index: int) -> bool:
        before = asked
        lines = layout.painted(index, Look(is_cursor=False, is_marked=False), 40, style_of)
        assert [line.cell_length for line in lines] == [40] * layout.lines_of(index)[1]
        return asked > before

    assert all(is_painted_anew(index) for index in range(count))
    assert not any(is_painted_anew(index) for index in range(10, count))
    assert is_painted_anew(0)
    layout.forget_painted()
    assert all(is_painted_anew(index) for index in range(count))
