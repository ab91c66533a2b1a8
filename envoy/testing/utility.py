"""A utility server for tests: it makes its certificates, runs as a process of its own, and errs as it is told."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from envoy.documents import loads
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.testing.process import ServerProcess
from envoy.tls.pki import create_pki
from sep2 import EndDevice

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient
    from envoy.client.client import Client

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """What a client needs for mutual TLS with the server.

    Attributes:
        cert: PEM file of its certificate.
        key: PEM file of its private key.
        ca: PEM file of the CA of the server.
        lfdi: LFDI of the certificate, 20 octets.
    """

    cert: Path
    key: Path
    ca: Path
    lfdi: bytes


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
        return f"{self.method} {self.href} {self.status or 'no answer'}{fault}"


class UtilityServer:
    """``envoy serve`` for tests. Use it as a context manager, or call ``start`` and ``stop``.

    Faults that are ordered happen to the next requests that match, each to one of them, in the order they were ordered;
    with a ``count`` to so many, with None to all until ``reset``. In a path ``*`` stands for anything, slashes too.

    Args:
        profile: The edition of the protocol that it speaks; any but envoy-0.1.
        options: Further options of ``envoy serve``, such as ``["--page-limit", "2"]``.
        folder: Where its test CA and certificates are, made if need be; None for a temporary one.

    Raises:
        ProfileError: There is no such profile.
    """

    def __init__(
        self, profile: str | Profile = DEFAULT_PROFILE, *, options: Sequence[str] = (), folder: Path | None = None
    ) -> None:
        self.profile = get_profile(profile)
        self.options = tuple(options)
        self._folder = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._running: ServerProcess | None = None
        self._clients: dict[str, ClientFiles] = {}

    # Its life

    def start(self) -> Self:
        """Start it, and wait until it takes requests.

        Raises:
            EnvoyError: It did not start; the error has what it said. Or the folder cannot be used.
        """
        if self._running is not None:
            raise EnvoyError("the server runs already", where=self.url, remedy="Make another one to have two.")
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="envoy-utility-")
        try:
            pki = create_pki(self.folder, devices=())
            self._running = ServerProcess(
                certificate=pki.server.certificate,
                key=pki.server.key,
                ca=pki.ca.certificate,
                options=["--profile", self.profile.name, *self.options],
            )
        except BaseException:
            self._tidy()
            raise
        return self

    def stop(self) -> None:
        """Stop it, and remove its certificates if they are in a temporary folder."""
        if self._running is not None:
            self._running.stop()
        self._running = None
        self._tidy()

    def _tidy(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()
        self._temporary = None
        self._clients = {}

    def reset(self) -> None:
        """Make it as it was at the start: no resources, no requests seen, no faults but those of its options.

        What it is still waiting for (``delay_next``) is not done any more.
        """
        self._process.ask("reset")

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.running

    @property
    def url(self) -> str:
        """Its URL without a path; DeviceCapability is at ``/dcap``."""
        return self._process.url.removesuffix("/dcap")

    @property
    def log(self) -> str:
        """What it has written to standard error; with the option ``--log`` a line for each request."""
        return self._process.log

    @property
    def _process(self) -> ServerProcess:
        if self._running is None:
            raise EnvoyError("the server does not run", remedy="Use it inside `with`, or after start().")
        return self._running

    # Its clients

    @property
    def folder(self) -> Path:
        """Where its certificates are."""
        if self._temporary is not None:
            return Path(self._temporary.name)
        if self._folder is not None:
            return self._folder
        raise EnvoyError("the server has no folder yet", remedy="Use it inside `with`, or after start().")

    def client_files(self, name: str = "client") -> ClientFiles:
        """Return the certificate of a client, made when the name is new. Each name is another client to the server.

        Raises:
            EnvoyError: The name cannot be that of a file.
        """
        if name not in self._clients:
            pki = create_pki(self.folder, devices=[name])
            device = pki.devices[name]
            self._clients[name] = ClientFiles(device.certificate, device.key, pki.ca.certificate, device.lfdi)
        return self._clients[name]

    def client(self, name: str = "client", **options: Any) -> Client:
        """Return a client of it, not opened yet; see ``client_files`` for the name.

        Args:
            name: Name of the client.
            options: Any of ``envoy.Client``, such as ``retries=0``.
        """
        import httpx

        from envoy.client.client import Client

        return Client(self.url, **self._options(name, httpx.HTTPTransport, options))

    def async_client(self, name: str = "client", **options: Any) -> AsyncClient:
        """Return the same for asyncio."""
        import httpx

        from envoy.client.async_client import AsyncClient

        return AsyncClient(self.url, **self._options(name, httpx.AsyncHTTPTransport, options))

    def _options(self, name: str, transport: Callable[..., Any], options: dict[str, Any]) -> dict[str, Any]:
        from envoy.tls.context import client_context

        files = self.client_files(name)
        tls = client_context(cert=files.cert, key=files.key, ca=files.ca)
        # A transport of our own, since a proxy that the environment names has no way to this machine's loopback.
        return {"profile": self.profile, "transport": transport(verify=tls), **options}

    # What it does wrong

    def fail_next(
        self,
        status: int = 503,
        *,
        retry_after: int | None = None,
        method: str = "*",
        path: str = "*",
        count: int | None = 1,
    ) -> None:
        """Answer with an error and an Error body in place of processing the request.

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
        self,
        *,
        after: bool = False,
        reset: bool = True,
        method: str = "*",
        path: str = "*",
        count: int | None = 1,
    ) -> None:
        """Break the connection in place of an answer.

        Args:
            after: Process the request first, so that only its answer is lost.
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
        """Process the request, and send a body that is no XML."""
        self._order("garbage", method, path, count)

    def disturb(self, rate: float, *, seed: int = 0, actions: Sequence[str] | None = None) -> None:
        """Do something wrong with a share of all other requests, picked at random; 0 to end it.

        Args:
            rate: Share, 0 to 1.
            seed: Another seed picks other requests; the same one always picks the same.
            actions: What may happen, each as likely as the others, such as ``["503,retry-after=1", "drop-after"]``;
                None for what passes when the client tries again (``envoy.server.faults.MISCHIEF``).

        Raises:
            EnvoyError: The rate is no share, or an action is none.
        """
        self._process.ask("disturb", rate=rate, seed=seed, actions=None if actions is None else list(actions))

    def slow_down(self, seconds: float) -> None:
        """Wait before each request is processed; 0 to end it."""
        self._process.ask("latency", seconds=seconds)

    def _order(self, action: str, method: str, path: str, count: int | None) -> None:
        self._process.ask("fault", action=action, method=method, path=path, count=count)

    # What it has seen

    @property
    def requests(self) -> list[SeenRequest]:
        """The requests it has seen since the last ``reset``, in the order they came, the last 10,000."""
        return [
            SeenRequest(
                method=seen["method"],
                href=seen["href"],
                status=seen["status"],
                body=base64.b64decode(seen["body"]),
                fault=seen["fault"],
                client=bytes.fromhex(seen["client"]),
            )
            for seen in self._process.ask("requests")["requests"]
        ]

    @property
    def faults_happened(self) -> dict[str, int]:
        """How often each fault has happened since the last ``reset``, such as ``{"drop-after": 2}``."""
        happened: dict[str, int] = self._process.ask("happened")["happened"]
        return happened

    def devices(self) -> list[EndDevice]:
        """Return the EndDevices it has, whoever owns them, as they were sent and with their href.

        Each client's own EndDevice is among them, since the server makes it at the client's first request.
        """
        devices = []
        for item in self._process.ask("list", path="/edev")["items"]:
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
        document = self._process.ask("document", path=href)["document"]
        return None if document is None else loads(document, cls, profile=self.profile)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
