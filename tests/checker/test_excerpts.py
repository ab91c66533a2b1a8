"""Excerpts: the line of source of a finding, and carets below it on a terminal."""

from __future__ import annotations

import io

import pytest

from envoy.checker.excerpts import add_excerpts
from envoy.checker.reports import Summary, Verdict, open_report
from envoy.validation.findings import Excerpt, Finding, Fix

LONG = "<a/>" * 100


@pytest.mark.parametrize(
    ("data", "line", "column", "expected"),
    [
        (b"<a>\n\t<b x='1'>2</b>\r\n</a>", 2, 2, Excerpt("\t", "<b x='1'>", "2</b>")),
        ("\ufeff<é>ü</é>".encode(), 1, 1, Excerpt("", "<é>", "ü</é>")),
        ("<é>ü<b/></é>".encode(), 1, 5, Excerpt("<é>ü", "<b/>", "</é>")),
        (b"<a b=\n'1'/>", 1, 1, Excerpt("", "<a b=", "")),
        (b"<a>&x</a>", 1, 4, Excerpt("<a>", "&", "x</a>")),
        (b"\xff\xfe<\0a\0", 1, 9, None),
        (b"<a/>", 3, 1, None),
        (b"<a/>", 1, 0, None),
        (f"{LONG}<b{'c' * 200}>{LONG}".encode(), 1, 401, Excerpt("<a/>" * 15, "<b" + "c" * 118, "c" * 60)),
    ],
)
def test_an_excerpt_is_of_one_line(data: bytes, line: int, column: int, expected: Excerpt | None) -> None:
    (found,) = add_excerpts(data, [Finding("", line, "", "", column=column)])
    assert found.excerpt == expected


@pytest.mark.parametrize(("form", "start", "end"), [("terminal", "", ""), ("colour", "\x1b[31m", "\x1b[0m")])
def test_carets_stand_below_what_is_wrong(form: str, start: str, end: str) -> None:
    finding = Finding("a.xml", 12, "", "why", code="x", column=4, excerpt=Excerpt("\t <é>", "<b\x1b>", "1"))
    out = io.StringIO()
    with open_report(form, out.write) as report:
        report.add(Verdict("a.xml", "ieee-2018", (finding,)))
    assert out.getvalue() == (f"{start}a.xml:12:4: why [x]{end}\n  12 | <é><b\\x1b>1\n     |    {start}^^^^^^^{end}\n")


def test_a_terminal_says_how_many_errors_can_be_fixed() -> None:
    findings = [Finding("a.xml", 0, "", "why", fix=fix) for fix in (None, Fix("safe", ()), Fix("unsafe", ()))]
    out = io.StringIO()
    with open_report("terminal", out.write) as report:
        report.add(Verdict("a.xml", "ieee-2018", tuple(findings)))
        report.finish(Summary())
    assert out.getvalue().splitlines()[-2:] == ["1 can be fixed with --fix", "1 more can be fixed with --unsafe-fixes"]
