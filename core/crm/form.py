"""An event being filled in: a draft or a stored event below, what the operator wrote on top."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from msgspec.structs import replace

from core.crm.advice import advise
from core.crm.agenda import clashes_of
from core.crm.catalogue import Catalogue
from core.crm.differences import Difference, apply_draft, differences, event_of_draft
from core.crm.draft import EventDraft
from core.crm.events import Event, EventRole, EventSource, StoredEvent
from core.crm.money import show_amount
from core.crm.role_text import read_roles
from core.crm.slots import put_in_slots
from core.crm.validation import InvalidField, check_event, parse_field
from core.crm.words import attribute_of, show_role, value_of
from core.i18n import _
from core.text import clean_line, clean_text

FIELDS = (
    "date", "startTime", "durationMin", "address", "phoneE164", "parentName", "childName",
    "childAge", "numChildren", "rolesBySlot", "payment.amount", "payment.currency",
    "payment.status", "payment.deposit", "payment.method", "notes",
)  # fmt: skip
"""Named as in the document, in the order of the form."""
ROLES = "rolesBySlot"
"""The field of the services, which are lines."""


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One line of the services: what is written, and the service it stood for at first."""

    text: str
    base: EventRole | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form amounts to."""

    event: Event
    errors: dict[str, str]
    """Field to a sentence; empty when it can be saved."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an operator wrote on top of what was there."""

    texts: dict[str, str]
    """By field, without the services."""
    role_lines: tuple[RoleLine, ...] | None
    """The services; None while they are as they were."""


