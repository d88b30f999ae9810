"""What the command palette finds: commands of this moment, accounts, and conversations.

Names are prefixed by where they belong. All of them are shown as plain text: names of customers
are never read as markup.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.binding import ActiveBinding
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode
from textual.markup import escape
from textual.widgets.option_list import Option

from core.i18n import _
from core.phones import group_digits
from core.service.inbox import Inbox, InboxView, ThreadRow
from core.store.errors import StoreError
from tui.commands.areas import AREA_TITLES
from tui.commands.every import ALL_COMMANDS
from tui.widgets.status_words import account_state, known_status

if TYPE_CHECKING:
    from tui.app import CapcoadaApp
    from tui.screens.accounts import AccountsScreen
    from tui.screens.inbox import InboxScreen

_MOST_THREADS = 20
"""Conversations offered at once; whoever wants another types more of its name."""
_THREAD_SCORE = 0.5
_Doing = Callable[[], Awaitable[None]]


class Palette(CommandPalette):
    """Textual's palette, asking and answering in the operator's language."""

    MAKES_WAY = True  # for the search in messages
    HELP = _("A few letters of a name are enough; enter does what is selected, escape goes back.")

    def __init__(self) -> None:
        super().__init__(placeholder=_("Command, account, name or number…"))

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Say after a while that nothing fits, as Textual's own would in English."""
        self._stop_no_matches_countdown()
        if search_value:
            wait = self._NO_MATCHES_COUNTDOWN
            self._no_matches_timer = self.set_timer(wait, self._say_no_matches)

    def _say_no_matches(self) -> None:
        said = Content(_("Nothing is called so. ctrl+f finds words of messages."))
        self.query_one(CommandList).add_option(Option(said, id=self._NO_MATCHES, disabled=True))
        self._list_visible = True


class _ConsoleProvider(Provider):
    """Finds things by name among those that a subclass lists."""

    @property
    def console(self) -> "CapcoadaApp":
        """The console's app."""
        return cast("CapcoadaApp", self.app)

    def entries(self) -> Iterator[tuple[str, str, _Doing]]:
        """Yield name, explanation and what is done."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """Offer everything before anything is typed."""
        for name, explanation, doing in self.entries():
            yield DiscoveryHit(Content(name), doing, text=name, help=escape(explanation))

    async def search(self, query: str) -> Hits:
        """Offer what the query is like."""
        matcher = self.matcher(query)
        for name, explanation, doing in self.entries():
            score, places = matcher.fuzzy_search.match(query, name)
            if score > 0:
                shown = Content(name)
                for place in places:
                    shown = shown.stylize(self.match_style or "bold", place, place + 1)
                yield Hit(score, shown, doing, text=name, help=escape(explanation))


class CommandProvider(_ConsoleProvider):
    """The commands that work at this moment, with their keys."""

    def entries(self) -> Iterator[tuple[str, str, _Doing]]:
        """Yield each command once, in the registry's order."""
        active: dict[str, ActiveBinding] = {}
        for each in self.screen.active_bindings.values():
            if each.enabled and each.binding.id:
                active.setdefault(each.binding.id, each)
        for command in ALL_COMMANDS:
            if command.in_palette and (found := active.get(command.id)) is not None:
                key = self.app.get_key_display(found.binding)
                name = f"{AREA_TITLES[command.area]}: {command.label}"
                doing = partial(self._run, found.binding.action, found.node)
                yield name, f"{command.tooltip} ({key})", doing

    async def _run(self, action: str, node: DOMNode) -> None:
        await self.app.run_action(action, node)


class AccountProvider(_ConsoleProvider):
    """The WhatsApp accounts."""

    def entries(self) -> Iterator[tuple[str, str, _Doing]]:
        """Yield each account; choosing it goes there. Over a dialog there is no way elsewhere."""
        if self.screen.is_modal:
            return
        world = self.console.world
        for account in world.accounts:
            status = known_status(account.status, is_bridge_away=world.is_bridge_away)
            glyph, word, _tone = account_state(status)
            name = _("Account: {id} {name}").format(id=account.account_id, name=account.name)
            yield name, f"{glyph} {word}", partial(self._go, account.account_id)

    async def _go(self, account_id: str) -> None:
        self.console.action_go("accounts")
        accounts = cast("AccountsScreen", self.app.screen_stack[0])
        if self.app.screen is not accounts:  # the pairing of one of them, which goes on
            await self.app.pop_screen()
        accounts.choose(account_id)


class ThreadProvider(_ConsoleProvider):
    """The conversations, by name or number, however old."""

    async def discover(self) -> Hits:
        """Offer none before something is typed."""
        hits: tuple[DiscoveryHit, ...] = ()
        for hit in hits:
            yield hit

    async def search(self, query: str) -> Hits:
        """Offer the newest conversations whose name or number holds the query, or say why none.

        Over a dialog there is no way to them.
        """
        if self.screen.is_modal:
            return
        try:
            rows = [row async for row in self._rows(query)]
        except StoreError as error:
            said = _("Conversations cannot be found now.")
            yield Hit(_THREAD_SCORE, Content(said), partial(self._say, str(error)), text=said,
                      help=escape(str(error)))  # fmt: skip
            return
        for row in rows:
            name = _("Conversation: {name}").format(name=row.name or row.phone)
            number = group_digits(row.phone) if row.phone else ""
            about = " · ".join(filter(None, (number, row.account_id)))
            doing = partial(self._open, row.id)
            yield Hit(_THREAD_SCORE, Content(name), doing, text=name, help=escape(about))

    async def _rows(self, query: str) -> AsyncIterator[ThreadRow]:
        inbox = Inbox(InboxView(text=query, by_name=True, scope=self.console.world.team.scope))
        if inbox.view.scope.is_empty:
            return
        store = self.console.services.store
        await inbox.read_head(store)
        if len(inbox) < _MOST_THREADS:
            await inbox.read_older(store, _MOST_THREADS - len(inbox))
        for place in range(min(len(inbox), _MOST_THREADS)):
            yield inbox.row(place)

    async def _say(self, reason: str) -> None:
        self.app.notify(reason, severity="warning", markup=False)

    async def _open(self, thread_id: str) -> None:
        self.console.action_go("inbox")
        await cast("InboxScreen", self.app.screen).open_thread(thread_id)
