"""The orders that a server for tests takes, and the records that it keeps."""

from __future__ import annotations

import base64
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from envoy.documents import loads
from envoy.profiles import Profile
from envoy.utility.operator import Operator
from sep2 import EndDevice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request that the server has seen.

    Attributes:
        method: HTTP method.
        href: Path, and query if there is one.
        status: HTTP status that was sent back; None if none was, or not yet.
        body: The body, as far as the server read it.
        fault: What was done to it on purpose, such as ``503`` or ``drop-after``; empty for nothing.
        client: LFDI of the client's certificate.
    """

    method: str
    href: str
    status: int | None
    body: bytes
    fault: str
    client: bytes

    @property
    def path(self) -> str:
        """The href without the query."""
        return self.href.partition("?")[0]

    def __str__(self) -> str:
        fault = f" ({self.fault} on purpose)" if self.fault else ""
        return f"{self.method} {self.href} {self.status or 'no response'}{fault}"


class ControlClient(Operator):
    """The client's side of the control channel of ``envoy serve``: operates the utility, orders faults, and looks back.

    Faults that are ordered happen to the next requests that match, each to one of them, in the order they were ordered;
    with a ``count`` to that many, with None to all until ``reset``. In a path ``*`` stands for anything, slashes too.
    """

    profile: Profile

    @abstractmethod
    def ask(self, order: str, **parts: Any) -> dict[str, Any]:
        """Give an order (see ``envoy.server.control`` and ``envoy.utility.orders``) and return the response."""

    def reset(self) -> None:
        """Make the server as it was at the start: no resources, no requests seen, no faults but those of its options.

        What it is still waiting for (``delay_next``) is not done any more.
        """
        self.ask("reset")

    # Faults

    def fail_next(
        self,
        status: int = 503,
        *,
        retry_after: int | None = None,
        method: str = "*",
        path: str = "*",
        count: int | None = 1,
    ) -> None:
        """Respond with an error and an Error body instead of processing the request.

        Args:
            status: HTTP status, 400 to 599.
            retry_after: Seconds in a header ``Retry-After``; None for no header.
            method: HTTP method, ``*`` for any.
            path: Pattern of the path.
            count: How many requests, None for all.

        Raises:
            EnvoyError: One of them is not what it should be.
        """
        wait = "" if retry_after is None else f",retry-after={retry_after}"
        self._order(f"{status}{wait}", method, path, count)

    def redirect_next(
        self, location: str, *, status: int = 307, method: str = "*", path: str = "*", count: int | None = 1
    ) -> None:
        """Send the client to another place, with a status of 300 to 399."""
        self._order(f"{status},location={location}", method, path, count)

    def delay_next(self, seconds: float, *, method: str = "*", path: str = "*", count: int | None = 1) -> None:
        """Wait before the request is processed; it is processed also if the client does not wait as long."""
        self._order(f"delay={seconds}", method, path, count)

    def drop_next(
        self, *, after: bool = False, reset: bool = True, method: str = "*", path: str = "*", count: int | None = 1
    ) -> None:
        """Break the connection instead of responding.

        Args:
            after: Process the request first, so that only its response is lost.
            reset: With a TCP reset; otherwise the stream just ends, as if the server had died.
            method: HTTP method, ``*`` for any.
            path: Pattern of the path.
            count: How many requests, None for all.
        """
        self._order(f"drop-{'after' if after else 'before'}{'' if reset else ',eof'}", method, path, count)

    def truncate_next(self, *, method: str = "*", path: str = "*", count: int | None = 1) -> None:
        """Process the request, send half of the body that ``Content-Length`` announces, and end the stream."""
        self._order("truncate", method, path, count)

    def garble_next(self, *, method: str = "*", path: str = "*", count: int | None = 1) -> None:
        """Process the request, and send a body that is not XML."""
        self._order("garbage", method, path, count)

    def disturb(self, rate: float, *, seed: int = 0, actions: Sequence[str] | None = None) -> None:
        """Let a share of all other requests suffer a fault, picked at random; 0 to end it.

        Args:
            rate: Share, 0 to 1.
            seed: Another seed picks other requests; the same one always picks the same.
            actions: What may happen, each as likely as the others, such as ``["503,retry-after=1", "drop-after"]``;
                None for those that pass when the client retries (``envoy.server.faults.TRANSIENT``).

        Raises:
            EnvoyError: The rate is not from 0 to 1, or an action is not one.
        """
        self.ask("disturb", rate=rate, seed=seed, actions=None if actions is None else list(actions))

    def slow_down(self, seconds: float) -> None:
        """Wait before each request is processed; 0 to end it."""
        self.ask("latency", seconds=seconds)

    def _order(self, action: str, method: str, path: str, count: int | None) -> None:
        self.ask("fault", action=action, method=method, path=path, count=count)

    # Records

    @property
    def requests(self) -> list[SeenRequest]:
        """The requests that the server has seen since the last ``reset``, in the order they came, the last 10,000."""
        return [
            SeenRequest(**seen | {"body": base64.b64decode(seen["body"]), "client": bytes.fromhex(seen["client"])})
            for seen in self.ask("requests")["requests"]
        ]

    @property
    def faults_happened(self) -> dict[str, int]:
        """How often each fault has happened since the last ``reset``, such as ``{"drop-after": 2}``."""
        happened: dict[str, int] = self.ask("happened")["happened"]
        return happened

    def devices(self) -> list[EndDevice]:
        """Return the EndDevices of the server, whoever owns them, as they were sent and with their href.

        Each client's own EndDevice is among them, once the client has registered a device.
        """
        devices = []
        for item in self.ask("list", path="/edev")["items"]:
            device = loads(item["document"], EndDevice, profile=self.profile)
            device.href = item["path"]
            devices.append(device)
        return devices

    @overload
    def stored(self, href: str) -> Any: ...

    @overload
    def stored(self, href: str, cls: type[T]) -> T | None: ...

    def stored(self, href: str, cls: type[Any] | None = None) -> Any:
        """Return what was sent to a place, such as ``/edev/2/cp``, whoever owns it; None if nothing is there.

        Args:
            href: The place.
            cls: What it is to be; None for whatever it is.

        Raises:
            DecodeError: It is something else.
        """
        document = self.ask("document", path=href)["document"]
        return None if document is None else loads(document, cls, profile=self.profile)
