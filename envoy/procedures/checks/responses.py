"""Checks of the responses to controls and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from envoy.procedures.checks.decision import Decision
from envoy.procedures.evidence import Evidence


def check_responses(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """A control has a response of a status: any of them, all, or the one of a tag; or the latest response is that."""
    found = [(each.control, each.lfdi, each.status) for each in evidence.utility.responses()]
    return _check(evidence, found, list(evidence.controls), "controls", parameters)


def check_price_responses(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """A TimeTariffInterval has a response of a status, as with controls."""
    responses = evidence.utility.ask("price-responses")["responses"]
    found = [(each["price"], bytes.fromhex(each["lfdi"]), each["status"]) for each in responses]
    return _check(evidence, found, evidence.prices, "prices", parameters)


def _check(
    evidence: Evidence,
    responses: Sequence[tuple[int, bytes, int]],
    events: Sequence[int],
    noun: str,
    parameters: Mapping[str, Any],
) -> Decision:
    status, tag = parameters.get("status"), parameters.get("subject_tag")
    lfdis = {site.lfdi for site in evidence.sites.all()}
    found = [(event, status) for event, lfdi, status in responses if lfdi in lfdis]
    if parameters.get("all"):
        reported = {event for event, each in found if status in (None, each)}
        missing = [number for number in events if number not in reported]
        expected = "a response" if status is None else f"the response {status}"
        if missing:
            return Decision(False, f"{len(missing)} of {len(events)} {noun} have not got {expected}")
        return Decision(True, f"all {len(events)} {noun} have got {expected}")
    if tag is not None:
        found = [(event, each) for event, each in found if event == evidence.tags.get(tag)]
    if parameters.get("latest"):
        found = found[-1:]
    matching = [each for _, each in found if status in (None, each)]
    wanted = parameters.get("exists", True)
    which = "the latest response" if parameters.get("latest") else "the responses"
    said = f"{which}{'' if tag is None else f' to {tag}'}: {', '.join(str(each) for _, each in found) or 'nothing'}"
    if bool(matching) is wanted:
        return Decision(True, said)
    return Decision(False, f"{said}; expected {'' if wanted else 'no '}{'response' if status is None else status}")
