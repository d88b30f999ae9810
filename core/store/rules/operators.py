"""The operators between two values that are known."""

import math
import operator
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from core.store.rules.values import (
    UNKNOWN,
    EvaluationError,
    Range,
    Set,
    Unknown,
    Value,
    is_partial,
    key,
)

_LEAST: Final = -(2**63)
_MOST: Final = 2**63 - 1
_NUMBERS: Final = frozenset((int, float))


def compare(sign: str, left: Value, right: Value) -> bool:
    """Return `left < right` and the like, for two numbers or two values of one ordered type."""
    kind = type(left)
    if kind is not type(right) and not (kind in _NUMBERS and type(right) in _NUMBERS):
        raise EvaluationError(f"{_name(left)} {sign} {_name(right)} compares different types")
    if kind not in (int, float, str, bytes, datetime, timedelta):
        raise EvaluationError(f"{_name(left)} has no order")
    return bool(COMPARISONS[sign](left, right))


COMPARISONS: Final[dict[str, Callable[[Value, Value], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The same comparison from the other side."""


def compare_within(sign: str, left: Value, right: Value) -> bool | Unknown:
    """Return `left < right` and the like, where one of them is only known to lie within bounds."""
    if sign not in COMPARISONS:
        return UNKNOWN
    if type(left) is not Range:
        left, right, sign = right, left, _TURNED[sign]
    if is_partial(right):
        return UNKNOWN
    # x < limit is the contrary of x >= limit, and so for the other two.
    contrary = {"<": ">=", "<=": ">"}.get(sign)
    found = _is_above(left, right, or_equal=(contrary or sign) == ">=")
    return found if contrary is None or found is UNKNOWN else not found


def _is_above(value: Range, limit: Value, *, or_equal: bool) -> bool | Unknown:
    """Return whether all that a range holds is above a limit, or at it if that is enough."""
    for sign, bound in value.bounds:
        if compare(">", bound, limit):
            if sign in (">", ">="):
                return True
        elif bound == limit:
            if sign == ">" or (sign == ">=" and or_equal):
                return True
            if sign == "<" or (sign == "<=" and not or_equal):
                return False
        elif sign in ("<", "<="):
            return False
    return UNKNOWN


def contains(container: Value, value: Value) -> bool:
    """Return `value in container`."""
    kind = type(container)
    if kind is dict:
        return type(value) is str and value in container
    if kind is list:
        if type(value) is str:
            return value in container
        wanted = key(value)
        return any(key(each) == wanted for each in container)
    if kind is Set:
        return value in container
    raise EvaluationError(f"{_name(container)} holds nothing")


def compute(sign: str, left: Value, right: Value) -> Value:
    """Return `left + right` and the like."""
    if type(left) in _NUMBERS and type(right) in _NUMBERS:
        return _number(sign, left, right)
    kinds = (type(left), type(right))
    if sign == "+" and kinds in ((str, str), (bytes, bytes)):
        return left + right
    try:
        if sign == "+" and kinds in (
            (datetime, timedelta), (timedelta, datetime), (timedelta, timedelta),
        ):  # fmt: skip
            return left + right
        if sign == "-" and kinds in (
            (datetime, timedelta), (datetime, datetime), (timedelta, timedelta),
        ):  # fmt: skip
            return left - right
    except OverflowError:
        raise EvaluationError("a time out of range") from None
    raise EvaluationError(f"{_name(left)} {sign} {_name(right)} means nothing")


def _number(sign: str, left: int | float, right: int | float) -> int | float:
    is_whole = type(left) is int and type(right) is int
    try:
        result: int | float = _ARITHMETIC[sign](left, right, is_whole)
    except ZeroDivisionError:
        raise EvaluationError("division by zero") from None
    except OverflowError:
        raise EvaluationError("a number out of range") from None
    return checked(result) if is_whole else float(result)


def checked(number: int | float) -> int | float:
    """Return a number that is no integer of more than 64 bits."""
    if type(number) is int and not _LEAST <= number <= _MOST:
        raise EvaluationError("an integer of more than 64 bits")
    return number


def _divided(left: int | float, right: int | float, is_whole: bool) -> int | float:
    """Divide as CEL does: integers towards zero, floats never fail."""
    if is_whole:
        quotient = abs(left) // abs(right)
        return quotient if (left < 0) == (right < 0) else -quotient
    if right == 0:
        return float("nan") if left == 0 or math.isnan(left) else float("inf") * _sign(left, right)
    return left / right


def _sign(left: int | float, right: int | float) -> int:
    is_negative = (left < 0) != (str(float(right)).startswith("-"))
    return -1 if is_negative else 1


def _rest(left: int | float, right: int | float, is_whole: bool) -> int | float:
    """Return the remainder, with the sign of `left`."""
    if not is_whole:
        raise EvaluationError("% is for integers")
    rest = abs(left) % abs(right)
    return rest if left >= 0 else -rest


_ARITHMETIC: Final[dict[str, Callable[[int | float, int | float, bool], int | float]]] = {
    "+": lambda left, right, _is_whole: left + right,
    "-": lambda left, right, _is_whole: left - right,
    "*": lambda left, right, _is_whole: left * right,
    "/": _divided,
    "%": _rest,
}


def _name(value: Value) -> str:
    return "null" if value is None else type(value).__name__.lower()
