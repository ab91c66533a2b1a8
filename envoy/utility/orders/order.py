"""An order: its name, the values that it takes, and the function that follows it."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from envoy.documents import dumps
from envoy.errors import EnvoyError
from envoy.identity import parse_lfdi
from envoy.utility.orders.values import LARGEST
from envoy.utility.outages import Outages
from envoy.utility.programs import Programs
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import ConnectionPoint

_REMEDY = "The page Testing of envoy docs lists the orders, with the keys that each needs."


@dataclass(frozen=True, slots=True)
class Desk:
    """What orders are about.

    Attributes:
        store: The resources of the utility.
        programs: Its programs.
        outages: Its outages.
        clock: The clock that it is given.
        now: Returns the time of the utility, which may be ahead of the clock.
        settings: Its settings.
    """

    store: Store
    programs: Programs
    outages: Outages
    clock: Callable[[], float]
    now: Callable[[], int]
    settings: Settings

    def check(self, message: Any) -> None:
        """Check a message by the schema of the profile, which also knows what the profile does not have.

        Raises:
            EncodeError, ValidationError: It does not fit.
        """
        dumps(message, profile=self.store.profile)

    def connection_points(self) -> dict[str, str]:
        """Return the identifier of the connection point of each EndDevice that has one, by path."""
        rows = self.store.rows("SELECT path, document FROM resource WHERE path LIKE '/edev/%/cp'")
        points: list[tuple[str, ConnectionPoint]] = [(path, self.store.loads(document)) for path, document in rows]
        return {path.removesuffix("/cp"): point.connection_point_id for path, point in points}

    def sites(self, names: list[Any] | str | None) -> list[bytes] | None:
        """Return the LFDIs of sites; None for all of them, and if there are no names.

        Raises:
            EnvoyError: One of them is not a site.
        """
        if names is None or names == "all":
            return None
        return [self.site(str(name)) for name in ([names] if isinstance(names, str) else names)]

    def site(self, name: str) -> bytes:
        """Return the LFDI of a site, which is named by that, its href, or the NMI of its ConnectionPoint.

        Raises:
            EnvoyError: It is not a site.
        """
        path: str | None = name
        if not name.startswith("/"):
            digits = name.replace(" ", "")
            if len(digits) == 40:
                return parse_lfdi(digits)
            path = next((path for path, point in self.connection_points().items() if point == name), None)
        # SQLite takes no half of a surrogate pair, which JSON can have.
        lfdi = (
            path
            and path.isprintable()
            and self.store.value("SELECT key FROM resource WHERE path = ? AND list = '/edev'", path)
        )
        if not lfdi:
            raise EnvoyError(
                f"there is no site {name!r}",
                remedy="Name one by its LFDI (40 hex digits), href (/edev/2) or NMI; the order 'sites' lists them.",
            )
        return parse_lfdi(lfdi)


Follow = Callable[..., dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Order:
    """An order.

    Attributes:
        name: Its name.
        function: Follows it; each keyword is a value of the order.
        kinds: Classes that each value may have.
        defaults: The values that may be left out.
    """

    name: str
    function: Follow
    kinds: Mapping[str, tuple[type, ...]]
    defaults: Mapping[str, Any]

    def follow(self, desk: Desk, values: Mapping[str, Any]) -> dict[str, Any]:
        """Follow it and return the response.

        Raises:
            EnvoyError: A value is missing, unknown or not what it should be, or it cannot be followed.
        """
        for name, value in values.items():
            if name not in self.kinds:
                known = ", ".join(self.kinds) or "none"
                raise EnvoyError(f"the order {self.name} has no {name!r}", remedy=f"It has {known}.")
            kinds = self.kinds[name]
            too_large = isinstance(value, int) and abs(value) > LARGEST
            if too_large or not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise EnvoyError(f"{name} of the order {self.name} is {value!r}", remedy=_REMEDY)
        if missing := [name for name in self.kinds if name not in values and name not in self.defaults]:
            raise EnvoyError(f"the order {self.name} has no {missing[0]}", remedy=f"It needs {', '.join(missing)}.")
        return self.function(desk, **values) or {"ok": True}


ORDERS: dict[str, Order] = {}
"""All orders, by name."""


def order(name: str) -> Callable[[Follow], Follow]:
    """Make a function follow an order: its keywords are the values, with the annotations that these have to fit."""

    def register(function: Follow) -> Follow:
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters.values())[1:]
        ORDERS[name] = Order(
            name,
            function,
            {each.name: _kinds(hints[each.name]) for each in parameters},
            {each.name: each.default for each in parameters if each.default is not inspect.Parameter.empty},
        )
        return function

    return register


def find_order(name: str) -> Order:
    """Return an order by its name.

    Raises:
        EnvoyError: There is none.
    """
    found = ORDERS.get(name)
    if found is None:
        raise EnvoyError(f"{name!r} is not an order", remedy=_REMEDY)
    return found


def _kinds(hint: Any) -> tuple[type, ...]:
    if isinstance(hint, types.UnionType):
        return tuple(kind for each in get_args(hint) for kind in _kinds(each))
    return (int, float) if hint is float else (get_origin(hint) or hint,)
