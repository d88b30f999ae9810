"""Addresses that a server listens on, and the names by which it may be called."""

import ipaddress
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from core.errors import SettingsError
from core.i18n import _
from core.identity.rest import emulator_host
from core.settings import Settings

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class Address(NamedTuple):
    """A host, as a number or a name, and a port."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `HOST:PORT`, an IPv6 host in brackets. Raises SettingsError."""
        try:
            parts = urlsplit(f"//{text}")
            port = parts.port
        except ValueError:
            port = None
        if port is None or not parts.hostname or parts.netloc != text:
            raise SettingsError(
                _("{text} is no address to listen on.").format(text=repr(text)),
                hint=_("Give it as HOST:PORT, for example 127.0.0.1:8787."),
            )
        return cls(parts.hostname, port)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def names(self) -> frozenset[str]:
        """The names by which a client on the way it listens may call it."""
        return frozenset(_LOOPBACK_NAMES) if self.is_loopback else frozenset((self.host,))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def host_of(header: str) -> str:
    """Return the name in a Host header, without its port; empty when it makes no sense."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def team_address(settings: Settings) -> Address | None:
    """Return where a team's consoles are served; None for nowhere.

    Raises SettingsError where that would let in whom it should not.
    """
    if not settings.bridge.listen:
        return None
    address = Address.parse(settings.bridge.listen)
    if not settings.cloud.project:
        raise SettingsError(
            _("The bridge cannot listen on {address} without a project.").format(address=address),
            hint=_("Set project in [cloud]: only its operators are let in."),
        )
    if not address.is_loopback and emulator_host():
        raise SettingsError(
            _("The bridge does not listen on {address} while the Auth emulator is in use.").format(
                address=address
            ),
            hint=_("Anybody can make its tokens: listen on 127.0.0.1."),
        )
    if not address.is_loopback and not settings.bridge.behind_tls:
        raise SettingsError(
            _("Others could read along at {address}.").format(address=address),
            hint=_(
                "Listen on 127.0.0.1, or put a proxy with TLS before it and set behind_tls in"
                " [bridge]."
            ),
        )
    return address


def team_names(settings: Settings, address: Address) -> frozenset[str]:
    """Return the names by which a team's consoles may call it."""
    url = urlsplit(settings.cloud.bridge_url).hostname
    named = {name.lower() for name in settings.bridge.hosts}
    return address.names | named | ({url} if url else set())


def metrics_address(settings: Settings) -> Address | None:
    """Return where Prometheus is served; None for nowhere. Raises SettingsError."""
    if not settings.bridge.metrics:
        return None
    address = Address.parse(settings.bridge.metrics)
    if not address.is_loopback:
        raise SettingsError(
            _("Metrics are not served at {address}.").format(address=address),
            hint=_("Only this machine may read them: use 127.0.0.1 in [bridge] metrics."),
        )
    return address
