"""The check before a fleet is followed: ``envoy follow FLEET --check`` looks at everything and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from envoy.cli.follow.checks import CheckResult, Level, Report, check_certificate, check_device, check_state
from envoy.cli.follow.fleet.fleet_setup import FleetSetup
from envoy.cli.follow.notifications import check_notifications
from envoy.der.state.fleet_state import FLEET_FILE
from envoy.errors import EnvoyError
from envoy.identity.dialects import IDENTITY_DIALECTS

_SHOWN = 20
"""Rows that are wrong, and sites that are not registered, of which each is shown."""


def run_fleet_checks(load: Callable[[], FleetSetup]) -> Iterator[CheckResult]:
    """Yield the results of all checks.

    Args:
        load: Returns what is to be followed.
    """
    from envoy.cli.follow.server_check import check_handshake  # deferred: it loads cryptography

    try:
        setup = load()
    except EnvoyError as error:
        yield Report("configuration").error(error)
        return
    files = setup.connection
    yield from _check_rows(setup)
    yield from check_certificate(files.cert, files.key, files.ca, None, datetime.now(UTC))
    yield from check_state(setup.state, setup.open_state, FLEET_FILE)
    try:
        secured = setup.client().base.startswith("https:")
    except EnvoyError as error:
        yield Report("server").error(error)
    else:
        handshake = list(check_handshake(setup.url, files)) if secured else []
        yield from handshake
        if all(each.level is not Level.ERROR for each in handshake):
            yield from _check_list(setup)
    yield from check_notifications(setup.notifications, files, lambda: setup.notifications.open(setup.connection))
    yield from _check_devices(setup)


def _check_rows(setup: FleetSetup) -> Iterator[CheckResult]:
    report, roster, path = Report("configuration"), setup.roster, setup.file.path
    yield report.ok(f"{path}: {len(roster.sites):,} sites")
    for error in roster.errors[:_SHOWN]:
        yield report.error(error)
    if (more := len(roster.errors) - _SHOWN) > 0:
        yield report.error(EnvoyError(f"{path}: {more:,} further rows are wrong", remedy="Correct these first."))
    if bare := sum(not entry.site.ders for entry in roster.sites.values()):
        yield report.warning(
            f"{path}: {bare:,} sites have no DER, so nothing is known of what their devices are able to do",
            "Fill in the columns of der; envoy register --columns lists them.",
        )


def _check_list(setup: FleetSetup) -> Iterator[CheckResult]:
    """Yield whether the server's list of EndDevices can be read, and which of the sites are in it."""
    report = Report("server")
    try:
        listed = asyncio.run(_read_list(setup))
    except EnvoyError as error:
        yield report.error(error)
        return
    dialect = IDENTITY_DIALECTS[setup.profile.dialect]
    missing = [
        key for key, entry in setup.roster.sites.items() if bytes(dialect.lfdi_key(entry.site.lfdi)) not in listed
    ]
    yield report.ok(f"has {len(listed):,} EndDevices for this certificate")
    count = len(setup.roster.sites)
    yield report.ok(f"{count - len(missing):,} of the {count:,} sites are registered")
    if missing:
        first = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        yield report.warning(f"{len(missing):,} sites are not registered: {first}", "envoy follow registers them.")


async def _read_list(setup: FleetSetup) -> set[bytes]:
    dialect = IDENTITY_DIALECTS[setup.profile.dialect]
    async with setup.client() as client:
        return {bytes(dialect.lfdi_key(each.lfdi)) async for each in client.end_devices() if each.lfdi}


def _check_devices(setup: FleetSetup) -> Iterator[CheckResult]:
    """Yield what is to be said of the device of one site, as that of the others."""
    if not setup.roster.sites:
        return
    try:
        devices = setup.open_devices()
    except EnvoyError as error:
        yield Report("device").error(error)
        return
    key, entry = next(iter(setup.roster.sites.items()))
    try:
        yield from check_device(f"{setup.choice.kind}, site {key}", lambda: devices.open(key, entry.site))
    finally:
        devices.close()
