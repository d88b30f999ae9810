"""What Firestore limits, and every engine with it (https://firebase.google.com/docs/firestore/quotas)."""

from typing import Final

LARGEST_DOCUMENT: Final = 1024 * 1024
"""Bytes."""
DEEPEST: Final = 20
"""Levels of maps and lists in a document."""
MOST_WRITES: Final = 500
"""Writes in one commit."""
MOST_ALTERNATIVES: Final = 30
"""Values of one `in`, and combinations of several
(https://firebase.google.com/docs/firestore/query-data/queries)."""
LEAST_INTEGER: Final = -(2**63)
MOST_INTEGER: Final = 2**63 - 1
