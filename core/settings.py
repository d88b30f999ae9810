"""The settings of one installation: `settings.toml` in the data folder, checked and typed."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from core.errors import SettingsError
from core.i18n import _
from core.paths import DataFolder


class Business(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The business that the console is run for."""

    name: str = "capcoada"
    """Its name: at the top left of the console, and taken for yours in chats that are imported."""
    time_zone: str = "Europe/Bucharest"
    """IANA name; customers' words about days and hours are understood in it."""
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "RON"
    """ISO 4217 code of amounts that name no currency, and of clients' sums."""
    region: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")] = "RO"
    """ISO 3166 code that phone numbers without a country code belong to."""


class Console(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the console looks and behaves."""

    language: Annotated[str, msgspec.Meta(pattern="^(auto|en|ro)$")] = "auto"
    """`en`, `ro`, or `auto` to follow the environment."""
    theme: str = "capcoada-dark"
    """The colour scheme; `F9` lists them."""
    keys: dict[str, str] = {}
    """Binding id to key, for example `thread-next-unread = "ctrl+n"`."""
    mark_read_on_view: bool = True
    """Whether opening a chat tells the customer that it was read."""


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pace of outgoing messages, which protects the number from bans."""

    seconds_between_messages: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    """Least time between two messages of one account."""
    reply_timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 90.0
    """How long an answer is waited for before a message is called uncertain; neonize takes 75."""


class Crm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How events are read out of chats."""

    newest_messages: int = 60
    """How many of a chat's newest messages an extraction reads, in both directions."""
    engine: Literal["auto", "groq", "rules"] = "auto"
    """`auto` takes Groq when it has a key and answers, else the built-in rules."""
    catalogue: str = ""
    """A TOML file of services of one's own; empty for the built-in one."""


class Llm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The language model service that reads chats and words answers, when it has a key.

    The key itself is never a setting: it comes from `GROQ_API_KEY` or from `key_file`.
    """

    model: str = "openai/gpt-oss-120b"
    """One of the service's models that answers in a strict JSON schema."""
    base_url: str = "https://api.groq.com"
    """Without a path; plain HTTP only to this machine itself."""
    key_file: str = "groq.key"
    """A file of mode 0600 with the key alone; a relative path is one inside the data folder."""
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.0
    """How freely the model words things; 0 for the same answer each time."""
    max_tokens: Annotated[int, msgspec.Meta(ge=256, le=65_536)] = 4096
    """The most that one answer may take, the model's reasoning included."""
    reasoning_effort: Literal["low", "medium", "high"] = "low"
    """Sent only to models that know it."""
    connect_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 5.0
    """How long a connection may take."""
    request_seconds: Annotated[float, msgspec.Meta(gt=0, le=300)] = 30.0
    """How long one request may take."""
    total_seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 50.0
    """How long one extraction or answer may take, all retries and waits included."""
    max_retries: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    """How often one request is repeated when the service is busy or out of reach."""


class Cloud(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Google project that a team shares; without one, everything stays on this machine."""

    project: str = ""
    """Project id; when it is set, documents live in its Cloud Firestore."""
    database: str = "(default)"
    """Which of the project's Firestore databases."""
    api_key: str = ""
    """The project's web API key, with which operators sign in. It is no secret."""
    credentials_file: str = ""
    """The bridge's service account key; empty for the machine's application default credentials."""
    bridge_url: str = ""
    """Where consoles reach the team's bridge, `https://…`; empty for this machine's own."""


class Bridge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bridge of this data folder; it reads these when it starts."""

    sessions: str = ""
    """Where the accounts' keys lie, so that another bridge can take an account over: a folder that
    all bridges share, or a `postgres://` URL; empty for the data folder, which no other one reads.
    """
    listen: str = ""
    """Where a team's consoles reach it, `HOST:PORT`, for example `127.0.0.1:8787`; empty to listen
    nowhere. Only operators of the project in `[cloud]` are let in."""
    behind_tls: bool = False
    """Says that a proxy with TLS stands before `listen`; needed for an address that others reach.
    """
    hosts: list[str] = []
    """Names by which consoles may call it, besides that in `bridge_url` of `[cloud]`."""
    metrics: str = ""
    """Where Prometheus reads `/metrics`, `HOST:PORT` on this machine; empty for nowhere."""
    lease_seconds: Annotated[float, msgspec.Meta(ge=4, le=900)] = 60.0
    """How long after its last sign of life a bridge is left its accounts, where others may wait to
    take over. A shorter lease writes more often."""


class Storage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the embedded store lies, when there is no project in `[cloud]`."""

    file: str = ""
    """A file on a disk of this machine, which bridges with data folders of their own may share; a
    relative path is one inside the data folder. Empty for `store.db` there."""


class Operator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sits at this console while there is no sign-in."""

    uid: str = "local"
    """Their id, as in `createdBy` and in the staff profiles."""
    name: str = ""
    """What they are called."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set; each part has sound defaults."""

    business: Business = Business()
    console: Console = Console()
    sending: Sending = Sending()
    crm: Crm = Crm()
    llm: Llm = Llm()
    operator: Operator = Operator()
    cloud: Cloud = Cloud()
    bridge: Bridge = Bridge()
    store: Storage = Storage()


def load_settings(folder: DataFolder) -> Settings:
    """Return the settings of `folder`; the defaults when it has no settings file.

    Raises SettingsError, naming the file and the setting, for anything that cannot be used.
    """
    path = folder.settings_file
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, error) from error
    import tomllib  # noqa: PLC0415 - most installations have no such file

    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
        ZoneInfo(settings.business.time_zone)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _unusable(path, error) from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            _("The time zone in {path} is not known: {reason}.").format(path=path, reason=error),
            hint=_("Use an IANA name such as Europe/Bucharest."),
        ) from error
    return settings


def placed(settings: Settings, folder: DataFolder) -> Settings:
    """Return settings for use, their paths absolute: relative ones are inside `folder`."""

    def inside(path: str) -> str:
        return str((folder.root / Path(path).expanduser()).absolute()) if path else ""

    llm, cloud, bridge, store = settings.llm, settings.cloud, settings.bridge, settings.store
    replace = msgspec.structs.replace
    if not is_database_url(bridge.sessions):
        bridge = replace(bridge, sessions=inside(bridge.sessions))
    return replace(
        settings,
        llm=replace(llm, key_file=inside(llm.key_file)),
        cloud=replace(cloud, credentials_file=inside(cloud.credentials_file)),
        bridge=bridge,
        store=replace(store, file=inside(store.file)),
    )


def is_database_url(place: str) -> bool:
    """Whether a place of sessions is a database server's rather than a folder."""
    return place.startswith(("postgres://", "postgresql://"))


def _unusable(path: Path, reason: Exception) -> SettingsError:
    return SettingsError(
        _("The settings in {path} cannot be used: {reason}.").format(path=path, reason=reason),
        hint=_("Mend the file, or move it away to start from the defaults."),
    )
