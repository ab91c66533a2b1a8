"""The steps of a registration: what each makes of answers that the real server never gives."""

from __future__ import annotations

import dataclasses

import pytest

from envoy import Site, SiteDER
from envoy.documents import dumps
from envoy.errors import EncodeError, EnvoyError, IdentityError, TransportError
from envoy.protocol.flow import Request, Response
from envoy.protocol.results import RegistrationError
from envoy.registration.register import register
from envoy.validation.findings import ValidationError
from sep2 import (
    ActivePower,
    DERType,
    EndDevice,
    EndDeviceList,
)
from sep2.types import PowerOfTenMultiplierType
from tests.support.registrations import (
    AGAIN,
    CREATED,
    FIRST,
    FOUND,
    LOST,
    NOT_SENT,
    READ,
    SKIPPED,
    WRITTEN,
    Utility,
    fails,
    knowing,
    new_site,
    outcomes,
    step_of,
    xml,
)


def test_the_server_of_these_tests_is_like_the_real_one() -> None:
    site, server = new_site(), Utility()
    first = server.run(site)
    assert [request.replace("/edev/1", "/edev/N") for request in server.sent] == list(FIRST)
    server.sent.clear()
    second = server.run(site)
    assert [request.replace("/edev/1", "/edev/N") for request in server.sent] == list(AGAIN)
    assert first.findings == second.findings == []
    assert first.clock_offset == 3
    assert step_of(first, "time") == (READ, "server clock +3 s")


# Before the first request


def test_a_site_that_cannot_be_expressed_is_refused_before_anything_is_sent() -> None:
    site = new_site()
    capability = site.ders[0].capability
    without_modes = dataclasses.replace(capability, doe_modes_supported=None)
    cases: list[tuple[type[EnvoyError], Site, str]] = [
        (IdentityError, dataclasses.replace(site, pin=111111), "csip-aus-1.2"),
        (IdentityError, dataclasses.replace(site, sfdi=1), "csip-aus-1.2"),
        (ValidationError, dataclasses.replace(site, nmi="6" * 33), "csip-aus-1.2"),
        (ValidationError, dataclasses.replace(site, ders=[SiteDER(capability=without_modes)]), "csip-aus-1.2"),
        (EncodeError, site, "ieee-2018"),
    ]
    for error, invalid, profile in cases:
        with pytest.raises(error):
            next(register(invalid, profile))


def test_a_site_is_sent_unjudged_where_that_is_asked_for() -> None:
    server = Utility()
    server.run(new_site(nmi="6" * 33), validate=False)
    assert server.objects["/edev/1/cp"].connection_point_id == "6" * 33


# DeviceCapability and Time


@pytest.mark.parametrize("status", [400, 403, 404, 405, 204])
def test_a_server_without_the_well_known_path_is_read_at_the_usual_one(status: int) -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(status))
    registration = server.run(new_site())
    assert server.sent[:2] == ["GET /.well-known/csipaus", "GET /dcap"]
    assert bool(registration.findings) == (status in (400, 403))


def test_a_page_for_people_at_the_well_known_path_is_reported_and_passed_over() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(200, content=b"<html><p>Welcome!</html>"))
    (fault,) = server.run(new_site()).findings
    assert fault.startswith("GET /.well-known/csipaus: the body of the 200 is no DeviceCapability: ")
    assert fault.endswith(" (Welcome!); /dcap was read instead")


def test_the_well_known_path_tells_where_device_capability_is() -> None:
    server = Utility("csip-aus-1.3")
    server.capability.href = "/api/dcap"
    server.answers("GET /.well-known/csipaus", Response(200, content=dumps(server.capability, profile="csip-aus-1.3")))
    registration = server.run(new_site())
    assert "GET /dcap" not in server.sent
    assert registration.steps[0].href == "/api/dcap"


def test_a_server_that_fails_at_the_well_known_path_is_not_passed_over() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(503))
    fails(server, new_site(), at="device-capability, GET /.well-known/csipaus")


def test_a_path_that_the_user_gives_is_the_one_that_is_read() -> None:
    server = Utility("csip-aus-1.3")
    server.objects["/api/v2/dcap"] = server.capability
    registration = server.run(new_site(), entry="/api/v2/dcap")
    assert server.sent[:2] == ["GET /api/v2/dcap", "GET /tm"]
    assert registration.steps[0].href == "/api/v2/dcap"


