"""Saving what an event's form holds, as the operator who sits at the console."""

from dataclasses import dataclass

from core.crm.form import EventForm
from core.crm.save import Saved, create_event, update_event
from core.store.port import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a save."""

    saved: Saved
    was_new: bool
    """Whether it made an event rather than changing one."""


async def save_form(store: Store, form: EventForm, *, uid: str) -> Outcome:
    """Create or update the form's event, which must be without errors, and settle the form on it.

    The same form saved again is the same event. Raises StoreError, EventMissing, EditConflict.
    """
    wanted = form.filled().event
    if form.target is None:
        saved = await create_event(store, wanted, uid=uid, client_request_id=form.client_request_id)
        form.settle(saved.stored)
        return Outcome(saved, was_new=True)
    saved = await update_event(store, form.target, wanted, uid=uid)
    form.settle(saved.stored)
    return Outcome(saved, was_new=False)
