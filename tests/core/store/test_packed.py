"""Documents that were encoded ahead are stored as the mapping that they stand for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.embedded import EmbeddedStore
from core.store.embedded.packed import Packed
from core.store.errors import AlreadyExists, InvalidRequest
from core.store.port import SERVER_TIMESTAMP, Create, Query, Set, Update

_NAMES = st.text("abcdef", min_size=1, max_size=3)
_VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.datetimes(
    timezones=st.just(UTC)
)  # fmt: skip


@given(data=st.dictionaries(_NAMES, _VALUES, max_size=40), stamps=st.sets(st.just("zz")))
def test_it_is_the_mapping_that_it_was_made_of(data: dict[str, Any], stamps: set[str]) -> None:
    half = len(data) // 2
    first, second = dict(list(data.items())[:half]), dict(list(data.items())[half:])
    packed = Packed.of(first).joined(Packed.of(second), tuple(stamps))
    assert packed == {**data, **dict.fromkeys(stamps, SERVER_TIMESTAMP)}
    assert len(packed) == len(data) + len(stamps)


@pytest.mark.parametrize("count", [0, 13, 14, 15, 16, 70_000])
async def test_it_is_stored_and_indexed_like_plain_data(tmp_path: Path, count: int) -> None:
    data = {f"n{number}": number for number in range(count)} | {"tsClient": datetime.now(UTC)}
    packed = Packed.of(data)
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        await store.commit(
            [
                Create("threads/t/messages/plain", {**data, "createdAt": SERVER_TIMESTAMP}),
                Create("threads/t/messages/x", packed.joined(Packed.of({}), ("createdAt",))),
                Set("threads/t/messages/y", packed),
                Update("threads/t/messages/y", {"more": 1}),
            ]
        )
        found = await store.query(Query("threads/t/messages").order_by("tsClient"))
        plain, stamped, changed = found
        assert plain.data == stamped.data
        assert changed.data == {**data, "more": 1}
        with pytest.raises(AlreadyExists):
            await store.commit([Create("threads/t/messages/x", Packed.of({}))])


async def test_what_no_document_may_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        Packed.of({"at": datetime.now()})
    with pytest.raises(InvalidRequest):
        Packed.of({"__x__": 1})
    half, other = Packed.of({"a": "x" * 600_000}), Packed.of({"b": "x" * 600_000})
    whole = Create("things/one", half.joined(other, ()))
    async with EmbeddedStore.open(tmp_path / "store.db") as store:
        with pytest.raises(InvalidRequest, match="things/one"):
            await store.commit([whole])
