"""Archives: media that come along, and archives that are refused."""

import io
import stat
import unicodedata
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bridge.chat_import import archive
from bridge.chat_import.archive import open_export, title_of
from bridge.chat_import.errors import ImportRefused
from core.model.documents import Media, Message, to_data
from core.model.ids import message_path
from core.store.port import Set, Update
from tests.bridge.chat_import.conftest import ACCOUNT, THREAD, Desk

CHAT = (
    "\u200e[12.03.2025, 14:05:09] Ana Pop: \u200eMesajele și apelurile sunt criptate integral.\n"
    "[12.03.2025, 14:05:09] Ana Pop: uite \u200e<atașare: 00000002-PHOTO-2025-03-12-14-05-09.jpg>\n"
    "\u200e[12.03.2025, 14:05:20] P: \u200e<atașare: 00000003-AUDIO-2025-03-12-14-05-20.opus>\n"
    "[12.03.2025, 14:05:30] Ana Pop: mulțumesc\n"
)
PHOTO = "00000002-PHOTO-2025-03-12-14-05-09.jpg"
NAME = "WhatsApp Chat - Ana Pop.zip"
OPTIONS = ("--phone", "0712345678")


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files:
            target.writestr(name, content)
    return buffer.getvalue()


GOOD = zipped(("_chat.txt", CHAT.encode()), (PHOTO, b"\xff\xd8photo"))


def kept(file: Path) -> tuple[bytes, int, int]:
    """Return a file's content, its mode and its folder's."""
    modes = (stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent))
    return file.read_bytes(), *modes  # type: ignore[return-value]


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_a_chat_from_an_iphone_with_its_media(desk: Desk) -> None:
    path = desk.export(NAME, GOOD)
    assert await desk.run(path, *OPTIONS) == 0
    notice, photo, voice, text = await desk.messages()
    assert (notice["type"], notice["body"]) == (
        "system",
        "Mesajele și apelurile sunt criptate integral.",
    )
    assert (photo["type"], photo["body"], photo["direction"]) == ("image", "uite", "inbound")
    media = photo["media"]
    assert (media["mimeType"], media["size"], media["fileName"]) == ("image/jpeg", 7, PHOTO)
    file = Path(media["localPath"])
    assert file.parent == desk.folder.media / ACCOUNT
    assert kept(file) == (b"\xff\xd8photo", 0o600, 0o700)
    assert (voice["type"], voice["direction"]) == ("voice", "outbound")
    assert voice["media"]["localPath"] is None
    assert text["body"] == "mulțumesc"
    assert "1 file kept." in desk.out
    assert "1 file is named but not in the export." in desk.out
    await desk.run(path, *OPTIONS)
    assert "0 messages added, 4 were there already." in desk.out
    assert names(file.parent) == [file.name]


async def test_media_fill_what_the_sync_could_not_download(desk: Desk) -> None:
    held = Message(
        message_id="A1", account_id=ACCOUNT, client_jid="x@s.whatsapp.net", direction="inbound",
        type="image", body="uite", media=Media(mime_type="image/jpeg", size=7, seconds=None),
        ts_client=datetime(2025, 3, 12, 12, 5, 9, tzinfo=UTC),
    )  # fmt: skip
    await desk.put(Set(message_path(THREAD, "A1"), to_data(held)))
    assert await desk.run(desk.export(NAME, GOOD), *OPTIONS) == 0
    assert "3 messages added, 1 was there already." in desk.out
    assert "1 known message was completed." in desk.out
    (photo,) = [each for each in await desk.messages() if each["messageId"] == "A1"]
    assert kept(Path(photo["media"]["localPath"]))[0] == b"\xff\xd8photo"


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("photo.jpg")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([("../evil.jpg", b"x")], "would leave its folder"),
        ([("a/../../evil.jpg", b"x")], "would leave its folder"),
        ([("/etc/evil.jpg", b"x")], "would leave its folder"),
        ([("..\\evil.jpg", b"x")], "would leave its folder"),
        ([("C:evil.jpg", b"x")], "would leave its folder"),
        ([(link(), b"/etc/passwd")], "is no plain file"),
        ([("bomb.jpg", b"\0" * (archive._DENSE_FROM + 1))], "would unpack to"),
    ],
)
def test_dangerous_archives_are_refused(
    tmp_path: Path, files: list[tuple[str | zipfile.ZipInfo, bytes]], reason: str
) -> None:
    path = tmp_path / "chat.zip"
    path.write_bytes(zipped(("_chat.txt", CHAT.encode()), *files))
    with pytest.raises(ImportRefused, match=reason), open_export(path):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["chat.zip"]


def test_a_file_that_is_longer_than_it_says_is_refused(desk: Desk) -> None:
    """The header of the archive lies about the size of a member."""
    from bridge.chat_import.media import MediaFiles

    path = Path(desk.export(NAME, GOOD))
    with open_export(path) as export:
        export.media[PHOTO.casefold()].file_size = 3
        with pytest.raises(ImportRefused):
            MediaFiles(export, desk.folder.media / "x").keep(PHOTO, "id")
    assert list((desk.folder.media / "x").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        GOOD[:-40],
        zipped((PHOTO, b"x")),
        zipped(("a.txt", b"x"), ("b.txt", b"y")),
    ],
)
async def test_damaged_archives_and_such_without_a_chat(desk: Desk, content: bytes) -> None:
    assert await desk.run(desk.export(NAME, content), *OPTIONS) == 1
    assert "Traceback" not in desk.error


