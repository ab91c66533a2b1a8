"""What a server, a certificate, a document or a file name says cannot command the terminal that it is shown on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy._text import join_words, printable, quote, shorten
from envoy.errors import EnvoyError
from envoy.profiles import get_profile
from envoy.protocol.results import Outcome, StepResult
from envoy.protocol.session import Session
from envoy.tls.pki import Authority, Pki, create_pki
from envoy.validation.findings import Finding
from tests.conftest import ROOT
from tests.support.commands import envoy
from tests.support.scripted import Handler, Serve, ok, tls

EVIL = "\x1b[2J\x9b31m\u202e\x07"
WRITTEN = "\\x1b[2J\\x9b31m\\u202e\\x07"


@given(st.text())
def test_text_has_no_character_left_that_does_not_stand_for_itself(text: str) -> None:
    shown = printable(text)
    assert not [x for x in shown if not x.isprintable() and not x.isspace()] and len(shown.splitlines()) < 2
    assert printable(text, lines=True).split("\n") == [printable(line) for line in text.split("\n")]
    assert printable(shown) == shown


@pytest.mark.parametrize("text", ["/edev/2", "Köln \u00a0 東京\u3000é", ""])
def test_other_text_is_as_it_was(text: str) -> None:
    assert printable(text) == text


def test_whatever_is_shown_of_a_server_or_a_document_is_printable() -> None:
    texts = [
        str(EnvoyError(f"was {EVIL}", where=f"GET /{EVIL}\n", remedy=f"Do {EVIL}.")),
        str(Finding(f"{EVIL}.xml", 1, f"A/{EVIL}", f"is {EVIL}")),
        str(StepResult("der", Outcome.FOUND, f"/{EVIL}\n", EVIL)),
    ]
    session = Session(get_profile())
    session.note(f"GET /{EVIL}\n: is odd")
    for text in (*texts, *session.findings):
        assert WRITTEN in text
        assert not [x for x in text.replace("\n  Do", "  Do") if not x.isprintable()]


def test_the_paths_that_a_server_chooses_cannot_command_the_terminal(serve: Serve) -> None:
    sep = b'xmlns="urn:ieee:std:2030.5:ns"'

    def answer(handler: Handler) -> None:
        if handler.command == "POST":
            handler.reply(201, Location="/edev/2\x1b]0;owned\x07\x9b2J")
        elif handler.path == "/dcap":
            handler.reply(200, b"<DeviceCapability %b><EndDeviceListLink href='/e&#x9b;31m'/></DeviceCapability>" % sep)
        elif handler.path.startswith("/e%"):
            handler.reply(200, b"<EndDeviceList %b all='0' results='0'/>" % sep)
        else:
            handler.reply(500, b"\x1b[2J", Retry_After="\x1b[1m")

    done = envoy("register", ROOT / "examples" / "site.toml", "--server", serve(answer).url, "--verbose")

    assert done.returncode == 1
    shown = done.stdout + done.stderr
    assert "created" in done.stdout and "owned" in shown
    assert "Error: end-device, GET /edev/2" in done.stderr
    assert not [x for x in shown if not x.isprintable() and x != "\n"]


def test_the_devices_that_a_server_lists_cannot_command_the_terminal(serve: Serve) -> None:
    sep = b'xmlns="urn:ieee:std:2030.5:ns"'
    device = b'<EndDevice href="/&#x9b;2J"><changedTime>0</changedTime><sFDI>0</sFDI></EndDevice>'

    def answer(handler: Handler) -> None:
        if handler.path == "/dcap":
            handler.reply(200, b"<DeviceCapability %b><EndDeviceListLink href='/edev'/></DeviceCapability>" % sep)
        else:
            handler.reply(200, b"<EndDeviceList %b all='1' results='1'>%b</EndDeviceList>" % (sep, device))

    done = envoy("devices", "--server", serve(answer).url)

    assert done.returncode == 0, done.stderr
    assert "/\\x9b2J" in done.stdout and "\x9b" not in done.stdout


def test_the_name_of_a_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    file = tmp_path / f"{EVIL}.xml"
    file.write_text("<x/>")
    done = [envoy(*command, file) for command in (("validate",), ("identity",), ("register", "--server", "https://x"))]
    assert [x.returncode for x in done] == [1, 2, 2]
    for x in done:
        assert WRITTEN in x.stdout + x.stderr
        assert not [x for x in x.stdout + x.stderr if not x.isprintable() and x != "\n"]


def test_the_subject_of_a_certificate_cannot_command_the_terminal(tmp_path: Path, pki: Pki, serve: Serve) -> None:
    strangers = create_pki(tmp_path)
    hostile = Authority.load(tmp_path).issue_device(f"{EVIL} of CN=x").save(tmp_path, "hostile")
    server = serve(ok, tls(pki, files=hostile))

    done = envoy("tls-check", server.url, "--ca", strangers.ca.certificate)

    assert (done.returncode, done.stderr) == (1, "")
    assert f"certificate  CN={WRITTEN} of" in done.stdout
    assert not [x for x in done.stdout if not x.isprintable() and x != "\n"]


@given(st.text(max_size=20), st.integers(3, 20))
def test_shortened_text_is_at_most_so_long(text: str, longest: int) -> None:
    short = shorten(text, longest)
    assert len(short) <= longest
    assert short == text if len(text) <= longest else short.endswith("...") and text.startswith(short[:-3])


def test_quoted_text_is_short_and_printable() -> None:
    assert quote("a'b") == '"a\'b"'
    assert quote("\x1b" * 100) == repr("\x1b" * 57 + "...")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (1, "a"), (2, "a or b"), (3, "a, b or c"), (7, "a, b, c, d, e, f or 1 more")],
)
def test_words_are_joined_as_a_sentence_lists_them(count: int, text: str) -> None:
    assert join_words("abcdefghij"[:count], "or") == text
