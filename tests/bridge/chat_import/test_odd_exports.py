"""Exports that are unusual, and what must not happen with them."""

import pytest

from bridge.chat_import import target as importing
from bridge.chat_import.people import People
from bridge.chat_import.target import Target
from core.model.ids import thread_path
from core.store.port import Set, Store, Update
from tests.bridge.chat_import.conftest import ACCOUNT, THREAD, Desk
from tests.bridge.chat_import.test_import import ANDROID, OPTIONS, TITLE


async def test_the_inbox_shows_the_newest_message_as_the_export_completes_it(desk: Desk) -> None:
    old = "13/03/2025, 14:05 - Ana: la 18\n"
    await desk.run(desk.export(TITLE, old), *OPTIONS, "--me", "P")
    await desk.run(
        desk.export(TITLE, old.replace("18", "19 <This message was edited>")), *OPTIONS, "--me", "P"
    )
    thread = await desk.get(thread_path(THREAD))
    assert thread is not None
    assert thread.data["lastMessageText"] == "la 19"


async def test_a_pasted_chat_that_is_longer_than_the_chat_stays_text(desk: Desk) -> None:
    pasted = "[11.03.24, 09:00:00] Ion: hai\n[11.03.24, 09:00:01] Eu: nu\n"
    text = f"\n13/03/2025, 14:05 - Ana Pop: uite\n{pasted}"
    assert await desk.run(desk.export(TITLE, text), *OPTIONS) == 0
    (message,) = await desk.messages()
    assert message["body"] == f"uite\n{pasted}".strip()


async def test_an_export_without_its_beginning_is_read_by_its_commonest_lines(desk: Desk) -> None:
    text = "si eu\n[11.03.24, 09:00:00] Ion: hai\n" + ANDROID
    assert await desk.run(desk.export(TITLE, text), *OPTIONS) == 4
    assert f"{TITLE}:1-2: before the first message" in desk.error
    assert len(await desk.messages()) == 5


async def test_dates_that_cannot_be_are_named_and_not_imported(desk: Desk) -> None:
    """A thread with a message of the future would stay the first of the inbox for ever."""
    text = (
        "13/03/2099, 14:05 - Ana Pop: a\nb\n13/03/2005, 14:05 - Ana Pop: c\n"
        "13/03/2025, 14:06 - P: d\n"
    )
    assert await desk.run(desk.export(TITLE, text), *OPTIONS) == 4
    assert desk.error == f"{TITLE}:1-3: dated before there was WhatsApp, or in the future\n"
    assert [each["body"] for each in await desk.messages()] == ["d"]


async def test_the_number_of_one_customer_is_not_given_to_several_chats(desk: Desk) -> None:
    paths = [desk.export(f"WhatsApp Chat with {name}.txt", ANDROID) for name in ("Ana", "Ion")]
    assert await desk.run(*paths, *OPTIONS) == 2
    assert "Import the chats one by one." in desk.error
    assert await desk.all("threads") == []


async def test_a_number_with_dashes_as_whatsapp_prints_them(desk: Desk) -> None:
    text = "13/03/2025, 14:05 - +1 (650) 253\u20110000: hi\n13/03/2025, 14:06 - P: b\n"
    assert await desk.run(desk.export("x.txt", text), "--me", "P") == 0
    (thread,) = await desk.all("threads")
    assert thread.data["phoneE164"] == "+16502530000"


async def test_a_chat_that_was_joined_with_another_goes_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = importing.prepare_thread

    async def join_meanwhile(store: Store, target: Target, people: People) -> None:
        await prepare(store, target, people)
        other = {"isGroup": True, "accountId": ACCOUNT, "clientJid": "1@g.us"}
        await store.commit(
            [
                Set(thread_path("WA-01__1@g.us"), {**other, "displayName": "Vlad, 6 ani"}),
                Update(thread_path(target.thread_id), {"mergedInto": "WA-01__1@g.us"}),
            ]
        )

    path = desk.export("WhatsApp Chat with Vlad.txt", ANDROID)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "prepare_thread", join_meanwhile)
        assert await desk.run(path, "--group", "--me", "Petreceri") == 1
    assert "was joined with another meanwhile" in desk.error
    assert await desk.run(path, "--group", "--me", "Petreceri") == 0
    assert len(await desk.messages("WA-01__1@g.us")) == 5
