"""What can go wrong in the bridge.

BridgeError
├── AlreadyRunning   another bridge holds this data folder
├── DataFolderGone   the data folder was removed, moved or replaced under a running bridge
├── LeaseLost        another bridge may hold it by now; nothing was written
├── WorkerError      an account worker did not do what it was asked
├── SetupFailed      an account worker cannot start; the message says what is missing
│   └── SessionDamaged   its session file is no sound database; it was kept aside
├── ProtocolBroken   the other end of a worker's socket sent what is no frame
├── JournalError     an account's journal cannot be written or read
│   └── JournalDamaged   its file is no sound database; it was kept aside
├── TranslationError an event of WhatsApp could not be understood
└── SimulatorError   the simulator is not there or refused
"""

from typing import TYPE_CHECKING

from core.errors import CapcoadaError
from core.i18n import _

if TYPE_CHECKING:
    from bridge.whatsapp.protocol import FailureCode


class BridgeError(CapcoadaError):
    """Something the bridge could not do."""


class AlreadyRunning(BridgeError):
    """Another bridge holds this data folder."""


class DataFolderGone(BridgeError):
    """The data folder was removed, moved away or replaced while this bridge ran on it."""


class LeaseLost(BridgeError):
    """A lease is not this bridge's any more; what was to be written was not."""

    def __init__(self, path: str) -> None:
        super().__init__(_("Another bridge may have taken over {path}.").format(path=path))


class WorkerError(BridgeError):
    """An account worker refused, failed or went away during a command."""

    def __init__(self, code: "FailureCode", message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        """What that means for trying again."""


class SimulatorError(BridgeError):
    """The simulator is not there, or refused what it was asked."""


class SetupFailed(BridgeError):
    """An account worker cannot start; the message says what is missing."""


class SessionDamaged(SetupFailed):
    """The session file is no sound database; it was kept aside under another name."""


class ProtocolBroken(BridgeError):
    """The other end of a worker's socket sent what is no frame; the stream cannot be trusted."""


class JournalError(BridgeError):
    """An account's journal cannot be written or read."""


class JournalDamaged(JournalError):
    """The journal's file is no sound database; it was kept aside under another name."""


class TranslationError(BridgeError):
    """An event of WhatsApp could not be understood; names its code and place, never its content."""

    def __init__(self, code: int, seq: int) -> None:
        super().__init__(
            _("Event {seq} of kind {code} cannot be understood.").format(seq=seq, code=code)
        )
        self.code = code
        self.seq = seq
