"""Rows that are no longer shown leave nothing to the garbage collector."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.strip import Strip

from tests.support.console import commit, console, thread
from tui.free_strips import free_strips

_original = Strip.divide
_TEXTS = st.lists(st.text("ab🎉ș ", max_size=6), max_size=4)


@pytest.fixture(autouse=True)
def freed() -> Iterator[None]:
    """Cut as the console does, and collect garbage only when asked to."""
    before = Strip.divide
    free_strips()
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    Strip.divide = before  # type: ignore[method-assign]


def _strip(texts: list[str]) -> Strip:
    return Strip([Segment(text) for text in texts])


def test_a_row_that_is_wanted_whole_is_gone_with_its_last_use() -> None:
    for _ in range(100):
        row = _strip(["Ana", " are mere"])
        assert row.divide([row.cell_length])[0] is row
    del row
    assert gc.collect() == 0


@given(texts=_TEXTS, cuts=st.lists(st.integers(1, 30), unique=True).map(sorted))
def test_a_row_is_cut_as_textual_cuts_it(texts: list[str], cuts: list[int]) -> None:
    ends = [*cuts, _strip(texts).cell_length]
    for wanted in (cuts, ends, ends[-1:]):
        pieces = _strip(texts).divide(wanted)
        assert [*map(list, pieces)] == [*map(list, _original(_strip(texts), wanted))]


async def test_a_console_leaves_no_row_behind(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(number) for number in range(60)]) as stage:
        gc.collect()
        for number in range(60):
            await commit(stage.store, [thread(number % 10, f"Changed {number}")])
            await stage.pilot.press("down")
        await stage.until(lambda: "Changed 59" in stage.text() or stage.screen.inbox.list.top > 0)
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            gc.collect()
            assert not [one for one in gc.garbage if isinstance(one, Strip)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
