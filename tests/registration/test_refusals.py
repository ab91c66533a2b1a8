"""What servers in the field refuse in the middle of a registration, and in which words, over real connections."""

from __future__ import annotations

import dataclasses

import pytest

from envoy import Client, RegistrationError, ResponseError, Site
from envoy.testing import UtilityServer
from sep2 import DER
from tests.conftest import ROOT
from tests.support.scripted import serving

SITE = Site.load(ROOT / "examples" / "site.toml")


@pytest.mark.parametrize("status", [404, 405])
def test_device_information_that_is_not_taken_is_reported_and_the_rest_is_written(
    status: int, utility_server: UtilityServer, utility_client: Client
) -> None:
    utility_server.fail_next(status, method="PUT", path="*/di")
    registration = utility_client.register(SITE)
    (fault,) = registration.findings
    assert f"PUT {registration.href}/di: the server answered {status}" in fault
    assert utility_server.stored(f"{registration.href}/der/1/dercap") == SITE.ders[0].capability


@pytest.mark.parametrize("status", [403, 405])
def test_a_fixed_list_of_ders_has_place_for_what_it_has(
    status: int, utility_server: UtilityServer, utility_client: Client
) -> None:
    utility_server.fail_next(status, method="POST", path="*/der", count=None)
    assert utility_client.register(SITE).findings == []
    two = dataclasses.replace(SITE, ders=(*SITE.ders, *SITE.ders))
    with pytest.raises(RegistrationError, match="the server's DER list is fixed and has no place for another DER"):
        utility_client.register(two)


def test_a_conflict_with_a_device_that_stays_invisible_names_its_lfdi(
    utility_server: UtilityServer, utility_client: Client
) -> None:
    utility_server.fail_next(409, method="POST", path="/edev")
    with pytest.raises(RegistrationError, match=f"the LFDI {SITE.lfdi.hex().upper()} is taken, and not by a device"):
        utility_client.register(SITE)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b'{"detail": "no"}', ' ({"detail": "no"})'),
        (b"<html><title>502</title><body><h1>Bad Gateway</h1></html>", " (502 Bad Gateway)"),
        (b"\x00\xff\xfe", None),
    ],
    ids=["nothing", "JSON", "the page of a proxy", "rubbish"],
)
def test_a_refusal_says_what_came_with_it_in_whatever_form(body: bytes, said: str | None) -> None:
    with serving() as serve:
        server = serve(lambda handler: handler.reply(400, body))
        with Client(server.url) as client, pytest.raises(ResponseError) as caught:
            client.put("/x", DER())
    assert caught.value.what.isprintable()
    assert said is None or caught.value.what == f"the server answered 400{said}"
