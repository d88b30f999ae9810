"""A form over a screen: it waits for what lies over it, and asks before anything is forgotten."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.screen import ModalScreen

from core.i18n import _
from tui.later import later
from tui.screens.dialogs import Confirm

Answer = TypeVar("Answer")


class FormScreen(ModalScreen[Answer]):
    """Closes once nothing lies over it; Textual would close what lies on top instead."""

    _close_when_seen: Callable[[], None] | None = None
    _is_asking = False

    @property
    def is_unsaved(self) -> bool:
        """Whether something is written that is kept nowhere else."""
        return False

    def close(self, answer: Answer | None = None) -> None:
        """Close with an answer: now, or as soon as this is on top again."""
        if self.is_active:
            self.dismiss(answer)
        else:
            self._close_when_seen = partial(self.close, answer)

    def on_screen_resume(self) -> None:
        """Close, if it was done while something else was over it."""
        if self._close_when_seen is not None:
            self.call_after_refresh(self._close_when_seen)

    def leave(self, go: Callable[[], object]) -> None:
        """Go away from here by `go`; ask first where what is written would be forgotten."""
        if not self.is_unsaved:
            go()
        elif not self._is_asking:
            self._is_asking = True
            self.run_worker(
                later(self._leave_after_asking, go),
                name="form-leave",
                group="form-leave",
                description="asks before what is written is forgotten",
            )

    async def _leave_after_asking(self, go: Callable[[], object]) -> None:
        question = Confirm(_("Leave without saving?"), _("What you changed will be forgotten."))
        is_sure = await self.app.push_screen_wait(question)
        self._is_asking = False
        if is_sure:
            go()
