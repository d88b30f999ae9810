"""`capcoada doctor`: looks at everything that can be wrong and says it in plain sentences."""

import asyncio
import platform
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from bridge.journal import Journal
from bridge.lock import holder
from bridge.worker_process import worker_environment
from core.errors import CapcoadaError
from core.i18n import _
from core.identity.rest import emulator_host
from core.identity.session import LocalSession
from core.model.conditions import explain
from core.model.documents import Account, from_document
from core.model.ids import ACCOUNTS
from core.paths import DataFolder
from core.service.bridge import BridgeClient
from core.settings import Cloud, load_settings
from core.store.open import open_store
from core.store.port import Document, Query

Kind = Literal["ok", "note", "problem"]
_LEAST_FREE = 500 * 1024 * 1024
"""Bytes; with less, journals and history soon find no room."""
_IMPORT_SECONDS = 60
_LARGE_BACKLOG = 1000


class Finding(NamedTuple):
    """What one look found."""

    kind: Kind
    text: str


def examine(folder: DataFolder, tell: Callable[[str], None], *, repair: bool = False) -> int:
    """Look at everything, tell each finding on a line, and return 1 when there is a problem.

    With `repair`, what events lead to is recomputed, and differences are mended.
    """
    marks = {"ok": _("ok"), "note": _("note"), "problem": _("PROBLEM")}
    width = max(len(mark) for mark in marks.values())
    problems = 0
    told = set()
    for finding in _findings(folder, repair=repair):
        if finding in told:
            continue  # one cause that several looks ran into
        told.add(finding)
        tell(f"{marks[finding.kind]:{width}}  {finding.text}")
        problems += finding.kind == "problem"
    tell(_("All is well.") if not problems else _("Something needs you: see above."))
    return 1 if problems else 0


def _findings(folder: DataFolder, *, repair: bool) -> Iterator[Finding]:
    yield _python()
    yield _library()
    yield from _settings(folder)
    if not folder.root.exists():
        text = _("The data folder {folder} does not exist yet; the first start makes it.")
        yield Finding("note", text.format(folder=folder.root))
        return
    yield from _data_folder(folder)
    yield _disk(folder)
    yield _bridge(folder)
    yield from _store(folder)
    if folder.store_file.exists():
        yield from _events(folder, repair=repair)


def _events(folder: DataFolder, *, repair: bool) -> Iterator[Finding]:
    """Compare numbers, history and clients with the events that they follow from."""
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


def _python() -> Finding:
    is_fine = sys.version_info >= (3, 11)
    text = _("Python {version}").format(version=platform.python_version())
    return Finding("ok", text) if is_fine else Finding("problem", text + _("; 3.11 is needed."))


def _library() -> Finding:
    """Import the WhatsApp library in a process of its own: it must not be loaded here."""
    code = "import pylibmagic, neonize.client"
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", code],
            env=worker_environment({"PATH": "/usr/bin:/bin"}),
            capture_output=True,
            timeout=_IMPORT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("problem", _("neonize cannot be loaded: {why}").format(why=error))
    if done.returncode == 0:
        return Finding("ok", _("neonize and libmagic can be loaded."))
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["?"]
    return Finding("problem", _("neonize cannot be loaded: {why}").format(why=lines[-1]))


def _settings(folder: DataFolder) -> Iterator[Finding]:
    try:
        settings = load_settings(folder)
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    text = _("Settings: time zone {zone}, currency {currency}.")
    business = settings.business
    yield Finding("ok", text.format(zone=business.time_zone, currency=business.currency))
    if settings.cloud.project:
        yield _sign_in(settings.cloud)


def _sign_in(cloud: Cloud) -> Finding:
    """Say where a team signs in, and what it lacks for that."""
    if host := emulator_host():
        text = _("Operators sign in at the Auth emulator at {host}: no proof of who they are.")
        return Finding("note", text.format(host=host))
    if not cloud.api_key:
        text = _("Nobody can sign in to {project}: api_key under [cloud] is not set.")
        return Finding("problem", text.format(project=cloud.project))
    return Finding("ok", _("Operators sign in to {project}.").format(project=cloud.project))


def _data_folder(folder: DataFolder) -> Iterator[Finding]:
    try:
        folder.prepare()
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    yield Finding("ok", _("The data folder is {folder}.").format(folder=folder.root))
    for path in sorted(_open_to_others(folder.root)):
        text = _("Others can read {path}: run chmod go-rwx on it.").format(path=path)
        yield Finding("problem", text)


def _open_to_others(root: Path) -> Iterator[Path]:
    """Yield folders and files of the data folder that are not their owner's alone."""
    for path in (root, *root.rglob("*")):
        try:
            mode = path.lstat().st_mode
        except OSError:
            continue
        is_private = not stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO)
        if not is_private and not stat.S_ISLNK(mode):
            yield path


def _disk(folder: DataFolder) -> Finding:
    free = shutil.disk_usage(folder.root).free
    text = _("{megabytes} MB are free on the disk.").format(megabytes=free // (1024 * 1024))
    return Finding("ok" if free >= _LEAST_FREE else "problem", text)


def _bridge(folder: DataFolder) -> Finding:
    pid = holder(folder.lock_file)
    if pid is None:
        return Finding("note", _("No bridge runs; the console starts one."))

    async def ask() -> str:
        client = BridgeClient(folder, LocalSession())
        try:
            health = await client.health()
            return health.store_error
        finally:
            await client.close()

    try:
        store_error = asyncio.run(ask())
    except CapcoadaError as error:
        return Finding("problem", f"{error} " + _("It holds the lock as {pid}.").format(pid=pid))
    if store_error:
        return Finding("problem", _("The bridge cannot store: {why}").format(why=store_error))
    return Finding("ok", _("The bridge runs as process {pid}.").format(pid=pid))


def _store(folder: DataFolder) -> Iterator[Finding]:
    if not folder.store_file.exists():
        yield Finding("note", _("There is no store yet; the first start makes it."))
        return
    try:
        documents, threads = asyncio.run(_read_store(folder))
        yield Finding("ok", _("The store opens: {count} threads.").format(count=threads))
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    yield _integrity(folder.store_file)
    for document in documents:
        yield _account(document)
        yield from _journal(folder, document.id)


async def _read_store(folder: DataFolder) -> tuple[list[Document], int]:
    async with open_store(folder) as store:
        threads = (await store.aggregate(Query("threads"))).count
        return await store.query(Query(ACCOUNTS)), threads


def _integrity(path: Path) -> Finding:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        said = str(error)
    if said == "ok":
        return Finding("ok", _("The store is sound."))
    return Finding("problem", _("The store is damaged: {why}").format(why=said))


def _account(document: Document) -> Finding:
    try:
        account = from_document(document, Account)
    except msgspec.ValidationError as error:
        text = _("The account {id} cannot be read: {why}")
        return Finding("problem", text.format(id=document.id, why=error))
    name = f"{account.account_id} ({account.name})"
    if account.is_archived:
        return Finding("note", _("{name}: archived.").format(name=name))
    if account.last_error is None or account.status == "connected":
        return Finding("ok", f"{name}: {account.status}")
    kind: Kind = "problem" if account.status in ("banned", "failed", "logged_out") else "note"
    return Finding(kind, f"{name}: {account.status}. {explain(account.last_error.code)}")


def _journal(folder: DataFolder, account_id: str) -> Iterator[Finding]:
    path = folder.account(account_id) / "journal.db"
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
