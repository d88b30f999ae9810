"""What lies open for each conversation: an event's form, and what the bridge read out of the chat.

What is written into a form and not saved is also kept on disk, with the unsent texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from core.crm.catalogue import DEFAULT_CATALOGUE, load_catalogue
from core.crm.events import EventSource
from core.crm.form import EventForm
from core.crm.kept_form import bring_back, write_down
from core.crm.save import new_client_request_id
from core.i18n import _
from core.service.callables import ExtractAnswer
from core.service.inbox import ThreadRow
from tui.sending import Sending
from tui.services import Services

MOST_IDLE = 50
"""Desks on which nothing is unsaved or under way; of more, the one left longest ago is cleared."""


def new_form(services: Services, phone_e164: str | None) -> EventForm:
    """Return an empty form as the settings want it. Raises SettingsError for a bad catalogue."""
    settings = services.settings
    path = Path(settings.crm.catalogue) if settings.crm.catalogue else DEFAULT_CATALOGUE
    return EventForm(
        load_catalogue(path),
        client_request_id=new_client_request_id(),
        zone=services.zone,
        phone_e164=phone_e164,
        currency=settings.business.currency,
        region=settings.business.region,
    )


@dataclass
class Desk:
    """What lies open for one thread."""

    form: EventForm
    answer: ExtractAnswer | None = None
    read_until: datetime | None = None
    """When the newest message was that the extraction could read."""
    is_undecided: bool = False
    problem: str = ""
    began: datetime | None = None
    """When the reading of the conversation began that goes on; None while it is not being read."""
    is_asked_again: bool = False
    """Whether the operator asked for what comes in while it is being read."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing would be lost with it that `ctrl+e` does not bring again."""
        return self.began is None and not self.form.is_touched and not self.form.discarded


class Desks:
    """The desks by thread, the one shown last at the end."""

    def __init__(self, services: Services, sending: Sending) -> None:
        self._services = services
        self._sending = sending
        self._desks: dict[str, Desk] = {}

    def of(self, thread: ThreadRow) -> Desk:
        """Return a thread's desk as it was left, in this session or before."""
        desk = self._desks.pop(thread.id, None) or self._from_before(thread)
        self._desks[thread.id] = desk
        idle = [thread_id for thread_id, each in self._desks.items() if each.is_idle]
        for thread_id in idle[:-MOST_IDLE]:
            del self._desks[thread_id]
        return desk

    def clear(self, thread: ThreadRow) -> Desk:
        """Return an empty desk in place of a thread's."""
        self._desks[thread.id] = desk = Desk(self.new_form(thread))
        return desk

    def new_form(self, thread: ThreadRow) -> EventForm:
        """Return an empty form for a thread's event."""
        form = new_form(self._services, thread.phone or None)
        form.source = EventSource(thread_id=thread.id, account_id=thread.account_id)
        return form

    def keep(self, form: EventForm) -> None:
        """Have the file hold what is written into a form, for as long as it is not saved."""
        for thread_id, desk in self._with(form):
            content = b""
            if form.is_touched:
                content = write_down(form, is_undecided=desk.is_undecided)
            self._sending.keep_event(thread_id, content)

    def decide(self, form: EventForm, *, is_undecided: bool) -> None:
        """Take note for the thread that a form is of, whichever is shown by now."""
        for _thread_id, desk in self._with(form):
            desk.is_undecided = is_undecided
        self.keep(form)

    def _with(self, form: EventForm) -> Iterator[tuple[str, Desk]]:
        return (each for each in self._desks.items() if each[1].form is form)

    def _from_before(self, thread: ThreadRow) -> Desk:
        desk = Desk(self.new_form(thread))
        if content := self._sending.drafts.event(thread.id):
            try:
                desk.is_undecided = bring_back(content, desk.form)
            except msgspec.ValidationError:
                desk.problem = _("What was written here earlier can no longer be read.")
        return desk
