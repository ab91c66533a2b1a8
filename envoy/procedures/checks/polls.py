"""Checks of when and how often the client asked for something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from envoy.procedures.checks.decision import Decision, decide
from envoy.procedures.endpoints import Endpoint
from envoy.procedures.evidence import Evidence, Exchange

_LATE = 1.5
"""Periods after which a poll counts as missed."""

_MISSED_WINDOW, _MOST_MISSED = 5, 1
"""Of so many periods, that many polls may be missed."""

_BURST_WINDOW, _MOST_POLLS = 3, 6
"""In so many periods, that many polls are not too many."""


def check_poll_times(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """Each endpoint is asked for about once a period: rarely later than half a period, and not in bursts."""
    method, period = parameters["request_type_str"], parameters["poll_interval_seconds"]
    errors = []
    for endpoint in parameters["endpoints"]:
        found = [each for each in requests_for(evidence, [endpoint.resource], endpoint) if each.method == method]
        if not found:
            errors.append(f"there is no {method} {endpoint.path}")
        for path in dict.fromkeys(each.path for each in found):
            times = [each.time for each in found if each.path == path]
            errors += [f"{path}: {error}" for error in _timing_errors(times, period, evidence.started or 0)]
    return decide(errors, f"each was asked for about every {period} s")


def _timing_errors(times: Sequence[float], period: float, started: float) -> Iterator[str]:
    missed = [after for before, after in pairwise(times) if after - before > _LATE * period]
    window, last = started, times[-1]
    while window + _MISSED_WINDOW * period <= last:
        end = window + _MISSED_WINDOW * period
        late = sum(window <= each < end for each in missed)
        if late > _MOST_MISSED:
            yield f"{late} polls came late from {window - started:.0f} s to {end - started:.0f} s, at most 1 may"
        window = end
    window = started
    while window < last:
        end = window + _BURST_WINDOW * period
        polls = sum(window <= each < end for each in times)
        if polls > _MOST_POLLS:
            yield f"{polls} polls came from {window - started:.0f} s to {end - started:.0f} s, at most 6 may"
        window = end


def check_resource_requests(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """Resources are read at least and at most so often since the run has started."""
    found = [each for each in requests_for(evidence, parameters["resources"]) if each.method == "GET"]
    names = " or ".join(parameters["resources"])
    return count_within(len(found), f"GET of {names}", parameters)


def count_within(count: int, noun: str, parameters: Mapping[str, Any]) -> Decision:
    """Decide whether a number is from ``minimum_count`` to ``maximum_count``."""
    least, most = parameters.get("minimum_count"), parameters.get("maximum_count")
    found = f"{count} {noun}"
    if least is not None and count < least:
        return Decision(False, f"{found}, expected at least {least}")
    if most is not None and count > most:
        return Decision(False, f"{found}, expected at most {most}")
    return Decision(True, found)


def requests_for(evidence: Evidence, resources: Sequence[str], endpoint: Endpoint | None = None) -> list[Exchange]:
    """Return the requests for the beginning of some resources since the run has started."""
    return [
        each
        for each in evidence.exchanges
        if each.during
        and each.first_page
        and each.endpoint is not None
        and each.endpoint.resource in resources
        and (endpoint is None or endpoint.covers(each.endpoint))
    ]
