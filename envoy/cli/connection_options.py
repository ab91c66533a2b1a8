"""Options of the commands that talk to a server, and the way that a dataclass of options becomes those of a command."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE, LINKED, PROFILES

ServerOption = Annotated[
    str,
    typer.Option(
        "--server", metavar="URL", help="Server: https://host:port, the URL of its DeviceCapability, or auto."
    ),
]
ProfileOption = Annotated[str, typer.Option("--profile", metavar="NAME", help=f"Profile: {', '.join(PROFILES)}.")]
LinkedProfileOption = Annotated[str, typer.Option("--profile", metavar="NAME", help=f"Profile: {', '.join(LINKED)}.")]
CertOption = Annotated[Path | None, typer.Option("--cert", metavar="FILE", help="Client certificate, PEM.")]
KeyOption = Annotated[
    Path | None, typer.Option("--key", metavar="FILE", help="Private key, PEM. Default: in the file of --cert.")
]
CAOption = Annotated[
    Path | None, typer.Option("--ca", metavar="FILE", help="CA of the server, PEM. Default: those of the system.")
]
DelimiterOption = Annotated[
    str | None,
    typer.Option("--delimiter", metavar="CHAR", help="Columns of CSV are separated by: auto, comma, semicolon, tab."),
]
ShardOption = Annotated[
    str | None,
    typer.Option("--shard", metavar="K/N", help="Fleet: take the sites of shard K of N, by a hash of their LFDIs."),
]
RateOption = Annotated[
    float | None, typer.Option("--rate", min=0.001, help="Send at most N requests per second. Default: no limit.")
]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="Show each exchange as it happens.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainConnection:
    """How a command connects to the server: its options. The names are those of the parameters of ``Client``."""

    cert: CertOption = None
    key: KeyOption = None
    ca: CAOption = None
    profile: ProfileOption = DEFAULT_PROFILE
    header: Annotated[
        list[str] | None, typer.Option("--header", metavar="NAME:VALUE", help="Send this header too; repeatable.")
    ] = None
    check_hostname: Annotated[
        bool,
        typer.Option("--check-hostname/--no-check-hostname", help="Require the server's certificate to name the host."),
    ] = True
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Wait at most these seconds for a response.")] = (
        30.0
    )

    def arguments(self, url: str) -> dict[str, Any]:
        """Return the arguments of a client.

        Raises:
            EnvoyError: A header is not NAME:VALUE.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "header"}
        return {"url": url, **values, "headers": dict(map(_parse_header, self.header or ()))}

    def own_lfdi(self) -> bytes | None:
        """Return the LFDI of the client's certificate; None if there is none."""
        return own_lfdi(self.cert, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(PlainConnection):
    """The same for a command that ends, with what it does about failures."""

    allow_other_hosts: Annotated[
        bool, typer.Option("--allow-other-hosts", help="Follow links to other hosts; they see the certificate.")
    ] = False
    retries: Annotated[
        int, typer.Option("--retries", min=0, help="Retry a request at most N times after a transient failure.")
    ] = 3
    max_wait: Annotated[
        float, typer.Option("--max-wait", min=0, help="Wait at most these seconds for a retry; ignore longer demands.")
    ] = 60.0
    rate: RateOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedConnection(Connection):
    """The same, for what only the profiles with links have."""

    profile: LinkedProfileOption = DEFAULT_PROFILE


def expand_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of each parameter that is a dataclass as options, in the place of the parameter."""
    hints = get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for name, parameter in inspect.signature(command).parameters.items():
        group, own, types = hints[name], [parameter], hints
        if isinstance(group, type) and is_dataclass(group):
            groups[name] = group
            own, types = [*inspect.signature(group).parameters.values()], get_type_hints(group, include_extras=True)
        parameters += (x.replace(annotation=types[x.name], kind=inspect.Parameter.KEYWORD_ONLY) for x in own)

    @functools.wraps(command)
    def run(**values: Any) -> None:
        made = {name: group(**{x.name: values.pop(x.name) for x in fields(group)}) for name, group in groups.items()}
        command(**values, **made)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def own_lfdi(cert: Path | None, key: Path | None) -> bytes | None:
    """Return the LFDI of a certificate, None if there is none. In a bundle, it is that of the key."""
    from envoy.identity import lfdi_of_certificate  # deferred: loads cryptography

    files = [path.read_bytes() for path in (cert, key) if path]
    return lfdi_of_certificate(b"\n".join(files)) if files else None


def _parse_header(line: str) -> tuple[str, str]:
    name, mark, value = line.partition(":")
    if not mark or not name.strip():
        raise EnvoyError(f"--header {line!r} is not NAME:VALUE", remedy="Write it as --header 'X-Token: secret'.")
    return name.strip(), value.strip()
