"""What every place has: the status line on top, the key line at the bottom, its body between."""

from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.events import ScreenResume
from textual.geometry import Size
from textual.screen import Screen

from core.errors import CapcoadaError
from core.i18n import _
from core.model.ids import THREADS
from core.store.port import Query
from tui.services import Services
from tui.widgets.key_bar import KeyBar
from tui.widgets.status_bar import StatusBar
from tui.world import World

if TYPE_CHECKING:
    from core.service.window import Key
    from tui.app import CapcoadaApp
    from tui.screens.inbox import InboxScreen

_MOST_THREADS = 50


class PlaceScreen(Screen[None]):
    """A place of the console; a subclass composes its body in `compose_body`."""

    BLANK = True  # lines and body cover it: Textual need not paint it line by line

    def __init__(self, services: Services, world: World) -> None:
        super().__init__()
        self.services = services
        self.world = world

    def compose(self) -> ComposeResult:
        """Put the lines around the body."""
        yield StatusBar(self.world, self.services.settings.business.name)
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """Yield the widgets of this place."""
        raise NotImplementedError

    @on(ScreenResume)
    def _resumed(self, event: ScreenResume) -> None:
        """Style nothing twice: for the first time it was styled just now, when it was mounted."""
        event.refresh_styles = event.refresh_styles and self.stack_updates > 0

    def _compositor_refresh(self) -> None:
        """Paint nothing while the app holds back what is painted: Textual would throw it away."""
        if not self.app._batch_count:
            super()._compositor_refresh()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        """Lay nothing out meanwhile either: the first frame is laid out once and not twice."""
        if self.app._batch_count:
            self._layout_required = True
        else:
            super()._refresh_layout(self.app.size if size is None else size, scroll)

    # -- to other places --------------------------------------------------------------------------

    def console_go(self, place: str) -> None:
        """Go to another place."""
        cast("CapcoadaApp", self.app).action_go(place)

    async def open_chat_of(self, phone: str) -> None:
        """Go to the newest conversation with a number, or say that there is none."""
        scope = self.world.team.scope
        query = scope.narrow(Query(THREADS)).where("phoneE164", "==", phone).limit(_MOST_THREADS)
        try:
            found = await self.services.store.query(query) if phone and not scope.is_empty else []
        except CapcoadaError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        if not found:
            self.notify(_("There is no conversation with this number."), markup=False)
            return
        newest = max(found, key=lambda each: str(each.data.get("lastMessageAt") or ""))
        await self.open_chat(newest.id)

    async def open_chat(self, thread_id: str, message: "Key | None" = None) -> None:
        """Go to a conversation, and there to a message if its moment and id are given."""
        app = self.app
        self.console_go("inbox")
        inbox = cast("InboxScreen", app.screen)
        await inbox.open_thread(thread_id)
        if message is not None and inbox.chat.thread_id == thread_id:
            await inbox.chat.reveal(*message)
