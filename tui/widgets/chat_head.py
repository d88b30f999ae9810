"""The head of a chat: with whom, on which account, who answers, and who else is here."""

from collections.abc import Sequence

from textual import on

from core.i18n import _, ngettext
from core.service.inbox import ThreadRow
from core.service.presence import Visitor, presence_query, visitors
from core.service.staff import Team
from core.store.port import Document
from tui.events import WatchDelivered
from tui.services import Services
from tui.widgets.title_line import Span, TitleLine
from tui.world import World

MOST_NAMES = 3
"""Visitors called by name; more are counted."""
_LOOK_SECONDS = 1.0
"""How often it is looked whether somebody's sign has run out."""
_WATCH = "presence"


class ChatHead(TitleLine):
    """Names both sides; it follows who else has the chat open, where anybody could."""

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(id="chat-title")
        self._services = services
        self._world = world
        self._thread: ThreadRow | None = None
        self._problem = ""
        self._signs: tuple[Document, ...] = ()
        """Who is or was here, as the bridge wrote it."""
        self._followed = ""
        """The thread whose visitors are followed."""

    def on_mount(self) -> None:
        """Let signs run out."""
        self.set_interval(_LOOK_SECONDS, self._say)

    def show(self, thread: ThreadRow | None, problem: str) -> None:
        """Show a thread, and why it is not live; or no thread."""
        self._thread, self._problem = thread, problem
        self._follow()
        self._say()

    def _follow(self) -> None:
        """Watch who has the thread open; where nobody else could, that would be for nothing."""
        thread = self._thread
        has_others = thread is not None and bool(self._world.team.colleagues(thread.account_id))
        wanted = thread.id if thread is not None and has_others else ""
        if wanted == self._followed:
            return
        self._followed, self._signs = wanted, ()
        if wanted:
            query = presence_query(wanted, self._world.bridge_now)
            self._world.live.watch(_WATCH, query, self, tag=wanted)
        else:
            self._world.live.unwatch(_WATCH)

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        if event.tag == self._followed and event.snapshot.is_live:
            self._signs = event.snapshot.documents
            self._say()

    def _say(self) -> None:
        if self._thread is None:
            self.put([], [])
            return
        team = self._world.team
        here = visitors(self._signs, self._world.bridge_now, team.uid)
        right: list[Span] = [(_("! not live "), "bad")] if self._problem else []
        self.put(customer_spans(self._thread), [*right, *office_spans(self._thread, team, here)])


def customer_spans(thread: ThreadRow) -> list[Span]:
    """Return with whom the chat is."""
    spans: list[Span] = [(f" {thread.name}", "strong")]
    if thread.phone and thread.phone != thread.name:
        spans.append((f"  {thread.phone}", "plain"))
    if thread.is_group:
        spans.append(("  " + _("group"), "muted"))
    return spans


def office_spans(thread: ThreadRow, team: Team, here: Sequence[Visitor]) -> list[Span]:
    """Return who else is here, the account, and who answers when several could."""
    spans: list[Span] = []
    if typing := [each.name for each in here if each.is_typing]:
        text = ngettext("{names} is typing…", "{names} are typing…", len(typing))
        spans.append((text.format(names=_names(typing)) + "  ", "news"))
    if viewing := [each.name for each in here if not each.is_typing]:
        text = ngettext("{names} is here", "{names} are here", len(viewing))
        spans.append((text.format(names=_names(viewing)) + "  ", "plain"))
    owner = _owner(thread, team)
    spans.append((f"{thread.account_id}{' · ' if owner else ''}{owner} ", "muted"))
    return spans


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} +{len(names) - MOST_NAMES}"


def _owner(thread: ThreadRow, team: Team) -> str:
    if not thread.owner_uid or not team.colleagues(thread.account_id):
        return ""
    if thread.owner_uid == team.uid:
        return _("owner: you")
    return _("owner {name}").format(name=team.name(thread.owner_uid))
