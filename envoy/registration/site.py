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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path, PurePath
from typing import Any, Self

import sep2
from envoy import identity
from envoy._text import show_value
from envoy.bindings.fields import fields_of
from envoy.bindings.tables import Builder
from envoy.bindings.toml import read_toml
from envoy.bindings.type_errors import diagnose_list, diagnose_type
from envoy.errors import IdentityError, SiteError
from envoy.identity.dialects import IDENTITY_DIALECTS, dialect_of
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile


@dataclass(kw_only=True, slots=True)
class SiteDERComponent:
    """A part of a DER that is described by itself, as the edition of 2023 has it, such as one of several inverters.

    Attributes:
        lfdi: Long form device identifier of the part, 20 octets.
        capability: Nameplate ratings.
        settings: Limits in force; None if they are not to be written.
        status: Present state; None if it is not to be written.
        availability: What it could do; None if it is not to be written.
    """

    lfdi: bytes
    capability: sep2.DERCapability
    settings: sep2.DERSettings | None = None
    status: sep2.DERStatus | None = None
    availability: sep2.DERAvailability | None = None

    def __post_init__(self) -> None:
        """Check the types.

        Raises:
            SiteError: A value is of another type.
        """
        _check_types(self)


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
        components: Its parts. In the edition of 2023 a site has one DER, and what it consists of stands here.
    """

    capability: sep2.DERCapability
    settings: sep2.DERSettings | None = None
    status: sep2.DERStatus | None = None
    availability: sep2.DERAvailability | None = None
    components: list[SiteDERComponent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check the types, and the LFDIs of its parts.

        Raises:
            SiteError: A value is of another type.
            IdentityError: The LFDI of a part is not one, or two have the same.
        """
        _check_types(self)
        for number, error in _component_errors(self.components):
            raise IdentityError(error.what, where=f"components[{number}].lfdi", remedy=error.remedy)


@dataclass(kw_only=True, slots=True)
class Site:
    """A site, one EndDevice of the server.

    What is wrong with it is an error where it is written, not when it is registered: a value of another type is a
    ``SiteError``, a wrong LFDI, SFDI or PIN an ``IdentityError``.

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
    device_category: sep2.DeviceCategoryType | None = None
    nmi: str | None = None
    pin: int | None = None
    post_rate: int | None = None
    enabled: bool | None = None
    device_information: sep2.DeviceInformation | None = None
    ders: list[SiteDER] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check types and identity.

        Raises:
            SiteError: A value is of another type.
            IdentityError: The LFDI is not one, or the SFDI or the PIN is not what it demands.
        """
        _check_types(self)
        for name, error in _identity_errors(self.lfdi, self.sfdi, self.pin):
            # Which dialect an SFDI is to be of is known once the site is registered, and checked then.
            if name != "sfdi" or not self._is_legacy_sfdi():
                raise error

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
        if information is not None:
            values["device_information"] = _device_information(information, lfdi or b"", build)
        values["ders"] = _ders(ders, build)
        errors = _identity_errors(lfdi, values.get("sfdi"), values.get("pin"))
        build.errors += [f"{name}: {error.what}. {error.remedy}" for name, error in errors]
        if build.errors or lfdi is None:
            raise SiteError(build.describe(), where=where)
        return cls(lfdi=lfdi, **values)

    def _is_legacy_sfdi(self) -> bool:
        legacy = IDENTITY_DIALECTS["envoy-0.1"]
        try:
            return self.sfdi == legacy.sfdi_of_lfdi(legacy.own_lfdi(self.lfdi))
        except IdentityError:
            return False

    def check_identity(self) -> None:
        """Check that the LFDI is one, and SFDI and PIN are what it and the check digit rule demand.

        The SFDI has to be of the dialect that the LFDI is written in.

        Raises:
            IdentityError: One is not; the message says which and what it should be.
        """
        for _, error in _identity_errors(self.lfdi, self.sfdi, self.pin):
            raise error

    @property
    def short_identifier(self) -> int:
        """The SFDI: as given, or computed from the LFDI (IEEE 2030.5-2018, 6.3)."""
        return dialect_of(self.lfdi).sfdi_of_lfdi(self.lfdi) if self.sfdi is None else self.sfdi