class EventForm:
    """What one event is to become. What the operator wrote stays when the draft below changes."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        client_request_id: str,
        zone: tzinfo,
        phone_e164: str | None = None,
        currency: str = "RON",
        region: str = "RO",
    ) -> None:
        self._catalogue = catalogue
        self._zone = zone
        """The business's."""
        self._currency = currency
        self._region = region
        self.client_request_id = client_request_id
        self.phone_e164 = phone_e164
        self.source = EventSource()
        self.draft: EventDraft | None = None
        self.target: StoredEvent | None = None
        """The stored event that is changed; None while a new one is made."""
        self.written: dict[str, str] = {}
        """Field to what the operator wrote instead of what was there."""
        self.role_lines: tuple[RoleLine, ...] | None = None
        """The services as the operator wrote them; None while untouched."""
        self.discarded: list[Written] = []
        """What `start_over` put aside and `take_back` brings back, the newest last."""

    # -- below ------------------------------------------------------------------------------------

    def propose(
        self, draft: EventDraft, *, phone_e164: str | None, source: EventSource, request_id: str
    ) -> None:
        """Put a draft below what the operator wrote."""
        self.draft = draft
        self.source = source
        self.client_request_id = request_id
        self.phone_e164 = phone_e164 or self.phone_e164

    def aim(self, target: StoredEvent | None) -> None:
        """Change this stored event, or make a new one."""
        self.target = target

    def settle(self, saved: StoredEvent, kept: Written | None = None) -> None:
        """Go on from what was saved, with nothing on top of it but what is `kept` and differs."""
        self.target = saved
        self.draft = None
        self.discarded.clear()
        self._forget()
        if kept is None:
            return
        for field, text in kept.texts.items():
            self.write(field, text)
        if kept.role_lines is not None:
            self.write_roles(kept.role_lines)
        if not self.filled().errors and not self.changes():
            self._forget()

    def start_over(self) -> None:
        """Put what the operator wrote aside."""
        if self.is_touched:
            self.discarded.append(self.on_top)
            self._forget()

    def take_back(self) -> None:
        """Bring back what was put aside last, below what was written since."""
        if self.discarded:
            before = self.discarded.pop()
            self.written = before.texts | self.written
            self.role_lines = before.role_lines if self.role_lines is None else self.role_lines

    def _forget(self) -> None:
        self.written.clear()
        self.role_lines = None

    @property
    def below(self) -> Event:
        """The event without what the operator wrote."""
        if self.target is not None:
            event = self.target.event
            return apply_draft(event, self.draft) if self.draft else event
        draft = self.draft or EventDraft()
        event = event_of_draft(draft, phone_e164=self.phone_e164, source=self.source)
        if event.payment.currency is None:
            event = replace(event, payment=replace(event.payment, currency=self._currency))
        return event

    @property
    def is_touched(self) -> bool:
        """Whether the operator wrote anything."""
        return bool(self.written) or self.role_lines is not None

    # -- on top -----------------------------------------------------------------------------------

    def write(self, field: str, text: str) -> None:
        """Take what the operator wrote into a field; what was there anyway is nothing written."""
        if text == shown(self.below, field):
            self.written.pop(field, None)
        else:
            self.written[field] = text

    def write_roles(self, lines: Iterable[RoleLine]) -> None:
        """Take the services as the operator wrote them."""
        kept = tuple(line for line in lines if clean_line(line.text))
        before = tuple(RoleLine(clean_line(show_role(role)), role) for role in self.below.roles)
        self.role_lines = None if kept == before else kept

    def text(self, field: str) -> str:
        """Return what a field shows."""
        return self.written.get(field, shown(self.below, field))

    @property
    def lines(self) -> tuple[RoleLine, ...]:
        """The services, one line each."""
        if self.role_lines is not None:
            return self.role_lines
        return tuple(RoleLine(clean_line(show_role(role)), role) for role in self.below.roles)

    def roles_of(self, line: RoleLine) -> list[EventRole]:
        """Return the services that a line stands for."""
        return read_roles(line.text, self._catalogue, base=line.base)

    @property
    def shown(self) -> Written:
        """All that the form shows at this moment."""
        texts = {field: self.text(field) for field in FIELDS if field != ROLES}
        return Written(texts, self.lines)

    @property
    def on_top(self) -> Written:
        """What the operator wrote."""
        return Written(dict(self.written), self.role_lines)

    def since(self, before: Written) -> Written:
        """Return what was written since the form showed `before`."""
        now = self.shown
        texts = {field: text for field, text in now.texts.items() if text != before.texts[field]}
        return Written(texts, None if now.role_lines == before.role_lines else now.role_lines)

    # -- together ---------------------------------------------------------------------------------

    def filled(self) -> Filled:
        """Return the event as it would be saved, and what is wrong with it."""
        event, wrong = self.below, {}
        top: dict[str, Any] = {}
        payment: dict[str, Any] = {}
        for field, text in self.written.items():
            try:
                value = text if field == "payment.status" else self._parse(field, text)
            except InvalidField as error:
                wrong[field] = str(error)
            else:
                (payment if "." in field else top)[attribute_of(field)] = value
        if self.role_lines is not None:
            roles = [role for line in self.role_lines for role in self.roles_of(line)]
            if self.target is None:  # no slot is anybody's yet
                roles = [replace(role, slot="") for role in roles]
            top["roles_by_slot"] = put_in_slots(roles, event.event_short_id)
        event = replace(event, **top, payment=replace(event.payment, **payment))
        return Filled(event, {**check_event(event), **wrong})

    def changes(self) -> list[Difference]:
        """Return what saving would change in the stored event; empty for a new one."""
        if self.target is None:
            return []
        return differences(self.target.event, self.filled().event)

    def advice(self, today: date, near: Iterable[Event]) -> dict[str, str]:
        """Return field to what the operator should look at; none of it forbids to save.

        `near` are the events of all clients around the form's day.
        """
        before = self.target.event if self.target else None
        event = replace(self.filled().event, event_id=before.event_id if before else "")
        clashes = clashes_of(event, near, self._zone, self._catalogue)
        return advise(event, today=today, zone=self._zone, clashes=clashes, before=before)

    def _parse(self, field: str, text: str) -> Any:
        return parse_field(field, text, region=self._region)


def shown(event: Event, field: str) -> str:
    """Return what an event holds in a field as a form's text."""
    value = value_of(event, field)
    if value is None:
        return ""
    if field in ("payment.amount", "payment.deposit"):
        return show_amount(value)
    return clean_text(str(value)) if field == "notes" else clean_line(str(value))


def name_event(event: Event) -> str:
    """Return what people call an event: `#12 18:00 Maria Ionescu`."""
    number = f"#{event.event_short_id}" if event.event_short_id else ""
    name = event.parent_name or event.child_name or event.phone_e164
    parts = (number, event.start_time, name and clean_line(name))
    return " ".join(part for part in parts if part) or _("another event")
