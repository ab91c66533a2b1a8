"""What is kept is left out of the search for garbage, and what has left is let go all the same."""

from __future__ import annotations

import asyncio
import gc
import weakref

from envoy.cli.follow.fleet.garbage import freeze


def test_what_has_left_since_everything_was_kept_is_let_go_when_that_is_done_again() -> None:
    class Site:
        """What refers to itself, as a site and its flow do."""

        def __init__(self) -> None:
            self.flow = self

    async def leave() -> weakref.ref[Site]:
        site = Site()
        left = weakref.ref(site)
        gc.freeze()
        del site
        gc.collect()
        assert left() is not None
        freeze([])
        return left

    try:
        assert asyncio.run(leave())() is None
    finally:
        gc.unfreeze()
