"""Amounts of money: `Decimal` in the program, numbers of two decimals at most in documents."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from core.crm.folding import fold
from core.i18n import decimal_sign

_CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal(10_000_000)
"""Main units; more than this is a slip of the finger."""
_NO_AMOUNT = Decimal(10) ** 15
"""What other programs may have written is none from here on, so that sums fit into a document."""
_CODE = re.compile(r"[A-Z]{3}")
CURRENCIES = {
    "lei": "RON", "leu": "RON", "ron": "RON", "roni": "RON", "leuti": "RON", "eur": "EUR",
    "euro": "EUR", "euros": "EUR", "euroi": "EUR", "€": "EUR", "usd": "USD", "$": "USD",
    "dolari": "USD", "dollars": "USD", "gbp": "GBP", "£": "GBP", "lire": "GBP", "pounds": "GBP",
}  # fmt: skip
"""Folded word or sign to ISO 4217 code."""


def from_number(value: Any) -> Decimal | None:
    """Read a document's number exactly; None for what is no amount (words, NaN, a truth value)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
        return tidy_amount(amount) if abs(amount) < _NO_AMOUNT else None
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


def currency_code(text: str) -> str | None:
    """Return the ISO 4217 code that a currency's code, name or sign stands for: `lei` is RON.

    None for what looks like none, which could not name a sum in a document either.
    """
    word = fold(text).strip(" .")
    code = CURRENCIES.get(word, word.upper())
    return code if _CODE.fullmatch(code) else None


def show_amount(amount: Decimal, currency: str = "") -> str:
    """Return an amount as the operator writes it: `1200 RON`, `99.90 EUR` or `99,90 EUR`."""
    return f"{str(tidy_amount(amount)).replace('.', decimal_sign())} {currency}".strip()


def plain_amount(amount: Decimal, currency: str = "") -> str:
    """Return an amount with a point in every language, as answers name it: `99.90 EUR`."""
    return f"{tidy_amount(amount)} {currency}".strip()
