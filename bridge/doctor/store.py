"""The document store, and what it says of accounts, leases and events."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any, TextIO

import msgspec

from bridge.doctor.finding import Finding, Kind
from bridge.doctor.reading import MEGABYTE, reading
from bridge.journal import JOURNAL_NAME, Journal
from bridge.leases import lease_of, owner_of
from bridge.lock import holder
from core.clock import system_clock
from core.errors import CapcoadaError
from core.i18n import _
from core.model.conditions import explain
from core.model.documents import Account, from_document
from core.model.ids import ACCOUNTS, THREADS
from core.paths import DataFolder
from core.settings import Settings
from core.store.open import embedded_file, is_shared, open_store
from core.store.port import Document, Query
from core.text import clean_line

_LARGE_BACKLOG = 1000
READ_WHOLE_BYTES = 256 * MEGABYTE
"""A file up to this size is always looked through: that takes seconds."""
_INTERRUPT_SECONDS = 0.05
_CLOCKS_APART = timedelta(minutes=2)
"""How far this machine's clock and the store's may differ."""


def look(folder: DataFolder, settings: Settings, *, full: bool) -> Iterator[Finding]:
    """Open the store and tell how its accounts are, and which bridge runs them.

    With `full`, a large file is looked through for damage as well.
    """
    try:
        documents, threads = asyncio.run(_read_store(folder, settings))
        yield Finding("ok", _("The store opens: {count} threads.").format(count=threads))
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    if not settings.cloud.project:
        yield from integrity(embedded_file(folder, settings), full=full)
    is_alone = not is_shared(folder, settings) and holder(folder.lock_file) is None
    for document in documents:
        yield _account(document, is_bridge_gone=is_alone)
        if is_shared(folder, settings) and not document.data.get("isArchived"):
            yield _lease(document, folder)
        yield from _journal(folder, document.id)


async def _read_store(folder: DataFolder, settings: Settings) -> tuple[list[Document], int]:
    async with open_store(folder, settings) as store:
        # As the inbox asks: counted in an index, while the threads lie all over a large file.
        threads = (await store.aggregate(Query(THREADS).order_by("lastMessageAt", "desc"))).count
        return await store.query(Query(ACCOUNTS)), threads


def _lease(document: Document, folder: DataFolder) -> Finding:
    """Tell which bridge runs an account, as far as this machine's clock can judge that."""
    lease = lease_of(document)
    name = document.id
    if lease is None:
        return Finding("note", _("{name}: no bridge runs it.").format(name=name))
    owner = clean_line(lease.owner)
    until = f"{lease.expires_at:%Y-%m-%d %H:%M:%S} UTC"
    if lease.expires_at + _CLOCKS_APART < system_clock():
        text = _("{name}: its bridge {owner} gave no sign of life; its lease ended at {until}.")
        return Finding("problem", text.format(name=name, owner=owner, until=until))
    text = _("{name}: the bridge {owner} runs it, until {until} or longer.")
    if lease.owner == owner_of(folder):
        text = _("{name}: this folder's bridge runs it, until {until} or longer.")
    return Finding("ok", text.format(name=name, owner=owner, until=until))


def integrity(path: Path, *, full: bool, watcher: TextIO = sys.stderr) -> Iterator[Finding]:
    """Look for damage in a store's file; a large one is left alone unless `full`.

    How far it has come is shown on `watcher`, where that is a terminal.
    """
    size = path.stat().st_size
    if size > READ_WHOLE_BYTES and not full:
        text = _("The store has {megabytes} MB; --full looks for damage in all of them.")
        yield Finding("note", text.format(megabytes=size // MEGABYTE))
        return
    try:
        with reading(path, watcher), closing(_connect(path)) as connection:
            said = str(ask(connection, "PRAGMA quick_check(1)"))
    except (OSError, sqlite3.Error) as error:
        said = str(error)
    if said == "ok":
        yield Finding("ok", _("The store is sound."))
    else:
        yield Finding("problem", _("The store is damaged: {why}").format(why=said))


def ask(connection: sqlite3.Connection, query: str) -> Any:
    """Return a query's first value; ctrl+c ends it at once, however long it would take.

    Python sees a signal only between two instructions of its main thread, and SQLite's work is one.
    Raises sqlite3.Error.
    """
    answer: Future[Any] = Future()

    def run() -> None:
        try:
            answer.set_result(connection.execute(query).fetchone()[0])
        except sqlite3.Error as error:
            answer.set_exception(error)

    thread = Thread(target=run, name="the doctor's question", daemon=True)
    try:
        thread.start()
        return answer.result()
    finally:
        while thread.is_alive():
            connection.interrupt()  # in vain, if the query has not begun yet
            thread.join(_INTERRUPT_SECONDS)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, check_same_thread=False)


def _account(document: Document, *, is_bridge_gone: bool) -> Finding:
    """Tell an account's state; once its bridge is gone, nobody is connected any more."""
    try:
        account = from_document(document, Account)
    except msgspec.ValidationError as error:
        text = _("The account {id} cannot be read: {why}")
        return Finding("problem", text.format(id=document.id, why=error))
    name = f"{account.account_id} ({account.name})"
    if account.is_archived:
        return Finding("note", _("{name}: archived.").format(name=name))
    if is_bridge_gone and account.status in ("connected", "connecting", "qr_ready"):
        text = _("{name}: {status} until its bridge ended.")
        return Finding("note", text.format(name=name, status=account.status))
    if account.last_error is None or account.status == "connected":
        return Finding("ok", f"{name}: {account.status}")
    kind: Kind = "problem" if account.status in ("banned", "failed", "logged_out") else "note"
    return Finding(kind, f"{name}: {account.status}. {explain(account.last_error.code)}")


def _journal(folder: DataFolder, account_id: str) -> Iterator[Finding]:
    path = folder.account(account_id) / JOURNAL_NAME
    if not path.exists():
        return
    try:
        with closing(Journal.open(path)) as journal:
            backlog, asides = journal.backlog(), journal.asides()
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    text = _("{id}: {backlog} received events wait to be stored, {asides} could not be understood.")
    kind: Kind = "problem" if backlog > _LARGE_BACKLOG else "note" if asides else "ok"
    yield Finding(kind, text.format(id=account_id, backlog=backlog, asides=asides))


def events(folder: DataFolder, settings: Settings, *, repair: bool) -> Iterator[Finding]:
    """Compare numbers, history and clients with the events that they follow from."""
    if settings.cloud.project and not repair:
        yield Finding("note", _("Events and clients are compared with --repair, which reads all."))
        return
    from bridge.triggers.repair import recompute  # noqa: PLC0415 - only a doctor needs it

    try:
        told = asyncio.run(recompute(folder, write=repair))
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    for line in told:
        text = _("Mended: {what}") if repair else _("Not as it must be: {what}")
        yield Finding("note" if repair else "problem", text.format(what=line))
    if told and not repair:
        yield Finding("note", _("A running bridge catches up by itself; else use --repair."))
    if not told:
        yield Finding("ok", _("Events and clients agree."))
