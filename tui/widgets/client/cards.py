"""What a client comes to, in a row of painted cards: the numbers that people act on."""

from datetime import date
from decimal import Decimal

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from core.crm.clients import Client
from core.crm.money import show_amount
from core.i18n import _
from core.text import clean_line
from tui.look import style_of
from tui.widgets.cells import fit
from tui.widgets.days import weekday_name

_NOTHING = Decimal(0)
Card = tuple[str, str, str]
"""Name, value, and a word beneath."""


def cards_of(client: Client | None, currency: str) -> tuple[Card, ...]:
    """Return the cards of a client; without a document there is nothing to count yet."""
    if client is None:
        names = (_("Booked"), _("Outstanding"), _("Events"), _("Latest event"), _("Next event"))
        return tuple((name, "–", "") for name in names)
    booked, paid, owed = (
        {currency: client.lifetime_spend_all},
        {currency: client.lifetime_spend_paid},
        {currency: client.outstanding},
    )
    for name, spend in client.spend_by_currency.items():
        if name != currency:
            booked[name], paid[name] = spend.get("all", _NOTHING), spend.get("paid", _NOTHING)
            owed[name] = max(_NOTHING, booked[name] - paid[name])
    return (
        (_("Booked"), _sum(booked), _("paid {amount}").format(amount=_sum(paid))),
        (_("Outstanding"), _sum(owed), ""),
        (_("Events"), str(client.events_count), ""),
        (_("Latest event"), *_day(client.last_event_at)),
        (_("Next event"), *_day(client.next_event_at)),
    )


def _sum(amounts: dict[str, Decimal]) -> str:
    """Return amounts by currency, `2100 RON + 500 EUR`; without any, nothing of the first."""
    shown = [pair for pair in amounts.items() if pair[1]] or list(amounts.items())[:1]
    return " + ".join(show_amount(amount, clean_line(name)) for name, amount in shown)


def _day(iso: str | None) -> tuple[str, str]:
    try:
        return (iso, weekday_name(date.fromisoformat(iso))) if iso else ("–", "")
    except ValueError:
        return clean_line(iso or ""), ""


class Cards(Widget):
    """Cards side by side, each as wide as the others."""

    DEFAULT_CSS = "Cards { height: 3; background: $panel; }"

    def __init__(self) -> None:
        super().__init__()
        self._cards: tuple[Card, ...] = ()

    def put(self, cards: tuple[Card, ...]) -> None:
        """Show other cards."""
        if cards != self._cards:
            self._cards = cards
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint names, values or the words beneath."""
        width = self.size.width
        count = max(1, len(self._cards))
        segments = []
        for index, card in enumerate(self._cards):
            cells = width * (index + 1) // count - width * index // count
            tone = ("muted", "brand" if index else "news", "muted")[y]
            segments.append(Segment(fit(f" {card[y]}", cells), self._style(tone)))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)

    def _style(self, tone: str) -> Style:
        return style_of(tone, self.app.theme_variables)
