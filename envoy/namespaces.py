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

EXTENSION_NAMESPACES = frozenset(
    {
        MODEL_EXTENSION_NAMESPACE,
        "https://csipaus.org/ns",
        "http://csipaus.org/ns",
        "https://csipaus.org/ns/v1.3-beta/storage",
    }
)
"""Namespaces that servers are known to send CSIP-AUS elements in. All are read, one is written."""
