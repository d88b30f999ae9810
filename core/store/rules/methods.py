"""The methods of values, as `value.method(argument)`, by type.

(https://firebase.google.com/docs/reference/rules/rules)
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from core.store.rules.functions import as_string
from core.store.rules.patterns import compiled
from core.store.rules.values import (
    UNKNOWN,
    EvaluationError,
    LatLng,
    MapDiff,
    PartialList,
    PartialMap,
    Path,
    Set,
    Unknown,
    Value,
    key,
)

LONGEST_SUBJECT: Final = 10_000
"""Characters that a pattern is tried on: it keeps the time of a match bounded."""


def _string(value: Value) -> str:
    if type(value) is not str:
        raise EvaluationError("a string is wanted")
    return value


def _map(value: Value) -> dict[str, Value]:
    if type(value) is not dict:
        raise EvaluationError("a map is wanted")
    return value


def _many(value: Value) -> list[Value] | Set:
    if type(value) is list or type(value) is Set:
        return value
    raise EvaluationError("a list or a set is wanted")


def _set(value: Value) -> Set:
    if type(value) is not Set:
        raise EvaluationError("a set is wanted")
    return value


# -- strings --------------------------------------------------------------------------------------


def _subject(text: str) -> str:
    if len(text) > LONGEST_SUBJECT:
        raise EvaluationError(f"a text of more than {LONGEST_SUBJECT} characters for a pattern")
    return text


def _matches(text: str, pattern: Value) -> bool:
    return compiled(_string(pattern)).fullmatch(_subject(text)) is not None


def _split(text: str, pattern: Value) -> list[Value]:
    if not text:
        return []
    pieces: list[Value] = []
    start = 0
    for found in compiled(_string(pattern)).finditer(_subject(text)):
        if found.end() > found.start():
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]


def _replace(text: str, pattern: Value, by: Value) -> str:
    put = _string(by)
    return compiled(_string(pattern)).sub(lambda _found: put, _subject(text))


# -- lists and sets -------------------------------------------------------------------------------


def _has_all(values: Iterable[Value], wanted: Value) -> bool:
    return {key(each) for each in _many(wanted)} <= {key(each) for each in values}


def _has_any(values: Iterable[Value], wanted: Value) -> bool:
    return not {key(each) for each in _many(wanted)}.isdisjoint(key(each) for each in values)


def _has_only(values: Iterable[Value], allowed: Value) -> bool:
    return {key(each) for each in values} <= {key(each) for each in _many(allowed)}


def _concat(values: list[Value], others: Value) -> list[Value]:
    if type(others) is not list:
        raise EvaluationError("a list is wanted")
    return values + others


def _remove_all(values: list[Value], others: Value) -> list[Value]:
    gone = {key(each) for each in _many(others)}
    return [each for each in values if key(each) not in gone]


def _join(values: list[Value], separator: Value) -> str:
    return _string(separator).join(as_string(each) for each in values)


def _union(values: Set, others: Value) -> Set:
    return Set([*values, *_set(others)])


def _intersection(values: Set, others: Value) -> Set:
    return Set(each for each in values if each in _set(others))


def _difference(values: Set, others: Value) -> Set:
    return Set(each for each in values if each not in _set(others))


# -- maps -----------------------------------------------------------------------------------------


def _get(holder: Mapping[str, Value], name: Value, default: Value) -> Value:
    names = name if type(name) is list else [name]
    value: Value = holder
    for each in names:
        if type(value) is not dict or _string(each) not in value:
            return default
        value = value[each]
    return value


def _get_partly(holder: PartialMap, name: Value, default: Value) -> Value:
    names = name if type(name) is list else [name]
    value: Value = holder
    for each in names:
        if type(value) is PartialMap:
            value = value.known.get(_string(each), UNKNOWN)
        elif type(value) is dict and _string(each) in value:
            value = value[each]
        else:
            return UNKNOWN if value is UNKNOWN else default
    return value


def _changed(diff: MapDiff) -> list[str]:
    before = diff.before
    return [
        name
        for name, value in diff.after.items()
        if name in before and key(value) != key(before[name])
    ]


def _added(diff: MapDiff) -> list[str]:
    return [name for name in diff.after if name not in diff.before]


def _removed(diff: MapDiff) -> list[str]:
    return [name for name in diff.before if name not in diff.after]


def _unchanged(diff: MapDiff) -> Set:
    changed = set(_changed(diff))
    return Set(name for name in diff.after if name in diff.before and name not in changed)


# -- times ----------------------------------------------------------------------------------------


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _milliseconds(moment: datetime) -> int:
    since: timedelta = moment - datetime(1970, 1, 1, tzinfo=moment.tzinfo)
    return since // timedelta(milliseconds=1)


# -- paths and places -----------------------------------------------------------------------------


def _bind(path: Path, variables: Value) -> Path:
    known = _map(variables)
    segments = []
    for segment in path.segments:
        name = segment[1:-1] if segment.startswith("{") and segment.endswith("}") else None
        segments.append(segment if name is None else _string(known.get(name)))
    return Path(tuple(segments))


_EARTH_METRES: Final = 6_371_010.0


def _distance(place: LatLng, other: Value) -> float:
    """Return the metres between two places along a great circle."""
    import math  # noqa: PLC0415 - hardly ever needed

    if type(other) is not LatLng:
        raise EvaluationError("a latlng is wanted")
    latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
    latitude_2, longitude_2 = math.radians(other.latitude), math.radians(other.longitude)
    part = (
        math.sin((latitude_2 - latitude) / 2) ** 2
        + math.cos(latitude) * math.cos(latitude_2) * math.sin((longitude_2 - longitude) / 2) ** 2
    )
    return 2 * _EARTH_METRES * math.asin(min(1.0, math.sqrt(part)))


# -- what is known in part ------------------------------------------------------------------------


def _surely_any(values: PartialList, wanted: Value) -> bool | Unknown:
    return _has_any(values.known, wanted) or UNKNOWN


def _surely_all(values: PartialList, wanted: Value) -> bool | Unknown:
    return _has_all(values.known, wanted) or UNKNOWN


METHODS: Final[dict[type, dict[str, Callable[..., Value]]]] = {
    str: {
        "lower": lambda text: text.lower(),
        "matches": _matches,
        "replace": _replace,
        "size": len,
        "split": _split,
        "toUtf8": lambda text: text.encode("utf-8", "replace"),
        "trim": lambda text: text.strip(),
        "upper": lambda text: text.upper(),
    },
    bytes: {
        "size": len,
        "toBase64": lambda blob: base64.b64encode(blob).decode(),
        "toHexString": lambda blob: blob.hex(),
    },
    list: {
        "concat": _concat,
        "hasAll": _has_all,
        "hasAny": _has_any,
        "hasOnly": _has_only,
        "join": _join,
        "removeAll": _remove_all,
        "size": len,
        "toSet": Set,
    },
    Set: {
        "difference": _difference,
        "hasAll": _has_all,
        "hasAny": _has_any,
        "hasOnly": _has_only,
        "intersection": _intersection,
        "size": len,
        "toSet": lambda values: values,
        "union": _union,
    },
    dict: {
        "diff": lambda after, before: MapDiff(after, _map(before)),
        "get": _get,
        "keys": list,
        "size": len,
        "values": lambda holder: list(holder.values()),
    },
    MapDiff: {
        "addedKeys": lambda diff: Set(_added(diff)),
        "affectedKeys": lambda diff: Set(_added(diff) + _changed(diff) + _removed(diff)),
        "changedKeys": lambda diff: Set(_changed(diff)),
        "removedKeys": lambda diff: Set(_removed(diff)),
        "unchangedKeys": _unchanged,
    },
    datetime: {
        "date": _midnight,
        "day": lambda moment: moment.day,
        "dayOfWeek": lambda moment: moment.isoweekday(),
        "dayOfYear": lambda moment: moment.timetuple().tm_yday,
        "hours": lambda moment: moment.hour,
        "minutes": lambda moment: moment.minute,
        "month": lambda moment: moment.month,
        "nanos": lambda moment: moment.microsecond * 1000,
        "seconds": lambda moment: moment.second,
        "time": lambda moment: moment - _midnight(moment),
        "toMillis": _milliseconds,
        "year": lambda moment: moment.year,
    },
    timedelta: {
        "nanos": lambda span: span.microseconds * 1000,
        "seconds": lambda span: span // timedelta(seconds=1),
    },
    LatLng: {
        "distance": _distance,
        "latitude": lambda place: place.latitude,
        "longitude": lambda place: place.longitude,
    },
    Path: {"bind": _bind},
    PartialMap: {"get": _get_partly},
    PartialList: {"hasAll": _surely_all, "hasAny": _surely_any},
}
"""By type and name; the first argument is the value itself."""


def call_method(value: Value, name: str, arguments: list[Value]) -> Value:
    """Return what a method makes of a value. Raises EvaluationError."""
    kind = type(value)
    method = METHODS.get(kind, {}).get(name)
    if method is None:
        if kind is PartialMap or kind is PartialList:
            return UNKNOWN
        raise EvaluationError(f"{'null' if value is None else kind.__name__} has no {name}()")
    return method(value, *arguments)
