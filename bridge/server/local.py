"""The listener on the data folder's own socket, which comes back when somebody removes its file."""

import logging
import os

from aiohttp import web

from bridge.errors import BridgeError
from core.errors import DataFolderError
from core.i18n import _
from core.paths import DataFolder

_log = logging.getLogger(__name__)

LEAVE_SECONDS = 1.0
"""How long calls at work may take to end when a listener stops; aiohttp waits once or twice."""


class LocalListener:
    """Serves an application on a Unix socket of mode 0600.

    Whoever makes one holds the folder's lock: a socket that is there is left over.
    """

    def __init__(self, application: web.Application, folder: DataFolder) -> None:
        self._folder = folder
        self._path = folder.bridge_socket
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=LEAVE_SECONDS
        )
        self._site: web.UnixSite | None = None
        self._file: os.stat_result | None = None
        self._trouble = ""

    async def start(self) -> None:
        """Listen. Raises BridgeError when that cannot be done."""
        await self._runner.setup()
        try:
            await self._listen()
        except OSError as error:
            raise BridgeError(
                _("The socket {path} cannot be used: {reason}.").format(
                    path=self._path, reason=error.strerror or error
                ),
                hint=_("Choose another data folder, or free that name."),
            ) from error

    async def look(self) -> None:
        """Listen anew if the socket's file is not in its place: nobody else could come in.

        Who has a connection keeps it. What cannot be mended is logged once, and tried again.
        """
        if self._is_in_place():
            return
        try:
            self._folder.prepare_sockets()
            await self._listen()
        except (OSError, DataFolderError) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                _log.error("the socket %s is gone and cannot be made anew: %s", self._path, error)
            return
        self._trouble = ""
        _log.warning("the socket %s was gone; it is made anew", self._path)

    async def stop(self) -> None:
        """Stop listening; calls that are at work may end within a short while."""
        await self._runner.cleanup()

    async def _listen(self) -> None:
        if self._site is not None:
            site, self._site = self._site, None
            await site.stop()
        if self._path.is_socket():
            self._path.unlink()
        site = web.UnixSite(self._runner, str(self._path))
        await site.start()
        self._site = site
        os.chmod(self._path, 0o600)
        self._file = os.stat(self._path)

    def _is_in_place(self) -> bool:
        try:
            found = os.stat(self._path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True  # The disk does not answer, which is no proof.
        return self._file is not None and os.path.samestat(found, self._file)
