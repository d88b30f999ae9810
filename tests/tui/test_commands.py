"""One registry of commands: no key means two things in one place, and docs/keys.md is in step."""

from itertools import combinations
from pathlib import Path

import pytest

from scripts.keys import KEYS_FILE, keys_page
from tui.commands.areas import AREA_TITLES
from tui.commands.command import Command
from tui.commands.every import ALL_COMMANDS
from tui.commands.keys import show_keys

TOGETHER = [
    ("app", "inbox", "threads"),
    ("app", "inbox", "chat"),
    ("app", "event"),
    ("app", "client", "client-events"),
    ("app", "agenda", "agenda-events"),
    ("app", "accounts"),
    ("app", "pairing"),
    ("app", "settings"),
    ("app", "staff", "staff-list"),
    ("app", "staff-form"),
    ("sign-in",),
]
"""Areas that are in force at the same time, the outermost first."""


def test_ids_are_unique_and_every_area_has_a_title() -> None:
    ids = [command.id for command in ALL_COMMANDS]
    assert len(ids) == len(set(ids))
    assert {command.area for command in ALL_COMMANDS} <= set(AREA_TITLES)


@pytest.mark.parametrize("areas", TOGETHER)
def test_no_key_means_two_things_at_once(areas: tuple[str, ...]) -> None:
    here = [command for command in ALL_COMMANDS if command.area in areas]
    clashes = [
        (first.id, second.id)
        for first, second in combinations(here, 2)
        if set(first.key.split(",")) & set(second.key.split(","))
    ]
    assert clashes == []


@pytest.mark.parametrize("command", ALL_COMMANDS, ids=lambda command: command.id)
def test_every_command_is_explained_in_a_sentence(command: Command) -> None:
    assert command.label
    assert command.tooltip.endswith(".")
    aliases = {"ctrl+m", "ctrl+i", "ctrl+h", "ctrl+j"}
    assert not set(command.key.split(",")) & aliases, "terminals send these for other keys"


def test_the_page_of_keys_is_in_step() -> None:
    assert Path(KEYS_FILE).read_text(encoding="utf-8") == keys_page(), "run: make docs"


@pytest.mark.parametrize(
    ("keys", "shown"),
    [("ctrl+p", "ctrl+p"), ("question_mark", "?"), ("y,c", "y c"), ("enter,right", "enter →")],
)
def test_keys_are_written_for_people(keys: str, shown: str) -> None:
    assert show_keys(keys) == shown
