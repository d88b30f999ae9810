"""A stand-in for the C functions of neonize's Go library.

It takes the calls that the Python side makes, with the arguments that reach the library and the
answers that come back after neonize's own conversion, and drives the callbacks through real ctypes
function pointers, so that neonize's own dispatcher is what is tested. A function that it lacks
fails loudly.
"""

import ctypes
import threading
from typing import Any

from neonize.proto import Neonize_pb2 as neonize_pb2
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message


class FakeGo:
    """One library with at most one session, as there is in a worker."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._called = threading.Condition()
        self.running = threading.Event()
        self.answers: dict[str, bytes] = {}
        """By function: an error text, or what a download returns."""
        self.sent: list[tuple[str, bytes]] = []
        self.delay_sends = threading.Event()
        self.delay_sends.set()
        self._over = threading.Event()
        self._result = b""

    def _note(self, call: tuple[Any, ...]) -> None:
        with self._called:
            self.calls.append(call)
            self._called.notify_all()

    def wait_for_call(self, name: str) -> bool:
        """Wait until a function was called; return whether it was, after a minute at most."""
        with self._called:
            return self._called.wait_for(lambda: any(one[0] == name for one in self.calls), 60)

    # -- what the worker's side calls -----------------------------------------------------------

    def Neonize(self, *arguments: Any) -> bytes:  # noqa: N802
        """Run the session until it is stopped; the text of an error, or nothing."""
        (name, uuid, jid, size, new, level, qr, login, event, log) = arguments[:10]
        self.uuid, self.level, self.database = uuid, level, name
        device = neonize_pb2.JID.FromString(jid[:size]) if size else None
        text = f"{device.User}:{device.Device}@{device.Server}" if device else ""
        self.session = (name, text, bool(new))
        self.props = arguments[12]
        self.subscriptions = set(bytes(arguments[10]))
        self.on_qr, self.on_login, self.on_event, self.on_log = qr, login, event, log
        self._note(("Neonize", name))
        self.running.set()
        self._over.wait()
        return self._result

    def Stop(self, _uuid: bytes) -> bytes:  # noqa: N802
        """End the session."""
        self._note(("Stop",))
        if "Stop" not in self.answers:  # else it hangs, as it does after a QR time-out
            self._over.set()
        return b""

    def Disconnect(self, _uuid: bytes) -> None:  # noqa: N802
        """Close the socket."""
        self._note(("Disconnect",))

    def SendMessage(  # noqa: N802
        self, _uuid: bytes, to: bytes, to_size: int, message: bytes, message_size: int
    ) -> bytes:
        """Send, or fail as `answers` says."""
        self._note(("SendMessage",))
        self.delay_sends.wait()
        if error := self.answers.get("SendMessage"):
            return bytes(
                neonize_pb2.SendMessageReturnFunction(Error=error.decode()).SerializeToString()
            )
        jid = neonize_pb2.JID.FromString(to[:to_size])
        Message.FromString(message[:message_size])
        self.sent.append((f"{jid.User}@{jid.Server}", message[:message_size]))
        answer = neonize_pb2.SendMessageReturnFunction()
        answer.SendResponse.Timestamp = 1_773_500_970
        answer.SendResponse.ID = f"3EB0SENT{len(self.sent)}"
        answer.SendResponse.ServerID = 0
        for field in answer.SendResponse.DebugTimings.DESCRIPTOR.fields:
            setattr(answer.SendResponse.DebugTimings, field.name, 0)
        return bytes(answer.SerializeToString())

    def MarkRead(self, _uuid: bytes, ids: bytes, *arguments: Any) -> bytes:  # noqa: N802
        """Note what was read."""
        self._note(("MarkRead", ids, arguments[-1]))
        return self.answers.get("MarkRead", b"")

    def PairPhone(self, _uuid: bytes, params: bytes, size: int) -> bytes:  # noqa: N802
        """Give a pairing code."""
        asked = neonize_pb2.PairPhoneParams.FromString(params[:size])
        self._note(("PairPhone", asked.phone, asked.clientDisplayName))
        error = self.answers.get("PairPhone", b"").decode()
        answer = neonize_pb2.PairPhoneReturnFunction(Code="ABCD-1234", Error=error)
        return bytes(answer.SerializeToString())

    def Logout(self, _uuid: bytes) -> bytes:  # noqa: N802
        """Unlink."""
        self._note(("Logout",))
        return self.answers.get("Logout", b"")

    def DownloadAny(self, _uuid: bytes, message: bytes, size: int) -> bytes:  # noqa: N802
        """Return the media of a message, or fail as `answers` says."""
        kinds = [field.name for field, _value in Message.FromString(message[:size]).ListFields()]
        self._note(("DownloadAny", *kinds))
        error = self.answers.get("DownloadAny", b"").decode()
        answer = neonize_pb2.DownloadReturnFunction(Binary=b"\x00media\xff", Error=error)
        return bytes(answer.SerializeToString())

    def __getattr__(self, name: str) -> Any:
        """Anything else was not meant to be called."""
        raise AssertionError(f"the library's {name} was not meant to be called")

    # -- what the test makes happen -------------------------------------------------------------

    def emit(self, code: int, payload: bytes) -> bool:
        """Deliver an event, if anybody subscribed to its kind (the device's own always comes)."""
        if code and code not in self.subscriptions:
            return False
        buffer = ctypes.create_string_buffer(payload, len(payload) or 1)
        self.on_event(self.uuid, ctypes.addressof(buffer), len(payload), code)
        return True

    def qr(self, payload: bytes) -> None:
        """Show a QR code."""
        self._with_uuid(self.on_qr, payload)

    def login(self, status: bytes) -> None:
        """End a pairing round."""
        self._with_uuid(self.on_login, status)

    def log(self, level: str, name: str, text: str) -> None:
        """Write a line of log."""
        entry = neonize_pb2.LogEntry(Message=text, Level=level, Name=name).SerializeToString()
        buffer = ctypes.create_string_buffer(entry, len(entry))
        self.on_log(ctypes.addressof(buffer), len(entry))

    def end(self, error: bytes) -> None:
        """Make the blocking call return."""
        self._result = error
        self._over.set()

    def _with_uuid(self, callback: Any, text: bytes) -> None:
        uuid, buffer = ctypes.create_string_buffer(self.uuid), ctypes.create_string_buffer(text)
        callback(ctypes.addressof(uuid), ctypes.addressof(buffer))
