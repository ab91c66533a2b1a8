"""The contenders: this package, xsdata on the same classes, and the other Python packages of the field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import sep2
from envoy import __version__, dumps, loads


@dataclass(frozen=True)
class Peer:
    """A package that reads and writes messages.

    Attributes:
        name: Its name.
        version: Its version.
        profile: The profile whose namespaces it knows.
        read: Returns the typed object of a document; takes the name of the message and the document.
        write: Returns the document of an object that ``read`` returned.
    """

    name: str
    version: str
    profile: str
    read: Callable[[str, bytes], Any]
    write: Callable[[Any], Any]


OURS = Peer(
    name="envoy-client",
    version=__version__,
    profile="csip-aus-1.3",
    read=lambda message, data: loads(data, max_size=None),
    write=lambda obj: dumps(obj, profile="csip-aus-1.3", validate=False),
)


def xsdata() -> Peer:
    """xsdata's own parser and serializer, on lxml, with our classes."""
    from xsdata.formats.dataclass.context import XmlContext
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.handlers import LxmlEventHandler
    from xsdata.formats.dataclass.serializers import XmlSerializer

    from envoy.bindings.xsdata import register

    register()
    context = XmlContext()
    parser = XmlParser(context=context, handler=LxmlEventHandler)
    serializer = XmlSerializer(context=context)
    return Peer(
        name="xsdata",
        version=version("xsdata"),
        profile="csip-aus-1.3",
        read=lambda message, data: parser.from_bytes(data, getattr(sep2, message)),
        write=serializer.render,
    )


def envoy_schema() -> Peer:
    """BSGIP's pydantic-xml models."""
    from envoy_schema.server.schema.csip_aus.connection_point import ConnectionPointResponse
    from envoy_schema.server.schema.sep2 import der, end_device, metering_mirror

    classes: dict[str, Any] = {
        "ConnectionPoint": ConnectionPointResponse,
        "DERCapability": der.DERCapability,
        "DERControlList": der.DERControlListResponse,
        "EndDevice": end_device.EndDeviceResponse,
        "EndDeviceList": end_device.EndDeviceListResponse,
        "MirrorUsagePointList": metering_mirror.MirrorUsagePointListResponse,
    }
    return Peer(
        name="envoy-schema",
        version=version("envoy-schema"),
        profile="csip-aus-1.3",
        read=lambda message, data: classes[message].from_xml(data),
        write=lambda obj: obj.to_xml(exclude_none=True),
    )


def py20305() -> Peer:
    """LF Energy's client; its models are xsdata's for pydantic."""
    from py20305.models.csipaus import csipaus_ext
    from py20305.models.sep import sep
    from py20305.xml.serialization import from_xml, to_xml

    classes: dict[str, Any] = {
        "ConnectionPoint": csipaus_ext.ConnectionPoint,
        "DERCapability": sep.Dercapability,
        "DERControlList": sep.DercontrolList,
        "EndDevice": sep.EndDevice,
        "EndDeviceList": sep.EndDeviceList,
        "MirrorUsagePointList": sep.MirrorUsagePointList,
    }
    return Peer(
        name="py20305",
        version=version("py20305"),
        profile="csip-aus-1.2",
        read=lambda message, data: from_xml(data, classes[message]),
        write=lambda obj: to_xml(obj, include_csipaus=True),
    )


def all_peers() -> list[Peer]:
    """Return the peers, ours first."""
    return [OURS, xsdata(), envoy_schema(), py20305()]
