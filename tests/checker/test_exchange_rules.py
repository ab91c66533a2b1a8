"""Documents of one file that say something about each other: settings and ratings of a DER."""

from __future__ import annotations

from pathlib import Path

from envoy.checker.checker import Checker
from tests.support.documents import read_documents
from tests.support.making_inputs import (
    SEP,
    capability,
    captured,
    codes,
    entry,
    http,
    judged,
    settings,
    zipped,
)


def test_a_setting_above_the_rating_of_the_same_der_is_warned_of(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("PUT", "https://h/edev/2/der/1/dercap", request=capability(5000)),
        entry("PUT", "https://h/edev/2/der/1/derg", request=settings(6000)),
        entry("PUT", "https://h/edev/2/der/2/derg", request=settings(6000)),
        entry("PUT", "https://other/edev/2/der/1/derg", request=settings(6000)),
        entry("PUT", "https://h/edev/2/der/1/derg", request=settings(5000)),
    )
    verdicts = judged(path)
    assert [codes([verdict]) for verdict in verdicts] == [[], ["setting-above-rating"], [], [], []]
    (finding,) = verdicts[1].findings
    assert (finding.path, finding.severity) == ("DERSettings/setMaxW", "warning")
    assert finding.reason == (
        "setMaxW is 6000, more than rtgMaxW, 5000 in entries[0]/request PUT https://h/edev/2/der/1/dercap"
    )


def test_a_rating_below_the_setting_is_warned_of_too(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("GET", "/der/1/derg?x=1", response=settings(6000)),
        entry("GET", "/der/1/dercap/", response=capability(5000)),
    )
    (finding,) = judged(path)[1].findings
    assert (finding.path, finding.reason[:41]) == ("DERCapability/rtgMaxW", "rtgMaxW is 5000, less than setMaxW, 6000 ")


def test_what_a_server_refused_says_nothing_about_the_der(tmp_path: Path) -> None:
    path = captured(
        tmp_path / "c.har",
        entry("PUT", "/der/1/dercap", request=capability(5000), status=403),
        entry("PUT", "/der/1/derg", request=settings(6000)),
    )
    assert codes(judged(path)) == []


def test_a_rating_that_is_left_out_does_not_hold_any_more(tmp_path: Path) -> None:
    rated = "<rtgMaxVA><multiplier>0</multiplier><value>5000</value></rtgMaxVA>"
    setting = "<setMaxVA><multiplier>0</multiplier><value>6000</value></setMaxVA>"
    bodies = [
        ("dercap", f"<DERCapability {SEP}>{rated}</DERCapability>"),
        ("derg", f"<DERSettings {SEP}>{setting}</DERSettings>"),
        ("dercap", f"<DERCapability {SEP}/>"),
        ("derg", f"<DERSettings {SEP}>{setting}</DERSettings>"),
    ]
    path = captured(tmp_path / "c.har", *(entry("PUT", f"/der/1/{name}", request=body) for name, body in bodies))
    warned = ["setting-above-rating" in codes([verdict]) for verdict in judged(path)]
    assert warned == [False, True, False, False]


def test_members_of_an_archive_are_related_by_their_hrefs_and_plain_files_are_not(tmp_path: Path) -> None:
    members = {"1.xml": capability(5000, "/der/1/dercap"), "2.xml": settings(6000, "/der/1/derg")}
    (finding,) = judged(zipped(tmp_path / "p.zip", {**members}))[1].findings
    assert (finding.code, finding.line) == ("setting-above-rating", 3)
    (tmp_path / "files").mkdir()
    for name, content in members.items():
        (tmp_path / "files" / name).write_text(content)
    assert codes(judged(tmp_path / "files")) == []


def test_settings_in_an_http_file_have_their_own_lines(tmp_path: Path) -> None:
    head = "Content-Type: application/sep+xml"
    path = http(
        tmp_path / "a.http", "PUT {{host}}/der/1/dercap", head, "", capability(5000), "###",
        "PUT {{host}}/der/1/derg", head, "", settings(6000),
    )  # fmt: skip
    (finding,) = judged(path)[1].findings
    assert (finding.code, finding.line, finding.column) == ("setting-above-rating", 11, 1)


def test_captures_do_not_know_of_each_other(tmp_path: Path) -> None:
    captured(tmp_path / "a.har", entry("PUT", "/der/1/dercap", request=capability(5000)))
    captured(tmp_path / "b.har", entry("PUT", "/der/1/derg", request=settings(6000)))
    checker = Checker(profile=None, max_size=None)
    found = read_documents([str(tmp_path)], include=["*.har"], max_size=None)
    assert codes(list(checker.check_documents(found))) == []
