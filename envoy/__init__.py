"""A client for IEEE 2030.5 (Smart Energy Profile) and CSIP-AUS utility servers, on the typed bindings of ``sep2``.

What a program needs is here; each name is loaded when it is first used::

    from envoy import Client, Site, loads, dumps, validate
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envoy.asserting import assert_valid as assert_valid
    from envoy.async_client import AsyncClient as AsyncClient
    from envoy.client import Client as Client
    from envoy.errors import EnvoyError as EnvoyError
    from envoy.errors import RegistrationError as RegistrationError
    from envoy.errors import ResponseError as ResponseError
    from envoy.errors import TransportError as TransportError
    from envoy.errors import ValidationError as ValidationError
    from envoy.profiles import PROFILES as PROFILES
    from envoy.profiles import Profile as Profile
    from envoy.registration import register as register
    from envoy.results import Outcome as Outcome
    from envoy.results import Registration as Registration
    from envoy.site import Site as Site
    from envoy.site import SiteDER as SiteDER
    from envoy.validation import Finding as Finding
    from envoy.validation import validate as validate
    from envoy.xml import dumps as dumps
    from envoy.xml import loads as loads

__version__ = "0.2.0"

_MODULES = {
    "AsyncClient": "async_client",
    "Client": "client",
    "EnvoyError": "errors",
    "Finding": "validation",
    "Outcome": "results",
    "PROFILES": "profiles",
    "Profile": "profiles",
    "Registration": "results",
    "RegistrationError": "errors",
    "ResponseError": "errors",
    "Site": "site",
    "SiteDER": "site",
    "TransportError": "errors",
    "ValidationError": "errors",
    "assert_valid": "asserting",
    "dumps": "xml",
    "loads": "xml",
    "register": "registration",
    "validate": "validation",
}

__all__ = ["__version__", *_MODULES]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
