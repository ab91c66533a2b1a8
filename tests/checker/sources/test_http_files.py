""".http files: their lines, their variables, and bodies that are written in other ways."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from tests.support.making_inputs import (
    GOOD,
    SEP,
    SWAPPED,
    http,
    judged,
    read,
)


def test_lines_are_those_of_the_http_file(tmp_path: Path) -> None:
    path = http(
        tmp_path / "calls.http",
        "# a comment",
        "### register",
        "# @name register",
        "POST https://h/edev HTTP/1.1",
        "Content-Type: application/sep+xml",
        "",
        "",
        SWAPPED,
        "",
        "> {%",
        "  client.test()",
        "%}",
        "",
        "HTTP/1.1 400 Bad Request",
        "content-type: application/sep+xml",
        "",
        f"<Error {SEP}>",
        "  <reasonCode>x</reasonCode></Error>",
        "###",
        "GET https://h/edev",
        "Accept: application/sep+xml",
        "###",
        "https://h/dcap",
    )
    (asked, answered) = judged(path, "ieee-2018")
    assert (asked.part, answered.part) == ("request 1 POST https://h/edev", "response 1 POST https://h/edev")
    assert [finding.place for finding in (*asked.findings, *answered.findings)] == [f"{path}:9:3", f"{path}:19:3"]


def test_a_saved_response_is_judged(tmp_path: Path) -> None:
    path = http(tmp_path / "r.http", "HTTP/1.1 200 OK", "Content-Type: application/sep+xml", "", SWAPPED)
    (verdict,) = judged(path, "ieee-2018")
    assert (verdict.part, verdict.findings[0].line) == ("response 1", 5)


def test_variables_of_the_file_are_filled_in_and_others_told(tmp_path: Path) -> None:
    device = GOOD.replace("167261211391", "{{ sfdi }}")
    head = ("POST {{host}}/edev", "Content-Type: {{kind}}", "")
    path = http(
        tmp_path / "v.rest", "@host = https://h", "@kind = application/sep+xml", "@sfdi=167261211391", *head, device,
        "###", *head, GOOD.replace("0", "{{$timestamp}}"),
    )  # fmt: skip
    first, second = judged(path, "ieee-2018")
    assert (first.part, first.findings) == ("request 1 POST https://h/edev", ())
    assert "the variable {{$timestamp}} has no value in this file" in second.findings[0].message
    assert second.findings[0].place == f"{path}:12"


def test_variables_do_not_make_a_body_larger_than_is_allowed(tmp_path: Path) -> None:
    path = http(
        tmp_path / "v.http", "@a = " + "x" * 5000, "@b = " + "{{a}}" * 1000, "POST http://h/",
        "Content-Type: application/sep+xml", "", "<a>" + "{{b}}" * 5000 + "</a>",
    )  # fmt: skip
    (item,) = read(path, max_size=100_000)
    assert item.data is not None and len(item.data) == 100_001


def test_variables_of_variables_do_not_fill_the_memory(tmp_path: Path) -> None:
    many = "{{b}}" * 10_000
    lines = ["@a = " + "x" * 10_000, "@b = " + "{{a}}" * 1000]
    lines += [f"POST http://h/{many}", *["  &a=" + "x" * 1000] * 1000, f"Content-Type: {many}", "", GOOD]
    path = http(
        tmp_path / "v.http", *lines, "###", f"POST http://h/{many}", "Content-Type: application/sep+xml", "", GOOD
    )
    tracemalloc.start()
    try:
        last = read(path)[-1]
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert last.exchange is not None and len(last.exchange.url) == 10_000


def test_a_body_in_another_file_is_told(tmp_path: Path) -> None:
    path = http(tmp_path / "a.http", "POST http://h/", "Content-Type: application/sep+xml", "", "< ./body.xml")
    (item,) = read(path)
    assert item.problem == "the body is in the file ./body.xml, which has to be named itself"
    path = http(tmp_path / "a.http", "POST http://h/", "Content-Type: application/json", "", "< ./body.json")
    assert "no body in this file is a message" in read(path)[0].problem


def test_a_file_without_a_message_is_told(tmp_path: Path) -> None:
    for content in ("", "GET http://h/\n", "###\n" * 5, "\0\xff\n", "POST http://h/\n\n{}\n"):
        (tmp_path / "a.http").write_text(content)
        (item,) = read(tmp_path / "a.http")
        assert "no body in this file is a message" in item.problem


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ([":method: PUT", ":path: /edev/1", "content-type: application/sep+xml"], "request 1"),
        (["put https://h/edev/1 HTTP/2", "content-type: application/sep+xml"], "request 1 PUT https://h/edev/1"),
        (["PUT\thttps://h/edev/1", "Content-Type:\tapplication/sep+xml"], "request 1 PUT https://h/edev/1"),
        (["what is this?", "Content-Type: application/sep+xml"], "request 1"),
    ],
)
def test_the_body_of_a_request_that_is_written_in_another_way_is_judged_too(
    tmp_path: Path, head: list[str], name: str
) -> None:
    path = http(tmp_path / "a.http", *head, "", SWAPPED, "###", "PUT http://h/", "", GOOD)
    first, second = judged(path, "ieee-2018")
    assert (first.part, first.valid) == (name, False)
    assert (second.part, second.valid) == ("request 2 PUT http://h/", True)


def test_a_body_in_chunks_is_told(tmp_path: Path) -> None:
    head = ("POST http://h/ HTTP/1.1", "Transfer-Encoding: chunked", "Content-Type: application/sep+xml", "")
    (item,) = read(http(tmp_path / "a.http", *head, f"{len(GOOD):x}; a=b", GOOD, "0", ""))
    assert item.data is None and "in chunks" in item.problem and item.line == 5
    (item,) = read(http(tmp_path / "a.http", *head, GOOD))
    assert item.data == GOOD.encode()


def test_what_a_long_body_ends_with_is_a_part_of_it(tmp_path: Path) -> None:
    head = ("POST http://h/", "Content-Type: application/sep+xml", "")
    (item,) = read(http(tmp_path / "a.http", *head, GOOD + " " * 5000), max_size=1000)
    assert item.data == GOOD.encode()
    (item,) = read(http(tmp_path / "a.http", *head, GOOD + " " * 5000 + "junk"), max_size=1000)
    assert item.data is not None and len(item.data) == 1001


def test_a_long_line_is_one_line(tmp_path: Path) -> None:
    body = f"<EndDevice {SEP}>{' ' * 65_000}\n###</EndDevice>".replace("\n", "")
    path = http(tmp_path / "a.http", "POST http://h/", "Content-Type: application/sep+xml", "", body)
    (item,) = read(path)
    assert item.data == body.encode()
