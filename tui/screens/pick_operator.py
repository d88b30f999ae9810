"""Picking one of the colleagues, over the screen."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from core.i18n import _
from tui.screens.dialogs import LOW_WINDOWS
from tui.widgets.pick_list import PickLine, PickList


class PickOperator(ModalScreen[str | None]):
    """Answers with a uid, or None when cancelled."""

    CSS_PATH = "../styles/dialogs.tcss"
    VERTICAL_BREAKPOINTS = LOW_WINDOWS
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]
    HELP = _("Enter takes the selected operator; escape changes nothing.")

    def __init__(
        self, title: str, keys: str, names: Mapping[str, str], marks: Mapping[str, str]
    ) -> None:
        """Offer the `names` by uid; `marks` says something about some of them."""
        super().__init__()
        self._title = title
        self._keys = keys
        self._names = names
        self._marks = marks

    def compose(self) -> ComposeResult:
        """Lay out question, names and keys."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(Content(self._title), classes="dialog--title")
            yield PickList(id="operators")
            yield Static(Content(self._keys), classes="dialog--keys")

    def on_mount(self) -> None:
        """Fill in the names."""
        lines = [
            PickLine(uid, ((f" {name}", "plain"),), ((f"{self._marks.get(uid, '')} ", "muted"),))
            for uid, name in self._names.items()
        ]
        picker = self.query_one(PickList)
        picker.put(lines, _("There is nobody else."))
        picker.focus()

    @on(PickList.Picked)
    def _picked(self, event: PickList.Picked) -> None:
        event.stop()
        self.dismiss(event.line_id)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
