"""The table of conditions and its page."""

from typing import get_args

from core.model.conditions import CONDITIONS, explain
from core.model.conditions_page import PAGE, render
from core.model.documents import AccountStatus


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_condition_leads_to_a_status_that_exists() -> None:
    for code, condition in CONDITIONS.items():
        assert condition.code == code
        assert condition.status in get_args(AccountStatus)
        assert condition.what.endswith(".")
        assert condition.advice.endswith(".")
        assert explain(code) == f"{condition.what} {condition.advice}"
    assert explain("something new") == "something new"
