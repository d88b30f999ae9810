"""Settings by keys: each change is in the file at once, and in force."""

from pathlib import Path

from core.paths import DataFolder
from core.settings import Business, Settings, load_settings
from core.settings_file import save_settings
from tests.support.desk import console
from tui.choices import check_choices


async def test_the_language_is_saved(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.shows("‹ as the system ›")
        await desk.press("right", "right")
        await desk.shows("‹ Română ›")
        assert load_settings(DataFolder(tmp_path)).console.language == "ro"
        await desk.press("left")
        await desk.shows("‹ English ›")
        assert load_settings(DataFolder(tmp_path)).console.language == "en"


async def test_the_colours_change_at_once(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.press("down", "enter")
        await desk.shows("‹ light ›")
        assert desk.app.theme == "capcoada-light"
        assert load_settings(DataFolder(tmp_path)).console.theme == "capcoada-light"


async def test_read_receipts_can_be_turned_off(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.press("down", "down", "space")
        await desk.shows("‹ not sent ›")
        assert not load_settings(DataFolder(tmp_path)).console.mark_read_on_view


async def test_what_was_edited_in_the_file_meanwhile_is_kept(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.shows("Settings")
        save_settings(DataFolder(tmp_path), Settings(business=Business(name="Petreceri")))
        await desk.press("right")
        await desk.shows("‹ English ›")
        kept = load_settings(DataFolder(tmp_path))
        assert (kept.business.name, kept.console.language) == ("Petreceri", "en")


async def test_a_broken_file_is_said_and_not_replaced(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.shows("Settings")
        (tmp_path / "settings.toml").write_text("[console\n")
        await desk.press("right")
        await desk.shows("cannot be used")
        assert (tmp_path / "settings.toml").read_text() == "[console\n"


async def test_every_key_is_listed_with_its_id(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings", size=(100, 40)) as desk:
        await desk.shows("thread-next-unread")
        assert "[console.keys]" in desk.text()


async def test_every_colour_scheme_that_is_offered_can_be_had(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.press("down")
        for shown in ("light", "the terminal's own", "dark"):
            await desk.press("right")
            await desk.shows(f"‹ {shown} ›")
            check_choices(load_settings(DataFolder(tmp_path)).console, tmp_path)


async def test_the_chosen_setting_is_marked_without_colours_too(tmp_path: Path) -> None:
    async with console(tmp_path, place="settings") as desk:
        await desk.shows("▌Language")
        await desk.press("down")
        await desk.shows("▌Colours")
        assert "▌Language" not in desk.text()
