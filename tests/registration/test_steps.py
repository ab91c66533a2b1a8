"""The steps of a registration: what each makes of responses that the utility never gives."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import pytest

from envoy import Outcome, Site, SiteDER
from envoy.documents import dumps
from envoy.errors import EncodeError, EnvoyError, IdentityError, ResponseError, TransportError
from envoy.protocol import quirks
from envoy.protocol.flow import Request, Response
from envoy.protocol.results import RegistrationError
from envoy.registration.register import register
from envoy.validation.findings import ValidationError
from sep2 import ActivePower, DERType, DeviceCapability, EndDevice, EndDeviceListLink, FunctionSetAssignmentsListLink
from sep2.types import PowerOfTenMultiplierType
from tests.support.registrations import (
    AGAIN,
    CREATED,
    FIRST,
    FOUND,
    LOST,
    NOT_SENT,
    READ,
    SITE,
    SKIPPED,
    WRITTEN,
    Utility,
    document,
    fails,
    knowing,
    new_site,
    outcomes,
    step_of,
    xml,
)


def test_the_requests_are_those_that_the_tests_name() -> None:
    site, server = new_site(), Utility()
    first = server.run(site)
    assert [request.replace("/edev/2", "/edev/N") for request in server.sent] == list(FIRST)
    server.sent.clear()
    second = server.run(site)
    assert [request.replace("/edev/2", "/edev/N") for request in server.sent] == list(AGAIN)
    assert first.findings == second.findings == []
    assert first.clock_offset == 3
    assert step_of(first, "time")[0] == READ


def _set(name: str, value: object, found: Any) -> None:
    setattr(found, name, value)


# Before the first request


def test_a_site_that_cannot_be_expressed_is_refused_before_anything_is_sent() -> None:
    site = new_site()
    capability = site.ders[0].capability
    without_modes = dataclasses.replace(capability, doe_modes_supported=None)
    changed = dataclasses.replace(site)
    changed.pin = 111111  # what it was made with has been checked
    cases: list[tuple[type[EnvoyError], Site, str]] = [
        (IdentityError, changed, "csip-aus-1.2"),
        (ValidationError, dataclasses.replace(site, nmi="6" * 33), "csip-aus-1.2"),
        (ValidationError, dataclasses.replace(site, ders=[SiteDER(capability=without_modes)]), "csip-aus-1.2"),
        (EncodeError, site, "ieee-2018"),
    ]
    for error, invalid, profile in cases:
        with pytest.raises(error):
            next(register(invalid, profile))


def test_a_site_is_sent_unjudged_where_that_is_asked_for() -> None:
    server = Utility()
    fails(server, new_site(nmi="6" * 33), at="connection-point, PUT /edev/2/cp", validate=False)
    assert server.statuses[server.sent.index("PUT /edev/2/cp")] == 400


# DeviceCapability and Time


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 204])
def test_a_server_without_the_well_known_path_is_read_at_the_usual_one(status: int) -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(status))
    registration = server.run(new_site())
    assert server.sent[:2] == ["GET /.well-known/csipaus", "GET /dcap"]
    assert bool(registration.findings) == (status in (400, 403))


def test_a_page_for_people_at_the_well_known_path_is_reported_and_passed_over() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(200, content=b"<html><p>Welcome!</html>"))
    (finding,) = server.run(new_site()).findings
    assert "Welcome!" in finding
    assert server.sent[1] == "GET /dcap"


def test_the_well_known_path_tells_where_device_capability_is() -> None:
    server = Utility("csip-aus-1.3")
    capability = DeviceCapability(href="/api/dcap", end_device_list_link=EndDeviceListLink(href="/edev"))
    server.answers("GET /.well-known/csipaus", document(capability, "csip-aus-1.3"))
    registration = server.run(new_site())
    assert "GET /dcap" not in server.sent
    assert registration.steps[0].href == "/api/dcap"


WELL_KNOWN_JSON = (
    '{"supportedSchemaVersions": {"https://csipaus.org/ns/v99.99": {"dcap": ["/future"]}, "null": {"dcap": ["/null"]},'
    ' "https://csipaus.org/ns/v1.2": {"dcap": []}, "https://csipaus.org/ns/v1.3": {"dcap": ["/AyVU2GGr"]}}}'
)


@pytest.mark.parametrize("path", ["/AyVU2GGr", "https://utility/AyVU2GGr"])
def test_the_json_at_the_well_known_path_says_where_device_capability_is(path: str) -> None:
    server = Utility("csip-aus-1.3")
    server.answers(
        "GET /.well-known/csipaus", Response(200, content=WELL_KNOWN_JSON.replace("/AyVU2GGr", path).encode())
    )
    # What is read there has the href /dcap, which is not asked for.
    server.answers(f"GET {path}", lambda request: server.usual(dataclasses.replace(request, href="/dcap")))
    registration = server.run(new_site())
    assert server.sent[:2] == ["GET /.well-known/csipaus", f"GET {path}"]
    assert registration.steps[0].href == path and not registration.findings
    assert not {"GET /dcap", "GET /future", "GET /null"} & set(server.sent)


@pytest.mark.parametrize(
    ("editions", "remedy"),
    [
        ('{"https://csipaus.org/ns": {"dcap": ["/old"]}}', "the profile csip-aus-1.2"),
        ('{"https://csipaus.org/ns/v1.3": {"dcap": []}, "x": {"dcap": ["/x"]}}', "Ask the utility"),
        ('{"https://csipaus.org/ns/v1.3": {"dcap": "/x"}}', "Ask the utility"),
        ('{"https://csipaus.org/ns/v1.3": {"dcap": [null]}}', "Ask the utility"),
        ("{}", "Ask the utility"),
    ],
)
def test_a_server_of_other_editions_is_not_read_at_the_usual_path(editions: str, remedy: str) -> None:
    server = Utility("csip-aus-1.3")
    content = f'{{"supportedSchemaVersions": {editions}}}'.encode()
    server.answers("GET /.well-known/csipaus", Response(200, content=content))
    error = fails(server, new_site(), at="device-capability, GET /.well-known/csipaus")
    assert remedy in error.remedy
    assert server.sent == ["GET /.well-known/csipaus"]


def test_a_beta_of_the_edition_is_taken_where_there_is_no_other() -> None:
    server = Utility("csip-aus-1.3")
    content = b'{"supportedSchemaVersions": {"https://csipaus.org/ns/v1.3-beta/storage": {"dcap": ["/dcap"]}}}'
    server.answers("GET /.well-known/csipaus", Response(200, content=content))
    assert not server.run(new_site()).findings


@pytest.mark.parametrize("content", [b"[]", b"{}", b"{", b'{"supportedSchemaVersions": 1}', b"[" * 50_000])
def test_other_json_at_the_well_known_path_is_reported_and_passed_over(content: bytes) -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(200, content=content))
    assert len(server.run(new_site()).findings) == 1
    assert server.sent[1] == "GET /dcap"


def test_a_server_that_fails_at_the_well_known_path_is_not_passed_over() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(503))
    fails(server, new_site(), at="device-capability, GET /.well-known/csipaus")


def test_a_path_that_the_user_gives_is_the_one_that_is_read() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /api/v2/dcap", lambda request: server.usual(dataclasses.replace(request, href="/dcap")))
    registration = server.run(new_site(), entry="/api/v2/dcap")
    assert server.sent[:2] == ["GET /api/v2/dcap", "GET /tm"]
    assert registration.steps[0].href == "/api/v2/dcap"


def test_where_there_is_no_device_capability_the_path_has_to_be_asked_for(snapshot: Any) -> None:
    server = Utility()
    server.answers("GET /dcap", Response(404))
    error = fails(server, new_site(), at="device-capability, GET /dcap")
    assert str(error) == snapshot
    assert error.registration.steps == []


def test_a_server_without_end_devices_is_an_error(snapshot: Any) -> None:
    server = Utility()
    server.bend("/dcap", lambda capability: setattr(capability, "end_device_list_link", None))
    assert str(fails(server, new_site(), at="end-device, DeviceCapability at /dcap")) == snapshot


def test_a_time_that_cannot_be_read_is_reported_and_nothing_more(snapshot: Any) -> None:
    server = Utility()
    server.answers("GET /tm", xml("<Time><currentTime>noon</currentTime></Time>"))
    registration = server.run(new_site())
    assert registration.clock_offset is None
    assert step_of(registration, "time") == (READ, snapshot)
    assert any("Time/currentTime" in finding and "'noon'" in finding for finding in registration.findings)


# EndDevice


def test_a_409_for_a_device_that_the_list_has_by_now_means_that_it_is_there() -> None:
    site = new_site()
    server = knowing(site)
    server.answers("GET /edev", xml('<EndDeviceList all="0" results="0"/>'), None)
    server.answers("POST /edev", Response(409))
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert registration.href == "/edev/2"
    assert registration.findings == []


def test_a_conflict_with_a_device_that_stays_invisible_names_its_lfdi() -> None:
    site, server = new_site(), Utility()
    server.answers("POST /edev", Response(409))
    assert site.lfdi.hex().upper() in fails(server, site, at="end-device, POST /edev").what


def test_a_device_that_was_created_without_a_location_is_looked_for() -> None:
    site, server = new_site(), Utility()
    server.answers("POST /edev", lambda request: Response(server.usual(request).status))
    registration = server.run(site)
    assert registration.href == "/edev/2"
    assert step_of(registration, "end-device") == (CREATED, quirks.LOCATION_MISSING)


def test_a_device_that_was_created_without_a_location_and_is_nowhere_is_an_error(snapshot: Any) -> None:
    server = Utility()
    server.answers("POST /edev", Response(201))
    assert str(fails(server, new_site(), at="end-device, POST /edev")) == snapshot


def test_where_another_device_is_in_the_place_of_the_new_one_nothing_is_written_to_it() -> None:
    site, server = new_site(), Utility()
    server.answers("GET /edev/9", document(EndDevice(href="/edev/9", lfdi=bytes(20), sfdi=0, changed_time=0)))
    server.answers("POST /edev", lambda request: server.usual(request) and Response(201, {"location": "/edev/9"}))
    error = fails(server, site, at="end-device, GET /edev/9")
    assert error.what == quirks.LOCATION_ASTRAY
    assert error.registration.href == ""
    assert server.writes == ["POST /edev"]
    assert outcomes(server.run(site))[2] == ("end-device", FOUND)


def test_a_new_device_that_does_not_say_its_lfdi_is_taken_for_what_it_is() -> None:
    site, server = new_site(), Utility()
    server.answers("GET /edev/9", document(EndDevice(href="/edev/9", sfdi=0, changed_time=0)))
    server.answers("POST /edev", Response(201, {"location": "/edev/9"}))
    assert server.run(site).href == "/edev/9"


def test_an_absolute_location_is_followed_as_it_is() -> None:
    server = Utility()

    def absolute(request: Request) -> Response:
        return Response(201, {"location": "https://server.example" + server.usual(request).location})

    server.answers("POST /edev", absolute)
    server.answers("POST /edev/2/der", absolute)
    registration = server.run(new_site())
    assert "GET https://server.example/edev/2" in server.sent
    assert registration.href == "https://server.example/edev/2"
    assert len(server.ders) == 2


def test_a_post_whose_response_is_lost_is_looked_for_before_it_is_sent_again(snapshot: Any) -> None:
    site, server = new_site(), Utility()

    def lose(request: Request) -> TransportError:
        server.usual(request)
        return LOST

    server.answers("POST /edev", lose)
    server.answers("POST /edev/2/der", lose)
    registration = server.run(site)
    assert (len(server.devices), len(server.ders)) == (1, 2)
    assert server.writes.count("POST /edev") == server.writes.count("POST /edev/2/der") == 1
    assert step_of(registration, "end-device") == (CREATED, snapshot)
    assert not server.run(site).changed


def test_a_post_that_may_not_have_arrived_is_sent_again_only_once() -> None:
    site, server = new_site(), Utility()
    server.answers("POST /edev", LOST)
    with pytest.raises(RegistrationError) as caught:
        server.run(site)
    assert server.sent[2:] == ["GET /edev", "POST /edev", "GET /edev", "POST /edev"]
    assert isinstance(caught.value.__cause__, TransportError)
    server.answers("POST /edev", LOST, None)
    server.run(site)
    assert len(server.devices) == 1


def test_a_post_that_was_certainly_not_sent_is_an_error_at_once() -> None:
    server = Utility()
    server.answers("POST /edev", NOT_SENT)
    with pytest.raises(RegistrationError) as caught:
        server.run(new_site())
    assert caught.value.__cause__ is NOT_SENT
    assert server.sent[-2:] == ["GET /edev", "POST /edev"]


def test_a_device_that_arrives_late_is_not_made_twice() -> None:
    site, server = new_site(), Utility()

    def late(request: Request) -> Response:
        server.usual(request)
        return Response(409)

    server.answers("POST /edev", LOST, late)
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert len(server.devices) == 1


def test_an_end_device_without_an_address_is_an_error(snapshot: Any) -> None:
    site = new_site()
    server = knowing(site)
    server.bend("/edev", lambda found: setattr(found.end_device[-1], "href", None))
    assert str(fails(server, site, at="end-device, GET /edev")) == snapshot


def test_what_was_created_is_told_even_if_it_cannot_be_read() -> None:
    server = Utility()
    server.answers("GET /edev/2", Response(500))
    error = fails(server, new_site(), at="end-device, GET /edev/2")
    assert error.registration.href == "/edev/2"
    assert outcomes(error.registration)[-1] == ("end-device", CREATED)


@pytest.mark.parametrize(
    ("step", "field", "name"),
    [
        ("connection-point", "connection_point_link", "ConnectionPointLink"),
        ("device-information", "device_information_link", "DeviceInformationLink"),
        ("der", "der_list_link", "DERListLink"),
        ("registration", "registration_link", "RegistrationLink"),
    ],
)
@pytest.mark.parametrize("how", ["absent", "without href"])
def test_a_step_without_a_link_is_skipped_and_the_others_are_done(step: str, field: str, name: str, how: str) -> None:
    site = new_site()
    server = knowing(site)
    server.bend("/edev", lambda found: setattr(found.end_device[-1], field, None))
    if how == "without href":
        usual = server.usual(Request("", "GET", "/edev?l=50")).content.decode()
        namespace = ' xmlns="https://csipaus.org/ns"' if step == "connection-point" else ""
        before, _, own = usual.rpartition("<lFDI>")
        server.answers("GET /edev", Response(200, content=f"{before}<{name}{namespace}/><lFDI>{own}".encode()))
    registration = server.run(site)
    assert step_of(registration, step) == (SKIPPED, quirks.LINK_ABSENT.format(name))
    others = {"connection-point", "device-information", "der-capability"} - {step}
    if step == "der":
        others.remove("der-capability")
    assert others <= {name for name, outcome in outcomes(registration) if outcome == WRITTEN}
    findings = [finding for finding in registration.findings if "href is missing" not in finding]
    assert len(findings) == (step == "registration"), "that the PIN could not be compared is worth a finding"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("der_capability_link", "DERCapabilityLink"),
        ("der_settings_link", "DERSettingsLink"),
        ("der_status_link", "DERStatusLink"),
        ("der_availability_link", "DERAvailabilityLink"),
    ],
)
def test_a_der_without_a_link_keeps_the_others(field: str, name: str) -> None:
    site = new_site()
    site.ders = [dataclasses.replace(site.ders[0], availability=site.ders[1].availability)]
    server = knowing(site)
    server.bend("/edev/2/der", lambda found: setattr(found.der[0], field, None))
    registration = server.run(site)
    (skipped,) = (step for step in registration.steps if step.outcome == SKIPPED)
    assert skipped.detail == quirks.LINK_ABSENT.format(name)
    assert len([request for request in server.writes if "/der/1/" in request]) == 3


def test_a_server_without_time_is_used_all_the_same() -> None:
    server = Utility()
    server.bend("/dcap", lambda capability: setattr(capability, "time_link", None))
    registration = server.run(new_site())
    assert step_of(registration, "time")[0] == SKIPPED
    assert registration.clock_offset is None


def test_a_registration_without_a_pin_does_not_match(snapshot: Any) -> None:
    server = Utility()
    server.answers("GET /edev/2/rg", xml("<Registration><dateTimeRegistered>0</dateTimeRegistered></Registration>"))
    assert str(fails(server, new_site(), at="registration, GET /edev/2/rg")) == snapshot


def test_a_connection_point_that_the_profile_does_not_have_is_reported(snapshot: Any) -> None:
    registration = Utility("ieee-2018").run(new_site("ieee-2018", nmi="6001234567"))
    assert step_of(registration, "connection-point") == (SKIPPED, snapshot)


# What is written, and what the server makes of it


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_put_may_be_answered_with_any_success(status: int) -> None:
    server = Utility()
    server.answers("PUT /edev/2/cp", lambda request: Response(status, content=server.usual(request).content))
    assert step_of(server.run(new_site()), "connection-point")[0] == WRITTEN


def test_a_server_that_drops_extension_elements_in_silence_is_found_out(snapshot: Any) -> None:
    site, server = new_site(), Utility()
    server.bend("/edev/2/der/1/dercap", lambda found: setattr(found, "doe_modes_supported", None))
    assert server.run(site).findings == snapshot


def test_what_cannot_be_read_back_is_reported(snapshot: Any) -> None:
    server = Utility()
    server.answers("GET /edev/2/cp", Response(405))
    registration = server.run(new_site())
    assert registration.findings == snapshot
    assert step_of(registration, "connection-point")[0] == WRITTEN


def test_an_amount_in_another_scale_is_the_same_amount() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    for multiplier, changed in ((4, False), (3, True)):
        amount = ActivePower(value=1, multiplier=PowerOfTenMultiplierType(multiplier))
        server.bend("/edev/2/der/1/dercap", partial(_set, "rtg_max_w", amount))
        assert server.run(site).changed == changed


def test_an_amount_that_cannot_be_read_is_written_again() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    content = dumps(server.stored("/edev/2/der/1/dercap")).replace(b"<value>10000</value>", b"<value>lots</value>")
    server.answers("GET /edev/2/der/1/dercap", Response(200, content=content), None)
    server.sent.clear()
    registration = server.run(site)
    assert server.writes == ["PUT /edev/2/der/1/dercap"]
    assert all("'lots'" in finding for finding in registration.findings)


@pytest.mark.parametrize("status", sorted(quirks.DEVICE_INFORMATION_REFUSED))
def test_a_server_that_takes_no_device_information_gets_the_rest(status: int) -> None:
    server = Utility()
    server.answers("PUT /edev/2/di", Response(status))
    registration = server.run(new_site())
    assert step_of(registration, "device-information")[0] == SKIPPED
    (finding,) = registration.findings
    assert str(status) in finding and "PUT /edev/2/di" in finding
    assert outcomes(registration)[-1] == ("der-availability", WRITTEN)


# The DERs


@pytest.mark.parametrize("status", sorted(quirks.FIXED_DER_LIST))
def test_a_fixed_list_of_ders_takes_what_it_has_place_for(status: int) -> None:
    site = new_site()
    stranger = dataclasses.replace(site.ders[0].capability, type=DERType.FUEL_CELL)
    server = knowing(site, ready_ders=0)
    server.add_der(stranger)
    server.add_der(site.ders[0].capability)
    server.answers("POST /edev/2/der", Response(status))
    registration = server.run(site)
    # The second DER of the site takes the place of the stranger.
    steps = [step for step in registration.steps if step.step == "der"]
    assert [step.href for step in steps] == ["/edev/2/der/2", "/edev/2/der/1"]
    assert str(status) in steps[1].detail
    assert server.stored("/edev/2/der/1/dercap").type == site.ders[1].capability.type
    assert registration.findings == []
    assert not server.run(site).changed


def test_a_fixed_list_of_ders_without_a_place_is_an_error_that_says_so(snapshot: Any) -> None:
    server = Utility()
    server.answers("POST /edev/2/der", Response(405, {"allow": "GET, HEAD"}))
    error = fails(server, new_site(), at="der, POST /edev/2/der")
    assert str(error) == snapshot
    assert outcomes(error.registration)[-1] == ("der-status", WRITTEN)


def test_a_der_that_cannot_be_added_for_another_reason_is_an_error() -> None:
    server = Utility()
    server.answers("POST /edev/2/der", Response(500))
    error = fails(server, new_site(), at="der, POST /edev/2/der").__cause__
    assert isinstance(error, ResponseError) and error.status == 500


def test_a_der_that_was_added_without_a_location_is_looked_for() -> None:
    server = Utility(ready_ders=0)
    server.answers("POST /edev/2/der", lambda request: Response(server.usual(request).status))
    registration = server.run(new_site())
    added = [step for step in registration.steps if step.step == "der"]
    assert [step.href for step in added] == ["/edev/2/der/1", "/edev/2/der/2"]
    assert {step.detail for step in added} == {quirks.LOCATION_MISSING}


def test_a_ready_der_may_say_that_it_has_no_type_yet() -> None:
    site = new_site()
    server = knowing(site, ready_ders=0)
    for _ in site.ders:
        server.add_der(dataclasses.replace(site.ders[0].capability, type=DERType.NOT_APPLICABLE))
    server.run(site)
    assert not [request for request in server.writes if request.startswith("POST")]


def test_ders_that_the_list_has_in_another_order_are_told_apart() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.bend("/edev/2/der", lambda found: found.der.reverse())
    assert not server.run(site).changed


def test_a_der_that_the_site_does_not_have_is_left_and_reported(snapshot: Any) -> None:
    site, server = new_site(), Utility()
    server.run(site)
    registration = server.run(dataclasses.replace(site, ders=site.ders[:1]))
    assert not registration.changed
    assert registration.findings == snapshot


# DERs: which is which


def _of_type(site: Site, *types: DERType) -> Site:
    capability = site.ders[0].capability
    return dataclasses.replace(site, ders=[SiteDER(capability=dataclasses.replace(capability, type=x)) for x in types])


PV, ENGINE, STORAGE = DERType.PHOTOVOLTAIC_SYSTEM, DERType.RECIPROCATING_ENGINE, DERType.OTHER_STORAGE_SYSTEM


def _types(server: Utility) -> list[DERType]:
    return sorted(server.stored(f"{SITE}/der/{number}/dercap").type for number in range(1, len(server.ders) + 1))


def test_a_corrected_type_of_the_only_der_is_the_same_der() -> None:
    site, server = new_site(), Utility()
    server.run(_of_type(site, ENGINE))
    registration = server.run(_of_type(site, PV))
    assert _types(server) == [PV]
    assert registration.findings == []
    assert step_of(registration, "der") == (FOUND, "was RECIPROCATING_ENGINE, is PHOTOVOLTAIC_SYSTEM")
    assert not server.run(_of_type(site, PV)).changed


def test_of_several_ders_update_replaces_the_one_that_is_left_over() -> None:
    site, server = new_site(), Utility()
    server.run(_of_type(site, PV, ENGINE))
    changed = _of_type(site, PV, STORAGE)
    compared = server.run(changed, writes=False, update=True)
    assert [(step.step, step.outcome) for step in compared.deviations] == [("der-capability", Outcome.DIFFERENT)]
    registration = server.run(changed, update=True)
    assert _types(server) == sorted([PV, STORAGE])
    assert registration.findings == []
    assert not server.run(changed).changed


def test_of_several_ders_none_is_replaced_without_update_or_where_two_are_left_over() -> None:
    site, server = new_site(), Utility()
    server.run(_of_type(site, PV, ENGINE))
    assert len(server.run(_of_type(site, PV, STORAGE)).findings) == 1
    assert _types(server) == sorted([PV, STORAGE, ENGINE])
    site, server = new_site(), Utility()
    server.run(_of_type(site, PV, ENGINE))
    others = (STORAGE, DERType.COMBINED_PV_AND_STORAGE)
    assert len(server.run(_of_type(site, *others), update=True).findings) == 2
    assert _types(server) == sorted([PV, ENGINE, *others])


# An EndDevice that cannot be changed


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_an_end_device_that_cannot_be_put_is_reported_as_refused(status: int) -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.answers("PUT /edev/2", Response(status))
    registration = server.run(dataclasses.replace(site, post_rate=7), update=True)
    (refused,) = registration.deviations
    assert (refused.step, refused.outcome, refused.href) == ("end-device", Outcome.REFUSED, "/edev/2")
    assert str(status) in refused.detail and "post_rate" in refused.detail
    assert not registration.changed


def test_the_pin_is_compared_before_an_end_device_is_changed() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.sent.clear()
    fails(server, dataclasses.replace(site, pin=123455, post_rate=7), at="registration, GET /edev/2/rg", update=True)
    assert server.writes == []
    server.run(dataclasses.replace(site, post_rate=7), update=True)
    assert server.sent.count("GET /edev/2/rg") == 2


# Time and programs


@pytest.mark.parametrize("answer", [Response(500), Response(404), Response(200, content=b"noon"), LOST])
def test_a_time_that_fails_stops_nothing(answer: Any) -> None:
    server = Utility()
    server.answers("GET /tm", answer)
    registration = server.run(new_site())
    assert step_of(registration, "time")[0] == SKIPPED
    assert len(registration.findings) == 1
    assert registration.changed


def _assigning(*programs: int | None, link: str = "/edev/2/fsa") -> Utility:
    """Return a utility that assigns so many programs in each FunctionSetAssignments; None does not say how many."""
    server = Utility()
    items = "".join(
        f'<FunctionSetAssignments href="{link}/{number}"><DERProgramListLink href="{link}/{number}/derp"'
        f"{_all(count)}/><mRID>0{number}</mRID></FunctionSetAssignments>"
        for number, count in enumerate(programs)
    )
    count = len(programs)
    page = f'<FunctionSetAssignmentsList all="{count}" results="{count}">{items}</FunctionSetAssignmentsList>'
    server.answers(f"GET {link}", xml(page))
    server.bend("/edev/2", lambda device: _set("function_set_assignments_list_link", _link(link), device))
    return server


def _all(count: int | None) -> str:
    return "" if count is None else f' all="{count}"'


def _link(href: str) -> FunctionSetAssignmentsListLink:
    return FunctionSetAssignmentsListLink(href=href)


@pytest.mark.parametrize(("programs", "said"), [((), "0 programs"), ((1,), "1 program"), ((2, 1), "3 programs")])
def test_the_programs_that_are_assigned_are_counted(programs: tuple[int, ...], said: str) -> None:
    server = _assigning(*programs)
    registration = server.run(new_site())
    assert step_of(registration, "fsa") == (READ, said)
    assert registration.programs == sum(programs)
    assert registration.findings == []


def test_a_program_list_whose_link_does_not_say_how_many_is_read() -> None:
    server = _assigning(None)
    server.answers("GET /edev/2/fsa/0/derp", xml('<DERProgramList all="0" results="0"/>'))
    assert server.run(new_site()).programs == 0
    assert "GET /edev/2/fsa/0/derp" in server.sent


@pytest.mark.parametrize("status", [404, 500])
def test_assignments_that_cannot_be_read_fail_nothing(status: int) -> None:
    server = _assigning(1)
    server.answers("GET /edev/2/fsa", Response(status))
    registration = server.run(new_site())
    assert step_of(registration, "fsa")[0] == SKIPPED
    assert registration.programs is None
    assert len(registration.findings) == (status == 500)


def test_an_nmi_of_another_length_is_reported_even_if_it_is_refused() -> None:
    server = Utility()
    assert len(server.run(new_site(nmi="66666666660")).findings) == 0
    server.answers("PUT /edev/3/cp", Response(500))
    error = fails(server, new_site(nmi="6" * 15), at="connection-point, PUT /edev/3/cp")
    assert any("15 characters" in finding for finding in error.registration.findings)


def test_what_does_not_fit_in_a_resource_that_is_written_next_is_not_reported() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    empty = xml("<DERSettings/>")
    server.answers("GET /edev/2/der/1/derg", empty, None)
    registration = server.run(site)
    assert "PUT /edev/2/der/1/derg" in server.sent
    assert registration.findings == []
    # Where it stays, it is.
    server.answers("GET /edev/2/der/1/derg", empty)
    assert server.run(site, writes=False).findings
