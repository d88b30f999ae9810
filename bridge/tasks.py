"""Background tasks that have an owner, a name, and one place where their errors land."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextvars import Context

_log = logging.getLogger(__name__)

_FIRST_DELAY_SECONDS = 1.0
_LONGEST_DELAY_SECONDS = 60.0
_SOUND_SECONDS = 60.0
"""A run this long counts as sound: the next failure starts from the first delay."""


async def keep_running(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` until it returns; log what it raises and begin anew after a growing pause.

    The boundary that keeps a fault in one account from reaching another.
    """
    loop = asyncio.get_running_loop()
    delay = _FIRST_DELAY_SECONDS
    while True:
        began = loop.time()
        try:
            await work()
        except Exception:
            _log.exception("%s failed; it begins anew", name)
        else:
            return
        if loop.time() - began > _SOUND_SECONDS:
            delay = _FIRST_DELAY_SECONDS
        await asyncio.sleep(delay)
        delay = min(delay * 2, _LONGEST_DELAY_SECONDS)


def start_task(name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    """Start work that is kept running; the caller owns the task.

    Work that a call starts outlives it, and does not go on in the caller's language.
    """
    return asyncio.create_task(keep_running(name, work), name=name, context=Context())


async def cancel_all(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks and wait until each has ended; what they raised is logged."""
    waited = list(tasks)
    for task in waited:
        task.cancel()
    if waited:
        await asyncio.wait(waited)
    for task in waited:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s ended badly", task.get_name(), exc_info=error)
