"""The site to be registered: what the utility server should know about it, typed, and read from a TOML file.

The keys of a site file are the field names of the typed models. Quantities are plain numbers in the unit of the field,
codes are member names, bitmaps are lists of member names, hexBinary is hex digits::

    lfdi = "0000003E90000000000000000000000000032473"
    nmi = "6001234567"
    device_category = ["PHOTOVOLTAIC_SYSTEM"]

    [[der]]
    [der.capability]
    type = "PHOTOVOLTAIC_SYSTEM"
    modes_supported = ["OP_MOD_MAX_LIM_W"]
    doe_modes_supported = ["OP_MOD_EXP_LIM_W"]
    rtg_max_w = 5000
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from envoy import identity
from envoy.bindings.tables import Builder
from envoy.bindings.toml import read_toml
from envoy.errors import IdentityError, SiteError
from envoy.identity.dialects import IDENTITY_DIALECTS, dialect_of
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from sep2 import DERAvailability, DERCapability, DERSettings, DERStatus, DeviceCategoryType, DeviceInformation


@dataclass(kw_only=True, slots=True)
class SiteDER:
    """One distributed energy resource of a site.

    ``updated_time`` of the settings and ``reading_time`` of status and availability are set to the time of sending if
    they are 0.

    Attributes:
        capability: Nameplate ratings.
        settings: Limits in force; None if they are not to be written.
        status: Present state; None if it is not to be written.
        availability: What it could do; None if it is not to be written.
    """

    capability: DERCapability
    settings: DERSettings | None = None
    status: DERStatus | None = None
    availability: DERAvailability | None = None


@dataclass(kw_only=True, slots=True)
class Site:
    """A site, one EndDevice of the server.

    Attributes:
        lfdi: Long form device identifier, 20 octets; in the profile ``envoy-0.1`` also what its dialect parses.
        sfdi: Short form device identifier; computed from the LFDI if None.
        device_category: What kinds of devices the site has.
        nmi: National Metering Identifier, written as the connection point; None to write none.
        pin: PIN that the server's Registration must have, check digit included; None to accept any.
        post_rate: How often the client means to post, in seconds.
        enabled: Whether the device is enabled.
        device_information: Maker, model and version; None to write none. Its LFDI is that of the site.
        ders: The distributed energy resources; an aggregator's own EndDevice has none.
    """

    lfdi: bytes
    sfdi: int | None = None
    device_category: DeviceCategoryType | None = None
    nmi: str | None = None
    pin: int | None = None
    post_rate: int | None = None
    enabled: bool | None = None
    device_information: DeviceInformation | None = None
    ders: list[SiteDER] = field(default_factory=list)

    @classmethod
    def load(cls, path: str | Path, *, profile: str | Profile = DEFAULT_PROFILE) -> Self:
        """Read a site file.

        Args:
            path: A TOML file.
            profile: Decides how the LFDI is written: 40 hex digits, or with 0x in ``envoy-0.1``.

        Raises:
            SiteError: The file is not there, is not TOML, or has errors; all of them are reported.
            ProfileError: There is no such profile.
        """
        return cls.from_table(read_toml(path, "site", SiteError), profile=profile, where=str(path))

    @classmethod
    def from_table(
        cls,
        table: Mapping[str, Any],
        *,
        profile: str | Profile = DEFAULT_PROFILE,
        where: str = "site",
        suggest: bool = True,
    ) -> Self:
        """Make a site of plain values, as a site file has them.

        Args:
            table: Values by key.
            profile: Decides how the LFDI is written.
            where: What to call the table in an error.
            suggest: Whether errors suggest what may be meant, which takes time.

        Raises:
            SiteError: There are errors; all of them are reported.
            ProfileError: There is no such profile.
        """
        build = Builder() if suggest else Builder(suggestions=0)
        plain = dict(table)
        information = plain.pop("device_information", None)
        ders = plain.pop("der", [])
        lfdi = _lfdi(plain.pop("lfdi", None), get_profile(profile), build)
        for name in ("sfdi", "pin"):
            # Both are shown with zeros in front, which a number in TOML cannot have.
            if isinstance(plain.get(name), str) and re.fullmatch("[0-9]{1,12}", plain[name]):
                plain[name] = int(plain[name])
        values = build.fields(cls, plain, "", without=_OTHER_FIELDS, extra=_OTHER_KEYS)
        if lfdi is None:
            values.pop("sfdi", None)  # there is nothing to compare it with
        site = cls(lfdi=lfdi or b"", **values)
        if information is not None:
            site.device_information = _device_information(information, site.lfdi, build)
        site.ders = _ders(ders, build)
        build.errors += [f"{name}: {error.what}. {error.remedy}" for name, error in site._identity_errors()]
        if build.errors:
            raise SiteError(build.describe(), where=where)
        return site

    def check_identity(self) -> None:
        """Check that SFDI and PIN are what the LFDI and the check digit rule demand.

        Raises:
            IdentityError: One is not; the message says which and what it should be.
        """
        for _, error in self._identity_errors():
            raise error

    def _identity_errors(self) -> Iterator[tuple[str, IdentityError]]:
        for name, check in (("sfdi", self._check_sfdi), ("pin", identity.check_pin)):
            number = getattr(self, name)
            try:
                if number is not None:
                    check(number)
            except IdentityError as error:
                yield name, error

    def _check_sfdi(self, sfdi: int) -> None:
        dialect_of(self.lfdi).check_sfdi(sfdi, self.lfdi)

    @property
    def short_identifier(self) -> int:
        """The SFDI: as given, or computed from the LFDI (IEEE 2030.5-2018, 6.3)."""
        return dialect_of(self.lfdi).sfdi_of_lfdi(self.lfdi) if self.sfdi is None else self.sfdi


_OTHER_FIELDS = {"lfdi", "device_information", "ders"}
_OTHER_KEYS = {"lfdi", "device_information", "der"}


def _lfdi(text: Any, profile: Profile, build: Builder) -> bytes | None:
    if text is None:
        build.errors.append("lfdi: is missing. envoy identity --number N --pen PEN makes one for site number N.")
        return None
    if not isinstance(text, str):
        build.errors.append("lfdi: is not text. Put its hex digits in quotes.")
        return None
    try:
        return IDENTITY_DIALECTS[profile.dialect].parse_lfdi(text)
    except IdentityError as error:
        build.errors.append(f"lfdi: {error.what}. {error.remedy}".strip())
        return None


def _device_information(table: Any, lfdi: bytes, build: Builder) -> DeviceInformation | None:
    if isinstance(table, Mapping) and "lfdi" in table:
        build.errors.append("device_information.lfdi: leave it out; it is the LFDI of the site.")
        table = {key: value for key, value in table.items() if key != "lfdi"}
    return build.object(DeviceInformation, table, "device_information", defaults={"lfdi": lfdi})


def _ders(tables: Any, build: Builder) -> list[SiteDER]:
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        build.errors.append("der: write one [[der]] table, with double brackets, for each DER.")
        return []
    result = []
    for number, table in enumerate(tables, start=1):
        where = f"der[{number}]"
        der = build.object(
            SiteDER,
            table,
            where,
            nested={
                DERSettings: {"updated_time": 0},
                DERStatus: {"reading_time": 0},
                DERAvailability: {"reading_time": 0},
            },
        )
        if der is not None:
            result.append(der)
    return result
