"""The console's app: it only wires places, themes, keys and the tasks that follow the world."""

import asyncio
import signal
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, Provider
from textual.driver import Driver
from textual.events import Event, InputEvent

from core.i18n import _
from core.model.documents import StaffProfile
from core.model.ids import staff_path
from core.service.accounts import account_views, accounts_query
from core.service.staff import (
    STAFF_QUERY,
    Team,
    make_first_admin,
    read_profile,
    read_profiles,
)
from core.store.errors import StoreError
from tui import last_frame
from tui.commands import APP_COMMANDS, bindings_of
from tui.commands.keys import show_key
from tui.events import HealthChanged, WatchDelivered
from tui.hangup import POLL_SECONDS, has_hung_up
from tui.health import poll_health
from tui.later import later
from tui.live import Live
from tui.places import PLACES
from tui.services import Services
from tui.steady import steady, steady_driver
from tui.themes import DARK, DEFAULT_THEME, THEMES
from tui.world import World

_STYLES = Path(__file__).parent / "styles"
_OWN_PROFILE = "own-profile"
"""The watch that goes on while the operator is shut out."""


class CapcoadaApp(App[int]):
    """The operator's console."""

    TITLE = "capcoada"
    DEFAULT_MODE: ClassVar[str] = PLACES[0].id
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(APP_COMMANDS, "app")]
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        _STYLES / "app.tcss",
        _STYLES / "inbox.tcss",
    ]
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [  # type: ignore[misc]
        (0, "-narrow"),
        (100, "-wide"),
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        lambda: import_module("tui.commands.palette").CommandProvider,
        lambda: import_module("tui.commands.palette").AccountProvider,
        lambda: import_module("tui.commands.palette").ThreadProvider,
    }

    _has_theme = False

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.world = World(services.clock, Live(self, services.store), services.session.uid)
        self._mode_before = self.DEFAULT_MODE
        """Where the operator was when they were shut out."""
        for place in PLACES:
            self.add_mode(place.id, place.opener(self))
        for theme in THEMES:
            self.register_theme(theme)
        wanted = services.settings.console.theme
        self._begin_with_theme(wanted if wanted in self.available_themes else DEFAULT_THEME)
        self.set_keymap(services.settings.console.keys)

    def _begin_with_theme(self, name: str) -> None:
        """Take a theme from the start: setting it later would parse every style sheet again."""
        self._has_theme = True
        self.set_reactive(App.theme, name)
        theme = self.current_theme
        self.set_class(True, f"-theme-{theme.name}", update=False)
        self.set_class(theme.dark, "-dark-mode", update=False)
        self.set_class(not theme.dark, "-light-mode", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_driver_class(self) -> type[Driver]:
        """Write to the terminal only what every terminal draws equally wide."""
        return steady_driver(super().get_driver_class())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give other themes the tokens that ours bring."""
        return dict(DARK.variables)

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables; none before it is chosen, as nothing is styled yet."""
        return super().get_css_variables() if self._has_theme else {}

    async def on_load(self) -> None:
        """Read what the first frame shows, so that it is there when the frame is painted."""
        store, uid = self.services.store, self.services.session.uid
        try:
            if not self.services.settings.cloud.project:
                await make_first_admin(store, self.services.settings.operator)
            profile = read_profile(await store.get(staff_path(uid)))
            team = Team(uid, profile, is_known=True)
            self.world.update(team=team)
            if not team.scope.is_empty:
                documents = await store.query(accounts_query(team.scope))
                self.world.update(accounts=account_views(documents))
        except StoreError as error:
            self.world.update(store_problem=str(error))

    def on_ready(self) -> None:
        """Follow the world once the first frame is painted: this comes when it is laid out."""
        self.call_after_refresh(self._follow_world)

    def _follow_world(self) -> None:
        """Follow the operators, the accounts and the bridge."""
        live, team = self.world.live, self.world.team
        live.hold(_OWN_PROFILE)
        live.watch(_OWN_PROFILE, staff_path(team.uid), self)
        live.watch("staff", STAFF_QUERY, self)
        self._follow_accounts()
        if team.is_shut_out:
            self._shut_out()
        else:
            live.begin()
        self.run_worker(
            later(poll_health, self.services.bridge, self._deliver_health),
            name="bridge-health",
            group="bridge-health",
            description="asks the bridge how it is",
        )
        if not self.is_headless:
            self.set_interval(POLL_SECONDS, self._leave_closed_terminal)
            for number in (signal.SIGHUP, signal.SIGTERM):
                leave = partial(self.exit, return_code=128 + number)
                asyncio.get_running_loop().add_signal_handler(number, leave)

    def _leave_closed_terminal(self) -> None:
        """End when the window was closed without a signal, as a lost connection may do it."""
        if has_hung_up(sys.__stdin__.fileno()):  # type: ignore[union-attr]  # a terminal was there
            self.exit(1)

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

    def get_key_display(self, binding: Binding) -> str:
        """Return a binding's key as footer and help show it."""
        return show_key(binding.key)

    def action_command_palette(self) -> None:
        """Open the palette, asking in the operator's language."""
        if not isinstance(self.screen, CommandPalette):
            placeholder = _("Command, account, name or number…")
            self.push_screen(CommandPalette(placeholder=placeholder))

    def action_help(self) -> None:
        """Explain what has the focus, with the keys that work there."""
        from tui.screens.help import HelpScreen, topics_of  # noqa: PLC0415 - when first asked for

        self.push_screen(HelpScreen(topics_of(self.screen)))

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

    async def on_event(self, event: Event) -> None:
        """Take note that somebody sits here."""
        if isinstance(event, InputEvent):
            self.world.last_input_at = self.services.clock()
        await super().on_event(event)

    # -- what the store and the bridge say --------------------------------------------------------

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        snapshot = event.snapshot
        if event.name == "accounts":
            if snapshot.is_live:
                self.world.update(accounts=account_views(snapshot.documents), store_problem="")
            else:
                self.world.update(store_problem=snapshot.error or _("The store is away."))
        elif snapshot.is_live and event.name == "staff":
            profiles = read_profiles(snapshot.documents)
            self.world.update(team=replace(self.world.team, profiles=profiles))
        elif snapshot.is_live and event.name == _OWN_PROFILE:
            self._meet(read_profile(next(iter(snapshot.documents), None)))

    def _meet(self, profile: StaffProfile | None) -> None:
        """Take over what the operator may do from now on."""
        before = self.world.team
        after = replace(before, me=profile, is_known=True)
        self.world.update(team=after)
        if after.scope != before.scope:
            self._follow_accounts()
        if after.is_shut_out and self.current_mode != "shut-out":
            self._shut_out()
        elif not after.is_shut_out and self.current_mode == "shut-out":
            self._let_in()
        self.refresh_bindings()

    def _follow_accounts(self) -> None:
        scope = self.world.team.scope
        if scope.is_empty:
            self.world.live.unwatch("accounts")
            self.world.update(accounts=())
        else:
            self.world.live.watch("accounts", accounts_query(scope), self)

    def _shut_out(self) -> None:
        """Show nothing of the business any more, and ask the store for nothing but the way back."""
        last_frame.forget(str(self.services.folder.root))
        self._mode_before = self.current_mode
        self.world.live.hold(_OWN_PROFILE)
        self.switch_mode("shut-out")

    def _let_in(self) -> None:
        self.switch_mode(self._mode_before)
        self.world.live.begin()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Lead nowhere while the operator is shut out, and to the operators only admins."""
        if self.world.team.is_shut_out and action in ("go", "profile", "command_palette"):
            return False
        if action == "go" and parameters == ("staff",):
            return self.world.team.is_admin
        return super().check_action(action, parameters)

    def _deliver_health(self, changed: HealthChanged) -> None:
        self.world.update(health=changed)
