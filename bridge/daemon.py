"""The bridge process: the only place that picks implementations, starts them and stops them."""

import asyncio
import contextlib
import importlib.metadata
import logging
import os
import signal
from collections.abc import AsyncIterator
from datetime import datetime

from bridge.account import Surroundings
from bridge.errors import DataFolderGone
from bridge.garbage import look_seldom
from bridge.leases import ALONE_SECONDS, Leases, new_owner
from bridge.lock import BridgeLock
from bridge.logs import LogFormat, log_to
from bridge.metrics import Metrics
from bridge.metrics_collector import BridgeCollector
from bridge.observed_store import ObservedStore
from bridge.outbox.board import OutboxBoard
from bridge.search_indexer import SearchIndexer
from bridge.server.address import metrics_address, team_address, team_names
from bridge.server.callables import REGISTRY, Bridge
from bridge.server.firebase_tokens import EmulatorVerifier, FirebaseVerifier
from bridge.server.google_keys import GoogleKeys
from bridge.server.http import Server
from bridge.server.verifiers import LocalVerifier, TokenVerifier
from bridge.session_place import SessionPlace
from bridge.staff.directory import Staff
from bridge.supervisor import Supervisor
from bridge.tasks import cancel_all, start_task
from bridge.thread_pace import CLOUD_SECONDS, ThreadPace
from bridge.triggers.run import EventTriggers
from bridge.triggers.settle import Context
from bridge.triggers.watched import WatchedTriggers
from bridge.worker_port import StartWorker, Worker
from bridge.worker_process import WorkerProcess
from core.clock import Clock, process_clock
from core.identity.rest import emulator_host
from core.model.documents import StaffProfile
from core.paths import DataFolder
from core.service.callables import Health
from core.settings import Settings, load_settings, placed
from core.store.capabilities import ChangeFeed
from core.store.open import embedded_file, is_shared, open_store
from core.store.port import Store

_log = logging.getLogger(__name__)

