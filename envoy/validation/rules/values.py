"""Values of a document, read for the rules: None wherever the schema reports an error."""

from __future__ import annotations

import binascii
import re
from decimal import Decimal

from lxml import etree

from envoy.namespaces import SEP_NAMESPACE

_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,20}\s*\Z")


def sep_tag(local: str) -> str:
    """Return the tag of an element in the namespace of the standard."""
    return f"{{{SEP_NAMESPACE}}}{local}"


def find_child(element: etree._Element, local: str) -> etree._Element | None:
    """Return the first child of that name in the namespace of the standard."""
    return next(element.iterchildren(sep_tag(local)), None)


def read_text(element: etree._Element | None) -> str:
    """Return the text of a simple value without the spaces around it, empty if there is none."""
    return (element.text or "").strip() if element is not None else ""


def read_octets(element: etree._Element | None) -> bytes | None:
    """Return a hexBinary value."""
    try:
        return binascii.unhexlify(read_text(element)) if element is not None else None
    except ValueError:
        return None


def read_integer(element: etree._Element | None, attribute: str = "") -> int | None:
    """Return the whole number of an element, or of an attribute of it."""
    text = (element.get(attribute) if attribute else element.text) if element is not None else None
    return int(text) if text and _INTEGER.match(text) else None


def read_quantity(element: etree._Element | None) -> Decimal | None:
    """Return value x 10^multiplier of a quantity."""
    if element is None:
        return None
    value, multiplier = read_integer(find_child(element, "value")), read_integer(find_child(element, "multiplier"))
    if value is None or multiplier is None or abs(multiplier) > 9:
        return None
    return Decimal(value).scaleb(multiplier)


def format_number(number: Decimal) -> str:
    """Return a number as text: no exponent, no zeros after the decimal point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
