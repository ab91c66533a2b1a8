"""The codec of the dialect of envoy-client 0.1 and the server it was written for.

Messages have no namespace and their own order of elements, bitmaps are decimal numbers, an LFDI has 0x before it and
may have any number of digits (in DeviceInformation it is one decimal number), and the connection point carries the NMI
as ``meterID``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

import sep2
from envoy.bindings.fields import Field, element_name, fields_of
from envoy.bindings.lexical import make_formatter
from envoy.codec.encoder import check_type
from envoy.errors import EncodeError
from envoy.identity.dialects import LegacyLFDI, legacy_lfdi
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import Profile

_LFDI = re.compile(r"0x[0-9a-fA-F]{1,40}\Z")
# No number of the dialect is longer: an LFDI of 160 bits has 49 digits.
_DECIMAL = re.compile(r"[0-9]{1,49}\Z")


def _functions(value: int) -> str:
    # The old client numbers the function sets from Self Device = bit 0; the standard has Device Capability there.
    if value & sep2.FunctionsImplemented.DEVICE_CAPABILITY:
        raise ValueError("the profile envoy-0.1 has no bit for DEVICE_CAPABILITY")
    return str(value >> 1)


def _number(value: int) -> str:
    return str(int(value))


_MESSAGES: dict[type, str] = {
    sep2.EndDevice: "device_category lfdi sfdi changed_time post_rate enabled",
    sep2.DeviceInformation: "functions_implemented gps_location lfdi mf_date mf_hw_ver mf_id mf_info mf_model "
    "mf_ser_num primary_power secondary_power sw_act_time sw_ver",
    sep2.DER: "",
    sep2.DERCapability: "modes_supported rtg_max_a rtg_max_ah rtg_max_w rtg_max_charge_rate_va rtg_max_charge_rate_w "
    "rtg_max_discharge_rate_va rtg_max_discharge_rate_w type",
    sep2.ConnectionPoint: "connection_point_id",
    sep2.EnvoyConnectionPoint: "connection_point_id meter_id",
}
"""The messages of the dialect: names of the fields that each has, in its order."""

_LAYOUT: dict[type, str] = {
    **_MESSAGES,
    sep2.GPSLocationType: "lat lon",
    **dict.fromkeys((sep2.ActivePower, sep2.AmpereHour, sep2.ApparentPower, sep2.CurrentRMS), "value multiplier"),
}
"""The same, with what stands inside of them."""

_FORMS: dict[str, Callable[[Any], str]] = {
    "EndDevice.device_category": _number,
    "EndDevice.lfdi": lambda lfdi: legacy_lfdi(lfdi).text,
    "DeviceInformation.functions_implemented": _functions,
    "DeviceInformation.lfdi": lambda lfdi: str(int.from_bytes(lfdi)),
    "DERCapability.modes_supported": _number,
}
"""How values are written that the dialect writes otherwise than the standard."""

_REMEDY = "Leave it out, or use a csip-aus profile."


def write(obj: Any, profile: Profile) -> str:
    """Return the XML text of a message in the dialect.

    Raises:
        EncodeError: The dialect has no such message, or the object has a value that it cannot express.
    """
    cls = type(obj)
    if cls not in _MESSAGES:
        raise EncodeError(f"the profile {profile.name} has no such message", where=cls.__name__, remedy=_REMEDY)
    name = element_name(cls)
    content = _content(obj, name)
    if cls is sep2.ConnectionPoint:
        # What is the connection point's identifier today was that of the meter then.
        content = _content(sep2.EnvoyConnectionPoint(connection_point_id="", meter_id=obj.connection_point_id), name)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{name}>{content}</{name}>'


def _content(obj: Any, path: str) -> str:
    cls: type = type(obj)
    fields = {field.name: field for field in fields_of(cls)}
    known = _LAYOUT[cls].split()
    for name, field in fields.items():
        if name not in known and getattr(obj, name) not in (None, [], field.default):
            raise EncodeError("the profile envoy-0.1 cannot express it", where=f"{path}.{name}", remedy=_REMEDY)
    content = ""
    for name in known:
        field, value = fields[name], getattr(obj, name)
        if value is not None:
            form = _FORMS.get(f"{cls.__name__}.{name}")
            content += f"<{field.local}>{_text(value, field, form, f'{path}.{name}')}</{field.local}>"
        elif field.required:
            raise EncodeError("is required and None", where=f"{path}.{name}")
    return content


def _text(value: Any, field: Field, form: Callable[[Any], str] | None, path: str) -> str:
    check_type(value, field, path)
    if field.complex:
        return _content(value, path)
    try:
        return (form or make_formatter(field))(value)
    except ValueError as error:
        raise EncodeError(str(error), where=path, remedy=_REMEDY) from None


_BITMAPS = {"deviceCategory": 8, "modesSupported": 8}


def to_standard(root: etree._Element) -> etree._Element:
    """Return a message of the dialect as the standard would have it, for the typed decoder.

    What is not of the dialect stays as it is, and so does the connection point, which has a class of its own.
    """
    if etree.QName(root).namespace or root.tag == "ConnectionPoint":
        return root
    for node in root.iter(etree.Element):
        local = str(node.tag)
        text = (node.text or "").strip()
        parent = node.getparent()
        decimal = _DECIMAL.match(text)
        if local in _BITMAPS and decimal:
            node.text = f"{int(text):0{_BITMAPS[local]}X}"
        elif local == "functionsImplemented" and decimal:
            node.text = f"{int(text) << 1:016X}"
        elif local == "lFDI" and _LFDI.match(text):
            node.text = LegacyLFDI(text).hex()
        elif local == "lFDI" and decimal and parent is not None and "DeviceInformation" in str(parent.tag):
            node.text = LegacyLFDI(f"0x{int(text):x}").hex()
        if not etree.QName(node).namespace:
            node.tag = f"{{{SEP_NAMESPACE}}}{local}"
    if str(root.tag).endswith("List"):
        for attribute in ("all", "results"):
            root.set(attribute, root.get(attribute, str(len(root))))
    return root
