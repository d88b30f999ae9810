"""A file that is no export, or a spoilt one, is refused in words or read as far as it goes."""

import io
import random
import time
import zipfile
from pathlib import Path

import pytest

from bridge.chat_import.lines import LONGEST_BODY
from tests.bridge.chat_import.conftest import Desk

SAMPLES = Path(__file__).parents[2] / "support" / "exports"
SEEDS = range(12)
PIECES = [
    "\x1b[2J", "\u202e", "\u200e", "\r", "\n", "\0", "[", "]", ": ", " - ", "12/31/25", "25:61",
    "99.99.9999", "<Media omitted>", "‎image omitted", "﻿", "🎉" * 50, "x" * 70_000, ", 14:02 - ",
]  # fmt: skip


def spoilt(content: bytes, seed: int) -> bytes:
    """Cut, repeat and overwrite parts of a file, the same ones for a seed."""
    chooser, data = random.Random(seed), bytearray(content)
    for _ in range(chooser.randint(1, 12)):
        place = chooser.randrange(len(data) + 1)
        match chooser.randrange(4):
            case 0:
                del data[place : place + chooser.randint(1, 200)]
            case 1:
                data[place:place] = chooser.choice(PIECES).encode(errors="surrogatepass")
            case 2:
                data[place:place] = bytes(chooser.randrange(256) for _ in range(20))
            case _:
                data[place:place] = data[place : place + 400]
    return bytes(data)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_spoilt_export_is_read_as_far_as_it_goes_or_refused(desk: Desk, seed: int) -> None:
    sample = random.Random(seed).choice(sorted(SAMPLES.glob("*.txt")))
    path = desk.export("spoilt.txt", spoilt(sample.read_bytes(), seed))
    code = await desk.run(path, "--phone", "0712 345 678", "--me", "Petreceri")
    assert code in (0, 1, 2, 4), f"seed {seed}"  # 2: something is left to be said; 4: lines unread
    assert "Traceback" not in desk.error
    assert desk.out or desk.error
    assert "\x1b" not in desk.out + desk.error
    for thread in await desk.all("threads"):
        for message in await desk.messages(thread.id):
            assert message["tsClient"].tzinfo is not None


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_spoilt_archive_is_refused_or_read(desk: Desk, seed: int) -> None:
    archive = next(iter(sorted(SAMPLES.glob("*.zip"))))
    path = desk.export("spoilt.zip", spoilt(archive.read_bytes(), seed))
    assert await desk.run(path, "--phone", "0712 345 678", "--me", "Petreceri") in (0, 1, 2, 4)
    assert "Traceback" not in desk.error


async def test_an_archive_that_unfolds_without_end_is_refused(desk: Desk) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_chat.txt", b"\n" * (32 * 1024 * 1024))
    path = desk.export("bomb.zip", bomb.getvalue())
    assert await desk.run(path, "--phone", "0712 345 678") == 1
    assert desk.error


HOSTILE = [
    "\u200e" * 60_000,
    "a" + " " * 60_000 + "b",
    "a" + "\n" * 60_000 + "b",
    "@\u2068" * 30_000,
    "<attached: " * 6_000,
    "x.x" * 20_000 + " (file attache",
    "https://" + "a: " * 20_000,
    "POLL:\n" + "OPTION:" * 9_000,
]


async def test_no_text_of_a_customer_takes_long_to_read(desk: Desk) -> None:
    """Each alone would take minutes if the time grew with the square of the length."""
    lines = (f"13/03/2025, 14:05 - Ana: {text}\n{text}\n" for text in HOSTILE)
    path = desk.export("WhatsApp Chat with Ana.txt", "".join(lines))
    before = time.process_time()
    assert await desk.run(path, "--phone", "0712 345 678") in (0, 4)
    assert time.process_time() - before < 40
    assert len(await desk.messages()) == len(HOSTILE)


async def test_a_line_longer_than_a_document_may_be_is_cut(desk: Desk) -> None:
    text = "13/03/2025, 14:05 - Ana: " + "🎉" * 1_100_000 + "\n13/03/2025, 14:06 - Ana: da\n"
    path = desk.export("WhatsApp Chat with Ana.txt", text)
    assert await desk.run(path, "--phone", "0712 345 678") == 4
    assert desk.error == f"{Path(path).name}:1: more than one message can hold\n"
    long, short = await desk.messages()
    assert long["body"] == "🎉" * (LONGEST_BODY - len("Ana: "))
    assert short["body"] == "da"
