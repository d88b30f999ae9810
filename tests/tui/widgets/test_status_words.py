"""What the top line says of the accounts."""

from datetime import UTC, datetime

from tui.events import HealthChanged
from tui.widgets.status_words import account_parts, bridge_parts

NOW = datetime(2026, 1, 19, 12, 0, tzinfo=UTC)


def test_nothing_is_said_of_accounts_that_were_not_read() -> None:
    assert account_parts(None, None, NOW, 3) == []
    (only,) = account_parts((), None, NOW, 3)
    assert "no account yet" in only.text


def test_what_is_away_is_called_by_its_name() -> None:
    sign_in = "The sign-in service cannot be reached: the connection failed."

    def away(store_problem: str, sign_in_problem: str = "", bridge_problem: str = "") -> list[str]:
        health = HealthChanged(None, bridge_problem) if bridge_problem else None
        parts = bridge_parts(health, store_problem, sign_in_problem)
        return [part.text.strip() for part in parts if "away" in part.text]

    assert away("Firestore cannot be reached.") == ["× store away"]
    assert away(f"{sign_in} Check the network.", sign_in) == ["× sign-in away"]
    assert away("Firestore cannot be reached.", sign_in) == ["× sign-in away", "× store away"]
    assert away("", sign_in, f"{sign_in} Check the network.") == ["× sign-in away"]
    assert away("", sign_in, "The bridge cannot be reached.") == ["× sign-in away", "× bridge away"]
