"""What a client's events cost by month, as bars painted in cells."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from core.crm.clients import counts
from core.crm.events import Event
from core.crm.money import show_amount
from core.i18n import _, tenths
from tui.look import style_of
from tui.widgets.cells import cell_len, fit
from tui.widgets.days import short_month_name

MONTHS = 12
_EIGHTHS = " ▁▂▃▄▅▆▇█"
Bar = tuple[int, int, Decimal]
"""Year, month, amount."""


def spend_by_month(events: Iterable[Event], *, currency: str, today: date) -> tuple[Bar, ...]:
    """Return the twelve months up to the latest event, or to this month if that is later.

    Only events that count and cost something in `currency`; by the day of the event.
    """
    amounts: dict[int, Decimal] = {}
    for event in events:
        payment = event.payment
        is_ours = (payment.currency or currency) == currency
        if counts(event) and event.date and payment.amount and is_ours:
            month = int(event.date[:4]) * 12 + int(event.date[5:7]) - 1
            amounts[month] = amounts.get(month, Decimal(0)) + payment.amount
    last = max([today.year * 12 + today.month - 1, *amounts])
    return tuple(
        (month // 12, month % 12 + 1, amounts.get(month, Decimal(0)))
        for month in range(last - MONTHS + 1, last + 1)
    )


class MonthChart(Widget):
    """Bars over the names of the months, the amount above each; one line while there are none."""

    DEFAULT_CSS = """
    MonthChart { height: 7; padding: 0 1; }
    MonthChart.-empty { height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self._currency = ""

    def put(self, bars: tuple[Bar, ...], currency: str) -> None:
        """Show other amounts; no bars while they are not known."""
        if (bars, currency) != (self._bars, self._currency):
            self._bars, self._currency = bars, currency
            self.set_class(not any(amount for _year, _month, amount in bars), "-empty")
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Paint the heading, a row of the bars, or the months."""
        width, height = self.content_size
        if self._bars and self.has_class("-empty"):
            text = _("By month, {currency}: nothing in the last twelve months")
            return self._strip([(text.format(currency=self._currency), "muted")], width)
        if y == 0:
            text = _("By month, {currency}").format(currency=self._currency)
            return self._strip([(text, "muted")], width)
        cells = max(4, width // max(1, len(self._bars)))
        if y == height - 1:
            return self._strip([(self._month(bar, cells), "muted") for bar in self._bars], width)
        level = height - 2 - y
        spans = [self._piece(bar, cells, level, height - 2) for bar in self._bars]
        return self._strip(spans, width)

    def _piece(self, bar: Bar, cells: int, level: int, rows: int) -> tuple[str, str]:
        """Return a bar's part in the row `level` rows above the months."""
        most = max(each[2] for each in self._bars)
        if not bar[2] or not most:
            return " " * cells, "plain"
        room = (rows - 1) * 8
        eighths = max(1, int(bar[2] * room / most)) - level * 8
        if eighths > 0:
            glyph = _EIGHTHS[min(8, eighths)]
            return fit(glyph * min(cells - 1, 6), cells), "brand"
        if eighths > -8:
            text = show_amount(bar[2])
            short = text if cell_len(text) < cells else f"{tenths(bar[2] / 1000)}k"
            return fit(short, cells), "strong"
        return " " * cells, "plain"

    def _month(self, bar: Bar, cells: int) -> str:
        name = short_month_name(bar[1])
        return fit(f"{name} {bar[0] % 100:02d}" if cells > 7 and bar[1] == 1 else name, cells)

    def _strip(self, spans: list[tuple[str, str]], width: int) -> Strip:
        tokens = self.app.theme_variables
        segments = [Segment(text, style_of(tone, tokens)) for text, tone in spans]
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)
