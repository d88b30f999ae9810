"""What can go wrong in the bridge.

BridgeError
├── AlreadyRunning   another bridge holds this data folder
├── WorkerError      an account worker did not do what it was asked
├── JournalError     an account's journal cannot be written or read
│   └── JournalDamaged   its file is no sound database; it was kept aside
├── TranslationError an event of WhatsApp could not be understood
└── SimulatorError   the simulator is not there or refused
"""

from core.errors import CapcoadaError


class BridgeError(CapcoadaError):
    """Something the bridge could not do."""


class AlreadyRunning(BridgeError):
    """Another bridge holds this data folder."""


class WorkerError(BridgeError):
    """An account worker refused, failed or went away during a command."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        """A value of `bridge.whatsapp.protocol.FailureCode`."""


class SimulatorError(BridgeError):
    """The simulator is not there, or refused what it was asked."""


class JournalError(BridgeError):
    """An account's journal cannot be written or read."""


class JournalDamaged(JournalError):
    """The journal's file is no sound database; it was kept aside under another name."""


class TranslationError(BridgeError):
    """An event of WhatsApp could not be understood; names its code and place, never its content."""

    def __init__(self, code: int, seq: int) -> None:
        super().__init__(f"The event {seq} of kind {code} cannot be understood.")
        self.code = code
        self.seq = seq
