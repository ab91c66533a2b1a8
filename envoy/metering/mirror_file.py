"""Mirror file: a mirror as TOML.

All its errors are reported at once.

The keys are the field names of MirrorUsagePoint and, for each channel, of ReadingType. ``measures`` gives a channel the
ReadingType of one of the common channels, of which the other keys then change what differs::

    lfdi = "0000003E90000000000000000000000000032473"
    pen = 32473
    role_flags = ["IS_MIRROR", "IS_PREMISES_AGGREGATION_POINT"]

    [[channel]]
    name = "active-power"
    measures = "active-power"
    interval_length = 60
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envoy.bindings.tables import Builder
from envoy.bindings.toml import example_of, read_toml
from envoy.errors import IdentityError, ReadingsError
from envoy.identity import parse_lfdi
from envoy.metering.channel import MEASURES, Channel
from envoy.metering.mirror import Mirror
from sep2 import MirrorMeterReading, MirrorUsagePoint, ReadingType

_OTHER_KEYS = ("lfdi", "pen", "name", "pen_form", "channel")
_NOT_WRITTEN = ("href", "version", "device_lfdi", "mirror_meter_reading")
_CHANNEL_KEYS = ("name", "measures", "description", "mrid")


def load_mirror(path: str | Path) -> Mirror:
    """Read a mirror file.

    Args:
        path: A TOML file.

    Raises:
        ReadingsError: The file is not there, is not TOML, or has errors; all of them are reported.
    """
    file = Path(path)
    table = read_toml(file, "mirror", ReadingsError)
    build = Builder()
    values = _values(table, build)
    if not build.errors:
        try:
            return Mirror(**values)
        except ReadingsError as error:
            build.errors += error.errors
    raise ReadingsError(build.describe(), errors=build.errors, where=str(file), remedy=example_of("mirror"))


def _values(table: Mapping[str, Any], build: Builder) -> dict[str, Any]:
    plain = dict(table)
    own = {key: plain.pop(key) for key in _OTHER_KEYS if key in plain}
    values = build.fields(MirrorUsagePoint, plain, "", without=_NOT_WRITTEN, extra=_OTHER_KEYS)
    if "service_category_kind" in values:
        values["service"] = values.pop("service_category_kind")
    values["lfdi"] = _lfdi(own.get("lfdi"), build)
    values["pen"] = own.get("pen")
    if type(values["pen"]) is not int:
        what = "is missing" if "pen" not in own else "is not a whole number"
        build.errors.append(f"pen: {what}. It is the IANA Private Enterprise Number of who makes the mRIDs.")
    for key in ("name", "pen_form"):
        if key in own:
            values[key] = _text(own[key], key, build)
    values["channels"] = _channels(own.get("channel"), build)
    return values


def _lfdi(text: Any, build: Builder) -> bytes:
    if not isinstance(text, str):
        what = "is missing" if text is None else "is not text"
        build.errors.append(f"lfdi: {what}. Write the 40 hex digits of the device's LFDI, in quotes.")
        return b""
    try:
        return parse_lfdi(text)
    except IdentityError as error:
        build.errors.append(f"lfdi: {error.what}. {error.remedy}".strip())
        return b""


def _text(value: Any, where: str, build: Builder) -> str:
    if not isinstance(value, str):
        build.errors.append(f"{where}: is not text. Put it in quotes.")
        return ""
    return value


def _channels(tables: Any, build: Builder) -> tuple[Channel, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, Mapping) for table in tables):
        build.errors.append("channel: write one [[channel]] table, with double brackets, for each channel.")
        return ()
    found = (_channel(dict(table), f"channel[{number}]", build) for number, table in enumerate(tables, start=1))
    return tuple(channel for channel in found if channel is not None)


def _channel(table: dict[str, Any], where: str, build: Builder) -> Channel | None:
    before = len(build.errors)
    own = {key: table.pop(key) for key in _CHANNEL_KEYS if key in table}
    measures = own.pop("measures", None)
    name = _text(own.pop("name", measures), f"{where}.name", build)
    reading_type = ReadingType()
    if measures in list(MEASURES):
        reading_type = MEASURES[measures]().reading_type
    elif measures is not None:
        build.errors.append(f"{where}.measures: {measures!r} is not one of {', '.join(MEASURES)}.")
    elif "uom" not in table:
        build.errors.append(f"{where}: says neither what it measures nor its uom. Write measures = or uom =.")
    values = build.fields(ReadingType, table, where, without=("href",), extra=(*_CHANNEL_KEYS,))
    values |= build.fields(MirrorMeterReading, own, where)
    if len(build.errors) > before:
        return None
    described = {key: values.pop(key) for key in ("description", "mrid") if key in values}
    return Channel(name=name, reading_type=dataclasses.replace(reading_type, **values), **described)
