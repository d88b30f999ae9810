"""The WhatsApp accounts as a front end shows them: what to watch, and how to read what comes."""

import logging
from dataclasses import dataclass

import msgspec

from core.model.conditions import CONDITIONS
from core.model.documents import Account, from_document
from core.model.ids import ACCOUNTS
from core.service.scope import Scope
from core.store.port import DOCUMENT_ID, Document, Query, Snapshot

_log = logging.getLogger(__name__)


def account_list_query(scope: Scope) -> Query:
    """Return the query of every account in scope that is not archived, by its id."""
    kept = scope.narrow(Query(ACCOUNTS)).where("isArchived", "==", False)
    return kept.order_by(DOCUMENT_ID)


@dataclass(frozen=True, slots=True)
class AccountsState:
    """All accounts at one moment."""

    accounts: tuple[Account, ...]
    is_live: bool = True
    """False while the store is away: the accounts are the last known ones."""
    error: str = ""
    """Why it is not live, in one sentence."""
    unreadable: int = 0
    """Documents that are no accounts this version understands."""

    def get(self, account_id: str) -> Account | None:
        """Return an account; None if there is none of that id."""
        return next((a for a in self.accounts if a.account_id == account_id), None)


def read_accounts(snapshot: Snapshot) -> AccountsState:
    """Read a snapshot of `account_list_query`; documents that do not fit are counted, not shown."""
    read = [account for d in snapshot.documents if (account := read_account(d)) is not None]
    return AccountsState(
        tuple(read), snapshot.is_live, snapshot.error, len(snapshot.documents) - len(read)
    )


def read_account(document: Document) -> Account | None:
    """Read one account document; None, and a line in the log, when it does not fit."""
    try:
        return from_document(document, Account)
    except msgspec.ValidationError as error:
        _log.error("the account %s cannot be read: %s", document.id, error)
        return None


def condition_of(account: Account) -> str:
    """Return the code of what keeps an account from being connected; empty if nothing does."""
    if account.status in ("connected", "connecting", "qr_ready"):
        return ""
    if account.last_error is not None:
        return account.last_error.code
    return account.status if account.status in CONDITIONS else ""
