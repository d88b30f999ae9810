"""The console's app: it only wires places, themes, keys and the tasks that follow the world."""

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.binding import BindingType
from textual.command import CommandPalette, Provider

from core.i18n import _
from core.service.accounts import ACCOUNTS_QUERY, account_views
from core.store.errors import StoreError
from tui import last_frame
from tui.commands import APP_COMMANDS, bindings_of
from tui.events import HealthChanged, WatchDelivered
from tui.health import poll_health
from tui.later import later
from tui.live import Live
from tui.places import PLACES
from tui.services import Services
from tui.shell import STYLES, Shell
from tui.steady import steady
from tui.world import World

if TYPE_CHECKING:
    from core.service.search import SearchRow
    from tui.screens.base import PlaceScreen


class CapcoadaApp(Shell):
    """The operator's console."""

    DEFAULT_MODE: ClassVar[str] = PLACES[0].id
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(APP_COMMANDS, "app")]
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        STYLES / "app.tcss",
        STYLES / "inbox.tcss",
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        lambda: import_module("tui.commands.palette").CommandProvider,
        lambda: import_module("tui.commands.palette").AccountProvider,
        lambda: import_module("tui.commands.palette").ThreadProvider,
    }

    def __init__(self, services: Services) -> None:
        super().__init__(services.settings.console)
        self.services = services
        self.is_asking_who = False
        """Whether the console is covered until somebody signs in."""
        self.world = World(services.clock, Live(self, services.store))
        for place in PLACES:
            self.add_mode(place.id, place.opener(self))

    async def on_load(self) -> None:
        """Read what the first frame shows, so that it is there when the frame is painted.

        A store that is not on this machine is not waited for: its watches bring all of it.
        """
        if self.services.settings.cloud.project:
            return
        try:
            documents = await self.services.store.query(ACCOUNTS_QUERY)
        except StoreError as error:
            self.world.update(store_problem=str(error))
        else:
            self.world.update(accounts=account_views(documents))

    def on_ready(self) -> None:
        """Follow the world once the first frame is painted: this comes when it is laid out."""
        self.call_after_refresh(self._follow_world)

    def _follow_world(self) -> None:
        """Follow the accounts and the bridge."""
        self.world.live.watch("accounts", ACCOUNTS_QUERY, self)
        self.world.live.begin()
        self.run_worker(
            later(poll_health, self.services.bridge, self._deliver_health),
            name="bridge-health",
            group="bridge-health",
            description="asks the bridge how it is",
        )
        if self.is_signed_in:
            from tui.sign_in import follow_sign_in  # noqa: PLC0415 - not on a machine of its own

            self.run_worker(
                later(follow_sign_in, self),
                name="sign-in",
                group="sign-in",
                description="keeps the sign-in fresh and asks for it again when it is over",
            )
        self.watch_terminal()

    @property
    def is_signed_in(self) -> bool:
        """Whether the operator signed in, and so can sign out."""
        return bool(self.services.session.email)

    def action_go(self, place: str) -> None:
        """Show a place."""
        if self.current_mode != place:
            self.switch_mode(place)

    async def action_profile(self, phone: str = "") -> None:
        """Show the profile of a client: of this number, or whoever the place at hand is about."""
        from tui.screens.client import ClientScreen  # noqa: PLC0415 - when first asked for

        phone = phone or getattr(self.screen, "client_phone", "")
        self.action_go("client")
        if isinstance(self.screen, ClientScreen):
            await self.screen.show_client(phone)

    @work(group="sign-out", exclusive=True)
    async def action_sign_out(self) -> None:
        """Ask, and let somebody else sign in."""
        from tui.sign_in import sign_out  # noqa: PLC0415 - when first asked for

        await sign_out(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nobody sign out who never signed in, nor look around who has to sign in."""
        if action == "sign_out":
            return self.is_signed_in
        if action in ("command_palette", "find_messages") and self.is_asking_who:
            return False
        return super().check_action(action, parameters)

    def action_command_palette(self) -> None:
        """Open the palette, asking in the operator's language."""
        if not isinstance(self.screen, CommandPalette):
            placeholder = _("Command, account, name or number…")
            self.push_screen(CommandPalette(placeholder=placeholder))

    def action_find_messages(self) -> None:
        """Find a message by its words and go to it."""
        from tui.screens.base import PlaceScreen  # noqa: PLC0415 - when first asked for
        from tui.screens.search import SearchScreen  # noqa: PLC0415

        if isinstance(self.screen, PlaceScreen):
            self.push_screen(SearchScreen(self.services, self.world), self._go_to_message)

    async def _go_to_message(self, found: "SearchRow | None") -> None:
        if found is not None:
            message = (found.moment, found.message_id)
            await cast("PlaceScreen", self.screen).open_chat(found.thread_id, message)

    def exit(self, *args: Any, **kwargs: Any) -> None:
        """Leave, and keep the conversations as they stand for the next start."""
        is_uncovered = self.current_mode == self.DEFAULT_MODE and len(self.screen_stack) == 1
        if is_uncovered and not self.is_headless:
            self._keep_frame()
        super().exit(*args, **kwargs)

    def _keep_frame(self) -> None:
        now = self.services.clock().astimezone(self.services.zone)
        mark = _(" As it was at {time} · opening… ").format(time=f"{now:%H:%M}")
        strips = self.screen._compositor.render_strips()
        lines = (steady(strip.render(self.console)) for strip in strips)
        last_frame.keep(str(self.services.folder.root), lines, mark.ljust(self.size.width))

    async def on_unmount(self) -> None:
        """Let go of the outside world."""
        await self.services.bridge.close()
        await self.services.store.close()
        await self.services.session.close()

    @on(WatchDelivered)
    def _accounts_delivered(self, event: WatchDelivered) -> None:
        if event.name == "accounts":
            snapshot = event.snapshot
            if snapshot.is_live:
                self.world.update(accounts=account_views(snapshot.documents), store_problem="")
            else:
                self.world.update(store_problem=snapshot.error or _("The store is away."))

    def _deliver_health(self, changed: HealthChanged) -> None:
        self.world.update(health=changed)
