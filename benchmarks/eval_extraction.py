"""Scores an extraction file against labelled conversations.

`python -m benchmarks.eval_extraction --expected LABELLED.jsonl --actual RESULTS.jsonl`
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.crm.folding import squash

FIELDS = (
    "date", "startTime", "durationMin", "address", "parentName", "childName", "childAge",
    "numChildren",
    "roles", "payment.amount", "payment.currency", "payment.status", "payment.deposit",
)  # fmt: skip
_LOOSE = {"address", "parentName", "childName"}
_GLUE = frozenset({"la", "in", "pe", "de", "din", "nr", "numarul", "at", "the", "no"})


@dataclass
class Tally:
    """Right, wrong and missed values of one field."""

    right: int = 0
    extra: int = 0
    """Given, but wrong or not stated."""
    missed: int = 0

    @property
    def precision(self) -> float:
        """Return the share of given values that are right."""
        return self.right / (self.right + self.extra) if self.right + self.extra else 1.0

    @property
    def recall(self) -> float:
        """Return the share of stated values that were found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass
class Score:
    """How well a file of results fits its labels."""

    conversations: int = 0
    intents: int = 0
    actions: int = 0
    targets: int = 0
    fields: dict[str, Tally] = field(default_factory=lambda: {name: Tally() for name in FIELDS})
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    given: int = 0
    invented: int = 0
    """Values given where the labels say that nothing is stated."""
    cited: int = 0
    hits: int = 0
    """Values whose evidence names at least one labelled message."""
    misses: list[str] = field(default_factory=list)

    @property
    def invented_share(self) -> float:
        """Return the share of given values that the chat does not state."""
        return self.invented / self.given if self.given else 0.0

    @property
    def micro(self) -> Tally:
        """Return the tallies of all fields added up."""
        return Tally(
            sum(t.right for t in self.fields.values()),
            sum(t.extra for t in self.fields.values()),
            sum(t.missed for t in self.fields.values()),
        )


def _loose(value: Any) -> tuple[str, ...]:
    return tuple(sorted(word for word in squash(str(value)).split() if word not in _GLUE))


def _values(event: dict[str, Any] | None, name: str) -> list[Any]:
    """Return the comparable values of one field: one or none, several for roles."""
    if event is None:
        return []
    if name == "roles":
        return [
            (role["roleType"], squash(role["label"] or "").replace(" ", ""))
            for role in event.get("roles") or []
        ]
    if name.startswith("payment."):
        value = (event.get("payment") or {}).get(name.removeprefix("payment."))
        return [] if value in (None, "UNPAID") else [value]
    value = event.get(name)
    if value is None:
        return []
    return [_loose(value)] if name in _LOOSE else [value]


def _compare(score: Score, name: str, wanted: list[Any], got: list[Any], where: str) -> bool:
    """Add one field of one conversation to the score; return whether it is right and not empty."""
    common = sum((Counter(wanted) & Counter(got)).values())
    tally = score.fields[name]
    tally.right += common
    tally.extra += len(got) - common
    tally.missed += len(wanted) - common
    score.given += len(got)
    score.invented += max(0, len(got) - len(wanted))
    if wanted != got and (len(got) != common or len(wanted) != common):
        score.misses.append(f"{where} {name}: expected {wanted}, got {got}")
    return bool(common)


def score_files(expected: list[dict[str, Any]], actual: list[dict[str, Any]]) -> Score:
    """Return the score of `actual` against the labelled conversations `expected`."""
    results = {line["id"]: line for line in actual}
    score = Score()
    for line in expected:
        label = line["expected"]
        got = results.get(line["id"]) or {"intent": "-", "action": "-", "targetEventId": None}
        score.conversations += 1
        score.confusion[label["intent"], got["intent"]] += 1
        score.intents += label["intent"] == got["intent"]
        score.actions += label["action"] == got["action"]
        score.targets += label["targetEventId"] == got["targetEventId"]
        if (label["intent"], label["targetEventId"]) != (got["intent"], got["targetEventId"]):
            score.misses.append(
                f"{line['id']} intent: expected {label['intent']} {label['targetEventId']}, "
                f"got {got['intent']} {got['targetEventId']}"
            )
        for name in FIELDS:
            wanted, given = _values(label["event"], name), _values(got.get("event"), name)
            if _compare(score, name, wanted, given, line["id"]):
                score.cited += 1
                labelled = set(line.get("evidence", {}).get(name, []))
                score.hits += bool(labelled & set(got.get("evidence", {}).get(name, [])))
    return score


def report(score: Score, *, details: bool = False) -> str:
    """Return the score as a table."""
    count = max(score.conversations, 1)
    rows = [
        f"{'field':<18}{'precision':>10}{'recall':>8}{'F1':>7}{'right':>7}{'extra':>7}{'missed':>7}"
    ]
    for name, tally in [*score.fields.items(), ("all fields", score.micro)]:
        rows.append(
            f"{name:<18}{tally.precision:>10.3f}{tally.recall:>8.3f}{tally.f1:>7.3f}"
            f"{tally.right:>7}{tally.extra:>7}{tally.missed:>7}"
        )
    rows += [
        "",
        f"conversations  {score.conversations}",
        f"intent         {score.intents / count:.3f}",
        f"action         {score.actions / count:.3f}",
        f"target         {score.targets / count:.3f}",
        f"invented       {score.invented_share:.3f}  ({score.invented} of {score.given} values)",
        f"evidence       {score.hits / max(score.cited, 1):.3f}",
    ]
    wrong = [(pair, n) for pair, n in sorted(score.confusion.items()) if pair[0] != pair[1]]
    rows += [f"confused       {a} taken for {b}: {n}" for (a, b), n in wrong]
    if details:
        rows += ["", *score.misses]
    return "\n".join(rows)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a JSON Lines file."""
    return [
        json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def main() -> int:
    """Print the scores; the exit code is 0 whatever they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--expected", type=Path, required=True)
    parser.add_argument("--actual", type=Path, required=True)
    parser.add_argument("--details", action="store_true", help="list every difference")
    parser.add_argument("--prefix", default="", help="only conversations whose id starts so")
    args = parser.parse_args()
    expected = [one for one in read_lines(args.expected) if one["id"].startswith(args.prefix)]
    print(report(score_files(expected, read_lines(args.actual)), details=args.details))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
