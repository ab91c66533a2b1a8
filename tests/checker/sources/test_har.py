"""HAR captures: which bodies are messages, what validates them, and captures that break off."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from envoy.checker.sources import Exchange
from tests.support.making_inputs import (
    GOOD,
    POINT,
    SEP,
    SEP_XML,
    SWAPPED,
    captured,
    codes,
    entry,
    judged,
    read,
)


def test_each_message_of_a_capture_is_judged_and_named(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry(
            "GET", "https://h/logo", response={"mimeType": "image/png", "text": "iVBORw0KGgo=", "encoding": "base64"}
        ),
        entry("POST", "https://user:secret@h:8443/edev?token=secret", request=SWAPPED, response=""),
        entry("GET", "https://h/edev/1", response=GOOD),
    )
    posted, got = judged(path, "ieee-2018")
    (finding,) = posted.findings
    assert posted.name == f"{path}#entries[1]/request POST https://h:8443/edev"
    assert got.name == f"{path}#entries[2]/response GET https://h/edev/1"
    assert (finding.source, finding.part) == (str(path), "entries[1]/request POST https://h:8443/edev")
    # The line is that of the text in the capture.
    assert '"text": "<EndDevice' in path.read_text().splitlines()[finding.line - 1]
    assert str(finding).startswith(f"{path}:{finding.line}: entries[1]/request POST https://h:8443/edev: EndDevice/")
    assert "secret" not in str(finding)


def test_bodies_may_be_in_base64(tmp_path: Path) -> None:
    text = "\n".join([base64.b64encode(GOOD.encode()).decode()[:40], base64.b64encode(GOOD.encode()).decode()[40:]])
    content = {"mimeType": SEP_XML, "text": text, "encoding": "base64"}
    path = captured(tmp_path / "c.har", entry("GET", "/a", response=content))
    assert [verdict.valid for verdict in judged(path)] == [True]
    path = captured(tmp_path / "c.har", entry("GET", "/a", response={**content, "text": "%%%"}))
    assert codes(judged(path)) == ["damaged"]


@pytest.mark.parametrize(
    ("kind", "body", "is_message"),
    [
        (SEP_XML, GOOD, True),
        ("Application/SEP+XML; level=+S1", "<html>", True),
        ("application/sep-exi", "$EXI", True),
        ("text/xml", GOOD, True),
        ("text/xml", f"<!-- a --><EndDevice {SEP}>", True),
        ("application/xml;charset=utf-8", POINT.format("https://csipaus.org/ns"), True),
        ("application/xml", "<EndDevice><lFDI>0x1</lFDI></EndDevice>", True),
        ("", GOOD, True),
        ("text/xml", "<svg xmlns='http://www.w3.org/2000/svg'/>", False),
        ("text/xml", "<rss/>", False),
        ("text/xml", "no XML", False),
        ("text/xml", "<a:b/>", False),
        ("text/html", GOOD, False),
        ("application/json", "{}", False),
    ],
)
def test_a_message_is_known_by_its_media_type_or_its_namespace(
    tmp_path: Path, kind: str, body: str, is_message: bool
) -> None:
    (item,) = read(captured(tmp_path / "c.har", entry("GET", "/a", response=body, kind=kind)))
    assert (item.data is not None) is is_message


def test_a_prefix_that_is_not_declared_makes_no_capture_unreadable(tmp_path: Path) -> None:
    bodies = ("<a:b/>", SEP_XML), ("<a:b/>", "text/xml"), (GOOD, SEP_XML)
    path = captured(tmp_path / "c.har", *(entry("GET", "/a", response=body, kind=kind) for body, kind in bodies))
    broken, good = judged(path)
    assert [codes([broken]), codes([good])] == [["not-well-formed"], []]


def test_the_content_type_of_a_body_decides_its_profile(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("GET", "/a", response=POINT.format("https://csipaus.org/ns/v1.3"), kind=f"{SEP_XML}; csipaus=1.3"),
        entry("GET", "/a", response=GOOD, kind=f'{SEP_XML};csipaus="1.3"'),
        entry("GET", "/a", response=POINT.format("https://csipaus.org/ns")),
        entry("GET", "/a", response=GOOD),
        entry("GET", "/a", response=POINT.format("https://csipaus.org/ns"), kind=f"{SEP_XML}; csipaus=1.3"),
    )
    verdicts = judged(path)
    assert [verdict.profile for verdict in verdicts] == [
        "csip-aus-1.3", "csip-aus-1.3", "csip-aus-1.2", "ieee-2018", "csip-aus-1.3",
    ]  # fmt: skip
    assert codes(verdicts) == ["other-profile"]


@pytest.mark.parametrize(
    ("kind", "profile", "warned"),
    [
        (SEP_XML, "ieee-2018", False),
        ("text/xml", "ieee-2018", True),
        (f"{SEP_XML}; csipaus=1.3", "csip-aus-1.3", False),
        (SEP_XML, "csip-aus-1.3", True),
        (f"{SEP_XML}; csipaus=1.3", "csip-aus-1.2", True),
        (f"{SEP_XML}; csipaus=1.2", "csip-aus-1.2", False),
        (f"{SEP_XML}; level=-S1", "csip-aus-1.2", False),
    ],
)
def test_a_content_type_of_another_profile_is_warned_of(tmp_path: Path, kind: str, profile: str, warned: bool) -> None:
    path = captured(tmp_path / "c.har", entry("GET", "/a", response=GOOD, kind=kind))
    (verdict,) = judged(path, profile)
    assert codes([verdict]) == ["content-type"] * warned
    assert verdict.valid
    assert codes(judged(path, profile, rules=False)) == []
    assert judged(path, profile, strict=True)[0].valid is not warned


def test_a_body_that_the_capture_does_not_have_is_told(tmp_path: Path) -> None:
    content = {"mimeType": SEP_XML, "size": 512}
    path = captured(
        tmp_path / "c.har", entry("GET", "/a", response=content), entry("HEAD", "/a", response={**content, "size": 0})
    )
    (item,) = read(path)
    assert item.problem == "the capture does not have the 512 octets of this body"


@pytest.mark.parametrize("indent", [None, 1])
def test_a_capture_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path, indent: int | None) -> None:
    path = captured(tmp_path / "c.har", *[entry("GET", f"/{n}", response=GOOD) for n in range(3)], indent=indent)
    text = path.read_text()
    path.write_text(text[: text.rindex("text")])
    *some, last = judged(path, "ieee-2018")
    assert [verdict.valid for verdict in some] == [True, True]
    assert codes([last]) == ["damaged"] and "ends too early" in str(last.findings[0])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-xml"),
        (b"<a/>", "not-xml"),
        (b"{", "not-xml"),
        (b"[]", "not-xml"),
        (b'{"log": 1}', "not-xml"),
        ('{"log": {"entries": [{}]}}'.encode("utf-16"), "wrong-encoding"),
        ('{"log": {"entries": [{}]}}'.encode("utf-16-be"), "wrong-encoding"),
        (b'{"log": {"entries": {}}}', "unreadable"),
        (b'{"log": {"entries": []}}', "unreadable"),
        (b'\xef\xbb\xbf{"log": {"entries": [1, null, [], {"request": 1}]}}', "unreadable"),
        (b'{"log": {"entries": [{}]}} x', "damaged"),
        (b'{"log": {"entries": [' + b"[" * 100_000, "damaged"),
        (b'{"log": {"entries": [' + b"9" * 10_000 + b"]}}", "damaged"),
        (b'{"log": {"entries": [1e999999999999999999999999]}}', "damaged"),
        (b'{"log": {"entries": ["\xff"]}}', "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_capture_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "c.har").write_bytes(content)
    (verdict,) = judged(tmp_path / "c.har")
    assert (codes([verdict]), verdict.read) == ([code], False)


def test_a_capture_in_another_encoding_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "c.har").write_bytes('{"log": {}}'.encode("utf-16"))
    (verdict,) = judged(tmp_path / "c.har")
    assert verdict.findings[0].reason == "cannot be read: it is UTF-16, a capture is UTF-8: save it again"


def test_an_exchange_is_shown_without_what_may_be_secret() -> None:
    assert str(Exchange("GET", "https://u:p@h:1/a?token=x#y")) == "GET https://h:1/a"
    assert str(Exchange("GET", "/a?token=x")) == "GET /a"
    assert str(Exchange("GET", "http://[")) == "GET"
    assert str(Exchange()) == ""
