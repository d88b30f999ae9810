"""What the top line says of the accounts."""

from datetime import UTC, datetime

from tui.widgets.status_words import account_parts

NOW = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)


def test_nothing_is_said_of_accounts_that_were_not_read() -> None:
    assert account_parts(None, None, NOW, 3) == []
    (only,) = account_parts((), None, NOW, 3)
    assert "no account yet" in only.text
