"""What was written and not sent or saved: kept in one small file, so that none is ever lost.

Several consoles of one operator share the file: each writes down only what it changed itself.
"""

import contextlib
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from core.errors import CapcoadaError
from core.i18n import _

_Value = TypeVar("_Value")


class DraftsUnusable(CapcoadaError):
    """The file of unsent texts cannot be read or written."""


class Draft(msgspec.Struct, frozen=True):
    """What stands in a thread's text field."""

    text: str
    quoted_id: str = ""
    """The message that it answers."""


class Unsent(msgspec.Struct, frozen=True):
    """A message that the operator sent and the bridge did not yet take over."""

    thread_id: str
    account_id: str
    to_jid: str
    text: str
    client_message_id: str
    written_at: Annotated[datetime, msgspec.Meta(tz=True)]
    quoted_id: str = ""
    reason: str = ""
    """Why the bridge did not take it, in one sentence."""


class _Content(msgspec.Struct):
    """What the file holds."""

    drafts: dict[str, Draft] = {}
    unsent: list[Unsent] = []
    events: dict[str, msgspec.Raw] = {}
    """By thread, the form of an event; a start does without knowing what it holds."""


class _Changes(msgspec.Struct):
    """What a console changed: by thread, or by id of a message; None for what is gone."""

    drafts: dict[str, Draft | None] = {}
    unsent: dict[str, Unsent | None] = {}
    events: dict[str, msgspec.Raw | None] = {}

    def added_to(self, content: _Content) -> _Content:
        """Return what a file holds, changed."""
        unsent = {each.client_message_id: each for each in content.unsent}
        return _Content(
            _changed(content.drafts, self.drafts),
            list(_changed(unsent, self.unsent).values()),
            _changed(content.events, self.events),
        )


def _changed(before: dict[str, _Value], changes: Mapping[str, _Value | None]) -> dict[str, _Value]:
    return {key: value for key, value in {**before, **changes}.items() if value is not None}


class Snapshot(msgspec.Struct, frozen=True):
    """What is to be written, and which of all snapshots it is."""

    number: int
    content: _Content
    """All that this console knows, for a file that is not there any more."""
    changes: _Changes


class Drafts:
    """Drafts and events by thread, and messages not taken over; `save` writes them down."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._drafts: dict[str, Draft] = {}
        self._unsent: dict[str, Unsent] = {}
        self._events: dict[str, msgspec.Raw] = {}
        self._touched: dict[str, dict[str, int]] = {"drafts": {}, "unsent": {}, "events": {}}
        """What is not on disk as it is here, and the first snapshot that has it."""
        self._taken = 0
        self._written = 0
        self._writing = threading.Lock()

    def load(self) -> None:
        """Read the file; absent means none.

        Raises DraftsUnusable when it cannot be read; it is then kept aside under another name.
        """
        try:
            content = self._read()
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            aside = self._put_aside()
            raise self._unusable(
                _("it cannot be read and was kept as {name}").format(name=aside)
            ) from error
        self._drafts = content.drafts
        self._unsent = {each.client_message_id: each for each in content.unsent}
        self._events = content.events

    def _read(self) -> _Content:
        return msgspec.json.decode(self._path.read_bytes(), type=_Content)

    def _put_aside(self) -> Path:
        """Keep a file that cannot be read beside those that are kept already; return its name."""
        first = self._path.with_suffix(".damaged")
        others = (self._path.with_suffix(f".damaged-{number}") for number in count(2))
        aside = next(name for name in chain([first], others) if not name.exists())
        with contextlib.suppress(OSError):
            os.replace(self._path, aside)
        return aside

    def draft(self, thread_id: str) -> Draft:
        """Return a thread's draft; an empty one if there is none."""
        return self._drafts.get(thread_id, Draft(""))

    def keep(self, thread_id: str, draft: Draft) -> None:
        """Remember a thread's draft; an empty text forgets it."""
        if draft == self.draft(thread_id):
            return
        if draft.text.strip() or draft.quoted_id:
            self._drafts[thread_id] = draft
        else:
            self._drafts.pop(thread_id, None)
        self._touch("drafts", thread_id)

    def unsent(self, thread_id: str) -> list[Unsent]:
        """Return a thread's messages that were not taken over, in the order they were written."""
        mine = (each for each in self._unsent.values() if each.thread_id == thread_id)
        return sorted(mine, key=lambda each: each.written_at)

    def keep_unsent(self, message: Unsent) -> None:
        """Remember a message until the bridge takes it over."""
        self._unsent[message.client_message_id] = message
        self._touch("unsent", message.client_message_id)

    def drop_unsent(self, client_message_id: str) -> None:
        """Forget a message: the bridge has it, or the operator gave it up."""
        if self._unsent.pop(client_message_id, None) is not None:
            self._touch("unsent", client_message_id)

    def event(self, thread_id: str) -> bytes:
        """Return the form of a thread's event as it was written down; empty if there is none."""
        return bytes(self._events.get(thread_id, b""))

    def keep_event(self, thread_id: str, form: bytes) -> None:
        """Remember the form of a thread's event, as JSON; an empty one forgets it."""
        if form == self.event(thread_id):
            return
        if form:
            self._events[thread_id] = msgspec.Raw(form)
        else:
            del self._events[thread_id]
        self._touch("events", thread_id)

    def _touch(self, kind: str, key: str) -> None:
        self._touched[kind][key] = self._taken + 1

    def take_snapshot(self) -> Snapshot | None:
        """Return what is to be written, or None when all of it was."""
        for kind, touched in self._touched.items():
            self._touched[kind] = {key: at for key, at in touched.items() if at > self._written}
        if not any(self._touched.values()):
            return None
        self._taken += 1
        content = _Content(dict(self._drafts), list(self._unsent.values()), dict(self._events))
        changes = _Changes(
            {key: self._drafts.get(key) for key in self._touched["drafts"]},
            {key: self._unsent.get(key) for key in self._touched["unsent"]},
            {key: self._events.get(key) for key in self._touched["events"]},
        )
        return Snapshot(self._taken, content, changes)

    def write(self, snapshot: Snapshot) -> None:
        """Write a snapshot's changes into the file, all or nothing; may run in a thread.

        One that is older than what was written is left out: the newer one had its changes, too.
        Raises DraftsUnusable.
        """
        with self._writing:
            if snapshot.number < self._written:
                return
            from core.files import alone_in, replace_file  # noqa: PLC0415 - not at the start

            try:
                with alone_in(self._path.parent):
                    content = snapshot.changes.added_to(self._on_disk() or snapshot.content)
                    replace_file(self._path, msgspec.json.encode(content))
            except OSError as error:
                raise self._unusable(error.strerror or str(error)) from error
            self._written = snapshot.number

    def _on_disk(self) -> _Content | None:
        """Return what the file holds by now; None when it is gone, or had to be put aside."""
        try:
            return self._read()
        except FileNotFoundError:
            return None
        except ValueError:
            self._put_aside()
            return None

    def save(self) -> None:
        """Write down what changed, if anything. Raises DraftsUnusable."""
        if (snapshot := self.take_snapshot()) is not None:
            self.write(snapshot)

    def _unusable(self, reason: str) -> DraftsUnusable:
        return DraftsUnusable(
            _("The unsent texts in {path} cannot be kept: {reason}.").format(
                path=self._path, reason=reason
            ),
            hint=_("Send or copy what you wrote before you leave."),
        )
