"""A registration against the utility, and over mutual TLS against its server."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from envoy import Client, Site, SiteDER
from envoy.errors import ResponseError
from envoy.protocol.flow import Request, Response
from envoy.protocol.results import RegistrationError
from envoy.tls.pki import Pki
from sep2 import ActivePower
from tests.conftest import StartServer
from tests.support.registrations import (
    AGAIN,
    CLIENT,
    CREATED,
    FIRST,
    FOUND,
    PROFILES,
    READ,
    SKIPPED,
    WRITTEN,
    Utility,
    assert_registered,
    fails,
    nameless,
    new_site,
    outcomes,
    step_of,
)

RIVAL = bytes(range(20, 40))


def documents(client: Client, href: str) -> dict[str, bytes]:
    """Return everything that the server has for an EndDevice, byte for byte."""
    below = ["", "/rg", "/cp", "/di", "/der?l=50"]
    below += [f"/der/{n}{x}" for n in (1, 2, 3) for x in ("", "/dercap", "/derg", "/ders", "/dera")]
    responses = {path: client.send(Request("test", "GET", f"{href}{path}")) for path in below}
    return {path: response.content for path, response in responses.items() if response.status == 200}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_first_registration_writes_everything_and_the_second_changes_nothing(
    profile: str, pki: Pki, start_server: StartServer
) -> None:
    site, sent = new_site(profile), list[str]()
    files = pki.devices["aggregator"]
    with Client(
        start_server("--profile", profile),
        profile=profile,
        cert=files.certificate,
        key=files.key,
        ca=pki.ca.certificate,
        on_exchange=lambda exchange: sent.append(nameless(exchange.request)),
    ) as client:
        first = client.register(site)
        assert profile != "csip-aus-1.2" or sent == list(FIRST)
        assert first.changed
        assert first.findings == []
        assert first.lfdi == site.lfdi
        assert_registered(client.send, site, profile)
        before = documents(client, first.href)
        sent.clear()
        second = client.register(site)
        assert profile != "csip-aus-1.2" or sent == list(AGAIN)
        assert {request.split()[0] for request in sent} == {"GET"}
        assert not second.changed
        assert second.findings == []
        assert second.href == first.href
        assert documents(client, second.href) == before


def test_what_a_registration_does(snapshot: Any) -> None:
    site, server = new_site(), Utility()
    first = server.run(site)
    assert [str(step) for step in first.steps] == snapshot
    second = server.run(site)
    assert {outcome for _, outcome in outcomes(second)} == {READ, FOUND}
    assert [step for step, _ in outcomes(second)] == [step for step, _ in outcomes(first)]


def test_a_site_is_found_by_lfdi_on_a_later_page() -> None:
    server = Utility(page_limit=1)
    for _ in range(3):
        server.run(new_site(ders=[]))
    site = new_site()
    first = server.run(site)
    server.run(new_site(ders=[]))
    server.sent.clear()
    second = server.run(site)
    # The aggregator's own EndDevice comes first, then three others, which have lower SFDIs.
    assert first.href == second.href == "/edev/5"
    assert server.sent.count("GET /edev") == 5
    assert not second.changed
    assert_registered(server.usual, site)


def test_a_registration_that_fails_at_every_request_in_turn_gets_through_in_the_end() -> None:
    # A Time and assignments that cannot be read fail nothing.
    lenient = ("GET /tm", "GET /edev/N/fsa")
    refused = [request for request in dict.fromkeys((*FIRST, *AGAIN)) if request not in lenient]
    site, server = new_site(), Utility()
    for request in refused:
        server.answers(request.replace("/N", "/2"), Response(500), None)
    failed: list[str] = []
    for _ in refused:
        server.sent.clear()
        with pytest.raises(RegistrationError) as caught:
            server.run(site)
        error = caught.value
        step, _, request = error.where.partition(", ")
        assert error.step == step
        assert isinstance(error.__cause__, ResponseError) and error.__cause__.status == 500
        failed.append(nameless(request))
        assert nameless(server.sent[-1]) == failed[-1]
        done = error.registration
        assert done.lfdi == site.lfdi
        assert done.href == ("/edev/2" if "end-device" in dict(outcomes(done)) else "")
        # What was written before is reported, even if it is reading it back that failed.
        assert done.changed == any(not x.startswith("GET") for x in server.sent[:-1])
    assert sorted(failed) == sorted(refused)
    assert server.run(site).findings == []
    assert_registered(server.usual, site)
    assert not server.run(site).changed


@pytest.mark.unmeasured
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("request_", FIRST)
def test_where_a_response_is_lost_nothing_is_made_twice(request_: str, after: bool) -> None:
    site, server = new_site(), Utility()
    server.break_at(request_, after=after)
    if request_.startswith("POST"):
        # Whether it was made is found out by looking.
        registration = server.run(site)
        created = [step.detail for step in registration.steps if step.outcome == CREATED]
        assert len([detail for detail in created if detail]) == after
    elif request_ == "GET /tm":
        assert len(server.run(site).findings) == 1
    else:
        with pytest.raises(RegistrationError) as caught:
            server.run(site)
        assert nameless(server.sent[-1]) == request_
        assert caught.value.step
        server.run(site)
    assert_registered(server.usual, site)
    assert not server.run(site).changed


def test_a_wrong_pin_stops_before_anything_more_is_written(snapshot: Any) -> None:
    server = Utility(pin=123455)
    error = fails(server, new_site(), at="registration, GET /edev/2/rg")
    assert str(error) == snapshot
    assert outcomes(error.registration)[-1] == ("end-device", CREATED)
    assert server.writes == ["POST /edev"]


def test_a_site_without_a_pin_takes_any() -> None:
    registration = Utility().run(new_site(pin=None))
    assert step_of(registration, "registration")[0] == SKIPPED
    assert registration.findings == []


def test_a_server_that_registers_out_of_band_refuses_an_unknown_site() -> None:
    server = Utility(in_band=False)
    error = fails(server, new_site(), at="end-device, POST /edev")
    assert isinstance(error.__cause__, ResponseError) and error.__cause__.status == 403
    assert not error.registration.changed
    # What is there to be found is used.
    assert outcomes(server.run(new_site(lfdi=CLIENT)))[2] == ("end-device", FOUND)


def test_a_site_that_another_aggregator_has_registered_is_not_taken_over(snapshot: Any) -> None:
    site, server = dataclasses.replace(new_site(), lfdi=bytes(20)), Utility()
    server.connect(RIVAL)
    server.run(site)
    server.connect(CLIENT)
    assert str(fails(server, site, at="end-device, POST /edev")) == snapshot
    server.connect(RIVAL)
    assert not server.run(site).changed


def test_an_aggregator_finds_its_own_end_device() -> None:
    server = Utility()
    registration = server.run(Site(lfdi=CLIENT))
    assert server.sent == ["GET /dcap", "GET /tm", "GET /edev", "GET /edev/1/fsa"]
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert not registration.changed
    assert registration.findings == []


def test_only_what_changed_in_the_site_is_written() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    site.ders[1].capability = dataclasses.replace(site.ders[1].capability, rtg_max_w=ActivePower.of(9900))
    server.sent.clear()
    registration = server.run(site)
    assert server.writes == ["PUT /edev/2/der/2/dercap"]
    assert [x for x in outcomes(registration) if x[1] == WRITTEN] == [("der-capability", WRITTEN)]
    assert_registered(server.usual, site)
    assert not server.run(site).changed


def test_the_order_of_the_ders_in_the_site_means_nothing() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    site.ders.reverse()
    assert not server.run(site).changed


def test_two_ders_of_one_type_are_told_apart_by_their_ratings() -> None:
    site, server = new_site(), Utility()
    small, large = (dataclasses.replace(site.ders[0].capability, rtg_max_w=ActivePower.of(w)) for w in (3000, 8000))
    site.ders = [SiteDER(capability=small), SiteDER(capability=large)]
    server.run(site)
    site.ders.reverse()
    assert not server.run(site).changed


def test_an_end_device_that_differs_from_the_site_is_left_as_it_is_and_reported(snapshot: Any) -> None:
    site, server = new_site(), Utility()
    server.run(site)
    registration = server.run(dataclasses.replace(site, post_rate=7))
    assert not registration.changed
    assert registration.findings == snapshot
    assert server.run(dataclasses.replace(site, post_rate=7), update=True).changed
    assert server.stored("/edev/2").post_rate == 7
