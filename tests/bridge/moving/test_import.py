"""An export is read only when it is whole, and never harms what is there."""

import json
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.moving.errors import FileRefused, StoresDiffer
from bridge.moving.lines import end_line, header_line, read_header
from bridge.moving.load import Load, Policy
from bridge.moving.put import Item, Putter, batches
from bridge.moving.read import examine
from core.store.errors import StoreUnavailable
from core.store.port import CommitResult, Set, Update, Write
from tests.support.moving import (
    Breaking,
    a_store,
    exported,
    imported,
    lines_of,
    paths_of,
    small_company,
)


@pytest.fixture
async def content() -> bytes:
    """An export of a small company."""
    async with a_store(small_company()) as store:
        return await exported(store)


def sealed(*lines: bytes) -> bytes:
    """Return lines with an end that vouches for them."""
    body = b"".join(lines)
    return body + end_line(len(lines) - 1, sha256(body))


def header(**fields: Any) -> bytes:
    return json.dumps({"format": "capcoada-export", "version": 1} | fields).encode() + b"\n"


async def test_again_changes_nothing(content: bytes) -> None:
    async with a_store() as store:
        first = await imported(store, content)
        moments = {path: await store.get(path) for path in await paths_of(store)}
        again = await imported(store, content)
        assert (first.added, first.same) == (13, 0)
        assert (again.added, again.same, again.left) == (0, 13, 0)
        assert {path: await store.get(path) for path in await paths_of(store)} == moments


async def test_every_cut_is_noticed_before_anything_is_written(content: bytes) -> None:
    ends = [at for at, byte in enumerate(content) if byte == 0x0A]
    cuts = {at + more for at in ends for more in (-3, 0, 1)} - {len(content)}
    async with a_store() as store:
        for cut in sorted(cuts):
            with pytest.raises(FileRefused):
                await imported(store, content[:cut])
        assert await paths_of(store) == []


@given(st.data())
def test_every_altered_byte_is_noticed(data: st.DataObject) -> None:
    body = sealed(
        header(documents={"accounts": 1}),
        b'{"data":{"name":"Ana","n":1},"path":"accounts/WA-01"}\n',
    )
    place = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != body[place]))
    altered = body[:place] + bytes([byte]) + body[place + 1 :]
    with pytest.raises(FileRefused):
        examine(BytesIO(altered), "file")


def test_what_is_added_taken_out_or_moved_is_noticed(content: bytes) -> None:
    lines = content.splitlines(keepends=True)
    for other in (
        [*lines[:2], *lines[3:]],
        [*lines[:3], lines[2], *lines[3:]],
        [lines[0], lines[2], lines[1], *lines[3:]],
        [*lines, b"\n"],
        [*lines, lines[-1]],
        lines[1:],
        [],
    ):
        with pytest.raises(FileRefused):
            examine(BytesIO(b"".join(other)), "file")
    assert examine(BytesIO(content), "file").documents == len(lines) - 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([header(), b"no json\n"], "file, line 2"),
        ([header(), b'{"data":{},"path":"accounts"}\n'], "line 2: 'accounts' is not the path"),
        ([header(), b'{"data":{},"path":"flights/1"}\n'], "line 2: flights/1 is no document"),
        ([header(), b'{"data":{},"path":"threads/1/flights/1"}\n'], "line 2"),
        ([header(), b'{"data":{},"path":"counters/eventTriggers"}\n'], "line 2"),
        ([header(), b'{"data":{"a":{"$no":1}},"path":"accounts/1"}\n'], "line 2: '$no' is no kind"),
        ([header(), b'{"data":{"n":9223372036854775808},"path":"accounts/1"}\n'], "fit into 64"),
        ([header(), b'{"data":{"a":[[1]]},"path":"accounts/1"}\n'], "line 2: A list cannot hold"),
        ([header(), b'{"data":[],"path":"accounts/1"}\n'], "line 2"),
        ([header(), b'{"data":{},"path":"accounts/1","more":1}\n'], "line 2"),
        ([header(), b'{"data":{"t":"' + b"x" * 1_048_577 + b'"},"path":"accounts/1"}\n'], "large"),
        (
            [header()] + 2 * [b'{"data":{},"path":"accounts/1"}\n'],
            "line 3: accounts/1 is not in its place",
        ),
        (
            [header(), b'{"data":{},"path":"threads/1"}\n', b'{"data":{},"path":"accounts/1"}\n'],
            "line 3: accounts/1 is not in its place",
        ),
        ([header(version=2)], "version 2 of the format"),
        ([header(format="other")], "line 1: it does not begin as an export"),
        ([b"[]\n"], "line 1"),
        ([b'{"format":' + b"[" * 9999 + b"]" * 9999 + b"}\n"], "line 1"),
        ([header(), b'{"data":{"a":' + b"[" * 9999 + b"]" * 9999 + b"}}\n"], "line 2"),
        (
            [header(), b'{"data":{"t":{"$time":"0001-01-01T00:00+14:00"}},"path":"accounts/1"}\n'],
            "line 2",
        ),
    ],
)
async def test_a_file_made_by_others_is_refused_with_the_line(
    lines: list[bytes], said: str
) -> None:
    async with a_store() as store:
        with pytest.raises(FileRefused, match=said.replace("$", r"\$")):
            await imported(store, sealed(*lines))
        assert await paths_of(store) == []


