"""A data folder with one account, and the command run on it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.chat_import import cli
from core.clock import FROZEN_CLOCK_VARIABLE
from core.model.documents import Account, to_data
from core.model.ids import account_path, messages_path
from core.paths import DataFolder
from core.store.open import open_store
from core.store.port import Document, Query, Set, Write

ACCOUNT = "WA-01"
PHONE = "+40712345678"
THREAD = f"{ACCOUNT}__40712345678@s.whatsapp.net"


class Desk:
    """Runs the command and looks at the store afterwards."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = DataFolder(root / "data")
        self.files = root / "files"
        self.files.mkdir()
        self.folder.prepare()
        self._capsys = capsys
        self.out = ""
        self.error = ""

    async def put(self, *writes: Write) -> None:
        """Write into the store as the bridge would."""
        async with open_store(self.folder) as store:
            await store.commit(writes)

    async def get(self, path: str) -> Document | None:
        """Read one document."""
        async with open_store(self.folder) as store:
            return await store.get(path)

    async def all(self, collection: str) -> list[Document]:
        """Read a collection."""
        async with open_store(self.folder) as store:
            return await store.query(Query(collection))

    async def messages(self, thread: str = THREAD) -> list[dict[str, Any]]:
        """Read a thread's messages in the order of time."""
        async with open_store(self.folder) as store:
            query = Query(messages_path(thread)).order_by("tsClient")
            return [dict(each.data) for each in await store.query(query)]

    def export(self, name: str, text: str | bytes) -> str:
        """Write a file to import and return its path."""
        path = self.files / name
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return str(path)

    async def run(self, *args: str, account: str = ACCOUNT) -> int:
        """Run the command in a thread of its own, as its process would."""
        import asyncio

        parser = argparse.ArgumentParser()
        cli.register(parser.add_subparsers())
        chosen = ["--account", account] if account else []
        options = parser.parse_args(["import", "--data", str(self.folder.root), *chosen, *args])
        code = await asyncio.to_thread(options.run, options)
        self.out, self.error = self._capsys.readouterr()
        return int(code)


@pytest.fixture
async def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Return a desk with the account WA-01, on 1 February 2026."""
    monkeypatch.setenv(FROZEN_CLOCK_VARIABLE, "2026-02-01T12:00:00+00:00")
    desk = Desk(tmp_path, capsys)
    account = Account(account_id=ACCOUNT, name="Petreceri", status="disconnected")
    await desk.put(Set(account_path(ACCOUNT), to_data(account)))
    return desk


Answers = Callable[..., None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Return a function that sets what the operator answers, one after the other."""

    def give(*texts: str) -> None:
        left = list(texts)
        monkeypatch.setattr(cli, "_terminal", lambda: lambda _question: left.pop(0))

    return give
