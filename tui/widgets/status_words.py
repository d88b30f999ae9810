"""The words and glyphs for the state of accounts and bridge; never colour alone."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from core.i18n import _, ngettext
from core.service.accounts import AccountView

if TYPE_CHECKING:
    from tui.events import HealthChanged

Tone = Literal["good", "busy", "off", "bad", "plain"]


class Part(msgspec.Struct, frozen=True):
    """A piece of the status line."""

    text: str
    tone: Tone = "plain"


def known_status(status: str, *, is_bridge_away: bool) -> str:
    """Return an account's status; `unknown` for one that nobody keeps while the bridge is away."""
    is_kept = status in ("connected", "connecting", "qr_ready")
    return "unknown" if is_kept and is_bridge_away else status


def account_state(status: str) -> tuple[str, str, Tone]:
    """Return glyph, word and tone of an account's status."""
    match status:
        case "connected":
            return "●", _("connected"), "good"
        case "connecting":
            return "◷", _("connecting"), "busy"
        case "qr_ready":
            return "◐", _("pairing"), "busy"
        case "logged_out":
            return "×", _("logged out"), "bad"
        case "banned":
            return "×", _("blocked"), "bad"
        case "failed":
            return "×", _("failed"), "bad"
        case "unknown":
            return "?", _("unknown"), "off"
        case _:
            return "○", _("disconnected"), "off"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was, in its largest fitting unit."""
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 60:
        return _("{n} s ago").format(n=seconds)
    if seconds < 3600:
        return _("{n} min ago").format(n=seconds // 60)
    if seconds < 86_400:
        return _("{n} h ago").format(n=seconds // 3600)
    days = seconds // 86_400
    return ngettext("{n} day ago", "{n} days ago", days).format(n=days)


def account_parts(
    accounts: tuple[AccountView, ...] | None,
    health: "HealthChanged | None",
    now: datetime,
    detail: int,
) -> list[Part]:
    """Return the accounts' pieces: detail 3 says when each was heard, 2 its word, 1 its glyph.

    Of accounts that were not read yet (None) nothing is said.
    """
    heard = {}
    is_bridge_away = health is not None and health.health is None
    if health and health.health:
        heard = {each.account_id: each.last_heard_at for each in health.health.accounts}
    parts = []
    for account in accounts or ():
        status = known_status(account.status, is_bridge_away=is_bridge_away)
        glyph, word, tone = account_state(status)
        parts.append(Part(f" {account.account_id} "))
        if detail == 1:
            parts.append(Part(f"{glyph} ", tone))
            continue
        parts.append(Part(f"{glyph} {word} ", tone))
        if account.progress is not None:
            parts.append(Part(_("history {n}% ").format(n=account.progress), "busy"))
        moment = heard.get(account.account_id)
        if detail == 3 and moment is not None:
            parts.append(Part(_("· heard {ago} ").format(ago=ago(moment, now)), "off"))
    if accounts == ():
        parts.append(Part(_(" no account yet: F2 adds one "), "off"))
    return parts


def bridge_parts(
    health: "HealthChanged | None", store_problem: str, sign_in_problem: str = ""
) -> list[Part]:
    """Return what is to be said about sign-in, store, bridge and outbox: always shown.

    Without a token nobody asks the others, so a problem that is the sign-in's is not called theirs.
    """
    parts = []
    is_asked = True
    if sign_in_problem:
        parts.append(Part(_(" × sign-in away "), "bad"))
        if store_problem.startswith(sign_in_problem):
            store_problem = ""
        is_asked = health is None or not health.problem.startswith(sign_in_problem)
    if health is None:
        parts.append(Part(_(" ◷ asking the bridge "), "off"))
    elif health.health is None:
        if is_asked:
            parts.append(Part(_(" × bridge away "), "bad"))
    else:
        answer = health.health
        if answer.store == "away" or store_problem:
            parts.append(Part(_(" × store away "), "bad"))
        if backlog := sum(account.journal_backlog for account in answer.accounts):
            parts.append(Part(_(" {n} coming in ").format(n=backlog), "busy"))
        if answer.outbox_uncertain:
            parts.append(Part(_(" ? {n} uncertain ").format(n=answer.outbox_uncertain), "bad"))
        parts.append(
            Part(
                _(" outbox {n} ").format(n=answer.outbox_waiting),
                "busy" if answer.outbox_waiting else "off",
            )
        )
    if store_problem and not (health and health.health):
        parts.append(Part(_(" × store away "), "bad"))
    return parts
