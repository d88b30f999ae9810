"""The head of a chat: with whom, on which account, who answers, and who else is here."""

from collections.abc import Sequence

from textual import on

from core.i18n import _, ngettext
from core.phones import group_digits
from core.service.inbox import ThreadRow
from core.service.presence import Visitor, presence_query, visitors
from core.service.staff import Team
from core.store.port import Document
from tui.events import WatchDelivered
from tui.services import Services
from tui.widgets.cells import cell_len
from tui.widgets.title_line import Span, TitleLine
from tui.world import World

MOST_NAMES = 3
"""Visitors called by name; more are counted."""
_CUSTOMER_CELLS = 22
"""What is left for the customer's name, however much there is to say about colleagues."""
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
        room = (self.size or self.app.size).width - _CUSTOMER_CELLS  # nothing is laid out at first
        right += office_spans(self._thread, team, here, room)
        self.put(customer_spans(self._thread), right)

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self._say()


def customer_spans(thread: ThreadRow) -> list[Span]:
    """Return with whom the chat is."""
    spans: list[Span] = [(f" {thread.name}", "strong")]
    if thread.phone and thread.phone != thread.name:
        spans.append((f"  {group_digits(thread.phone)}", "plain"))
    if thread.is_group:
        spans.append(("  " + _("group"), "muted"))
    return spans


def office_spans(thread: ThreadRow, team: Team, here: Sequence[Visitor], room: int) -> list[Span]:
    """Return who else is here, the account, and who answers when several could.

    Within `room` cells, as far as that goes: who answers is said in fewer words, then not at all.
    """
    owner = _owner(thread, team)
    spans: list[Span] = []
    for said in (owner, first_name(owner) if owner else "", ""):
        spans = [*_visitor_spans(here), (_place(thread, team, said), "muted")]
        if sum(cell_len(text) for text, _tone in spans) <= room:
            break
    return spans


def _visitor_spans(here: Sequence[Visitor]) -> list[Span]:
    spans: list[Span] = []
    if typing := [first_name(each.name) for each in here if each.is_typing]:
        text = ngettext("{names} is typing…", "{names} are typing…", len(typing))
        spans.append((text.format(names=_names(typing)) + "  ", "news"))
    if viewing := [first_name(each.name) for each in here if not each.is_typing]:
        text = ngettext("{names} is here", "{names} are here", len(viewing))
        spans.append((text.format(names=_names(viewing)) + "  ", "plain"))
    return spans


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} +{len(names) - MOST_NAMES}"


def first_name(name: str) -> str:
    """Return how colleagues call somebody."""
    return name.split(" ", maxsplit=1)[0]


def _owner(thread: ThreadRow, team: Team) -> str:
    """Return who answers a thread; empty when nobody does, or nobody else could."""
    if not thread.owner_uid or not team.colleagues(thread.account_id):
        return ""
    return team.name(thread.owner_uid)


def _place(thread: ThreadRow, team: Team, owner: str) -> str:
    """Return the account, and who answers if that is to be said."""
    if not owner:
        return f"{thread.account_id} "
    is_me = thread.owner_uid == team.uid
    said = _("owner: you") if is_me else _("owner {name}").format(name=owner)
    return f"{thread.account_id} · {said} "
