"""The places of elements in the octets of a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from envoy.codec.location import Location, Places, locate
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


@given(st.text(st.sampled_from("a<\n\r\u00e9\u6f22\U0001f50c")), st.booleans())
def test_columns_are_those_of_characters(text: str, marked: bool) -> None:
    raw = text.encode("utf-8-sig" if marked else "utf-8")
    places = Places(raw)
    for number in range(len(text) + 1):
        before = text[:number]
        offset = len(before.encode()) + 3 * marked
        assert places.find(offset) == (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    assert places.find(0) == (1, 1)
