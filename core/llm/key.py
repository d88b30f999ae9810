"""Where the API key comes from: the environment, or a file that only its owner can read."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from core.i18n import _
from core.llm.errors import NoKey
from core.settings import Llm

KEY_VARIABLE = "GROQ_API_KEY"
"""Environment variable that holds the Groq key; it wins over the file."""
_LONGEST = 1024


def has_key(settings: Llm, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether there is a key to try, without reading its file."""
    return bool(environ.get(KEY_VARIABLE, "").strip()) or Path(settings.key_file).is_file()


def read_key(settings: Llm, environ: Mapping[str, str] = os.environ) -> str:
    """Return the API key. Raises NoKey when there is none, or its file is open to others."""
    if named := environ.get(KEY_VARIABLE, "").strip():
        return _checked(named, KEY_VARIABLE)
    path = Path(settings.key_file)
    where = _("Set {variable}, or write the key into {path} with mode 0600.").format(
        variable=KEY_VARIABLE, path=path
    )
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) or mode & 0o077:
                hint = _("{path} is open to other users: chmod 600 it.").format(path=path)
                raise NoKey(hint=hint)
            text = file.read(_LONGEST).decode("ascii", "replace").strip()
    except OSError:
        raise NoKey(hint=where) from None
    if not text:
        raise NoKey(hint=where)
    return _checked(text, str(path))


def _checked(key: str, source: str) -> str:
    """Return `key` if it can stand in a header; its text never gets into the error."""
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise NoKey(hint=_("What {source} holds is not a key.").format(source=source))
    return key
