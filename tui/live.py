"""Following the store: a watch becomes messages, at a bounded pace, and never ends silently."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from core.errors import CapcoadaError
from core.store.port import Query, Snapshot, Store
from tui.events import WatchDelivered
from tui.later import later

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump

PACE_SECONDS = 0.1
"""Least time between two deliveries of one watch: the watch collapses what comes between them."""
RETRY_SECONDS = 2.0
"""How long a watch that failed is left alone before it is opened anew."""

_log = logging.getLogger(__name__)


class Live:
    """Starts and ends the app's named tasks that follow the store."""

    def __init__(self, app: "App[Any]", store: Store) -> None:
        self._app = app
        self._store = store
        self._waiting: dict[str, Callable[[], object]] | None = {}
        """What to start, by name, once the first frame is painted; None afterwards."""

    def begin(self) -> None:
        """Start what was asked for so far; before, everything waits for the first frame."""
        waiting, self._waiting = self._waiting or {}, None
        for start in waiting.values():
            start()

    def watch(
        self,
        name: str,
        target: Query | str,
        receiver: "MessagePump",
        *,
        tag: str = "",
        pace_seconds: float = PACE_SECONDS,
    ) -> None:
        """Follow a query or a document; `receiver` gets `WatchDelivered` with name and tag.

        What was followed under that name before is no longer; a message of it may still be on its
        way, which is what the tag tells apart.
        """

        def deliver(snapshot: Snapshot) -> None:
            receiver.post_message(WatchDelivered(name, snapshot, tag))

        start = partial(
            self._app.run_worker,
            later(follow, self._store, target, deliver, pace_seconds),
            name=f"watch-{name}",
            group=f"watch-{name}",
            exclusive=True,
            description=f"follows {name} in the store",
        )
        if self._waiting is None:
            start()
        else:
            self._waiting[name] = start

    def unwatch(self, name: str) -> None:
        """No longer follow what is followed under that name."""
        if self._waiting is not None:
            self._waiting.pop(name, None)
        self._app.workers.cancel_group(self._app, f"watch-{name}")


async def follow(
    store: Store,
    target: Query | str,
    deliver: Callable[[Snapshot], None],
    pace_seconds: float = PACE_SECONDS,
) -> None:
    """Deliver every snapshot of a watched target until cancelled; reopen the watch if it fails.

    A failure is delivered as a snapshot that is not live, so that the screen can say so.
    """
    while True:
        watch = store.watch(target)
        try:
            async for snapshot in watch:
                deliver(snapshot)
                await asyncio.sleep(pace_seconds)
        except CapcoadaError as error:
            _log.warning("a watch failed and will be reopened: %s", error)
            deliver(Snapshot((), (), is_live=False, error=str(error)))
        finally:
            await watch.close()
        await asyncio.sleep(RETRY_SECONDS)
