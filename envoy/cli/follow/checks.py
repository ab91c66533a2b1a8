"""The parts of ``envoy follow --check`` on this machine: the site, the certificate, the state and the device."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import starmap
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from envoy._text import join_words
from envoy.cli.follow.live_view import describe_reading, describe_status
from envoy.der.follow.device import Device
from envoy.der.limits import Rating
from envoy.errors import DeviceError, EnvoyError
from envoy.identity import format_lfdi
from envoy.tls.expiry import DAYS, describe_expiry, find_expiries, read_own

if TYPE_CHECKING:
    from envoy.registration.site import Site

T = TypeVar("T")

DEVICE_SECONDS = 15.0
"""How long each call of a device may take."""


class Level(StrEnum):
    """How serious the result of a check is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check.

    Attributes:
        part: What was looked at: ``configuration``, ``certificate``, ``server``, ``state`` or ``device``.
        level: How serious it is.
        text: What was found.
        remedy: What to do; empty if there is nothing to do.
    """

    part: str
    level: Level
    text: str
    remedy: str = ""


class Report:
    """Makes the results of one part.

    Args:
        part: What is looked at.
    """

    def __init__(self, part: str) -> None:
        self.part = part

    def ok(self, text: str) -> CheckResult:
        """Return that something is as it should be."""
        return CheckResult(self.part, Level.OK, text)

    def warning(self, text: str, remedy: str) -> CheckResult:
        """Return that something may go wrong."""
        return CheckResult(self.part, Level.WARNING, text, remedy)

    def error(self, error: EnvoyError) -> CheckResult:
        """Return that following is not possible."""
        place = f"{error.where}: " if error.where else ""
        return CheckResult(self.part, Level.ERROR, f"{place}{error.what}", error.remedy)


def check_site(path: Path, site: Site) -> Iterator[CheckResult]:
    """Yield what there is to say of the description of a site."""
    report = Report("configuration")
    yield report.ok(f"{path}: LFDI {format_lfdi(site.lfdi)}, {len(site.ders)} DER")
    if not site.ders:
        yield report.warning(
            f"{path}: has no DER, so nothing is known of what the device is able to do",
            "Describe it in [[der]] tables, as examples/site.toml does.",
        )
        return
    rating = Rating.from_site(site)
    if not rating.max_w:
        yield report.warning(f"{path}: no DER has rtg_max_w", "Write it: percentages are of it.")


def check_certificate(
    cert: Path | None, key: Path | None, ca: Path | None, lfdi: bytes | None, now: datetime
) -> Iterator[CheckResult]:
    """Yield whether the certificates can be used, and whether the client's own is that of the site.

    Args:
        cert: PEM file of the client's certificate; None if it has none.
        key: PEM file of its private key; None if it is in ``cert``.
        ca: PEM file of the CA of the server; None for those of the system.
        lfdi: LFDI of the site; None for one of a fleet, whose certificate is an aggregator's.
        now: The time.
    """
    report = Report("certificate")
    if cert is None:
        yield report.warning("there is none", "Servers of IEEE 2030.5 demand one: --cert FILE --key FILE.")
        return
    try:
        own = read_own(cert, key)[0]
        expiries = find_expiries(cert, key, ca)
    except EnvoyError as error:
        yield report.error(error)
        return
    yield report.ok(f"{cert}: LFDI {format_lfdi(own.lfdi)}, {own.key}, signed by {own.issuer}")
    if own.lfdi == lfdi:
        yield report.ok("its LFDI is that of the site")
    elif lfdi is not None:
        yield report.warning(
            f"its LFDI is not that of the site, {format_lfdi(lfdi)}",
            "If it is an aggregator's, this is as it should be. If it is the site's own, write its LFDI into the file "
            "of the site.",
        )
    if own.begins > now:
        what = f"{cert}: is not valid before {own.begins:%Y-%m-%d %H:%M} UTC"
        yield report.error(EnvoyError(what, remedy="Check the clock of this machine."))
    for each in expiries:
        left = (each.ends - now).total_seconds() / 86_400
        if left <= 0:
            yield report.error(EnvoyError(describe_expiry(each, now), remedy=_RENEW))
        elif left <= DAYS[0]:
            yield report.warning(describe_expiry(each, now), _RENEW)
    first = min(each.ends for each in expiries)
    if first > now:
        yield report.ok(f"all certificates are valid until {first.astimezone(UTC):%Y-%m-%d}")


_RENEW = "Ask the utility for a new one; SIGHUP has a running process read it."


def check_state(folder: Path | None, open_state: Callable[[Path], object], file: str) -> Iterator[CheckResult]:
    """Yield whether a state can be used, without changing it.

    Args:
        folder: Where it is; None if nothing is to be kept.
        open_state: Opens it, and raises a ``StateError`` if it cannot be used.
        file: Name of its file.
    """
    report = Report("state")
    if folder is None:
        yield report.warning("nothing is kept", "--state DIR keeps limits and responses over a restart.")
        return
    if not (folder / file).exists():
        place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        if place.is_dir():
            yield report.ok(f"{folder}: there is none yet; it is made at the start")
        else:
            yield report.error(EnvoyError(f"{place}: is not a folder", remedy="Give another folder: --state DIR."))
        return
    try:
        with closing(open_state(folder)):  # type: ignore[type-var]  # it has close
            yield report.ok(f"{folder}: is that of this site and server, and nobody else uses it")
    except EnvoyError as error:
        yield report.error(error)


def check_device(
    name: str, open_device: Callable[[], Device], *, wanted: frozenset[str] = frozenset()
) -> Iterator[CheckResult]:
    """Yield whether a device can be reached, what it is able to follow, and what it measures; nothing is applied.

    Args:
        name: What it is called.
        open_device: Opens it.
        wanted: Names of the modes that the site file has for it.
    """
    report = Report("device")
    try:
        device = _call(open_device, name)
        try:
            describe: Callable[[], list[str]] = getattr(device, "describe", lambda: ["is there"])
            for line in _call(describe, name):
                yield report.ok(f"{name}: {line}")
            modes = sorted(_call(device.abilities, name).modes)
            yield report.ok(f"{name}: follows {join_words(modes, 'and') if modes else 'no mode'}")
            if missing := sorted(wanted - set(modes)):
                yield report.warning(
                    f"{name}: does not follow {join_words(missing, 'or')}, which the site file says that it does",
                    "The utility is sent what the file says: leave these out of modes_supported or modes_enabled.",
                )
            status = _call(device.status, name)
            yield report.ok(f"{name}: {describe_status(status)}")
            if status.failed:
                yield report.warning(f"{name}: says that it has failed", "Look at the device.")
            readings = _call(device.readings, name)
            for place, values in (("site", readings.site), ("device", readings.der)):
                if values:
                    yield report.ok(f"{name}: {place}: {', '.join(starmap(describe_reading, values.items()))}")
            if "active-power" not in readings.site:
                yield report.warning(
                    f"{name}: does not measure the power of the site",
                    "Limits of export and import hold at the connection point: without a meter there, a device can "
                    "keep to them by what it puts out and takes in itself, and by nothing else.",
                )
        finally:
            _call(device.close, name)
    except EnvoyError as error:
        yield report.error(error)


def _call(call: Callable[[], T], name: str) -> T:
    """Call a device, which may never return.

    Raises:
        DeviceError: It has failed, in whatever way, or did not return in time.
    """
    results: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

    def run() -> None:
        try:
            results.put((call(), None))
        except Exception as error:  # whatever is wrong with a device is a result of the check
            results.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = results.get(timeout=DEVICE_SECONDS)
    except Empty:
        raise DeviceError(
            f"has not responded in {DEVICE_SECONDS:g} seconds", where=f"device {name}", remedy="Look at the device."
        ) from None
    if error is None:
        return result  # type: ignore[return-value]
    if isinstance(error, EnvoyError):
        raise error
    raise DeviceError(f"has failed: {type(error).__name__}: {error}", where=f"device {name}") from error
