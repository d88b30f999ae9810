"""What the conversation has established so far, and what hangs in the air."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

from core.crm.catalogue import Entry


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with the messages that support it."""

    value: Any
    ids: tuple[str, ...]
    confidence: float = 0.9
    weak: bool = False
    """Whether any later plain statement replaces it, and it replaces none."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that was asked for, or only asked about."""

    entry: Entry
    ids: tuple[str, ...]
    asked: bool
    either: bool = False
    """Whether it was named as one of two, and not chosen yet."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A service that the customer does not want any more, which a stored event may have."""

    entry: Entry
    """Without a label it means all of its kind."""
    ids: tuple[str, ...]
    asked: bool
    """Whether it is a wish, rather than a question what it would come to."""
    swapped: bool = False
    """Whether it only goes if something else comes in its place."""
    sole: bool = False
    """Whether it is not named: the one character that the event has."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """What "only Elsa" leaves of a stored event."""

    entries: tuple[Entry, ...]
    """The services that stay."""
    ids: tuple[str, ...]
    asked: bool
    """Whether it is a wish, rather than a question what it would come to."""
    beside: tuple[Entry, ...] = ()
    """What else was on the table: an event without some of it is not what was cut down."""


@dataclass(frozen=True, slots=True)
class Price:
    """One price of an offer, with the words around it to choose it by."""

    amount: Decimal
    currency: str
    minutes: int | None
    words: str
    message_id: str
    total: bool = False
    """Whether the words say that it is the price of everything."""
    partial: bool = False
    """Whether it is for a service beside those already asked for."""


@dataclass(slots=True)
class Offer:
    """What the company proposed and the customer has not answered yet."""

    prices: list[Price] = field(default_factory=list)
    minutes: Fact | None = None
    day: Fact | None = None
    hour: Fact | None = None
    hours: list[time] = field(default_factory=list)
    """The hours that the customer may choose between, in the order they were told."""
    days: list[date] = field(default_factory=list)
    """The days that the customer may choose between."""
    instead: bool = False
    """Whether the day or hour is proposed in place of the customer's."""
    address: Fact | None = None
    services: list[tuple[Entry, str]] = field(default_factory=list)
    only: list[Entry] = field(default_factory=list)
    """The services of a price for these alone ("doar Elsa")."""
    deposit: tuple[Decimal, str] | None = None


@dataclass(slots=True)
class Ledger:
    """The state of one party's talk."""

    stored: bool = False
    """Whether the customer has open events, which a message may leave as they are."""
    price_stored: Decimal | None = None
    """What the customer's one open event costs."""
    facts: dict[str, Fact] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)
    dropped: set[tuple[str, str | None]] = field(default_factory=set)
    removals: list[Removal] = field(default_factory=list)
    """What the customer took back, in the order of the messages."""
    remainder: Remainder | None = None
    """What the customer cut the services down to."""
    offer: Offer = field(default_factory=Offer)
    quotes: list[Price] = field(default_factory=list)
    """All prices that the company named so far."""
    lengths: set[int] = field(default_factory=set)
    """The lengths, in minutes, that the customer named since the company's last message."""
    topic: list[Entry] = field(default_factory=list)
    """The services that the customer's last question is about."""
    deposit_asked: bool = False
    """Whether the customer's last message asks about a deposit."""
    total_agreed: bool = False
    """Whether the agreed price was told as that of everything."""
    counter: tuple[Decimal, str, str] | None = None
    """The customer's own price that the company has not answered: amount, currency, message."""
    asked: set[str] = field(default_factory=set)
    """The fields that the company's last messages ask for."""
    open_hours: list[time] = field(default_factory=list)
    """The hours between which the customer lets the company choose: "16 sau 17"."""
    day_proposed: bool = False
    """Whether the company's last messages ask if a day is right."""
    spoken_of: list[Entry] = field(default_factory=list)
    """The service that the customer spoke of last without asking for it."""
    points: dict[int, list[Entry]] = field(default_factory=dict)
    """The services of the last numbered list, by their numbers."""
    named_days: list[date] = field(default_factory=list)
    """The days that the company's last message with a day names."""
    told_day: date | None = None
    """The last day that the customer told by its number, rather than as "Saturday"."""
    birthday: date | None = None
    """The child's coming birthday."""
    third_party: bool = False
    """Whether the customer is someone else than the child's parent."""
    mentioned_days: list[tuple[date, str]] = field(default_factory=list)
    """Days that the customer named for the party, the replaced ones too."""
    taken_back: set[str] = field(default_factory=set)
    """The messages that take back an extra, and so call nothing else off."""
    accepted: bool = False
    last_outbound: str = ""
    """The company's last message, folded."""
    notes: list[str] = field(default_factory=list)

    def put(
        self, name: str, value: Any, *ids: str, confidence: float = 0.9, weak: bool = False
    ) -> None:
        """Set a field; a weak statement never replaces a plain one, a repeat adds nothing."""
        old = self.facts.get(name)
        if old is not None and weak and not old.weak:
            return
        if old is not None and old.value == value:
            return
        self.facts[name] = Fact(value, tuple(dict.fromkeys(ids)), confidence, weak)

    def value(self, name: str) -> Any:
        """Return a field's value so far, None when it has none."""
        fact = self.facts.get(name)
        return None if fact is None else fact.value


def clock(value: time) -> str:
    """Return an hour as `HH:MM`."""
    return f"{value.hour:02}:{value.minute:02}"