def test_fields_of_the_header_that_are_not_known_do_no_harm() -> None:
    assert read_header(header(later=1)).version == 1
    assert lines_of(header_line(read_header(header(later=1)))) == [
        {"format": "capcoada-export", "version": 1}
    ]


async def test_documents_that_differ_are_refused_before_anything_is_written(
    content: bytes,
) -> None:
    async with a_store() as store:
        await store.commit([Set("evenimente/e1", {"eventId": "e1", "mine": True})])
        with pytest.raises(StoresDiffer, match="evenimente/e1"):
            await imported(store, content)
        assert await paths_of(store) == ["evenimente/e1"]


@pytest.mark.parametrize(("policy", "kept"), [("overwrite", False), ("skip", True)])
async def test_documents_that_differ_are_replaced_or_kept_when_so_said(
    content: bytes, policy: Policy, kept: bool
) -> None:
    async with a_store() as store:
        await store.commit([Set("evenimente/e1", {"eventId": "e1", "mine": True})])
        tally = await imported(store, content, policy)
        assert (tally.added, tally.overwritten + tally.left) == (12, 1)
        assert tally.differing == ["evenimente/e1"]
        document = await store.get("evenimente/e1")
        assert document is not None
        assert ("mine" in document.data) is kept
        assert (await exported(store) == content) is not kept


async def test_values_that_compare_equal_but_are_not_the_same_differ(content: bytes) -> None:
    async with a_store() as store:
        await imported(store, content)
        await store.commit([Update("app_config/ai_prompts", {"weights": [1, 1, 0.0]})])
        with pytest.raises(StoresDiffer, match="app_config/ai_prompts"):
            await imported(store, content)


async def test_documents_of_others_stay(content: bytes) -> None:
    async with a_store() as store:
        await store.commit([Set("threads/WA-09__x@lid", {"n": 1}), Set("outbox/zz", {"n": 2})])
        await imported(store, content)
        assert len(await paths_of(store)) == 15


@pytest.mark.parametrize("is_done", [True, False])
async def test_wherever_it_stops_the_next_run_finishes(content: bytes, is_done: bool) -> None:
    async with a_store() as store:
        for commits in range(1, 12):
            broken = Breaking(store, commits % 3, is_done=is_done)
            file = BytesIO(content)
            try:
                await Load(broken, file, "file", examine(file, "file"), "refuse").write()
            except ConnectionAbortedError:
                continue
        await imported(store, content)
        assert await exported(store) == content


async def test_a_store_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.moving.put._PAUSES", (0.0, 0.0))
    async with a_store() as store:

        class Away(Breaking):
            async def commit(self, writes: Sequence[Write]) -> CommitResult:
                try:
                    return await super().commit(writes)
                except ConnectionAbortedError as error:
                    self._left = 1
                    raise StoreUnavailable("away") from error

        putter = Putter(Away(store, 0, is_done=True))
        await putter.put([Item("accounts/1", {"n": 1}, 1)], are_new=True)
        assert (putter.tally.added, putter.tally.same) == (0, 1)
        assert await paths_of(store) == ["accounts/1"]


def test_commits_are_bounded_by_writes_and_by_bytes() -> None:
    small = [Item(f"accounts/{number}", {}, 10) for number in range(1201)]
    assert [len(batch) for batch in batches(small)] == [500, 500, 201]
    large = [Item(f"accounts/{number}", {}, 1_000_000) for number in range(10)]
    assert [len(batch) for batch in batches(large)] == [4, 4, 2]
    assert list(batches([])) == []
