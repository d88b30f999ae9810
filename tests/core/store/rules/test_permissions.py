"""Everybody, everything: the rules allow and refuse exactly what the table says."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.store.errors import PermissionDenied
from core.store.port import Create, Delete, Query, Set, Store, Transaction, Update, Write
from tests.core.store.rules.company import KINDS, Case, cases, handle_of, settle

OPERATIONS = ("get", "list", "list all", "create", "update", "delete")
_TABLE = Path(__file__).with_name("permissions.txt")
_WIDTHS = (22, 12)


def _table() -> dict[tuple[str, str], dict[str, bool]]:
    """Return what the table says, by row and kind of person."""
    lines = [
        line
        for line in _TABLE.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert tuple(lines[0].split()[2:]) == KINDS
    found = {}
    for line in lines[1:]:
        what, operation = line[: _WIDTHS[0]].strip(), line[_WIDTHS[0] : sum(_WIDTHS)].strip()
        marks = line[sum(_WIDTHS) :].split()
        assert set(marks) <= {"y", "-"}
        found[what, operation] = dict(zip(KINDS, (mark == "y" for mark in marks), strict=True))
    return found


TABLE = _table()


async def _is_allowed(request: Awaitable[object]) -> bool:
    try:
        await request
    except PermissionDenied:
        return False
    return True


async def _first_of_watch(store: Store, case: Case, operation: str) -> None:
    target = case.path if operation == "get" else _query(case, operation)
    watch = store.watch(target)
    try:
        await anext(watch)
    finally:
        await watch.close()


def _query(case: Case, operation: str) -> Query:
    query = case.query if operation == "list" else case.everything
    assert query is not None
    return query


async def _in_transaction(store: Store, write: Write) -> None:
    async def body(transaction: Transaction) -> None:
        transaction.write(write)

    await store.transact(body)


def _reads(store: Store, case: Case, operation: str) -> list[Callable[[], Awaitable[object]]]:
    async def in_transaction() -> None:
        async def body(transaction: Transaction) -> None:
            if operation == "get":
                await transaction.get(case.path)
            else:
                await transaction.query(_query(case, operation))

        await store.transact(body)

    watched = [in_transaction, lambda: _first_of_watch(store, case, operation)]
    if operation == "get":
        return [lambda: store.get(case.path), lambda: store.get_all([case.path]), *watched]
    query = _query(case, operation)
    return [lambda: store.query(query), lambda: store.aggregate(query), *watched]


def _writes(case: Case, operation: str) -> list[Write]:
    """Return writes that the same rule judges; each is tried on a store of its own."""
    if operation == "create":
        return [Create(case.new_path, case.new_data), Set(case.new_path, case.new_data)]
    if operation == "update":
        return [Update(case.path, case.change), Set(case.path, case.change, merge=True)]
    return [Delete(case.path), Delete(case.path, must_exist=True)]


def test_the_table_is_whole() -> None:
    for kind in KINDS:
        assert {what for what, _operation in TABLE} == set(cases(kind))
    for what, case in cases("admin").items():
        there = {
            "get": case.path, "list": case.query and case.path, "create": case.new_path,
            "list all": case.query, "update": case.change, "delete": case.path,
        }  # fmt: skip
        expected = {operation for operation in OPERATIONS if there[operation]}
        assert {operation for row, operation in TABLE if row == what} == expected


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that holds the company's documents."""
    file = tmp_path_factory.mktemp("company") / "store.db"

    async def make() -> None:
        async with handle_of(file, "server") as server:
            await settle(server)

    asyncio.run(make())
    return file


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", dict.fromkeys(what for what, _operation in TABLE))
async def test_reads(what: str, kind: str, company: Path) -> None:
    case = cases(kind)[what]
    async with handle_of(company, kind) as store:
        for operation in ("get", "list", "list all"):
            if (what, operation) in TABLE:
                answers = [
                    await _is_allowed(request()) for request in _reads(store, case, operation)
                ]
                assert answers == [TABLE[what, operation][kind]] * 4, operation


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", dict.fromkeys(what for what, _operation in TABLE))
async def test_writes(what: str, kind: str, company: Path, tmp_path: Path) -> None:
    case = cases(kind)[what]
    for operation in ("create", "update", "delete"):
        if (what, operation) not in TABLE:
            continue
        expected = TABLE[what, operation][kind]
        for number, write in enumerate(_writes(case, operation)):
            file = tmp_path / f"{operation}-{number}.db"
            shutil.copy(company, file)
            async with handle_of(file, "server") as server, handle_of(file, kind) as store:
                if operation == "create":
                    await server.commit([Delete(write.path)])
                before = await server.get(write.path)
                assert await _is_allowed(store.commit([write])) is expected, write
                assert (await server.get(write.path) != before) is expected, write
                if not expected:
                    assert not await _is_allowed(_in_transaction(store, write)), write
                    assert await server.get(write.path) == before
