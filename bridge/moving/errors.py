"""What can go wrong when documents are taken out of a store or into another.

BridgeError
└── MovingRefused      it must not begin, or not go on
    ├── FileRefused    an export that is damaged, cut short or of another version
    └── StoresDiffer   documents that are there already are not the same
"""

from bridge.errors import BridgeError


class MovingRefused(BridgeError):
    """An export, import or migration must not begin, or not go on."""


class FileRefused(MovingRefused):
    """An export is damaged, cut short, was altered, or has a version that is not known."""


class StoresDiffer(MovingRefused):
    """Documents that are there already are not the same, and nobody said which are to stay."""
