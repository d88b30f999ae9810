"""A watched result brought up to date change by change is what the query finds."""

import asyncio
import itertools
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from core.store.embedded import EmbeddedStore
from core.store.embedded.held import MOST_CHANGES, Held
from core.store.errors import IndexMissing
from core.store.port import Delete, Document, Query, Set, Write
from core.store.shape import Shape
from tests.contract.engines import INDEXES
from tests.contract.test_agreement import documents, queries, served

NAMES = "abcdefgh"
CHANGES = st.tuples(st.sampled_from(NAMES), st.none() | documents())
"""The id of a document and its new data; None deletes it."""


def test_what_is_held_agrees_with_the_query_after_any_changes() -> None:
    runs, worked_in = itertools.count(), itertools.count()

    async def check(
        store: EmbeddedStore, shape: Query, steps: list[list[tuple[str, dict[str, Any] | None]]]
    ) -> None:
        path = f"runs/{next(runs)}/items"
        query = msgspec.structs.replace(shape, collection=path)
        seq = await store.last_seq()
        held = Held(seq, await store.query(query), Shape(query))
        for step in steps:
            await store.commit([_write(path, *one) for one in step])
            changes = await store.changes_since(path, held.seq, MOST_CHANGES + 1)
            expected = await store.query(query)
            after = held.after(changes, await store.last_seq())
            if after is not None:
                next(worked_in)
                assert [_known(one) for one in after.documents] == [_known(one) for one in expected]
            held = after or Held(await store.last_seq(), expected, Shape(query))

    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = runner.run(_opened(Path(folder)))

        @settings(max_examples=150, deadline=None)
        @given(
            st.one_of(served(), queries()),
            st.lists(st.lists(CHANGES, min_size=1, max_size=4), min_size=1, max_size=8),
        )
        def agree(query: Query, steps: list[list[tuple[str, dict[str, Any] | None]]]) -> None:
            try:
                runner.run(check(store, query, steps))
            except IndexMissing:
                return

        try:
            agree()
        finally:
            runner.run(store.close())
    assert next(worked_in) > 100, "changes were hardly ever worked in: the test proves nothing"


async def _opened(folder: Path) -> EmbeddedStore:
    return EmbeddedStore.open(folder / "store.db", indexes=INDEXES)


def _write(path: str, name: str, data: dict[str, Any] | None) -> Write:
    return Delete(f"{path}/{name}") if data is None else Set(f"{path}/{name}", data)


def _known(document: Document) -> tuple[str, Any]:
    return document.path, document.update_time
