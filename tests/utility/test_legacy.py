"""The profile of envoy-client 0.1: its five messages are taken as it writes them, and given back so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy.documents import loads
from envoy.protocol.flow import Response
from envoy.registration.site import Site
from envoy.testing import UtilityServer
from envoy.utility import Settings, Utility
from sep2 import EndDevice
from tests.conftest import ROOT
from tests.support.utilities import new_lfdi

XML = "application/xml"

OLD_CLIENT = """
import sys
from envoy_client.auth import ClientCerticateAuth
from envoy_client.client import AggregatorClient, trailing_resource_id_from_response as number_of
from envoy_client.models import DER, ConnectionPoint, DERCapability, DERType, DeviceCategoryType
from envoy_client.models import DeviceInformation, EndDevice
from envoy_client.transport import RequestsTransport

url, certificate, key = sys.argv[1:]
lfdi = "0x21352135135"
client = AggregatorClient(transport=RequestsTransport(url, auth=ClientCerticateAuth((certificate, key))), lfdi=lfdi)
device = client.create_end_device(EndDevice(lfdi=lfdi, device_category=DeviceCategoryType.combined_pv_and_storage))
number = number_of(device)
capability = DERCapability(type=DERType.combined_pv_storage, rtg_max_w={"value": 5000, "multiplier": 0})
der = client.create_der(DER(der_capability=capability), number)
for response in (
    device,
    client.create_device_information(DeviceInformation(lfdi=lfdi, mf_id=1234567), number),
    der,
    client.create_der_capability(capability, number, number_of(der)),
    client.create_connection_point(ConnectionPoint(meter_id="NMI123"), number),
):
    print("status", response.status_code)
"""


@pytest.fixture
def utility() -> Iterator[Utility]:
    with Utility(Settings("envoy-0.1")) as utility:
        yield utility


def messages() -> list[tuple[str, str, bytes]]:
    """Return method, path and body of the requests that the seed document shows."""
    found = []
    for line in (ROOT / "tests/registration/data/seed_requests.txt").read_text().splitlines():
        method, url, _, _, content = line.split(" ", 4)
        path = url.partition("server-location")[2].replace("{edevID}", "1").replace("{derID}", "1")
        found.append((method, path, content.encode()))
    return found


def request(utility: Utility, method: str, path: str, content: bytes | None = None, client: bytes = b"") -> Response:
    headers = {"accept": "*/*", "content-type": XML}
    return utility.respond(method, path, client=client or bytes(19) + b"1", headers=headers, content=content)


def test_the_five_messages_are_kept_as_they_were_written(utility: Utility) -> None:
    for method, path, content in messages():
        response = request(utility, method, path, content)
        assert (response.status, response.content) == (201, b"")
        assert request(utility, "GET", response.location).content == content
        assert request(utility, "GET", response.location, client=new_lfdi()).status == 404
    _, path, content = messages()[1]
    assert request(utility, "PUT", path, content).status == 204


def test_what_is_wrong_is_refused_in_plain_text(utility: Utility) -> None:
    _, path, content = messages()[0]
    request(utility, "POST", path, content)
    for status, sent in ((409, content), (400, content.replace(b"356563223726", b"356563223727")), (400, b"<a/>")):
        response = request(utility, "POST", path, sent)
        assert (response.status, response.headers["content-type"]) == (status, "text/plain")
        assert response.content
    for path in ("/dcap", "/tm", "/edev/1/fsa"):
        assert request(utility, "GET", path).status == 404


def test_the_client_of_today_registers_in_the_profile_of_then() -> None:
    site = Site.load(ROOT / "examples" / "seed-site.toml", profile="envoy-0.1")
    with UtilityServer("envoy-0.1") as server, server.client() as client:
        first, second = client.register(site), client.register(site)
        stored = server.stored(first.href)
    assert isinstance(stored, EndDevice)
    assert (second.href, second.changed) == (first.href, False)


def test_envoy_client_0_1_1_registers() -> None:
    python = os.environ.get("ENVOY_OLD_CLIENT")
    if not python or not Path(python).exists():
        pytest.skip("set ENVOY_OLD_CLIENT to a Python with envoy-client 0.1.1 and pydantic 1; nox -s old_client does")
    with UtilityServer("envoy-0.1") as server:
        files = server.client_files()
        done = subprocess.run(
            [python, "-c", OLD_CLIENT, server.url, str(files.cert), str(files.key)],
            env={**os.environ, "REQUESTS_CA_BUNDLE": str(files.ca)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stdout.splitlines() if line.startswith("status")] == ["status 201"] * 5
        (document,) = (item["document"] for item in server.ask("list", path="/edev")["items"])
    device = loads(document, EndDevice, profile="envoy-0.1")
    assert device.sfdi == 356563223726
