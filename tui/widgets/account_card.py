"""One account as a card of a few lines: what it is, how it is, what to do about it."""

import textwrap
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from textual.content import Content

from core.i18n import _, ngettext
from core.model.conditions import explain, what_happened
from core.phones import group_digits
from core.service.account_list import condition_of
from core.text import clean_line
from tui.widgets.status_words import account_state, ago, known_status

if TYPE_CHECKING:
    from core.model.documents import Account, SyncState
    from core.service.callables import AccountHealth

_TONES = {
    "good": "$success",
    "busy": "$warning",
    "off": "$muted",
    "bad": "bold $error",
    "plain": "",
}
_BAR_CELLS = 20
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Moment:
    """The present, and the time zone in which moments are shown."""

    now: datetime
    zone: ZoneInfo

    def show(self, moment: datetime) -> str:
        """Return a moment as the hour if it is today, else as its date."""
        local, today = moment.astimezone(self.zone), self.now.astimezone(self.zone).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        return f"{local:%d.%m. %H:%M}" if local.year == today.year else f"{local:%d.%m.%Y}"


def account_card(
    account: "Account",
    health: "AccountHealth | None",
    moment: Moment,
    width: int,
    *,
    is_chosen: bool = False,
    may_act: bool = True,
    is_bridge_away: bool = False,
) -> Content:
    """Return the card, wrapped to `width` cells, with a bar beside it if it is the chosen one.

    `may_act` is whether the operator may do what there is to do.
    """
    width -= 1
    status = known_status(account.status, is_bridge_away=is_bridge_away)
    glyph, word, tone = account_state(status)
    style = _TONES[tone]
    name = clean_line(account.name)
    title = Content.assemble(
        (f"{glyph} ", style), (f"{account.account_id}  ", "bold"), (name, "bold"), "  ",
        (word, style),
    )  # fmt: skip
    lines = [title.truncate(width, ellipsis=True)]
    lines += _wrapped(" · ".join(_facts(account, status, health, moment)), width, "$muted")
    if account.sync is not None and status not in ("qr_ready", "connecting"):
        lines.append(_history(account, account.sync, moment).truncate(width, ellipsis=True))
    sentence = _sentence(account, status, health, moment, may_act=may_act)
    lines += _wrapped(sentence, width, style)
    mark = Content.styled("▌", "$primary") if is_chosen else Content(" ")
    return Content("\n").join([Content.assemble(mark, line) for line in [*lines, Content("")]])


def _sentence(
    account: "Account",
    status: str,
    health: "AccountHealth | None",
    moment: Moment,
    *,
    may_act: bool,
) -> str:
    """Return what the operator should know or do about an account; empty when all is well."""
    if status == "qr_ready":
        if not may_act:
            return _("Waiting for the phone.")
        return _("Waiting for the phone: press enter and scan the QR code.")
    if status == "connecting":
        return _("Connecting to WhatsApp…")
    if status in ("connected", "unknown"):
        return ""
    code = condition_of(account)
    if may_act:
        said = explain(code) if code else _("It is not connected; press r to connect it.")
    else:
        said = what_happened(code) if code else _("It is not connected.")
    if health is not None and health.next_attempt_at is not None:
        wait = int((health.next_attempt_at - moment.now).total_seconds())
        if wait > 0:
            said += " " + _("Next try in {n} s.").format(n=wait)
    return said


def _facts(
    account: "Account", status: str, health: "AccountHealth | None", moment: Moment
) -> list[str]:
    facts = [group_digits(account.phone_e164) if account.phone_e164 else _("no phone paired yet")]
    if status == "connected" and health is not None and health.last_heard_at is not None:
        facts.append(_("heard {ago}").format(ago=ago(health.last_heard_at, moment.now)))
    if account.last_connected_at is not None:
        since = moment.show(account.last_connected_at)
        if status == "connected":
            facts.append(_("connected since {time}").format(time=since))
        else:
            facts.append(_("last connected {time}").format(time=since))
    if health is not None and health.journal_backlog:
        facts.append(_("{n} coming in").format(n=health.journal_backlog))
    return facts


def _history(account: "Account", sync: "SyncState", moment: Moment) -> Content:
    threads = ngettext("{n} conversation", "{n} conversations", sync.threads).format(n=sync.threads)
    messages = ngettext("{n} message", "{n} messages", sync.messages).format(n=sync.messages)
    counts = f"{threads}, {messages}"
    if sync.progress < 100:
        done = round(_BAR_CELLS * max(0, sync.progress) / 100)
        return Content.assemble(
            _INDENT, (_("history "), "$muted"), ("━" * done, "$primary"),
            ("─" * (_BAR_CELLS - done), "$muted"), f" {sync.progress} %  {counts}",
        )  # fmt: skip
    if account.last_history_sync_at is None:
        text = _("history: {counts}").format(counts=counts)
    else:
        text = _("history: {counts}, complete since {time}").format(
            counts=counts, time=moment.show(account.last_history_sync_at)
        )
    return Content.styled(_INDENT + text, "$muted")


def _wrapped(text: str, width: int, style: str) -> list[Content]:
    room = max(width - len(_INDENT), 10)
    return [Content.styled(_INDENT + line, style) for line in textwrap.wrap(text, room)]
