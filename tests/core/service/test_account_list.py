"""Account documents are read as they are, and what cannot be read hides nothing else."""

from datetime import UTC, datetime

import pytest

from core.model.documents import Account, AccountError, AccountStatus, to_data
from core.service.account_list import condition_of, read_accounts
from core.store.port import Document, Snapshot

NOW = datetime(2026, 1, 19, 14, 2, tzinfo=UTC)


def document(account_id: str, **fields: object) -> Document:
    data = {"accountId": account_id, "name": "x", "status": "connected", "isArchived": False}
    return Document(f"accounts/{account_id}", {**data, **fields}, NOW, NOW)


def test_accounts_come_in_the_order_of_the_snapshot() -> None:
    state = read_accounts(Snapshot((document("WA-01"), document("WA-02")), ()))
    assert [account.account_id for account in state.accounts] == ["WA-01", "WA-02"]
    assert state.is_live
    assert state.get("WA-02") is state.accounts[1]
    assert state.get("WA-03") is None


def test_a_document_that_does_not_fit_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    secret = "2@secret"
    broken = document("WA-02", status="dancing", qrCode=secret)
    state = read_accounts(Snapshot((document("WA-01"), broken), ()))
    assert [account.account_id for account in state.accounts] == ["WA-01"]
    assert state.unreadable == 1
    assert "WA-02" in caplog.text
    assert secret not in caplog.text


def test_a_snapshot_that_is_not_live_says_why() -> None:
    state = read_accounts(Snapshot((document("WA-01"),), (), is_live=False, error="It is away."))
    assert (state.is_live, state.error, len(state.accounts)) == (False, "It is away.", 1)


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        ("connected", "network", ""),
        ("qr_ready", "qr_expired", ""),
        ("disconnected", "stopped", "stopped"),
        ("logged_out", None, "logged_out"),
        ("failed", None, ""),
    ],
)
def test_only_an_account_in_trouble_has_a_condition(
    status: AccountStatus, error: str | None, code: str
) -> None:
    account = Account(
        account_id="WA-01",
        name="x",
        status=status,
        last_error=None if error is None else AccountError(code=error, at=NOW),
    )
    assert condition_of(account) == code


def test_an_account_survives_the_way_into_a_document_and_back() -> None:
    account = Account(account_id="WA-01", name="Ana", status="qr_ready", qr_code="2@x")
    stored = Document("accounts/WA-01", to_data(account), NOW, NOW)
    assert read_accounts(Snapshot((stored,), ())).accounts == (account,)
