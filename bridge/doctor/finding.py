"""What the doctor says of one thing it looked at."""

from typing import Literal, NamedTuple

Kind = Literal["ok", "note", "problem"]


class Finding(NamedTuple):
    """What one look found."""

    kind: Kind
    text: str
