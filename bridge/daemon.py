"""The bridge process: the only place that picks implementations, starts them and stops them."""

import asyncio
import contextlib
import importlib.metadata
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from datetime import datetime

from bridge.account import Surroundings
from bridge.leases import ALONE_SECONDS, Leases
from bridge.lock import BridgeLock
from bridge.logs import log_to
from bridge.server.callables import REGISTRY, Bridge
from bridge.server.firebase_tokens import EmulatorVerifier, FirebaseVerifier
from bridge.server.google_keys import GoogleKeys
from bridge.server.http import Server
from bridge.server.verifiers import LocalVerifier, TokenVerifier
from bridge.session_place import SessionPlace
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from bridge.tasks import keep_running
from bridge.triggers.run import EventTriggers
from bridge.triggers.settle import Context
from bridge.worker_port import StartWorker, Worker
from bridge.worker_process import WorkerProcess
from core.clock import Clock, process_clock
from core.identity.rest import emulator_host
from core.model.ids import OUTBOX
from core.paths import DataFolder
from core.service.callables import Health
from core.service.staff import make_first_admin
from core.settings import Settings, load_settings, placed
from core.store.errors import StoreError, StoreUnavailable
from core.store.open import is_shared, open_store
from core.store.port import ChangeFeed, Query, Store

_log = logging.getLogger(__name__)

_STOP_SECONDS = 18.0
"""What takes longer to stop is left for the next start to sort out."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_daemon(folder: DataFolder, *, simulator: str | None, log_level: str) -> None:
    """Run a bridge on a data folder until a signal ends it.

    With `simulator`, a URL, accounts are simulated. Raises CapcoadaError when it cannot start;
    AlreadyRunning when another bridge holds the folder.
    """
    os.umask(0o077)
    folder.prepare()
    settings = placed(load_settings(folder), folder)
    with BridgeLock.hold(folder.lock_file):
        handler = log_to(folder.logs / "bridge.log", log_level)
        try:
            asyncio.run(_serve(folder, settings, simulator))
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()


async def _serve(folder: DataFolder, settings: Settings, simulator: str | None) -> None:
    clock = process_clock()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    async with _running(folder, settings, simulator, clock):
        _log.info("the bridge runs, pid %d", os.getpid())
        await stopped.wait()
        _log.info("the bridge stops")
    _log.info("the bridge has stopped")


@contextlib.asynccontextmanager
async def _running(
    folder: DataFolder, settings: Settings, simulator: str | None, clock: Clock
) -> AsyncIterator[None]:
    """Start store, accounts and server in this order, and stop them in the reverse one."""
    started_at = clock()
    store = open_store(folder, settings, clock=clock)
    try:
        around = Surroundings(
            store=store,
            folder=folder,
            start_worker=_worker_starter(folder, settings.bridge.sessions, simulator),
            leases=_leases(store, folder, settings),
            clock=clock,
            pace=settings.sending,
        )
        supervisor = Supervisor(around)

        async def health() -> Health:
            return await _health(store, supervisor, started_at, clock)

        staff = Staff(store)
        await _meet_operator(store, settings)
        server = Server(Bridge(store, staff, supervisor, settings, clock), REGISTRY, health)
        await server.start(folder.bridge_socket, verifier_for(settings, clock))
        people = asyncio.create_task(keep_running("the staff profiles", staff.follow), name="staff")
        accounts = asyncio.create_task(supervisor.run(), name="accounts")
        triggers = asyncio.create_task(_follow_events(store, settings, clock), name="triggers")
        try:
            yield
        finally:
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    for task in (accounts, triggers, people):
                        task.cancel()
                    await asyncio.gather(accounts, triggers, people, return_exceptions=True)
                    await server.stop()
                    await supervisor.stop()
            except TimeoutError:
                _log.error("not everything stopped in time; the next start sorts it out")
    finally:
        await store.close()


async def _meet_operator(store: Store, settings: Settings) -> None:
    """On one machine, know its operator before the first call; a team's admins say who is in it."""
    if not settings.cloud.project:
        try:
            await make_first_admin(store, settings.operator)
        except StoreUnavailable as error:
            _log.warning("whether there is an admin cannot be read: %s", error)


async def _follow_events(store: Store, settings: Settings, clock: Clock) -> None:
    """Run the triggers of events; an engine without a feed has triggers of its own."""
    if isinstance(store, ChangeFeed):
        context = Context(store, settings.business, clock)
        await keep_running("the event triggers", EventTriggers(context, store).run)


def verifier_for(settings: Settings, clock: Clock) -> TokenVerifier:
    """Return what tells who calls: on one machine whoever opens the socket, in a team Google."""
    project = settings.cloud.project
    if not project:
        return LocalVerifier()
    if host := emulator_host():
        _log.warning("unsigned tokens are taken, as the Auth emulator at %s makes them", host)
        return EmulatorVerifier(project, clock)
    return FirebaseVerifier(project, GoogleKeys(clock), clock)


def _worker_starter(folder: DataFolder, sessions: str, simulator: str | None) -> StartWorker:
    """Return what starts an account's worker: neonize's, or the simulated one."""

    async def start(account_id: str, device: str) -> Worker:
        account_folder = folder.account(account_id).absolute()
        module = "bridge.simulator.worker" if simulator else "bridge.whatsapp.neonize_worker"
        arguments = ["-m", module, "--account", account_id, "--folder", str(account_folder)]
        if simulator:
            arguments += ["--simulator", simulator]
        place = SessionPlace.of(sessions, account_folder, device)
        return await WorkerProcess.start(account_id, arguments, account_folder, place.environment())

    return start


async def _health(
    store: Store, supervisor: Supervisor, started_at: datetime, clock: Clock
) -> Health:
    """Return what `GET /health` answers."""
    waiting = uncertain = 0
    error = supervisor.store_error or next(
        (one.ingest.store_error for one in supervisor.accounts if one.ingest.store_error), ""
    )
    try:
        waiting = await _count(store, "queued") + await _count(store, "sending")
        uncertain = await _count(store, "uncertain")
    except StoreError as failure:
        error = error or str(failure)
    return Health(
        version=version(),
        pid=os.getpid(),
        started_at=started_at,
        now=clock(),
        store="away" if error else "ok",
        store_error=error,
        outbox_waiting=waiting,
        outbox_uncertain=uncertain,
        accounts=[account.health() for account in supervisor.accounts],
    )


async def _count(store: Store, status: str) -> int:
    return (await store.aggregate(Query(OUTBOX).where("status", "==", status))).count


def _leases(store: Store, folder: DataFolder, settings: Settings) -> Leases:
    """Return this bridge's leases; where no other bridge can be, they only tell who it is."""
    shared = is_shared(folder, settings)
    seconds = settings.bridge.lease_seconds if shared else ALONE_SECONDS
    return Leases(store, _owner(folder), seconds=seconds, is_shared=shared)


def _owner(folder: DataFolder) -> str:
    """Return who holds leases: one name for this data folder on this machine, across restarts.

    A folder that is copied to another machine is somebody else there.
    """
    path = folder.bridge_id_file
    if not path.exists() or not path.read_text(encoding="ascii").strip():
        path.write_text(secrets.token_hex(8), encoding="ascii")
    return f"{socket.gethostname()}:{path.read_text(encoding='ascii').strip()}"


def version() -> str:
    """Return the installed version of capcoada."""
    try:
        return importlib.metadata.version("capcoada")
    except importlib.metadata.PackageNotFoundError:
        return "0"
