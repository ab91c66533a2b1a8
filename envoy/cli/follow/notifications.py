"""Notifications of ``envoy follow``: the options of the listener, and what ``--check`` says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

import typer

from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.cli.connection_options import PlainConnection
    from envoy.cli.follow.checks import CheckResult
    from envoy.server.notification_listener import NotificationListener
    from envoy.tls.expiry import Expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationOptions:
    """Options of notifications; the page on them has more."""

    listen: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Listen here for notifications, and subscribe. Default: poll alone."),
    ] = None
    public_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The utility reaches --listen by this URL. Default: https://HOST:PORT."),
    ] = None
    listen_cert: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Server certificate of --listen, PEM. Default: as --cert.")
    ] = None
    listen_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its private key, PEM. Default: in the file of --listen-cert.")
    ] = None
    listen_ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CA of the utility's client certificate. Default: as --ca.")
    ] = None
    listen_clients: Annotated[
        Literal["off", "warn", "enforce"] | None,
        typer.Option(help="Client certificate of the utility. Default: warn if there is none."),
    ] = None

    def find_files(self, connection: PlainConnection) -> tuple[Path, Path | None, Path | None]:
        """Return the files of the listener's certificate, its key, and the CA.

        Args:
            connection: Its files are those that are not given.

        Raises:
            EnvoyError: There is no certificate.
        """
        cert, key = self.listen_cert, self.listen_key
        if cert is None:
            cert, key = connection.cert, key or connection.key
        if cert is None:
            raise EnvoyError("--listen needs a certificate", remedy="Give --listen-cert FILE and --listen-key FILE.")
        return cert, key, self.listen_ca or connection.ca

    def check(self) -> None:
        """Check that options go together.

        Raises:
            EnvoyError: They do not.
        """
        if self.listen is not None:
            return
        for name in ("public_url", "listen_cert", "listen_key", "listen_ca", "listen_clients"):
            if getattr(self, name) is not None:
                option = name.replace("_", "-")
                raise EnvoyError(f"--{option} is for --listen", remedy="Give --listen HOST:PORT too, or leave it out.")

    def open(self, connection: PlainConnection) -> NotificationListener | None:
        """Return the listener; None if nothing is subscribed to.

        Args:
            connection: Its files are those that are not given.

        Raises:
            EnvoyError: An option is wrong, a file cannot be used, or it cannot listen there.
        """
        from envoy.server.notification_listener import NotificationListener  # deferred: --help does not need it

        self.check()
        if self.listen is None:
            return None
        cert, key, ca = self.find_files(connection)
        clients = self.listen_clients or "warn"
        return NotificationListener(self.listen, public_url=self.public_url, cert=cert, key=key, ca=ca, clients=clients)

    def find_expiries(self, connection: PlainConnection) -> list[Expiry]:
        """Return when the listener's certificate expires, if there is one.

        Raises:
            EnvoyError: A file cannot be read.
        """
        from envoy.tls.expiry import Expiry, read_own  # deferred: --help does not need it

        if self.listen is None:
            return []
        cert, key, _ = self.find_files(connection)
        return [Expiry("the certificate of the listener", read_own(cert, key)[0].ends)]


def check_notifications(
    options: NotificationOptions, connection: PlainConnection, open_listener: Callable[[], NotificationListener | None]
) -> Iterator[CheckResult]:
    """Yield whether notifications can come, as far as this machine shows.

    Args:
        options: The options.
        connection: How the server is connected to.
        open_listener: Opens the listener.
    """
    from envoy.cli.follow.checks import Report  # deferred: --help does not need it
    from envoy.tls.expiry import read_own

    report = Report("notifications")
    try:
        listener = open_listener()
        if listener is None:
            yield report.ok("none: the server is polled")
            return
        with listener:
            url = listener.public_url
        cert, key, _ = options.find_files(connection)
        names = read_own(cert, key)[0].names
    except EnvoyError as error:
        yield report.error(error)
        return
    yield report.ok(f"listens on {options.listen}; the utility is to reach it by {url}")
    host = urlsplit(url).hostname or ""
    if not any(_matches(host, name.lower()) for name in names):
        yield report.warning(
            f"{cert}: names {', '.join(names) or 'no host'}, and the utility reaches it by {host}",
            "A utility that looks at names refuses it: --listen-cert with one for that host, or --public-url.",
        )


def _matches(host: str, name: str) -> bool:
    # A star stands for one label.
    return fnmatchcase(host, name) and host.count(".") == name.count(".")
