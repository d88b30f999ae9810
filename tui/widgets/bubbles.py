"""One message laid out as lines of styled spans: pure, so that it can be cached and measured.

A style name is a dotted list of names of `tui.look`.
"""

from datetime import date, datetime, tzinfo

import msgspec

from core.i18n import _
from core.service.chat import UNSENT, MessageRow
from tui.widgets.cells import cell_len, clip, fit
from tui.widgets.days import clock_label, day_label
from tui.widgets.message_words import has_label, label, tick, trouble
from tui.widgets.wrap import wrap

Span = tuple[str, str]
"""Text and style name."""
Line = tuple[Span, ...]

WIDEST = 76
"""Cells of the widest bubble's text: longer lines are hard to read."""
GUTTER = 2
"""Cells at the left, where the message cursor is drawn."""
_NAME_TONES = 5


class Setting(msgspec.Struct, frozen=True):
    """What a message's look depends on besides the message."""

    width: int
    zone: tzinfo
    today: date
    keys: tuple[tuple[str, str], ...] = ()
    """Shown key by command id, for the hints under troubled messages."""
    is_group: bool = False


class Context(msgspec.Struct, frozen=True):
    """What a message's look depends on in the message before it."""

    day: date | None
    """The day to announce above the message, if a new one begins."""
    is_first: bool
    """Whether somebody else wrote the message before."""


def context_of(row: MessageRow, before: MessageRow | None, zone: tzinfo) -> Context:
    """Return what follows from the message before, if there is one."""
    day = row.moment.astimezone(zone).date()
    if before is None or before.moment.astimezone(zone).date() != day:
        return Context(day, is_first=True)
    same = before.is_outbound == row.is_outbound and before.sender_jid == row.sender_jid
    return Context(None, is_first=not same or before.kind == "system")


def lay_out(row: MessageRow, context: Context, setting: Setting) -> list[Line]:
    """Return the lines of a message, with the blank or day line that goes before it."""
    lines: list[Line] = []
    if context.day is not None:
        lines += [(), _centred(day_label(context.day, setting.today), "day", setting.width), ()]
    elif context.is_first:
        lines.append(())
    if row.kind == "system":
        room = max(8, setting.width - 8)
        return lines + [_centred(text, "system", setting.width) for text in wrap(row.text, room)]
    lines += _bubble(row, context, setting)
    if text := trouble(row, dict(setting.keys)):
        lines += [
            _aligned(((piece, "error"),), cell_len(piece), setting.width, is_right=True)
            for piece in wrap(text, min(WIDEST, max(8, setting.width - GUTTER - 2)))
        ]
    return lines


def _bubble(row: MessageRow, context: Context, setting: Setting) -> list[Line]:
    room = max(6, min(WIDEST, (setting.width - GUTTER - 3) * 4 // 5))
    base = "out" if row.is_outbound else "in"
    inner: list[Line] = []
    if setting.is_group and context.is_first and not row.is_outbound:
        name = row.sender or row.sender_jid.partition("@")[0] or "?"
        inner.append(((clip(name, room), f"{base}.name{_tone(row.sender_jid or name)}"),))
    if row.is_revoked:
        inner.append((("× " + _("This message was deleted"), f"{base}.gone"),))
    else:
        inner += _content(row, base, room)
    meta = _meta(row, setting.zone, base)
    meta_cells = sum(cell_len(text) for text, _style in meta)
    last_cells = _cells(inner[-1]) if inner else 0
    if inner and last_cells + 2 + meta_cells <= room:
        width = max(*map(_cells, inner), last_cells + 2 + meta_cells)
        gap = width - last_cells - meta_cells
        inner[-1] = (*inner[-1], (" " * gap, base), *meta)
    else:
        width = max([meta_cells, *map(_cells, inner)])
        inner.append(((" " * (width - meta_cells), base), *meta))
    return [
        _aligned(
            ((" ", base), *line, (" " * (width - _cells(line) + 1), base)),
            width + 2,
            setting.width,
            is_right=row.is_outbound,
        )
        for line in inner
    ]


def _content(row: MessageRow, base: str, room: int) -> list[Line]:
    inner: list[Line] = []
    if row.quote is not None:
        who = row.quote.sender or _("quoted")
        inner.append((("▎", f"{base}.bar"), (clip(who, room - 2), f"{base}.quote.strong")))
        inner.append(
            (("▎", f"{base}.bar"), (clip(row.quote.body or "…", room - 2), f"{base}.quote"))
        )
    body = row.text
    if has_label(row):
        inner += [((text, f"{base}.media"),) for text in wrap(label(row), room)]
        body = row.body
    if body:
        inner += [((text, base),) for text in wrap(body, room)]
    elif not inner:
        inner.append((("…", f"{base}.meta"),))
    if row.reactions:
        text = "  ".join(f"{emoji} {n}" if n > 1 else emoji for emoji, n in row.reactions)
        inner.append(((clip(text, room), f"{base}.meta"),))
    return inner


def _meta(row: MessageRow, zone: tzinfo, base: str) -> list[Span]:
    meta = []
    if row.is_edited and not row.is_revoked:
        meta.append((_("edited") + " ", f"{base}.meta"))
    meta.append((clock_label(row.moment, zone), f"{base}.meta"))
    if row.is_outbound and (sign := tick(row.status)):
        tone = {"read": "read", "failed": "error", UNSENT: "error", "uncertain": "error"}
        meta.append((" " + fit(sign, 3), f"{base}.{tone.get(row.status, 'meta')}"))
    return meta


def _cells(line: Line) -> int:
    return sum(cell_len(text) for text, _style in line)


def _aligned(spans: Line, cells: int, width: int, *, is_right: bool) -> Line:
    left = width - cells - 1 if is_right else GUTTER
    return ((" " * max(GUTTER, left), ""), *spans)


def _centred(text: str, style: str, width: int) -> Line:
    shown = clip(f" {text} ", width)
    side = max(0, (width - cell_len(shown)) // 2)
    if style == "day":
        dashes = "─" * min(6, side)
        return ((" " * (side - len(dashes)), ""), (f"{dashes}{shown}{dashes}", style))
    return ((" " * side, ""), (shown, style))


def _tone(identity: str) -> int:
    return sum(identity.encode("utf-8", "replace")) % _NAME_TONES


def copied_text(row: MessageRow) -> str:
    """Return what copying a message gives: its text, or else what stands for it."""
    return row.text or label(row)


def today_in(zone: tzinfo, now: datetime) -> date:
    """Return the business's calendar day."""
    return now.astimezone(zone).date()
