"""Texts that were written and not sent: kept in one small file, so that none is ever lost."""

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from core.errors import CapcoadaError
from core.files import replace_file
from core.i18n import _


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
    written_at: datetime
    quoted_id: str = ""
    reason: str = ""
    """Why the bridge did not take it, in one sentence."""


class Drafts:
    """Drafts by thread and messages not taken over, in memory; `save` writes them down."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._drafts: dict[str, Draft] = {}
        self._unsent: dict[str, Unsent] = {}
        self._is_changed = False

    def load(self) -> None:
        """Read the file; absent means none.

        Raises DraftsUnusable when it is damaged; it is then kept aside under another name.
        """
        try:
            raw = msgspec.json.decode(self._path.read_bytes())
            drafts = {name: Draft(**each) for name, each in raw["drafts"].items()}
            unsent = [_read_unsent(each) for each in raw["unsent"]]
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        except (msgspec.DecodeError, ValueError, TypeError, KeyError, AttributeError) as error:
            aside = self._path.with_suffix(".damaged")
            with contextlib.suppress(OSError):
                os.replace(self._path, aside)
            raise self._unusable(
                _("it is damaged and was kept as {name}").format(name=aside)
            ) from (error)
        self._drafts = drafts
        self._unsent = {each.client_message_id: each for each in unsent}

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
        self._is_changed = True

    def unsent(self, thread_id: str) -> list[Unsent]:
        """Return a thread's messages that were not taken over, in the order they were written."""
        mine = (each for each in self._unsent.values() if each.thread_id == thread_id)
        return sorted(mine, key=lambda each: each.written_at)

    def find_unsent(self, client_message_id: str) -> Unsent | None:
        """Return one message that was not taken over."""
        return self._unsent.get(client_message_id)

    def keep_unsent(self, message: Unsent) -> None:
        """Remember a message until the bridge takes it over."""
        self._unsent[message.client_message_id] = message
        self._is_changed = True

    def drop_unsent(self, client_message_id: str) -> None:
        """Forget a message: the bridge has it, or the operator gave it up."""
        if self._unsent.pop(client_message_id, None) is not None:
            self._is_changed = True

    def take_snapshot(self) -> Mapping[str, Any] | None:
        """Return what is to be written, or None when nothing changed since the last time."""
        if not self._is_changed:
            return None
        self._is_changed = False
        return {
            "drafts": {name: msgspec.structs.asdict(draft) for name, draft in self._drafts.items()},
            "unsent": [
                msgspec.structs.asdict(each) | {"written_at": each.written_at.isoformat()}
                for each in self._unsent.values()
            ],
        }

    def write(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot in the place of the file, all or nothing; may run in a thread.

        Raises DraftsUnusable.
        """
        try:
            replace_file(self._path, msgspec.json.encode(snapshot))
        except OSError as error:
            self._is_changed = True
            raise self._unusable(error.strerror or str(error)) from error

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


def _read_unsent(fields: dict[str, Any]) -> Unsent:
    written_at = datetime.fromisoformat(fields["written_at"])
    return Unsent(**(fields | {"written_at": written_at}))
