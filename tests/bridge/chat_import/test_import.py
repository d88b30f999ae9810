"""The command on whole exports: what it leaves in the store, and what it says."""

import asyncio
from datetime import UTC, datetime

import pytest

from bridge.chat_import.write import BATCH, ChatWriter
from core.model.documents import Message, Thread, to_data
from core.model.ids import account_path, message_path, thread_path
from core.store.port import Data, Delete, Increment, Set, Update
from tests.bridge.chat_import.conftest import ACCOUNT, PHONE, THREAD, Answers, Desk

ANDROID = """\
12/03/2025, 14:05 - Messages and calls are end-to-end encrypted. Tap to learn more.
12/03/2025, 14:05 - Ana Pop: Bună ziua, aveți liber pe 10 mai?
12/03/2025, 14:05 - Petreceri: Bună! Da.
Pentru câți copii?
12/03/2025, 14:06 - Ana Pop: 15
13/03/2025, 09:00 - Ana Pop: <Media omitted>
"""
TITLE = "WhatsApp Chat with Ana Pop.txt"
OPTIONS = ("--phone", "0712 345 678")


async def test_a_chat_from_android(desk: Desk) -> None:
    code = await desk.run(desk.export(TITLE, ANDROID), *OPTIONS)
    assert (code, desk.error) == (0, "")
    messages = await desk.messages()
    assert [(each["direction"], each["type"], each["body"]) for each in messages] == [
        ("inbound", "system", "Messages and calls are end-to-end encrypted. Tap to learn more."),
        ("inbound", "text", "Bună ziua, aveți liber pe 10 mai?"),
        ("outbound", "text", "Bună! Da.\nPentru câți copii?"),
        ("inbound", "text", "15"),
        ("inbound", "unsupported", ""),
    ]
    assert messages[4]["heading"] == {"code": "not_in_export"}
    assert messages[1]["tsClient"].replace(microsecond=0) == datetime(
        2025, 3, 12, 12, 5, tzinfo=UTC
    )
    assert messages[1]["senderJid"] == "40712345678@s.whatsapp.net"
    assert messages[1]["senderName"] == "Ana Pop"
    assert (messages[2]["status"], messages[2]["senderJid"]) == ("sent", "")
    assert all(isinstance(each["createdAt"], datetime) for each in messages)
    thread = await desk.get(thread_path(THREAD))
    assert thread is not None
    assert thread.data["displayName"] == "Ana Pop"
    assert thread.data["phoneE164"] == PHONE
    assert thread.data["unreadCount"] == 0
    assert thread.data["lastMessageAt"] == datetime(2025, 3, 13, 7, 0, tzinfo=UTC)
    assert thread.data["lastMessageDirection"] == "inbound"
    assert "Ana Pop (+40712345678) → WA-01" in desk.out
    assert "5 messages added, 0 were there already." in desk.out
    assert "nothing else fits them all" in desk.out


async def test_twice_adds_nothing(desk: Desk) -> None:
    path = desk.export(TITLE, ANDROID)
    await desk.run(path, *OPTIONS)
    before = await desk.messages()
    assert await desk.run(path, *OPTIONS) == 0
    assert await desk.messages() == before
    assert "0 messages added, 5 were there already." in desk.out
    assert await desk.run(path, *OPTIONS, "--time-zone", "America/New_York") == 0
    assert await desk.messages() == before


