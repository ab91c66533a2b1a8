"""Checks of what the client wrote of its devices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from envoy.bindings.fields import fields_of
from envoy.errors import IdentityError
from envoy.identity import check_sfdi
from envoy.procedures.checks.decision import Decision, decide
from envoy.procedures.checks.polls import count_within
from envoy.procedures.evidence import Evidence, SiteUnderTest, describe_site
from sep2 import DERCapability, DERSettings

_NO_SITE = Decision(False, "no EndDevice is registered")


def check_end_device_count(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """The client has registered so many EndDevices."""
    return count_within(len(evidence.sites.all()), "EndDevices", parameters)


def check_end_device(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """There is an EndDevice, and what it holds is in order."""
    site = evidence.sites.latest()
    if site is None:
        return _NO_SITE
    return decide(_end_device_errors(evidence, site, parameters), f"{describe_site(site)} is registered")


def _end_device_errors(evidence: Evidence, site: SiteUnderTest, parameters: Mapping[str, Any]) -> Iterator[str]:
    if parameters.get("has_connection_point_id"):
        point = evidence.sites.connection_point(site)
        if point is None or not point.connection_point_id:
            yield f"{describe_site(site)} has no ConnectionPoint with an id"
    category = parameters.get("deviceCategory_anyset")
    if category and not int(site.device.device_category or 0) & category:
        yield f"deviceCategory has none of the bits {category:X}"
    if parameters.get("check_lfdi"):
        try:
            check_sfdi(site.device.sfdi, site.lfdi)
        except IdentityError as error:
            yield str(error)
        wrong = pen_error(site.lfdi, evidence.pen)
        if site.lfdi != evidence.sites.client and wrong:
            yield f"the LFDI {wrong}"


def pen_error(identifier: bytes, pen: int | None) -> str:
    """Return what is wrong with the PEN at the end of an LFDI or mRID, as 8 decimal digits; empty if it is in order."""
    digits = identifier.hex()[-8:]
    if not digits.isdecimal():
        return f"ends in {digits.upper()}, expected the 8 decimal digits of a PEN"
    if pen is not None and int(digits) != pen:
        return f"ends in the PEN {int(digits)}, expected {pen}"
    return ""


def check_settings(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """DERSettings are there, and hold what is asked for."""
    site = evidence.sites.latest()
    return _NO_SITE if site is None else _check_document("DERSettings", evidence.sites.settings(site), parameters)


def check_capability(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """DERCapability is there, and holds what is asked for."""
    site = evidence.sites.latest()
    return _NO_SITE if site is None else _check_document("DERCapability", evidence.sites.capability(site), parameters)


def check_status(evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    """DERStatus is there, and holds what is asked for."""
    site = evidence.sites.latest()
    if site is None:
        return _NO_SITE
    status = evidence.sites.status(site)
    if status is None:
        return Decision(False, "there is no DERStatus")
    connect, mode, alarms = status.gen_connect_status, status.operational_mode_status, status.alarm_status
    values = {
        "genConnectStatus": None if connect is None else int(connect.value),
        "operationalModeStatus": None if mode is None else int(mode.value),
        "alarmStatus": None if alarms is None else int(alarms),
    }
    return decide(_status_errors(values, parameters), "DERStatus is as expected")


def _status_errors(values: Mapping[str, int | None], parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, expected in parameters.items():
        element, _, bit = name.partition("_bit")
        value = values[element]
        if value is None:
            yield f"DERStatus has no {element}"
        elif bit and bool(value >> int(bit) & 1) is not expected:
            yield f"{element} is {value:02X}, expected bit {bit} to be {int(expected)}"
        elif not bit and value != expected:
            yield f"{element} is {value}, expected {expected}"


@cache
def _attributes(cls: type) -> dict[str, str]:
    return {field.local: field.name for field in fields_of(cls)}


def _check_document(noun: str, found: DERSettings | DERCapability | None, parameters: Mapping[str, Any]) -> Decision:
    if found is None:
        return Decision(False, f"there is no {noun}")
    model: type = type(found)
    attributes = _attributes(model)
    values = {name: getattr(found, attribute) for name, attribute in attributes.items()}
    return decide(_document_errors(values, parameters), f"{noun} is as expected")


def _document_errors(values: Mapping[str, Any], parameters: Mapping[str, Any]) -> Iterator[str]:
    for name, expected in parameters.items():
        element, _, asked = name.partition("_")
        value = values[element]
        if asked:
            bits = int(value or 0)
            wrong = expected & ~bits if asked == "set" else expected & bits
            if wrong:
                yield f"{element} is {bits:X}, expected the bits {expected:X} to be {int(asked == 'set')}"
        elif isinstance(expected, bool):
            if expected and value is None:
                yield f"there is no {element}"
            elif not expected and value is not None:
                yield f"{element} is {value!r}, which is not what is asked for"
        elif value != expected:
            yield f"{element} is {'not there' if value is None else value}, expected {expected}"
