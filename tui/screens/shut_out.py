"""What an operator sees who may do nothing here (any more): why, whom to ask, and the way back."""

from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from core.i18n import _
from core.identity.session import Session
from core.service.staff import Team
from core.text import clean_line
from tui.commands.everywhere import QUIT, SIGN_OUT
from tui.commands.keys import show_keys
from tui.services import Services
from tui.widgets.key_bar import KeyBar
from tui.world import World

_QUIT = replace(QUIT, is_shown=True)
"""Here, where little else can be done, the key line names it."""


class ShutOutScreen(Screen[None]):
    """Covers the whole window and goes away by itself once the operator is let in."""

    CSS_PATH = "../styles/shut_out.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [_QUIT.binding]

    def __init__(self, services: Services, world: World) -> None:
        super().__init__()
        self._services = services
        self._world = world

    def compose(self) -> ComposeResult:
        """Put the sentences into the middle."""
        yield Static("", id="shut-out")
        yield KeyBar()

    def on_mount(self) -> None:
        """Follow what is known of the operator."""
        self._world.listen(self, self._say)
        self._say()

    def _say(self) -> None:
        team, session = self._world.team, self._services.session
        text = Content.assemble(
            (_reason(team), "bold"),
            "\n\n",
            team.whom_to_ask(),
            "\n\n",
            _who(session),
            "\n\n",
            _(
                "What you wrote and did not send is kept on this machine. "
                "As soon as you are let in, the console goes on by itself."
            ),
            *self._way_out(),
        )
        self.query_one("#shut-out", Static).update(text)

    def _way_out(self) -> tuple[str, ...]:
        """Say how to come back as somebody else, where people sign in."""
        if not self._services.session.email:
            return ()
        keys = self._services.settings.console.keys.get(SIGN_OUT.id, SIGN_OUT.key)
        return "\n\n", _("{key} signs out.").format(key=show_keys(keys))


def _who(session: Session) -> str:
    """Say what an admin has to know to let somebody in."""
    uid, name = clean_line(session.uid), clean_line(session.email or session.name)
    if not name or name == uid:
        return _("Your user ID is {uid}.").format(uid=uid)
    return _("You are {name}, with the user ID {uid}.").format(name=name, uid=uid)


def _reason(team: Team) -> str:
    if team.me is None:
        return _("You are not one of the operators here.")
    return _("Your access was switched off.")
