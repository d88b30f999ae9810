"""Amounts of money: `Decimal` in the program, numbers of two decimals at most in documents."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from core.i18n import decimal_sign

_CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10_000_000)
"""Main units; more than this is a slip of the finger."""


def from_number(value: Any) -> Decimal | None:
    """Read a document's number exactly; None for what is no amount (text, NaN, a truth value)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        return tidy_amount(amount) if amount.is_finite() else None
    except InvalidOperation:
        return None


def to_number(amount: Decimal | None) -> int | float | None:
    """Return an amount as a document holds it: whole as int, else a float of two decimals."""
    if amount is None:
        return None
    amount = tidy_amount(amount)
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def tidy_amount(amount: Decimal) -> Decimal:
    """Return an amount rounded to the cent, without decimals when it is whole."""
    amount = amount.quantize(_CENT, ROUND_HALF_UP)
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount


def show_amount(amount: Decimal, currency: str = "") -> str:
    """Return an amount as the operator writes it: `1200 RON`, `99.90 EUR` or `99,90 EUR`."""
    return f"{str(tidy_amount(amount)).replace('.', decimal_sign())} {currency}".strip()


def plain_amount(amount: Decimal, currency: str = "") -> str:
    """Return an amount with a point in every language, as answers name it: `99.90 EUR`."""
    return f"{tidy_amount(amount)} {currency}".strip()
