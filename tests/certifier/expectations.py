"""The procedures that are not expected to pass, each with the reason."""

from __future__ import annotations

_REGISTERED = "a device has an EndDevice from its first request on"
_NO_SUBSCRIPTIONS = "the server has no subscriptions"

EXPECTED_FAILURES = {
    "S-ALL-02": _REGISTERED,
    **{f"S-ALL-{number}": _NO_SUBSCRIPTIONS for number in (*range(25, 41), 46)},
    "S-ALL-56": _REGISTERED,
    "S-OPT-02": "any connectionPointId is taken",
}
"""By identifier of the procedure."""
