"""Ids for the messages of an export, which tells none: the same in every export of a chat.

So importing again adds nothing, however much longer the new export is.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from bridge.chat_import.matching import Printed, comparable
from bridge.chat_import.reader import Exported
from core.model.documents import Direction

_REMEMBERED = 20_000
"""Messages back to which equal ones are numbered when times are out of order."""


@dataclass(frozen=True, slots=True)
class Named:
    """An exported message with its id and side."""

    exported: Exported
    message_id: str
    direction: Direction

    @property
    def printed(self) -> Printed:
        """The message for matching."""
        content = self.exported.content
        return Printed(
            self.message_id, self.exported.at, self.direction, content.type,
            comparable(content.comparable or content.body), not self.exported.sender,
            content.is_edited, content.is_revoked,
        )  # fmt: skip


class Namer:
    """Gives exported messages their ids: the same in every export of the chat."""

    def __init__(self, account_id: str, chat: str, me: str, *, is_group: bool) -> None:
        self._prefix = f"{account_id}|{chat}"
        self._me = me
        self._is_group = is_group
        self._seen: OrderedDict[str, int] = OrderedDict()

    def name(self, exported: Exported) -> Named:
        """Return the message with its id; equal ones are numbered."""
        direction: Direction = "outbound" if self._is_mine(exported) else "inbound"
        content = exported.content
        # People get renamed between exports; with one customer the side says it all.
        who = exported.sender if self._is_group or not exported.sender else direction
        parts = (
            self._prefix, exported.local.isoformat(), who, content.type, content.body,
            content.file_name,
        )  # fmt: skip
        base = "\x1f".join(parts)
        count = self._seen.pop(base, 0) + 1
        self._seen[base] = count
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        digest = hashlib.sha256(f"{base}\x1f{count}".encode(errors="replace")).hexdigest()
        return Named(exported, digest, direction)

    def _is_mine(self, exported: Exported) -> bool:
        return bool(exported.sender) and exported.sender == self._me