def test_where_there_is_no_device_capability_the_path_has_to_be_asked_for() -> None:
    server = Utility()
    server.answers("GET /dcap", Response(404))
    error = fails(server, new_site(), at="device-capability, GET /dcap")
    assert error.what == "the server answered 404"
    assert error.remedy == (
        "The server has no DeviceCapability there: ask the utility for its path, and give it in the URL of the server."
    )
    assert error.registration.steps == []


def test_a_server_without_end_devices_is_an_error() -> None:
    server = Utility()
    server.capability.end_device_list_link = None
    error = fails(server, new_site(), at="end-device, DeviceCapability at /dcap")
    assert error.what == "the server offers no EndDeviceListLink"
    assert error.remedy == "This certificate may have no access to end devices: ask the utility."


def test_a_time_that_cannot_be_read_is_reported_and_nothing_more() -> None:
    server = Utility()
    server.answers("GET /tm", xml("<Time><currentTime>noon</currentTime></Time>"))
    registration = server.run(new_site())
    assert registration.clock_offset is None
    assert step_of(registration, "time") == (READ, "the server does not tell its time")
    assert any("Time/currentTime" in fault and "'noon'" in fault for fault in registration.findings)


# EndDevice


def test_a_409_for_a_device_that_the_list_has_by_now_means_that_it_is_there() -> None:
    site = new_site()
    server = knowing(site)
    server.answers("GET /edev", xml('<EndDeviceList all="0" results="0"/>'), None)
    server.answers("POST /edev", Response(409))
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert registration.href == "/edev/1"
    assert registration.findings == []


def test_a_device_that_was_created_without_a_location_is_looked_for() -> None:
    site, server = new_site(), Utility()
    server.answers("POST /edev", lambda request: Response(server.usual(request).status))
    registration = server.run(site)
    assert registration.href == "/edev/1"
    assert step_of(registration, "end-device") == (CREATED, "the response had no Location; it was found")


def test_a_device_that_was_created_without_a_location_and_is_nowhere_is_an_error() -> None:
    server = Utility()
    server.answers("POST /edev", Response(201))
    error = fails(server, new_site(), at="end-device, POST /edev")
    assert error.what == "the server answered 201 without a Location, and nothing new is in the list"
    assert error.remedy == "This is a fault of the server: report it to the utility."


def test_where_another_device_is_in_the_place_of_the_new_one_nothing_is_written_to_it() -> None:
    site, server = new_site(), Utility()
    server.objects["/edev/9"] = EndDevice(href="/edev/9", lfdi=bytes(20), sfdi=0, changed_time=0)
    server.answers("POST /edev", lambda request: server.usual(request) and Response(201, {"location": "/edev/9"}))
    error = fails(server, site, at="end-device, GET /edev/9")
    assert error.what == "the server said that the new EndDevice is there, and another one is"
    assert error.registration.href == ""
    assert server.writes == ["POST /edev"]
    assert outcomes(server.run(site))[2] == ("end-device", FOUND)


def test_a_new_device_that_does_not_say_its_lfdi_is_taken_for_what_it_is() -> None:
    site, server = new_site(), Utility()
    server.objects["/edev/9"] = EndDevice(href="/edev/9", sfdi=0, changed_time=0)
    server.answers("POST /edev", Response(201, {"location": "/edev/9"}))
    assert server.run(site).href == "/edev/9"


def test_an_absolute_location_is_followed_as_it_is() -> None:
    server = Utility()

    def absolute(request: Request) -> Response:
        return Response(201, {"location": "https://server.example" + server.usual(request).location})

    server.answers("POST /edev", absolute)
    server.answers("POST /edev/1/der", absolute)
    registration = server.run(new_site())
    assert "GET https://server.example/edev/1" in server.sent
    assert registration.href == "https://server.example/edev/1"
    assert len(server.ders) == 2