async def test_a_damaged_text_in_an_archive_is_an_error(desk: Desk) -> None:
    start = GOOD.index(b"_chat.txt") + len("_chat.txt")
    damaged = GOOD[:start] + bytes(60) + GOOD[start + 60 :]
    assert await desk.run(desk.export(NAME, damaged), *OPTIONS) == 1
    assert "cannot be imported" in desk.error


def in_directory(archive: bytes, field: int, *values: int) -> bytes:
    """Return an archive with other bytes in the directory's entry of its first member."""
    place = archive.index(b"PK\x01\x02") + field
    return archive[:place] + bytes(values) + archive[place + len(values) :]


@pytest.mark.parametrize(
    "content",
    [
        in_directory(GOOD, 6, 99),  # needs a newer program
        in_directory(GOOD, 8, 0x20),  # a patch of other data
        in_directory(GOOD, 8, 0x40),  # encrypted strongly
        in_directory(GOOD, 46, 0),  # a name that ends before it begins
        in_directory(GOOD, 42, 0xFF, 0xFF, 0xFF, 0x7F),  # lies beyond the end
        in_directory(in_directory(GOOD, 8, 0, 8), 46, 0xFF),  # a name that is not the UTF-8 it says
    ],
)
async def test_archives_that_no_phone_makes(desk: Desk, content: bytes) -> None:
    assert await desk.run(desk.export(NAME, content), *OPTIONS) == 1
    assert "cannot be imported" in desk.error


def test_names_that_are_utf_8_without_saying_so(desk: Desk) -> None:
    document = "00000015-Ofertă Ștefan.pdf"
    content = bytearray(zipped((document, b"%PDF"), ("_chat.txt", CHAT.encode())))
    for signature, flags in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        content[content.index(signature) + flags] &= ~8
    with open_export(Path(desk.export(NAME, bytes(content)))) as export:
        assert list(export.media) == [document.casefold()]


@pytest.mark.parametrize(
    ("zip_name", "chat", "sent"),
    [
        ("WhatsApp Chat with Ana Pop.zip", "WhatsApp Chat with Ana Pop.txt", "_chat.txt"),
        ("WhatsApp Chat with Ana Pop (1).zip", "WhatsApp Chat with Ana Pop.txt",
         "WhatsApp Chat with Ion.txt"),
        ("Ana.zip", "_chat.txt", "WhatsApp Chat with Ion.txt"),
        ("Ana.zip", "Ana.txt", "_chat.txt"),
    ],
)  # fmt: skip
def test_a_document_that_is_named_like_a_chat_is_not_the_chat(
    desk: Desk, zip_name: str, chat: str, sent: str
) -> None:
    content = zipped((sent, b"a forgery"), (chat, b"the chat"))
    with open_export(Path(desk.export(zip_name, content))) as export:
        assert list(export.lines()) == ["the chat"]


async def test_media_that_the_data_folder_lost_are_kept_again(desk: Desk) -> None:
    path = desk.export(NAME, GOOD)
    await desk.run(path, *OPTIONS)
    (file,) = (desk.folder.media / ACCOUNT).iterdir()
    file.unlink()
    moved = str(desk.folder.media / "elsewhere" / file.name)
    (photo,) = [each for each in await desk.messages() if each["type"] == "image"]
    held = {**photo["media"], "localPath": moved, "width": 640}
    await desk.put(Update(message_path(THREAD, photo["messageId"]), {"media": held}))
    assert await desk.run(path, *OPTIONS) == 0
    assert "1 known message was completed." in desk.out
    (photo,) = [each for each in await desk.messages() if each["type"] == "image"]
    assert photo["media"] == {**held, "localPath": str(file)}
    assert file.read_bytes() == b"\xff\xd8photo"


async def test_rezipped_on_a_mac_in_a_folder(desk: Desk) -> None:
    content = zipped(
        ("__MACOSX/Ana/._chat.txt", b"x"), ("Ana/_chat.txt", CHAT.encode()), (f"Ana/{PHOTO}", b"x")
    )
    assert await desk.run(desk.export(NAME, content), *OPTIONS) == 0
    assert "1 file kept." in desk.out


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Ana Pop.txt", "Ana Pop"),
        ("WhatsApp Chat with Ana Pop (2).txt", "Ana Pop"),
        ("WhatsApp Chat - Ana Pop 🎈.zip", "Ana Pop 🎈"),
        ("Conversație WhatsApp cu Ștefan.txt", "Ștefan"),
        ("Conversaţie WhatsApp cu Ştefan.zip", "Ştefan"),
        ("WhatsApp Chat with Strauß & Söhne.txt", "Strauß & Söhne"),
        ("WhatsApp Chat with İpek.txt", "İpek"),
        (unicodedata.normalize("NFD", "Conversație WhatsApp cu Ștefan.txt"), "Ștefan"),
        ("_chat.txt", ""),
        ("chat.zip", ""),
    ],
)
def test_title(name: str, title: str) -> None:
    assert title_of(name) == title


def test_text_in_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("12/03/2025, 14:05 - Ana: ș\r\n".encode("utf-16"))
    with open_export(path) as export:
        assert list(export.lines()) == ["12/03/2025, 14:05 - Ana: ș"]
