"""The formats of ``envoy examples``: each says the same, the script runs, and a browser shows the page."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pytest
from lxml import etree
from syrupy.assertion import SnapshotAssertion

from envoy import EnvoyError, Site
from envoy.profiles import PROFILES, get_profile
from envoy.protocol.flow import Request, Response
from envoy.registration.dry_run import DryExchange, example_site
from envoy.registration.examples import Sequence, curl, diagram, format_of, http, markdown, present
from envoy.registration.examples.sequence import template
from envoy.testing import UtilityServer
from envoy.validation.validate import validate
from sep2 import DERList
from tests.conftest import ROOT
from tests.support.browser import browsing
from tests.support.commands import envoy

SERVER = "https://utility.example:8443"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def sequence(profile: str = "csip-aus-1.2", server: str = SERVER, entry: str | None = None) -> Sequence:
    chosen = get_profile(profile)
    site = Site.load(example_site(chosen), profile=chosen)
    return Sequence.of(site, chosen, title="my <site>.toml", server=server, entry=entry)


def same(first: bytes, second: str) -> bool:
    compact = etree.XMLParser(remove_blank_text=True)
    if first.startswith(b"{"):
        return bool(json.loads(first) == json.loads(second))
    one, other = (etree.fromstring(text, compact) for text in (first, second.encode()))
    return etree.tostring(one, method="c14n") == etree.tostring(other, method="c14n")


def assert_bodies(expected: Sequence, found: list[str]) -> None:
    sent = [exchange.request.content for exchange in expected.exchanges if exchange.request.content]
    assert len(sent) == len(found) >= 4
    assert all(same(one, other) for one, other in zip(sent, found, strict=True))


def test_a_title_cannot_leave_its_line() -> None:
    chosen = get_profile("ieee-2018")
    site = Site.load(example_site(chosen), profile=chosen)
    named = Sequence.of(site, chosen, title="a\nrm -rf b.toml", server=SERVER, entry=None)
    for name in ("http", "curl"):
        assert "# Registration of a rm -rf b.toml (ieee-2018)\n" in present(named, name)


def draw(sequence: Sequence) -> str:
    return diagram.draw(sequence.exchanges)


@pytest.mark.parametrize("render", [curl.render, draw, http.render, markdown.render])
def test_each_form_looks_as_it_did(render: Callable[[Sequence], str], snapshot: SnapshotAssertion) -> None:
    assert render(sequence("envoy-0.1")) == snapshot


# .http


@pytest.mark.parametrize("profile", PROFILES)
def test_a_http_file_has_each_request_as_a_rest_client_reads_it(profile: str) -> None:
    expected = sequence(profile)
    head, *blocks = re.split(r"^### .*\n", present(expected, "http"), flags=re.MULTILINE)
    assert re.findall(r"^@(\w+) = (\S+)$", head, re.MULTILINE) == [("server", SERVER)]
    requests, bodies = [], []
    for block in blocks:
        text = "\n".join(line for line in block.splitlines() if not line.startswith("#")).strip()
        top, _, body = text.partition("\n\n")
        requests.append(top.splitlines()[0].replace("{{server}}", ""))
        assert f"Accept: {get_profile(profile).content_type}" in top.splitlines()
        bodies += [body] if body else []
    assert requests == [str(exchange.request) for exchange in expected.exchanges]
    assert_bodies(expected, bodies)


# Markdown


@pytest.mark.parametrize("profile", PROFILES)
def test_a_markdown_page_has_each_request_in_its_table_and_under_its_heading(profile: str) -> None:
    expected = sequence(profile)
    page = present(expected, "markdown")
    requests = [str(exchange.request) for exchange in expected.exchanges]
    assert re.findall(r"^\| \d+ \| \S+ \| `(.*?)` \|", page, re.MULTILINE) == requests
    assert re.findall(r"^## \d+\. (.*)$", page, re.MULTILINE) == requests
    sent = []
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        said, _, response = section.partition("Expected response: ")
        sent += re.findall(r"^```xml\n(.*?)\n```$", said, re.MULTILINE | re.DOTALL)
        for message in re.findall(r"^```xml\n(.*?)\n```$", response, re.MULTILINE | re.DOTALL):
            assert validate(message.encode(), profile=profile) == [] or profile == "envoy-0.1"
    assert_bodies(expected, sent)


def test_a_fence_in_a_message_ends_no_block() -> None:
    content = b"<DER><!--\n```\n--></DER>"
    exchange = DryExchange(Request("der", "PUT", "/a|b", content), Response(204))
    page = present(Sequence("x", get_profile("ieee-2018"), SERVER, (exchange,)), "markdown")
    assert "````xml\n<DER>\n  <!--\n```\n-->\n</DER>\n````\n\nExpected" in page
    assert "| 1 | der | `PUT /a%7Cb` | 204 No Content |" in page


# curl


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"])
@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs bash and curl")
def test_the_script_registers_the_site_for_real_and_again(profile: str, tmp_path: Path) -> None:
    site = Site.load(example_site(get_profile(profile)), profile=profile)
    with UtilityServer(profile, options=["--page-limit", "1"]) as server:
        # With another client first, the ids are not the made-up ones.
        with server.client("other") as other:
            other.discover()
        files = server.client_files()
        script = tmp_path / "register.sh"
        script.write_text(present(sequence(profile), "curl"), encoding="utf-8")
        environment = {
            **os.environ,
            "SERVER": server.url,
            "CERT": str(files.cert),
            "KEY": str(files.key),
            "CA": str(files.ca),
            "NO_PROXY": "*",
            "TMPDIR": str(tmp_path),
        }
        run = [shutil.which("bash") or "", str(script)]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        device = next(device for device in server.devices() if device.lfdi == site.lfdi)
        assert f"end_device is {device.href}\n" in done.stderr
        der = re.findall(r"^der is (.*)$", done.stderr, re.MULTILINE)
        assert len(der) == len(site.ders)
        assert server.stored(f"{der[0]}/dercap") == site.ders[0].capability
        assert server.stored(f"{device.href}/di") == site.device_information
        statuses = {request.status for request in server.requests}
        assert statuses <= {200, 201, 204, 302}
        # What is there is found, however small the pages are.
        devices = server.devices()
        again = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
        assert again.returncode == 0, again.stderr
        assert re.findall(r"^.* is .*$", again.stderr, re.MULTILINE) == re.findall(
            r"^.* is .*$", done.stderr, re.MULTILINE
        )
        assert server.devices() == devices
        with server.client() as client:
            assert len(client.get(f"{device.href}/der?l=50", DERList).der) == len(site.ders)
        # A server that refuses ends it, and what it said is shown.
        server.reset()
        for method in ("GET", "POST"):
            server.fail_next(403, method=method, path="/edev")
            refused = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
            assert refused.returncode == 22
            assert "returned error: 403" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["register.sh"]


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_what_means_something_to_a_shell_means_nothing_in_the_script(tmp_path: Path) -> None:
    href = '/a"b$(touch pwned)`touch pwned`\\c'
    content = b"<DER>\nXML\n$(touch pwned)\n</DER>"
    exchanges = (
        DryExchange(Request("der", "POST", href, content), Response(201, {"location": "/e"})),
        DryExchange(Request("der", "GET", "/e/x$(touch pwned)"), Response(200)),
        DryExchange(Request("der", "POST", "/ef", content), Response(201, {"location": "/e/2"})),
        DryExchange(Request("der", "PUT", "/e/2/y", content), Response(204)),
    )
    script = present(Sequence("x", get_profile("ieee-2018"), "http://server.example", exchanges), "curl")
    assert "CERT" not in script
    # Stands in for curl: says what it was given, and gives a Location that the script is to use.
    (tmp_path / "curl").write_text('#!/bin/sh\nprintf "%s\\n" "$@" >&2\ncat >&2\necho https://other.example/real\n')
    (tmp_path / "curl").chmod(0o755)
    done = subprocess.run(
        [shutil.which("bash") or "", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["curl"]
    urls = [line for line in done.stderr.splitlines() if line.startswith("http://server.example/")]
    asked = [f"{href}?s=0&l=50", href, "/real/x$(touch pwned)", "/ef?s=0&l=50", "/ef", "/real/y"]
    assert urls == [f"http://server.example{path}" for path in asked]
    assert done.stderr.count(content.decode()) == 3


PAGES = (
    "<EndDeviceList><EndDevice href='/edev/1'><lFDI>00</lFDI></EndDevice></EndDeviceList>",
    '<s:EndDeviceList xmlns:s="x"><s:EndDevice subscribable="0"\n  href="https://other.example/edev/9">'
    "<s:lFDI>\n  0000003e90000000000000000000000000032473\n</s:lFDI></s:EndDevice></s:EndDeviceList>",
    "<EndDeviceList/>",
)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("pages", "found"),
    [(PAGES, "/edev/9"), (PAGES[::2], ""), ((PAGES[0], PAGES[0]), ""), (("no XML",), ""), (("",), ""), ((), "failed")],
    ids=["there", "not there", "the same page for ever", "no XML", "nothing", "refused"],
)
def test_the_script_finds_a_device_in_whatever_way_a_server_writes_its_list(
    pages: tuple[str, ...], found: str, tmp_path: Path
) -> None:
    # Stands in for curl: gives one page after the other, and fails when there are no more.
    (tmp_path / "curl").write_text('#!/bin/sh\nset -- pages/*\ncat "$1" && rm "$1"\n')
    (tmp_path / "curl").chmod(0o755)
    (tmp_path / "pages").mkdir()
    for number, page in enumerate(pages):
        (tmp_path / "pages" / str(number)).write_text(page)
    head = present(sequence(), "curl").partition("\n# 1. ")[0]
    search = 'place=$(known "/edev?" EndDevice 0000003E90000000000000000000000000032473) || place=failed'
    done = subprocess.run(
        [shutil.which("bash") or "", "-c", f'{head}\n{search}\necho "$place"'],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{found}\n"


# HTML


class References(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.references: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.references += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "srcset")]
        self.ids += [value or "" for name, value in attrs if name == "id"]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_page_is_valid_html_and_needs_nothing_else(profile: str) -> None:
    expected = sequence(profile)
    page = present(expected, "html")
    html5lib.HTMLParser(strict=True).parse(page)
    found = References(page)
    assert found.references == [f"#request-{number}" for number in range(1, len(expected.exchanges) + 1)]
    assert {reference[1:] for reference in found.references} < set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert not found.tags & {"link", "img", "iframe"}
    assert page.count("<script") == 1 and f"<script>\n{template('copy.js')}</script>" in page
    assert "url(" not in page and "@import" not in page
    assert "my &lt;site&gt;.toml" in page and "<site>" not in page


@pytest.mark.parametrize("profile", PROFILES)
def test_the_page_has_each_message_foldable_and_each_arrow_named(profile: str) -> None:
    expected = sequence(profile)
    tree = html5lib.parse(present(expected, "html"), treebuilder="lxml", namespaceHTMLElements=False)
    details = tree.findall(".//details")
    links = tree.findall(".//{http://www.w3.org/2000/svg}a")
    assert len(details) == len(links) == len(expected.exchanges)
    for number, (exchange, detail, link) in enumerate(zip(expected.exchanges, details, links, strict=True), 1):
        request, response = exchange.request, exchange.response
        assert link.get("aria-label").startswith(f"{number}: {request}, {response.status} ")
        assert (detail.get("open") is not None) == (request.content is not None)
        assert " ".join("".join(detail.find("summary").itertext()).split()).startswith(f"{number} {request} ")
        for block, content in zip(detail.findall(".//pre"), (request.content, response.content), strict=True):
            for note in block.findall(".//span[@class='note']"):
                note.text = ""
            text = "".join(block.itertext())
            if content:
                assert same(content, text.partition("\n\n")[2])
                assert block.find(".//span[@class='nt']") is not None


def test_a_long_path_is_cut_in_the_drawing_and_whole_in_its_title() -> None:
    page = present(sequence(entry=f"/api/{'x' * 60}/dcap?a=<b>"), "html")
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    link = tree.find(".//{http://www.w3.org/2000/svg}a")
    assert f"{'x' * 60}/dcap?a=<b>" in link.findtext("{http://www.w3.org/2000/svg}title")
    drawn = ["".join(text.itertext()) for text in link.findall("{http://www.w3.org/2000/svg}text")]
    assert all(len(text) <= 40 for text in drawn) and any(text.endswith("...") for text in drawn)


def test_what_means_something_to_a_browser_is_text_on_the_page() -> None:
    evil = "</pre></title></style><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;"
    content = etree.tostring(etree.Element("{urn:x}DER", {"a": evil}))
    exchanges = tuple(
        DryExchange(Request(evil, method, f"/{evil}", content), Response(200, {"location": evil}, content))
        for method in ("GET", "PUT", "POST")
    )
    page = present(Sequence(evil, get_profile("ieee-2018"), f"https://{evil}", exchanges), "html")
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    elements = [element for element in tree.iter() if isinstance(element.tag, str)]
    names = [etree.QName(element).localname for element in elements]
    assert "img" not in names and names.count("script") == 1  # the one that copies
    assert {"src", "onerror"}.isdisjoint(name for element in elements for name in element.attrib)
    assert all(element.get("href", "#").startswith("#") for element in elements)
    shown = "".join(tree.getroot().itertext())
    assert shown.count(f"Location: {evil}\n") == 3
    assert all(f"{method} /{evil}\nAccept: " in shown for method in ("GET", "PUT", "POST"))


@pytest.mark.skipif(BROWSER is None, reason="needs chromium")
def test_a_browser_shows_each_request_and_opens_the_one_that_is_linked_to(tmp_path: Path) -> None:
    expected = sequence()
    page = tmp_path / "page.html"
    page.write_text(present(expected, "html"), encoding="utf-8")
    folded = next(n for n, exchange in enumerate(expected.exchanges, 1) if exchange.request.content is None)
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--virtual-time-budget=2000", "--dump-dom", f"{page.as_uri()}#request-{folded}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    tree = html5lib.parse(done.stdout, treebuilder="lxml", namespaceHTMLElements=False)
    summaries = [" ".join("".join(found.itertext()).split()) for found in tree.findall(".//summary")]
    assert len(summaries) == len(expected.exchanges)
    for number, (exchange, summary) in enumerate(zip(expected.exchanges, summaries, strict=True), 1):
        assert summary.startswith(f"{number} {exchange.request} {exchange.response.status}")
    opened = [detail.get("open") is not None for detail in tree.findall(".//details")]
    assert opened == [
        exchange.request.content is not None or number == folded
        for number, exchange in enumerate(expected.exchanges, 1)
    ]


def notes(page: str) -> dict[str, tuple[str, str]]:
    """Return the notes of a page and where they lead, by the lines that they are beside."""
    tree = html5lib.parse(page, treebuilder="lxml", namespaceHTMLElements=False)
    found = {}
    for block in tree.findall(".//pre/code"):
        text = "".join(block.itertext()).splitlines()
        for note in block.findall("span[@class='note']"):
            said = "".join(note.itertext())
            line = next(line for line in text if line.endswith(said)).removesuffix(said).strip()
            link = note.find("a")
            found[line] = (said, "" if link is None else link.get("href"))
    return found


def test_numbers_are_explained_and_lead_to_the_reference() -> None:
    expected = sequence()
    plain = notes(present(expected, "html"))
    assert plain["<deviceCategory>00800000</deviceCategory>"] == ("COMBINED_PV_AND_STORAGE", "")
    assert plain["<postRate>300</postRate>"] == ("300 s", "")
    assert plain["<setGradW>28</setGradW>"] == ("0.28 %/s", "")
    assert plain["<rtgMaxWh>"] == ("13500 Wh", "")
    assert plain["<mfDate>1740787200</mfDate>"] == ("2025-03-01 00:00:00 UTC", "")
    assert plain["<primaryPower>1</primaryPower>"] == ("MAINS", "")
    linked = notes(present(replace(expected, docs="https://docs.example/"), "html"))
    assert {line: said for line, (said, _) in linked.items()} == {line: said for line, (said, _) in plain.items()}
    assert (
        linked["<postRate>300</postRate>"][1]
        == "https://docs.example/reference/sep2/end_device/#externaldevice-post_rate"
    )
    for _, place in linked.values():
        page, _, anchor = place.removeprefix("https://docs.example/").partition("/#")
        assert f'<a name="{anchor}">' in (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"), place


@pytest.mark.skipif(BROWSER is None, reason="needs chromium")
def test_a_button_copies_the_body_without_the_notes(tmp_path: Path) -> None:
    expected = sequence()
    page = tmp_path / "page.html"
    page.write_text(present(expected, "html"), encoding="utf-8")
    first = next(exchange.request for exchange in expected.exchanges if exchange.request.content)
    with browsing(tmp_path / "profile") as browser:
        browser.open(page.as_uri(), width=400)
        assert browser.wait("document.readyState == 'complete'")
        browser.run(
            """navigator.clipboard.writeText = async (text) => { window.copied = text; };
            document.querySelector('details[open] .copy').click()"""
        )
        assert same(first.content or b"", browser.wait("window.copied"))
        assert browser.wait("document.querySelector('details[open] .copy').textContent == 'Copied'")
        assert browser.run("document.documentElement.scrollWidth <= 400")  # nothing is wider than a narrow screen


# The command


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.html", "<!DOCTYPE html>"),
        ("a.MD", "# Registration of site.toml (csip-aus-1.2)"),
        ("a.http", "# Registration of"),
        ("a.sh", "#!/usr/bin/env bash"),
        ("a.txt", "GET https://server.example/dcap"),
        ("a", "GET https://server.example/dcap"),
    ],
)
def test_the_name_of_the_file_decides_the_format(name: str, start: str) -> None:
    document = present(
        Sequence("site.toml", get_profile("csip-aus-1.2"), "https://server.example", sequence().exchanges),
        format_of(Path(name).suffix),
    )
    assert document.startswith(start)


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    done = envoy("examples", "--output", "page.html", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Registration of site.toml" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_dash_is_standard_output(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "envoy", "examples", "--output", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, envoy("examples", cwd=tmp_path).stdout)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "pdf"),
        ("-o", "no/such/page.html"),
        ("--server", "https://u:p@utility.example"),
        ("--server", "ftp://utility.example"),
    ],
    ids=["format", "file", "password", "ftp"],
)
def test_what_cannot_be_is_reported(arguments: tuple[str, ...], tmp_path: Path, snapshot: Any) -> None:
    done = envoy("examples", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == snapshot


def test_a_format_is_not_the_name_of_a_module() -> None:
    with pytest.raises(EnvoyError):
        present(sequence(), "text/../html")
