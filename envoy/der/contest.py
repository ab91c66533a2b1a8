"""The contest of events for modes: each mode goes to the best event that has it."""

from __future__ import annotations

from collections.abc import Iterable

from envoy.der.policies import Superseded
from envoy.der.record import Record


def find_winners(records: Iterable[Record], superseded: Superseded) -> dict[str, Record]:
    """Return the event that each mode goes to, by mode.

    Args:
        records: The events that run or start now.
        superseded: Whether an event gets back what it lost.
    """
    winners: dict[str, Record] = {}
    for record in records:
        for mode in record.modes:
            if mode in record.lost and superseded is Superseded.FINAL:
                continue
            best = winners.get(mode)
            if best is None or record.rank > best.rank:
                winners[mode] = record
    return winners


def settle_losses(records: Iterable[Record], winners: dict[str, Record], superseded: Superseded) -> None:
    """Write into each event which modes it has lost, and to which event."""
    for record in records:
        taken = {mode: winners[mode].event.mrid for mode in record.modes if winners.get(mode, record) is not record}
        record.lost = {**record.lost, **taken} if superseded is Superseded.FINAL else taken
