"""Accounts as the console's status line and lists show them."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from core.model.ids import ACCOUNTS
from core.service.scope import Scope
from core.store.port import Document, Query
from core.text import clean_line

_MOST_ACCOUNTS = 200
"""More than WhatsApp allows a business."""


def accounts_query(scope: Scope) -> Query:
    """Return the query of the accounts that an operator may see."""
    return scope.narrow(Query(ACCOUNTS)).limit(_MOST_ACCOUNTS)


class AccountView(msgspec.Struct, frozen=True):
    """One account, as much of it as a line needs."""

    account_id: str
    name: str
    status: str
    progress: int | None = None
    """Percent of the history that came, while it comes; else None."""
    error_code: str = ""
    connected_at: datetime | None = None


def account_view(document: Document) -> AccountView:
    """Return an account document as a view; absent fields show as empty."""
    data = document.data
    sync = data.get("sync") or {}
    progress = sync.get("progress")
    error = data.get("lastError") or {}
    return AccountView(
        account_id=document.id,
        name=clean_line(str(data.get("name") or document.id)),
        status=str(data.get("status") or "disconnected"),
        progress=progress if isinstance(progress, int) and progress < 100 else None,
        error_code=str(error.get("code") or ""),
        connected_at=data.get("lastConnectedAt"),
    )


def account_views(documents: Iterable[Document]) -> tuple[AccountView, ...]:
    """Return the accounts in use, by id."""
    kept = (document for document in documents if not document.data.get("isArchived"))
    return tuple(sorted(map(account_view, kept), key=lambda view: view.account_id))
