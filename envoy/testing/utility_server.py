"""A utility server for tests, in a process of its own and with certificates of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.testing.control_client import ControlClient
from envoy.testing.process import ServerProcess
from envoy.tls.pki import create_pki

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient
    from envoy.client.client import Client


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


class UtilityServer(ControlClient):
    """``envoy serve`` for tests, with controls and faults on order (``Operator``, ``ControlClient``).

    Use it as a context manager, or call ``start`` and ``stop``.

    Args:
        profile: The edition of the protocol that it speaks; any but envoy-0.1.
        options: Further options of ``envoy serve``, such as ``["--page-limit", "2"]``.
        folder: Where its test CA and certificates are, made if need be; None for a temporary one.
        clock: ``manual`` for one that stands still until ``advance`` puts it forward, ``system`` for one that runs.

    Raises:
        ProfileError: There is no such profile.
    """

    def __init__(
        self,
        profile: str | Profile = DEFAULT_PROFILE,
        *,
        options: Sequence[str] = (),
        folder: Path | None = None,
        clock: Literal["manual", "system"] = "system",
    ) -> None:
        self.profile = get_profile(profile)
        self.options = (*options, *(["--manual-clock"] if clock == "manual" else []))
        self._folder = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._running: ServerProcess | None = None
        self._clients: dict[str, ClientFiles] = {}

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

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._running is not None and self._running.running

    @property
    def url(self) -> str:
        """Its URL without a path; DeviceCapability is at ``/dcap``."""
        return self._process.url.removesuffix("/dcap")

    @property
    def pid(self) -> int:
        """Number of its process."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written to standard error; a line for each request, unless it has the option ``--quiet``."""
        return self._process.log

    def ask(self, order: str, **parts: Any) -> dict[str, Any]:
        return self._process.ask(order, **parts)

    @property
    def _process(self) -> ServerProcess:
        if self._running is None:
            raise EnvoyError("the server does not run", remedy="Use it inside `with`, or after start().")
        return self._running

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

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
