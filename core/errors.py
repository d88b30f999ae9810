"""The root of every error that an operator may get to see.

CapcoadaError
├── SettingsError        a setting is missing, unknown or wrong
├── DataFolderError      the data folder cannot be used
├── core.identity.errors.IdentityError …
├── core.store.errors.StoreError …
├── core.service.errors.ServiceError …
├── bridge.errors.BridgeError …
└── tui.errors.ConsoleError …
"""


class CapcoadaError(Exception):
    """Something went wrong that a person can do something about.

    `message` says what happened, `hint` what to do next; both are plain sentences, already in the
    operator's language, and hold no secret and no message body.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(CapcoadaError):
    """A setting is missing, unknown or has a wrong value."""


class DataFolderError(CapcoadaError):
    """The data folder cannot be read, written or understood."""
