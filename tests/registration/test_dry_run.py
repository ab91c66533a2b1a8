"""The dry run: every request of a registration in order, each valid, and none of them sent."""

from __future__ import annotations

import dataclasses
import socket
from typing import Any

import pytest
import xmlschema
from lxml import etree

from envoy import Client, Site, SiteDER
from envoy.errors import ProfileError
from envoy.profiles import PROFILES, get_profile
from envoy.protocol.discovery import WELL_KNOWN
from envoy.protocol.flow import Request
from envoy.registration.dry_run import example_site
from envoy.registration.examples.text import as_text
from envoy.utility import Settings, Utility
from envoy.validation.findings import ValidationError
from envoy.xsd.schemas import schema_for, schema_path
from sep2 import ActivePower, DERAvailability, DERCapability, DERControlType, DERType, DOEControlType
from tests.conftest import ROOT
from tests.support.registrations import dry_requests

IEEE_2018 = """
    device-capability   GET   /dcap
    time                GET   /tm
    end-device          GET   /edev?s=0&l=50
    end-device          POST  /edev
    end-device          GET   /edev/2
    fsa                 GET   /edev/2/fsa?s=0&l=50
    device-information  PUT   /edev/2/di
    der                 GET   /edev/2/der?s=0&l=50
    der                 POST  /edev/2/der
    der                 GET   /edev/2/der/1
    der-capability      PUT   /edev/2/der/1/dercap
"""

IEEE_2023 = """
    device-capability   GET   /dcap
    time                GET   /tm
    end-device          GET   /edev?s=0&l=50
    end-device          POST  /edev
    end-device          GET   /edev/2
    fsa                 GET   /edev/2/fsa?s=0&l=50
    der                 GET   /edev/2/der?s=0&l=50
    der                 POST  /edev/2/der
    der                 GET   /edev/2/der/1
    der-capability      PUT   /edev/2/der/1/dercap
    der-settings        PUT   /edev/2/der/1/derg
    der-component       GET   /edev/2/der/1/dercomp?s=0&l=50
    der-component       POST  /edev/2/der/1/dercomp
    der-component       GET   /edev/2/der/1/dercomp/1
    der-capability      PUT   /edev/2/der/1/dercomp/1/dercap
    der-component       POST  /edev/2/der/1/dercomp
    der-component       GET   /edev/2/der/1/dercomp/2
    der-capability      PUT   /edev/2/der/1/dercomp/2/dercap
"""
"""The one DER of a site has its parts in a list of components."""

CSIP_AUS_1_2 = """
    device-capability   GET   /dcap
    time                GET   /tm
    end-device          GET   /edev?s=0&l=50
    end-device          POST  /edev
    end-device          GET   /edev/2
    fsa                 GET   /edev/2/fsa?s=0&l=50
    connection-point    PUT   /edev/2/cp
    connection-point    GET   /edev/2/cp
    device-information  PUT   /edev/2/di
    der                 GET   /edev/2/der?s=0&l=50
    der                 POST  /edev/2/der
    der                 GET   /edev/2/der/1
    der-capability      PUT   /edev/2/der/1/dercap
    der-capability      GET   /edev/2/der/1/dercap
    der-settings        PUT   /edev/2/der/1/derg
    der-settings        GET   /edev/2/der/1/derg
    der-status          PUT   /edev/2/der/1/ders
"""
"""What has CSIP-AUS elements is read back, to see whether the server kept them."""

CSIP_AUS_1_3 = (
    """
    device-capability   GET   /.well-known/csipaus
"""
    + CSIP_AUS_1_2
)

ENVOY_0_1 = """
    end-device          GET   /edev?s=0&l=50
    end-device          POST  /edev
    device-information  PUT   /edev/2/di
    der                 POST  /edev/2/der
    der-capability      PUT   /edev/2/der/1/dercap
    connection-point    PUT   /edev/2/cp
"""

SEQUENCES = {
    "ieee-2018": IEEE_2018,
    "ieee-2023": IEEE_2023,
    "csip-aus-1.2": CSIP_AUS_1_2,
    "csip-aus-1.3": CSIP_AUS_1_3,
    "envoy-0.1": ENVOY_0_1,
}


def rows(requests: list[Request]) -> list[str]:
    return [f"{request.step:18}  {request.method:4}  {request.href}" for request in requests]


