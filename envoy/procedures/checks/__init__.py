"""The checks of procedures: questions about a client under test, decided on the evidence of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envoy.procedures.checks import contents, polls, readings, responses, subscriptions
from envoy.procedures.checks.decision import CheckFunction, Decision
from envoy.procedures.evidence import Evidence


def _check_steps(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    ignored = parameters.get("ignored_steps", ())
    left = [name for name in evidence.open_steps if name not in ignored]
    if left:
        return Decision(False, f"not done: {', '.join(left)}")
    return Decision(True, "all steps are done")


DECIDED: Mapping[str, CheckFunction] = {
    "all-steps-complete": _check_steps,
    "all-polls-at-correct-time": polls.check_poll_times,
    "resource-requests": polls.check_resource_requests,
    "response-contents": responses.check_responses,
    "price-response-contents": responses.check_price_responses,
    "subscription-contents": subscriptions.check_subscription,
    "all-notifications-transmitted": subscriptions.check_deliveries,
    "end-device-contents": contents.check_end_device,
    "end-device-count": contents.check_end_device_count,
    "der-settings-contents": contents.check_settings,
    "der-capability-contents": contents.check_capability,
    "der-status-contents": contents.check_status,
    **readings.READING_CHECKS,
}
"""The checks that are decided here."""

__all__ = ["DECIDED", "CheckFunction", "Decision"]