def test_a_post_whose_answer_is_lost_is_looked_for_before_it_is_sent_again() -> None:
    site, server = new_site(), Utility()

    def lose(request: Request) -> TransportError:
        server.usual(request)
        return LOST

    server.answers("POST /edev", lose)
    server.answers("POST /edev/1/der", lose)
    registration = server.run(site)
    assert (len(server.devices), len(server.ders)) == (1, 2)
    assert server.writes.count("POST /edev") == server.writes.count("POST /edev/1/der") == 1
    assert step_of(registration, "end-device") == (CREATED, "the response was lost; it was found in the list")
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
    with pytest.raises(RegistrationError, match="cannot connect"):
        server.run(new_site())
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


def test_an_end_device_without_an_address_is_an_error() -> None:
    site = new_site()
    server = knowing(site)
    server.devices[0].href = None
    error = fails(server, site, at="end-device, GET /edev")
    assert error.what == "the EndDevice in the list has no href, so its links cannot be followed"


def test_what_was_created_is_told_even_if_it_cannot_be_read() -> None:
    server = Utility()
    server.answers("GET /edev/1", Response(500))
    error = fails(server, new_site(), at="end-device, GET /edev/1")
    assert error.registration.href == "/edev/1"
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
    setattr(server.devices[0], field, None)
    if how == "without href":
        document = dumps(EndDeviceList(all=1, results=1, end_device=server.devices), profile=server.profile).decode()
        namespace = ' xmlns="https://csipaus.org/ns"' if step == "connection-point" else ""
        server.answers(
            "GET /edev", Response(200, content=document.replace("<lFDI>", f"<{name}{namespace}/><lFDI>").encode())
        )
    registration = server.run(site)
    assert step_of(registration, step) == (SKIPPED, f"the server offers no {name}")
    others = {"connection-point", "device-information", "der-capability"} - {step}
    if step == "der":
        others.remove("der-capability")
    assert others <= {name for name, outcome in outcomes(registration) if outcome == WRITTEN}
    expected = (
        {"the PIN could not be compared: the server offers no RegistrationLink"} if step == "registration" else ()
    )
    assert {fault for fault in registration.findings if "href is missing" not in fault} == set(expected)


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
    setattr(server.ders[0], field, None)
    registration = server.run(site)
    assert [step.detail for step in registration.steps if step.outcome == SKIPPED] == [f"the server offers no {name}"]
    assert len([request for request in server.writes if "/der/1/" in request]) == 3


def test_a_server_without_time_is_used_all_the_same() -> None:
    server = Utility()
    server.capability.time_link = None
    registration = server.run(new_site())
    assert step_of(registration, "time") == (SKIPPED, "the server offers no TimeLink")
    assert registration.clock_offset is None


def test_a_registration_without_a_pin_does_not_match() -> None:
    server = Utility()
    server.answers("GET /edev/1/rg", xml("<Registration><dateTimeRegistered>0</dateTimeRegistered></Registration>"))
    error = fails(server, new_site(), at="registration, GET /edev/1/rg")
    assert error.what == "the server's PIN is none, the site's PIN is 111115"


def test_a_connection_point_that_the_profile_does_not_have_is_reported() -> None:
    registration = Utility("ieee-2018").run(new_site("ieee-2018", nmi="6001234567"))
    assert step_of(registration, "connection-point") == (
        SKIPPED,
        "the profile ieee-2018 has none; the NMI was not sent",
    )


# What is written, and what the server makes of it


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_put_may_be_answered_with_any_success(status: int) -> None:
    server = Utility()
    server.answers("PUT /edev/1/cp", lambda request: Response(status, content=server.usual(request).content))
    assert step_of(server.run(new_site()), "connection-point")[0] == WRITTEN


def test_a_server_that_drops_extension_elements_in_silence_is_found_out() -> None:
    site, server = new_site(), Utility()

    def drop(request: Request) -> Response:
        server.usual(request)
        server.objects["/edev/1/der/1/dercap"].doe_modes_supported = None
        return Response(204)

    server.answers("PUT /edev/1/der/1/dercap", drop)
    registration = server.run(site)
    fault = "PUT /edev/1/der/1/dercap: the server answered 204 but did not keep doe_modes_supported"
    assert registration.findings == [fault]


