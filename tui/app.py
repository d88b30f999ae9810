"""The console's app: it only wires places, themes, keys and the tasks that follow the world."""

from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, cast

from msgspec.structs import replace
from textual import on, work
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.events import Event, InputEvent, Key, Paste

from core.i18n import _
from core.model.documents import StaffProfile
from core.model.ids import staff_path
from core.service.accounts import account_views, accounts_query
from core.service.staff import (
    STAFF_QUERY,
    Team,
    read_profile,
    read_profiles,
)
from core.store.errors import StoreError
from tui import last_frame
from tui.commands.command import bindings_of
from tui.commands.everywhere import APP_COMMANDS
from tui.events import HealthChanged, WatchDelivered
from tui.in_order import obey
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
    from tui.screens.form import FormScreen

_OWN_PROFILE = "own-profile"
"""The watch that goes on while the operator is shut out."""


class CapcoadaApp(Shell):
    """The operator's console."""

    DEFAULT_MODE: ClassVar[str] = PLACES[0].id
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(APP_COMMANDS, "app"),
        Binding("escape", "go_back", show=False),
    ]
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        STYLES / "app.tcss",
        STYLES / "inbox.tcss",
    ]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        lambda: import_module("tui.commands.palette").CommandProvider,
        lambda: import_module("tui.commands.palette").AccountProvider,
        lambda: import_module("tui.commands.palette").ThreadProvider,
    }

    def __init__(
        self, services: Services, *, when_painted: Callable[[], object] | None = None
    ) -> None:
        super().__init__(services.settings.console)
        self.services = services
        self._when_painted = when_painted
        """Called once the first frame is on the screen."""
        self.is_asking_who = False
        """Whether the console is covered until somebody signs in."""
        self.world = World(services.clock, Live(self, services.store), services.session)
        self._mode_before = self.DEFAULT_MODE
        """Where the operator was when they were shut out."""
        self._came_from = self.DEFAULT_MODE
        """Where the operator was before they came to this place."""
        for place in PLACES:
            self.add_mode(place.id, place.opener(self))

    async def on_load(self) -> None:
        """Read what the first frame shows, so that it is there when the frame is painted.

        A store that is not on this machine is not waited for: its watches bring all of it.
        """
        if self.services.settings.cloud.project:
            return
        store, uid = self.services.store, self.services.session.uid
        try:
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
        if self._when_painted is not None:
            self._when_painted()
        live, team = self.world.live, self.world.team
        live.hold(_OWN_PROFILE)
        live.watch(_OWN_PROFILE, staff_path(team.uid), self)
        live.watch("staff", STAFF_QUERY, self)
        self._follow_accounts()
        if team.is_shut_out:
            self._shut_out()
        elif team.is_known:
            live.begin()
        from tui.free_strips import free_strips  # noqa: PLC0415 - after the first frame
        from tui.health import poll_health  # noqa: PLC0415 - after the first frame

        free_strips()
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
            self._came_from = self.current_mode
            self.switch_mode(place)

    def action_go_back(self) -> None:
        """Go back to the place before this one; from there the way is to the conversations."""
        before, self._came_from = self._came_from, self.DEFAULT_MODE
        if self.current_mode != self.DEFAULT_MODE:
            self.switch_mode(before if before != self.current_mode else self.DEFAULT_MODE)

    async def action_profile(self, phone: str = "") -> None:
        """Show the profile of a client: of this number, or whoever the place at hand is about.

        A place that is about no client, as the settings are, leads to whoever was shown before.
        """
        from tui.screens.client import ClientScreen  # noqa: PLC0415 - when first asked for

        name = "" if phone else getattr(self.screen, "client_name", "")
        wanted = phone or getattr(self.screen, "client_phone", None)
        self.action_go("client")
        if isinstance(self.screen, ClientScreen) and wanted is not None:
            await self.screen.show_client(wanted, name)

    @work(group="sign-out", exclusive=True)
    async def action_sign_out(self) -> None:
        """Ask, and let somebody else sign in."""
        from tui.sign_in import sign_out  # noqa: PLC0415 - when first asked for

        await sign_out(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let nobody sign out who never signed in, nor look around who has to sign in.

        Whoever is shut out is led nowhere, and to the operators only admins are.
        """
        team = self.world.team
        if action == "sign_out":
            return self.is_signed_in
        if action in ("command_palette", "find_messages"):
            return not self.is_asking_who and not team.is_shut_out
        if action in ("go", "profile", "go_back") and team.is_shut_out:
            return False
        if action == "go_back":
            return self.current_mode != self.DEFAULT_MODE
        if action == "go" and parameters == ("staff",):
            return team.is_admin
        return super().check_action(action, parameters)

    def action_command_palette(self) -> None:
        """Open the palette, in place of help or a search."""
        from tui.commands.palette import Palette  # noqa: PLC0415 - when first asked for

        if not isinstance(self.screen, Palette):
            self._make_way()
            self.push_screen(Palette())

    def _make_way(self) -> None:
        """Close what nobody loses anything by, so that something else opens in its place."""
        if getattr(self.screen, "MAKES_WAY", False):
            self.screen.dismiss(None)

    def action_find_messages(self) -> None:
        """Find a message by its words and go to it, in place of help or the palette."""
        from tui.screens.base import PlaceScreen  # noqa: PLC0415 - when first asked for
        from tui.screens.search import SearchScreen  # noqa: PLC0415

        if not isinstance(self.screen, SearchScreen):
            self._make_way()
        if isinstance(self.screen, PlaceScreen):
            self.push_screen(SearchScreen(self.services, self.world), self._go_to_message)

    async def _go_to_message(self, found: "SearchRow | None") -> None:
        if found is not None:
            message = (found.moment, found.message_id)
            await cast("PlaceScreen", self.screen).open_chat(found.thread_id, message)

    def notify(self, message: str, *, title: str = "", **options: Any) -> None:
        """Say something in a corner, unless it is being said there already."""
        if not any((said.message, said.title) == (message, title) for said in self._notifications):
            super().notify(message, title=title, **options)

    def clear_notifications(self) -> None:
        """Take back all that is being said; Textual alone would leave a blank line for each."""
        super().clear_notifications()
        self.screen.query("ToastHolder").remove()

    async def action_quit(self) -> None:
        """Leave, unless what is written on a screen is kept nowhere: that screen asks first."""
        for screen in self.screen_stack:
            if getattr(screen, "is_unsaved", False):
                cast("FormScreen[Any]", screen).leave(self.exit)
                return
        self.exit()

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

    async def on_event(self, event: Event) -> None:
        """Take note that somebody sits here, take keys in their order, and clean what is pasted."""
        if isinstance(event, InputEvent):
            self.world.last_input_at = self.services.clock()
        if isinstance(event, Paste):
            from tui.pasting import tidy_paste  # noqa: PLC0415 - when first pasted

            tidy_paste(self, event)
        if isinstance(event, Key) and not event.is_forwarded and await obey(self, event):
            return
        await super().on_event(event)

    # -- what the store and the bridge say --------------------------------------------------------

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        snapshot = event.snapshot
        if event.name == "accounts":
            if event.tag != self.world.team.scope.tag:
                return  # asked before the operator saw other accounts
            if snapshot.is_live:
                self.world.update(accounts=account_views(snapshot.documents), store_problem="")
            else:
                self.world.update(store_problem=snapshot.error or _("The store is away."))
        elif event.name == "staff" and snapshot.is_live:
            profiles = read_profiles(snapshot.documents)
            self.world.update(team=replace(self.world.team, profiles=profiles))
        elif event.name == _OWN_PROFILE and snapshot.is_live:
            self._meet(read_profile(next(iter(snapshot.documents), None)))
        elif event.name == _OWN_PROFILE and not self.world.team.is_known:
            self.world.update(store_problem=snapshot.error or _("The store is away."))

    def _meet(self, profile: StaffProfile | None) -> None:
        """Take over what the operator may do from now on."""
        before = self.world.team
        after = replace(before, me=profile, is_known=True)
        self.world.update(team=after)
        if after.scope != before.scope:
            self._follow_accounts()
        if not before.is_known and not after.is_shut_out:
            self.world.live.begin()
        if after.is_shut_out and self.current_mode != "shut-out":
            self._shut_out()
        elif not after.is_shut_out and self.current_mode == "shut-out":
            self._let_in()
        self.refresh_bindings()

    def _follow_accounts(self) -> None:
        scope = self.world.team.scope
        if scope.is_empty:
            self.world.live.unwatch("accounts")
            self.world.update(accounts=(), store_problem="")
        else:
            self.world.live.watch("accounts", accounts_query(scope), self, tag=scope.tag)

    def _shut_out(self) -> None:
        """Show nothing of the business any more, and ask the store for nothing but the way back."""
        last_frame.forget(str(self.services.folder.root))
        self._mode_before = self.current_mode
        self.world.live.hold(_OWN_PROFILE)
        self.switch_mode("shut-out")

    def _let_in(self) -> None:
        self.switch_mode(self._mode_before)
        self.world.live.begin()

    def _deliver_health(self, changed: HealthChanged) -> None:
        self.world.update(health=changed)
