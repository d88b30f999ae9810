"""neonize's events about the connection and the login, as reports to the daemon. Pure."""

from typing import Any

from bridge.whatsapp.proto import EventCode, neonize_pb2
from bridge.whatsapp.protocol import Connection, LoginFailure

_REASONS = neonize_pb2.ConnectFailureReason
_TOO_FAST = frozenset(("428", "429", "503"))

CONNECTION_CODES = frozenset(
    (
        EventCode.CONNECTED,
        EventCode.KEEPALIVE_TIMEOUT,
        EventCode.KEEPALIVE_RESTORED,
        EventCode.LOGGED_OUT,
        EventCode.STREAM_REPLACED,
        EventCode.TEMPORARY_BAN,
        EventCode.CONNECT_FAILURE,
        EventCode.CLIENT_OUTDATED,
        EventCode.STREAM_ERROR,
        EventCode.DISCONNECTED,
    )
)
"""The events that `connection_report` reads."""


def connection_report(code: int, event: Any) -> Connection | None:
    """Return what an event says about the connection, None for what needs no report."""
    match code:
        case EventCode.CONNECTED:
            return Connection(kind="connected")
        case EventCode.DISCONNECTED:
            return Connection(kind="disconnected")
        case EventCode.KEEPALIVE_TIMEOUT:
            return Connection(kind="keepalive_timeout", detail=f"{event.ErrorCount} without answer")
        case EventCode.KEEPALIVE_RESTORED:
            return Connection(kind="keepalive_restored")
        case EventCode.LOGGED_OUT:
            return Connection(kind="logged_out", detail=_reason(event.Reason))
        case EventCode.STREAM_REPLACED:
            return Connection(kind="stream_replaced")
        case EventCode.CLIENT_OUTDATED:
            return Connection(kind="client_outdated")
        case EventCode.TEMPORARY_BAN:
            ban = neonize_pb2.TemporaryBan.TempBanReason.Name(event.Code)
            seconds = float(event.Expire) if event.Expire > 0 else None
            return Connection(
                kind="temporary_ban",
                detail=ban.lower().replace("_", " "),
                retry_after_seconds=seconds,
            )
        case EventCode.STREAM_ERROR if event.Code in _TOO_FAST:
            return Connection(kind="throttled", detail=f"stream error {event.Code}")
        case EventCode.CONNECT_FAILURE:
            return _connect_failure(event)
    return None


def _connect_failure(event: Any) -> Connection:
    """Return what a refused connection means; the raw node tells codes that the enum lacks."""
    told = {attribute.name: attribute for attribute in event.Raw.Attrs}.get("reason")
    number = (told.text or str(told.integer)) if told is not None else ""
    detail = f"{number} {event.Message or _reason(event.Reason)}".strip()
    if event.Reason == _REASONS.CLIENT_OUTDATED or number == "405":
        return Connection(kind="client_outdated", detail=detail)
    if event.Reason == _REASONS.SERVICE_UNAVAILABLE or number in _TOO_FAST:
        return Connection(kind="throttled", detail=detail)
    if event.Reason in (
        _REASONS.LOGGED_OUT,
        _REASONS.MAIN_DEVICE_GONE,
        _REASONS.UNKNOWN_LOGOUT,
    ):
        return Connection(kind="logged_out", detail=detail)
    if event.Reason == _REASONS.TEMP_BANNED:
        return Connection(kind="temporary_ban", detail=detail)
    return Connection(kind="connect_failure", detail=detail)


def _reason(number: int) -> str:
    try:
        return str(_REASONS.Name(number)).lower().replace("_", " ")
    except ValueError:
        return str(number)


def login_failure(status: str) -> LoginFailure | None:
    """Return what a status of the pairing round means; None when it is no failure.

    The statuses are those of whatsmeow's QR channel, as neonize passes them on.
    """
    if status in ("success", "code"):
        return None
    if status == "timeout":
        return "qr_timeout"
    if status == "err-client-outdated":
        return "client_outdated"
    if status == "err-scanned-without-multidevice":
        return "no_multidevice"
    if status.startswith("passkey"):
        return "passkey_required"
    return "error"
