"""A set of rules, and what they say to a request."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, Final, Literal, Self

import msgspec

from core.store.port import Document, Query
from core.store.rules.evaluate import Evaluation, Frame, resource
from core.store.rules.lookups import Lookups
from core.store.rules.queries import as_request, cases, fields_of, id_of
from core.store.rules.syntax import METHODS, Allow, Match, Method, Rules, Wildcard
from core.store.rules.values import (
    UNKNOWN,
    EvaluationError,
    LimitExceeded,
    PartialMap,
    Path,
    Unknown,
    Value,
)

PACKAGED_RULES: Final = FilePath(__file__).parents[1] / "firestore.rules"
"""The rules of this version: the same as the file in the repository's root."""
PACKAGED_TREE: Final = FilePath(__file__).with_name("firestore.rules.json")
"""Their syntax tree, so that nobody who only asks them needs a parser."""
DATABASE: Final = ("databases", "(default)", "documents")
"""What every document's path begins with in the rules."""


class Auth(msgspec.Struct, frozen=True):
    """Who asks: somebody who signed in."""

    uid: str
    token: Mapping[str, Any] = {}
    """The claims of the ID token."""


class Asking(msgspec.Struct, frozen=True):
    """Who asks, and when."""

    auth: Auth | None
    """None is nobody."""
    moment: datetime
    """For a write, the time of the commit, which server timestamps in it equal."""
    lookups: Lookups
    """Reads of the same moment."""


class Change(msgspec.Struct, frozen=True):
    """What a write makes of a document's data; None is no document."""

    before: dict[str, Value] | None
    after: dict[str, Value] | None


class Verdict(msgspec.Struct, frozen=True):
    """Whether the rules allow a request."""

    is_allowed: bool
    reason: str = ""
    """When denied: what did not come true, by line; for whoever mends rules, not for operators."""


class _AnyCollections(msgspec.Struct, frozen=True):
    """Stands for the unknown beginning of the paths that a collection group is found at."""


WriteMethod = Literal["create", "update", "delete"]
_Segment = str | Unknown | _AnyCollections


class _Block:
    """A match, as it is looked through for each request."""

    def __init__(self, pattern: list[str | Wildcard], rules: Rules | Match) -> None:
        self.pattern = pattern
        self.first = pattern[0] if pattern and isinstance(pattern[0], str) else None
        """The segment that a path has to begin with, if it is one."""
        self.functions = {function.name: function for function in rules.functions}
        self.allows: dict[Method, list[Allow]] = {}
        for allow in () if isinstance(rules, Rules) else rules.allows:
            for method in dict.fromkeys(each for name in allow.methods for each in METHODS[name]):
                self.allows.setdefault(method, []).append(allow)
        self.blocks = [_Block(match.pattern, match) for match in rules.matches]


