"""Keeps one account running: starts its worker, follows what it reports, decides what comes next.

One attempt at a time: start a worker, follow it until there is a verdict, end it, then wait as the
backoff says, or for a person. Limits of patience are in seconds of the event loop's clock.
"""

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bridge.account_state import (
    AccountState,
    Verdict,
    after_report,
    connecting,
    with_condition,
)
from bridge.backoff import DEFAULT_POLICY, Backoff, BackoffPolicy
from bridge.errors import WorkerError
from bridge.leases import Held
from bridge.metrics import Metrics, label
from bridge.whatsapp.protocol import (
    PROTOCOL_VERSION,
    Connect,
    Connection,
    Heard,
    JournalAdvanced,
    LeaseUntil,
    LogOut,
    Paired,
    PairPhone,
    Ready,
    Report,
)
from bridge.worker_port import StartWorker, Worker
from core.clock import Clock
from core.i18n import N_, _
from core.model.conditions import CONDITIONS, explain

_log = logging.getLogger(__name__)

QR_ROUNDS = 3
"""Rounds of QR codes, of about 160 s each, before somebody has to ask for a new one."""
_START_SECONDS = 60.0
_QUIET_SECONDS = 120.0
"""A worker that connects and says nothing for so long is replaced."""
_QR_GRACE_SECONDS = 15.0
_AWAY_SECONDS = 300.0
"""How long the library may try to reconnect by itself before the worker is replaced."""
_SYNC_SECONDS = 900.0
"""How long after pairing, or its last progress, a history sync protects its worker."""
_GRACE_SECONDS = 15.0
"""A worker lets arrive what WhatsApp holds as delivered; killed earlier, it would lose that."""
_PAIR_CODE_SECONDS = 90.0
_TELL_SECONDS = 1.0


