"""All accounts of a bridge: each runs by itself, and none can disturb another."""

import asyncio
import contextlib
import logging
from datetime import datetime

import msgspec

from bridge.account import RunningAccount, Surroundings
from core.errors import CapcoadaError
from core.i18n import _
from core.model.documents import Account, from_document
from core.model.ids import ACCOUNTS, account_path
from core.service.errors import CallRefused
from core.store.errors import AlreadyExists, StoreUnavailable
from core.store.port import Create, Document, Query

_log = logging.getLogger(__name__)

_RETRY_SECONDS = 2.0
_LONGEST_NUMBER = 1000


class Supervisor:
    """Starts, finds and stops accounts."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._running: dict[str, RunningAccount] = {}
        self._names = asyncio.Lock()
        self.store_error = ""
        """Why the accounts could not be read yet; empty once they were."""

    @property
    def accounts(self) -> list[RunningAccount]:
        """The accounts that run, by id."""
        return [self._running[account_id] for account_id in sorted(self._running)]

    async def start(self) -> None:
        """Start every account of the store, as soon as it can be read."""
        while True:
            try:
                documents = await self._around.store.query(Query(ACCOUNTS))
            except StoreUnavailable as error:
                self.store_error = str(error)
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            self.store_error = ""
            break
        for document in documents:
            if not document.data.get("isArchived"):
                with contextlib.suppress(CallRefused):  # logged; the others start all the same
                    self._start(document)

    async def stop(self) -> None:
        """Stop all accounts, side by side."""
        running = self.accounts
        self._running.clear()
        for result in await asyncio.gather(
            *(account.stop() for account in running), return_exceptions=True
        ):
            if isinstance(result, BaseException):
                _log.error("an account did not stop cleanly", exc_info=result)

    async def add(self, name: str, account_id: str | None) -> RunningAccount:
        """Make an account and start pairing it. Raises CallRefused for an id in use."""
        async with self._names:
            chosen = account_id or await self._free_id()
            now = self._around.clock()
            try:
                await self._around.store.commit([_new_account(chosen, name, now)])
            except AlreadyExists as error:
                raise CallRefused(
                    "ALREADY_EXISTS",
                    _("There is an account {id} already.").format(id=chosen),
                    field="accountId",
                ) from error
            document = await self._around.store.get(account_path(chosen))
            assert document is not None
            return self._start(document)

    async def find(self, account_id: str) -> RunningAccount:
        """Return an account; an archived one is taken up again. Raises CallRefused."""
        if (running := self._running.get(account_id)) is not None:
            return running
        document = await self._around.store.get(account_path(account_id))
        if document is None:
            raise CallRefused("NOT_FOUND", _("There is no such account."), field="accountId")
        return self._running.get(account_id) or self._start(document)

    async def archive(self, account_id: str) -> None:
        """Stop an account for good; its conversations stay."""
        running = await self.find(account_id)
        running.document.put(isArchived=True)
        self._running.pop(account_id, None)
        await running.stop()

    def running(self, account_id: str) -> RunningAccount | None:
        """Return an account if it runs."""
        return self._running.get(account_id)

    def _start(self, document: Document) -> RunningAccount:
        """Start an account; one that cannot even be opened says so and leaves the others alone."""
        try:
            account = from_document(document, Account)
            running = RunningAccount(account, document.data, self._around)
        except (CapcoadaError, msgspec.ValidationError, ValueError) as error:
            _log.error("%s cannot be started: %s", document.id, error)
            raise CallRefused(
                "FAILED_PRECONDITION",
                _("The account {id} cannot be started: {reason}").format(
                    id=document.id, reason=error
                ),
            ) from error
        self._running[account.account_id] = running
        running.document.put(isArchived=False)
        running.start()
        return running

    async def _free_id(self) -> str:
        taken = {document.id for document in await self._around.store.query(Query(ACCOUNTS))}
        return next(
            name
            for name in (f"WA-{number:02}" for number in range(1, _LONGEST_NUMBER))
            if name not in taken
        )


def _new_account(account_id: str, name: str, now: datetime) -> Create:
    return Create(
        account_path(account_id),
        {
            "accountId": account_id,
            "name": name,
            "status": "connecting",
            "phoneE164": None,
            "jid": None,
            "qrCode": None,
            "qrExpiresAt": None,
            "pairingCode": None,
            "lastConnectedAt": None,
            "lastHistorySyncAt": None,
            "sync": None,
            "lastError": None,
            "lease": None,
            "isArchived": False,
            "createdAt": now,
            "updatedAt": now,
        },
    )
