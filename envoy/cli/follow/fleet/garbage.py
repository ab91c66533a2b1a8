"""The search for garbage while a fleet is followed, in which nothing else goes on: seldom, and not in what is kept."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sized

SETTLING = 300.0
"""Seconds from the start until all sites have been read, at most; what is kept then is not garbage."""

DAY = 86_400.0
"""Seconds after which that is done again, since sites have come and left."""

OBJECTS = 100
"""Objects that a control for all sites makes for each of them, at most. None of them is garbage, and each that Python
searches for garbage then keeps others from their limits, so that the search begins with more than these.
"""


def freeze(sites: Sized) -> None:
    """Search what is kept for garbage now, and once a day: for ten thousand sites everything waits half a second.

    Args:
        sites: The sites that are followed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(max(gc.get_threshold()[0], OBJECTS * len(sites)), *gc.get_threshold()[1:])
    asyncio.get_running_loop().call_later(DAY, freeze, sites)
