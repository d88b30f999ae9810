"""The pictures in the README are what the console shows today: some are drawn again."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.i18n import use_language
from screenshots.__main__ import HERE
from screenshots.company import build_company_folder
from screenshots.pictures import PICTURES

REDRAWN = ("inbox-160x48", "accounts-states", "pairing-qr", "empty-start")
"""One of each kind; `make screenshots` draws all of them."""


@pytest.fixture
def home() -> Iterator[None]:
    """Give the environment back what drawing changes in it."""
    before = os.environ["HOME"]
    use_language("en")
    yield
    os.environ["HOME"] = before


def words(svg: str) -> list[str]:
    """Return the texts of a picture, for a failure that can be read."""
    return [text.replace("&#160;", " ") for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.usefixtures("home")
async def test_the_pictures_are_up_to_date(tmp_path: Path) -> None:
    company = tmp_path / "company"
    await build_company_folder(company)
    for picture in PICTURES:
        if picture.name in REDRAWN:
            drawn = await picture.draw(company, tmp_path / picture.name)
            stored = (HERE / f"{picture.name}.svg").read_text(encoding="utf-8")
            assert words(drawn) == words(stored), f"{picture.name}: run make screenshots"
            assert drawn == stored, f"{picture.name}: run make screenshots"


def test_every_picture_is_there_and_none_is_left_over() -> None:
    names = {picture.name for picture in PICTURES}
    assert len(names) == len(PICTURES)
    for suffix in (".svg", ".png"):
        assert {file.stem for file in HERE.glob(f"*{suffix}")} == names
