"""Commands around the server: ``envoy serve`` and ``envoy demo`` (extra ``server``), and ``envoy pki``."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from envoy.cli.options import DEFAULT, ServerProfileOption
from envoy.errors import EnvoyError


def serve(
    cert: Annotated[Path, typer.Option("--cert", metavar="FILE", help="Certificate of the server, PEM.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Its private key, PEM.")],
    ca: Annotated[Path, typer.Option("--ca", metavar="FILE", help="CA whose clients are let in, PEM.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")] = 8443,
    database: Annotated[str, typer.Option(help="SQLite file, kept between runs; :memory: keeps nothing.")] = ":memory:",
    profile: ServerProfileOption = DEFAULT,
    pin: Annotated[int, typer.Option(help="PIN in the Registration of each EndDevice.")] = 111115,
    page_limit: Annotated[int, typer.Option(min=1, help="Most items in one page of a list.")] = 50,
    in_band: Annotated[bool, typer.Option(help="Whether clients may register EndDevices (else 403).")] = True,
    max_readings: Annotated[int, typer.Option(min=1, help="Most readings in one POST (else 413).")] = 1000,
    post_rate: Annotated[
        int | None, typer.Option(min=0, metavar="SECONDS", help="postRate of every MirrorUsagePoint.")
    ] = None,
    mirror_lifetime: Annotated[
        int | None,
        typer.Option(min=1, metavar="SECONDS", help="A MirrorUsagePoint that nothing was posted to expires after it."),
    ] = None,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            "--fail",
            metavar="RULE",
            help="Let requests go wrong, to test a client: 'PUT */cp 500' the first such, 'PUT */cp 500 3' the first "
            "three, '* * delay=2 *' all. Instead of a status also drop-before, drop-after, truncate or garbage.",
        ),
    ] = None,
    disturb: Annotated[
        float,
        typer.Option(metavar="RATE", help="Share of other requests that go wrong, at random: 0.05 is every 20th."),
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Another seed disturbs other requests; the same one always the same.")] = 0,
    latency: Annotated[float, typer.Option(metavar="SECONDS", help="Wait before each request is processed.")] = 0.0,
    control: Annotated[
        bool,
        typer.Option("--control", help="Take orders as lines of JSON on standard input, and stop when it ends."),
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="Print a line for each request.")] = False,
) -> None:
    """Run a small utility server for demos and tests. It is not a production server.

    HTTPS with required client certificates; each certificate sees its own devices alone.
    """
    _require_server()
    from envoy.server import ServerSettings, Settings, parse_fault
    from envoy.server import serve as run

    utility_settings = Settings(
        profile=profile,
        page_limit=page_limit,
        in_band=in_band,
        pin=pin,
        max_readings=max_readings,
        post_rate=post_rate,
        mirror_lifetime=mirror_lifetime,
    )
    settings = ServerSettings(
        faults=tuple(parse_fault(rule) for rule in fail or ()),
        disturb=disturb,
        seed=seed,
        latency=latency,
        log_requests=log,
    )
    run(
        certificate=cert,
        key=key,
        ca=ca,
        host=host,
        port=port,
        database=database,
        utility_settings=utility_settings,
        settings=settings,
        control=control,
    )


def pki(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder for the files; made if it is not there.")],
    device: Annotated[
        list[str] | None,
        typer.Option("--device", metavar="NAME", help="A client to make a certificate for; may be repeated."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option("--host", metavar="NAME", help="Host name or address of the server; may be repeated."),
    ] = None,
) -> None:
    """Make a test CA with server and device certificates.

    Run again with other names, it adds to what is there and overwrites no key.
    """
    from envoy.identity import format_lfdi
    from envoy.tls.pki import LOCAL_HOSTS, create_pki

    made = create_pki(folder, devices=device or ["aggregator"], hosts=host or LOCAL_HOSTS)
    for name, files in {"CA": made.ca, "server": made.server, **made.devices}.items():
        lfdi = f"  LFDI {format_lfdi(files.lfdi)}" if name in made.devices else ""
        typer.echo(f"{files.state:8}  {files.certificate}  {files.key}{lfdi}")


def demo(
    profile: ServerProfileOption = DEFAULT,
) -> None:
    """Register a site with a real server on this machine.

    It does so twice over mutual TLS, to show that the second time changes nothing.

    Exit status: 0 all went as it should, 1 something did not.
    """
    _require_server()
    from envoy.server import Settings
    from envoy.testing.demo import run

    Settings(profile=profile)  # refuses a profile that the server does not speak, before anything is made

    if not run(profile):
        raise typer.Exit(1)


def _require_server() -> None:
    for package in ("starlette", "uvicorn"):
        if importlib.util.find_spec(package) is None:
            raise EnvoyError(f"this command needs the package {package}", remedy="pip install 'envoy-client[server]'")
