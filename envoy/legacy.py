"""The dialect of envoy-client 0.1 and the server it was written for. All that is odd about it is here and nowhere else.

Messages have no namespace and their own order of elements, bitmaps are decimal numbers, an LFDI has 0x before it and
may have any number of digits (in DeviceInformation it is one decimal number), and the connection point carries the NMI
as ``meterID``. Resources are at fixed paths instead of behind links. The SFDI is computed in a way that loses leading
zero bits of the LFDI; the server expects it so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from xml.sax.saxutils import escape

from lxml import etree

from envoy.errors import EncodeError, IdentityError
from envoy.profiles import SEP_NAMESPACE
from sep2 import (
    DER,
    ActivePower,
    AmpereHour,
    ApparentPower,
    ConnectionPoint,
    CurrentRMS,
    DERAvailabilityLink,
    DERCapability,
    DERCapabilityLink,
    DERListLink,
    DERSettingsLink,
    DERStatusLink,
    DeviceCapability,
    DeviceInformation,
    DeviceInformationLink,
    EndDevice,
    EndDeviceListLink,
    EnvoyConnectionPoint,
    GPSLocationType,
    Link,
)

T = TypeVar("T")

_LFDI = re.compile(r"0x([0-9a-fA-F]{1,40})\Z")
_SFDI_BITS = 36


class LegacyLFDI(bytes):
    """An LFDI as the dialect writes it. As bytes it is the number, padded on the left to whole octets."""

    text: str

    def __new__(cls, text: str) -> LegacyLFDI:
        digits = text[2:]
        self = super().__new__(cls, bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)))
        self.text = text
        return self


def parse_lfdi(text: str) -> LegacyLFDI:
    """Return an LFDI from its text.

    Raises:
        IdentityError: It is not 0x and 1 to 40 hex digits.
    """
    if not _LFDI.match(text):
        raise IdentityError(
            f"{text!r} is not an LFDI of envoy-client 0.1",
            remedy="It is 0x and 1 to 40 hex digits, as in 0x21352135135.",
        )
    return LegacyLFDI(text)


def sfdi_of_lfdi(lfdi: bytes) -> int:
    """Return the SFDI that envoy-client 0.1 computes.

    It takes the leftmost 36 bits counted from the first bit that is set, and appends 10 where the check digit is 0.

    Raises:
        IdentityError: The LFDI has fewer than 36 bits, for which the old client has no SFDI.
    """
    number = int.from_bytes(lfdi)
    surplus = number.bit_length() - _SFDI_BITS
    if surplus < 0:
        raise IdentityError(
            f"the LFDI {_lfdi_text(lfdi)} has fewer than {_SFDI_BITS} bits after its leading zeros",
            remedy="The SFDI of envoy-client 0.1 is not defined for it: take a longer number.",
        )
    digits = str(number >> surplus)
    return int(digits + str(10 - sum(map(int, digits)) % 10))


def check_sfdi(sfdi: int, lfdi: bytes) -> None:
    """Check that an SFDI is the one that envoy-client 0.1 computes.

    Raises:
        IdentityError: It is another one.
    """
    expected = sfdi_of_lfdi(lfdi)
    if sfdi != expected:
        raise IdentityError(
            f"SFDI {sfdi} does not belong to the LFDI {_lfdi_text(lfdi)}", remedy=f"envoy-client 0.1 has {expected}."
        )


def same_lfdi(one: bytes | None, other: bytes) -> bool:
    """Whether two LFDIs are the same number."""
    return one is not None and int.from_bytes(one) == int.from_bytes(other)


def resource(href: str, cls: type[T]) -> T:
    """Return what a server with links would answer for a resource: the links that the old paths stand for.

    Args:
        href: The resource.
        cls: DeviceCapability, EndDevice or DER.
    """
    known: dict[type, Callable[[], Any]] = {
        DeviceCapability: lambda: DeviceCapability(href=href, end_device_list_link=EndDeviceListLink(href="/edev")),
        EndDevice: lambda: EndDevice(
            href=href,
            sfdi=0,
            changed_time=0,
            device_information_link=DeviceInformationLink(href=f"{href}/di"),
            der_list_link=DERListLink(href=f"{href}/der"),
            connection_point_link=Link(href=f"{href}/cp"),
        ),
        DER: lambda: DER(
            href=href,
            der_availability_link=DERAvailabilityLink(href=f"{href}/dera"),
            der_capability_link=DERCapabilityLink(href=f"{href}/dercap"),
            der_settings_link=DERSettingsLink(href=f"{href}/derg"),
            der_status_link=DERStatusLink(href=f"{href}/ders"),
        ),
    }
    found: T = known[cls]()
    return found


def _lfdi_text(lfdi: bytes) -> str:
    return lfdi.text if isinstance(lfdi, LegacyLFDI) else f"0x{lfdi.hex()}"


def _lfdi_number(lfdi: bytes) -> str:
    return str(int.from_bytes(lfdi))


def _functions(value: int) -> str:
    # The old client numbers the function sets from Self Device = bit 0; the standard has Device Capability there.
    return str(value >> 1)


def _number(value: int) -> str:
    return str(int(value))


def _boolean(value: bool) -> str:
    return "true" if value else "false"


_Column = tuple[str, str, Callable[[Any], str] | None]

_QUANTITY: tuple[_Column, ...] = (("value", "value", _number), ("multiplier", "multiplier", _number))

_LAYOUT: dict[type, tuple[_Column, ...]] = {
    EndDevice: (
        ("device_category", "deviceCategory", _number),
        ("lfdi", "lFDI", _lfdi_text),
        ("sfdi", "sFDI", _number),
        ("changed_time", "changedTime", _number),
        ("post_rate", "postRate", _number),
        ("enabled", "enabled", _boolean),
    ),
    DeviceInformation: (
        ("functions_implemented", "functionsImplemented", _functions),
        ("gps_location", "gpsLocation", None),
        ("lfdi", "lFDI", _lfdi_number),
        ("mf_date", "mfDate", _number),
        ("mf_hw_ver", "mfHwVer", str),
        ("mf_id", "mfID", _number),
        ("mf_info", "mfInfo", str),
        ("mf_model", "mfModel", str),
        ("mf_ser_num", "mfSerNum", str),
        ("primary_power", "primaryPower", _number),
        ("secondary_power", "secondaryPower", _number),
        ("sw_act_time", "swActTime", _number),
        ("sw_ver", "swVer", str),
    ),
    GPSLocationType: (("lat", "lat", str), ("lon", "lon", str)),
    DER: (),
    DERCapability: (
        ("modes_supported", "modesSupported", _number),
        ("rtg_max_a", "rtgMaxA", None),
        ("rtg_max_ah", "rtgMaxAh", None),
        ("rtg_max_w", "rtgMaxW", None),
        ("rtg_max_charge_rate_va", "rtgMaxChargeRateVA", None),
        ("rtg_max_charge_rate_w", "rtgMaxChargeRateW", None),
        ("rtg_max_discharge_rate_va", "rtgMaxDischargeRateVA", None),
        ("rtg_max_discharge_rate_w", "rtgMaxDischargeRateW", None),
        ("type", "type", _number),
    ),
    EnvoyConnectionPoint: (("connection_point_id", "connectionPointID", str), ("meter_id", "meterID", str)),
    ActivePower: _QUANTITY,
    AmpereHour: _QUANTITY,
    ApparentPower: _QUANTITY,
    CurrentRMS: _QUANTITY,
}
"""Fields that the dialect has, in its order: Python name, element, and the text of a value (None: it has fields)."""


def write(obj: Any) -> str:
    """Return the XML text of a message in the dialect.

    Raises:
        EncodeError: The dialect has no such message, or the object has a value that it cannot express.
    """
    if isinstance(obj, ConnectionPoint):
        obj = EnvoyConnectionPoint(connection_point_id="", meter_id=obj.connection_point_id)
    cls = type(obj)
    if cls not in _LAYOUT or cls in (GPSLocationType, ActivePower, AmpereHour, ApparentPower, CurrentRMS):
        raise EncodeError(
            f"the profile envoy-0.1 has no message {cls.__name__}", remedy="Use a csip-aus profile, or leave it out."
        )
    name = "ConnectionPoint" if cls is EnvoyConnectionPoint else cls.__name__
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(name, obj, name)}'


def _element(name: str, obj: Any, path: str) -> str:
    columns = _LAYOUT[type(obj)]
    known = {field for field, _, _ in columns}
    for field in obj.__dataclass_fields__.values():
        value = getattr(obj, field.name)
        if field.name not in known and value is not None and value != field.default and value != []:
            raise EncodeError(
                "the profile envoy-0.1 cannot express it",
                where=f"{path}.{field.name}",
                remedy="Leave it out, or use a csip-aus profile.",
            )
    inner = ""
    for field, element, form in columns:
        value = getattr(obj, field)
        if value is None:
            continue
        if form is None:
            inner += _element(element, value, f"{path}.{field}")
        else:
            inner += f"<{element}>{escape(form(value))}</{element}>"
    return f"<{name}>{inner}</{name}>"


_BITMAPS = {"deviceCategory": 8, "modesSupported": 8}


def to_standard(root: etree._Element) -> etree._Element:
    """Return a message of the dialect as the standard would have it, for the typed reader.

    What is not of the dialect stays as it is, and so does the connection point, which has a class of its own.
    """
    if etree.QName(root).namespace or root.tag == "ConnectionPoint":
        return root
    for node in root.iter(etree.Element):
        local = str(node.tag)
        text = (node.text or "").strip()
        parent = node.getparent()
        if local in _BITMAPS and text.isdecimal():
            node.text = f"{int(text):0{_BITMAPS[local]}X}"
        elif local == "functionsImplemented" and text.isdecimal():
            node.text = f"{int(text) << 1:016X}"
        elif local == "lFDI" and _LFDI.match(text):
            node.text = LegacyLFDI(text).hex()
        elif local == "lFDI" and parent is not None and "DeviceInformation" in str(parent.tag) and text.isdecimal():
            node.text = LegacyLFDI(f"0x{int(text):x}").hex()
        if not etree.QName(node).namespace:
            node.tag = f"{{{SEP_NAMESPACE}}}{local}"
    if str(root.tag).endswith("List"):
        for attribute in ("all", "results"):
            root.set(attribute, root.get(attribute, str(len(root))))
    return root
