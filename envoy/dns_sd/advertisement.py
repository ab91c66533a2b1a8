"""Advertisement of a server: the service instances that say where it is (IEEE 2030.5-2018, 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from envoy.dns_sd.inquiry import SERVICE_TYPE, device_label, subtype
from envoy.profiles import LEVELS, Profile

MOST_DEVICES = 100
"""EndDevices that are advertised by their SFDIs, at most; each is a service of its own."""

_LONGEST_LABEL = 63


@dataclass(frozen=True, slots=True)
class Instance:
    """A service instance.

    Attributes:
        name: Its name, with the service type.
        type: What it responds to: the service type, or one with a subtype.
        txt: Its TXT record by key, ``txtvers`` first.
    """

    name: str
    type: str
    txt: Mapping[str, str | None] = field(hash=False)


def advertise(
    name: str,
    profile: Profile,
    port: int,
    *,
    dcap: str = "/dcap",
    function_sets: Mapping[str, str],
    devices: Iterable[tuple[int, str]] = (),
) -> Iterator[Instance]:
    """Yield the service instances of a server: itself, its function sets, and the EndDevices that it has.

    Args:
        name: What it is called, in at most 63 octets.
        profile: Its profile.
        port: Its port for HTTPS.
        dcap: The path of its DeviceCapability.
        function_sets: The paths of its function sets by subtype, such as ``edev``.
        devices: SFDI and path of its EndDevices, of which the first 100 are advertised.
    """
    txt = {"txtvers": "1", "dcap": dcap, "https": str(port), "level": f"-{LEVELS[profile.edition]}"}
    yield Instance(f"{name}.{SERVICE_TYPE}", SERVICE_TYPE, txt)
    labels = dict(function_sets)
    for sfdi, path in devices:
        if len(labels) >= len(function_sets) + MOST_DEVICES:
            break
        labels[device_label(sfdi)] = path
    for label, path in labels.items():
        short = name.encode()[: _LONGEST_LABEL - len(label) - 1].decode(errors="ignore")
        yield Instance(f"{short} {label}.{SERVICE_TYPE}", subtype(label), {**txt, "path": path})
