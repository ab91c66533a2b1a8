"""Detection of messages and of their profile, by the namespaces of their elements and by ``schemaVer``."""

from __future__ import annotations

from lxml import etree

from envoy.codec.parser import parse
from envoy.errors import DocumentError
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile
from envoy.validation.findings import SCHEMA_VERSION
from envoy.xsd.schemas import schema_for, schema_path

_NAMESPACES = frozenset({SEP_NAMESPACE, "http://ieee.org/2030.5", *EXTENSION_NAMESPACES})
"""Namespaces that messages have, right or wrong; the second is that of the 2013 edition."""

_PIECE = 4096


def detect_profile(raw: bytes) -> Profile:
    """Return the profile that a document is most likely of.

    A document of the standard alone is ``ieee-2023`` if its root element has a schemaVer, else ``ieee-2018``; one
    without a namespace is ``envoy-0.1`` if that schema allows it. For what is not XML the default profile is returned.
    """
    try:
        root = parse(raw)
    except DocumentError:
        return PROFILES[DEFAULT_PROFILE]
    namespaces = {etree.QName(element).namespace for element in root.iter(etree.Element)}
    # The first that occurs; that a variant is not the profile's own is for the profile's schema to report.
    for namespace, name in EXTENSION_NAMESPACES.items():
        if namespace in namespaces:
            return PROFILES[name]
    legacy = PROFILES["envoy-0.1"]
    if SEP_NAMESPACE not in namespaces and schema_for(legacy).validate(root):
        return legacy
    return PROFILES["ieee-2018" if root.get(SCHEMA_VERSION) is None else "ieee-2023"]


def is_message(raw: bytes) -> bool:
    """Whether the root element, as far as it can be read, is in a namespace of the standard or of CSIP-AUS.

    Messages of envoy-client 0.1, which have no namespace, are known by their names.
    """
    from envoy.xsd.components import components_of  # deferred: most files are documents by their names

    parser = etree.XMLPullParser(("start",), encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for start in range(0, len(raw), _PIECE):
            parser.feed(raw[start : start + _PIECE])
            for _, root in parser.read_events():
                # Not a QName, which the tag of an undeclared prefix is not.
                namespace = str(root.tag).rpartition("}")[0][1:]
                legacy = components_of(schema_path(PROFILES["envoy-0.1"]))
                return namespace in _NAMESPACES or root.tag in legacy.roots
    except etree.XMLSyntaxError:
        pass
    return False
