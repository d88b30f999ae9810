"""Values of documents in JSON and back, with every type kept exactly.

JSON has null, booleans, texts, lists and maps as documents have them. A number with a point or an
exponent is a float, any other an integer. What JSON lacks is a map with one key: `$time` (UTC, to
the microsecond), `$bytes` (base64), `$float` (`nan`, `inf`, `-inf`). A map of the document that has
a key with a dollar sign in front is wrapped in `$map`.
"""

import math
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from core.i18n import _
from core.store.port import Data, Value

_FLOATS: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def time_text(moment: datetime) -> str:
    """Return an aware moment as text in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def to_json(value: Value) -> Any:
    """Return a document's value as what a JSON encoder takes."""
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return value
    if kind is datetime:
        return {"$time": time_text(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$float": str(value)}
    if kind is bytes:
        return {"$bytes": b64encode(value).decode("ascii")}
    if kind is list or kind is tuple:
        return [to_json(one) for one in value]
    return fields_to_json(value)


def fields_to_json(data: Data) -> dict[str, Any]:
    """Return a map, or a whole document's data, like `to_json`."""
    fields = {name: to_json(value) for name, value in data.items()}
    return {"$map": fields} if any(name.startswith("$") for name in fields) else fields


def from_json(value: Any) -> Value:
    """Return the value that `to_json` was given. Raises ValueError for what it cannot have made."""
    kind = type(value)
    if kind is list:
        return [from_json(one) for one in value]
    if kind is not dict:
        return value
    tag = next((name for name in value if name.startswith("$")), "")
    if not tag:
        return {name: from_json(one) for name, one in value.items()}
    read = _TAGS.get(tag)
    if read is None or len(value) != 1:
        raise ValueError(_("{name!r} is no kind of value.").format(name=tag))
    return read(value[tag])


def _read_map(fields: Any) -> dict[str, Value]:
    if not isinstance(fields, Mapping):
        raise ValueError(_("A map is expected after {name}.").format(name="$map"))
    return {name: from_json(one) for name, one in fields.items()}


def _read_time(text: Any) -> datetime:
    moment = datetime.fromisoformat(_text("$time", text))
    if moment.tzinfo is None:
        raise ValueError(_("A time without a time zone cannot be stored."))
    return moment.astimezone(UTC)


def _read_bytes(text: Any) -> bytes:
    return b64decode(_text("$bytes", text), validate=True)


def _read_float(text: Any) -> float:
    name = _text("$float", text)
    if name not in _FLOATS:
        raise ValueError(_("{text!r} is no number.").format(text=name))
    return _FLOATS[name]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("A text is expected after {name}.").format(name=name))
    return value


_TAGS: Final[dict[str, Callable[[Any], Value]]] = {
    "$map": _read_map,
    "$time": _read_time,
    "$bytes": _read_bytes,
    "$float": _read_float,
}
