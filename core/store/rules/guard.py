"""The rules as the guard of an operator's handle on the embedded store."""

import logging
from collections.abc import Sequence
from datetime import datetime

from core.clock import Clock
from core.i18n import _
from core.store.embedded.guard import Proposal, Read
from core.store.errors import PermissionDenied
from core.store.port import Document, Query
from core.store.rules.lookups import MOST_LOOKUPS, MOST_LOOKUPS_TOGETHER, Lookups
from core.store.rules.ruleset import Asking, Auth, Change, Ruleset, Verdict

_log = logging.getLogger(__name__)


class RulesGuard:
    """Judges one operator's requests; see `core.store.embedded.guard.Guard`."""

    def __init__(self, ruleset: Ruleset, auth: Auth | None, clock: Clock) -> None:
        self._ruleset = ruleset
        self._auth = auth
        self._clock = clock

    def check_get(self, path: str, document: Document | None, read: Read) -> None:
        """Judge a read of one document. Raises PermissionDenied."""
        asking = Asking(self._auth, self._clock(), Lookups(read))
        self._obey(self._ruleset.judge_get(path, document, asking), "get", path)

    def check_list(self, query: Query, read: Read) -> None:
        """Judge a query by itself. Raises PermissionDenied, InvalidRequest."""
        asking = Asking(self._auth, self._clock(), Lookups(read))
        self._obey(self._ruleset.judge_list(query, asking), "list", f"{query.collection}/")

    def check_writes(
        self, proposals: Sequence[Proposal], moment: datetime, read: Read, read_after: Read
    ) -> None:
        """Judge the writes of a commit, one by one. Raises PermissionDenied."""
        most = MOST_LOOKUPS if len(proposals) == 1 else MOST_LOOKUPS_TOGETHER
        asking = Asking(self._auth, moment, Lookups(read, read_after, most=most))
        for one in proposals:
            change = Change(one.before, one.after)
            verdict = self._ruleset.judge_write(one.method, one.path, change, asking)
            self._obey(verdict, one.method, one.path)

    def _obey(self, verdict: Verdict, method: str, path: str) -> None:
        if verdict.is_allowed:
            return
        collections = "/".join(path.split("/")[::2])  # Ids may be people's phone numbers.
        _log.debug("%s of %s refused: %s", method, collections, verdict.reason)
        sentence = (
            _("You may not read this ({collection}).")
            if method in ("get", "list")
            else _("You may not change this ({collection}).")
        )
        raise PermissionDenied(
            sentence.format(collection=collections),
            hint=_("Ask an administrator for access."),
        )
