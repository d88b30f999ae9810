"""Which index the service asks for, read from the link in its refusal."""

import base64
import re
from typing import Any, Final, cast

from google.protobuf.message import DecodeError

from core.store.errors import IndexMissing, InvalidRequest
from core.store.indexes import Index, IndexField, Mode, Scope
from core.store.needed import (
    composite_missing,
    is_automatic,
    modes_for,
    single_missing,
    wanted_index,
)
from core.store.paths import parse_field
from core.store.shape import Shape

_LINK: Final = re.compile(r"create_(?:composite|exemption)=([\w-]+)")
_PLACE: Final = re.compile(r"/collectionGroups/([^/]+)/(indexes|fields)/")


def is_about_an_index(details: str) -> bool:
    """Whether a failed precondition is about an index that a query needs."""
    return "index" in details


def index_missing(details: str, shape: Shape) -> IndexMissing:
    """Return the error, with the JSON to add: the service's own, or else one that would do."""
    found = _LINK.search(details)
    if found is not None:
        try:
            return _told(found[1])
        except (ValueError, LookupError, DecodeError, InvalidRequest):
            pass  # The link changed its form; what the query needs is known without it.
    path = next(iter([*shape.equalities, *(one.path for one in shape.orders)]), None)
    if path is not None and is_automatic(shape):
        return single_missing(shape.group, path, min(modes_for(shape, path)), shape.scope)
    return composite_missing(wanted_index(shape))


def _told(link: str) -> IndexMissing:
    """Return the error for the index in a link: base64 of a google.firestore.admin.v1.Index."""
    from google.cloud.firestore_admin_v1.types import index as admin  # noqa: PLC0415 - rarely

    kinds = admin.Index
    message: Any = kinds.pb().FromString(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4)))
    place = _PLACE.search(message.name)
    if place is None or not message.fields:
        raise ValueError(message.name)
    group, kind = place.groups()
    scope = cast(Scope, kinds.QueryScope(message.query_scope).name)
    fields = tuple(IndexField(parse_field(one.field_path), _mode(one)) for one in message.fields)
    if kind == "fields":
        return single_missing(group, fields[0].path, fields[0].mode, scope)
    return composite_missing(Index.of(group, scope, fields))


def _mode(field: Any) -> Mode:
    match field.WhichOneof("value_mode"), field.order:
        case "array_config", _:
            return "contains"
        case "order", 1:
            return "asc"
        case "order", 2:
            return "desc"
    raise ValueError(field.field_path)
