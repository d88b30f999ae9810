"""Who is at the console: asked before it opens, asked again when a sign-in is over, and let go."""

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from core.i18n import _
from core.identity.firebase import FirebaseSession
from core.settings import Settings
from core.text import clean_line
from tui import last_frame
from tui.screens.dialogs import Confirm
from tui.screens.sign_in import SignInScreen
from tui.shell import STYLES, Shell

if TYPE_CHECKING:
    from tui.app import CapcoadaApp


class SignInApp(Shell):
    """The console while nobody is signed in: it ends when somebody is, or leaves."""

    CSS_PATH = STYLES / "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "quit", show=False, priority=True)]

    def __init__(self, session: FirebaseSession, settings: Settings) -> None:
        super().__init__(settings.console)
        self.session = session
        self._project = settings.cloud.project

    def on_mount(self) -> None:
        """Ask who is there."""
        screen = SignInScreen(self.session, self._project)
        self.push_screen(screen, lambda _answer: self.exit())

    def on_ready(self) -> None:
        """Notice when the terminal goes away."""
        self.watch_terminal()

    async def on_unmount(self) -> None:
        """Let go of connections, which belong to this app's event loop."""
        await self.session.close()


async def follow_sign_in(app: "CapcoadaApp") -> None:
    """Keep the sign-in fresh; cover the console and ask again whenever it holds no more.

    What was written stays below. If somebody else signs in, the console ends, to be opened anew.
    """
    session = app.services.session
    if not isinstance(session, FirebaseSession):
        return
    uid = session.uid
    while session.uid == uid:
        why = await session.until_over()
        last_frame.forget(str(app.services.folder.root))
        project = app.services.settings.cloud.project
        app.is_asking_who = True
        await app.push_screen_wait(SignInScreen(session, project, str(why)))
        app.is_asking_who = False
    app.exit()


async def sign_out(app: "CapcoadaApp") -> None:
    """Ask whether the operator is sure, then forget them and end the console, to be opened anew."""
    session = app.services.session
    sure = Confirm(
        _("Sign out, {name}?").format(name=clean_line(session.name or session.email)),
        _("What you wrote and did not send stays on this machine, for you alone."),
    )
    if not await app.push_screen_wait(sure):
        return
    app.workers.cancel_group(app, "sign-in")
    await session.sign_out()
    app.exit()
