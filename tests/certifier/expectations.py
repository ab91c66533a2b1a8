"""The procedures that are not expected to pass, each with the reason."""

from __future__ import annotations

_REGISTERED = "a device has an EndDevice from its first request on"
_NO_SUBSCRIPTIONS = "the server has no subscriptions"

EXPECTED_FAILURES = {
    ("S-ALL-02", "device"): _REGISTERED,
    **{(f"S-ALL-{number}", "aggregator"): _NO_SUBSCRIPTIONS for number in (*range(25, 41), 46)},
    ("S-ALL-56", "device"): _REGISTERED,
}
"""By identifier of the procedure and kind of its clients."""
