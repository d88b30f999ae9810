"""Following the store: a watch becomes messages, at a bounded pace, and never ends silently."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from core.errors import CapcoadaError
from core.i18n import _
from core.store.errors import PermissionDenied
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
DENIED_SECONDS = 30.0
"""The same for one that the rules refuse: they seldom change their mind, and asking costs."""

_log = logging.getLogger(__name__)


class Live:
    """Starts and ends the app's named tasks that follow the store."""

    def __init__(self, app: "App[Any]", store: Store) -> None:
        self._app = app
        self._store = store
        self._starts: dict[str, Callable[[], object]] = {}
        """What is to be followed: by name, what starts it."""
        self._kept: tuple[str, ...] | None = ()
        """What is followed while the rest waits; None while nothing waits."""

    def begin(self) -> None:
        """Follow everything that was asked for; at the start it waits for the first frame."""
        kept, self._kept = self._kept or (), None
        for name, start in self._starts.items():
            if name not in kept:
                start()

    def hold(self, *kept: str) -> None:
        """Follow nothing but what is named, until `begin`."""
        self._kept = kept
        for name in self._starts:
            if name not in kept:
                self._cancel(name)

    def watch(
        self,
        name: str,
        target: Query | str,
        receiver: "MessagePump",
        *,
        tag: str = "",
        pace_seconds: float = PACE_SECONDS,
        rest_seconds: float = 0.0,
    ) -> None:
        """Follow a query or a document; `receiver` gets `WatchDelivered` with name and tag.

        What was followed under that name before is no longer; a message of it may still be on its
        way, which is what the tag tells apart. What is replaced within `rest_seconds` is never
        asked of the store.
        """

        def deliver(snapshot: Snapshot) -> None:
            receiver.post_message(WatchDelivered(name, snapshot, tag))

        start = partial(
            self._app.run_worker,
            later(follow, self._store, target, deliver, pace_seconds, rest_seconds),
            name=f"watch-{name}",
            group=f"watch-{name}",
            exclusive=True,
            description=f"follows {name} in the store",
        )
        self._starts[name] = start
        if self._kept is None or name in self._kept:
            start()

    def unwatch(self, name: str) -> None:
        """No longer follow what is followed under that name."""
        if self._starts.pop(name, None) is not None:
            self._cancel(name)

    def _cancel(self, name: str) -> None:
        self._app.workers.cancel_group(self._app, f"watch-{name}")


class Outages:
    """Which of several watches are not live, and why: what they show together is not, then."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def note(self, event: WatchDelivered) -> None:
        """Take note of whether a watch was live when it delivered."""
        if event.snapshot.is_live:
            self._reasons.pop(event.name, None)
        else:
            self._reasons[event.name] = event.snapshot.error or _("The store is away.")

    def forget(self, *names: str) -> None:
        """Forget watches that are followed no longer, or begin anew."""
        for name in names:
            self._reasons.pop(name, None)

    @property
    def reason(self) -> str:
        """Why not all is live; empty when it is."""
        return next(iter(self._reasons.values()), "")


async def follow(
    store: Store,
    target: Query | str,
    deliver: Callable[[Snapshot], None],
    pace_seconds: float = PACE_SECONDS,
    rest_seconds: float = 0.0,
) -> None:
    """Deliver every snapshot of a watched target until cancelled; reopen the watch if it fails.

    A failure is delivered as a snapshot that is not live, so that the screen can say so.
    """
    await asyncio.sleep(rest_seconds)
    while True:
        pause = RETRY_SECONDS
        watch = store.watch(target)
        try:
            async for snapshot in watch:
                deliver(snapshot)
                await asyncio.sleep(pace_seconds)
        except CapcoadaError as error:
            _log.warning("a watch failed and will be reopened: %s", error)
            deliver(Snapshot((), (), is_live=False, error=str(error)))
            if isinstance(error, PermissionDenied):
                pause = DENIED_SECONDS
        finally:
            await watch.close()
        await asyncio.sleep(pause)
