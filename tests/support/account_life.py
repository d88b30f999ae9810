"""An account beside a script, in virtual time."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bridge.account_runner import AccountRunner
from bridge.account_state import AccountState
from bridge.backoff import BackoffPolicy
from bridge.whatsapp.protocol import (
    Connection,
)
from tests.support.fake_worker import FakeWorker
from tests.support.virtual_time import clock, run_virtually

JID = "40700000001@s.whatsapp.net"
CONNECTED = Connection(kind="connected")


class Life:
    """A runner with the workers that it started."""

    def __init__(self, folder: Path, state: AccountState, make: Callable[[], FakeWorker]) -> None:
        self.workers: list[FakeWorker] = []
        self.started_at: list[float] = []
        self.shown: list[AccountState] = []
        self.advanced = 0
        self.paired = 0
        self.failure: Exception | None = None
        self.starts_slowly: asyncio.Event | None = None
        """What a worker that is being started waits for."""

        async def start(_account_id: str, _device: str) -> FakeWorker:
            self.started_at.append(asyncio.get_running_loop().time())
            if self.starts_slowly is not None:
                await self.starts_slowly.wait()
            if self.failure is not None:
                raise self.failure
            self.workers.append(make())
            return self.workers[-1]

        self.runner = AccountRunner(
            "WA-01",
            state,
            start_worker=start,
            show=self.shown.append,
            journal_advanced=self._advance,
            paired=self._pair,
            clock=clock,
            connects_file=folder / "connects.json",
            policy=BackoffPolicy(jitter=0.0),
            chance=random.Random(1),
        )

    @property
    def worker(self) -> FakeWorker:
        return self.workers[-1]

    @property
    def seen(self) -> tuple[str, str]:
        return self.runner.state.status, self.runner.state.code

    def _advance(self) -> None:
        self.advanced += 1

    def _pair(self) -> None:
        self.paired += 1


def live(
    folder: Path,
    script: Callable[[Life], Coroutine[Any, Any, None]],
    *,
    state: AccountState = AccountState(),  # noqa: B008 - frozen
    has_session: bool = True,
) -> Life:
    """Run a script beside a runner in virtual time."""

    async def both() -> Life:
        life = Life(folder, state, lambda: FakeWorker(has_session=has_session))
        task = asyncio.create_task(life.runner.run())
        await asyncio.sleep(0.001)
        try:
            await script(life)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert all(worker.is_gone for worker in life.workers)
        return life

    return run_virtually(both())


async def moment() -> None:
    await asyncio.sleep(0.001)
