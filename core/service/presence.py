"""Who else has a chat open: what a console tells of its operator, and what it shows of others.

Each console repeats its sign for as long as it holds; the bridge writes it to
`threads/{threadId}/presence/{uid}`, over the one before, with the moment at which it runs out.
Nothing has to be taken back, so a console that was killed is forgotten by itself.
"""

from typing import Final, Literal

PresenceState = Literal["viewing", "typing", "left"]

HOLDS_SECONDS: Final[dict[PresenceState, float]] = {"viewing": 45.0, "typing": 10.0, "left": 0.0}
"""How long a sign holds; that somebody has a chat open is still true after a lost repetition."""
