"""Regular expressions of the rules, which are RE2's, as Python's: those alone that mean the same.

RE2 takes time that grows with the text; Python goes back and tries again. So a pattern is refused
whose repeated part can itself match one text in several ways, as in `(a+)+`; what is left grows
with a small power of the text, and texts are bounded (`methods.LONGEST_SUBJECT`).
"""

import math
import re
from functools import lru_cache
from typing import Final

from core.i18n import _
from core.store.rules.values import EvaluationError

_MOST_COUNT: Final = 1000
"""RE2's own limit of `{n}` (https://github.com/google/re2/wiki/Syntax)."""
_MOST_VARYING: Final = 4
"""Repetitions of varying length in one pattern: each may multiply the time by the text's length."""
_CLASSES: Final = frozenset("dDwWsS")
_ANCHORS: Final = {"A": r"\A", "z": r"\Z", "b": r"\b", "B": r"\B"}
_CONTROL: Final = frozenset("afnrtv")
_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\?(?:P?<[A-Za-z_]\w*>|[is]*:)")
_OPENING_FLAGS = re.compile(r"\(\?[is]+\)")


class PatternError(Exception):
    """A pattern that cannot be used; says why, in a sentence for whoever writes rules."""


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern ready to be tried. Raises EvaluationError."""
    try:
        return re.compile(translate(pattern), re.ASCII)
    except (PatternError, re.error, RecursionError, OverflowError) as error:
        raise EvaluationError(f"a pattern that cannot be used: {error}") from None


def translate(pattern: str) -> str:
    """Return the Python pattern that means the same. Raises PatternError."""
    reader = _Reader(pattern)
    result = reader.read()
    try:
        re.compile(result, re.ASCII)
    except re.error as error:
        raise PatternError(
            _("It is no regular expression: {reason}.").format(reason=error.msg)
        ) from None
    return result


class _Reader:
    """Reads a pattern once, from left to right, and writes it anew."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._place = 0
        self._varying = 0
        """Repetitions of varying length so far."""

    def read(self) -> str:
        flags = ""
        if found := _OPENING_FLAGS.match(self._pattern):
            flags, self._place = found[0], found.end()
        written, _varies = self._alternatives()
        if self._place < len(self._pattern):
            raise PatternError(_("A parenthesis is closed that was not opened."))
        return flags + written

    def _peek(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise PatternError(_("The pattern ends too early."))
        self._place += 1
        return character

    def _alternatives(self) -> tuple[str, bool]:
        """Read up to the end or a closing parenthesis; also say whether it can match variously."""
        branches: list[str] = []
        varies = False
        while True:
            written, branch_varies = self._sequence()
            branches.append(written)
            varies = varies or branch_varies
            if self._peek() != "|":
                return "|".join(branches), varies or len(branches) > 1
            self._take()

    def _sequence(self) -> tuple[str, bool]:
        written = ""
        varies = False
        while self._peek() not in ("", "|", ")"):
            atom, atom_varies = self._atom()
            repeated, count_varies, most = self._repetition()
            if atom_varies and most > 1:
                raise PatternError(
                    _("What is repeated can match in several ways, which may take for ever.")
                )
            if count_varies and most > 1:
                self._varying += 1
                if self._varying > _MOST_VARYING:
                    raise PatternError(
                        _("A pattern may have {count} repetitions of varying length.").format(
                            count=_MOST_VARYING
                        )
                    )
            written += atom + repeated
            varies = varies or atom_varies or count_varies
        return written, varies

    def _repetition(self) -> tuple[str, bool, float]:
        """Read `*`, `+`, `?` or `{n,m}`: the text, whether the count varies, and the most."""
        character = self._peek()
        if character and character in "*+?":
            text, varies, most = self._take(), True, 1 if character == "?" else math.inf
        elif found := _COUNT.match(self._pattern, self._place):
            self._place = found.end()
            text, least = found[0], int(found[1])
            most = least if found[2] is None else int(found[3]) if found[3] else math.inf
            varies = most != least
            if least > _MOST_COUNT or _MOST_COUNT < most < math.inf:
                raise PatternError(
                    _("At most {count} repetitions can be asked for.").format(count=_MOST_COUNT)
                )
        else:
            return "", False, 1
        if self._peek() == "?":
            text += self._take()
        if self._peek() and self._peek() in "*+?":
            raise PatternError(_("A repetition cannot be repeated."))
        return text, varies, most

    def _atom(self) -> tuple[str, bool]:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return self._set(), False
        if character == "\\":
            return self._escape(), False
        if character == "$":
            return r"\Z", False  # Python's also stands before a newline at the end.
        if character in "*+?":
            raise PatternError(
                _("There is nothing to repeat before {sign}.").format(sign=character)
            )
        if character in "{}]":
            return "\\" + character, False
        return character, False

    def _group(self) -> tuple[str, bool]:
        opening = "(?:"
        if self._peek() == "?":
            found = _GROUP.match(self._pattern, self._place)
            if found is None:
                raise PatternError(_("Groups that look around or refer to others are not known."))
            self._place = found.end()
            if found[0].endswith(":"):
                opening = f"({found[0]}"
        written, varies = self._alternatives()
        if self._take() != ")":
            raise PatternError(_("The pattern ends too early."))
        return f"{opening}{written})", varies

    def _escape(self) -> str:
        character = self._take()
        if character in _CLASSES or character in _CONTROL:
            return "\\" + character
        if character in _ANCHORS:
            return _ANCHORS[character]
        if character.isascii() and not character.isalnum():
            return re.escape(character)
        raise PatternError(_("The escape {escape} is not known.").format(escape="\\" + character))

    def _set(self) -> str:
        written = "["
        if self._peek() == "^":
            written += self._take()
        is_first = True
        while is_first or self._peek() != "]":
            character = self._take()
            if character == "[" and self._peek() == ":":
                raise PatternError(_("Named classes such as [:alpha:] are not known."))
            if character == "\\":
                written += self._escape_in_set()
            elif character in "[]&~|":
                written += "\\" + character
            else:
                written += character
            is_first = False
        return written + self._take()

    def _escape_in_set(self) -> str:
        escaped = self._escape()
        if escaped in _ANCHORS.values():
            raise PatternError(_("The escape {escape} is not known.").format(escape=escaped))
        return escaped