_STOP_SECONDS = 18.0
"""What takes longer to stop is left for the next start to sort out."""
_LOOK_SECONDS = 1.0
"""How often the bridge looks whether its data folder and its socket are still there."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def run_daemon(
    folder: DataFolder,
    *,
    simulator: str | None,
    log_level: str,
    log_format: LogFormat = "text",
) -> None:
    """Run a bridge on a data folder until a signal ends it.

    With `simulator`, a URL, accounts are simulated. Raises CapcoadaError when it cannot start;
    AlreadyRunning when another bridge holds the folder; DataFolderGone, after an orderly stop, when
    somebody takes the folder away.
    """
    os.umask(0o077)
    folder.prepare()
    settings = placed(load_settings(folder), folder)
    with BridgeLock.hold(folder.lock_file) as lock:
        handler = log_to(folder.logs / "bridge.log", log_level, log_format)
        try:
            asyncio.run(_serve(folder, settings, simulator, lock))
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()


async def _serve(
    folder: DataFolder, settings: Settings, simulator: str | None, lock: BridgeLock
) -> None:
    clock = process_clock()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    async with _running(folder, settings, simulator, clock) as server:
        _log.info("the bridge runs, pid %d", os.getpid())
        await _until_stopped(stopped, lock, server)
        _log.info("the bridge stops")
    _log.info("the bridge has stopped")


async def _until_stopped(stopped: asyncio.Event, lock: BridgeLock, server: Server) -> None:
    """Wait for a signal, and see to it that consoles can come in.

    Raises DataFolderGone when the folder is taken away before a signal comes.
    """
    while not stopped.is_set():
        try:
            lock.check_presence()
        except DataFolderGone as error:
            _log.error("%s", error)
            raise
        await server.keep_socket()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await stopped.wait()


@contextlib.asynccontextmanager
async def _running(
    folder: DataFolder, settings: Settings, simulator: str | None, clock: Clock
) -> AsyncIterator[Server]:
    """Start store, accounts and server in this order, and stop them in the reverse one."""
    started_at = clock()
    metrics = Metrics()
    founder = StaffProfile.of_founder(settings.operator.uid, name=settings.operator.name)
    raw = open_store(folder, settings, clock=clock, founder=founder)
    store = ObservedStore(raw, metrics)
    try:
        around = Surroundings(
            store=store,
            folder=folder,
            start_worker=_worker_starter(folder, settings.bridge.sessions, simulator),
            leases=_leases(store, folder, settings),
            clock=clock,
            pace=settings.sending,
            threads=ThreadPace(CLOUD_SECONDS if settings.cloud.project else 0.0),
            metrics=metrics,
        )
        supervisor = Supervisor(around)
        board = OutboxBoard(store, supervisor.wake)
        collector = BridgeCollector(
            supervisor, board, version=version(), started_at=started_at, clock=clock
        )
        metrics.register(collector)

        async def health() -> Health:
            return _health(supervisor, board, started_at, clock)

        staff = Staff(store)
        bridge = Bridge(store, staff, supervisor, settings, clock, metrics)
        server = Server(bridge, REGISTRY, health)
        tasks: list[asyncio.Task[None]] = []
        try:
            verifier = verifier_for(settings, clock)
            await server.start(folder, verifier)
            await _listen(server, settings, verifier)
            tasks += [
                start_task("the outbox's board", board.follow),
                start_task("the staff profiles", staff.follow),
                start_task("the accounts", supervisor.run),
                start_task("the event triggers", lambda: _follow_events(raw, settings, around)),
                start_task("the index of words", lambda: _follow_messages(raw, folder, settings)),
            ]
            look_seldom()
            yield server
        finally:
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await cancel_all(tasks)
                    await server.stop()
                    await supervisor.stop()
            except TimeoutError:
                _log.error("not everything stopped in time; the next start sorts it out")
    finally:
        await store.close()


async def _follow_events(store: Store, settings: Settings, around: Surroundings) -> None:
    """Run the triggers of events, in the manner that the engine allows."""
    context = Context(around.store, settings.business, around.clock)
    if isinstance(store, ChangeFeed):
        await EventTriggers(context, store).run()
    else:
        await WatchedTriggers(context, around.leases).run()


async def _follow_messages(store: Store, folder: DataFolder, settings: Settings) -> None:
    """Keep the index of words; an engine without a feed is searched by name and preview alone."""
    if isinstance(store, ChangeFeed):
        identity = embedded_file(folder, settings).stat().st_ino
        await SearchIndexer(store, folder.search_file, identity).run()


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


def _health(
    supervisor: Supervisor, board: OutboxBoard, started_at: datetime, clock: Clock
) -> Health:
    """Return what `GET /health` answers; it reads nothing from the store."""
    ingests = [account.ingest for account in supervisor.accounts]
    errors = [
        supervisor.store_error,
        board.error,
        *(one.store_error or one.journal_error for one in ingests),
    ]
    error = next(filter(None, errors), "")
    return Health(
        version=version(),
        pid=os.getpid(),
        started_at=started_at,
        now=clock(),
        store="away" if error else "ok",
        store_error=error,
        outbox_waiting=board.counts["queued"] + board.counts["sending"],
        outbox_uncertain=board.counts["uncertain"],
        accounts=[account.health() for account in supervisor.accounts],
    )


async def _listen(server: Server, settings: Settings, verifier: TokenVerifier) -> None:
    """Listen on TCP where the settings say so. Raises BridgeError, SettingsError."""
    if (address := team_address(settings)) is not None:
        got = await server.listen(address, verifier, team_names(settings, address))
        _log.info("consoles are served at %s", got)
    if (address := metrics_address(settings)) is not None:
        _log.info("metrics are served at %s", await server.listen_for_metrics(address))


def _leases(store: Store, folder: DataFolder, settings: Settings) -> Leases:
    """Return this bridge's leases; where no other bridge can be, they only tell who it is."""
    shared = is_shared(folder, settings)
    seconds = settings.bridge.lease_seconds if shared else ALONE_SECONDS
    return Leases(store, new_owner(folder), seconds=seconds, is_shared=shared)


def version() -> str:
    """Return the installed version of capcoada."""
    try:
        return importlib.metadata.version("capcoada")
    except importlib.metadata.PackageNotFoundError:
        return "0"
