"""Who else answers the open chat: adding co-writers, handing it over, taking it over."""

from typing import TYPE_CHECKING

from core.errors import CapcoadaError
from core.i18n import _
from core.service.inbox import ThreadRow
from core.service.staff import shown_name
from tui.services import Services
from tui.world import World

if TYPE_CHECKING:
    from core.service.callables import Request, WritersAnswer
    from tui.widgets.chat_pane import ChatPane


class Sharing:
    """Asks the operator whom, and the bridge to do it; the thread's watch then shows it."""

    def __init__(self, pane: "ChatPane", services: Services, world: World) -> None:
        self._pane = pane
        self._bridge = services.bridge
        self._world = world

    def may(self, action: str) -> bool:
        """Whether it makes sense now: somebody to share with, and the right to."""
        thread, team = self._pane.thread, self._world.team
        if thread is None or not team.colleagues(thread.account_id):
            return False
        if action == "take_over":
            return team.is_admin and thread.owner_uid != team.uid
        if action == "co_writers" and team.uid in thread.co_writer_uids:
            return True
        return team.may_share(thread.owner_uid)

    async def choose_co_writer(self) -> None:
        """Let a colleague write in the open chat, or no longer; a co-writer can leave it."""
        from core.service.callables import (  # noqa: PLC0415 - after the first frame
            AddCoWriterRequest,
            RemoveCoWriterRequest,
        )

        if (thread := self._pane.thread) is None:
            return
        team = self._world.team
        if not team.may_share(thread.owner_uid):
            if await self._confirm_leaving(thread):
                request = RemoveCoWriterRequest(thread_id=thread.id, uid=team.uid)
                await self._ask(request, team.uid, _("You no longer write here."))
            return
        keys = _("enter adds or removes · escape goes back")
        uid = await self._choose(thread, _("Who else may write to {name}?"), keys)
        if uid is None:
            return
        if uid in thread.co_writer_uids:
            done = _("{name} may no longer write here.")
            await self._ask(RemoveCoWriterRequest(thread_id=thread.id, uid=uid), uid, done)
        else:
            done = _("{name} may write here now.")
            await self._ask(AddCoWriterRequest(thread_id=thread.id, uid=uid), uid, done)

    async def _confirm_leaving(self, thread: ThreadRow) -> bool:
        from tui.screens.dialogs import Confirm  # noqa: PLC0415 - when first asked for

        owner = self._world.team.name(thread.owner_uid)
        return await self._pane.app.push_screen_wait(
            Confirm(
                _("Stop writing to {name}?").format(name=thread.name),
                _("You may still read along; {owner} can let you write again.").format(owner=owner),
            )
        )

    async def choose_owner(self) -> None:
        """Make a colleague the one who answers the open chat."""
        if (thread := self._pane.thread) is None:
            return
        keys = _("enter hands over · escape goes back")
        uid = await self._choose(thread, _("Who answers {name} from now on?"), keys)
        if uid is not None:
            await self._hand_over(thread, uid, _("{name} answers this conversation now."))

    async def take_over(self) -> None:
        """Answer the open chat oneself from now on."""
        if (thread := self._pane.thread) is not None:
            uid = self._world.team.uid
            await self._hand_over(thread, uid, _("You answer this conversation now."))

    async def _hand_over(self, thread: ThreadRow, uid: str, done: str) -> None:
        from core.service.callables import HandOverRequest  # noqa: PLC0415 - after the first frame

        await self._ask(HandOverRequest(thread_id=thread.id, uid=uid), uid, done)

    async def _choose(self, thread: ThreadRow, title: str, keys: str) -> str | None:
        from tui.screens.pick_operator import PickOperator  # noqa: PLC0415 - when first asked for

        team = self._world.team
        others = [each for each in team.colleagues(thread.account_id)
                  if each.uid != thread.owner_uid]  # fmt: skip
        marks = dict.fromkeys(thread.co_writer_uids, _("writes here"))
        names = {each.uid: shown_name(each, each.uid) for each in others}
        question = title.format(name=thread.name)
        return await self._pane.app.push_screen_wait(PickOperator(question, keys, names, marks))

    async def _ask(self, request: "Request[WritersAnswer]", uid: str, done: str) -> None:
        try:
            await self._bridge.call(request)
        except CapcoadaError as error:
            self._pane.notify(str(error), title=_("Not done"), severity="error", markup=False)
        else:
            text = done.format(name=self._world.team.name(uid))
            self._pane.notify(text, markup=False, timeout=4)
