"""Devices of a fleet of which each site has one of its own."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from envoy.der.follow.device import Device
from envoy.devices import open_device
from envoy.registration.site import Site

PLACEHOLDER = "{site}"
"""What stands for the key of a site in an option."""


class SeparateDevices:
    """Devices of one kind, each opened for its site.

    Args:
        kind: The kind.
        options: Its options as text. ``{site}`` stands for the key of the site. A simulated DER has a seed of its site
            unless they say otherwise.
    """

    def __init__(self, kind: str, options: Mapping[str, str]) -> None:
        self._kind = kind
        self._options = dict(options)

    def open(self, key: str, site: Site) -> Device:
        """Return the device of a site.

        Raises:
            DeviceError: An option is wrong, or it cannot be reached.
        """
        options = {name: value.replace(PLACEHOLDER, key) for name, value in self._options.items()}
        if self._kind == "simulated":
            options.setdefault("seed", str(zlib.crc32(site.lfdi)))
        return open_device(self._kind, options, site)

    def close(self) -> None:
        """Do nothing, since they share nothing."""
