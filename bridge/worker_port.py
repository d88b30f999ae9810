"""What the bridge needs of an account worker, whatever program it is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from bridge.whatsapp.protocol import Command, Reply, Report


class Worker(Protocol):
    """One running account worker."""

    async def report(self) -> Report | None:
        """Return the next report, replies left out; None once the worker is gone.

        May be cancelled without losing a report.
        """
        ...

    async def tell(self, command: Command) -> None:
        """Give a command that has no reply; a worker that is gone takes it as done."""
        ...

    def ask(self, command: Command) -> asyncio.Future[Reply]:
        """Give a command and return its reply to come; the id is set here.

        When the worker goes away first, the reply says `outcome_unknown`, or `not_connected` when
        the command was never given.
        """
        ...

    async def end(self, *, grace_seconds: float) -> None:
        """Ask the worker to stop, kill it after the grace, and wait until it is gone."""
        ...


StartWorker = Callable[[str, str], Awaitable[Worker]]
"""Starts the worker of an account id, given the address of its linked device or an empty text.

Raises WorkerError or OSError when that fails.
"""
