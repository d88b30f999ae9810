"""The words of answers in the languages that customers' data are asked about.

They follow the language of the question, not the console's, and so are no message catalogue.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["ro", "en"]


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's words."""

    spent: str
    paid: str
    all_paid: str
    outstanding: str
    nothing_outstanding: str
    count: str
    last: str
    no_last: str
    next: str
    no_next: str
    by_year: str
    by_service: str
    no_services: str
    service: str
    left_out: str
    none_left_out: str
    no_events: str
    no_such_event: str
    overview: str
    and_word: str
    in_year: str
    undated: str
    statuses: dict[str, str]
    services: dict[str, str]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]


_RO = Phrases(
    spent="Valoarea totală{scope}: {all}, din care plătit {paid}, rămas de plată {outstanding}.",
    paid="A plătit{scope} {paid} din {all}.",
    all_paid="A plătit{scope} tot: {paid}.",
    outstanding="Mai are de plată{scope} {outstanding} din {all}.",
    nothing_outstanding="Nu mai are nimic de plată{scope}.",
    count="Are{scope} {events}.",
    last="Ultimul eveniment{scope}: {event}.",
    no_last="Nu are niciun eveniment trecut{scope}.",
    next="Următorul eveniment{scope}: {event}.",
    no_next="Nu are niciun eveniment viitor{scope}.",
    by_year="Pe ani:",
    by_service="Pe servicii:",
    no_services="La evenimente{scope} nu este notat niciun serviciu.",
    service="{service}: {events}",
    left_out="Anulate sau arhivate{scope}, deci nesocotite: {events}.",
    none_left_out="Nu are evenimente anulate sau arhivate{scope}.",
    no_events="Nu are niciun eveniment{scope}.",
    no_such_event="Clientul nu are evenimentul {number}.",
    overview="Nu răspund la această întrebare, dar iată ce știu:",
    and_word="și",
    in_year=" în {when}",
    undated="fără dată",
    statuses={
        "UNPAID": "neplătit",
        "DEPOSIT": "avans {deposit}",
        "PAID": "plătit",
        "CANCELLED": "anulat",
    },
    services={
        "ANIMATOR": "animator",
        "URSITOARE": "ursitoare",
        "ARCADE": "jocuri arcade",
        "BALLOONS": "baloane",
        "HELIUM_BALLOONS": "baloane cu heliu",
        "COTTON_CANDY": "vată de zahăr",
        "POPCORN": "popcorn",
        "DECORATIONS": "decorațiuni",
        "SANTA_CLAUS": "Moș Crăciun",
        "DRY_ICE": "gheață carbonică",
        "OTHER": "altele",
    },
    weekdays=("luni", "marți", "miercuri", "joi", "vineri", "sâmbătă", "duminică"),
    months=(
        "ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august",
        "septembrie", "octombrie", "noiembrie", "decembrie",
    ),
)  # fmt: skip
_EN = Phrases(
    spent="Total value{scope}: {all}, of which {paid} is paid and {outstanding} is outstanding.",
    paid="Paid{scope}: {paid} of {all}.",
    all_paid="Everything{scope} is paid: {paid}.",
    outstanding="Outstanding{scope}: {outstanding} of {all}.",
    nothing_outstanding="Nothing is outstanding{scope}.",
    count="There are {events}{scope}.",
    last="The last event{scope}: {event}.",
    no_last="There is no past event{scope}.",
    next="The next event{scope}: {event}.",
    no_next="There is no coming event{scope}.",
    by_year="By year:",
    by_service="By service:",
    no_services="No service is noted for the events{scope}.",
    service="{service}: {events}",
    left_out="Cancelled or archived{scope}, and so not counted: {events}.",
    none_left_out="No event{scope} is cancelled or archived.",
    no_events="There is no event{scope}.",
    no_such_event="This client has no event {number}.",
    overview="I cannot answer that, but this is what I know:",
    and_word="and",
    in_year=" in {when}",
    undated="no date",
    statuses={
        "UNPAID": "unpaid",
        "DEPOSIT": "deposit {deposit}",
        "PAID": "paid",
        "CANCELLED": "cancelled",
    },
    services={
        "ANIMATOR": "animator",
        "URSITOARE": "fate fairies",
        "ARCADE": "arcade games",
        "BALLOONS": "balloons",
        "HELIUM_BALLOONS": "helium balloons",
        "COTTON_CANDY": "cotton candy",
        "POPCORN": "popcorn",
        "DECORATIONS": "decorations",
        "SANTA_CLAUS": "Santa Claus",
        "DRY_ICE": "dry ice",
        "OTHER": "other",
    },
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
)  # fmt: skip
PHRASES: dict[Language, Phrases] = {"ro": _RO, "en": _EN}


def count_events(count: int, language: Language) -> str:
    """Return `1 event`, `20 de evenimente`, …"""
    if language == "en":
        return f"{count} event" if count == 1 else f"{count} events"
    if count == 1:
        return "1 eveniment"
    needs_de = count % 100 == 0 or count % 100 > 19
    return f"{count} de evenimente" if needs_de and count else f"{count} evenimente"
