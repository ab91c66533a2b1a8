"""A client for IEEE 2030.5 (Smart Energy Profile) and CSIP-AUS utility servers, on the typed bindings of ``sep2``.

What a program needs is here; each name is loaded when it is first used::

    from envoy import Client, Site, loads, dumps, validate
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from envoy._version import __version__ as __version__

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient as AsyncClient
    from envoy.client.attempt import Exchange as Exchange
    from envoy.client.client import Client as Client
    from envoy.client.fleet_following import AsyncFleetFollowing as AsyncFleetFollowing
    from envoy.client.following import AsyncFollowing as AsyncFollowing
    from envoy.client.following import Following as Following
    from envoy.der.abilities import Abilities as Abilities
    from envoy.der.follow.device import Device as Device
    from envoy.der.follow.device import DeviceStatus as DeviceStatus
    from envoy.der.follow.device import Readings as Readings
    from envoy.der.limits import Limit as Limit
    from envoy.der.limits import Limits as Limits
    from envoy.der.limits import Rating as Rating
    from envoy.der.policies import Policy as Policy
    from envoy.devices import open_device as open_device
    from envoy.devices import open_devices as open_devices
    from envoy.devices.fleet import CallbackDevices as CallbackDevices
    from envoy.devices.fleet import FleetDevices as FleetDevices
    from envoy.devices.fleet import open_fleet_devices as open_fleet_devices
    from envoy.documents import dumps as dumps
    from envoy.documents import loads as loads
    from envoy.errors import DecodeError as DecodeError
    from envoy.errors import DeviceError as DeviceError
    from envoy.errors import DeviceRefusal as DeviceRefusal
    from envoy.errors import DocumentError as DocumentError
    from envoy.errors import EncodeError as EncodeError
    from envoy.errors import EnvoyError as EnvoyError
    from envoy.errors import IdentityError as IdentityError
    from envoy.errors import OperationError as OperationError
    from envoy.errors import ProfileError as ProfileError
    from envoy.errors import ReadingsError as ReadingsError
    from envoy.errors import ResponseError as ResponseError
    from envoy.errors import SiteError as SiteError
    from envoy.errors import SpoolError as SpoolError
    from envoy.errors import StateError as StateError
    from envoy.errors import TransportError as TransportError
    from envoy.profiles import PROFILES as PROFILES
    from envoy.profiles import Profile as Profile
    from envoy.protocol.flow import Flow as Flow
    from envoy.protocol.flow import Request as Request
    from envoy.protocol.flow import Response as Response
    from envoy.protocol.flow import Wait as Wait
    from envoy.protocol.results import Outcome as Outcome
    from envoy.protocol.results import Registration as Registration
    from envoy.protocol.results import RegistrationError as RegistrationError
    from envoy.protocol.results import StepResult as StepResult
    from envoy.registration.site import Site as Site
    from envoy.registration.site import SiteDER as SiteDER
    from envoy.registration.site import SiteDERComponent as SiteDERComponent
    from envoy.server.notification_listener import NotificationListener as NotificationListener
    from envoy.validation.assertions import assert_valid as assert_valid
    from envoy.validation.findings import Finding as Finding
    from envoy.validation.findings import ValidationError as ValidationError
    from envoy.validation.validate import validate as validate

_NAMES = {
    "client.async_client": "AsyncClient",
    "client.attempt": "Exchange",
    "client.client": "Client",
    "client.fleet_following": "AsyncFleetFollowing",
    "client.following": "AsyncFollowing Following",
    "der.abilities": "Abilities",
    "der.follow.device": "Device DeviceStatus Readings",
    "der.limits": "Limit Limits Rating",
    "der.policies": "Policy",
    "devices": "open_device open_devices",
    "devices.fleet": "CallbackDevices FleetDevices open_fleet_devices",
    "documents": "dumps loads",
    "errors": "DecodeError DeviceError DeviceRefusal DocumentError EncodeError EnvoyError IdentityError "
    "OperationError ProfileError ReadingsError ResponseError SiteError SpoolError StateError TransportError",
    "profiles": "PROFILES Profile",
    "protocol.flow": "Flow Request Response Wait",
    "protocol.results": "Outcome Registration RegistrationError StepResult",
    "registration.site": "Site SiteDER SiteDERComponent",
    "server.notification_listener": "NotificationListener",
    "validation.assertions": "assert_valid",
    "validation.findings": "Finding ValidationError",
    "validation.validate": "validate",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["__version__", *_MODULES]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
