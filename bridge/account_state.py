"""The state of one account as a value, and how each report of its worker changes it.

Pure: no clock, no waiting, no documents. The supervisor acts on what comes out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bridge.whatsapp.protocol import (
    Connection,
    ConnectionKind,
    Gone,
    LoginFailed,
    LoginFailure,
    Paired,
    QrCode,
    Ready,
    Report,
)
from core.model.conditions import CONDITIONS
from core.model.documents import AccountError, AccountStatus
from core.model.ids import Jid


@dataclass(frozen=True, slots=True)
class AccountState:
    """What an account document says that its supervisor is master of."""

    status: AccountStatus = "connecting"
    jid: str | None = None
    lid_jid: str | None = None
    device_jid: str | None = None
    """The linked device: like `jid`, with the device's number."""
    phone_e164: str | None = None
    push_name: str = ""
    qr_code: str | None = None
    """Only while `qr_ready`."""
    qr_expires_at: datetime | None = None
    pairing_code: str | None = None
    last_connected_at: datetime | None = None
    error: AccountError | None = None

    @property
    def code(self) -> str:
        """The condition's code, empty while there is none."""
        return self.error.code if self.error else ""

    def is_other_device(self, before: "AccountState") -> bool:
        """Whether this is not the linked device that it was: a worker names it at each connect."""
        return (self.jid, self.device_jid) != (before.jid, before.device_jid)

    @property
    def waits_for_person(self) -> bool:
        """Whether nothing happens before a person asks for it."""
        condition = CONDITIONS.get(self.code)
        return condition is not None and condition.is_terminal and self.status == condition.status


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a worker's session is over."""

    code: str
    """A key of CONDITIONS."""
    detail: str = ""
    retry_after_seconds: float | None = None


_VERDICTS: Final[dict[ConnectionKind, str]] = {
    "logged_out": "logged_out",
    "stream_replaced": "stream_replaced",
    "temporary_ban": "banned",
    "client_outdated": "client_outdated",
    "connect_failure": "connect_failure",
    "throttled": "throttled",
}
_LOGIN_VERDICTS: Final[dict[LoginFailure, str]] = {
    "qr_timeout": "qr_expired",
    "client_outdated": "client_outdated",
    "passkey_required": "passkey_required",
    "no_multidevice": "pairing_failed",
    "error": "pairing_failed",
}


def after_report(
    state: AccountState, report: Report, now: datetime
) -> tuple[AccountState, Verdict | None]:
    """Return the state after a report, and a verdict when the worker is of no more use."""
    match report:
        case Ready():
            return state, None
        case QrCode(payload=payload, seconds_valid=seconds):
            expires = now + timedelta(seconds=seconds)
            return replace(
                state, status="qr_ready", qr_code=payload, qr_expires_at=expires, error=None
            ), None
        case Paired(jid=jid, lid_jid=lid, device_jid=device, push_name=name):
            # What another number was known by says nothing of this one.
            known = state if jid == state.jid else AccountState()
            return replace(
                _without_pairing(state),
                status="connecting",
                jid=jid,
                lid_jid=lid or known.lid_jid,
                device_jid=device or known.device_jid,
                phone_e164=Jid.parse(jid).phone_e164,
                push_name=name or known.push_name,
                error=None,
            ), None
        case LoginFailed(reason=reason, detail=detail):
            return _without_pairing(state), Verdict(_LOGIN_VERDICTS[reason], detail)
        case Connection():
            return _after_connection(state, report, now)
        case Gone(detail=detail):
            return state, Verdict("network" if detail else "worker_lost", detail)
        case _:
            return state, None


def _after_connection(
    state: AccountState, report: Connection, now: datetime
) -> tuple[AccountState, Verdict | None]:
    match report.kind:
        case "connected" | "keepalive_restored":
            return replace(
                _without_pairing(state), status="connected", last_connected_at=now, error=None
            ), None
        case "disconnected" | "keepalive_timeout":
            return with_condition(state, "network", report.detail, now), None
        case kind:
            return state, Verdict(_VERDICTS[kind], report.detail, report.retry_after_seconds)


def with_condition(state: AccountState, code: str, detail: str, now: datetime) -> AccountState:
    """Return the state with a condition of the table: its status, and no codes to scan or type."""
    condition = CONDITIONS[code]
    return replace(
        _without_pairing(state),
        status=condition.status,
        error=AccountError(code=code, detail=detail, at=now),
    )


def connecting(state: AccountState) -> AccountState:
    """Return the state at the start of an attempt; the last error stays until it succeeds."""
    return replace(_without_pairing(state), status="connecting")


def _without_pairing(state: AccountState) -> AccountState:
    return replace(state, qr_code=None, qr_expires_at=None, pairing_code=None)
