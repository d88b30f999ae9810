"""A worker's own end in time: it stops when its bridge's lease is not renewed, whoever sleeps.

A thread of its own looks at the clock, so neither a bridge that stands still nor a library call
that hangs keeps the worker connected once another bridge may have taken the account over.
"""

import logging
import os
import threading
from collections.abc import Callable

from bridge.whatsapp.protocol import LeaseUntil
from core.clock import Ticks, boot_seconds

_log = logging.getLogger(__name__)

_LONGEST_SLEEP = 1.0
"""Seconds: timers stand still while the machine sleeps, the lease does not."""
EXIT_CODE = 5
"""Of a worker whose lease ended while it was still at work."""


class OwnEnd:
    """Ends the process when the time is over that `LeaseUntil` gave it."""

    def __init__(
        self,
        end_in_order: Callable[[str], None],
        *,
        ticks: Ticks = boot_seconds,
        end_now: Callable[[int], None] = os._exit,
    ) -> None:
        self._end_in_order = end_in_order
        self._ticks = ticks
        self._end_now = end_now
        self._until: LeaseUntil | None = None
        self._changed = threading.Condition()
        self._is_told = False

    @property
    def is_due(self) -> bool:
        """Whether nothing more may be sent."""
        until = self._until
        return until is not None and self._ticks() >= until.stop_at

    def put_off(self, until: LeaseUntil) -> None:
        """Take in until when the worker may go on; the first call begins to count."""
        with self._changed:
            is_first = self._until is None
            self._until = until
            self._changed.notify()
        if is_first:
            threading.Thread(target=self._count, name="lease", daemon=True).start()

    def _count(self) -> None:
        while True:
            with self._changed:
                assert self._until is not None
                stop_in = self._until.stop_at - self._ticks()
                gone_in = self._until.gone_at - self._ticks()
                if gone_in > 0 and (stop_in > 0 or self._is_told):
                    left = gone_in if self._is_told else stop_in
                    self._changed.wait(min(left, _LONGEST_SLEEP))
                    continue
            if gone_in <= 0:
                _log.error("the lease is over: the process ends now")
                self._end_now(EXIT_CODE)
                return
            self._is_told = True
            _log.warning("the lease runs out: the worker ends")
            self._end_in_order("the lease of its bridge ran out")
