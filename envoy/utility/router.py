"""The router: from a path to the class of the resource there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from envoy.profiles import Profile
from envoy.utility.resource import RequestError, Resource, not_found

_METHODS = ("DELETE", "GET", "POST", "PUT")


@dataclass(frozen=True, slots=True)
class Route:
    """The paths of one kind of resource.

    Attributes:
        pattern: Path, with a name in braces for each segment that varies.
        resource: Class of the resource.
        accepts: Messages that the body of a PUT or POST may be.
        offered: Whether a profile has it.
        media_type: What it is sent as, if not in the media type of messages.
    """

    pattern: str
    resource: type[Resource]
    accepts: tuple[type[Any], ...] = ()
    offered: Callable[[Profile], bool] = lambda profile: True
    media_type: str = ""

    @property
    def methods(self) -> list[str]:
        """The methods of HTTP that it takes, without HEAD."""
        return [method for method in _METHODS if hasattr(self.resource, method.lower())]


class Router:
    """The routes of a profile.

    Args:
        routes: All routes.
        profile: Those that it does not have are left out.
    """

    def __init__(self, routes: Iterable[Route], profile: Profile) -> None:
        self.routes = [route for route in routes if route.offered(profile)]
        self._patterns = [(re.compile(re.sub(r"{\w+}", "[^/]+", route.pattern)), route) for route in self.routes]

    def find(self, method: str, path: str) -> Route:
        """Return the route of a path, which takes the method.

        Raises:
            RequestError: Nothing has such a path (404), or it does not take the method (405).
        """
        route = next((route for pattern, route in self._patterns if pattern.fullmatch(path)), None)
        if route is None:
            raise not_found()
        if ("GET" if method == "HEAD" else method) not in route.methods:
            allowed = sorted({*route.methods, *(["HEAD"] if "GET" in route.methods else [])})
            raise RequestError(405, f"{method} is not offered here", headers={"allow": ", ".join(allowed)})
        return route