def table(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def example(profile: str) -> Site:
    return Site.load(example_site(get_profile(profile)), profile=profile)


def der(**changes: Any) -> SiteDER:
    values = {
        "type": DERType.PHOTOVOLTAIC_SYSTEM,
        "modes_supported": DERControlType.OP_MOD_MAX_LIM_W,
        "doe_modes_supported": DOEControlType.OP_MOD_EXP_LIM_W,
        "rtg_max_w": ActivePower.of(5000),
    }
    return SiteDER(capability=DERCapability(**{**values, **changes}))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **options: Any) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_every_profile_has_its_sequence_here() -> None:
    assert SEQUENCES.keys() == PROFILES.keys()


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("profile", PROFILES)
def test_a_new_site_takes_these_requests_and_none_is_sent(profile: str) -> None:
    assert rows(dry_requests(example(profile), profile)) == table(SEQUENCES[profile])


@pytest.mark.usefixtures("no_network")
def test_a_client_in_its_place_would_have_opened_a_socket() -> None:
    with Client("https://127.0.0.1:1") as client, pytest.raises(AssertionError, match="a socket was opened"):
        client.register(example("csip-aus-1.2"))


@pytest.mark.unmeasured
@pytest.mark.parametrize("profile", PROFILES)
def test_two_validators_find_every_body_valid(profile: str) -> None:
    first, second = schema_for(get_profile(profile)), xmlschema.XMLSchema(schema_path(get_profile(profile)))
    bodies = [request.content for request in dry_requests(example(profile), profile) if request.content is not None]
    assert len(bodies) >= 4
    for body in bodies:
        assert first.validate(etree.fromstring(body)), first.error_log
        second.validate(body.decode())


@pytest.mark.parametrize("profile", PROFILES)
def test_only_what_writes_has_a_body(profile: str) -> None:
    for request in dry_requests(example(profile), profile):
        assert (request.content is not None) == (request.method in ("POST", "PUT"))


def test_each_der_has_its_own_place() -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    availability = DERAvailability(reading_time=0, availability_duration=60)
    site = dataclasses.replace(site, ders=[der(), der(type=DERType.EVSE), der()])
    site.ders[1].availability = availability
    assert rows(dry_requests(site))[9:] == table(
        """
        der                 GET   /edev/2/der?s=0&l=50
        der                 POST  /edev/2/der
        der                 GET   /edev/2/der/1
        der-capability      PUT   /edev/2/der/1/dercap
        der-capability      GET   /edev/2/der/1/dercap
        der                 POST  /edev/2/der
        der                 GET   /edev/2/der/2
        der-capability      PUT   /edev/2/der/2/dercap
        der-capability      GET   /edev/2/der/2/dercap
        der-availability    PUT   /edev/2/der/2/dera
        der                 POST  /edev/2/der
        der                 GET   /edev/2/der/3
        der-capability      PUT   /edev/2/der/3/dercap
        der-capability      GET   /edev/2/der/3/dercap
        """
    )


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"])
def test_a_site_that_is_an_lfdi_alone_takes_an_end_device_alone(profile: str) -> None:
    requests = rows(dry_requests(Site(lfdi=bytes(19) + b"\x01"), profile))
    if profile == "csip-aus-1.3":
        assert requests.pop(0) == "device-capability   GET   /.well-known/csipaus"
    assert requests == table(IEEE_2018)[:6]


def test_an_aggregator_of_the_old_dialect_takes_an_end_device_alone() -> None:
    site = Site.load(ROOT / "examples" / "seed-aggregator.toml", profile="envoy-0.1")
    assert rows(dry_requests(site, "envoy-0.1")) == table(ENVOY_0_1)[:2]


@pytest.mark.parametrize(
    ("change", "step"),
    [({"nmi": None}, "connection-point"), ({"device_information": None}, "device-information"), ({"ders": []}, "der")],
)
def test_what_a_site_does_not_have_takes_no_requests(change: dict[str, Any], step: str) -> None:
    site = dataclasses.replace(example("csip-aus-1.2"), **change)
    left_out = table(CSIP_AUS_1_2)
    assert rows(dry_requests(site)) == [
        row for row in left_out if not (row.split()[0] == step or (step == "der" and row.startswith("der-")))
    ]


def test_a_pin_takes_a_look_at_the_registration() -> None:
    site = Site(lfdi=bytes(20), pin=111115)
    assert rows(dry_requests(site))[5:] == [
        "registration        GET   /edev/2/rg",
        "fsa                 GET   /edev/2/fsa?s=0&l=50",
    ]