class AccountRunner:
    """The life of one account; `run` is its only task."""

    def __init__(
        self,
        account_id: str,
        state: AccountState,
        *,
        start_worker: StartWorker,
        show: Callable[[AccountState], None],
        journal_advanced: Callable[[], None],
        paired: Callable[[], None],
        clock: Clock,
        connects_file: Path,
        policy: BackoffPolicy = DEFAULT_POLICY,
        chance: random.Random | None = None,
        held: Held | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self.account_id = account_id
        self.state = state
        self.grace_seconds = _GRACE_SECONDS
        """How long a worker may take to end when the runner is cancelled."""
        self._held = held
        self._metrics = metrics or Metrics()
        self.worker: Worker | None = None
        """The running worker, when there is one."""
        self.last_heard_at: datetime | None = None
        self.next_attempt_at: datetime | None = None
        self.on_change: list[Callable[[], None]] = []
        """Called at each change of the state, by the loop."""
        self._start_worker = start_worker
        self._show = show
        self._journal_advanced = journal_advanced
        self._paired = paired
        self._clock = clock
        self._connects_file = connects_file
        self._backoff = Backoff(policy).with_connects(_read_connects(connects_file))
        self._chance = chance or random.Random()  # noqa: S311 - jitter, not a secret
        self._wanted = asyncio.Event()
        self._halt: Verdict | None = None
        self._rounds = QR_ROUNDS
        self._sync_until = 0.0
        self._changed = asyncio.Event()
        self._is_up = False
        self._is_proven = False
        self._heard_at = 0.0
        self._status_since = 0.0

    # -- what the rest of the bridge asks -----------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether messages can be sent right now."""
        return self.state.status == "connected" and self.worker is not None

    async def connect(self) -> None:
        """Start anew because a person asked for it; harmless while connected or pairing."""
        if self.state.status == "connected":
            return
        self._backoff = self._backoff.granted()
        self._rounds = QR_ROUNDS
        if self.worker is None:
            self._wanted.set()
        elif self.state.status == "disconnected" and not self._is_syncing():
            self._wanted.set()
            await self.worker.end(grace_seconds=0)

    async def pair_phone(self, phone: str) -> str:
        """Return the code to type on the phone, beginning a pairing round if need be.

        Raises WorkerError when the account is linked already or no code can be had.
        """
        if self.state.status == "connected":
            raise WorkerError("refused", _("The account is connected already."))
        await self.connect()
        try:
            async with asyncio.timeout(_PAIR_CODE_SECONDS):
                await self._until_qr()
        except TimeoutError as error:
            raise WorkerError("not_connected", _("WhatsApp gave no pairing code yet.")) from error
        assert self.worker is not None
        reply = await self.worker.ask(PairPhone(command_id=0, phone=phone))
        if reply.failure:
            raise WorkerError(reply.failure, _(reply.detail or N_("WhatsApp refused the number.")))
        self._become(replace(self.state, pairing_code=reply.value))
        return reply.value

    async def disconnect(self, *, log_out: bool) -> None:
        """Stop the account until a person reconnects it; with `log_out`, unlink it first.

        Raises WorkerError when it cannot be unlinked because it is not connected.
        """
        if log_out:
            if self.worker is None or self.state.status != "connected":
                raise WorkerError(
                    "not_connected",
                    _("The account is not connected, so WhatsApp cannot be told."),
                    hint=_("Connect it first, or remove this device on the phone."),
                )
            reply = await self.worker.ask(LogOut(command_id=0))
            if reply.failure:
                raise WorkerError(reply.failure, _(reply.detail or N_("WhatsApp refused.")))
        self._wanted.clear()
        verdict = Verdict("logged_out" if log_out else "stopped")
        if self.worker is None:
            self._apply(verdict)
            self._halt = verdict  # for a worker that is being started right now
            return
        self._halt = verdict
        await self.worker.end(grace_seconds=_GRACE_SECONDS)
        while self._halt is verdict:
            await self._changed.wait()

    async def tell_lease(self) -> None:
        """Tell the worker how long it may work, when that can end."""
        if self.worker is not None and self._held is not None and self._held.can_end:
            until = LeaseUntil(stop_at=self._held.stop_at, gone_at=self._held.gone_at)
            with contextlib.suppress(TimeoutError):  # then the worker ends itself
                async with asyncio.timeout(_TELL_SECONDS):
                    await self.worker.tell(until)

    async def replace_worker(self) -> None:
        """Kill a worker that does not answer; another one starts. Not during a history sync."""
        if self.worker is not None and not self._is_syncing():
            _log.warning("%s: the worker does not answer; it is replaced", self.account_id)
            await self.worker.end(grace_seconds=0)

    def sync_progressed(self) -> None:
        """Note that history is still coming in."""
        self._sync_until = self._now() + _SYNC_SECONDS

    # -- the one task -------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep the account going until cancelled; then end its worker in order."""
        while True:
            await self._until_due()
            self._wanted.clear()
            self.next_attempt_at = None
            self._apply(await self._session())

    async def _until_due(self) -> None:
        """Wait for the backoff, and for a person where only a person may decide."""
        if not self.state.waits_for_person and self.next_attempt_at is not None:
            seconds = (self.next_attempt_at - self._clock()).total_seconds()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(seconds, 0)):
                    await self._wanted.wait()
        if self.state.waits_for_person:  # maybe only since a person stopped it meanwhile
            await self._wanted.wait()

    async def _session(self) -> Verdict:
        """Run one worker from its start to its end and say why it ended."""
        if not self._backoff.has_budget(self._clock()):
            return Verdict("reconnect_budget")
        self._halt = None
        self._become(connecting(self.state))
        try:
            worker = await self._start_worker(self.account_id, self.state.device_jid or "")
        except (OSError, WorkerError) as error:
            return self._halt or Verdict("worker_lost", str(error))
        self.worker = worker
        try:
            return self._halt or await self._follow(worker)
        finally:
            self.worker = None
            await worker.end(grace_seconds=self.grace_seconds)

    async def _follow(self, worker: Worker) -> Verdict:
        """Take in reports until one of them, or their absence, ends the session."""
        self._is_up = False
        self._status_since = self._heard_at = self._now()
        while True:
            try:
                async with asyncio.timeout(self._patience()):
                    report = await worker.report()
            except TimeoutError:
                if (verdict := self._out_of_patience()) is not None:
                    return verdict
                continue
            if report is None:
                return self._halt or Verdict("worker_lost")
            self._heard_at = self._now()
            if (verdict := await self._take(worker, report)) is not None:
                return self._halt or verdict

    async def _take(self, worker: Worker, report: Report) -> Verdict | None:
        now = self._clock()
        match report:
            case JournalAdvanced():
                self.last_heard_at = now
                self._journal_advanced()
            case Heard():
                self.last_heard_at = now
            case Ready(protocol=protocol, has_session=has_session):
                if protocol != PROTOCOL_VERSION:
                    return Verdict("worker_lost", f"protocol {protocol}")
                self._is_up = True
                if has_session:
                    self._note_connect(now)
                await self.tell_lease()
                await worker.tell(Connect())
            case _:
                return self._change(report, now)
        return None

    def _change(self, report: Report, now: datetime) -> Verdict | None:
        """Take in a report that may change the state."""
        before, was = self.state, self.state.status
        state, verdict = after_report(before, report, now)
        if isinstance(report, Paired) and (was == "qr_ready" or state.is_other_device(before)):
            self._paired()
            self.sync_progressed()
        if isinstance(report, Connection) and report.kind == "connected":
            self.last_heard_at = now
            if was == "disconnected":
                self._note_connect(now)
                if not self._backoff.has_budget(now):
                    return Verdict("reconnect_budget")
        if verdict is None:
            self._become(state)
        return verdict

    # -- patience -----------------------------------------------------------------------------

    def _patience(self) -> float | None:
        """Return for how many seconds more a report is waited for, None for ever."""
        if not self._is_up:
            return self._left(self._heard_at, _START_SECONDS)
        match self.state.status:
            case "connected" if self._is_proven:
                return None
            case "connected":
                return self._left(self._status_since, self._backoff.policy.healthy_after)
            case "qr_ready" if self.state.qr_expires_at is not None:
                left = (self.state.qr_expires_at - self._clock()).total_seconds()
                return max(left + _QR_GRACE_SECONDS, 0.0)
            case "disconnected" if self._is_syncing():
                return self._left(self._now(), _AWAY_SECONDS)
            case "disconnected":
                return self._left(self._status_since, _AWAY_SECONDS)
            case _:
                return self._left(self._heard_at, _QUIET_SECONDS)

    def _left(self, since: float, seconds: float) -> float:
        return max(since + seconds - self._now(), 0.0)

    def _out_of_patience(self) -> Verdict | None:
        """Say what the silence means; None when there is reason to go on."""
        if not self._is_up:
            return Verdict("worker_lost", "silent")
        match self.state.status:
            case "connected":
                self._is_proven = True
                self._backoff = self._backoff.healthy()
                return None
            case "qr_ready":
                return Verdict("qr_expired")
            case "disconnected" if self._is_syncing():
                return None
            case _:
                return Verdict("network", "silent")

    def _is_syncing(self) -> bool:
        return self._now() < self._sync_until

    # -- what a verdict means -----------------------------------------------------------------

    def _apply(self, verdict: Verdict) -> None:
        """Turn the end of a session into the state and the time of the next attempt."""
        now = self._clock()
        self._halt = None
        self._metrics.session_ends.labels(label(self.account_id), verdict.code).inc()
        _log.info("%s: session over: %s %s", self.account_id, verdict.code, verdict.detail)
        if verdict.code == "qr_expired" and self._rounds > 1:
            self._rounds -= 1
            self.next_attempt_at = now
            return
        self.next_attempt_at = None
        detail = verdict.detail
        if verdict.retry_after_seconds:
            until = now + timedelta(seconds=verdict.retry_after_seconds)
            detail = f"{detail} {until.isoformat(timespec='seconds')}".strip()
        if not CONDITIONS[verdict.code].is_terminal:
            self._backoff = self._backoff.failed(throttled=verdict.code == "throttled")
            wait = max(self._backoff.delay(self._chance), verdict.retry_after_seconds or 0.0)
            self.next_attempt_at = now + timedelta(seconds=wait)
        state = self.state
        if verdict.code == "logged_out":
            state = replace(state, device_jid=None)  # WhatsApp knows it no more
        self._become(with_condition(state, verdict.code, detail, now))

    def _become(self, state: AccountState) -> None:
        if state != self.state:
            if state.status != self.state.status:
                _log.info("%s: %s %s", self.account_id, state.status, state.code)
                self._status_since = self._now()
                self._is_proven = False
            self.state = state
            self._show(state)
        self._changed.set()
        self._changed = asyncio.Event()
        for tell in self.on_change:
            tell()

    def _note_connect(self, now: datetime) -> None:
        self._metrics.connects.labels(label(self.account_id)).inc()
        self._backoff = self._backoff.connected(now)
        moments = [moment.isoformat() for moment in self._backoff.connects]
        fresh = self._connects_file.with_suffix(".new")
        fresh.write_text(json.dumps(moments), encoding="utf-8")
        fresh.replace(self._connects_file)

    async def _until_qr(self) -> None:
        """Wait until a pairing round is open."""
        while not (self.state.status == "qr_ready" and self.worker is not None):
            if self.state.status == "connected":
                raise WorkerError("refused", _("The account is connected already."))
            if self.state.waits_for_person and self.worker is None and not self._wanted.is_set():
                raise WorkerError("refused", explain(self.state.code))
            await self._changed.wait()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _read_connects(path: Path) -> list[datetime]:
    """Return the noted connects; a file that is missing or damaged counts as none."""
    try:
        return [datetime.fromisoformat(text) for text in json.loads(path.read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
