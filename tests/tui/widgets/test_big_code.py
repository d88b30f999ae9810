"""A pairing code in large letters: every one of them, or all as plain text."""

import pytest
from textual.app import App, ComposeResult

from tui.widgets.big_code import BigCode, big_lines


class Shown(App[None]):
    """Only a code."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code

    def compose(self) -> ComposeResult:
        """Show it."""
        code = BigCode()
        code.code = self._code
        yield code

    @property
    def lines(self) -> list[str]:
        """The three rows as they are painted."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()][:3]


async def test_a_code_is_drawn_large_where_there_is_room() -> None:
    app = Shown("ABCD-2345")
    async with app.run_test(size=(80, 5)):
        large = big_lines("ABCD-2345")
        assert large is not None
        assert [line.strip() for line in app.lines] == [line.strip() for line in large]


@pytest.mark.parametrize(("code", "columns"), [("ABCD-2345", 40), ("ABCD-23Ä5", 80)])
async def test_otherwise_it_is_written_and_no_letter_is_left_out(code: str, columns: int) -> None:
    app = Shown(code)
    async with app.run_test(size=(columns, 5)):
        assert [line.strip() for line in app.lines] == ["", " ".join(code), ""]
