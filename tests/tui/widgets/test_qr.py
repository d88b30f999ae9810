"""What the QR widget paints is what an independent decoder reads back off the screen's cells."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from textual.app import App, ComposeResult
from textual.filter import NoColor
from textual.geometry import Size

from tests.support.qr import INK, bitmap_of, decoded, pairing_payload
from tui.widgets.qr import QUIET_MODULES, QrCode, make_matrix


class Shown(App[None]):
    """Only a QR code, in a whole window."""

    def __init__(self, payload: str, theme: str = "textual-dark") -> None:
        super().__init__()
        self._payload = payload
        self._theme_name = theme

    def compose(self) -> ComposeResult:
        yield QrCode()

    def on_mount(self) -> None:
        self.theme = self._theme_name
        self.query_one(QrCode).payload = self._payload


@pytest.mark.parametrize("size", [(61, 31), (80, 40), (160, 48)])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "nord"])
async def test_a_decoder_reads_the_payload_off_the_screen(
    size: tuple[int, int], theme: str
) -> None:
    payload = pairing_payload()
    app = Shown(payload, theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert app.query_one(QrCode).fits
        assert decoded(bitmap_of(app.screen._compositor.render_strips())) == [payload]


@pytest.mark.parametrize(("theme", "background"), [("textual-dark", 0), ("textual-light", 255)])
async def test_the_glyphs_alone_carry_it_where_there_is_no_colour(
    theme: str, background: int
) -> None:
    payload = pairing_payload(2)
    app = Shown(payload, theme)
    async with app.run_test(size=(70, 36)) as pilot:
        await pilot.pause()
        strips = [
            strip.apply_filter(NoColor(), app.styles.background)
            for strip in app.screen._compositor.render_strips()
        ]
        area = bitmap_of(strips, background)
        assert decoded(area) == [payload]
        app.query_one(QrCode).inverted = True
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        assert decoded(bitmap_of(strips)) == [payload]
        assert decoded(bitmap_of(strips, 255 - background)) == [payload]


async def test_too_small_a_window_is_told_how_large_it_must_be() -> None:
    app = Shown(pairing_payload())
    async with app.run_test(size=(80, 24)) as pilot:
        code = app.query_one(QrCode)
        code.way_out = "Press k for a phone code."
        await pilot.pause()
        assert not code.fits
        assert code.needed_window == Size(61, 31)
        text = " ".join(
            "".join(segment.text for segment in strip).strip()
            for strip in app.screen._compositor.render_strips()
        )
        assert "needs a window of at least 61 × 31; this one is 80 × 24." in text
        assert "Press k for a phone code." in text
        assert not set(text) & set("▀▄█")
        await pilot.resize_terminal(61, 31)
        await pilot.pause()
        assert code.fits


async def test_an_empty_payload_paints_nothing() -> None:
    app = Shown("")
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        assert not app.query_one(QrCode).fits
        text = "".join(s.text for strip in app.screen._compositor.render_strips() for s in strip)
        assert not text.strip()


def test_the_quiet_zone_is_kept_and_the_version_is_the_smallest() -> None:
    matrix = make_matrix(pairing_payload())
    assert matrix.size == Size(61, 31)
    edge = matrix.modules[:QUIET_MODULES] + matrix.modules[-QUIET_MODULES:]
    assert not any(any(row) for row in edge)
    assert not any(row[i] for row in matrix.modules for i in range(-QUIET_MODULES, QUIET_MODULES))


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300))
def test_every_payload_survives_in_both_polarities(payload: str) -> None:
    matrix = make_matrix(payload)
    for light_ink in (True, False):
        lines = [matrix.line(row, light_ink=light_ink) for row in range(matrix.size.height)]
        image = Image.new("L", (matrix.size.width, 2 * len(lines)))
        for row, line in enumerate(lines):
            for column, glyph in enumerate(line):
                for half, ink in enumerate(INK[glyph]):
                    tone = 255 if bool(ink) == light_ink else 0
                    image.putpixel((column, 2 * row + half), tone)
        large = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
        assert decoded(large) == [payload]