def test_an_nmi_takes_no_request_where_there_is_no_connection_point() -> None:
    assert rows(dry_requests(Site(lfdi=bytes(20), nmi="6001234567"), "ieee-2018")) == table(IEEE_2018)[:6]


def test_the_path_of_device_capability_may_be_another() -> None:
    for entry in ("/api/v2/dcap", "/dcap?tenant=1", "/?tenant=1"):
        requests = rows(dry_requests(Site(lfdi=bytes(20)), "csip-aus-1.3", entry=entry))
        assert requests == [f"device-capability   GET   {entry}", *table(IEEE_2018)[1:6]]


def test_the_times_that_the_site_leaves_open_are_0() -> None:
    requests = {request.href: request.content for request in dry_requests(example("csip-aus-1.2")) if request.content}
    assert b"<changedTime>0</changedTime>" in requests["/edev"]
    assert b"<updatedTime>0</updatedTime>" in requests["/edev/2/der/1/derg"]
    assert b"<readingTime>0</readingTime>" in requests["/edev/2/der/1/ders"]


def test_a_site_that_is_not_valid_takes_no_requests() -> None:
    site = dataclasses.replace(example("csip-aus-1.2"), ders=[der(doe_modes_supported=None)])
    with pytest.raises(ValidationError):
        dry_requests(site)


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ProfileError):
        dry_requests(Site(lfdi=bytes(20)), "csip")


# What is shown


def test_a_request_with_a_body_is_shown_like_this() -> None:
    content = next(
        request for request in dry_requests(example("csip-aus-1.3"), "csip-aus-1.3") if request.method == "POST"
    )
    assert as_text(content, get_profile("csip-aus-1.3"), "https://server.example:8443") == (
        "POST https://server.example:8443/edev\n"
        "Accept: application/sep+xml; csipaus=1.3\n"
        "Content-Type: application/sep+xml; csipaus=1.3\n"
        "\n"
        '<EndDevice xmlns="urn:ieee:std:2030.5:ns">\n'
        "  <deviceCategory>00800000</deviceCategory>\n"
        "  <lFDI>0000003E90000000000000000000000000032473</lFDI>\n"
        "  <sFDI>10018</sFDI>\n"
        "  <changedTime>0</changedTime>\n"
        "  <enabled>true</enabled>\n"
        "  <postRate>300</postRate>\n"
        "</EndDevice>"
    )


def test_a_request_without_a_body_is_shown_like_this() -> None:
    shown = as_text(Request("time", "GET", "/tm"), get_profile("ieee-2018"), "https://server.example")
    assert shown == "GET https://server.example/tm\nAccept: application/sep+xml"


def test_the_old_dialect_is_shown_with_its_declaration() -> None:
    [*_, last] = dry_requests(example("envoy-0.1"), "envoy-0.1")
    assert as_text(last, get_profile("envoy-0.1"), "https://server.example") == (
        "PUT https://server.example/edev/2/cp\n"
        "Accept: application/xml\n"
        "Content-Type: application/xml\n"
        "\n"
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<ConnectionPoint>\n"
        "  <connectionPointID/>\n"
        "  <meterID>NMI123</meterID>\n"
        "</ConnectionPoint>"
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_shown_means_what_is_sent(profile: str) -> None:
    for request in dry_requests(example(profile), profile):
        if request.content is None:
            continue
        shown = as_text(request, get_profile(profile), "https://server.example").partition("\n\n")[2]
        compact = etree.XMLParser(remove_blank_text=True)
        sent, printed = (etree.fromstring(text, compact) for text in (request.content, shown.encode()))
        assert etree.tostring(sent, method="c14n") == etree.tostring(printed, method="c14n")


def test_text_of_every_script_is_shown_as_it_is() -> None:
    request = Request("x", "PUT", "/x", "<DER>Größe 寸法</DER>".encode())
    assert as_text(request, get_profile("ieee-2018"), "https://server.example").endswith("\n<DER>Größe 寸法</DER>")


def test_a_vendors_edition_of_csip_aus_1_3_is_treated_as_what_it_is() -> None:
    vendors = dataclasses.replace(PROFILES["csip-aus-1.3"], name="acme-au")
    site = Site.load(ROOT / "examples" / "site.toml", profile=vendors)
    assert dry_requests(site, vendors) == dry_requests(site, "csip-aus-1.3")
    assert dry_requests(site, vendors)[0].href == WELL_KNOWN
    with Utility(Settings(profile=vendors)) as utility:
        assert {WELL_KNOWN, "/edev/{edev}/cp"} <= {route.pattern for route in utility.router.routes}
