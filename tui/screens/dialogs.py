"""Small questions over the screen: a text that is checked as it is given, and a yes or no."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from core.errors import CapcoadaError
from core.i18n import _
from tui.widgets.scroll import Scroll

LOW_WINDOWS: list[tuple[int, str]] = [(0, "-low"), (18, "-high")]
"""Rows and class: in a low window a dialog does without the room around its parts."""


class AskText(ModalScreen[str | None]):
    """Asks for one line; the answer is what `check` made of it, or None when cancelled."""

    CSS_PATH = "../styles/dialogs.tcss"
    VERTICAL_BREAKPOINTS = LOW_WINDOWS
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]
    HELP = _("Enter takes what is written, or says what is wrong with it; escape changes nothing.")

    def __init__(
        self, title: str, label: str, *, check: Callable[[str], str], placeholder: str = ""
    ) -> None:
        super().__init__()
        self._title = title
        self._label = label
        self._check = check
        """Returns the text as it is to be used, or raises CapcoadaError saying what is wrong."""
        self._placeholder = placeholder

    def compose(self) -> ComposeResult:
        """Lay out question, field and what is wrong."""
        with VerticalScroll(classes="dialog", can_focus=False):
            yield Static(Content(self._title), classes="dialog--title")
            yield Static(Content(self._label))
            yield Input(placeholder=self._placeholder, max_length=80)
            yield Static("", id="problem")
            yield Static(Content(_("enter goes on · escape goes back")), classes="dialog--keys")

    def on_input_changed(self) -> None:
        """Take back a complaint as soon as the text changes."""
        self.query_one("#problem", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the checked text, or say what is wrong with it."""
        try:
            answer = self._check(event.value.strip())
        except CapcoadaError as error:
            self.query_one("#problem", Static).update(Content(str(error)))
        else:
            self.dismiss(answer)

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Confirm(ModalScreen[bool]):
    """Asks before something that is not easily undone; enter alone never says yes."""

    CSS_PATH = "../styles/dialogs.tcss"
    VERTICAL_BREAKPOINTS = LOW_WINDOWS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
    ]
    HELP = _("y does it; n or escape leaves everything as it is.")

    def __init__(self, question: str, consequence: str) -> None:
        super().__init__()
        self._question = question
        self._consequence = consequence

    def compose(self) -> ComposeResult:
        """Lay out question, consequence and keys; the arrows scroll what has no room."""
        with Scroll(classes="dialog"):
            yield Static(Content(self._question), classes="dialog--title")
            yield Static(Content(self._consequence))
            yield Static(Content(_("y yes · n no")), classes="dialog--keys")

    def action_answer(self, yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(yes)