class Ruleset:
    """Security rules that can be asked; safe to ask from several threads."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._root = _Block([], rules)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the text of a `firestore.rules` file. Raises RulesInvalid."""
        from core.store.rules.parse import parse  # noqa: PLC0415 - it loads lark

        return cls(parse(text))

    @classmethod
    def packaged(cls) -> "Ruleset":
        """Return the rules that this version was made with."""
        return _packaged()

    # -- requests --

    def judge_get(self, path: str, document: Document | None, asking: Asking) -> Verdict:
        """Say whether a document, which is there or not, may be read."""
        segments = (*DATABASE, *path.split("/"))
        found = None if document is None else resource(path, document.data, DATABASE)
        return self._judge("get", segments, asking, found)

    def judge_list(self, query: Query, asking: Asking) -> Verdict:
        """Say whether everything may be read that a query could find, whatever is there now.

        Raises InvalidRequest for a field that is none.
        """
        found = cases(query)
        if found is None:
            return Verdict(False, "the query has too many alternatives")
        collection: tuple[_Segment, ...] = tuple(query.collection.split("/"))
        if query.all_descendants:
            collection = (_AnyCollections(), *collection)
        for case in found:
            name = id_of(case)
            fields = {"data": fields_of(case), "id": name, "__name__": UNKNOWN}
            verdict = self._judge(
                "list", (*DATABASE, *collection, name), asking, PartialMap(fields),
                query=as_request(query),
            )  # fmt: skip
            if not verdict.is_allowed:
                return verdict
        return Verdict(True)

    def judge_write(
        self, method: WriteMethod, path: str, change: Change, asking: Asking
    ) -> Verdict:
        """Say whether a document may be changed so."""
        segments = (*DATABASE, *path.split("/"))
        before, after = (
            None if data is None else resource(path, data, DATABASE)
            for data in (change.before, change.after)
        )
        return self._judge(method, segments, asking, before, resource=after)

    # -- one request --

    def _judge(
        self,
        method: Method,
        segments: tuple[_Segment, ...],
        asking: Asking,
        found: Value,
        **details: Value,
    ) -> Verdict:
        """Ask every `allow` that matches until one of them holds.

        `found` is `resource`, and `details` are what `request` holds besides what it always does.
        """
        evaluation = Evaluation(asking.lookups, DATABASE)
        request = _request(method, segments, asking) | details
        root = Frame({"request": request, "resource": found}, self._root.functions, None)
        reasons: list[str] = []
        try:
            for block, frame in _matching(self._root, segments, root):
                for allow in block.allows.get(method, ()):
                    reason = _refusal(allow, frame, evaluation)
                    if reason is None:
                        return Verdict(True)
                    reasons.append(f"line {allow.at[0]}: {reason}")
        except (LimitExceeded, RecursionError) as error:
            return Verdict(False, str(error))
        return Verdict(False, "; ".join(reasons) or "no rule allows it")


@lru_cache(maxsize=1)
def _packaged() -> Ruleset:
    return Ruleset(msgspec.json.decode(PACKAGED_TREE.read_bytes(), type=Rules))


def _request(method: Method, segments: tuple[_Segment, ...], asking: Asking) -> dict[str, Value]:
    auth = asking.auth
    return {
        "auth": None if auth is None else {"uid": auth.uid, "token": dict(auth.token)},
        "method": method,
        "path": _path_of(segments),
        "query": None,
        "resource": None,
        "time": asking.moment,
    }


def _refusal(allow: Allow, frame: Frame, evaluation: Evaluation) -> str | None:
    """Return why a condition does not hold; None when it does."""
    if allow.condition is None:
        return None
    try:
        value = evaluation.evaluate(allow.condition, frame)
    except EvaluationError as error:
        return str(error)
    if value is True:
        return None
    if value is UNKNOWN:
        return "it depends on the documents that the query finds"
    return "not so"


# -- which rules a path is under ------------------------------------------------------------------


def _matching(
    block: _Block, segments: tuple[_Segment, ...], frame: Frame
) -> Iterator[tuple[_Block, Frame]]:
    """Yield every block whose path is the one asked for, with its variables."""
    for inner in block.blocks:
        if inner.first is not None and (not segments or segments[0] != inner.first):
            continue
        for variables, rest in _bound(inner.pattern, segments):
            inside = Frame(variables, inner.functions, frame)
            if not rest:
                yield inner, inside
            yield from _matching(inner, rest, inside)


def _bound(
    pattern: list[str | Wildcard], segments: tuple[_Segment, ...]
) -> Iterator[tuple[dict[str, Value], tuple[_Segment, ...]]]:
    """Yield the ways in which a pattern takes the beginning of a path, and what is left of it."""
    if not pattern:
        yield {}, segments
        return
    part, *others = pattern
    if isinstance(part, Wildcard) and part.is_deep:
        for count in range(len(segments) + 1):
            value = _path_of(segments[:count])
            for variables, rest in _bound(others, segments[count:]):
                yield {part.name: value, **variables}, rest
        return
    if not segments or isinstance(segments[0], _AnyCollections):
        return
    first = segments[0]
    if isinstance(part, Wildcard):
        for variables, rest in _bound(others, segments[1:]):
            yield {part.name: first, **variables}, rest
    elif part == first:
        yield from _bound(others, segments[1:])


def _path_of(segments: tuple[_Segment, ...]) -> Path | Unknown:
    known = tuple(segment for segment in segments if isinstance(segment, str))
    return Path(known) if len(known) == len(segments) else UNKNOWN
