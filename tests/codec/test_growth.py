"""Work grows in proportion to the size of a document, whatever its shape: calls are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from bench.shapes import SEP, SHAPES
from envoy.codec.parser import MOST_ATTRIBUTES
from envoy.documents import loads
from envoy.errors import DocumentError, EnvoyError
from envoy.validation.validate import validate

pytestmark = pytest.mark.unmeasured

SMALL, TIMES = 6_000, 4
"""Octets of the smaller document, and how many times as large the other is."""

PER_OCTET = 10
"""Calls for each octet of a document, at most: an element has at least four octets."""


def _read(data: bytes) -> None:
    loads(data, on_error=lambda _: None, on_unknown=lambda _: None)


OPERATIONS: dict[str, Callable[[bytes], object]] = {
    "loads": loads,
    "loads and reports": _read,
    "loads a valid one": lambda data: loads(data, validate=True),
    "validate": lambda data: validate(data, rules=True),
}


def _count_calls(operation: Callable[[bytes], object], data: bytes) -> int:
    """Return how many functions are called, those of lxml too: each look-up and each visit is one."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        operation(data)
    except EnvoyError:
        pass
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_calls_grow_no_faster_than_the_size(
    shape: Callable[[int], bytes], operation: Callable[[bytes], object]
) -> None:
    _count_calls(operation, shape(SMALL))  # what is compiled and remembered on first use
    small, large = (_count_calls(operation, shape(octets)) for octets in (SMALL, SMALL * TIMES))
    assert large <= max(TIMES * 1.2 * small, 1000)
    assert large <= PER_OCTET * SMALL * TIMES


def test_no_element_has_more_attributes_than_are_looked_at() -> None:
    def element(attributes: str) -> str:
        return f"<EndDeviceList xmlns='{SEP}'>\n<EndDevice{attributes}>a=\"b\"</EndDevice></EndDeviceList>"

    most = "".join(f" a{n} = '>'" for n in range(MOST_ATTRIBUTES))
    assert all(finding.code != "too-many-attributes" for finding in validate(element(most)))
    with pytest.raises(DocumentError) as caught:
        loads(element(f'{most} more=""'))
    assert caught.value.line == 2
    (finding,) = validate(element(f"{most}\n xmlns:more=''"))
    assert (finding.code, finding.line) == ("too-many-attributes", 2)


@pytest.mark.parametrize("room", [*range(3 * MOST_ATTRIBUTES - 3, 3 * MOST_ATTRIBUTES + 3), 0])
def test_a_crowded_tag_is_found_wherever_it_stands(room: int) -> None:
    crowded = "<a" + "".join(f" a{n}=''" for n in range(MOST_ATTRIBUTES + 1)) + "/>"
    for before, after in ((" " * room, ""), ("<b/>" * room, "<b/>"), (f"<b>{'x' * room}</b>", "<b/>" * room)):
        (finding,) = validate(f"<EndDeviceList xmlns='{SEP}'>{before}{crowded}{after}</EndDeviceList>")
        assert finding.code == "too-many-attributes"


def test_no_more_declarations_hold_at_an_element_than_are_looked_at() -> None:
    def element(levels: int) -> str:
        starts = "".join(f"<b xmlns:p{n}='u'>" for n in range(levels))
        return f"<a xmlns='{SEP}'>{starts}{'</b>' * levels}</a>"

    assert all(finding.code != "too-many-attributes" for finding in validate(element(MOST_ATTRIBUTES - 1)))
    (finding,) = validate(element(MOST_ATTRIBUTES))
    assert finding.code == "too-many-attributes"
    beside = "<a xmlns:p='u'/>" * 2 * MOST_ATTRIBUTES
    assert loads(f"<EndDeviceList xmlns='{SEP}' all='0' results='0'>{beside}</EndDeviceList>")


def test_what_is_deep_inside_is_decoded_once() -> None:
    seen: list[object] = []
    text = SHAPES["unknown at each end"](SMALL)
    found = loads(text, on_error=seen.append)
    (group,) = found.mirror_usage_point[0].mirror_meter_reading[0].mirror_reading_set
    assert len(group.reading) == text.count(b"<Reading>") and not seen
