"""Pairing by keys: the QR on the screen is the payload of the document, while it is good."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from core.model.documents import Account, AccountError
from core.service.callables import PairPhoneAnswer, PairPhoneRequest, RegenerateQrRequest
from core.service.errors import CallRefused
from tests.support.bridge import ScriptedBridge
from tests.support.clocks import NOON
from tests.support.desk import Desk, console
from tests.support.qr import bitmap_of, decoded, pairing_payload
from tui.screens.accounts import AccountsScreen
from tui.screens.dialogs import AskText
from tui.screens.pairing import PairingScreen

LARGE = (80, 40)


def ready(payload: str, seconds: float = 20, **fields: object) -> Account:
    """Return an account that waits for its QR code to be scanned."""
    return Account(
        account_id="WA-01",
        name="Rezervări",
        status="qr_ready",
        qr_code=payload,
        qr_expires_at=NOON + timedelta(seconds=seconds),
        **fields,  # type: ignore[arg-type]
    )


def on_screen(desk: Desk) -> list[str]:
    return decoded(bitmap_of(desk.screen._compositor.render_strips()))


async def test_the_qr_is_the_payload_and_is_renewed_with_the_document(tmp_path: Path) -> None:
    first, second = pairing_payload(1), pairing_payload(2)
    async with console(tmp_path, ready(first), size=LARGE) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.until(lambda: on_screen(desk) == [first])
        await desk.shows("Valid for 20 s; then a new one comes by itself.")
        desk.clock.advance(17)
        await desk.shows("Valid for 3 s;")
        await desk.put(ready(second, seconds=40))
        await desk.until(lambda: on_screen(desk) == [second])
        await desk.shows("Valid for 23 s;")


async def test_a_code_that_ran_out_is_not_shown(tmp_path: Path) -> None:
    async with console(tmp_path, ready(pairing_payload()), size=LARGE) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.shows("Valid for 20 s")
        desk.clock.advance(21)
        await desk.shows("This code has run out")
        assert on_screen(desk) == []
        error = AccountError(code="qr_expired", at=NOON)
        await desk.put(
            Account(account_id="WA-01", name="x", status="disconnected", last_error=error)
        )
        await desk.shows("Nobody scanned the QR code in time.")
        await desk.press("g")
        await desk.until(lambda: desk.bridge.calls == [RegenerateQrRequest(account_id="WA-01")])


async def test_once_scanned_it_goes_back_and_says_so(tmp_path: Path) -> None:
    async with console(tmp_path, ready(pairing_payload()), size=LARGE) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.shows("Valid for")
        await desk.put(Account(account_id="WA-01", name="x", status="connected"))
        await desk.until(lambda: isinstance(desk.screen, AccountsScreen))
        await desk.shows("WA-01 is connected")


async def test_what_is_scanned_while_a_number_is_being_typed_takes_no_dialog_away(
    tmp_path: Path,
) -> None:
    async with console(tmp_path, ready(pairing_payload()), size=LARGE) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.shows("Valid for")
        await desk.press("k")
        await desk.until(lambda: isinstance(desk.screen, AskText))
        dialog = desk.screen
        await desk.put(Account(account_id="WA-01", name="x", status="connected"))
        await desk.shows("WA-01 is connected")
        assert desk.screen is dialog
        await desk.press("escape")
        await desk.until(lambda: isinstance(desk.screen, AccountsScreen))


async def test_what_is_scanned_while_another_place_is_shown_is_said_once(tmp_path: Path) -> None:
    async with console(tmp_path, ready(pairing_payload()), size=LARGE) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.shows("Valid for")
        pairing = desk.screen
        assert isinstance(pairing, PairingScreen)
        await desk.press("f3")
        paired = Account(account_id="WA-01", name="x", status="connected")
        await desk.put(paired)
        await desk.shows("WA-01 is connected")
        desk.app.clear_notifications()
        await desk.until(lambda: "WA-01 is connected" not in desk.text())
        await desk.put(replace(paired, name="y"))
        await desk.put(replace(paired, name="z"))
        await desk.until(lambda: pairing._account is not None and pairing._account.name == "z")
        await desk.pilot.pause()
        assert "WA-01 is connected" not in desk.text()
        await desk.press("f2")
        await desk.until(lambda: isinstance(desk.screen, AccountsScreen))


async def test_too_small_a_window_says_the_size_and_offers_the_code(tmp_path: Path) -> None:
    async with console(tmp_path, ready(pairing_payload())) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.shows("at least 61 × 35; this one is 80 × 24")
        assert "press k" in desk.text()
        assert "Make it larger" in desk.text()
        await desk.pilot.resize_terminal(40, 12)
        await desk.shows("Or press k")
        assert "Make it larger" not in desk.text()
        assert "comes by itself." in " ".join(desk.text().split())
        assert not set(desk.text()) & set("▀▄█")
        await desk.pilot.resize_terminal(80, 35)
        await desk.until(lambda: len(on_screen(desk)) == 1)


@pytest.mark.parametrize("size", [(61, 35), (160, 48), (100, 36)])
async def test_the_qr_is_read_at_every_size_that_is_enough(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    payload = pairing_payload(3)
    async with console(tmp_path, ready(payload), size=size) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.until(lambda: on_screen(desk) == [payload])
        await desk.press("i")
        await desk.pilot.pause()
        assert on_screen(desk) == [payload]


async def test_pairing_by_phone_code(tmp_path: Path) -> None:
    bridge = ScriptedBridge()
    answer = PairPhoneAnswer(account_id="WA-01", pairing_code="ABCD-2345")
    bridge.on(PairPhoneRequest, lambda _request: answer)
    async with console(tmp_path, ready(pairing_payload()), bridge=bridge) as desk:
        await desk.shows("press enter and scan")
        await desk.press("k")
        await desk.shows("Pair by phone code")
        await desk.write("0712")
        await desk.press("enter")
        await desk.shows("This number has too few digits.")
        assert bridge.calls == []
        await desk.write("345 678")
        await desk.press("enter")
        await desk.until(
            lambda: bridge.calls == [PairPhoneRequest(account_id="WA-01", phone="+40712345678")]
        )
        await desk.put(ready(pairing_payload(), pairing_code="ABCD-2345"))
        await desk.shows("▄▀▀▀▄  █▀▀▀▄  ▄▀▀▀▄  █▀▀▀▄         ▄▀▀▀▄")
        assert "Link with phone number instead" in " ".join(desk.text().split())


async def test_the_steps_of_the_qr_code_stand_beside_no_other_code(tmp_path: Path) -> None:
    async with console(tmp_path, ready(pairing_payload()), size=(160, 48)) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.shows("3  Point the camera at this code.")
        await desk.put(ready(pairing_payload(), pairing_code="ABCD-2345"))
        await desk.shows("Then type this code:")
        await desk.until(lambda: "Point the camera" not in desk.text())
        await desk.put(ready(pairing_payload()))
        await desk.shows("3  Point the camera at this code.")


async def test_a_refused_number_is_said_and_the_qr_stays(tmp_path: Path) -> None:
    bridge = ScriptedBridge()
    bridge.on(PairPhoneRequest, CallRefused("FAILED_PRECONDITION", "WhatsApp refused the number."))
    payload = pairing_payload()
    async with console(tmp_path, ready(payload), size=LARGE, bridge=bridge) as desk:
        await desk.shows("press enter and scan")
        await desk.press("k")
        await desk.shows("Pair by phone code")
        await desk.write("0712345678")
        await desk.press("enter")
        await desk.shows("WhatsApp refused the number.")
        await desk.until(lambda: on_screen(desk) == [payload])


async def test_going_back_leaves_the_pairing_alone(tmp_path: Path) -> None:
    async with console(tmp_path, ready(pairing_payload()), size=LARGE) as desk:
        await desk.shows("press enter and scan")
        await desk.press("enter")
        await desk.until(lambda: isinstance(desk.screen, PairingScreen))
        await desk.press("escape")
        await desk.until(lambda: isinstance(desk.screen, AccountsScreen))
        assert desk.bridge.calls == []


async def test_nothing_of_the_code_gets_into_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    payload = pairing_payload(9)
    with caplog.at_level(logging.DEBUG):
        async with console(tmp_path, ready(payload, pairing_code="WXYZ-9876"), size=LARGE) as desk:
            await desk.shows("press enter and scan")
            await desk.press("enter")
            await desk.shows("Waiting for the phone")
    logged = caplog.text + "".join(
        path.read_text(errors="replace") for path in (tmp_path / "logs").rglob("*.log")
    )
    assert payload[2:40] not in logged
    assert "WXYZ" not in logged
