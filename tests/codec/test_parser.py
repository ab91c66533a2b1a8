"""Input that is hostile, or not a document: nothing is loaded, expanded or read without end."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from syrupy.assertion import SnapshotAssertion

from envoy.documents import MAX_SIZE, loads
from envoy.errors import DecodeError, DocumentError
from envoy.validation.findings import ValidationError
from sep2 import (
    DERControlList,
    DeviceStatus,
    EndDeviceList,
    OpState,
    Resource,
)
from tests.support.making_messages import NOTIFICATION, SEP, XSI


def entities(depth: int) -> str:
    """Return entity declarations that would grow to a gigabyte."""
    first = '<!ENTITY a0 "haha">'
    return first + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth))


@pytest.mark.parametrize("max_size", [MAX_SIZE, None])
@pytest.mark.parametrize("body", [f"<Time {SEP}>&a9;</Time>", f'<Time {SEP} href="&a9;"/>'], ids=["text", "attribute"])
def test_entity_bomb_does_not_go_off(body: str, max_size: int | None) -> None:
    with pytest.raises(DocumentError):
        loads(f"<!DOCTYPE Time [{entities(10)}]>{body}", max_size=max_size)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Time>",
        '<!DOCTYPE Time SYSTEM "{secret}">',
        '<!DOCTYPE Time [<!ENTITY e "5">]>',
        '<!DOCTYPE Time [<!ENTITY e SYSTEM "{secret}">]>',
        '<!DOCTYPE Time [<!ENTITY % p SYSTEM "{secret}"> %p;]>',
        '<!DOCTYPE Time PUBLIC "-//x//y" "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_doctype_is_refused_and_nothing_outside_the_document_is_read(doctype: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text('<!ENTITY e "hunter2">')
    entity = "&e;" if " e " in doctype or "%" in doctype else ""
    text = f"{doctype.format(secret=secret.as_uri())}<Time {SEP}><quality>{entity}</quality></Time>"
    with pytest.raises(DocumentError) as caught:
        loads(text)
    assert "hunter2" not in str(caught.value)
    assert "DOCTYPE" in caught.value.what or "not well-formed" in caught.value.what


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_external_entity_is_never_opened(tmp_path: Path) -> None:
    # Opening a pipe that nobody writes to would block for ever.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DocumentError):
        loads(f'<!DOCTYPE Time [<!ENTITY e SYSTEM "{pipe.as_uri()}">]><Time {SEP}><quality>&e;</quality></Time>')


def test_size_is_limited_unless_the_sender_is_trusted(snapshot: SnapshotAssertion) -> None:
    items = "<EndDevice><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>" * 45_000
    document = f'<EndDeviceList {SEP} all="1" results="1">{items}</EndDeviceList>'
    assert len(document) > 3_000_000
    with pytest.raises(DocumentError) as caught:
        loads(document)
    assert str(caught.value) == snapshot
    assert len(loads(document, EndDeviceList, max_size=None).end_device) == 45_000
    with pytest.raises(DocumentError):
        loads(document[:100], max_size=10)


@pytest.mark.parametrize("max_size", [MAX_SIZE, None])
@pytest.mark.parametrize("depth", [300, 3_000, 30_000])
def test_deep_nesting_is_refused(depth: int, max_size: int | None) -> None:
    inner = '<Resource xsi:type="Notification">' * depth + "</Resource>" * depth
    with pytest.raises(DocumentError):
        loads(f"<Notification {SEP} {XSI}>{inner}</Notification>", max_size=max_size, on_error=lambda error: None)


def test_nesting_as_deep_as_is_allowed_is_read() -> None:
    inner = '<Resource xsi:type="Notification">' * 250 + "</Resource>" * 250
    found = loads(f"<Notification {SEP} {XSI}>{inner}</Notification>", on_error=lambda error: None)
    for _ in range(250):
        found = found.resource
    assert found.resource is None


@pytest.mark.parametrize("data", [b"", b"  \n", "", b"\xef\xbb\xbf"])
def test_empty_document_is_refused(data: bytes | str) -> None:
    with pytest.raises(DocumentError):
        loads(data)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'{"sfdi": 1}', "JSON"),
        (b" [1]", "JSON"),
        (b"<!DOCTYPE html><html><body><p>502</body></html>", "HTML"),
        (b"<html><head><br></head></html>", "HTML"),
        (b"\x80\x00\x10", "EXI"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"<\0a\0/\0>\0", "UTF-16"),
        (b"\xef\xbb\xbf" * 2 + b"<a/>", "byte order mark"),
        (b"<a>", "too early"),
        (b"<a/><b/>", "one root element"),
        (b"<a>&undefined;</a>", "character"),
    ],
)
def test_what_is_not_xml_is_refused_as_what_it_is(data: bytes, word: str) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(data)
    assert word in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_document_that_is_not_utf_8_is_refused(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><Resource {SEP} href="/ö"/>'
    with pytest.raises(DocumentError):
        loads(text.encode(encoding))


def test_text_is_read_whatever_its_declaration_says() -> None:
    assert loads(f'<?xml version="1.0" encoding="utf-16"?><Resource {SEP} href="/ö"/>') == Resource(href="/ö")
    assert loads(f'\ufeff<Resource {SEP} href="/ö"/>'.encode()) == Resource(href="/ö")


def test_text_with_half_a_character_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"U\+D800"):
        loads(f'<Resource {SEP} href="\ud800"/>')


PIECES = "</> < > & ; 0 0x ' \" = <!-- --> <![CDATA[ ]]> <? ?> <!DOCTYPE <status> </status> xsi:type= xmlns= href= \0 é"


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good document with some parts cut out and others put in."""
    data = NOTIFICATION
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 20, len(data))))
        piece = draw(st.one_of(st.binary(max_size=4), st.sampled_from(PIECES.split(" ")).map(str.encode)))
        data = data[:start] + piece + data[end:]
    return data


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "surrogatepass")), damaged()))
@example(b"\xff\xfe<\0a\0/\0>\0")
@example(b"<a xmlns:='x'/>")
@example(f"<EndDevice {SEP}><deviceCategory>{'9' * 9001}</deviceCategory></EndDevice>".encode())
def test_any_bytes_are_an_object_or_a_document_error(data: bytes) -> None:
    tolerant = {"on_error": lambda error: None, "on_unknown": lambda error: None}
    for options in ({}, tolerant, {"validate": True}):
        with contextlib.suppress(DocumentError, ValidationError):
            loads(data, **options)


@settings(deadline=None)
@given(st.text())
def test_any_text_in_a_field_is_a_value_or_a_decode_error(text: str) -> None:
    root = etree.fromstring(f"<EndDevice {SEP}/>")
    for name in ("deviceCategory", "lFDI", "sFDI", "enabled", "changedTime"):
        child = etree.SubElement(root, f"{{urn:ieee:std:2030.5:ns}}{name}")
        try:
            child.text = text
        except ValueError:
            return
    errors: list[DecodeError] = []
    loads(etree.tostring(root), on_error=errors.append)
    assert len(errors) <= 5


def test_lists_of_controls_are_read_whole() -> None:
    assert loads(f'<DERControlList {SEP} all="0" results="0"/>') == DERControlList(all=0, results=0)
    assert loads(
        f"<DeviceStatus {SEP}><changedTime>0</changedTime><opState>2</opState></DeviceStatus>"
    ) == DeviceStatus(changed_time=0, op_state=OpState.OPERATING)
