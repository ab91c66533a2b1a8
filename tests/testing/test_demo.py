"""What the demo says at its end, and that each thing that may go wrong keeps it from saying that all went well."""

from __future__ import annotations

import dataclasses
import io
import re

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from envoy import Client, Site
from envoy.client.attempt import Exchange
from envoy.errors import EnvoyError
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response
from envoy.protocol.results import Outcome, Registration, StepResult
from envoy.testing import demo, demo_follow
from envoy.testing.demo import _verdict

VALID = b'<DER xmlns="urn:ieee:std:2030.5:ns"/>'
INVALID = b'<DER xmlns="urn:ieee:std:2030.5:ns"><nonsense/></DER>'


def registration(*steps: StepResult, href: str = "/edev/2", findings: tuple[str, ...] = ()) -> Registration:
    return Registration(lfdi=bytes(20), href=href, steps=list(steps), findings=list(findings))


def exchange(sent: bytes | None = None, received: bytes = b"") -> Exchange:
    request = Request("der", "GET" if sent is None else "PUT", "/edev/2/der", sent)
    return Exchange(request, Response(200, {}, received), "https://x/edev/2/der", 0.001, "")


FIRST = registration(StepResult("der", Outcome.WRITTEN, "/edev/2/der/1"))
SECOND = registration(StepResult("der", Outcome.FOUND, "/edev/2/der/1"))


def verdict(first: Registration, second: Registration, *exchanges: Exchange) -> tuple[bool, str]:
    console = Console(file=io.StringIO(), width=200)
    good = _verdict(console, get_profile("ieee-2018"), first, second, list(exchanges))
    return good, console.file.getvalue()  # type: ignore[attr-defined]


def test_all_went_well_if_nothing_changed_and_every_message_is_valid(snapshot: SnapshotAssertion) -> None:
    good, printed = verdict(FIRST, SECOND, exchange(received=VALID), exchange(sent=VALID))
    assert good
    assert printed == snapshot


@pytest.mark.parametrize(
    ("first", "second", "sent"),
    [
        (FIRST, FIRST, VALID),
        (FIRST, SECOND, INVALID),
        (FIRST, registration(href="/edev/3"), VALID),
        (registration(findings=("lost it",)), SECOND, VALID),
        (FIRST, registration(findings=("lost it",)), VALID),
    ],
    ids=["changed", "not valid", "another device", "finding the first time", "finding the second time"],
)
def test_it_does_not_say_that_all_went_well_if_something_did_not(
    first: Registration, second: Registration, sent: bytes, snapshot: SnapshotAssertion
) -> None:
    received, written = (verdict(first, second, each) for each in (exchange(received=sent), exchange(sent=sent)))
    assert (received[0], written[0]) == (False, False)
    assert written[1] == received[1].replace("received GET", "sent PUT") == snapshot


# The demo itself, with a server of its own


@pytest.mark.parametrize("profile", ["csip-aus-1.3", "ieee-2018"])  # the README has csip-aus-1.2
def test_the_demo_registers_twice_follows_a_control_and_says_that_all_went_well(
    capsys: pytest.CaptureFixture[str], profile: str
) -> None:
    assert demo.run(profile)
    printed = capsys.readouterr().out
    assert "TLSv1.2 ECDHE-ECDSA-AES128-CCM8" in printed
    assert re.search(r"POST /edev -> /edev/2 +201 +\d+\.\d ms", printed)
    assert "Nothing changed: /edev/2 was there" in printed
    applied = re.findall(r"  applied  opMod(?:Exp|Max)LimW .* \((\w+)", printed)
    assert applied == ["default", "control", "default"]
    assert "The utility has the responses 1, 2, 6\n" in printed
    metered = ["5,000", "1,500", "5,000"] if profile == "csip-aus-1.3" else []
    assert re.findall(r"  the meter of the site: (\S+) W", printed) == metered


class Impatient(demo_follow._Story):
    """A story in which nothing is waited for."""

    longest_wait = 0.0


def test_the_demo_does_not_say_that_all_went_well_if_what_was_to_come_did_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_follow, "_Story", Impatient)
    assert not demo.run("csip-aus-1.2")
    assert "what was to come next did not come" in capsys.readouterr().out


class Moving(Client):
    """A client whose site has another meter each time."""

    moves = 0

    def register(self, site: Site) -> Registration:
        self.moves += 1
        return super().register(dataclasses.replace(site, nmi=f"600123456{self.moves}"))


def test_the_demo_does_not_say_that_all_went_well_if_the_second_time_changed_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envoy.client.client.Client", Moving)
    monkeypatch.setattr(demo, "follow_control", lambda *_: True)
    assert not demo.run("csip-aus-1.2")
    assert "/edev/2/cp\n" in capsys.readouterr().out


def test_the_demo_says_why_its_server_did_not_start() -> None:
    with pytest.raises(EnvoyError) as caught:
        demo.run("envoy-0.1")
    assert "envoy-0.1" in caught.value.what
