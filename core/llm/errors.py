"""What can go wrong when a language model is asked.

LlmError
├── NoKey               there is no API key
├── KeyRefused          the service does not accept the key
├── RateLimited         too many requests; `retry_after` says for how long
├── Unavailable         the service is out of reach or broken
├── DeadlineExceeded    no answer in the time that one call may take
├── ModelUnknown        the service does not offer the model (any more)
├── RequestTooLarge     more text than the model or the key's plan takes
├── RequestRefused      the service calls the request wrong
│   └── SchemaUnsupported   the model cannot be held to a JSON schema
└── MalformedAnswer     the answer is not what was asked for

None of their texts holds a key, a prompt, a message or an answer.
"""

from core.errors import CapcoadaError
from core.i18n import _


class LlmError(CapcoadaError):
    """A language model could not be asked, or gave nothing that can be used."""


class NoKey(LlmError):
    """There is no API key."""

    def __init__(self, *, hint: str = "") -> None:
        super().__init__(_("There is no Groq key."), hint=hint)


class KeyRefused(LlmError):
    """The service does not accept the key."""

    def __init__(self) -> None:
        super().__init__(
            _("Groq does not accept the key."),
            hint=_("Make a new key on console.groq.com and put it in its place."),
        )


class RateLimited(LlmError):
    """Too many requests, or too much text, in too short a time."""

    def __init__(self, retry_after: float | None = None) -> None:
        hint = (
            _("Try again in a few minutes.")
            if retry_after is None
            else _("Try again in {seconds} seconds.").format(seconds=max(1, round(retry_after)))
        )
        super().__init__(_("Groq takes no more requests for now."), hint=hint)
        self.retry_after = retry_after
        """Seconds that the service asks to wait; None when it did not say."""


class Unavailable(LlmError):
    """The service is out of reach or broken."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("Groq cannot be reached: {reason}.").format(reason=reason),
            hint=_("Check the network connection, or try again later."),
        )


class DeadlineExceeded(LlmError):
    """No usable answer came in the time that one call may take."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            _("Groq gave no answer within {seconds} seconds.").format(seconds=f"{seconds:g}"),
            hint=_("Try again, or raise total_seconds under [llm] in the settings."),
        )


class ModelUnknown(LlmError):
    """The service does not offer the model, or not any more."""

    def __init__(self, model: str) -> None:
        super().__init__(
            _("Groq does not offer the model {model}.").format(model=model),
            hint=_("Choose one of console.groq.com/docs/models as model under [llm]."),
        )


class RequestTooLarge(LlmError):
    """More text than the model, or the plan of the key, takes at once."""

    def __init__(self) -> None:
        super().__init__(
            _("The chat is too long for this model or this Groq plan."),
            hint=_("Choose another model, or lower max_tokens under [llm] in the settings."),
        )


class RequestRefused(LlmError):
    """The service calls the request wrong."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            _("Groq refused the request: {reason}.").format(reason=reason),
            hint=_("Check what is set under [llm] in the settings."),
        )


class SchemaUnsupported(RequestRefused):
    """The model cannot be held to a JSON schema."""


class MalformedAnswer(LlmError):
    """The model's answer is not what was asked for."""

    def __init__(self, complaint: str, *, answer: str = "", tokens: int = 0) -> None:
        super().__init__(
            _("Groq gave an answer that cannot be used."),
            hint=_("Try again, or use the built-in rules."),
        )
        self.complaint = complaint
        """What is wrong with it, in English, for the model."""
        self.answer = answer
        """The answer itself, to be mended; never shown."""
        self.tokens = tokens
        """What it took, when that is not counted yet."""
