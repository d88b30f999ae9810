"""A question about a client: the line it is written in, and the answer with its events."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from core.clock import Clock
from core.errors import CapcoadaError
from core.i18n import _
from core.service.callables import AskAnswer, AskRequest, AskSource
from core.text import clean_line, clean_text
from tui.later import later
from tui.services import Bridge
from tui.widgets.client.answer import AnswerView
from tui.widgets.pick_list import PickLine, PickList
from tui.widgets.title_line import Span


class Asking(Vertical):
    """Asks the bridge, shows what it says, and can be cancelled."""

    DEFAULT_CSS = """
    Asking { height: auto; background: $surface; }
    Asking > Input { height: 1; border: none; background: $panel; }
    Asking > Input.-textual-compact { padding: 0 1; }
    Asking > Input:focus { border: none; background: $row-focused; background-tint: transparent; }
    Asking > AnswerView { display: none; }
    Asking > #sources { height: 3; display: none; }
    Asking.-answered > AnswerView { display: block; }
    Asking.-sourced > #sources { display: block; }
    """

    class Answered(Message):
        """Something else is shown than before."""

    def __init__(self, bridge: Bridge, clock: Clock) -> None:
        super().__init__(id="asking")
        self._bridge = bridge
        self._clock = clock
        self.input = Input(
            placeholder=_("Ask about this client…"), id="ask", compact=True, max_length=1000
        )
        self.answer = AnswerView()
        self.sources = PickList(id="sources")
        self._phone = ""
        self._asked_at = clock()
        self._is_asking = False
        self._ticking: Timer | None = None

    def compose(self) -> ComposeResult:
        """Put the answer above the line."""
        yield self.answer
        yield self.sources
        yield self.input

    def on_mount(self) -> None:
        """Count the seconds while a question is open."""
        self._ticking = self.set_interval(1.0, self._tell_progress, pause=True)

    def reset(self, phone: str) -> None:
        """Be about another client."""
        self.cancel()
        self._phone = phone
        self.input.value = ""
        self._show(())

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        question = clean_line(event.value)
        if not question or not self._phone:
            return
        self._asked_at = self._clock()
        self._is_asking = True
        if self._ticking is not None:
            self._ticking.resume()
        self._tell_progress()
        self.run_worker(
            later(self._ask, self._phone, question),
            name="ask",
            group="ask",
            exclusive=True,
            description="asks about the client",
        )

    def cancel(self) -> bool:
        """Ask no further; return whether a question was open."""
        if not self._is_asking:
            return False
        self.workers.cancel_group(self, "ask")
        self._end()
        self._show(((_("Cancelled."), "muted"),))
        return True

    def _end(self) -> None:
        self._is_asking = False
        if self._ticking is not None:
            self._ticking.pause()

    def _tell_progress(self) -> None:
        seconds = int((self._clock() - self._asked_at).total_seconds())
        text = _("looking it up… {seconds} s · escape cancels").format(seconds=seconds)
        self._show(((text, "busy"),))

    async def _ask(self, phone: str, question: str) -> None:
        try:
            answer = await self._bridge.call(AskRequest(phone_e164=phone, question=question))
        except CapcoadaError as error:
            self._end()
            self._show(((f"✗ {error}", "error"),))
            return
        self._end()
        self._show(_answer(answer), answer.sources)

    def _show(self, said: tuple[Span, ...], sources: Sequence[AskSource] = ()) -> None:
        self.answer.put(said)
        self.set_class(bool(said), "-answered")
        self.set_class(bool(sources), "-sourced")
        self.sources.put([_line(source) for source in sources])
        self.post_message(self.Answered())


def _answer(answer: AskAnswer) -> tuple[Span, ...]:
    engine = _("from the data") if answer.engine == "facts" else clean_line(answer.engine)
    reasons = " ".join(clean_line(reason) for reason in answer.reasons)
    about = " · ".join(filter(None, (engine, reasons)))
    lines = clean_text(answer.answer).split("\n")
    if answer.sources:  # which are listed below, to be opened
        lines = [line for line in lines if not line.lstrip().startswith("- #")] or lines
    return (("\n".join(lines), "strong"), (about, "muted"))


def _line(source: AskSource) -> PickLine:
    number = f"#{source.event_short_id}" if source.event_short_id else "#…"
    details = clean_line(source.details)
    if source.event_short_id and details.startswith(number):
        details = details.removeprefix(number).strip(" ·,:")
    return PickLine(source.event_id, ((f"{number}  ", "key"), (details, "plain")))
