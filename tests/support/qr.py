"""Reading a QR code back off the cells of a screen, with a decoder that is not ours."""

import random
import string

import zxingcpp
from PIL import Image
from rich.color import Color
from textual.strip import Strip

_B64 = string.ascii_letters + string.digits + "+/"
INK = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def pairing_payload(seed: int = 1) -> str:
    """Return a payload shaped like WhatsApp's: a reference and three keys, in base64."""
    rng = random.Random(seed)
    reference = "".join(rng.choices(_B64, k=88))
    keys = ["".join(rng.choices(_B64, k=43)) + "=" for _ in range(3)]
    return ",".join([f"2@{reference}", *keys])


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
                top, bottom = INK.get(glyph, (0, 0))
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
