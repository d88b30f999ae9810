"""What can go wrong with an import.

BridgeError
└── ImportRefused        an exported chat cannot be imported
    └── ImportUnclear    something must be said by an option first
"""

from bridge.errors import BridgeError


class ImportRefused(BridgeError):
    """An exported chat cannot be imported: it is none, it is dangerous, or the account is wrong."""


class ImportUnclear(ImportRefused):
    """The export does not tell something that the operator must say by an option."""
