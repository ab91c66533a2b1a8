"""The endpoints that procedures name: paths of the reference server, read as a resource and where it hangs.

A procedure says ``/edev/1/derp/2/derc`` for the DERControlList of the second DERProgram of the first EndDevice, since
that is where the reference server has it. What counts here is which resource it is and of which number: the utility may
have it anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ANY = "*"
"""What stands for any number or name."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A resource, or several if one of its numbers may be any.

    Attributes:
        resource: Name of the resource in the standard.
        numbers: Of which EndDevice, DERProgram and so on, counted from 1 in the order they were made; ``*`` is any.
            The EndDevice 0 is that of an aggregator itself.
        path: The path of the reference server.
    """

    resource: str
    numbers: Mapping[str, str]
    path: str = field(compare=False)

    def covers(self, other: Endpoint) -> bool:
        """Return whether another one is it, or one of those that it stands for."""
        return (
            self.resource == other.resource
            and self.numbers.keys() == other.numbers.keys()
            and all(number in (ANY, other.numbers[name]) for name, number in self.numbers.items())
        )


_PATHS = {
    "/dcap": "DeviceCapability",
    "/tm": "Time",
    "/edev": "EndDeviceList",
    "/edev/{device}": "EndDevice",
    "/edev/{device}/rg": "Registration",
    "/edev/{device}/cp": "ConnectionPoint",
    "/edev/{device}/di": "DeviceInformation",
    "/edev/{device}/fsa": "FunctionSetAssignmentsList",
    "/edev/{device}/fsa/{fsa}": "FunctionSetAssignments",
    "/edev/{device}/fsa/{fsa}/derp": "DERProgramList",
    "/edev/{device}/fsa/{fsa}/tp": "TariffProfileList",
    "/edev/{device}/derp": "DERProgramList",
    "/edev/{device}/derp/{program}": "DERProgram",
    "/edev/{device}/derp/{program}/dderc": "DefaultDERControl",
    "/edev/{device}/derp/{program}/actderc": "ActiveDERControlList",
    "/edev/{device}/derp/{program}/derc": "DERControlList",
    "/edev/{device}/derp/{program}/derc/{control}": "DERControl",
    "/edev/{device}/der": "DERList",
    "/edev/{device}/der/{der}": "DER",
    "/edev/{device}/der/{der}/dercap": "DERCapability",
    "/edev/{device}/der/{der}/derg": "DERSettings",
    "/edev/{device}/der/{der}/ders": "DERStatus",
    "/edev/{device}/der/{der}/dera": "DERAvailability",
    "/edev/{device}/rsps": "ResponseSetList",
    "/edev/{device}/rsps/{set}": "ResponseSet",
    "/edev/{device}/rsps/{set}/rsp": "ResponseList",
    "/edev/{device}/rsps/{set}/rsp/{response}": "Response",
    "/edev/{device}/sub": "SubscriptionList",
    "/edev/{device}/sub/{subscription}": "Subscription",
    "/edev/{device}/tp/{tariff}": "TariffProfile",
    "/edev/{device}/tp/{tariff}/ctti": "CombinedTimeTariffIntervalList",
    "/edev/{device}/tp/{tariff}/rc": "RateComponentList",
    "/edev/{device}/tp/{tariff}/rc/{rate}": "RateComponent",
    "/edev/{device}/tp/{tariff}/rc/{rate}/tti": "TimeTariffIntervalList",
    "/edev/{device}/tp/{tariff}/rc/{rate}/tti/{price}": "TimeTariffInterval",
    "/edev/{device}/tp/{tariff}/rc/{rate}/tti/{price}/cti": "ConsumptionTariffIntervalList",
    "/mup": "MirrorUsagePointList",
    "/mup/{mirror}": "MirrorUsagePoint",
    "/.well-known/csipaus": "WellKnown",
}
_PATTERNS = [(re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), resource) for path, resource in _PATHS.items()]

PATHS = "|".join(re.sub(r"{\w+}", "[^/]+", path.replace(".", r"\.")) for path in _PATHS)
"""Every path that the reference server has, as a regular expression."""

RESOURCES: frozenset[str] = frozenset(_PATHS.values()) | {
    "ConsumptionTariffInterval",
    "LogEventList",
    "DERCurveList",
}
"""The names of resources that requests are counted by."""


def read_endpoint(path: str) -> Endpoint | None:
    """Return the endpoint that a path of the reference server stands for, None if it has no such path."""
    for pattern, resource in _PATTERNS:
        if match := pattern.fullmatch(path):
            return Endpoint(resource, match.groupdict(), path)
    return None
