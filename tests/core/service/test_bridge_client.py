"""The console's client of a bridge that is of another version, or that cannot be called at all."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient, checked_url
from core.service.callables import FindOperatorRequest
from core.service.errors import BridgeUnreachable, CallRefused

ASKED = FindOperatorRequest(email="dan@example.com")
ANSWER = b'{"result": {"uid": "dan", "email": "dan@example.com", "name": "Dan"}}'


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.prepare()
    return folder


@asynccontextmanager
async def answering(folder: DataFolder, body: bytes) -> AsyncIterator[BridgeClient]:
    """A client of a bridge that gives one answer to whatever is asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        writer.write(head % len(body) + body)
        writer.close()

    server = await asyncio.start_unix_server(serve, folder.bridge_socket)
    client = BridgeClient(folder, LocalSession("ana"))
    async with server:
        yield client
        await client.close()


async def test_an_answer_is_read(folder: DataFolder) -> None:
    async with answering(folder, ANSWER) as client:
        assert (await client.call(ASKED)).name == "Dan"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"result": null}',
        b'{"result": {"uid": "dan"}}',
        ANSWER.replace(b'"uid"', b'"more": 1, "uid"'),
    ],
)
async def test_an_answer_of_another_version_is_no_answer(folder: DataFolder, body: bytes) -> None:
    async with answering(folder, body) as client:
        with pytest.raises(BridgeUnreachable, match="its answer makes no sense"):
            await client.call(ASKED)


async def test_a_refusal_of_another_version_is_told(folder: DataFolder) -> None:
    async with answering(
        folder, b'{"error": {"status": "ODD", "message": "Nu.", "more": 1}}'
    ) as it:
        with pytest.raises(CallRefused, match="Nu") as caught:
            await it.call(ASKED)
    assert caught.value.status == "INTERNAL"


async def test_a_folder_that_was_taken_away_is_told_though_its_socket_lies_elsewhere(
    tmp_path: Path,
) -> None:
    folder = DataFolder(tmp_path / ("long" * 20))
    folder.prepare()
    assert not folder.bridge_socket.is_relative_to(tmp_path)
    with socket.socket(socket.AF_UNIX) as bridge:
        bridge.bind(str(folder.bridge_socket))
    client = BridgeClient(folder, LocalSession())
    with pytest.raises(BridgeUnreachable, match="the connection failed"):
        await client.health()
    folder.root.rename(tmp_path / "elsewhere")
    with pytest.raises(BridgeUnreachable, match="is gone"):
        await client.health()
    await client.close()


@pytest.mark.parametrize(
    "url",
    ["http://bridge.example", "https://", "ftp://bridge.example", "bridge.example", "https://[x",
     "https://bridge.example:port", "https://bridge.example:99999", "http://127.0.0.1.example"],
)  # fmt: skip
def test_urls_that_cannot_be_called_or_are_read_along(url: str) -> None:
    with pytest.raises(SettingsError, match="cannot be called"):
        checked_url(url)


def test_urls_of_bridges() -> None:
    for url in ("", "https://bridge.example/app", "http://127.0.0.1:8080", "http://[::1]:8080"):
        assert checked_url(f"{url}/" if url else "") == url
