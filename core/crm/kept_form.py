"""A form that is not saved yet, written down: what an operator wrote outlives the console."""

import msgspec

from core.crm.draft import EventDraft
from core.crm.events import EventSource, StoredEvent
from core.crm.form import EventForm, RoleLine


class _KeptForm(msgspec.Struct, frozen=True, kw_only=True):
    client_request_id: str
    """Kept, so that what was saved just before the console ended does not become a second event."""
    phone_e164: str | None
    source: EventSource
    draft: EventDraft | None
    target: StoredEvent | None
    """As the operator saw it: what others changed since is then told before it is overwritten."""
    texts: dict[str, str]
    role_lines: tuple[RoleLine, ...] | None
    is_undecided: bool


def write_down(form: EventForm, *, is_undecided: bool) -> bytes:
    """Return a form as JSON, and whether it is undecided which event it is about."""
    on_top = form.on_top
    kept = _KeptForm(
        client_request_id=form.client_request_id,
        phone_e164=form.phone_e164,
        source=form.source,
        draft=form.draft,
        target=form.target,
        texts=on_top.texts,
        role_lines=on_top.role_lines,
        is_undecided=is_undecided,
    )
    return msgspec.json.encode(kept)


def bring_back(content: bytes, form: EventForm) -> bool:
    """Fill an empty form with what was written down; return whether the event is undecided.

    Raises msgspec.ValidationError when another version wrote something else.
    """
    kept = msgspec.json.decode(content, type=_KeptForm)
    form.client_request_id = kept.client_request_id
    form.phone_e164 = kept.phone_e164
    form.source, form.draft, form.target = kept.source, kept.draft, kept.target
    form.written.update(kept.texts)
    form.role_lines = kept.role_lines
    return kept.is_undecided
