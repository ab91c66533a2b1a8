"""What a DER is able to follow: its modes, and the kinds of device that it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from envoy.der.events import Event
from envoy.der.modes import MODES, Flag, Values
from envoy.der.policies import Policy
from envoy.registration.site import Site
from sep2 import DERCapability, DERSettings, DeviceCategoryType, ResponseStatus


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a device is able to follow.

    Attributes:
        modes: Names of the modes that it supports and has enabled; all by default.
        switched_off: Names of those that it supports and has not enabled.
        device_category: Bits of the kinds of device that it is; None if that is not known, which fits every event.
    """

    modes: frozenset[str] = frozenset(MODES)
    device_category: int | None = None
    switched_off: frozenset[str] = frozenset()

    @classmethod
    def from_models(
        cls, capability: DERCapability, settings: DERSettings | None = None, category: DeviceCategoryType | None = None
    ) -> Self:
        """Return the abilities that a device reports.

        A mode that is supported and not enabled is not followed (10.10). A bitmap that the settings leave out enables
        what is supported.

        Args:
            capability: Its DERCapability.
            settings: Its DERSettings.
            category: Its device category.
        """
        bits: tuple[tuple[Flag | None, Flag | None], ...] = (
            (capability.modes_supported, None if settings is None else settings.modes_enabled),
            (capability.modes_supported_2, None if settings is None else settings.modes_enabled_2),
            (capability.doe_modes_supported, None if settings is None else settings.doe_modes_enabled),
            (capability.vpp_modes_supported, None if settings is None else settings.vpp_modes_enabled),
        )
        modes: set[str] = set()
        switched_off: set[str] = set()
        for supported, enabled in bits:
            for mode in MODES.values() if supported is not None else ():
                if type(mode.flag) is type(supported) and mode.flag in supported:
                    (modes if enabled is None or mode.flag in enabled else switched_off).add(mode.name)
        return cls(frozenset(modes), None if category is None else int(category), frozenset(switched_off))

    @classmethod
    def of_site(cls, site: Site) -> Self:
        """Return the abilities of the DERs of a site together; all if it describes none."""
        each = [cls.from_models(der.capability, der.settings) for der in site.ders]
        modes = frozenset[str]().union(*(every.modes for every in each)) if each else cls().modes
        switched_off = frozenset[str]().union(*(every.switched_off for every in each)) - modes
        return cls(modes, None if site.device_category is None else int(site.device_category), switched_off)

    def within(self, device: Abilities) -> Abilities:
        """Return the abilities that it was described with, as far as the device itself has them.

        Args:
            device: What the device says that it is able to follow.
        """
        category = device.device_category if self.device_category is None else self.device_category
        able = Abilities(self.modes & device.modes, category, self.switched_off)
        # Of a fleet, thousands are alike.
        return self if able == self else able

    def fits(self, device_category: int | None) -> bool:
        """Return whether an event for some kinds of device is for this one."""
        return device_category is None or self.device_category is None or bool(device_category & self.device_category)

    def choose_modes(
        self, values: Values, curves: Mapping[str, int], off: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """Return the names of the modes that can be followed: those of the device, with the curves that they link.

        Args:
            values: What an event or a default sets its modes to.
            curves: The types of the curves that are there, by their hrefs.
            off: Names of the modes that it switches off.
        """
        followed = [name for name in values if name in self.modes and _has_curve(name, values, curves)]
        return (*followed, *sorted(off & self.modes))

    def choose_refusal(self, event: Event, policy: Policy) -> ResponseStatus:
        """Return the response to an event none of whose modes can be followed.

        A mode that the device has, and that is not enabled or lacks its curve, is not applicable (252).
        """
        named = {*event.values, *event.off}
        applicable = named & (self.modes | self.switched_off)
        return ResponseStatus.NOT_APPLICABLE if applicable or not named else policy.refusal


def _has_curve(name: str, values: Values, curves: Mapping[str, int]) -> bool:
    wanted = MODES[name].curve_type
    return wanted is None or curves.get(str(values[name])) == wanted
