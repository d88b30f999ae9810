"""Where the operator writes: a field that grows, with a line for what the text answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from core.i18n import _
from core.service.chat import QuoteView
from core.service.drafts import Draft
from tui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from tui.widgets.editor import Editor

BRING_SECONDS = 0.3
"""How long after the first frame the field comes by itself; who wants to write gets it at once."""


class Composer(Vertical):
    """Holds the text field; the field itself comes just after the first frame."""

    class Submitted(Message):
        """The operator wants this text sent."""

        def __init__(self, text: str, thread_id: str, quote: QuoteView | None) -> None:
            super().__init__()
            self.text = text
            self.thread_id = thread_id
            """The thread that it was written for."""
            self.quote = quote

    class Changed(Message):
        """The text is not what it was."""

    class Refused(Message):
        """The operator wants to send where they may not write; the text stays."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    def __init__(self, leave_upwards: Callable[[], None], *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._leave_upwards = leave_upwards
        self._editor: Editor | None = None
        self._waiting = Draft("")
        self._focus_when_here: Callable[[], bool] = lambda: False
        """Whether the field takes the focus once it is there."""
        self._for_thread = ""
        self.quote: QuoteView | None = None
        self._refusal = ""
        self._refused: TitleLine | None = None
        """Says above the field why nobody may write here; made when there is something to say."""
        self._quotation: TitleLine | None = None
        """Shows above the field what the text answers; made when it first answers something."""

    def compose(self) -> ComposeResult:
        """Keep the field's place."""
        yield TitleLine(id="write-here")

    def on_mount(self) -> None:
        """Bring the field once the first frame is painted."""
        self.query_one("#write-here", TitleLine).put([(_(" Write a message…"), "muted")], [])
        self.call_after_refresh(self.set_timer, BRING_SECONDS, self.bring_editor)

    async def bring_editor(self) -> None:
        """Mount the field, if it is not there yet."""
        if self._editor is not None or not self.is_attached:
            return
        from tui.widgets.editor import Editor  # noqa: PLC0415 - after the first frame

        self._editor = editor = Editor(
            self._waiting.text,
            highlight_cursor_line=False,
            placeholder=_("Write a message…"),
            compact=True,
            disabled=not self._for_thread,
        )
        editor.thread_id = self._for_thread
        editor.leave_upwards = self._leave_upwards
        editor.may_send = not self._refusal
        await self.mount(editor)
        await self.query("#write-here").remove()
        editor.move_cursor(editor.document.end)
        if self._focus_when_here():
            self.screen.set_focus(editor)

    # -- content ----------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is written."""
        return self._editor.text if self._editor else self._waiting.text

    @property
    def draft(self) -> Draft:
        """What is written and what it answers."""
        return Draft(self.text, self.quote.message_id if self.quote else "")

    def put(self, draft: Draft, quote: QuoteView | None, thread_id: str) -> None:
        """Show a thread's draft, and let it be written; undoing brings no other thread's text."""
        was_for, self._for_thread = self._for_thread, thread_id
        self._waiting = draft
        self.set_quote(quote)
        if self._editor is not None:
            self._editor.thread_id = thread_id
            self._editor.disabled = not thread_id
            if self._editor.text != draft.text:
                self._editor.load_text(draft.text)
                self._editor.move_cursor(self._editor.document.end)
            elif was_for != thread_id:
                self._editor.history.clear()

    def set_quote(self, quote: QuoteView | None) -> None:
        """Answer a message, or none."""
        self.quote = quote
        self.set_class(quote is not None, "-quoting")
        if quote is not None:
            if self._quotation is None:
                self._quotation = TitleLine(id="quotation")
                self.mount(self._quotation, before=-1)
            who = quote.sender or _("yourself")
            self._quotation.put(
                [(f" ↩ {who}: ", "strong"), (quote.body or "…", "muted")],
                [(_(" escape drops it "), "muted")],
            )

    def refuse(self, reason: str) -> None:
        """Say why the operator may not write here; empty when they may. A draft may be kept."""
        self._refusal = reason
        self.set_class(bool(reason), "-refusing")
        if reason:
            if self._refused is None:
                self._refused = TitleLine(id="refusal")
                self.mount(self._refused, before=0)
            self._refused.put([(f" {reason}", "busy")], [])
        if self._editor is not None:
            self._editor.may_send = not reason

    def focus_editor(self) -> None:
        """Give the field the focus: at once, or when it is there and nothing else took it."""
        if self._editor is not None:
            # Not `focus()`, which waits its turn behind keys that are already there.
            self.screen.set_focus(self._editor)
        else:
            focused = self.screen.focused
            self._focus_when_here = lambda: self.screen.focused is focused
            self.call_later(self.bring_editor)

    @property
    def has_editor_focus(self) -> bool:
        """Whether the operator is writing."""
        return self._editor is not None and self._editor.has_focus

    # -- the field's messages ---------------------------------------------------------------------

    def on_text_area_changed(self, event: "TextArea.Changed") -> None:
        """Tell that the text changed."""
        event.stop()
        self.post_message(self.Changed())

    def on_editor_held_back(self) -> None:
        """Say why the text is not sent."""
        self.post_message(self.Refused(self._refusal))

    def on_editor_submitted(self, event: "Editor.Submitted") -> None:
        """Hand the text over with what it answers."""
        event.stop()
        if event.thread_id != self._for_thread:
            self.post_message(self.Submitted(event.text, event.thread_id, None))
            return
        quote = self.quote
        self.set_quote(None)
        self.post_message(self.Submitted(event.text, event.thread_id, quote))
