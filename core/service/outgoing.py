"""Sending: one id per message, kept on disk until the bridge has taken it over."""

import uuid

from msgspec.structs import replace

from core.clock import Clock
from core.model.ids import make_request_id
from core.service.chat import MessageRow, QuoteView
from core.service.drafts import Drafts, Unsent
from core.service.inbox import ThreadRow
from core.text import clean_text


class Outgoing:
    """Makes messages of one operator, and the requests that hand them to the bridge."""

    def __init__(self, drafts: Drafts, uid: str, clock: Clock) -> None:
        self._drafts = drafts
        self._uid = uid
        self._clock = clock

    def write(self, thread: ThreadRow, text: str, quoted_id: str) -> Unsent:
        """Make a message of a text; it is remembered until `taken` or `given_up`."""
        message = Unsent(
            thread_id=thread.id,
            account_id=thread.account_id,
            to_jid=thread.to_jid,
            text=text.strip("\n"),
            client_message_id=uuid.uuid4().hex,
            written_at=self._clock(),
            quoted_id=quoted_id,
        )
        self._drafts.keep_unsent(message)
        return message

    def taken(self, message: Unsent) -> None:
        """Forget a message that the bridge has now."""
        self._drafts.drop_unsent(message.client_message_id)

    def given_up(self, request_id: str, thread_id: str) -> None:
        """Forget a message that the operator does not want to send any more."""
        if message := self.find(request_id, thread_id):
            self._drafts.drop_unsent(message.client_message_id)

    def refused(self, message: Unsent, reason: str) -> Unsent:
        """Remember why the bridge did not take a message."""
        told = replace(message, reason=reason)
        self._drafts.keep_unsent(told)
        return told

    def find(self, request_id: str, thread_id: str) -> Unsent | None:
        """Return the message of a request id, while it is not taken over."""
        for message in self._drafts.unsent(thread_id):
            if self.request_id(message) == request_id:
                return message
        return None

    def request_id(self, message: Unsent) -> str:
        """Return the id that the message has in the store once it is there."""
        return make_request_id(message.thread_id, self._uid, message.client_message_id)

    def row(self, message: Unsent, status: str, quote: QuoteView | None = None) -> MessageRow:
        """Return a message as the chat shows it before the store holds it."""
        return MessageRow(
            id=self.request_id(message),
            is_outbound=True,
            kind="text",
            body=clean_text(message.text),
            moment=message.written_at,
            quote=quote,
            status=status,
            error=message.reason,
        )
