"""The inbox: its head, the field to find by typing, and the list, fed by the store."""

from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from core.i18n import _, ngettext
from core.service.inbox import (
    HEAD_ROWS,
    MOST_UNREAD,
    Inbox,
    InboxView,
    ThreadRow,
    unread_count,
    unread_query,
    unread_rows,
)
from core.service.window import Key, key_of_row
from core.store.errors import StoreError
from core.store.port import Document
from tui.events import WatchDelivered
from tui.later import later
from tui.live import Outages
from tui.services import Services
from tui.widgets.thread_list import ROW_LINES, ThreadList
from tui.widgets.title_line import Span, TitleLine
from tui.world import World

if TYPE_CHECKING:
    from textual.widgets import Input

FILTER_PAUSE_SECONDS = 0.06
"""How long typing must rest before the filter reads."""
FILTER_ROWS = 60
"""Matches that a filter looks for at a time."""

SPAN_PAUSE_SECONDS = 0.2
"""How long scrolling must rest before the rows in view are watched."""
SPAN_ROWS = 60
UNREAD_PACE_SECONDS = 0.5
"""How often the count of unread threads may change: it is read through, and only a number."""


class InboxPane(Vertical):
    """Who wrote."""

    BLANK = True  # what it holds covers it: Textual need not paint it line by line

    def __init__(self, services: Services, world: World) -> None:
        super().__init__(id="inbox-pane")
        self._services = services
        self._world = world
        self.list = ThreadList(services.clock, services.zone, id="threads")
        self._title = TitleLine(id="inbox-title", classes="-active")  # the list has the focus first
        self._outages = Outages()
        self._head: tuple[Document, ...] | list[Document] = ()
        self._unread: tuple[Document, ...] | list[Document] = ()
        self._pause: Timer | None = None
        self._is_filtering = False
        self._span_pause: Timer | None = None
        self._span: Key | None = None
        self._day = services.clock().astimezone(services.zone).date()

    def compose(self) -> ComposeResult:
        """Put the head above the list."""
        yield self._title
        yield self.list

    async def start(self) -> None:
        """Read the first window before the first frame, then follow the store."""
        team = self._world.team
        inbox = Inbox(InboxView(scope=team.scope))
        self.list.problem = self._world.store_problem
        if team.is_known and not team.scope.is_empty:
            try:
                await inbox.read_first(self._services.store, self.app.size.height // ROW_LINES + 1)
            except StoreError as error:
                self.list.problem = str(error)
        self._put(inbox)
        self.list.is_reading = not team.is_known
        self.list.has_accounts = bool(self._world.accounts)
        self._follow_unread()
        self._world.listen(self, self._world_changed)

    def _follow_unread(self) -> None:
        self._unread = ()
        if self.view.scope.is_empty:
            self._world.live.unwatch("unread")
            return
        query = unread_query(self.view.scope)
        self._world.live.watch(
            "unread", query, self, tag=self.view.scope.tag, pace_seconds=UNREAD_PACE_SECONDS
        )

    def on_descendant_focus(self) -> None:
        """Show that the focus is here."""
        self._title.add_class("-active")

    def on_descendant_blur(self) -> None:
        """Show that the focus left."""
        self._title.set_class(self.has_focus_within, "-active")

    # -- views ------------------------------------------------------------------------------------

    @property
    def view(self) -> InboxView:
        """Which threads are shown."""
        return self.list.inbox.view

    @property
    def is_filtered(self) -> bool:
        """Whether the list is being filtered, or leaves something out."""
        return self._is_filtering or self.view.is_filtered

    @property
    def unread(self) -> list[ThreadRow]:
        """The unread threads of the account that is shown, newest first."""
        return unread_rows(self._unread, self.view.account_id)

    def _show(self, view: InboxView) -> None:
        inbox = Inbox(view)
        inbox.take_head(self._head)
        self._put(inbox)

    def _put(self, inbox: Inbox) -> None:
        view = inbox.view
        self.list.shows_account = view.account_id is None and len(self._world.accounts) != 1
        self.list.is_reading = view.is_filtered and inbox.window.has_older
        self.list.show(inbox)
        self._put_title()
        if view.scope.is_empty:
            self._world.live.unwatch("inbox")
            self._world.live.unwatch("inbox-span")
            return
        self._world.live.watch("inbox", inbox.head_query, self, tag=_tag(view))
        if view.is_filtered:
            self._read_more(FILTER_ROWS)

    async def next_account(self) -> None:
        """Show the next account's threads, or those of all after the last."""
        ids = [None, *(account.account_id for account in self._world.accounts)]
        here = ids.index(self.view.account_id) if self.view.account_id in ids else 0
        view = replace(self.view, account_id=ids[(here + 1) % len(ids)])
        if view.scope.is_empty:
            return
        try:
            self._head = await self._services.store.query(Inbox(view).head_query)
        except StoreError as error:
            self._tell(str(error))
        else:
            self._show(view)

    def toggle_unread(self) -> None:
        """Show only unread threads, or all again."""
        self._show(replace(self.view, only_unread=not self.view.only_unread))

    def clear_filter(self) -> bool:
        """Show every thread of the account again; return whether any was left out."""
        was_open, self._is_filtering = self._is_filtering, False
        if self._pause is not None:
            self._pause.stop()
            self._pause = None
        self.query("#filter").remove()
        if not self.view.is_filtered:
            return was_open
        self._show(InboxView(self.view.account_id, scope=self.view.scope))
        return True

    # -- the filter field -------------------------------------------------------------------------

    async def open_filter(self) -> None:
        """Give the focus to the field that filters by typing."""
        self._is_filtering = True
        if not self.query("#filter"):
            from textual.widgets import Input  # noqa: PLC0415 - only when somebody looks

            field = Input(
                self.view.text, placeholder=_("name, number or text"), id="filter", compact=True
            )
            await self.mount(field, after=self._title)
        self.screen.set_focus(self.query_one("#filter"))

    def on_input_changed(self, event: "Input.Changed") -> None:
        """Filter once the typing rests."""
        event.stop()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(FILTER_PAUSE_SECONDS, self._filter_typed)

    def on_input_submitted(self, event: "Input.Submitted") -> None:
        """Go from the field to what it found."""
        event.stop()
        if self._pause is not None:
            self._pause.stop()
            self._filter_typed()
        self.screen.set_focus(self.list)

    def _filter_typed(self) -> None:
        self._pause = None
        if not self._is_filtering:
            return
        fields = self.query("#filter")
        text = str(getattr(fields.first(), "value", "")) if fields else ""
        if text.strip() != self.view.text.strip():
            self._show(replace(self.view, text=text))

    # -- reading ----------------------------------------------------------------------------------

    @on(ThreadList.NearEnd)
    def _near_end(self, event: ThreadList.NearEnd) -> None:
        event.stop()
        self._read_more(FILTER_ROWS)

    @on(ThreadList.NearStart)
    def _near_start(self, event: ThreadList.NearStart) -> None:
        event.stop()
        inbox = self.list.inbox
        self.run_worker(
            later(self._read_newer, inbox), name="inbox-newer", group="inbox-page", exclusive=True
        )

    @on(ThreadList.Looked)
    def _looked(self, event: ThreadList.Looked) -> None:
        event.stop()
        if self._span_pause is not None:
            self._span_pause.stop()
        self._span_pause = self.set_timer(SPAN_PAUSE_SECONDS, self._follow_view)

    def _follow_view(self) -> None:
        """Watch the rows in view when the watched head does not hold them."""
        inbox = self.list.inbox
        ids = self.list.visible_ids()
        last = inbox.index(ids[-1]) if ids else None
        row = inbox.get(ids[0]) if ids else None
        if row is None or last is None or (last < HEAD_ROWS and inbox.window.is_at_newest):
            self._span = None
            self._world.live.unwatch("inbox-span")
            self._outages.forget("inbox-span")
            return
        self._span = key_of_row(row)
        query = inbox.window.span_query(self._span, SPAN_ROWS)
        self._world.live.watch("inbox-span", query, self, tag=f"{id(inbox)} {self._span}")

    def _span_delivered(self, event: WatchDelivered) -> None:
        inbox = self.list.inbox
        if self._span is None or event.tag != f"{id(inbox)} {self._span}":
            return
        if inbox.window.take_span(event.snapshot.documents, self._span, SPAN_ROWS):
            self.list.changed()

    @on(ThreadList.Announced)
    def _announced(self, event: ThreadList.Announced) -> None:
        event.stop()
        self._put_title()

    def _read_more(self, wanted: int) -> None:
        running = any(
            worker.group == "inbox-page" and not worker.is_finished and worker.node is self
            and worker.name == f"inbox-older-{id(self.list.inbox)}"
            for worker in self.app.workers
        )  # fmt: skip
        if running:
            return
        self.run_worker(
            later(self._read_older, self.list.inbox, wanted),
            name=f"inbox-older-{id(self.list.inbox)}",
            group="inbox-page",
            exclusive=True,
            description="reads older conversations",
        )

    async def _read_older(self, inbox: Inbox, wanted: int) -> None:
        try:
            await inbox.read_older(self._services.store, wanted)
        except StoreError as error:
            self._tell(str(error))
        if inbox is self.list.inbox:
            was_reading, self.list.is_reading = self.list.is_reading, False
            self.list.changed()
            if was_reading:
                self.list.refresh()

    async def _read_newer(self, inbox: Inbox) -> None:
        try:
            await inbox.read_newer(self._services.store)
        except StoreError as error:
            self._tell(str(error))
        if inbox is self.list.inbox:
            self.list.changed()

    @on(WatchDelivered)
    def _delivered(self, event: WatchDelivered) -> None:
        snapshot = event.snapshot
        if event.name != "inbox-span" and event.tag not in (_tag(self.view), self.view.scope.tag):
            return  # asked before the operator saw other accounts
        self._outages.note(event)
        self._tell(self._outages.reason)
        if not snapshot.is_live:
            return
        if event.name == "unread":
            self._unread = snapshot.documents
            self._put_title()
        elif event.name == "inbox-span":
            self._span_delivered(event)
        else:
            self._head = snapshot.documents
            if not self.view.is_filtered and self.list.is_reading:
                self.list.is_reading = False
                self.list.refresh()
            if self.list.inbox.take_head(snapshot.documents):
                self.list.changed()

    def _world_changed(self) -> None:
        """Ask anew when the operator may see other accounts; say days anew on another day.

        Until it is known what they may see, what keeps that from being read keeps the list too.
        """
        if not self._world.team.is_known:
            self._tell(self._world.store_problem)
        if (team := self._world.team).scope != self.view.scope and not team.is_shut_out:
            self._outages.forget("inbox", "inbox-span", "unread")
            self.list.problem = ""
            self._head = tuple(
                each for each in self._head if team.may_see(each.data.get("accountId", ""))
            )
            account_id = self.view.account_id
            keeps = account_id is not None and team.may_see(account_id)
            self._show(replace(self.view, account_id=account_id if keeps else None,
                               scope=team.scope))  # fmt: skip
            self._follow_unread()
        if (has_accounts := bool(self._world.accounts)) != self.list.has_accounts:
            self.list.has_accounts = has_accounts
            self.list.refresh()
        day = self._services.clock().astimezone(self._services.zone).date()
        if day != self._day:
            self._day = day
            self.list.forget_painted()
        self._put_title()

    # -- the head ---------------------------------------------------------------------------------

    def _tell(self, problem: str) -> None:
        if problem != self.list.problem:
            self.list.problem = problem
            self.list.refresh()
            self._put_title()

    def _put_title(self) -> None:
        view = self.view
        left: list[Span] = [(" " + _("Inbox"), "strong"), ("  ", "plain")]
        if count := unread_count(self._unread, view.account_id):
            shown = f"{count}+" if count >= MOST_UNREAD else str(count)
            left.append((_("unread {n}").format(n=shown) + "  ", "strong"))
        if view.only_unread:
            left.append((_("only unread") + "  ", "news"))
        left.append((view.account_id or _("all accounts"), "plain"))
        right: list[Span] = []
        if self.list.new_above:
            news = ngettext("↑ {n} new ", "↑ {n} new ", self.list.new_above)
            right.append((news.format(n=self.list.new_above), "news"))
        if self.list.problem:
            right.append((_("! not live "), "bad"))
        self._title.put(left, right)


def _tag(view: InboxView) -> str:
    """Name the query of a view's newest threads, whatever is filtered out of them."""
    return f"{view.account_id} {view.scope.tag}"
