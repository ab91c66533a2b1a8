"""A real utility server for the tests of people who write clients: a process of its own, with faults on order.

``UtilityServer`` needs no test framework. For pytest there are fixtures, ``utility_server`` and its clients, which are
there as soon as the package is installed (``envoy.testing.pytest_plugin``). Both need the extra ``server``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from envoy.testing.control_client import SeenRequest as SeenRequest
    from envoy.testing.utility_server import ClientFiles as ClientFiles
    from envoy.testing.utility_server import UtilityServer as UtilityServer

__all__ = ["ClientFiles", "SeenRequest", "UtilityServer"]


def __getattr__(name: str) -> Any:
    # Loaded when first used: pytest imports this package in every run, also of those who never use it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from envoy.testing import control_client, utility_server

    return getattr(control_client if name == "SeenRequest" else utility_server, name)
