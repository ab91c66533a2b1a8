"""A simulated DER with panels, a battery, a household and weather, which follows controls as a real one does."""

from __future__ import annotations

from envoy.devices.simulated.device import Faults, SimulatedDER, SimulatedOptions
from envoy.devices.simulated.dispatch import Use

__all__ = ["Faults", "SimulatedDER", "SimulatedOptions", "Use"]
