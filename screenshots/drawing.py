"""From the console's cells to files: an SVG that is the same each time, and a small PNG of it."""

import io
import re
from pathlib import Path
from typing import Any

import fontpkg_fira_code
import resvg_py
from PIL import Image
from textual.app import App

_PNG_WIDTH_PER_CELL = 8
_MORE_FONTS = (
    "truetype/noto/NotoColorEmoji.ttf",
    "truetype/dejavu/DejaVuSansMono.ttf",
    "opentype/noto/NotoSansCJK-Regular.ttc",
)
"""What Fira Code lacks, below the system's font folder; a picture without them shows boxes."""
_SYSTEM_FONTS = Path("/usr/share/fonts")
_COLOURS = 128
_WEB_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_UNIQUE = re.compile(r"terminal-\d+")
_CELL = 12.2
"""Width of a cell in rich's SVG."""


def svg_of(app: App[Any]) -> str:
    """Return what the app shows as SVG, without fonts from the web or ids that vary."""
    svg = app.export_screenshot(title="capcoada")
    return _UNIQUE.sub("terminal", _WEB_FONTS.sub("", svg))


def write_picture(out: Path, name: str, svg: str) -> None:
    """Write a picture as `name.svg` and `name.png`."""
    (out / f"{name}.svg").write_text(svg, encoding="utf-8")
    found = re.search(r'viewBox="0 0 ([\d.]+)', svg)
    assert found is not None
    width = int(float(found[1]) / _CELL * _PNG_WIDTH_PER_CELL)
    fonts = [
        *sorted(str(file) for file in Path(fontpkg_fira_code.ROOT).rglob("*.ttf")),
        *(str(_SYSTEM_FONTS / name) for name in _MORE_FONTS if (_SYSTEM_FONTS / name).exists()),
    ]
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=True,
        font_files=fonts,
        font_family="Fira Code",
        monospace_family="Fira Code",
    )
    picture = Image.open(io.BytesIO(bytes(png))).convert("RGB")
    small = picture.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(out / f"{name}.png", optimize=True)
