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
_MODES = {
    "modesSupported": {
        6: "opModFixedVar", 21: "opModTargetVar", 23: "opModVoltVar", 26: "opModWattVar", 27: "opModDeltaVar"
    },
    "modesSupported2": {
        2: "opModMaxLimPctVarAbsorb", 3: "opModMaxLimPctVarInject", 5: "opModMaxLimVarAbsorb", 6: "opModMaxLimVarInject"
    },
}  # fmt: skip
"""Bits of bitmaps of modes that need a rating of reactive power.

Those that need a power factor have one: without rtgMinPFOverExcited and rtgMinPFUnderExcited it is 1.
"""

_WHOLE = 10_000
"""100 % in hundredths of a percent."""

_PER_CENT = {
    "opModFixedW": "of setMaxW, not in watts",
    "opModMaxLimW": "of setMaxW, not in watts",
    "opModMaxLimPctVAAbsorb": "of apparent power, not in volt-amperes",
    "opModMaxLimPctVAInject": "of apparent power, not in volt-amperes",
    "opModMaxLimPctWAbsorb": "of active power, not in watts",
}
"""Modes that are percentages of a rating or setting, and what each is."""

_AT_MOST_WHOLE = {name: {"pattern": rf"\d{{1,4}}|{_WHOLE}"} for name in _PER_CENT}

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


@rule("per-cent", section="PerCent", elements=_PER_CENT, facets=_AT_MOST_WHOLE)
def per_cent(element: etree._Element) -> Iterator[Objection]:
    """A limit in hundredths of a percent is at most 10000; it is not in watts or volt-amperes."""
    found = read_integer(element)
    if found is not None and abs(found) > _WHOLE:
        what = f"{name_of(element)} is {found}, {format_number(Decimal(found) / 100)} %"
        yield Objection(
            element, what, f"It is in hundredths of a percent {_PER_CENT[name_of(element)]}: 10000 is all of it."
        )


@rule("mode-rating", section="DER function set", elements=("DERCapability",))
def mode_rating(element: etree._Element) -> Iterator[Objection]:
    """A DER with modes of reactive power in modesSupported or modesSupported2 has a rating of reactive power."""
    for bitmap, known in _MODES.items():
        node = find_child(element, bitmap)
        modes = read_octets(node)
        if node is None or modes is None or _as_decimal(node) is not None:
            continue
        names = [mode for bit, mode in known.items() if int.from_bytes(modes) >> bit & 1]
        if names and all(find_child(element, name) is None for name in _REACTIVE_POWER):
            needed = join_words(_REACTIVE_POWER, "or")
            what = f"{bitmap} has {join_words(names, 'and')}, but there is no {needed}"
            yield Objection(node, what, f"Add {needed}, or take the mode out of {bitmap}.")


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
