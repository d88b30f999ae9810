"""The one thread of a store handle that writes, so that the event loop never waits for the disk."""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from core.clock import Clock, from_microseconds, to_microseconds
from core.failpoints import reach
from core.store.embedded.catalogue import Catalogue
from core.store.embedded.commit import Commit, Prepared, count_of, prepare
from core.store.embedded.database import LOCK_SECONDS, LOCK_STEP, Database, patiently, rollback
from core.store.embedded.faults import closed, store_error
from core.store.embedded.guard import Guard
from core.store.embedded.log_push import LogPush
from core.store.errors import StoreError
from core.store.port import CommitResult, Creates, Write

_LARGE: Final = 100
"""Writes after which the lock is left alone for a moment, so that others get their turn."""
_MOST_GROUPED: Final = 500


class Stale(Exception):
    """What a transaction read is no longer true."""


class Job(msgspec.Struct, frozen=True):
    """A commit that waits for its turn."""

    writes: Sequence[Write | Creates]
    checks: Sequence[Callable[[sqlite3.Connection], bool]]
    """Whether what a transaction read still holds."""
    is_durable: bool
    """Whether the answer has to wait until the disk has it."""
    answer: Callable[[CommitResult | Exception], None]
    """Called once, in the writer's thread."""
    guard: Guard | None
    """Who judges the writes; None does not ask."""


