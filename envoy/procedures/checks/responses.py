"""Checks of the responses to controls, of subscriptions and of notifications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envoy.procedures.checks.decision import Decision
from envoy.procedures.evidence import Evidence


def check_responses(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """A control has a response of a status: any of them, all, or the one of a tag; or the latest response is that."""
    status, tag = parameters.get("status"), parameters.get("subject_tag")
    lfdis = {site.lfdi for site in evidence.sites.all()}
    found = [each for each in evidence.utility.responses() if each.lfdi in lfdis]
    if parameters.get("all"):
        answered = {each.control for each in found if status in (None, each.status)}
        missing = [number for number in evidence.controls if number not in answered]
        expected = "a response" if status is None else f"the response {status}"
        if missing:
            return Decision(False, f"{len(missing)} of {len(evidence.controls)} controls have not got {expected}")
        return Decision(True, f"all {len(evidence.controls)} controls have got {expected}")
    noun = "" if tag is None else f" to {tag}"
    if tag is not None:
        number = evidence.tags.get(tag)
        found = [each for each in found if each.control == number]
    if parameters.get("latest"):
        found = found[-1:]
    matching = [each for each in found if status in (None, each.status)]
    wanted = parameters.get("exists", True)
    said = ", ".join(str(each.status) for each in found) or "nothing"
    which = "the latest response" if parameters.get("latest") else "the responses"
    if bool(matching) is wanted:
        return Decision(True, f"{which}{noun}: {said}")
    expected = f"{'' if wanted else 'no '}{'response' if status is None else status}"
    return Decision(False, f"{which}{noun}: {said}; expected {expected}")
