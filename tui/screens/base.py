"""What every place has: the status line on top, the key line at the bottom, its body between."""

from textual.app import ComposeResult
from textual.screen import Screen

from tui.services import Services
from tui.widgets.key_bar import KeyBar
from tui.widgets.status_bar import StatusBar
from tui.world import World


class PlaceScreen(Screen[None]):
    """A place of the console; a subclass composes its body in `compose_body`."""

    def __init__(self, services: Services, world: World) -> None:
        super().__init__()
        self.services = services
        self.world = world

    def compose(self) -> ComposeResult:
        """Put the lines around the body."""
        yield StatusBar(self.world)
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """Yield the widgets of this place."""
        raise NotImplementedError
