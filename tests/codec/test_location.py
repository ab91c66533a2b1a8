"""The places of elements in the octets of a document."""

from __future__ import annotations

import pytest
from lxml import etree

from envoy.codec.location import Location, locate
from envoy.codec.parser import parse

STRANGE = """<?xml version="1.0"?>\r
<!-- <a> --><?p <b/> ?><a é='>' x="&lt;'/>'"\r
\t><é:b xmlns:é = "u"/>é<![CDATA[<c/>]]>\r<b\n/><!----><a a
= "1" >é</a
></a>"""


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_each_element_is_found_whatever_stands_around_it(before: bytes) -> None:
    raw = before + STRANGE.encode()
    root = parse(raw)
    found = locate(raw, root, list(root.iter(etree.Element)))
    expected = [Location(2, 24, "a"), Location(3, 3, "a/b"), Location(3, 41, "a/b"), Location(4, 10, "a/a")]
    assert list(found.values()) == expected


def test_a_byte_order_mark_is_in_no_column() -> None:
    raw = b"\xef\xbb\xbf<a><b/></a>"
    root = parse(raw)
    assert [(x.line, x.column) for x in locate(raw, root, [root[0], root]).values()] == [(1, 4), (1, 1)]
