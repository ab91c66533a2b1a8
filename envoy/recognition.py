"""Which profile a document is of, by the namespaces of its elements."""

from __future__ import annotations

from lxml import etree

from envoy.errors import DocumentError
from envoy.parsing import parse
from envoy.profiles import DEFAULT_PROFILE, PROFILES, SEP_NAMESPACE, Profile
from envoy.schemas import schema_for

_BY_NAMESPACE = {
    "https://csipaus.org/ns/v1.3": "csip-aus-1.3",
    "https://csipaus.org/ns/v1.3-beta/storage": "csip-aus-1.3",
    "https://csipaus.org/ns": "csip-aus-1.2",
    "http://csipaus.org/ns": "csip-aus-1.2",
}
"""Profile by namespace, the first that occurs; the variants are faults that the profile's schema tells of."""


def profile_of(raw: bytes) -> Profile:
    """Return the profile that a document is most likely of.

    A document of the standard alone is ``ieee-2018``; one without a namespace is ``envoy-0.1`` if that schema
    allows it. Of what is no XML the default profile is returned.
    """
    try:
        root = parse(raw)
    except DocumentError:
        return PROFILES[DEFAULT_PROFILE]
    namespaces = {etree.QName(element).namespace for element in root.iter(etree.Element)}
    for namespace, name in _BY_NAMESPACE.items():
        if namespace in namespaces:
            return PROFILES[name]
    legacy = PROFILES["envoy-0.1"]
    if SEP_NAMESPACE not in namespaces and schema_for(legacy).validate(root):
        return legacy
    return PROFILES["ieee-2018"]
