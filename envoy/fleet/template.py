"""Template of a fleet file in CSV: columns, names of codes, and LFDIs, ready to be filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envoy.bindings.toml import read_toml
from envoy.errors import SiteError
from envoy.identity import site_lfdi
from envoy.identity.dialects import IDENTITY_DIALECTS, LegacyLFDI
from envoy.profiles import Profile
from envoy.registration.dry_run import example_site

_LEFT_OUT = ("lfdi", "nmi", "sfdi", "pin", "device_information", "der.status", "der.availability")
"""What each site has of its own, and what is said of a device once it runs."""


def template_rows(
    profile: Profile, rows: int, pen: int, *, first: int = 1, pen_form: str = "decimal"
) -> Iterator[list[str]]:
    """Give the rows of a fleet file, the names of the columns first.

    Each site has an LFDI of its own, and for the rest the values of the example site of the profile, names of codes
    among them. The NMI is left empty.

    Args:
        profile: Which columns there are, and how an LFDI is written.
        rows: How many sites there are.
        pen: IANA Private Enterprise Number of the aggregator, in which each LFDI ends.
        first: Number of the first site, from which the LFDIs count. No other site may ever have had it.
        pen_form: How the PEN is written: ``decimal`` or ``hex``.

    Raises:
        IdentityError: A number or the PEN is out of range.
    """
    example = dict(_flatten(read_toml(example_site(profile), "site", SiteError), ""))
    nmi = ["nmi"] if "connection-point" in profile.steps else []
    names = [name for name in example if not name.startswith(_LEFT_OUT)]
    yield ["lfdi", *nmi, *names]
    values = [*("" for _ in nmi), *map(example.__getitem__, names)]
    dialect = IDENTITY_DIALECTS[profile.dialect]
    for number in range(first, first + rows):
        lfdi = dialect.own_lfdi(site_lfdi(number, pen, pen_form="hex" if pen_form == "hex" else "decimal"))
        yield [lfdi.text if isinstance(lfdi, LegacyLFDI) else lfdi.hex().upper(), *values]


def _flatten(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Give the keys and values of a site file as the columns and cells of its first DER."""
    for key, value in table.items():
        if key == "der":
            yield from _flatten(value[0], "der.")
        elif isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            continue  # the parts of a DER have no columns
        elif isinstance(value, bool):
            yield f"{prefix}{key}", str(value).lower()
        else:
            yield f"{prefix}{key}", " ".join(value) if isinstance(value, list) else str(value)