async def test_an_import_that_was_cut_off_is_finished_by_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = desk.export(TITLE, ANDROID)
    with monkeypatch.context() as patch:

        async def cut(*_args: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(ChatWriter, "_show_latest", cut)
        assert await desk.run(path, *OPTIONS) == 130
    assert "Stopped." in desk.error
    assert await desk.run(path, *OPTIONS) == 0
    thread = await desk.get(thread_path(THREAD))
    assert thread is not None
    assert thread.data["lastMessageAt"] == datetime(2025, 3, 13, 7, 0, tzinfo=UTC)


async def test_a_longer_export_adds_only_what_is_new(desk: Desk) -> None:
    same = "13/03/2025, 09:01 - Ana Pop: ok\n"
    await desk.run(desk.export(TITLE, ANDROID + same), *OPTIONS)
    await desk.run(desk.export(TITLE, ANDROID + same + same), *OPTIONS)
    assert "1 message added, 6 were there already." in desk.out
    renamed = (ANDROID + same + same).replace("Ana Pop:", "Ana Popescu Client:")
    await desk.run(desk.export("WhatsApp Chat with Ana Popescu Client.txt", renamed), *OPTIONS)
    assert "0 messages added, 7 were there already." in desk.out
    assert len(await desk.messages()) == 7


async def test_equal_lines_are_as_many_messages_as_there_are(desk: Desk) -> None:
    """More than one commit holds, in one minute and in the next."""
    text = "13/03/2025, 09:00 - P: a\n" + "".join(
        f"13/03/2025, 09:0{minute} - Ana Pop: ok\n" for minute in range(3) for _each in range(200)
    )
    await desk.run(desk.export(TITLE, text), *OPTIONS)
    assert "601 messages added, 0 were there already." in desk.out
    await desk.run(desk.export(TITLE, text), *OPTIONS)
    assert "0 messages added, 601 were there already." in desk.out


async def test_two_imports_at_the_same_time_add_each_message_once(desk: Desk) -> None:
    text = ANDROID + "".join(f"13/03/2025, 09:{n:02} - Ana Pop: {n}\n" for n in range(60)) * 10
    path = desk.export(TITLE, text)
    assert await asyncio.gather(*(desk.run(path, *OPTIONS) for _each in range(3))) == [0, 0, 0]
    assert len(await desk.messages()) == 605


async def test_a_live_message_during_the_import_stays_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
    show = ChatWriter._show_latest

    async def after_a_live_message(writer: ChatWriter, newest: Data) -> None:
        await writer._store.commit(
            [Update(thread_path(THREAD), {"lastMessageAt": now, "unreadCount": Increment(1)})]
        )
        await show(writer, newest)

    monkeypatch.setattr(ChatWriter, "_show_latest", after_a_live_message)
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    thread = await desk.get(thread_path(THREAD))
    assert thread is not None
    assert (thread.data["lastMessageAt"], thread.data["unreadCount"]) == (now, 1)


async def test_a_later_message_in_the_thread_stays_its_last(desk: Desk) -> None:
    later = datetime(2025, 6, 1, tzinfo=UTC)
    thread = Thread(
        thread_id=THREAD, account_id=ACCOUNT, client_jid="40712345678@s.whatsapp.net",
        phone_e164=PHONE, display_name="Ana", last_message_at=later, last_message_text="pa",
        unread_count=3,
    )  # fmt: skip
    await desk.put(Set(thread_path(THREAD), {**to_data(thread), "lastInboundAt": later}))
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    found = await desk.get(thread_path(THREAD))
    assert found is not None
    marks = ("importedFrom", "importedUntil", "updatedAt")
    said = {name: value for name, value in found.data.items() if name not in marks}
    before = {**to_data(thread), "lastInboundAt": later}
    assert said == {name: value for name, value in before.items() if name not in marks}


async def test_a_thread_without_a_name_gets_one(desk: Desk) -> None:
    thread = Thread(
        thread_id=THREAD, account_id=ACCOUNT, client_jid="40712345678@s.whatsapp.net",
        phone_e164=PHONE, display_name=PHONE,
    )  # fmt: skip
    await desk.put(Set(thread_path(THREAD), {**to_data(thread), "nameSource": ""}))
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    found = await desk.get(thread_path(THREAD))
    assert found is not None
    assert (found.data["displayName"], found.data["nameSource"]) == ("Ana Pop", "contact")


async def test_a_customer_first_met_under_a_hidden_identity_keeps_one_thread(desk: Desk) -> None:
    thread = Thread(
        thread_id="WA-01__99@lid", account_id=ACCOUNT, client_jid="99@lid", phone_e164=PHONE
    )
    await desk.put(Set(thread_path("WA-01__99@lid"), to_data(thread)))
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    assert len(await desk.messages("WA-01__99@lid")) == 5
    await desk.put(Set(thread_path(THREAD), {**to_data(thread), "mergedInto": "WA-01__99@lid"}))
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    assert "0 messages added, 5 were there already." in desk.out
    await desk.put(Delete(thread_path(THREAD)))
    assert [each.id for each in await desk.all("threads")] == ["WA-01__99@lid"]


def synced(message_id: str, at: datetime, body: str, **more: object) -> Message:
    fields: dict[str, object] = {"direction": "inbound", "wa_message_id": message_id, **more}
    return Message(
        message_id=message_id, account_id=ACCOUNT, client_jid="40712345678@s.whatsapp.net",
        body=body, ts_client=at, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


async def test_what_the_sync_brought_is_not_added_again(desk: Desk) -> None:
    held = [
        synced("A1", datetime(2025, 3, 12, 12, 5, 20, tzinfo=UTC),
               "Bună ziua, aveți liber pe 10 mai?"),
        synced("R1", datetime(2025, 3, 12, 12, 4, 10, tzinfo=UTC), "Bună! Da.\nPentru câți copii?",
               direction="outbound", wa_message_id="3EB0", status="read"),
        synced("A3", datetime(2025, 3, 13, 7, 0, 59, tzinfo=UTC), "", type="image"),
    ]  # fmt: skip
    await desk.put(*(Set(message_path(THREAD, each.message_id), to_data(each)) for each in held))
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    assert "2 messages added, 3 were there already." in desk.out
    messages = await desk.messages()
    assert len(messages) == 5
    assert {"A1", "R1", "A3"} < {each["messageId"] for each in messages}
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    assert len(await desk.messages()) == 5


async def test_same_words_at_another_time_or_from_the_other_side_are_another_message(
    desk: Desk,
) -> None:
    held = [
        synced("A1", datetime(2025, 3, 12, 12, 9, tzinfo=UTC), "15"),
        synced("A2", datetime(2025, 3, 12, 12, 6, tzinfo=UTC), "15", direction="outbound"),
    ]
    await desk.put(*(Set(message_path(THREAD, each.message_id), to_data(each)) for each in held))
    await desk.run(desk.export(TITLE, ANDROID), *OPTIONS)
    assert "5 messages added, 0 were there already." in desk.out


async def test_a_deletion_at_the_end_of_a_commit_is_not_another_messages(desk: Desk) -> None:
    """What is alone in its minute is only so when the whole minute is looked at."""
    held = synced("A1", datetime(2025, 3, 13, 7, 0, 30, tzinfo=UTC), "da")
    await desk.put(Set(message_path(THREAD, "A1"), to_data(held)))
    text = "".join(f"12/03/2025, 09:00 - P: {n}\n" for n in range(BATCH - 1))
    text += "13/03/2025, 09:00 - Ana Pop: This message was deleted\n"
    text += "13/03/2025, 09:00 - Ana Pop: da\n"
    assert await desk.run(desk.export(TITLE, text), *OPTIONS) == 0
    found = await desk.get(message_path(THREAD, "A1"))
    assert found is not None
    assert not found.data["isRevoked"]
    assert f"{BATCH} messages added, 1 was there already." in desk.out


async def test_a_message_that_could_not_be_decrypted_is_filled_in(desk: Desk) -> None:
    waiting = synced(
        "A1", datetime(2025, 3, 12, 12, 6, 20, tzinfo=UTC), "Waiting", type="unsupported"
    )
    path = message_path(THREAD, "A1")
    await desk.put(Set(path, {**to_data(waiting), "isPlaceholder": True}))
    assert await desk.run(desk.export(TITLE, ANDROID), *OPTIONS) == 0
    assert "4 messages added, 1 was there already." in desk.out
    found = await desk.get(path)
    assert found is not None
    assert (found.data["type"], found.data["body"]) == ("text", "15")
    assert "isPlaceholder" not in found.data


async def test_later_edits_and_deletions_are_taken_over(desk: Desk) -> None:
    old = "12/03/2025, 14:05 - Ana: la 18\n13/03/2025, 14:06 - Ana: uf\n14/03/2025, 9:00 - P: da\n"
    await desk.run(desk.export(TITLE, old), *OPTIONS, "--me", "P")
    new = (
        "12/03/2025, 14:05 - Ana: la 19 <This message was edited>\n"
        "13/03/2025, 14:06 - Ana: This message was deleted\n14/03/2025, 9:00 - P: da\n"
    )
    await desk.run(desk.export(TITLE, new), *OPTIONS, "--me", "P")
    found = [(each["body"], each["isEdited"], each["isRevoked"]) for each in await desk.messages()]
    assert found == [("la 19", True, False), ("uf", False, True), ("da", False, False)]
    assert "2 known messages were completed." in desk.out


async def test_a_group(desk: Desk) -> None:
    text = (
        '12/03/2025, 14:05 - Ana created group "Ziua lui Vlad"\n'
        "12/03/2025, 14:05 - Ana: salut\n"
        "12/03/2025, 14:06 - +40 733 000 111: bună\n"
        "13/03/2025, 14:06 - Petreceri: bună ziua\n"
    )
    path = desk.export("WhatsApp Chat with Ziua lui Vlad.txt", text)
    assert await desk.run(path, "--me", "petreceri") == 0
    (thread,) = await desk.all("threads")
    assert thread.data["isGroup"]
    assert thread.data["phoneE164"] is None
    messages = await desk.messages(thread.id)
    assert [(each["senderName"], each["senderJid"], each["direction"]) for each in messages] == [
        ("", "", "inbound"),
        ("Ana", "", "inbound"),
        ("+40 733 000 111", "40733000111@s.whatsapp.net", "inbound"),
        ("Petreceri", "", "outbound"),
    ]
    assert "The account has not met this group" in desk.out


async def test_a_group_that_the_account_knows(desk: Desk) -> None:
    known = Thread(
        thread_id="WA-01__1@g.us", account_id=ACCOUNT, client_jid="1@g.us", is_group=True,
        display_name="Ziua",
    )  # fmt: skip
    await desk.put(Set(thread_path(known.thread_id), to_data(known)))
    path = desk.export("x.txt", "13/03/2025, 14:06 - Ana: a\n13/03/2025, 14:06 - P: b\n")
    assert await desk.run(path, "--me", "P", "--group", "--chat-name", "Ziua") == 0
    assert len(await desk.messages("WA-01__1@g.us")) == 2


async def test_lines_that_cannot_be_read_are_named(desk: Desk) -> None:
    text = b"""Chat
13/03/2025, 14:05 - Ana: a
31/02/2025, 14:05 - Ana: unde sunt
si eu
13/03/2025, 14:07 - P: caf\xe9
13/03/2025, 14:08 - P: b
"""
    code = await desk.run(desk.export(TITLE, text), *OPTIONS, "--me", "P")
    assert code == 4
    assert desk.error.splitlines() == [
        f"{TITLE}:3-4: there is no such date or time",
        f"{TITLE}:5: not UTF-8; imported with a mark in place of what is damaged",
        f"{TITLE}:1: before the first message",
    ]
    assert "4 lines could not be read" in desk.out
    assert [each["body"] for each in await desk.messages()] == ["a", "caf\ufffd", "b"]


async def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    options = (*OPTIONS, "--dry-run", "--create-account", "Nou")
    assert await desk.run(desk.export(TITLE, ANDROID), *options, account="WA-09") == 0
    assert "5 messages would be added" in desk.out
    assert await desk.all("threads") == []
    assert await desk.get(account_path("WA-09")) is None
    assert await desk.messages() == []


async def test_an_account_can_be_made_for_it(desk: Desk) -> None:
    path = desk.export(TITLE, ANDROID)
    assert await desk.run(path, *OPTIONS, account="WA-09") == 1
    assert "There is no account 'WA-09'." in desk.error
    assert await desk.run(path, *OPTIONS, "--create-account", "Vechi", account="WA-09") == 0
    account = await desk.get(account_path("WA-09"))
    assert account is not None
    assert (account.data["status"], account.data["name"]) == ("disconnected", "Vechi")
    assert account.data["lastError"]["code"] == "stopped"
    assert await desk.run(path, *OPTIONS, "--create-account", "Vechi", account="WA-09") == 0
    assert "0 messages added, 5 were there already." in desk.out


async def test_the_only_account_need_not_be_named(desk: Desk) -> None:
    path = desk.export(TITLE, ANDROID)
    assert await desk.run(path, *OPTIONS, account="") == 0
    await desk.run(path, *OPTIONS, "--create-account", "B", account="WA-02")
    assert await desk.run(path, *OPTIONS, account="") == 2
    assert "Say it by --account: WA-01, WA-02." in desk.error


async def test_what_the_export_does_not_tell_must_be_said(desk: Desk) -> None:
    path = desk.export("chat.txt", "05/06/2025, 14:05 - Ana: a\n05/06/2025, 14:06 - P: b\n")
    assert await desk.run(path) == 2
    assert "--date-order" in desk.error
    assert await desk.run(path, "--date-order", "dmy") == 2
    assert "It is not clear who of Ana, P is you. Say it by --me NAME." in desk.error
    assert await desk.run(path, "--date-order", "dmy", "--me", "Pp") == 2
    assert "Nobody in the chat is called 'Pp'." in desk.error
    assert await desk.run(path, "--date-order", "dmy", "--me", "P") == 2
    assert "The export does not tell the number of Ana." in desk.error
    assert await desk.run(path, "--date-order", "dmy", "--me", "P", "--phone", "12") == 2
    assert "'12' is no phone number." in desk.error
    assert await desk.run(path, "--time-zone", "Mars/Base") == 2
    assert await desk.run(path, "--date-order", "mdy", "--me", "P", *OPTIONS) == 0
    assert (await desk.messages())[0]["tsClient"] == datetime(2025, 5, 6, 11, 5, tzinfo=UTC)


async def test_a_person_at_the_terminal_is_asked(desk: Desk, answers: Answers) -> None:
    answers("7", "2", "nu știu", "0712 345 678")
    path = desk.export("chat.txt", "25/06/2025, 14:05 - Ana: a\n25/06/2025, 14:06 - P: b\n")
    assert await desk.run(path) == 0
    assert [each["direction"] for each in await desk.messages()] == ["inbound", "outbound"]


async def test_a_number_as_the_name_is_the_number(desk: Desk) -> None:
    text = "25.06.2025, 14:05 - +40 712 345 678: a\n25.06.2025, 14:06 - P: b\n"
    path = desk.export("Conversație WhatsApp cu +40 712 345 678.txt", text)
    assert await desk.run(path) == 0
    assert [each["body"] for each in await desk.messages()] == ["a", "b"]


async def test_several_files_and_one_that_is_none(desk: Desk) -> None:
    first = desk.export(TITLE, ANDROID)
    second = desk.export("notes.txt", "nothing here\n")
    third = desk.export(
        "WhatsApp Chat with +40 733 000 111.txt",
        "25/06/2025, 14:05 - +40 733 000 111: a\n25/06/2025, 14:06 - P: b\n",
    )
    assert await desk.run(first, second, third, str(desk.files / "gone.txt")) == 1
    assert "notes.txt is no exported chat" in desk.error
    assert "there is no such file" in desk.error
    assert "The export does not tell the number of Ana Pop." in desk.error
    assert len(await desk.messages("WA-01__40733000111@s.whatsapp.net")) == 2
