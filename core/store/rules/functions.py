"""The functions that every rule may call; `exists` and `get` and their kin are the evaluation's.

(https://firebase.google.com/docs/reference/rules/rules)
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from core.store.rules.operators import checked
from core.store.rules.values import EvaluationError, LatLng, Path, Value

NAMESPACES: Final = frozenset(("duration", "hashing", "latlng", "math", "timestamp"))


def _number(value: Value) -> int | float:
    if type(value) is int or type(value) is float:
        return value
    raise EvaluationError("a number is wanted")


def _integer(value: Value) -> int:
    if type(value) is not int:
        raise EvaluationError("an integer is wanted")
    return value


def as_string(value: Value) -> str:
    """Return `string(value)`. Raises EvaluationError."""
    if type(value) is str:
        return value
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) in (int, float, Path):
        return str(value)
    raise EvaluationError("it cannot be made a string")


def _int(value: Value) -> int:
    if type(value) is not str:
        value = _number(value)
    try:
        return int(checked(int(value)))
    except (ValueError, OverflowError):
        raise EvaluationError("it cannot be made an integer") from None


def _float(value: Value) -> float:
    if type(value) is not str:
        value = _number(value)
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise EvaluationError("it cannot be made a float") from None


def _bool(value: Value) -> bool:
    if type(value) is bool:
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise EvaluationError("it cannot be made a bool")


def _path(value: Value) -> Path:
    if type(value) is not str:
        raise EvaluationError("a string is wanted")
    return Path(tuple(part for part in value.split("/") if part))


def _round_by(rounder: Callable[[float], int]) -> Callable[[Value], int]:
    def rounded(value: Value) -> int:
        try:
            return int(checked(rounder(_number(value))))
        except (ValueError, OverflowError):
            raise EvaluationError("a number out of range") from None

    return rounded


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def _power(base: Value, exponent: Value) -> float:
    try:
        return math.pow(_number(base), _number(exponent))
    except (ValueError, OverflowError):
        raise EvaluationError("a number out of range") from None


def _root(value: Value) -> float:
    return math.sqrt(_number(value)) if _number(value) >= 0 else math.nan


_UNITS: Final[dict[str, timedelta]] = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}


def _duration(magnitude: Value, unit: Value) -> timedelta:
    count = _integer(magnitude)
    try:
        if unit == "ns":
            return timedelta(microseconds=count // 1000)
        if type(unit) is str and unit in _UNITS:
            return count * _UNITS[unit]
    except OverflowError:
        raise EvaluationError("a duration out of range") from None
    raise EvaluationError("there is no such unit of time")


def _duration_of(hours: Value, minutes: Value, seconds: Value, nanos: Value) -> timedelta:
    try:
        return timedelta(
            hours=_integer(hours),
            minutes=_integer(minutes),
            seconds=_integer(seconds),
            microseconds=_integer(nanos) // 1000,
        )
    except OverflowError:
        raise EvaluationError("a duration out of range") from None


def _abs_duration(value: Value) -> timedelta:
    if type(value) is not timedelta:
        raise EvaluationError("a duration is wanted")
    return abs(value)


def _date(year: Value, month: Value, day: Value) -> datetime:
    try:
        return datetime(_integer(year), _integer(month), _integer(day), tzinfo=UTC)
    except (ValueError, OverflowError):
        raise EvaluationError("there is no such date") from None


def _moment(milliseconds: Value) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=_integer(milliseconds))
    except OverflowError:
        raise EvaluationError("a time out of range") from None


def _latlng(latitude: Value, longitude: Value) -> LatLng:
    place = LatLng(float(_number(latitude)), float(_number(longitude)))
    if not (-90 <= place.latitude <= 90 and -180 <= place.longitude <= 180):
        raise EvaluationError("there is no such place")
    return place


def _hash(name: str) -> Callable[[Value], bytes]:
    def digest(value: Value) -> bytes:
        import hashlib  # noqa: PLC0415 - hardly ever needed, and it loads OpenSSL

        if type(value) is str:
            value = value.encode("utf-8", "replace")
        if type(value) is not bytes:
            raise EvaluationError("a string or bytes are wanted")
        return hashlib.new(name, value, usedforsecurity=False).digest()

    return digest


FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "bool": _bool,
    "debug": lambda value: value,
    "float": _float,
    "int": _int,
    "path": _path,
    "string": as_string,
    "duration.abs": _abs_duration,
    "duration.time": _duration_of,
    "duration.value": _duration,
    "hashing.md5": _hash("md5"),
    "hashing.sha256": _hash("sha256"),
    "latlng.value": _latlng,
    "math.abs": lambda value: checked(abs(_number(value))),
    "math.ceil": _round_by(math.ceil),
    "math.floor": _round_by(math.floor),
    "math.isInfinite": lambda value: math.isinf(_number(value)),
    "math.isNaN": lambda value: math.isnan(_number(value)),
    "math.pow": _power,
    "math.round": _round_by(_half_up),
    "math.sqrt": _root,
    "timestamp.date": _date,
    "timestamp.value": _moment,
}
"""By name, with the namespace where there is one."""
