"""A closed terminal is noticed."""

import os
import pty

from tui.hangup import has_hung_up


def test_a_terminal_hangs_up_when_its_other_end_is_closed() -> None:
    window, program = pty.openpty()
    try:
        assert not has_hung_up(program)
        os.close(window)
        assert has_hung_up(program)
    finally:
        os.close(program)
