"""docs/conditions.md, made from the table of conditions: `python -m core.model.conditions_page`."""

import sys
from pathlib import Path

from core.model.conditions import CONDITIONS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "conditions.md"


def render() -> str:
    """Return the page."""
    lines = [
        "# Account conditions",
        "",
        "Why an account is not connected, and what to do about it. Made from",
        "`core/model/conditions.py` by `python -m core.model.conditions_page`.",
        "",
        "| code | status | who acts | what happened | what to do |",
        "|---|---|---|---|---|",
    ]
    for condition in CONDITIONS.values():
        who = "you" if condition.is_terminal else "the bridge"
        cells = (condition.code, condition.status, who, condition.what, condition.advice)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(0 if PAGE.write_text(render(), encoding="utf-8") else 1)
