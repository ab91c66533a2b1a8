"""LFDI, SFDI and PIN: each belongs to the other or to its check digit (IEEE 2030.5-2018, 6.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from envoy.errors import IdentityError
from envoy.identity import LFDI_OCTETS, check_pin, check_sfdi, has_check_digit, sfdi_of_lfdi
from envoy.validation.rules.elements import DEVICES, LFDIS
from envoy.validation.rules.rule import Objection, rule
from envoy.validation.rules.values import find_child, read_integer, read_octets, read_text

_PAIR = re.compile(rb"FDI(?:>([0-9A-F]{40})</lFDI>\s*<sFDI>([0-9]{2,12})</sFDI>)?")
"""The name of an LFDI or SFDI, with whatever prefix; of an LFDI and the SFDI of its device, all of them."""
_UPPER = re.compile(r"[0-9A-F]{40}\Z")
_SFDI_DIGITS = 9
"""Digits of an LFDI that its SFDI is made of."""
_ZEROS = b"00000000"
_MADE_UP = re.compile(r"[0-9A-F]{1,24}0{8,31}[0-9A-F]{8}\Z")
"""An LFDI with a run of zeros before its last eight digits: an aggregator has made it. No fingerprint looks so."""


def _are_fingerprints(_: etree._Element, raw: bytes) -> bool:
    for lfdi, sfdi in _PAIR.findall(raw):
        if not lfdi or _ZEROS in lfdi or int(sfdi[:-1]) != int(lfdi[:_SFDI_DIGITS], 16) or not has_check_digit(sfdi):
            return False
    return True


@rule("sfdi", section="6.3", elements=DEVICES, precheck=_are_fingerprints, whole=True)
def sfdi(element: etree._Element) -> Iterator[Objection]:
    """An SFDI has the right check digit, and belongs to the LFDI beside it."""
    node = find_child(element, "sFDI")
    number = read_integer(node)
    if node is None or number is None or number < 0:
        return
    lfdi = read_octets(find_child(element, "lFDI"))
    known = lfdi if lfdi is not None and len(lfdi) == LFDI_OCTETS else None
    try:
        check_sfdi(number, known)
    except IdentityError as error:
        value = None if known is None else str(sfdi_of_lfdi(known))
        yield Objection(node, error.what, error.remedy, value=value)


@rule("lfdi-length", section="6.3", elements=LFDIS, precheck=_are_fingerprints, whole=True)
def lfdi_length(element: etree._Element) -> Iterator[Objection]:
    """An LFDI has 160 bits, 40 hex digits."""
    found = read_octets(element) if len(element.text or "") != 2 * LFDI_OCTETS else None
    if found is not None and len(found) < LFDI_OCTETS:
        what = f"the LFDI has {2 * len(found)} hex digits, an LFDI has {2 * LFDI_OCTETS}"
        yield Objection(element, what, "Write all of them; one made of a shorter number has zeros on the right.")


@rule("lfdi-case", section="CSIP-AUS", elements=LFDIS, csip_aus=True, precheck=_are_fingerprints, whole=True)
def lfdi_case(element: etree._Element) -> Iterator[Objection]:
    """An LFDI is written in upper case."""
    lfdi = read_text(element)
    if len(lfdi) == 2 * LFDI_OCTETS and not _UPPER.match(lfdi) and read_octets(element) is not None:
        yield Objection(element, "the LFDI has lower-case digits", f"Write {lfdi.upper()}.", value=lfdi.upper())


@rule("lfdi-pen", section="CSIP-AUS", elements=LFDIS, csip_aus=True, precheck=_are_fingerprints, whole=True)
def lfdi_pen(element: etree._Element) -> Iterator[Objection]:
    """An LFDI that an aggregator has made ends with its IANA PEN in decimal digits."""
    lfdi = read_text(element).upper()
    if len(lfdi) != 2 * LFDI_OCTETS or _ZEROS.decode() not in lfdi or not _MADE_UP.match(lfdi):
        return
    suffix = lfdi[-8:]
    remedy = "End it with the IANA Private Enterprise Number of the aggregator, 8 decimal digits."
    if not suffix.isdecimal():
        decimal = int(suffix, 16)
        known = decimal < 100_000_000
        hint = f" {suffix} may be {decimal} in hex: write {decimal:08d}." if known else ""
        what = f"the last 8 digits of the LFDI, {suffix}, are not a PEN in decimal digits"
        value = f"{lfdi[:-8]}{decimal:08d}" if known else None
        yield Objection(element, what, remedy + hint, value=value, likely=True)
    elif int(suffix) == 0:
        yield Objection(element, "the last 8 digits of the LFDI are 0, which is not a PEN", remedy)


@rule("pin", section="6.3", elements=("pIN",))
def pin(element: etree._Element) -> Iterator[Objection]:
    """A PIN has the right check digit."""
    number = read_integer(element)
    if number is None or number < 0:
        return
    try:
        check_pin(number)
    except IdentityError as error:
        yield Objection(element, error.what, error.remedy)
