"""Following the store: a watch becomes messages, at a bounded pace, and never ends silently."""

import asyncio
import logging
from collections.abc import Callable

from core.errors import CapcoadaError
from core.store.port import Query, Snapshot, Store

PACE_SECONDS = 0.08
"""Least time between two deliveries of one watch: the watch collapses what comes between them."""
RETRY_SECONDS = 2.0
"""How long a watch that failed is left alone before it is opened anew."""

_log = logging.getLogger(__name__)


async def follow(store: Store, target: Query | str, deliver: Callable[[Snapshot], None]) -> None:
    """Deliver every snapshot of a watched target until cancelled; reopen the watch if it fails.

    A failure is delivered as a snapshot that is not live, so that the screen can say so.
    """
    while True:
        watch = store.watch(target)
        try:
            async for snapshot in watch:
                deliver(snapshot)
                await asyncio.sleep(PACE_SECONDS)
        except CapcoadaError as error:
            _log.warning("a watch failed and will be reopened: %s", error)
            deliver(Snapshot((), (), is_live=False, error=str(error)))
        finally:
            await watch.close()
        await asyncio.sleep(RETRY_SECONDS)
