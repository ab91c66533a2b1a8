"""DERCapability and DERSettings: ratings that contradict each other, modes without a rating, decimal bitmaps."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lxml import etree

from envoy._text import join_words
from envoy.codec.location import name_of
from envoy.validation.rules.elements import BITMAPS
from envoy.validation.rules.rule import Objection, rule, tag_or_type
from envoy.validation.rules.values import find_child, format_number, read_integer, read_octets, read_quantity, read_text

_PAIRS = (
    ("rtgMaxW", "rtgMaxVA"),
    ("rtgMaxChargeRateW", "rtgMaxChargeRateVA"),
    ("rtgMaxDischargeRateW", "rtgMaxDischargeRateVA"),
    ("rtgOverExcitedW", "rtgMaxW"),
    ("rtgUnderExcitedW", "rtgMaxW"),
    ("rtgMaxVar", "rtgMaxVA"),
    ("rtgMinV", "rtgMaxV"),
    ("setMaxW", "setMaxVA"),
    ("setMaxChargeRateW", "setMaxChargeRateVA"),
    ("setMaxDischargeRateW", "setMaxDischargeRateVA"),
    ("setMaxVar", "setMaxVA"),
    ("setMinV", "setMaxV"),
)
"""Of each pair the first is never more than the second, whatever the device."""

SETTINGS = {
    f"setMax{quantity}": f"rtgMax{quantity}"
    for quantity in (
        "A", "Ah", "ChargeRateVA", "ChargeRateW", "DischargeRateVA", "DischargeRateW", "V", "VA", "Var", "W", "Wh"
    )
}  # fmt: skip
"""Settings of DERSettings, and the rating of DERCapability that each is at most."""

_REACTIVE_POWER = ("rtgMaxVar", "rtgMaxVarNeg")
_MODES = {6: "opModFixedVar", 21: "opModTargetVar", 23: "opModVoltVar", 26: "opModWattVar"}
"""Bits of modesSupported that need a rating of reactive power.

Those that need a power factor have one: without rtgMinPFOverExcited and rtgMinPFUnderExcited it is 1.
"""

_WHOLE = 10_000
"""100 % in hundredths of a percent."""

_LIMITS = ("opModFixedW", "opModMaxLimW")
_PER_CENT = {name: {"pattern": rf"\d{{1,4}}|{_WHOLE}"} for name in _LIMITS}

_LONGEST_SMALL = 3
"""Digits that a hexBinary value may have without being taken for a decimal number."""

_HEX = {name: {"pattern": rf"0.*|.{{0,{_LONGEST_SMALL}}}"} for name in BITMAPS}


@rule("rating", section="DER function set", elements=("DERCapability", "DERSettings"))
def rating(element: etree._Element) -> Iterator[Objection]:
    """No rating or setting is more than the one that bounds it: active or reactive power than apparent power."""
    for smaller, larger in _PAIRS:
        node = find_child(element, smaller)
        number, bound = read_quantity(node), read_quantity(find_child(element, larger))
        if node is not None and number is not None and bound is not None and number > bound:
            what = f"{smaller} is {format_number(number)}, more than {larger}, {format_number(bound)}"
            yield Objection(node, what, "Correct one of them; look at the multipliers first.")


@rule("per-cent", section="PerCent", elements=_LIMITS, facets=_PER_CENT)
def per_cent(element: etree._Element) -> Iterator[Objection]:
    """A limit of active power is in hundredths of a percent, so that it is at most 10000, and not in watts."""
    found = read_integer(element)
    if found is not None and abs(found) > _WHOLE:
        what = f"{name_of(element)} is {found}, {format_number(Decimal(found) / 100)} %"
        yield Objection(element, what, "It is in hundredths of a percent of setMaxW, not in watts: 10000 is all of it.")


@rule("mode-rating", section="DER function set", elements=("DERCapability",))
def mode_rating(element: etree._Element) -> Iterator[Objection]:
    """A DER with modes of reactive power in modesSupported has a rating of reactive power."""
    node = find_child(element, "modesSupported")
    modes = read_octets(node)
    if node is None or modes is None or _as_decimal(node) is not None:
        return
    names = [mode for bit, mode in _MODES.items() if int.from_bytes(modes) >> bit & 1]
    if names and all(find_child(element, name) is None for name in _REACTIVE_POWER):
        needed = join_words(_REACTIVE_POWER, "or")
        what = f"modesSupported has {join_words(names, 'and')}, but there is no {needed}"
        yield Objection(node, what, f"Add {needed}, or take the mode out of modesSupported.")


def _width(element: etree._Element) -> int:
    """Return the hex digits that a bitmap has."""
    # It has the name of a bitmap, or the type, which xsi:type says.
    return 2 * (BITMAPS.get(name_of(element)) or BITMAPS[tag_or_type(element).rpartition("}")[2]])


def _as_decimal(element: etree._Element) -> int | None:
    """Return the number that a bitmap was meant to be, if it looks like one that was written in decimal digits."""
    digits, width = read_text(element), _width(element)
    if not (_LONGEST_SMALL < len(digits) < width and digits[0] != "0" and digits.isascii() and digits.isdecimal()):
        return None
    # Some digits are both; what has fewer bits as a decimal number is a bitmap that was written as one.
    number = int(digits)
    fits = len(digits) % 2 == 0 and number.bit_count() < int(digits, 16).bit_count() and number < 1 << 4 * width
    return number if fits else None


@rule("decimal-bitmap", section="hexBinary", elements=BITMAPS, facets=_HEX)
def decimal_bitmap(element: etree._Element) -> Iterator[Objection]:
    """A bitmap is hexBinary; one with fewer digits than its type that makes more sense as a decimal number is none."""
    number = _as_decimal(element)
    if number is not None:
        digits, width = read_text(element), _width(element)
        what = f"{digits} looks like a decimal number, it is read as hexBinary {int(digits, 16):0{width}X}"
        remedy = f"Write {number:0{width}X} if the decimal number was meant, all {width} digits if not."
        yield Objection(element, what, remedy, value=f"{number:0{width}X}", likely=True)
