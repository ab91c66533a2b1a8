"""What a procedure puts between the client and the utility: outages, errors, and other paths."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from envoy.procedures.endpoints import Endpoint
from envoy.procedures.evidence import Exchange
from envoy.protocol.flow import Response
from envoy.utility.resource import RequestError
from sep2 import ErrorReasonCode

WELL_KNOWN = "/.well-known/csipaus"
"""Where CSIP-AUS 1.3 says at which path DeviceCapability is."""


@dataclass(frozen=True, slots=True)
class _ForcedError:
    endpoint: Endpoint | str
    status: int
    retry_after: int | None
    until: float | None


class Interventions:
    """What a procedure puts between the client and the utility.

    Args:
        clock: The clock of the run, in seconds since 1970.

    Attributes:
        reachable: Whether there is no outage of everything.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reachable = True
        self._errors: list[_ForcedError] = []
        self._proxies: dict[str, str] = {}
        self._versions: dict[str, list[str]] = {}

    def perform(self, action: str, parameters: Mapping[str, Any]) -> None:
        """Perform an action, one of ``INTERVENTIONS``."""
        INTERVENTIONS[action](self, parameters)

    def error_for(self, exchange: Exchange) -> RequestError | None:
        """Return the error that a request gets instead of being processed, None if it is processed."""
        if not self.reachable:
            return RequestError(500, "the procedure has an outage", ErrorReasonCode.RESOURCE_LIMIT_REACHED)
        now = self._clock()
        self._errors = [each for each in self._errors if each.until is None or now < each.until]
        for error in self._errors:
            if matches(error.endpoint, exchange):
                headers = {} if error.retry_after is None else {"retry-after": str(error.retry_after)}
                detail = "the procedure has an error for this request"
                return RequestError(error.status, detail, ErrorReasonCode.RESOURCE_LIMIT_REACHED, headers)
        return None

    def response_for(self, exchange: Exchange) -> Response | None:
        """Return the response at a path that the procedure has made, None if it has made none there."""
        if not self._versions or exchange.path != WELL_KNOWN or exchange.method != "GET":
            return None
        versions = {version: {"dcap": paths} for version, paths in self._versions.items()}
        content = json.dumps({"supportedSchemaVersions": versions}).encode()
        return Response(200, {"content-type": "application/json"}, content)

    def target(self, path: str) -> str:
        """Return the path of the utility that a request is for."""
        return self._proxies.get(path, path)

    def _set_reachable(self, parameters: Mapping[str, Any]) -> None:
        self.reachable = parameters["enabled"]

    def _force_error(self, parameters: Mapping[str, Any]) -> None:
        endpoint, duration = parameters["endpoint"], parameters.get("duration_seconds")
        self._errors = [each for each in self._errors if each.endpoint != endpoint]
        until = None if duration is None else self._clock() + duration
        self._errors.append(_ForcedError(endpoint, parameters["status"], parameters.get("retry_after_seconds"), until))

    def _add_version(self, parameters: Mapping[str, Any]) -> None:
        self._versions[parameters["version"]] = parameters["dcap_paths"]

    def _add_proxy(self, parameters: Mapping[str, Any]) -> None:
        route, target = parameters["route"], parameters["proxy_to"]
        self._proxies[_path(route)] = _path(target)


def matches(endpoint: Endpoint | str, exchange: Exchange) -> bool:
    """Return whether a request is for an endpoint, or for a path of the procedure's own."""
    if isinstance(endpoint, str):
        return exchange.path == endpoint
    return exchange.endpoint is not None and endpoint.covers(exchange.endpoint)


def _path(endpoint: Endpoint | str) -> str:
    return endpoint if isinstance(endpoint, str) else endpoint.path


INTERVENTIONS: Mapping[str, Callable[[Interventions, Mapping[str, Any]], None]] = {
    "communications-status": Interventions._set_reachable,
    "force-response-status": Interventions._force_error,
    "create-wellknown-route": Interventions._add_version,
    "add-proxy-route": Interventions._add_proxy,
}
"""The actions that stand between the client and the utility."""
