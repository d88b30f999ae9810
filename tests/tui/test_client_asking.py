"""Questions about a client by keys: asking, cancelling, reading the answer."""

import asyncio
from functools import partial
from pathlib import Path

import msgspec
import pytest
from textual.events import Paste
from textual.widgets import Input

from bridge.crm.ask_callable import ask_about_client
from core.service.callables import AskAnswer, AskRequest
from core.service.errors import CallRefused
from tests.support.console import NOW, Stage, console, thread
from tests.tui.client_stage import ALL, profile


async def ask_bridge(stage: Stage, request: AskRequest) -> AskAnswer:
    """Answer as the bridge does, from the facts."""
    settings = stage.app.services.settings
    return await ask_about_client(stage.store, settings, lambda: NOW, request)


async def test_of_a_question_that_is_pasted_as_much_is_kept_as_fits_and_that_is_said(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        await profile(stage)
        await stage.pilot.press("i", *"ab")
        stage.app.post_message(Paste("cât\na plătit? " * 400))
        await stage.until(lambda: "There is room for 1000 characters" in stage.text())
        field = stage.app.focused
        assert isinstance(field, Input)
        await stage.until(lambda: len(field.value) == 1000)
        assert field.value.startswith("abcât a plătit? cât a plătit?")


async def test_a_question_without_a_bridge_says_so_once(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        stage.bridge.is_away = True
        await profile(stage)
        await stage.pilot.press("i", *"cat", "enter")
        await stage.until(lambda: "✗ The bridge cannot be reached. Start it." in stage.text())
        assert stage.text().count("Start it.") == 1


async def test_an_answer_names_events_that_open(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        stage.bridge.answers[AskRequest] = partial(ask_bridge, stage)
        await profile(stage)
        await stage.pilot.press("i", *"cat a cheltuit?", "enter")
        await stage.until(lambda: "from the data" in stage.text())
        assert "2100" in stage.text()
        await stage.pilot.press("shift+tab", "down", "enter")
        await stage.until(lambda: "saved as #1" in stage.text())


async def test_a_client_who_booked_nothing_yet_is_asked_about_too(tmp_path: Path) -> None:
    async with console(tmp_path, [thread(0, "Maria")], size=(80, 24)) as stage:
        stage.bridge.answers[AskRequest] = partial(ask_bridge, stage)
        await profile(stage, "No event yet.")
        await stage.pilot.press("i", *"how much was spent?", "enter")
        await stage.until(lambda: "There is no event." in stage.text())


async def test_a_question_is_cancelled_and_errors_are_sentences(tmp_path: Path) -> None:
    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        never = asyncio.Event()

        async def ask(_request: AskRequest) -> AskAnswer:
            await never.wait()
            raise CallRefused("UNAVAILABLE", "Groq is out of reach.", hint="Try again later.")

        stage.bridge.answers[AskRequest] = ask
        await profile(stage)
        await stage.pilot.press("i", *"cat", "enter")
        await stage.until(lambda: "looking it up" in stage.text())
        await stage.pilot.press("escape")
        await stage.until(lambda: "Cancelled." in stage.text())
        never.set()
        await stage.pilot.press("enter")
        await stage.until(lambda: "✗ Groq is out of reach. Try again later." in stage.text())


async def test_a_long_answer_is_shown_whole_where_there_is_room(tmp_path: Path) -> None:
    text = "\n".join(f"line {n} of the answer" for n in range(12))

    async def ask(_request: AskRequest) -> AskAnswer:
        return AskAnswer(answer=text, sources=[], engine="facts", reasons=[])

    async with console(tmp_path, ALL, size=(160, 48)) as stage:
        stage.bridge.answers[AskRequest] = ask
        await profile(stage)
        await stage.pilot.press("i", *"tot", "enter")
        await stage.until(lambda: "line 0 of" in stage.text())
        await stage.until(lambda: "line 11 of" in stage.text())


async def test_an_answer_longer_than_its_room_is_scrolled_to_its_end(tmp_path: Path) -> None:
    text = "\n".join(f"line {n} of the answer" for n in range(30))

    async def ask(_request: AskRequest) -> AskAnswer:
        return AskAnswer(answer=text, sources=[], engine="facts", reasons=[])

    async with console(tmp_path, ALL, size=(80, 24)) as stage:
        stage.bridge.answers[AskRequest] = ask
        await profile(stage)
        await stage.pilot.press("i", *"tot", "enter")
        await stage.until(lambda: "line 0 of" in stage.text())
        await stage.until(lambda: " more lines " in stage.text() and "pgdn More" in stage.text())
        await stage.pilot.press(*["pagedown"] * 5)
        await stage.until(lambda: "line 29 of" in stage.text() and "from the data" in stage.text())
        assert " more lines " not in stage.text()
        await stage.pilot.press(*["pageup"] * 5)
        await stage.until(lambda: "line 0 of" in stage.text())


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("height", [12, 18, 24, 36])
async def test_whoever_asks_sees_the_line_they_ask_in(
    tmp_path: Path, width: int, height: int
) -> None:
    async with console(tmp_path, ALL, size=(width, height)) as stage:

        async def answer(_request: AskRequest) -> AskAnswer:
            given = await ask_bridge(stage, _request)
            return msgspec.structs.replace(given, answer="\n".join(str(n) for n in range(40)))

        stage.bridge.answers[AskRequest] = answer
        await profile(stage)
        await stage.pilot.press("i", *"cat a cheltuit?", "enter")
        await stage.until(lambda: "more lines" in stage.text())
        assert "cat a cheltuit?" in stage.text().splitlines()[-2]
