"""The procedures that are not expected to pass, each with the reason."""

from __future__ import annotations

_REGISTERED = "a device has an EndDevice from its first request on"

EXPECTED_FAILURES = {("S-ALL-02", "device"): _REGISTERED, ("S-ALL-56", "device"): _REGISTERED}
"""By identifier of the procedure and kind of its clients."""
