"""JSON form of what a device is asked to do, and of what it reports, for programs and message brokers.

An order holds all that is asked of a device; what is ``null`` is not limited::

    {"version": 1, "order": 1767225600000, "time": 1767225600, "connect": true, "energize": true,
     "limits": {"export": {"watts": 1500, "by": "opModExpLimW", "ramp_seconds": null}, "import": null,
                "generation": {"watts": 5000, "by": "device", "ramp_seconds": null}, "load": null},
     "target": {"watts": null, "storage_watts": null, "var": null, "ramp_seconds": null},
     "modes": {"opModExpLimW": 1500}, "settings": {"setGradW": 27}}

A report holds any of what a device has to say::

    {"taken": 1767225600000, "status": {"connected": true}, "readings": {"site": {"active-power": -1480.5}}}

Where one program or broker stands for many sites, ``site`` comes first, with the key of the site.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from envoy._text import join_words
from envoy.bindings.fields import fields_of
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limit, Limits
from envoy.der.modes import MODES, Value, Values
from envoy.devices.json_keys import Keys, decode, expect, read_flag, read_number, read_whole, show
from envoy.errors import DeviceError
from envoy.metering.channel import MEASURES
from sep2 import ActivePower, AlarmStatus, DERCurveLink, InverterStatus, ReactivePower, StorageModeStatus

VERSION = 1
"""Version of the form; it changes when what a key means does."""

_LONGEST_WORDS = 6
"""Characters of the state in the words of the maker (manufacturerStatus)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a device from now on.

    Attributes:
        number: What an acknowledgement names; a later order has a greater one.
        time: When it was given, in whole seconds since 1970.
        limits: All that the device has to keep to.
        unknown: Keys that this version does not know, and has ignored.
    """

    number: int
    time: int
    limits: Limits
    unknown: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a device says at once; each part may be left out.

    Attributes:
        taken: Number of the order that it keeps to.
        refused: Names of the modes of that order which it does not take, and never will.
        status: How it is.
        readings: What it measures.
        unknown: Keys that this version does not know, and has ignored.
    """

    taken: int | None = None
    refused: tuple[str, ...] = ()
    status: DeviceStatus | None = None
    readings: Readings | None = None
    unknown: tuple[str, ...] = field(default=(), compare=False)


def format_order(order: Order, site: str = "") -> str:
    """Return an order as one line of JSON.

    Args:
        order: The order.
        site: The key of the site that it is for, where there are many; empty for none.
    """
    limits = order.limits
    return _encode(
        {
            "version": VERSION,
            **({"site": site} if site else {}),
            "order": order.number,
            "time": order.time,
            "connect": limits.connected,
            "energize": limits.energized,
            "limits": {
                "export": _dump_limit(limits.export_w),
                "import": _dump_limit(limits.import_w),
                "generation": _dump_limit(limits.generation_w),
                "load": _dump_limit(limits.load_w),
            },
            "target": {
                "watts": limits.target_w,
                "storage_watts": limits.storage_w,
                "var": limits.target_var,
                "ramp_seconds": _to_seconds(limits.target_ramp_tms),
            },
            "modes": {
                name: dict(value) if isinstance(value, tuple) else value for name, value in limits.values.items()
            },
            "settings": dict(limits.settings),
        }
    )


def format_report(report: Report) -> str:
    """Return a report as one line of JSON."""
    parts: dict[str, Any] = {}
    if report.taken is not None:
        parts["taken"] = report.taken
    if report.refused:
        parts["refused"] = list(report.refused)
    if report.status is not None:
        parts["status"] = {name: _dump_status(getattr(report.status, name)) for name in _STATUS}
    if report.readings is not None:
        parts["readings"] = {"site": dict(report.readings.site), "der": dict(report.readings.der)}
    return _encode(parts)


def parse_order(text: str | bytes) -> Order:
    """Read an order.

    Raises:
        DeviceError: It is not one; the error names the key.
    """
    keys = Keys(decode(text))
    _check_version(keys.take("version", read_whole))
    limits, target = keys.open("limits"), keys.open("target")
    order = Order(
        number=keys.take("order", read_whole),
        time=keys.take("time", read_whole),
        limits=Limits(
            connected=keys.take("connect", read_flag),
            energized=keys.take("energize", read_flag),
            export_w=limits.find_within("export", _read_limit),
            import_w=limits.find_within("import", _read_limit),
            generation_w=_read_limit(limits.take("generation", limits.nest)),
            load_w=limits.find_within("load", _read_limit),
            target_w=target.find("watts", read_number),
            storage_w=target.find("storage_watts", read_number),
            target_var=target.find("var", read_number),
            target_ramp_tms=target.find("ramp_seconds", _read_ramp),
            values=_read_values(keys.open("modes")),
            settings=dict(keys.open("settings").each(read_whole)),
        ),
    )
    return replace(order, unknown=keys.unknown)


def parse_report(text: str | bytes, part: str = "") -> Report:
    """Read a report.

    Args:
        text: JSON in UTF-8.
        part: The key of the report that the text is the value of, such as ``status``; empty for a whole report.

    Raises:
        DeviceError: It is not one; the error names the key.
    """
    return read_report({part: decode(text)} if part else decode(text))


