"""When the bridge looks for garbage: seldom, as nearly all it makes is freed without."""

import gc

_YOUNG, _TO_MIDDLE, _TO_FULL = 10_000, 20, 20
"""Objects made until the first look, and looks of one age until one of the next."""


def look_seldom() -> None:
    """Never look at what there is by now, and seldom at what comes.

    Call it once everything is loaded. With Python's own numbers, looking took a twelfth of the
    time of a history, and up to 25 ms at once, for which every message had to wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _TO_MIDDLE, _TO_FULL)