def require_site(value: Any) -> Site:
    """Return a site that a program has given.

    Raises:
        SiteError: It has given something else, such as the name of a site file.
    """
    if isinstance(value, Site):
        return value
    remedy = "Pass a Site."
    if isinstance(value, str) and re.fullmatch("[0-9A-Fa-f]{40}", value):
        remedy = f"Pass Site(lfdi=parse_lfdi({value!r})); to deregister it, parse_lfdi({value!r}) will do."
    elif isinstance(value, (str, PurePath)):
        # The layer above knows more about them.
        fleet = PurePath(value).suffix.lower() in (".csv", ".jsonl", ".ndjson")
        one, many = f"Site.load({str(value)!r})", f"register_fleet(client, Fleet({str(value)!r}))"
        remedy = f"It is a fleet: envoy.fleet has {many}." if fleet else f"Pass {one}."
    elif isinstance(value, Mapping):
        remedy = "Pass Site.from_table(...) of it, if its keys are those of a site file."
    elif isinstance(value, bytes):
        remedy = "Pass Site(lfdi=...), with what there is to register."
    elif isinstance(value, (list, tuple)):
        remedy = "Pass them one by one."
    raise SiteError(f"{show_value(value)} is not a Site", remedy=remedy)


def _check_types(value: Any) -> None:
    kind: type = type(value)
    for item in fields_of(kind):
        given = getattr(value, item.name)
        found = None
        if item.many:
            found = diagnose_list(given, item)
            for each in () if found else given:
                found = found or diagnose_type(each, item)
        elif type(given).__name__ != item.type.__name__ and (given is not None or item.required):
            # That of another package of bindings has the same name, and what a vendor adds.
            found = diagnose_type(given, item)
        if found is not None:
            raise SiteError(found.reason, where=f"{kind.__name__}.{item.name}", remedy=found.remedy)


def _identity_errors(lfdi: bytes | None, sfdi: int | None, pin: int | None) -> Iterator[tuple[str, IdentityError]]:
    """Yield what is wrong with an identity, by the name of the field; without an LFDI no SFDI is wrong."""
    checks: list[tuple[str, Callable[[], object]]] = []
    if lfdi is not None:
        dialect = dialect_of(lfdi)
        checks.append(("lfdi", partial(dialect.sfdi_of_lfdi, lfdi)))
        if sfdi is not None:
            checks.append(("sfdi", partial(dialect.check_sfdi, sfdi, lfdi)))
    if pin is not None:
        checks.append(("pin", partial(identity.check_pin, pin)))
    wrong: set[str] = set()
    for name, check in checks:
        try:
            if name != "sfdi" or "lfdi" not in wrong:
                check()
        except IdentityError as error:
            wrong.add(name)
            yield name, error


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


def _device_information(table: Any, lfdi: bytes, build: Builder) -> sep2.DeviceInformation | None:
    if isinstance(table, Mapping) and "lfdi" in table:
        build.errors.append("device_information.lfdi: leave it out; it is the LFDI of the site.")
        table = {key: value for key, value in table.items() if key != "lfdi"}
    return build.object(sep2.DeviceInformation, table, "device_information", defaults={"lfdi": lfdi})


@cache
def _at_sending() -> dict[type, dict[str, int]]:
    """Return the times of what is described, which are those of sending."""
    return {
        sep2.DERSettings: {"updated_time": 0},
        sep2.DERStatus: {"reading_time": 0},
        sep2.DERAvailability: {"reading_time": 0},
    }


def _ders(tables: Any, build: Builder) -> list[SiteDER]:
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        build.errors.append("der: write one [[der]] table, with double brackets, for each DER.")
        return []
    result = []
    for number, table in enumerate(tables, start=1):
        where = f"der[{number}]"
        try:
            der = build.object(SiteDER, table, where, nested=_at_sending())
        except IdentityError as error:
            build.errors.append(f"{where}.{error.where}: {error.what}. {error.remedy}")
            continue
        if der is not None:
            result.append(der)
    return result


def _component_errors(components: list[SiteDERComponent]) -> Iterator[tuple[int, IdentityError]]:
    """Yield what is wrong with the LFDIs of the parts of a DER, by the number of the part."""
    known: set[bytes] = set()
    for number, component in enumerate(components, start=1):
        for _, error in _identity_errors(component.lfdi, None, None):
            yield number, error
        if component.lfdi in known:
            remedy = "Each part of a DER has an LFDI of its own."
            yield number, IdentityError("is the LFDI of another part", remedy=remedy)
        known.add(component.lfdi)
