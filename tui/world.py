"""What every screen knows about the outside: accounts, the bridge's health, the store's state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.clock import Clock
from core.service.accounts import AccountView
from core.service.staff import Team

if TYPE_CHECKING:
    from textual.widget import Widget

    from core.identity.session import Session
    from tui.events import HealthChanged
    from tui.live import Live


class World:
    """The app's one copy of these facts; widgets listen, the app's handlers change it."""

    def __init__(self, clock: Clock, live: "Live", session: "Session") -> None:
        self.clock = clock
        self.session = session
        self.live = live
        """Starts and ends watches of the store."""
        self.team = Team(session.uid)
        """The operators, and what the one at this console may do."""
        self.accounts: tuple[AccountView, ...] = ()
        self.knows_accounts = False
        """Whether they were ever read; none may be there, or none read yet."""
        self.health: HealthChanged | None = None
        """The bridge's newest answer; None before the first."""
        self.bridge_ahead = timedelta()
        """How far the bridge's clock is ahead of this machine's."""
        self.last_input_at = clock()
        """When a key was last pressed, or the mouse used."""
        self.store_problem = ""
        """Why the store is out of reach, in one sentence; empty while it is not."""
        self._listeners: list[tuple[Widget, Callable[[], None]]] = []

    @property
    def is_bridge_away(self) -> bool:
        """Whether the bridge was asked and did not answer."""
        return self.health is not None and self.health.health is None

    @property
    def bridge_now(self) -> datetime:
        """The moment by the bridge's clock, by which signs of presence run out."""
        return self.clock() + self.bridge_ahead

    def listen(self, widget: "Widget", changed: Callable[[], None]) -> None:
        """Call `changed` after every change for as long as `widget` is mounted."""
        self._listeners.append((widget, changed))

    def update(
        self,
        *,
        team: Team | None = None,
        accounts: tuple[AccountView, ...] | None = None,
        health: "HealthChanged | None" = None,
        store_problem: str | None = None,
    ) -> None:
        """Take over what is given and tell the listeners."""
        if team is not None:
            self.team = team
        if accounts is not None:
            self.accounts = accounts
            self.knows_accounts = True
        if health is not None:
            self.health = health
            if health.health is not None:
                self.bridge_ahead = health.health.now - self.clock()
        if store_problem is not None:
            self.store_problem = store_problem
        self._listeners = [each for each in self._listeners if _is_there(each[0])]
        for _widget, changed in self._listeners:
            changed()


def _is_there(widget: "Widget") -> bool:
    """Whether a widget can still show something: neither it nor the app is on its way out."""
    return widget.is_attached and widget.app.is_running
