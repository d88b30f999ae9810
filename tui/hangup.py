"""Noticing that the terminal is gone: a console that nobody can see must not go on."""

import select

POLL_SECONDS = 2.0


def has_hung_up(descriptor: int) -> bool:
    """Whether the terminal behind a file descriptor was closed."""
    poll = select.poll()
    poll.register(descriptor, 0)  # what tells of a hang-up is always asked for
    return bool(poll.poll(0))
