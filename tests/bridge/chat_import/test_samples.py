"""The sample exports, as a person would import them."""

from pathlib import Path

from tests.bridge.chat_import.conftest import Desk

SAMPLES = Path(__file__).parents[2] / "support" / "exports"


async def test_android_in_english(desk: Desk) -> None:
    path = SAMPLES / "WhatsApp Chat with Jane Cooper.txt"
    assert await desk.run(str(path), "--phone", "0712 345 678") == 0
    assert [(each["type"], each["direction"]) for each in await desk.messages()] == [
        ("system", "inbound"),
        ("text", "inbound"),
        ("text", "outbound"),
        ("text", "inbound"),
        ("unsupported", "inbound"),
        ("text", "outbound"),
        ("location", "inbound"),
        ("text", "inbound"),
        ("poll", "outbound"),
        ("system", "inbound"),
        ("contact", "inbound"),
        ("text", "inbound"),
    ]
    assert "Dates are month, day, year: nothing else fits them all." in desk.out
    assert "You are 'Party Desk' in this chat." in desk.out


async def test_iphone_in_romanian(desk: Desk) -> None:
    path = SAMPLES / "WhatsApp Chat - Ioana Marin.zip"
    assert await desk.run(str(path), "--phone", "0712 345 678") == 0
    messages = await desk.messages()
    assert [(each["type"], each["direction"], each["body"]) for each in messages][1:] == [
        ("text", "inbound", "Bună seara! Vreau o petrecere pe 10 feb la 18:00"),
        ("text", "outbound", "Bună seara, cu drag.\nUnde va fi?"),
        ("text", "inbound", "Str. Lalelelor nr 3, buget 1200"),
        ("image", "inbound", ""),
        ("voice", "outbound", ""),
        ("document", "outbound", ""),
        ("text", "inbound", ""),
        ("system", "inbound", "Apel vocal nepreluat"),
        ("text", "inbound", "rămâne 18:30"),
        ("text", "outbound", "Perfect 🎉"),
    ]
    assert messages[7]["isRevoked"]
    assert messages[9]["isEdited"]
    assert "2 files kept." in desk.out


async def test_a_group_on_android_in_romanian(desk: Desk) -> None:
    path = SAMPLES / "Conversație WhatsApp cu Ziua lui Vlad.txt"
    assert await desk.run(str(path), "--me", "Petreceri") == 0
    (thread,) = await desk.all("threads")
    assert thread.data["displayName"] == "Ziua lui Vlad"
    messages = await desk.messages(thread.id)
    assert [each["type"] for each in messages] == [
        "system", "system", "system", "text", "text", "text", "unsupported", "image", "poll",
        "system", "text",
    ]  # fmt: skip
    assert messages[1]["body"] == "Mihai Ene a creat grupul „Ziua lui Vlad: 6 ani”"
    assert messages[7]["body"] == "invitația"
    assert messages[8]["body"] == "La ce oră?\n• 17:00 (2 voturi)\n• 18:00 (1 vot)"
    assert messages[10]["isRevoked"]
