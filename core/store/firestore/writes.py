"""Writes as the wire's: data, masks of fields, transforms and preconditions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from core.i18n import _
from core.store.errors import InvalidRequest
from core.store.firestore import messages
from core.store.firestore.messages import Message
from core.store.firestore.names import Names
from core.store.firestore.values import half_character, put_time, put_value
from core.store.limits import DEEPEST, MOST_WRITES
from core.store.paths import FieldPath, parse_updated, split_document
from core.store.port import (
    ArrayRemove,
    ArrayUnion,
    Create,
    Data,
    Delete,
    Increment,
    Sentinel,
    Set,
    Update,
    Value,
    Write,
    field_path,
)
from core.store.values import check_names, plain_value

_TRANSFORMS: Final = frozenset((Sentinel, Increment, ArrayUnion, ArrayRemove))


def put_writes(names: Names, writes: Sequence[Write], target: Message) -> None:
    """Add writes to a repeated field of Write messages. Raises InvalidRequest."""
    if len(writes) > MOST_WRITES:
        raise InvalidRequest(
            _("A commit may have {limit} writes, not {count}.").format(
                limit=MOST_WRITES, count=len(writes)
            )
        )
    for write in writes:
        split_document(write.path)
        try:
            _PUT[type(write)](_Draft(names, write.path, target.add()), write)
        except UnicodeEncodeError:
            raise half_character(write.path) from None


class _Draft:
    """A Write message while it is filled."""

    __slots__ = ("message", "name")

    def __init__(self, names: Names, path: str, message: Message) -> None:
        self.message = message
        self.name = names.document(path)

    def fill(self, fields: Message, data: Data, path: FieldPath = ()) -> None:
        """Put data whole. Transforms are noted, to be done after it."""
        check_names(data)
        for name, value in data.items():
            kind = type(value)
            if kind is dict:
                self._fill_map(fields[name].map_value, value, (*path, name))
            elif kind in _TRANSFORMS:
                self._transform((*path, name), value)
            else:
                put_value(fields[name], value, len(path) + 1)

    def _fill_map(self, target: Message, value: dict[str, Value], path: FieldPath) -> None:
        if len(path) >= DEEPEST:
            plain_value(value, len(path))  # Says how deep a document may nest.
        target.SetInParent()
        self.fill(target.fields, value, path)

    def merge(self, data: Data, path: FieldPath = ()) -> None:
        """Put the leaf fields of data."""
        if len(path) >= DEEPEST:
            plain_value(dict(data), DEEPEST)  # Says how deep a document may nest.
        check_names(data)
        for name, value in data.items():
            if isinstance(value, Mapping) and value:
                self.merge(value, (*path, name))
            else:
                self.update((*path, name), value)

    def update(self, path: FieldPath, value: Value) -> None:
        """Put the value of one field, and name it in the mask."""
        if value is Sentinel.DELETE_FIELD:
            self._mask(path)
            return
        if type(value) in _TRANSFORMS:
            self._transform(path, value)
            return
        self._mask(path)
        fields = self.message.update.fields
        for name in path[:-1]:
            fields = fields[name].map_value.fields
        if type(value) is dict:
            self._fill_map(fields[path[-1]].map_value, value, path)
        else:
            put_value(fields[path[-1]], value, len(path))

    def _mask(self, path: FieldPath) -> None:
        self.message.update_mask.field_paths.append(field_path(*path))

    def _transform(self, path: FieldPath, value: Any) -> None:
        if value is Sentinel.DELETE_FIELD:
            raise InvalidRequest(_("A field can be deleted only by an update or a merge."))
        target = self.message.update_transforms.add()
        target.field_path = field_path(*path)
        if value is Sentinel.SERVER_TIMESTAMP:
            target.set_to_server_value = messages.REQUEST_TIME
        elif isinstance(value, Increment):
            if type(value.amount) not in (int, float):
                raise InvalidRequest(_("An increment must be a number."))
            put_value(target.increment, value.amount)
        else:
            adds = isinstance(value, ArrayUnion)
            array = target.append_missing_elements if adds else target.remove_all_from_array
            array.SetInParent()
            whole = messages.Value()
            put_value(whole, list(value.elements))
            array.MergeFrom(whole.array_value)


def _put_create(draft: _Draft, write: Create) -> None:
    draft.message.update.name = draft.name
    draft.fill(draft.message.update.fields, write.data)
    draft.message.current_document.exists = False


def _put_set(draft: _Draft, write: Set) -> None:
    draft.message.update.name = draft.name
    if write.merge:
        draft.message.update_mask.SetInParent()
        draft.merge(write.data)
    else:
        draft.fill(draft.message.update.fields, write.data)
    if write.update_time is not None:
        put_time(draft.message.current_document.update_time, write.update_time)


def _put_update(draft: _Draft, write: Update) -> None:
    draft.message.update.name = draft.name
    draft.message.update_mask.SetInParent()
    for path, value in parse_updated(write.fields):
        draft.update(path, value)
    if write.update_time is not None:
        put_time(draft.message.current_document.update_time, write.update_time)
    else:
        draft.message.current_document.exists = True


def _put_delete(draft: _Draft, write: Delete) -> None:
    draft.message.delete = draft.name
    if write.update_time is not None:
        put_time(draft.message.current_document.update_time, write.update_time)
    elif write.must_exist:
        draft.message.current_document.exists = True


_PUT: Final[Mapping[type, Callable[[_Draft, Any], None]]] = {
    Create: _put_create,
    Set: _put_set,
    Update: _put_update,
    Delete: _put_delete,
}
