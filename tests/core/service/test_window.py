"""The keyset window against the plain list it is a window onto."""

import gc
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from core.service.window import Window, key_of_row
from core.store.port import Document, Query

START = datetime(2026, 1, 1, tzinfo=UTC)


class Item(msgspec.Struct, frozen=True):
    id: str
    moment: datetime
    text: str = ""


class Model:
    """A list of documents ordered by `at`, answering the queries of a window."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.clock = 0

    def touch(self, name: str) -> None:
        self.clock += 1
        self.put(name, START + timedelta(seconds=self.clock))

    def put(self, name: str, at: datetime) -> None:
        self.documents[name] = Document(f"x/{name}", {"at": at}, START, START)

    def ids(self) -> list[str]:
        return [each.id for each in self.run(Query("x").order_by("at", "desc"))]

    def run(self, query: Query) -> list[Document]:
        is_descending = query.orders[0].direction == "desc"
        found = sorted(
            self.documents.values(), key=lambda each: (each.data["at"], each.id),
            reverse=is_descending,
        )  # fmt: skip
        if query.start is not None:
            place: Any = query.start.values
            found = [each for each in found if self._is_after(each, place, query, is_descending)]
        return found[: query.limit_count]

    @staticmethod
    def _is_after(each: Document, place: Any, query: Query, is_descending: bool) -> bool:
        assert query.start is not None
        key = (each.data["at"], each.id)
        if key == tuple(place):
            return query.start.before
        return key < tuple(place) if is_descending else key > tuple(place)


def make(most_rows: int = 1000) -> Window[Item]:
    return Window(
        Query("x"), "at", lambda each: Item(each.id, each.data["at"]), most_rows=most_rows
    )


def shown(window: Window[Item]) -> list[str]:
    return [row.id for row in window.oldest_first()][::-1]


def shows_newest(window: Window[Item]) -> bool:
    return window.is_at_newest


def goes_on(window: Window[Item]) -> bool:
    return window.has_older


def read_all(window: Window[Item], model: Model, limit: int) -> None:
    while window.has_older:
        window.take_older(model.run(window.older_query(limit)), limit)


NAMES = st.sampled_from([f"t{n:02}" for n in range(40)])
STEPS = st.lists(
    st.one_of(
        NAMES.map(lambda name: ("touch", name)), st.sampled_from([("head", ""), ("older", "")])
    ),
    max_size=80,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(2, 6), st.integers(2, 6))
def test_whatever_happens_the_window_shows_the_list(
    steps: list[tuple[str, str]], head: int, page: int
) -> None:
    model, window = Model(), make()
    window.take_head(model.run(window.head_query(head)), head)
    for step, name in steps:
        match step:
            case "touch":
                model.touch(name)
            case "head":
                window.take_head(model.run(window.head_query(head)), head)
                assert shown(window)[:head] == model.ids()[:head]
            case _ if window.has_older:
                window.take_older(model.run(window.older_query(page)), page)
        assert shown(window) == sorted(
            shown(window), key=lambda each: (window.get(each).moment, each), reverse=True  # type: ignore[union-attr]
        )  # fmt: skip
    window.take_head(model.run(window.head_query(head)), head)
    read_all(window, model, page)
    assert shown(window) == model.ids()


def test_a_long_way_down_forgets_the_newest_and_finds_them_again() -> None:
    model, window = Model(), make(most_rows=20)
    for n in range(100):
        model.touch(f"t{n:03}")
    window.take_head(model.run(window.head_query(10)), 10)
    read_all(window, model, 10)
    assert len(window) == 20
    assert not shows_newest(window)
    assert shown(window)[-1] == "t000"
    while not shows_newest(window):
        window.take_newer(model.run(window.newer_query(10)), 10)
        assert len(window) <= 20
    assert shown(window)[:10] == model.ids()[:10]
    read_all(window, model, 10)
    assert shown(window)[-1] == "t000"


def test_a_span_corrects_what_changed_far_from_the_head() -> None:
    model, window = Model(), make()
    for n in range(50):
        model.touch(f"t{n:03}")
    window.take_head(model.run(window.head_query(10)), 10)
    read_all(window, model, 10)
    del model.documents["t020"]
    model.put("t020b", START + timedelta(seconds=21, milliseconds=500))
    newest = ("t025", window.get("t025"))
    assert newest[1] is not None
    key = (newest[1].moment, newest[1].id)
    assert window.take_span(model.run(window.span_query(key, 10)), key, 10)
    assert shown(window) == model.ids()


def test_history_that_comes_in_below_reopens_the_end() -> None:
    model, window = Model(), make()
    model.put("new", START + timedelta(days=1))
    window.take_head(model.run(window.head_query(5)), 5)
    assert not goes_on(window)
    for n in range(20):
        model.put(f"old{n:02}", START + timedelta(minutes=n))
    window.take_head(model.run(window.head_query(5)), 5)
    assert goes_on(window)
    read_all(window, model, 5)
    assert shown(window) == model.ids()


def test_an_unchanged_head_changes_nothing() -> None:
    model, window = Model(), make()
    model.touch("a")
    assert window.take_head(model.run(window.head_query(5)), 5)
    version = window.version
    assert not window.take_head(model.run(window.head_query(5)), 5)
    assert window.version == version


def test_new_documents_push_old_ones_out_of_sight_and_out_of_memory() -> None:
    model, window = Model(), make(most_rows=20)
    for number in range(200):
        model.touch(f"n{number:03}")
        window.take_head(model.run(window.head_query(5)), 5)
        assert len(window) <= 23
    assert window.has_older
    assert [row.id for row in window.oldest_first()][-1] == "n199"
    window.take_older(model.run(window.older_query(5)), 5)
    ids = [row.id for row in window.oldest_first()]
    assert ids == sorted(ids)


def test_what_somebody_looks_at_is_kept_however_many_are_new() -> None:
    model, window = Model(), make(most_rows=20)
    for number in range(10):
        model.touch(f"n{number:03}")
    window.take_head(model.run(window.head_query(10)), 10)
    window.in_view_from = key_of_row(window.at(3))
    for number in range(10, 100):
        model.touch(f"n{number:03}")
        window.take_head(model.run(window.head_query(5)), 5)
    assert "n003" in window
    assert "n002" not in window


def test_documents_that_no_watch_hands_out_again_are_let_go() -> None:
    """A document weighs as much as five rows, and a window holds thousands of rows."""

    class Data(dict[str, Any]):
        """A dictionary that can be asked whether it is still there."""

    model, window = Model(), make()
    alive: list[weakref.ref[Data]] = []

    def take_head() -> None:
        found = model.run(head)
        copies = [Data(each.data) for each in found]
        alive.extend(map(weakref.ref, copies))
        window.take_head(
            [
                msgspec.structs.replace(each, data=data)
                for each, data in zip(found, copies, strict=True)
            ],
            10,
        )

    head = window.head_query(10)
    for n in range(900):
        model.touch(f"t{n:03}")
        take_head()
    gc.collect()
    assert len(window) == 900
    assert sum(ref() is not None for ref in alive) < 300
    assert shown(window) == model.ids()
