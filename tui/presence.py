"""Telling colleagues which chat is open here, for as long as somebody sits at the console."""

import asyncio
import contextlib
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.errors import CapcoadaError
from core.service.presence import PresenceTeller, Sign
from tui.later import later
from tui.services import Services
from tui.world import World

if TYPE_CHECKING:
    from tui.widgets.chat_pane import ChatPane

IDLE_AFTER: Final = timedelta(minutes=5)
"""So long after the last key nobody sits here any more."""
_LEAVING_SECONDS = 0.5
"""How long leaving the console may wait for the bridge to hear of it."""

_log = logging.getLogger(__name__)


class Presence:
    """Tells the bridge which chat is looked at; where no colleague could see it, tells nothing."""

    def __init__(self, pane: "ChatPane", services: Services, world: World) -> None:
        self._pane = pane
        self._bridge = services.bridge
        self._world = world
        self._teller = PresenceTeller(services.clock)
        self._woken = asyncio.Event()

    def begin(self) -> None:
        """Tell from now on, until the pane is gone."""
        self._pane.run_worker(
            later(self._run), name="presence", group="presence",
            description="tells colleagues which chat is open",
        )  # fmt: skip

    def look(self) -> None:
        """Take note of what is open before the operator now."""
        thread = self._pane.thread
        is_told = thread is not None and self._is_looked_at()
        if is_told and thread is not None and self._world.team.colleagues(thread.account_id):
            self._teller.look_at(thread.id)
        else:
            self._teller.look_at("")
        self._woken.set()

    def typed(self, *, is_typing: bool) -> None:
        """Take note that the operator writes, or is done with it."""
        self._teller.type(is_typing=is_typing)
        self.look()

    async def leave(self) -> None:
        """Tell that nobody looks any more; wait for it no longer than a moment."""
        thread_id, state = self._teller.last
        if state != "left":
            with contextlib.suppress(TimeoutError):  # it runs out by itself
                async with asyncio.timeout(_LEAVING_SECONDS):
                    await self._tell((thread_id, "left"))

    def _is_looked_at(self) -> bool:
        """Whether the chat, or the event beside it, is on the screen and somebody sits there."""
        screen = self._pane.screen
        is_here = screen in self._pane.app.screen_stack
        is_shown = not screen.has_class("-narrow") or bool(screen.classes & {"-chat", "-panel"})
        last_key = self._world.last_input_at
        return is_here and is_shown and self._world.clock() < last_key + IDLE_AFTER

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            while (sign := self._teller.due()) is not None:
                self._teller.told(sign)
                await self._tell(sign)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._teller.wait_seconds()):
                    await self._woken.wait()

    async def _tell(self, sign: Sign) -> None:
        from core.service.callables import PresenceRequest  # noqa: PLC0415 - after the first frame

        try:
            await self._bridge.call(PresenceRequest(thread_id=sign[0], state=sign[1]))
        except CapcoadaError as error:
            _log.info("presence was not told: %s", error)
