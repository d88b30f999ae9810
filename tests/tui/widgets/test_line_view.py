"""Painted lines: as Textual would draw them, and drawn anew only where something changed."""

from collections import Counter
from pathlib import Path

import pytest
from rich.segment import Segment
from textual._compositor import Compositor, LayoutUpdate, ReflowResult
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from core.settings import Console
from tests.support.console import console, thread
from tui.shell import Shell
from tui.themes import DEFAULT_THEME
from tui.widgets.line_view import LineView

HEIGHT = 12


class Numbers(LineView):
    """A hundred numbered lines that count how often each is painted."""

    def __init__(self) -> None:
        super().__init__(id="numbers")
        self.painted: Counter[int] = Counter()

    @property
    def line_count(self) -> int:
        """As many as there are numbers."""
        return 100

    def paint_line(self, line: int, width: int) -> Strip:
        """Paint the number, and the rest of the line in its own colours."""
        self.painted[line] += 1
        number = Segment(f"{line}", self.style_of("news"))
        return Strip([number]).adjust_cell_length(width, self.style_of(""))


class NumbersApp(Shell):
    """The numbers alone."""

    CSS = "Numbers { background: $surface; color: $foreground; }"

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        super().__init__(Console(theme=theme))

    def compose(self) -> ComposeResult:
        """Make the numbers."""
        yield Numbers()


async def test_a_line_is_painted_anew_only_when_it_changed() -> None:
    app = NumbersApp()
    async with app.run_test(size=(30, HEIGHT)) as pilot:
        numbers = app.query_one(Numbers)

        def painted(width: int = 30) -> dict[int, int]:
            """Return how often each line was painted since last asked, by whomever."""
            numbers.render_lines(Region(0, 0, width, HEIGHT))
            found = dict(numbers.painted)
            numbers.painted.clear()
            return found

        painted()
        numbers.refresh_line_range(3, 2)
        assert painted() == {3: 1, 4: 1}
        app.screen.refresh()
        assert painted() == {}
        numbers.scroll_lines_to(50)
        assert painted() == dict.fromkeys(range(50, 50 + HEIGHT), 1)
        await pilot.resize_terminal(24, HEIGHT)
        while numbers.size.width != 24:
            await pilot.pause()
        assert set(painted(24)) == set(range(50, 50 + HEIGHT))


@pytest.mark.parametrize("theme", ["capcoada-dark", "capcoada-light", "ansi-dark"])
async def test_it_looks_as_textual_would_draw_it(theme: str) -> None:
    app = NumbersApp(theme)
    async with app.run_test(size=(30, HEIGHT)):
        assert app.theme == theme
        numbers = app.query_one(Numbers)
        for crop in (Region(0, 0, 30, HEIGHT), Region(4, 2, 9, 5)):
            expected = StylesCache().render_widget(numbers, crop)
            assert numbers.render_lines(crop) == expected


async def test_what_others_cover_is_not_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: Counter[str] = Counter()
    render_line = Widget.render_line

    def counted(widget: Widget, y: int) -> Strip:
        painted[type(widget).__name__] += 1
        return render_line(widget, y)

    monkeypatch.setattr(Widget, "render_line", counted)
    async with console(tmp_path, [thread(n) for n in range(50)]) as stage:
        assert "Inbox" in stage.text()
    assert not painted.keys() & {"InboxScreen", "InboxPane", "ChatPane"}
    assert painted, "Textual's own way of painting is not the one that is counted"


async def test_the_first_frame_is_laid_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    reflow, render_full_update = Compositor.reflow, Compositor.render_full_update

    def laid_out(compositor: Compositor, parent: Widget, size: Size) -> ReflowResult:
        done.append("laid out")
        return reflow(compositor, parent, size)

    def painted(compositor: Compositor, simplify: bool = False) -> LayoutUpdate:
        done.append("painted")
        return render_full_update(compositor, simplify)

    monkeypatch.setattr(Compositor, "reflow", laid_out)
    monkeypatch.setattr(Compositor, "render_full_update", painted)
    async with console(tmp_path, [thread(n) for n in range(50)]) as stage:
        await stage.until(lambda: "painted" in done)
    assert done[:2] == ["laid out", "painted"]