class Writer:
    """A queue of commits and the thread that does them, begun with the first one.

    Commits that wait together share one SQLite transaction, and so one wait for the disk; each
    still happens whole or not at all.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        tell_others: Callable[[], None],
        tell_own: Callable[[], None],
    ) -> None:
        """Tell other processes of a commit, then who made it, then who else watches in this one.

        Of large commits that need not be durable, they learn by the next one that must, or by
        looking themselves.
        """
        self._database = database
        self._clock = clock
        self._tell_others = tell_others
        self._tell_own = tell_own
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._connection: sqlite3.Connection | None = None
        self._catalogue = Catalogue(-1, ())
        self._push = LogPush(database.path)
        self._free_until = 0.0
        """Monotonic time until which the lock is left to others."""
        self._last_time = 0
        """Microseconds: the latest commit time given or seen."""

    async def commit(
        self,
        writes: Sequence[Write | Creates],
        checks: Sequence[Callable[[sqlite3.Connection], bool]] = (),
        *,
        durable: bool = True,
        guard: Guard | None = None,
    ) -> CommitResult:
        """Have writes done, if `guard` allows them. Raises Stale and StoreError.

        A commit that was handed over happens even if the caller is cancelled meanwhile.
        """
        if self._is_closed:
            raise closed(self._database.path)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[CommitResult] = loop.create_future()

        def settle(result: CommitResult | Exception) -> None:
            if future.done():
                return
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

        def answer(result: CommitResult | Exception) -> None:
            try:
                loop.call_soon_threadsafe(settle, result)
            except RuntimeError:  # The loop is closed: nobody waits any more.
                return

        self._jobs.put(Job(writes, checks, durable, answer, guard))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
            self._thread.start()
        return await future

    def commit_at_once(
        self,
        writes: Sequence[Write],
        checks: Sequence[Callable[[sqlite3.Connection], bool]],
    ) -> None:
        """Do writes in the caller's thread, unjudged, or nothing if a check fails.

        Only before the first `commit`. Raises StoreError, sqlite3.Error.
        """
        job = Job(writes, checks, is_durable=True, answer=lambda _answer: None, guard=None)
        answer = self._do([job])[0]
        self._drop_connection()
        if isinstance(answer, CommitResult):
            self._tell_others()
            self._tell_own()
        elif not isinstance(answer, Stale):
            raise answer

    async def close(self) -> None:
        """Take no more commits, do those that wait, then end the thread."""
        self._is_closed = True
        thread, self._thread = self._thread, None
        if thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(thread.join)

    # -- in the writer's thread --

    def _run(self) -> None:
        last = False
        while not last:
            job = self._jobs.get()
            if job is None:
                break
            group, last = self._group(job)
            answers = self._do(group)
            is_done = any(isinstance(answer, CommitResult) for answer in answers)
            # An import's follow each other, and each would cost everybody who watches a read.
            is_told = is_done and not _is_import(group)
            if is_told:
                self._tell_others()
            for one, answer in zip(group, answers, strict=True):
                one.answer(answer)
            if is_told:
                self._tell_own()
        self._push.close()
        self._drop_connection()

    def _drop_connection(self) -> None:
        """Close the connection; after an error, the next commit begins with a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _group(self, first: Job) -> tuple[list[Job], bool]:
        """Take further jobs that wait; the second value says that the end is among them."""
        group, size = [first], count_of(first.writes)
        while size < _MOST_GROUPED:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
            size += count_of(job.writes)
        return group, False

    def _do(self, group: list[Job]) -> list[CommitResult | Exception]:
        """Do jobs in one SQLite transaction; one by one when that fails."""
        try:
            return self._transaction(group)
        except StoreError as error:
            return [error for _job in group]
        except Exception as error:  # Handed on: every caller gets the answer to its own commit.
            if len(group) > 1:
                return [answer for job in group for answer in self._do([job])]
            if not isinstance(error, sqlite3.Error):
                return [error]
            self._drop_connection()
            return [store_error(error, self._database.path)]

    def _transaction(self, group: list[Job]) -> list[CommitResult | Exception]:
        self._database.check_presence()
        if self._connection is None:
            self._connection = self._database.connect(lock_seconds=0)
        connection = self._connection
        ready = [self._prepare(job) for job in group]  # Before the lock, which others wait for.
        # NORMAL leaves the log to the next FULL commit, whose wait for the disk is for all of it.
        level = "FULL" if _is_durable(group) else "NORMAL"
        connection.execute(f"PRAGMA synchronous={level}")
        if (rest := self._free_until - time.monotonic()) > 0:
            time.sleep(rest)
        reach("store.commit.begin")
        patiently(lambda: connection.execute("BEGIN IMMEDIATE"), seconds=LOCK_SECONDS)
        try:
            seq, last_time, version = connection.execute(
                "SELECT seq, commit_time, indexes_version FROM state"
            ).fetchone()
            if version != self._catalogue.version:
                self._catalogue = Catalogue.load(connection)
            answers: list[CommitResult | Exception] = []
            for job, prepared in zip(group, ready, strict=True):
                try:
                    commit = self._one(connection, job, prepared, seq, last_time)
                except (Stale, StoreError) as error:
                    answers.append(error)
                else:
                    seq, last_time = commit.seq, to_microseconds(commit.moment)
                    answers.append(CommitResult(commit.moment))
            self._last_time = last_time
            if any(isinstance(answer, CommitResult) for answer in answers):
                connection.execute("UPDATE state SET seq = ?, commit_time = ?", (seq, last_time))
                reach("store.commit.end")
                connection.execute("COMMIT")
                reach("store.commit.answer")
            else:
                connection.execute("ROLLBACK")
        except BaseException:
            rollback(connection)
            raise
        if _size(group) >= _LARGE:
            self._free_until = time.monotonic() + 2 * LOCK_STEP
            if level == "NORMAL":
                self._push.ask()
        return answers

    def _prepare(self, job: Job) -> Prepared | StoreError:
        """Prepare a job for a commit time that is later than all that we know of."""
        self._last_time = max(self._last_time + 1, to_microseconds(self._clock()))
        try:
            return prepare(job.writes, from_microseconds(self._last_time))
        except StoreError as error:
            return error

    def _one(
        self,
        connection: sqlite3.Connection,
        job: Job,
        prepared: Prepared | StoreError,
        seq: int,
        last_time: int,
    ) -> Commit:
        """Do one job after the commit with this number and time. Raises Stale, StoreError."""
        if isinstance(prepared, StoreError):
            raise prepared
        if to_microseconds(prepared.moment) <= last_time:  # Another process was quicker.
            prepared = prepare(job.writes, from_microseconds(last_time + 1))
        if not all(check(connection) for check in job.checks):
            raise Stale
        commit = Commit(connection, self._catalogue, prepared, seq, job.guard)
        commit.apply()
        return commit


def _is_durable(group: list[Job]) -> bool:
    """Whether somebody waits for the disk."""
    return any(job.is_durable for job in group)


def _is_import(group: list[Job]) -> bool:
    """Whether so much is written, of what nobody waits for, that more of it is to follow."""
    return not _is_durable(group) and _size(group) >= _LARGE


def _size(group: list[Job]) -> int:
    """Return how many documents are written, at the most."""
    return sum(count_of(job.writes) for job in group)
