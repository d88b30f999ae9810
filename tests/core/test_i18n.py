"""One process speaks one language, and to whoever asks it something theirs."""

import asyncio

import pytest

from core.i18n import _, ngettext, speaking, spoken_language, use_language

ENGLISH, ROMANIAN = "The text is empty.", "Textul este gol."


def test_what_is_said_within_a_task_is_in_its_language_alone() -> None:
    with speaking("ro"):
        assert (spoken_language(), _(ENGLISH)) == ("ro", ROMANIAN)
        assert ngettext("Order, {count} item", "Order, {count} items", 20).startswith("Comandă")
        with speaking("en"):
            assert (spoken_language(), _(ENGLISH)) == ("en", ENGLISH)
        with speaking(""):
            assert (spoken_language(), _(ENGLISH)) == ("en", ENGLISH)
    assert (spoken_language(), _(ENGLISH)) == ("en", ENGLISH)


def test_english_is_spoken_by_a_process_of_another_language() -> None:
    use_language("ro")
    try:
        with speaking("en"):
            assert _(ENGLISH) == ENGLISH
        assert _(ENGLISH) == ROMANIAN
    finally:
        use_language("en")


async def test_two_at_once_hear_their_own() -> None:
    both = asyncio.Barrier(2)

    async def hear(language: str) -> str:
        with speaking(language):
            await both.wait()
            return await asyncio.to_thread(_, ENGLISH)

    romanian, english = await asyncio.gather(hear("ro"), hear("en"))
    assert (romanian, english) == (ROMANIAN, ENGLISH)


def test_an_error_leaves_no_language_behind() -> None:
    with pytest.raises(ValueError, match="x"), speaking("ro"):
        raise ValueError("x")
    assert _(ENGLISH) == ENGLISH
