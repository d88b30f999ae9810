"""What lies beyond the data folder: sign-in, the running bridge, addresses, the accounts' keys."""

import asyncio
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bridge.doctor.finding import Finding
from bridge.lock import holder
from bridge.server.address import Address, metrics_address, team_address, team_names
from core.errors import CapcoadaError
from core.i18n import _
from core.identity.rest import emulator_host
from core.identity.session import LocalSession
from core.paths import DataFolder
from core.service.bridge import BridgeClient, checked_url
from core.service.callables import Health
from core.settings import Cloud, Settings, is_database_url

_PATIENCE_SECONDS = 5.0
_POSTGRES_PORT = 5432


def settings(settings: Settings) -> Iterator[Finding]:
    """Tell what the settings say of time and money, and of the team."""
    text = _("Settings: time zone {zone}, currency {currency}.")
    business = settings.business
    yield Finding("ok", text.format(zone=business.time_zone, currency=business.currency))
    if settings.cloud.project:
        yield _sign_in(settings.cloud)
        yield from _credentials(settings.cloud)
    yield from _sessions(settings)


def _sign_in(cloud: Cloud) -> Finding:
    """Say where a team signs in, and what it lacks for that."""
    if host := emulator_host():
        text = _("Operators sign in at the Auth emulator at {host}: no proof of who they are.")
        return Finding("note", text.format(host=host))
    if not cloud.api_key:
        text = _("Nobody can sign in to {project}: api_key under [cloud] is not set.")
        return Finding("problem", text.format(project=cloud.project))
    return Finding("ok", _("Operators sign in to {project}.").format(project=cloud.project))


def _credentials(cloud: Cloud) -> Iterator[Finding]:
    """Look at the bridge's key file; whether Google takes it shows when the store is opened."""
    if not cloud.credentials_file:
        return
    path = Path(cloud.credentials_file)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        text = _("The service account's key {path} cannot be read: {why}.")
        yield Finding("problem", text.format(path=path, why=error.strerror))
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        text = _("Others can read {path}: run chmod go-rwx on it.")
        yield Finding("problem", text.format(path=path))
    else:
        yield Finding("ok", _("The service account's key is {path}.").format(path=path))


def _sessions(settings: Settings) -> Iterator[Finding]:
    """Look at the place of the accounts' keys that bridges share."""
    place = settings.bridge.sessions
    if is_database_url(place):
        parts = urlsplit(place)
        host, port = parts.hostname or "localhost", parts.port or _POSTGRES_PORT
        try:
            socket.create_connection((host, port), _PATIENCE_SECONDS).close()
        except OSError as error:
            text = _("The database of the accounts' keys at {host}:{port} does not answer: {why}.")
            yield Finding("problem", text.format(host=host, port=port, why=error))
        else:
            text = _("The database of the accounts' keys at {host}:{port} answers.")
            yield Finding("ok", text.format(host=host, port=port))
    elif place:
        folder = Path(place)
        if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            text = _("The folder of the accounts' keys {path} cannot be written.")
            yield Finding("problem", text.format(path=place))
        else:
            yield Finding("ok", _("The accounts' keys are in {path}.").format(path=place))


def bridge(folder: DataFolder, settings: Settings) -> Iterator[Finding]:
    """Ask this folder's bridge how it is, and call it where the settings say that it listens."""
    pid = holder(folder.lock_file)
    if pid is None:
        yield Finding("note", _("No bridge runs; the console starts one."))
    else:
        yield _running(folder, pid)
    yield from _addresses(settings, is_running=pid is not None)
    if settings.cloud.bridge_url:
        yield _team_bridge(settings.cloud.bridge_url)


def _running(folder: DataFolder, pid: int) -> Finding:
    async def ask() -> Health:
        client = BridgeClient(folder, LocalSession())
        try:
            return await client.health()
        finally:
            await client.close()

    try:
        health = asyncio.run(ask())
    except CapcoadaError as error:
        return Finding(
            "problem", f"{error.message} " + _("It holds the lock as {pid}.").format(pid=pid)
        )
    if health.store_error:
        return Finding(
            "problem", _("The bridge cannot store: {why}").format(why=health.store_error)
        )
    return Finding("ok", _("The bridge runs as process {pid}.").format(pid=pid))


def _addresses(settings: Settings, *, is_running: bool) -> Iterator[Finding]:
    """Check that the addresses may be listened on, and that a running bridge answers there."""
    try:
        team, metrics = team_address(settings), metrics_address(settings)
    except CapcoadaError as error:
        yield Finding("problem", str(error))
        return
    if team is not None:
        name = sorted(team_names(settings, team))[0]
        yield _listening(team, "/health", name, is_running=is_running)
    if metrics is not None:
        yield _listening(metrics, "/metrics", metrics.host, is_running=is_running)


def _listening(address: Address, path: str, name: str, *, is_running: bool) -> Finding:
    if not is_running:
        return Finding("ok", _("The bridge will listen on {address}.").format(address=address))
    host = "127.0.0.1" if address.host in ("0.0.0.0", "::") else address.host  # noqa: S104
    why = _why_not(f"http://{Address(host, address.port)}{path}", {"Host": name})
    if why:
        text = _("The bridge does not answer on {address}: {why}.")
        return Finding("problem", text.format(address=address, why=why))
    return Finding("ok", _("The bridge answers on {address}.").format(address=address))


def _team_bridge(url: str) -> Finding:
    try:
        url = checked_url(url)
    except CapcoadaError as error:
        return Finding("problem", str(error))
    if why := _why_not(f"{url}/health", {}):
        text = _("The team's bridge at {url} cannot be reached: {reason}.")
        return Finding("problem", text.format(url=url, reason=why))
    return Finding("ok", _("The team's bridge answers at {url}.").format(url=url))


def _why_not(url: str, headers: dict[str, str]) -> str:
    """Return why a URL is not answered as a bridge does; empty when it is."""
    import httpx  # noqa: PLC0415 - only a doctor with addresses to call needs it

    try:
        answer = httpx.get(
            url,
            headers=headers,
            timeout=_PATIENCE_SECONDS,
            trust_env=url.startswith("https:"),
            follow_redirects=False,
        )
    except httpx.HTTPError as error:
        return str(error) or type(error).__name__
    if answer.status_code != 200:
        return f"HTTP {answer.status_code}"
    is_ours = url.endswith("/metrics") or '"status":"ok"' in answer.text
    return "" if is_ours else _("something else answers there")
