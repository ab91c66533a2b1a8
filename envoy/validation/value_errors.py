"""Errors of the text of a simple value, and what its author probably meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from lxml import etree

from envoy._text import quote
from envoy.bindings.lexical import NORMALIZERS
from envoy.codec.location import name_of, namespace_of
from envoy.validation.findings import Diagnosis
from envoy.xsd.components import Value

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}\Z")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,20})?\Z")
_HEX = re.compile(r"[0-9a-fA-F]*\Z")
_SCALED = ("value", "displacement")
"""Elements that a multiplier beside them scales."""


def diagnose_value(text: str, value: Value, element: etree._Element | None = None) -> Diagnosis | None:
    """Return what is wrong with a value that does not fit its type, None if nothing is known to be wrong.

    Args:
        text: The value as it stands in the document.
        value: What its type allows.
        element: The element that holds it, to see the multiplier beside it; None for an attribute.
    """
    stripped = text.strip()
    if value.kind == "hexBinary":
        return _diagnose_hex(stripped, value)
    if value.time and not _INTEGER.match(stripped):
        what = f"{quote(text)} is not a time in seconds since 1970" if stripped else "the time is empty"
        return Diagnosis("not-seconds", what, _suggest_seconds(stripped))
    if value.kind == "integer":
        return _diagnose_number(stripped, value, element)
    if value.kind == "boolean" and stripped not in ("true", "false", "1", "0"):
        meant = {"yes": "true", "no": "false", "on": "true", "off": "false"}.get(stripped.lower(), stripped.lower())
        remedy = f"Write {meant}." if meant in ("true", "false") else "Write true or false."
        return Diagnosis("not-a-boolean", f"{quote(text)} is neither true nor false", remedy)
    text = NORMALIZERS.get(value.white_space, str)(text)
    if value.max_length is not None and len(text) > value.max_length:
        what = f"the text has {len(text)} characters, {value.type} allows {value.max_length}"
        return Diagnosis("too-long", what, f"Shorten it by {len(text) - value.max_length}.")
    return None


def _diagnose_hex(text: str, value: Value) -> Diagnosis | None:
    octets = value.max_length or 0
    digits = text[2:] if text[:2].lower() == "0x" else text
    # A number that fits has at most three digits for each octet; int() refuses one of thousands of digits.
    decimal = text.isascii() and text.isdecimal() and len(text) <= 3 * octets and int(text) < 1 << 8 * octets
    # Nobody writes zeros before a decimal number. They say that these are hex digits, whatever their number.
    decimal = decimal and not text.startswith("0")
    if digits is not text:
        even = digits if len(digits) % 2 == 0 else f"0{digits}"
        fits = even and _HEX.match(even) and len(even) <= 2 * octets
        remedy = f"Leave out the 0x: {even.upper()}." if fits else "Leave out the 0x."
        return Diagnosis("hex-prefix", f"{quote(text)} starts with 0x, hexBinary is digits only", remedy)
    if not _HEX.match(text):
        wrong = next(character for character in text if not _HEX.match(character))
        what = f"{quote(text)} is not hexBinary: {wrong!r} is not a hex digit"
        return Diagnosis("hex-digits", what, "Use 0-9 and A-F alone.")
    if value.bitmap and decimal and (len(text) % 2 or len(text) > 2 * octets):
        what = f"{text} is not hexBinary, and looks like a decimal number"
        return Diagnosis("decimal-bitmap", what, f"As a bitmap {text} is {int(text):0{2 * octets}X}.")
    if octets and len(text) > 2 * octets:
        what = f"{quote(text)} has {len(text)} hex digits, {value.type} allows {2 * octets}"
        if octets == 20 and len(text) == 64:
            remedy = f"If it is a SHA-256 fingerprint, its first 40 digits are the LFDI: {text[:40].upper()}."
        elif not text[: -2 * octets].strip("0"):
            remedy = f"Leave out the zeros before it: {text[-2 * octets :].upper()}."
        else:
            remedy = "See where it is from: none of its digits can be left out."
        return Diagnosis("hex-too-long", what, remedy)
    if len(text) % 2:
        remedy = f"Write a leading zero: 0{text}." if octets < 16 else "A digit has been lost: see where it is from."
        return Diagnosis("hex-odd", f"{quote(text)} has {len(text)} hex digits, an odd number", remedy)
    return None


def _diagnose_number(text: str, value: Value, element: etree._Element | None) -> Diagnosis | None:
    scaled = _suggest_multiplier(text, value, element)
    if not _INTEGER.match(text):
        what = f"{quote(text)} is not a whole number" if text else "the number is empty"
        return Diagnosis("not-a-number", what, scaled or "Write digits alone, without a unit or a decimal point.")
    low, high = value.minimum, value.maximum
    if (low is None or int(text) >= low) and (high is None or int(text) <= high):
        return None
    bounds = f"at least {low}" if high is None else f"at most {high}" if low is None else f"from {low} to {high}"
    what = f"{text} is out of bounds, {value.type or 'it'} is {bounds}"
    return Diagnosis("out-of-range", what, scaled or "Write a number within these bounds.")


def _suggest_multiplier(text: str, value: Value, element: etree._Element | None) -> str:
    """Return the value and multiplier that say the same number within the bounds, as a sentence."""
    parent = element.getparent() if element is not None else None
    if element is None or parent is None or name_of(element) not in _SCALED:
        return ""
    beside = parent.find(f"{{{namespace_of(element)}}}multiplier")
    try:
        multiplier = int((beside.text or "") if beside is not None else "")
        amount = Decimal(text) if _DECIMAL.match(text) else None
    except (ValueError, InvalidOperation):
        return ""
    if amount is None or value.minimum is None or value.maximum is None or not -128 <= multiplier <= 127:
        return ""  # such a multiplier is an error of its own, and no power of ten for a Decimal
    for shift in sorted(range(-9 - multiplier, 10 - multiplier), key=abs):
        number = amount / Decimal(10) ** shift
        if number == number.to_integral_value() and value.minimum <= number <= value.maximum:
            return f"Write {int(number)} with the multiplier {multiplier + shift}: the same number."
    for shift in range(10 - multiplier):
        number = (amount / Decimal(10) ** shift).to_integral_value()
        if number and value.minimum <= number <= value.maximum:
            return f"Write {int(number)} with the multiplier {multiplier + shift}: that is rounded."
    return ""


def _suggest_seconds(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "Write the seconds since 1970-01-01 UTC, a whole number."
    condition = f", if {text} is UTC" if moment.tzinfo is None else ""
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    return f"Write seconds since 1970-01-01 UTC: {int(moment.timestamp())}{condition}."
