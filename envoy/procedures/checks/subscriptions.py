"""Checks of what the client has subscribed to, and of the notifications that it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envoy.procedures.checks.decision import Decision
from envoy.procedures.evidence import Evidence


def check_subscription(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """The client has subscribed to a resource."""
    wanted, found = parameters["subscribed_resource"], evidence.sites.subscriptions()
    if any(wanted.covers(endpoint) for endpoint in found):
        return Decision(True, f"there is a subscription to {wanted.path}")
    instead = ", ".join(endpoint.path for endpoint in found) or "nothing"
    return Decision(False, f"there is no subscription to {wanted.path}; subscribed to is {instead}")


def check_deliveries(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """There were notifications, and each try to deliver one was successful."""
    tries = evidence.deliveries
    if not tries:
        return Decision(False, "no notification was sent")
    failed = [status for status in tries if status is None or not 200 <= status < 300]
    if failed:
        shown = ", ".join("no response" if status is None else str(status) for status in failed[:5])
        return Decision(False, f"{len(failed)} of {len(tries)} notifications were not taken: {shown}")
    return Decision(True, f"{len(tries)} notifications were taken")
