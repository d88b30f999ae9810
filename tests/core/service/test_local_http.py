"""Calls over the bridge's socket: on kept connections, at once, and never into a broken one."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.service import local_http
from core.service.local_http import HttpFailed, HttpRequest, LocalHttp

ASKED = HttpRequest("POST", "/call", {"Authorization": "Bearer local.ana"}, b'{"data": 1}')


class Server:
    """The other end, which does what a test says, byte by byte."""

    def __init__(self, path: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._listening.setblocking(False)
        self.lines: list[socket.socket] = []

    async def accept(self) -> socket.socket:
        line, _address = await asyncio.get_running_loop().sock_accept(self._listening)
        line.setblocking(False)
        self.lines.append(line)
        return line

    def close(self) -> None:
        for one in (self._listening, *self.lines):
            one.close()


async def heard(line: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(line, 65536)


async def say(line: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(line, data)


def answer(body: bytes, *more: bytes) -> bytes:
    head = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *more]
    return b"\r\n".join([*head, b"", body])


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    one = Server(tmp_path / "s")
    yield one
    one.close()


@pytest.fixture
async def http(tmp_path: Path, server: Server) -> AsyncIterator[LocalHttp]:
    one = LocalHttp(tmp_path / "s")
    yield one
    await one.close()


async def ask_once(http: LocalHttp, server: Server, reply: bytes) -> bytes:
    """Ask on a new connection; return what came."""
    asking = asyncio.create_task(http.ask(ASKED))
    line = await server.accept()
    await heard(line)
    await say(line, reply)
    return await asking


async def test_what_is_asked_goes_over_the_wire_whole(http: LocalHttp, server: Server) -> None:
    asking = asyncio.create_task(http.ask(ASKED))
    line = await server.accept()
    head, _, body = (await heard(line)).partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /call HTTP/1.1",
        b"Host: bridge",
        b"Content-Length: 11",
        b"Authorization: Bearer local.ana",
    ]
    assert body == ASKED.body
    large = b"x" * 300_000
    await say(line, answer(large))
    assert await asking == large


async def test_a_request_leaves_at_once_on_a_connection_that_is_open(
    http: LocalHttp, server: Server
) -> None:
    assert http.begin(ASKED) is None
    assert await ask_once(http, server, answer(b"one")) == b"one"
    begun = http.begin(ASKED)
    assert begun is not None
    # Nothing else had its turn in between.
    assert server.lines[0].recv(65536) == ASKED.data()
    assert http.begin(ASKED) is None, "it is one request at a time"
    await say(server.lines[0], answer(b"two"))
    assert await http.answer(begun) == b"two"
    assert len(server.lines) == 1


@pytest.mark.parametrize("how", ["closed by it", "said so", "rested too long"])
async def test_a_connection_that_is_over_is_not_used_again(
    http: LocalHttp, server: Server, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = (b"Connection: close",) if how == "said so" else ()
    await ask_once(http, server, answer(b"one", *more))
    if how == "closed by it":
        server.lines[0].close()
        await asyncio.sleep(0)  # until the loop has seen it
        await asyncio.sleep(0)
    elif how == "rested too long":
        monkeypatch.setattr(local_http, "_IDLE_SECONDS", 0.0)
    assert http.begin(ASKED) is None
    assert await ask_once(http, server, answer(b"two")) == b"two"
    assert len(server.lines) == 2


@pytest.mark.parametrize(
    "reply",
    [b"", b"HTTP/1.1 200 OK\r\n", answer(b"body")[:-1], b"HTTP/1.1 200 OK\r\n\r\n",
     b"x" * 70_000 + b"\r\n\r\n"],
    ids=["nothing", "half a head", "half a body", "no length", "an endless head"],
)  # fmt: skip
async def test_half_an_answer_is_none(http: LocalHttp, server: Server, reply: bytes) -> None:
    asking = asyncio.create_task(http.ask(ASKED))
    line = await server.accept()
    await heard(line)
    with contextlib.suppress(OSError):
        await say(line, reply)
    line.close()
    with pytest.raises(HttpFailed):
        await asking
    assert http.begin(ASKED) is None


async def test_whoever_gives_up_leaves_no_answer_for_others(
    http: LocalHttp, server: Server
) -> None:
    asking = asyncio.create_task(http.ask(ASKED))
    line = await server.accept()
    await heard(line)
    asking.cancel()
    await asyncio.wait({asking})
    with contextlib.suppress(OSError):
        await say(line, answer(b"late"))
    assert await ask_once(http, server, answer(b"mine")) == b"mine"


async def test_nobody_listening_is_said(tmp_path: Path) -> None:
    http = LocalHttp(tmp_path / "nothing")
    with pytest.raises(HttpFailed):
        await http.ask(ASKED)
    await http.close()
