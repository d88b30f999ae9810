"""Which indexes there are, read from `firestore.indexes.json`, the file that the cloud deploys.

Composite indexes serve queries over several fields. A field override names the single-field
indexes of one field; an empty one exempts the field from indexing. Fields without an override are
indexed by the cloud on its own, within a collection
(https://firebase.google.com/docs/firestore/query-data/index-overview).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

import msgspec

from core.errors import SettingsError
from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.paths import NAME_PATH, FieldPath, parse_field
from core.store.port import field_path

PACKAGED_FILE: Final = Path(__file__).with_name("firestore.indexes.json")
"""The indexes of this version: the same as the file in the repository's root."""

Mode = Literal["asc", "desc", "contains"]
Scope = Literal["COLLECTION", "COLLECTION_GROUP"]


class IndexField(msgspec.Struct, frozen=True):
    """One field of an index, and how it is held."""

    path: FieldPath
    mode: Mode


class Index(msgspec.Struct, frozen=True):
    """One index over the collections with an id: its fields, then the document id."""

    group: str
    scope: Scope
    fields: tuple[IndexField, ...]
    name_mode: Mode
    """How document ids are ordered within equal fields: `asc` or `desc`."""

    @classmethod
    def of(cls, group: str, scope: Scope, fields: tuple[IndexField, ...]) -> Self:
        """Make an index whose ids are ordered as its last field is, as in the cloud."""
        last = fields[-1]
        if last.path == NAME_PATH:
            return cls(group, scope, fields[:-1], last.mode)
        return cls(group, scope, fields, "desc" if last.mode == "desc" else "asc")


class _Field(msgspec.Struct, frozen=True, rename="camel"):
    field_path: str
    order: Literal["ASCENDING", "DESCENDING"] | None = None
    array_config: Literal["CONTAINS"] | None = None


class _Composite(msgspec.Struct, frozen=True, rename="camel"):
    collection_group: str
    fields: list[_Field]
    query_scope: Scope = "COLLECTION"


class _Single(msgspec.Struct, frozen=True, rename="camel"):
    order: Literal["ASCENDING", "DESCENDING"] | None = None
    array_config: Literal["CONTAINS"] | None = None
    query_scope: Scope = "COLLECTION"


class _Override(msgspec.Struct, frozen=True, rename="camel"):
    collection_group: str
    field_path: str
    indexes: list[_Single]


class _File(msgspec.Struct, frozen=True, rename="camel"):
    indexes: list[_Composite] = []
    field_overrides: list[_Override] = []


class IndexSet(msgspec.Struct, frozen=True):
    """All indexes that a store has."""

    composites: tuple[Index, ...] = ()
    overrides: Mapping[tuple[str, FieldPath], tuple[Index, ...]] = msgspec.field(
        default_factory=dict
    )
    """By collection id and field: the only single-field indexes of that field."""

    @classmethod
    def packaged(cls) -> Self:
        """Return the indexes that this version was made with. Raises SettingsError."""
        return cls.from_file(PACKAGED_FILE)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a `firestore.indexes.json`. Raises SettingsError."""
        try:
            return cls.from_json(path.read_bytes())
        except OSError as error:
            reason = error.strerror or str(error)
        except (msgspec.MsgspecError, InvalidRequest, ValueError) as error:
            reason = str(error)
        raise SettingsError(
            _("The index file {path} cannot be used: {reason}").format(path=path, reason=reason)
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read the content of an index file. Raises msgspec.MsgspecError, ValueError."""
        file = msgspec.json.decode(text, type=_File)
        overrides: dict[tuple[str, FieldPath], tuple[Index, ...]] = {}
        for item in file.field_overrides:
            path = parse_field(item.field_path)
            overrides[item.collection_group, path] = tuple(
                Index.of(item.collection_group, one.query_scope, (IndexField(path, _mode(one)),))
                for one in item.indexes
            )
        composites = tuple(
            Index.of(
                item.collection_group,
                item.query_scope,
                tuple(IndexField(parse_field(one.field_path), _mode(one)) for one in item.fields),
            )
            for item in file.indexes
            if _has_fields(item)
        )
        return cls(composites, overrides)

    def of_group(self, group: str) -> Self:
        """Return those of the collections with one id."""
        return type(self)(
            tuple(index for index in self.composites if index.group == group),
            {field: many for field, many in self.overrides.items() if field[0] == group},
        )

    def all(self) -> tuple[Index, ...]:
        """Return every index that is written out."""
        return (*self.composites, *(one for many in self.overrides.values() for one in many))


def _has_fields(item: _Composite) -> bool:
    if not item.fields:
        raise ValueError(f"an index of {item.collection_group!r} has no fields")
    if sum(one.array_config is not None for one in item.fields) > 1:
        raise ValueError(f"an index of {item.collection_group!r} has two array fields")
    return True


def _mode(item: _Field | _Single) -> Mode:
    if item.array_config is not None and item.order is None:
        return "contains"
    if item.order is None or item.array_config is not None:
        raise ValueError("an index field needs either an order or an arrayConfig")
    return "asc" if item.order == "ASCENDING" else "desc"


def describe(index: Index) -> str:
    """Return the JSON that defines a composite index in the file."""
    import json  # noqa: PLC0415 - only for who lacks an index

    fields: list[dict[str, str]] = []
    for one in index.fields:
        name = field_path(*one.path)
        if one.mode == "contains":
            fields.append({"fieldPath": name, "arrayConfig": "CONTAINS"})
        else:
            fields.append({"fieldPath": name, "order": _ORDER_NAMES[one.mode]})
    if index.name_mode != (index.fields[-1].mode if index.fields else "asc"):
        fields.append({"fieldPath": NAME_PATH[0], "order": _ORDER_NAMES[index.name_mode]})
    definition = {"collectionGroup": index.group, "queryScope": index.scope, "fields": fields}
    return json.dumps(definition)


_ORDER_NAMES: Final = {"asc": "ASCENDING", "desc": "DESCENDING"}