def test_what_cannot_be_read_back_is_reported() -> None:
    server = Utility()
    server.answers("GET /edev/1/cp", Response(405))
    registration = server.run(new_site())
    assert registration.findings == ["PUT /edev/1/cp: the server answered 204, but it cannot be read back"]
    assert step_of(registration, "connection-point")[0] == WRITTEN


def test_an_amount_in_another_scale_is_the_same_amount() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.objects["/edev/1/der/1/dercap"].rtg_max_w = ActivePower(value=1, multiplier=PowerOfTenMultiplierType(4))
    assert not server.run(site).changed
    server.objects["/edev/1/der/1/dercap"].rtg_max_w = ActivePower(value=1, multiplier=PowerOfTenMultiplierType(3))
    assert server.run(site).changed


def test_an_amount_that_cannot_be_read_is_written_again() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    document = dumps(server.objects["/edev/1/der/1/dercap"]).replace(b"<value>10000</value>", b"<value>lots</value>")
    server.answers("GET /edev/1/der/1/dercap", Response(200, content=document), None)
    server.sent.clear()
    registration = server.run(site)
    assert server.writes == ["PUT /edev/1/der/1/dercap"]
    assert all("'lots'" in fault for fault in registration.findings)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_that_takes_no_device_information_gets_the_rest(status: int) -> None:
    server = Utility()
    server.answers("PUT /edev/1/di", Response(status))
    registration = server.run(new_site())
    assert step_of(registration, "device-information") == (SKIPPED, "the server takes none")
    assert registration.findings == [f"PUT /edev/1/di: the server answered {status}; DeviceInformation was not written"]
    assert outcomes(registration)[-1] == ("der-availability", WRITTEN)


# The DERs


@pytest.mark.parametrize("status", [403, 405])
def test_a_fixed_list_of_ders_takes_what_it_has_place_for(status: int) -> None:
    site = new_site()
    stranger = dataclasses.replace(site.ders[0].capability, type=DERType.FUEL_CELL)
    server = knowing(site, ready_ders=0)
    server.add_der(stranger)
    server.add_der(site.ders[0].capability)
    server.answers("POST /edev/1/der", Response(status))
    registration = server.run(site)
    # The second DER of the site takes the place of the stranger.
    assert [(step.href, step.detail) for step in registration.steps if step.step == "der"] == [
        ("/edev/1/der/2", ""),
        ("/edev/1/der/1", f"the DER list is fixed ({status})"),
    ]
    assert server.objects["/edev/1/der/1/dercap"].type == site.ders[1].capability.type
    assert registration.findings == []
    assert not server.run(site).changed


def test_a_fixed_list_of_ders_without_a_place_is_an_error_that_says_so() -> None:
    server = Utility()
    server.answers("POST /edev/1/der", Response(405, {"allow": "GET, HEAD"}))
    error = fails(server, new_site(), at="der, POST /edev/1/der")
    assert error.what == (
        "the server answered 405 (allowed: GET, HEAD): the server's DER list is fixed and has no place for another DER"
    )
    assert error.remedy == "Describe the site with fewer [[der]], such as one COMBINED_PV_AND_STORAGE."
    assert outcomes(error.registration)[-1] == ("der-status", WRITTEN)


def test_a_der_that_cannot_be_added_for_another_reason_is_an_error() -> None:
    server = Utility()
    server.answers("POST /edev/1/der", Response(500))
    assert fails(server, new_site(), at="der, POST /edev/1/der").what == "the server answered 500"


def test_a_der_that_was_added_without_a_location_is_looked_for() -> None:
    server = Utility(ready_ders=0)
    server.answers("POST /edev/1/der", lambda request: Response(server.usual(request).status))
    registration = server.run(new_site())
    added = [step for step in registration.steps if step.step == "der"]
    assert [step.href for step in added] == ["/edev/1/der/1", "/edev/1/der/2"]
    assert {step.detail for step in added} == {"the response had no Location; it was found"}


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
    server.ders.reverse()
    assert not server.run(site).changed


def test_a_der_that_the_site_does_not_have_is_left_and_reported() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    registration = server.run(dataclasses.replace(site, ders=site.ders[:1]))
    assert not registration.changed
    assert registration.findings == ["/edev/1/der/2: the site has no such DER; it was left as it is"]
