"""Every code list and bitmap of the standard is a typed field with the standard's values, open for reserved ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

import sep2
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, fields_of
from envoy.bindings.lexical import make_formatter, make_parser
from tests.conftest import SHARED

FACTS = SHARED / "facts"
TYPES, EARLIER = (
    json.loads((FACTS / f"ieee2030_5_{year}.json").read_text())["types"] if FACTS.exists() else {}
    for year in (2023, 2018)
)
"""The types of the edition of 2023, which has all values of that of 2018, and of the latter."""

needs_facts = pytest.mark.skipif(not TYPES, reason="the facts of the standard are not beside the repository")


class Listed(NamedTuple):
    """A field whose values the standard lists.

    Attributes:
        owner: The type that has the field.
        name: The field's name in XML.
        place: Where the list stands: the field, or its simple type.
        base: The simple type of the values on the wire, such as UInt8 or HexBinary32.
        bitmap: The listed numbers are positions of bits.
        labels: What the standard says of each number.
    """

    owner: str
    name: str
    place: str
    base: str
    bitmap: bool
    labels: dict[int, str]


def listed() -> Iterator[Listed]:
    """Walk the facts: lists that stand on a field, and fields of a simple type that has a list."""
    for owner, fact in TYPES.items():
        for part in (*fact.get("sequence", ()), *fact.get("attributes", ())):
            if "any" in part:
                continue
            if "codes" in part:
                codes, place, base = part["codes"], f"{owner}.{part['name']}", part["type"]
            elif codes := TYPES.get(part["type"], {}).get("codes"):
                place, base = part["type"], TYPES[part["type"]]["simple"]
            else:
                continue
            labels = {int(number, 0): label for number, label in codes["values"].items()}
            earlier = EARLIER.get(place, {}).get("codes") or _codes_on(EARLIER.get(owner, {}), part["name"])
            # Members have the names of 2018, also where the later edition says something else of them.
            labels |= {int(number, 0): label for number, label in earlier.get("values", {}).items()}
            yield Listed(owner, part["name"], place, base, codes["kind"] == "bitmap", labels)


def _codes_on(fact: dict[str, Any], name: str) -> dict[str, Any]:
    parts = (*fact.get("sequence", ()), *fact.get("attributes", ()))
    return next((part.get("codes", {}) for part in parts if part["name"] == name), {})


LISTED = list(listed())


def field_of(item: Listed) -> Field:
    cls = getattr(sep2, item.owner, None)
    if cls is None:  # of a type whose attributes are fields beside the elements of it
        fields = [other for field in fields_of(sep2.DERControlBase) for other in field.beside]
    else:
        fields = list(fields_of(cls))
    return next(field for field in fields if field.local == item.name)


def octets(base: str) -> int:
    """Return the width of a hexBinary type, 0 for a number."""
    return int(base.removeprefix("HexBinary")) // 8 if base.startswith("HexBinary") else 0


def every(*, bitmap: bool | None = None) -> pytest.MarkDecorator:
    chosen = [item for item in LISTED if bitmap in (None, item.bitmap)]
    return pytest.mark.parametrize("item", chosen, ids=lambda item: f"{item.owner}.{item.name}")


@needs_facts
def test_this_test_comes_by_every_list_of_the_standard() -> None:
    def count(node: Any) -> int:
        if isinstance(node, list):
            return sum(map(count, node))
        return ("codes" in node) + sum(map(count, node.values())) if isinstance(node, dict) else 0

    assert len({item.place for item in LISTED}) == count(TYPES) > 50


@needs_facts
@every()
def test_field_has_the_values_of_the_standard(item: Listed) -> None:
    kind = field_of(item).type
    assert issubclass(kind, Bitmap if item.bitmap else Code)
    values = {1 << number if item.bitmap else number for number in item.labels}
    assert {int(member) for member in kind} == values
    assert len(kind.__members__) == len(values), "no value has two names"


@needs_facts
@every()
def test_field_has_the_width_of_its_type(item: Listed) -> None:
    field = field_of(item)
    assert field.octets == octets(item.base)
    assert issubclass(field.type, (Code, Bitmap)) and field.type._octets_ == octets(item.base)


SPELLED_OUT = {
    "BTUs": "BTU",
    "Hz (Frequency)": "hertz",
    "Mega Joule": "megajoule",
    "N/A": "not applicable",
    "VA (Apparent power)": "volt ampere",
    "VAh (Apparent energy)": "volt ampere hour",
    "Voltage": "volt",
    "W (Real power in Watts)": "watt",
    "Watts": "watt",
    "kW": "kilowatt",
    "kWh": "kilowatt hour",
    "varh (Reactive energy)": "var hour",
}
"""Abbreviations and plurals of the standard, as member names have them."""


def words(text: str) -> set[str]:
    return {word.lower()[:5] for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", SPELLED_OUT.get(text, text))}


@needs_facts
@every()
def test_member_names_have_a_word_in_common_with_what_the_standard_says(item: Listed) -> None:
    kind = field_of(item).type
    assert issubclass(kind, (Code, Bitmap))
    names = {number: str(kind(1 << number if item.bitmap else number).name) for number in item.labels}
    assert [
        (names[number], label) for number, label in item.labels.items() if not words(names[number]) & words(label)
    ] == []


@needs_facts
@every(bitmap=False)
def test_every_code_is_read_and_written_as_it_is_reserved_ones_too(item: Listed) -> None:
    field = field_of(item)
    read, write = make_parser(field), make_formatter(field)
    texts = [
        f"{number:0{2 * field.octets}X}" if field.octets else str(number)
        for number in range(-128 * (item.base == "Int8"), 256)
    ]
    assert [write(read(text)) for text in texts] == texts
    assert {type(read(text)) for text in texts} == {field.type}


@needs_facts
@every(bitmap=True)
def test_every_bit_is_read_and_written_as_it_is_reserved_ones_too(item: Listed) -> None:
    field = field_of(item)
    read, write = make_parser(field), make_formatter(field)
    texts = [f"{1 << bit:0{2 * field.octets}X}" for bit in range(8 * field.octets)] + ["F" * 2 * field.octets]
    assert [write(read(text)) for text in texts] == texts
    assert {type(read(text)) for text in texts} == {field.type}


def test_status_of_a_response_has_the_codes_of_the_standards_text() -> None:
    field = next(field for field in fields_of(sep2.DERControlResponse) if field.local == "status")
    assert field.type is sep2.ResponseStatus
    assert {int(code): code.name for code in sep2.ResponseStatus} == {
        1: "EVENT_RECEIVED",
        2: "EVENT_STARTED",
        3: "EVENT_COMPLETED",
        4: "OPTED_OUT",
        5: "OPTED_IN",
        6: "CANCELLED",
        7: "SUPERSEDED",
        8: "PARTIALLY_COMPLETED_OPT_OUT",
        9: "PARTIALLY_COMPLETED_OPT_IN",
        10: "COMPLETED_NO_USER_PARTICIPATION",
        11: "USER_ACKNOWLEDGED",
        12: "CANNOT_BE_DISPLAYED",
        13: "ABORTED_ALTERNATE_SERVER",
        14: "ABORTED_ALTERNATE_PROGRAM",
        15: "RESUMED",
        251: "NOT_SUPPORTED",
        252: "NOT_APPLICABLE",
        253: "INVALID",
        254: "EXPIRED",
    }


def test_function_set_and_profile_of_a_log_event_have_the_numbers_of_the_standard() -> None:
    types = {field.name: field.type for field in fields_of(sep2.LogEvent)}
    assert types["function_set"] is sep2.LogEventFunctionSet
    assert types["profile_id"] is sep2.LogEventProfile
    assert [int(code) for code in sep2.LogEventFunctionSet] == list(range(20))
    assert [int(code) for code in sep2.LogEventProfile] == list(range(5))
    assert sep2.LogEventFunctionSet.DISTRIBUTED_ENERGY_RESOURCES == 11
    assert sep2.LogEventProfile.IEEE_2030_5 == 2


def test_bits_of_csip_aus_are_where_it_has_them() -> None:
    assert {flag.name: int(flag) for flag in sep2.DOEControlType} == {
        "OP_MOD_EXP_LIM_W": 1 << 0,
        "OP_MOD_IMP_LIM_W": 1 << 1,
        "OP_MOD_GEN_LIM_W": 1 << 2,
        "OP_MOD_LOAD_LIM_W": 1 << 3,
    }
    assert {flag.name: int(flag) for flag in sep2.VPPControlType} == {"OP_MOD_STORAGE_TARGET_W": 1 << 0}
    octets_by_field = {
        field.name: field.octets for field in fields_of(sep2.DERCapability) if "_modes_supported" in field.name
    }
    assert octets_by_field == {"doe_modes_supported": 1, "vpp_modes_supported": 1}
