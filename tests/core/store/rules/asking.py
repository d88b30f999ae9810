"""Rules made of one condition, and documents to ask them about."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from core.store.port import Document
from core.store.rules.lookups import Lookups
from core.store.rules.ruleset import Asking, Auth, Change, Ruleset, Verdict

NOW = datetime(2026, 1, 19, 12, 30, 15, 250_000, tzinfo=UTC)
ANA = Auth("ana", {"email": "ana@example.com", "admin": True})


def document(path: str, **data: Any) -> Document:
    return Document(path, data, NOW, NOW)


def asking(
    auth: Auth | None = ANA, documents: Mapping[str, Document] | None = None, *, most: int = 10
) -> Asking:
    found = documents or {}
    return Asking(auth, NOW, Lookups(found.get, most=most))


@cache
def rules(body: str) -> Ruleset:
    """Return rules whose documents are under `body`."""
    return Ruleset.parse(
        "rules_version = '2';\nservice cloud.firestore {\n"
        f"match /databases/{{database}}/documents {{\n{body}\n}}\n}}\n"
    )


def judge(condition: str, who: Asking | None = None, **data: Any) -> Verdict:
    """Return what a condition says to a `get` of a document with these data."""
    ruleset = rules(f"match /things/{{id}} {{ allow get: if {condition}; }}")
    return ruleset.judge_get("things/one", document("things/one", **data), who or asking())


def judge_write(
    condition: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> Verdict:
    """Return what a condition says to a write."""
    ruleset = rules(f"match /things/{{id}} {{ allow write: if {condition}; }}")
    method = "create" if before is None else "update" if after is not None else "delete"
    return ruleset.judge_write(method, "things/one", Change(before, after), asking())  # type: ignore[arg-type]
