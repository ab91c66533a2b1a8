"""The XML namespaces of the messages."""

from __future__ import annotations

SEP_NAMESPACE = "urn:ieee:std:2030.5:ns"
"""Namespace of IEEE 2030.5-2018."""

XSI_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"
"""Namespace of the attributes that are about the schema, such as ``xsi:type``."""

XSI_TYPE = f"{{{XSI_NAMESPACE}}}type"
"""Tag of the attribute that names the type of an element."""

MODEL_EXTENSION_NAMESPACE = "https://csipaus.org/ns/v1.3"
"""Namespace that the generated models have for CSIP-AUS elements, whatever profile they are written in."""

EXTENSION_NAMESPACES = {
    MODEL_EXTENSION_NAMESPACE: "csip-aus-1.3",
    "https://csipaus.org/ns/v1.3-beta/storage": "csip-aus-1.3",
    "https://csipaus.org/ns": "csip-aus-1.2",
    "http://csipaus.org/ns": "csip-aus-1.2",
}
"""Namespaces that servers are known to send CSIP-AUS elements in, with the profile of the edition that each belongs to.
All are read, one is written."""
