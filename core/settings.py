"""The settings of one installation: `settings.toml` in the data folder, checked and typed."""

import tomllib
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.errors import SettingsError
from core.i18n import _
from core.paths import DataFolder


class Business(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The business that the console is run for."""

    name: str = "capcoada"
    time_zone: str = "Europe/Bucharest"
    """IANA name; customers' words about days and hours are understood in it."""
    currency: str = "RON"
    region: str = "RO"
    """ISO 3166 code that phone numbers without a country code belong to."""


class Console(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the console looks and behaves."""

    language: str = "auto"
    """`en`, `ro`, or `auto` to follow the environment."""
    theme: str = "capcoada-dark"
    keys: dict[str, str] = {}
    """Binding id to key, for example `thread-next-unread = "ctrl+n"`."""
    mark_read_on_view: bool = True
    """Whether opening a chat tells the customer that it was read."""


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pace of outgoing messages, which protects the number from bans."""

    seconds_between_messages: float = 1.0
    """Least time between two messages of one account."""
    reply_timeout_seconds: float = 90.0
    """How long an answer is waited for before a message is called uncertain; neonize takes 75."""


class Crm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How events are read out of chats."""

    newest_messages: int = 60
    """How many of a chat's newest messages an extraction reads, in both directions."""
    engine: Literal["auto", "groq", "rules"] = "auto"
    """`auto` takes Groq when it has a key and answers, else the built-in rules."""
    catalogue: str = ""
    """A TOML file of services of one's own; empty for the built-in one."""


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sits at this console while there is no sign-in."""

    uid: str = "local"
    name: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set; each part has sound defaults."""

    business: Business = Business()
    console: Console = Console()
    sending: Sending = Sending()
    crm: Crm = Crm()
    operator: Operator = Operator()


def load_settings(folder: DataFolder) -> Settings:
    """Return the settings of `folder`; the defaults when it has no settings file.

    Raises SettingsError, naming the file and the setting, for anything that cannot be used.
    """
    path = folder.settings_file
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        settings = msgspec.convert(raw, Settings)
        ZoneInfo(settings.business.time_zone)
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise SettingsError(
            _("The settings in {path} cannot be used: {reason}.").format(path=path, reason=error),
            hint=_("Mend the file, or move it away to start from the defaults."),
        ) from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            _("The time zone in {path} is not known: {reason}.").format(path=path, reason=error),
            hint=_("Use an IANA name such as Europe/Bucharest."),
        ) from error
    return settings