def read_report(value: Any) -> Report:
    """Read a report of a value of JSON.

    Raises:
        DeviceError: It is not one; the error names the key.
    """
    keys = Keys(value)
    keys.find("version", lambda value, where: _check_version(read_whole(value, where)))
    refused = keys.find("refused", _read_mode_names) or ()
    report = Report(
        taken=keys.take("taken", read_whole) if refused else keys.find("taken", read_whole),
        refused=refused,
        status=keys.find_within("status", _read_status),
        readings=keys.find_within("readings", _read_readings),
    )
    return replace(report, unknown=keys.unknown)


# Writing


def _encode(value: Any) -> str:
    """Return JSON. Unlike the encoder of Python it writes a Decimal as the number that it is."""
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_encode(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def _dump_limit(limit: Limit | None) -> dict[str, Any] | None:
    if limit is None:
        return None
    return {"watts": limit.watts, "by": limit.by, "ramp_seconds": _to_seconds(limit.ramp_tms)}


def _to_seconds(ramp_tms: int | None) -> Decimal | None:
    return None if ramp_tms is None else Decimal(ramp_tms).scaleb(-2)


def _dump_status(value: Any) -> Any:
    if isinstance(value, AlarmStatus):
        return [alarm.name for alarm in AlarmStatus if alarm in value]
    return value.name if isinstance(value, InverterStatus | StorageModeStatus) else value


# Reading


def _read_percent(value: Any, where: str) -> Decimal:
    number = read_number(value, where)
    if not 0 <= number <= 100:
        raise DeviceError("is not a percentage", where=where, remedy="Write a number from 0 to 100.")
    return number


def _check_version(version: int) -> None:
    if version != VERSION:
        raise DeviceError(
            f"the form has version {version}", where="version", remedy=f"This program knows version {VERSION} alone."
        )


def _read_ramp(value: Any, where: str) -> int:
    return int(read_number(value, where).scaleb(2))


def _read_limit(keys: Keys) -> Limit:
    return Limit(
        watts=keys.take("watts", read_number),
        by=keys.take("by", lambda name, place: expect(name, str, place)),
        ramp_tms=keys.find("ramp_seconds", _read_ramp),
    )


def _read_values(keys: Keys) -> Values:
    return {name: _read_value(name, value, where) for name, (value, where) in keys.each(_keep, MODES)}


def _keep(value: Any, where: str) -> tuple[Any, str]:
    return value, where


def _read_value(name: str, value: Any, where: str) -> Value:
    kind = MODES[name].type
    if kind is bool:
        return read_flag(value, where)
    if kind is int:
        return read_whole(value, where)
    if kind in (ActivePower, ReactivePower):
        return read_number(value, where)
    if kind is DERCurveLink:
        return expect(value, str, where)
    parts = Keys(value, f"{where}.")
    return tuple((each.name, parts.take(each.name, read_whole)) for each in fields_of(kind))


def _read_mode_names(value: Any, where: str) -> tuple[str, ...]:
    return tuple(_read_name(name, MODES, where) for name in expect(value, list, where))


def _read_name(value: Any, names: Iterable[str], where: str) -> str:
    known = list(names)
    if value not in known:
        remedy = f"Write {join_words(known, 'or')}."
        raise DeviceError(f"{show(value)} is not known", where=where, remedy=remedy)
    return str(value)


def _read_alarms(value: Any, where: str) -> AlarmStatus:
    alarms = AlarmStatus(0)
    for name in expect(value, list, where):
        alarms |= AlarmStatus[_read_name(name, AlarmStatus.__members__, where)]
    return alarms


def _read_inverter(value: Any, where: str) -> InverterStatus:
    return InverterStatus[_read_name(value, InverterStatus.__members__, where)]


def _read_storage(value: Any, where: str) -> StorageModeStatus:
    return StorageModeStatus[_read_name(value, StorageModeStatus.__members__, where)]


def _read_words(value: Any, where: str) -> str:
    words = expect(value, str, where)
    if len(words) > _LONGEST_WORDS:
        raise DeviceError("is too long", where=where, remedy=f"Write at most {_LONGEST_WORDS} characters.")
    return words


_STATUS: Mapping[str, Callable[[Any, str], Any]] = {
    "connected": read_flag,
    "available": read_flag,
    "operating": read_flag,
    "testing": read_flag,
    "failed": read_flag,
    "alarms": _read_alarms,
    "inverter": _read_inverter,
    "storage": _read_storage,
    "state_of_charge": _read_percent,
    "available_w": read_number,
    "available_var": read_number,
    "local_control": read_flag,
    "manufacturer": _read_words,
}
"""How each part of a DeviceStatus is read; it is written by the same name."""


def _read_status(keys: Keys) -> DeviceStatus:
    read = {name: keys.find(name, reader) for name, reader in _STATUS.items()}
    return DeviceStatus(**{name: value for name, value in read.items() if value is not None})


def _read_readings(keys: Keys) -> Readings:
    site, der = (dict(keys.open(name).each(read_number, MEASURES)) for name in ("site", "der"))
    return Readings(site=site, der=der)
