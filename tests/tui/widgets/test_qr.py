"""What the QR widget paints is what an independent decoder reads back off the screen's cells."""

import random
import string

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.color import Color
from textual.app import App, ComposeResult
from textual.filter import NoColor
from textual.geometry import Size
from textual.strip import Strip

from tui.widgets.qr import QUIET_MODULES, QrCode, make_matrix

_B64 = string.ascii_letters + string.digits + "+/"
_INK = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def pairing_payload(seed: int = 1) -> str:
    """Return a payload shaped like WhatsApp's: a reference and three keys, in base64."""
    rng = random.Random(seed)
    reference = "".join(rng.choices(_B64, k=88))
    keys = ["".join(rng.choices(_B64, k=43)) + "=" for _ in range(3)]
    return ",".join([f"2@{reference}", *keys])


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


def _luminance(color: Color | None) -> float:
    assert color is not None
    assert color.triplet is not None
    return sum(color.triplet) / 3


def bitmap_of(strips: list[Strip], background: int | None = None) -> Image.Image:
    """Redraw a screen's half blocks as pixels.

    With `background` (0 black, 255 white) colours are ignored, as a terminal without any does:
    ink is then the opposite of the background.
    """
    width = max(strip.cell_length for strip in strips)
    image = Image.new("L", (width, 2 * len(strips)), 128)
    for row, strip in enumerate(strips):
        column = 0
        for text, style, _control in strip:
            for glyph in text:
                top, bottom = _INK.get(glyph, (0, 0))
                if background is not None:
                    tones = (background, 255 - background)
                elif style is not None and style.color and style.bgcolor:
                    tones = (round(_luminance(style.bgcolor)), round(_luminance(style.color)))
                else:
                    tones = (128, 128)
                image.putpixel((column, 2 * row), tones[top])
                image.putpixel((column, 2 * row + 1), tones[bottom])
                column += 1
    return image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)


def decoded(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image, try_invert=False)]


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
        lines = matrix.lines(light_ink=light_ink)
        image = Image.new("L", (matrix.size.width, 2 * len(lines)))
        for row, line in enumerate(lines):
            for column, glyph in enumerate(line):
                for half, ink in enumerate(_INK[glyph]):
                    tone = 255 if bool(ink) == light_ink else 0
                    image.putpixel((column, 2 * row + half), tone)
        large = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
        assert decoded(large) == [payload]
