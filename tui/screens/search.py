"""Find messages by their words, in all conversations, while the words are being typed."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import CapcoadaError
from core.i18n import _, ngettext
from core.search.words import places
from core.service.search import MessageSearch, SearchAnswer, SearchRow
from tui.later import later
from tui.services import Services
from tui.widgets.cells import cell_len, fit
from tui.widgets.days import list_label
from tui.widgets.pick_list import PickLine, PickList
from tui.widgets.title_line import Span
from tui.world import World

_NAME_CELLS, _NARROW_NAME_CELLS = 18, 10
_WHEN_CELLS, _NARROW_WHEN_CELLS = 9, 7
_NARROW_BELOW = 60
"""Columns of the window below which names and days give way to what was found."""
_BEFORE_MATCH = 12
"""Characters shown before the first word that was found, when the text does not begin with it."""
_HANDED_ON = frozenset(("up", "down", "pageup", "pagedown"))
"""Keys that move in the list while the field has the focus."""


class SearchScreen(ModalScreen[SearchRow | None]):
    """A field and what it finds; the answer is the message to go to."""

    CSS_PATH = "../styles/search.tcss"
    MAKES_WAY = True  # for the palette, whose commands are those of the place below
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]
    HELP = _(
        "Messages that hold all words, newest first, with or without diacritics. A longer word is "
        "found by its beginning."
    )

    def __init__(self, services: Services, world: World) -> None:
        super().__init__()
        self._services = services
        self._world = world
        self._search = MessageSearch(services.store, services.folder.search_file)
        self._rows: dict[str, SearchRow] = {}
        self._answer = SearchAnswer([], [])
        self._field = Input(placeholder=_("words of a message"), id="search-field")
        self._list = PickList(id="search-list")
        self._said = Static("", id="search-said")

    def compose(self) -> ComposeResult:
        """Put the field above what it finds."""
        with Vertical(id="search") as box:
            box.border_title = Content(_("Find messages"))
            box.border_subtitle = Content(_("enter opens · escape goes back"))
            yield self._field
            yield self._list
            yield self._said

    def on_mount(self) -> None:
        """Show nothing yet."""
        self._put(self._answer)
        self._field.focus()

    def on_unmount(self) -> None:
        """Let go of the index."""
        self._search.close()

    # -- finding ----------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._services.settings.cloud.project:
            self._list.put([], _("In the cloud only names, numbers and last texts are found: /"))
            return
        self.run_worker(
            later(self._find, event.value),
            name="search",
            group="search",
            description="finds messages by their words",
        )

    async def _find(self, text: str) -> None:
        try:
            answer = await self._search.find(text, self._allows)
        except CapcoadaError as error:
            self._rows = {}
            self._list.put([], str(error))
            self._said.update("")
            return
        if answer is not None and self.is_mounted:
            self._put(answer)

    def _allows(self, account_id: str) -> bool:
        return self._world.team.may_see(account_id)

    def on_resize(self) -> None:
        """Lay the lines out for the width there is."""
        self._list.put(self._lines(), self._list.empty_text())

    def _put(self, answer: SearchAnswer) -> None:
        self._answer = answer
        self._rows = {f"{row.thread_id} {row.message_id}": row for row in answer.rows}
        self._list.selected_id = None
        self._list.top = 0
        empty, said = "", ""
        if not answer.words:
            empty = _("Type what the message says.")
        elif not answer.rows:
            empty = _("No message holds all these words.")
        elif answer.has_more:
            said = _("the newest {n}; one more word narrows it down").format(n=len(answer.rows))
        else:
            said = ngettext("{n} message", "{n} messages", len(answer.rows)).format(
                n=len(answer.rows)
            )
        if not answer.is_complete and answer.words:
            said = _("Older messages are still being read; they can be found in a while.")
        self._list.put(self._lines(), empty)
        self._said.update(Content(said))

    def _lines(self) -> list[PickLine]:
        return [self._line(key, row) for key, row in self._rows.items()]

    def _line(self, key: str, row: SearchRow) -> PickLine:
        is_narrow = self.app.size.width < _NARROW_BELOW
        when = list_label(row.moment, self._services.clock(), self._services.zone)
        mark = "→ " if row.is_outbound else ""
        left: list[Span] = [
            (fit(when, _NARROW_WHEN_CELLS if is_narrow else _WHEN_CELLS), "muted"),
            (fit(row.name, _NARROW_NAME_CELLS if is_narrow else _NAME_CELLS), "strong"),
            ("  " + mark, "muted"),
            *_snippet(row, self._answer),
        ]
        right: tuple[Span, ...] = ()
        if len(self._world.accounts) > 1 and not is_narrow:
            right = ((f" {row.account_id} ", "muted"),)
        return PickLine(key, tuple(left), right)

    # -- keys -------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Move in the list without leaving the field."""
        if event.key in _HANDED_ON and self._field.has_focus:
            event.stop()
            count = max(1, self._list.page - 1) if "page" in event.key else 1
            self._list.step(-count if "up" in event.key else count)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.action_pick()

    @on(PickList.Picked)
    def _picked(self, event: PickList.Picked) -> None:
        event.stop()
        self.dismiss(self._rows.get(event.line_id))

    def action_cancel(self) -> None:
        """Close without going anywhere."""
        self.dismiss(None)


def _snippet(row: SearchRow, answer: SearchAnswer) -> list[Span]:
    """Return the text from a little before the first word found, those words standing out."""
    found = places(row.body, answer.words)
    first = found[0][0] if found else 0
    begin = 0 if first <= 2 * _BEFORE_MATCH else row.body.rfind(" ", 0, first - _BEFORE_MATCH) + 1
    spans: list[Span] = [("…", "muted")] if begin else []
    at = begin
    for start, end in found:
        if start >= at:
            spans += [(row.body[at:start], "plain"), (row.body[start:end], "news")]
            at = end
    spans.append((row.body[at:], "plain"))
    return [span for span in spans if cell_len(span[0])]
