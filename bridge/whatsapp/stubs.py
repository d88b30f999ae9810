"""History's system lines: what happened to a chat, as `messageStubType` and its parameters say."""

import json
from collections.abc import Callable
from typing import Any

from bridge.whatsapp.addresses import OwnJids, jid_of_text
from bridge.whatsapp.kinds.content import Content, undecryptable, unsupported
from bridge.whatsapp.kinds.system import disappearing, line, missed_call

REVOKED = frozenset((1, 132))  # REVOKE, ADMIN_REVOKE
_PEOPLE_SHOWN = 10


def content_of_stub(info: Any, own: OwnJids) -> Content | None:
    """Return the line of a WebMessageInfo with a stub type, or None when it deserves none."""
    read = _STUBS.get(info.messageStubType)
    return None if read is None else read(list(info.messageStubParameters), own)


def _people(code: str, parameters: list[str], own: OwnJids) -> Content:
    names = [_person(parameter, own) for parameter in parameters[:_PEOPLE_SHOWN]]
    known = [name for name in names if name]
    if not known:
        return line(code)
    return line(code, ", ".join(known) + ("…" if len(parameters) > len(known) else ""))


def _person(parameter: str, own: OwnJids) -> str:
    """Return a person's phone number; parameters are JIDs, or objects around one."""
    if parameter.startswith("{"):
        try:
            told = json.loads(parameter)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(told, dict):
            return ""
        parameter = str(told.get("phoneNumber") or told.get("id") or "")
    jid = jid_of_text(parameter)
    if jid in own:
        jid = own.best
    return (jid.phone_e164 or "") if jid is not None else ""


def _first(parameters: list[str]) -> str:
    return parameters[0] if parameters else ""


def _seconds(parameters: list[str]) -> int:
    text = _first(parameters)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


_STUBS: dict[int, Callable[[list[str], OwnJids], Content]] = {
    2: lambda _p, _own: undecryptable(),  # CIPHERTEXT
    20: lambda p, _own: line("group_created", _first(p)),
    21: lambda p, _own: line("group_renamed", _first(p)),
    22: lambda _p, _own: line("group_picture"),
    24: lambda _p, _own: line("group_description"),
    27: lambda p, own: _people("added", p, own),
    28: lambda p, own: _people("removed", p, own),
    29: lambda p, own: _people("admin", p, own),
    30: lambda p, own: _people("no_admin", p, own),
    31: lambda p, own: _people("joined_by_invitation", p, own),
    32: lambda p, own: _people("left", p, own),
    33: lambda p, own: _people("number_changed", p, own),
    38: lambda _p, _own: line("security_code"),
    40: lambda _p, _own: missed_call(video=False),
    41: lambda _p, _own: missed_call(video=True),
    42: lambda p, own: _people("number_changed", p, own),
    43: lambda _p, _own: line("group_closed"),
    45: lambda _p, _own: missed_call(video=False),
    46: lambda _p, _own: missed_call(video=True),
    68: lambda _p, _own: unsupported("too_large"),
    72: lambda p, _own: disappearing(_seconds(p)),
    74: lambda _p, _own: unsupported("view_once_opened"),
    140: lambda p, own: _people("joined", p, own),
    141: lambda p, own: _people("joined", p, own),
    169: lambda _p, _own: missed_call(video=False),
    170: lambda _p, _own: missed_call(video=True),
}
"""By number of waWeb.WebMessageInfo.StubType; the others are of no use to an operator."""
