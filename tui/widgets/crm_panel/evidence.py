"""Where a draft came from: who made it, how sure it is, why, and from which messages."""

from datetime import tzinfo

from textual.content import Content

from core.i18n import _
from core.service.callables import ExtractAnswer
from core.text import clean_line

_NAMES = {"rolesBySlot": ("roles", "droppedRoles")}
"""Field of the document to what a draft calls its parts, where that differs."""
_MOST_REASONS = 4


def messages_of(answer: ExtractAnswer, field: str) -> tuple[str, ...]:
    """Return the ids of the messages that a field's value came from."""
    parts = _NAMES.get(field, (field,))
    return tuple(dict.fromkeys(one for part in parts for one in answer.evidence.get(part, ())))


def confidence_of(answer: ExtractAnswer, field: str) -> float | None:
    """Return how sure the engine was of a field, 0 to 1; None when it does not say."""
    known = answer.field_confidence
    return min((known[part] for part in _NAMES.get(field, (field,)) if part in known), default=None)


def percent(share: float) -> str:
    """Return a share for people."""
    return f"{round(share * 100)} %"


def engine_name(answer: ExtractAnswer) -> str:
    """Return which engine made the draft."""
    if answer.engine == "rules":
        return _("built-in rules")
    return " ".join(filter(None, (answer.engine, clean_line(answer.model or ""))))


def summary(answer: ExtractAnswer, zone: tzinfo) -> list[Content]:
    """Return what is said about a draft above its form."""
    intent = {
        "BOOKING": _("a booking"),
        "UPDATE": _("a change to a booking"),
        "QUESTION": _("a question"),
        "CANCEL": _("a cancellation"),
        "OTHER": _("something else"),
    }[answer.intent]
    said = _("{intent}, {sure} sure · {engine} · {time}").format(
        intent=intent[:1].upper() + intent[1:],
        sure=percent(answer.confidence),
        engine=engine_name(answer),
        time=f"{answer.created_at.astimezone(zone):%H:%M}",
    )
    lines = [Content.styled(said, "bold")]
    if answer.cached:
        lines.append(Content.styled(_("The conversation is unchanged since then."), "$muted"))
    reasons = [clean_line(reason) for reason in answer.reasons if clean_line(reason)]
    lines += [Content.styled(f"· {reason}", "$muted") for reason in reasons[:_MOST_REASONS]]
    if answer.action == "NOOP" or answer.draft_event is None:
        lines.append(Content.styled(_("It proposes no event; fill one in."), "$warning"))
    return lines


__all__ = ["confidence_of", "engine_name", "messages_of", "percent", "summary"]
