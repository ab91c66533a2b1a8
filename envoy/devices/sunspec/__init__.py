"""SunSpec Modbus over TCP, TLS and RTU: an inverter, and the meter at its connection point."""

from envoy.devices.sunspec.device import SunSpecDevice
from envoy.devices.sunspec.options import SunSpecOptions

__all__ = ["SunSpecDevice", "SunSpecOptions"]
