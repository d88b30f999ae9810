"""Saving what an event's form holds, as the operator who sits at the console."""

from core.crm.form import EventForm
from core.crm.save import EditConflict, Saved, create_event, update_event
from core.i18n import _
from core.store.port import Store


async def save_form(store: Store, form: EventForm, *, uid: str) -> Saved:
    """Create or update the form's event, which must be without errors, and settle the form on it.

    The same form saved again is the same event. What is written into it meanwhile stays on top of
    what was saved; so does what differs in a draft that was saved before, which EditConflict tells.
    Raises StoreError, EventMissing, EditConflict.
    """
    given, wanted = form.shown, form.filled().event
    if form.target is not None:
        saved = await update_event(store, form.target, wanted, uid=uid)
        form.settle(saved.stored, form.since(given))
        return saved
    saved = await create_event(store, wanted, uid=uid, client_request_id=form.client_request_id)
    form.settle(saved.stored, form.since(given) if saved.is_new else form.on_top)
    if not saved.is_new and (changes := form.changes()):
        text = _("This event was saved already, otherwise than it stands here.")
        raise EditConflict(saved.stored, changes, text)
    return saved
