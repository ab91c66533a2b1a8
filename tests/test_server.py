"""The utility server, as a process of its own, spoken to over real mutual TLS."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from envoy.errors import EnvoyError, IdentityError, ProfileError
from envoy.identity import sfdi_of_lfdi, site_lfdi
from envoy.pki import Authority
from envoy.profiles import get_profile
from envoy.server import Fault, Settings, Store, create_app, parse_fault, serve
from envoy.server.app import OPERATIONS
from envoy.server.faults import Answer
from envoy.tls import client_context
from envoy.validation import validate
from envoy.xml import dumps, loads
from sep2 import (
    DER,
    ActivePower,
    ApparentPower,
    ConnectionPoint,
    DERAvailability,
    DERCapability,
    DERControlType,
    DERList,
    DERSettings,
    DERStatus,
    DERType,
    DeviceCapability,
    DeviceCategoryType,
    DeviceInformation,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    Error,
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorReadingSet,
    MirrorUsagePoint,
    MirrorUsagePointList,
    Reading,
    ReadingType,
    Registration,
    RegistrationLink,
    RoleFlagsType,
    ServiceKind,
    Time,
    UomType,
    UsagePointStatus,
)
from sep2.resource import DateTimeInterval

PROFILES = ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3")
SEP = "application/sep+xml"
CCM8 = "ECDHE-ECDSA-AES128-CCM8"

RUN = """
import json, sys
from pathlib import Path
from envoy.server import Settings, parse_fault, serve

options = json.loads(sys.argv[1])
folder, database = Path(options.pop("folder")), options.pop("database")
options["faults"] = tuple(parse_fault(text) for text in options.get("faults", ()))
serve(
    certificate=folder / "server.pem",
    key=folder / "server.key",
    ca=folder / "ca.pem",
    database=database,
    settings=Settings(**options),
)
"""


@dataclass
class Pki:
    """Certificates of one authority, in a folder."""

    folder: Path
    authority: Authority
    issued: int = 0

    @classmethod
    def create(cls, folder: Path) -> Pki:
        authority = Authority.create()
        authority.save(folder)
        authority.issue_server(["127.0.0.1", "localhost"]).save(folder, "server")
        return cls(folder, authority)

    def new_device(self) -> tuple[bytes, Path, Path]:
        """Return LFDI, certificate file and key file of a device that has not been seen before."""
        self.issued += 1
        credential = self.authority.issue_device(f"device {self.issued}")
        return credential.lfdi, *credential.save(self.folder, f"device-{self.issued}")


class Client(httpx.Client):
    """One certificate owner. Every body that comes back is judged by the schema of the server's profile."""

    def __init__(self, server: Server, credential: tuple[bytes, Path, Path] | None = None) -> None:
        self.credential = credential or server.pki.new_device()
        self.lfdi, certificate, key = self.credential
        self.profile = get_profile(server.profile)
        context = client_context(cert=certificate, key=key, ca=server.pki.folder / "ca.pem")
        super().__init__(base_url=server.url, verify=context, event_hooks={"response": [self._judge]})

    def _judge(self, response: httpx.Response) -> None:
        if response.read():
            assert response.headers["content-type"] == self.profile.content_type
            assert validate(response.content, profile=self.profile) == []
        else:
            assert response.status_code in (200, 201, 204, 302) or response.request.method == "HEAD"

    def load(self, path: str, cls: type, **query: Any) -> Any:
        response = self.get(path, params=query)
        assert response.status_code == 200, response
        return loads(response.content, cls)

    def send_object(self, method: str, path: str, obj: Any) -> httpx.Response:
        return self.request(method, path, content=dumps(obj, profile=self.profile), headers={"content-type": SEP})

    def register(self, lfdi: bytes) -> str:
        response = self.send_object("POST", "/edev", end_device(lfdi))
        assert response.status_code == 201
        return response.headers["location"]


@dataclass
class Server:
    """A server process that is accepting connections."""

    pki: Pki
    profile: str
    process: subprocess.Popen[str]
    line: str
    errors: Path

    @property
    def url(self) -> str:
        return self.line.split()[2].removesuffix("/dcap")

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Return the exit code and what came on stdout, after the first line, and on stderr."""
        self.process.send_signal(how)
        rest, _ = self.process.communicate(timeout=10)
        return self.process.returncode, rest, self.errors.read_text()


@contextmanager
def running(
    pki: Pki, folder: Path, *, profile: str = "csip-aus-1.2", database: str | Path = ":memory:", **settings: Any
) -> Iterator[Server]:
    options = {"folder": str(pki.folder), "database": str(database), "profile": profile, **settings}
    errors = folder / "stderr.txt"
    with (
        errors.open("w") as file,
        subprocess.Popen(
            [sys.executable, "-c", RUN, json.dumps(options)], stdout=subprocess.PIPE, stderr=file, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, errors.read_text()
            yield Server(pki, profile, process, line, errors)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def server_for(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Start a server for a profile on first use."""
    with ExitStack() as stack:
        yield functools.cache(
            lambda profile: stack.enter_context(running(pki, tmp_path_factory.mktemp("server"), profile=profile))
        )


@pytest.fixture(params=PROFILES)
def any_server(request: pytest.FixtureRequest, server_for: Callable[[str], Server]) -> Server:
    return server_for(request.param)


@pytest.fixture
def server(server_for: Callable[[str], Server]) -> Server:
    return server_for("csip-aus-1.2")


@pytest.fixture(scope="module")
def strict_server(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose limits are low, and that speaks TLS 1.3."""
    options = {"page_limit": 2, "max_body": 5000, "max_readings": 3, "pin": 123455, "tls12_only": False}
    with running(pki, tmp_path_factory.mktemp("server"), **options) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server) as client:
        yield client


@pytest.fixture
def other_client(server: Server) -> Iterator[Client]:
    with Client(server) as client:
        yield client


_site_numbers = itertools.count(1)


def new_lfdi() -> bytes:
    """Return the LFDI of a site that no test has used before."""
    return site_lfdi(next(_site_numbers), pen=28547)


def end_device(lfdi: bytes | None, sfdi: int | None = None) -> EndDevice:
    return EndDevice(
        lfdi=lfdi,
        sfdi=sfdi_of_lfdi(lfdi or bytes(20)) if sfdi is None else sfdi,
        changed_time=0,
        device_category=DeviceCategoryType(1 << 18),
        post_rate=60,
        registration_link=RegistrationLink(href="/made-up-by-the-client"),
    )


def device_information(lfdi: bytes) -> DeviceInformation:
    return DeviceInformation(
        lfdi=lfdi,
        mf_date=0,
        mf_hw_ver="1",
        mf_id=37250,
        mf_model="ACME",
        mf_ser_num="1",
        primary_power=1,
        secondary_power=0,
        sw_act_time=0,
        sw_ver="1",
    )


def der_capability(profile: str) -> DERCapability:
    return DERCapability(
        modes_supported=DERControlType(1),
        rtg_max_w=ActivePower.of(5000),
        rtg_max_va=ApparentPower.of(5000),
        type=DERType(83),
        doe_modes_supported=None if profile == "ieee-2018" else DOEControlType(3),
    )


def der_messages(profile: str) -> dict[str, Any]:
    return {
        "dercap": der_capability(profile),
        "derg": DERSettings(set_grad_w=100, set_max_w=ActivePower.of(5000), updated_time=1),
        "ders": DERStatus(reading_time=1),
        "dera": DERAvailability(reading_time=1, availability_duration=60),
    }


def mirror(lfdi: bytes, mrid: bytes, description: str = "site") -> MirrorUsagePoint:
    return MirrorUsagePoint(
        mrid=mrid,
        description=description,
        role_flags=RoleFlagsType(1),
        service_category_kind=ServiceKind(0),
        status=UsagePointStatus(1),
        device_lfdi=lfdi,
    )


def reading(mrid: bytes, amount: int = 1, *, explained: bool = True) -> MirrorMeterReading:
    interval = DateTimeInterval(duration=300, start=0)
    return MirrorMeterReading(
        mrid=mrid,
        reading_type=ReadingType(uom=UomType(38)) if explained else None,
        mirror_reading_set=[
            MirrorReadingSet(
                mrid=mrid + bytes([amount]), time_period=interval, reading=[Reading(value=n) for n in range(amount)]
            )
        ],
    )


def reason_of(response: httpx.Response) -> int:
    return int(loads(response.content, Error).reason_code)


# Starting and stopping


def test_the_first_line_says_where_to_find_it(any_server: Server) -> None:
    port = any_server.port
    assert any_server.line == f"Listening on https://127.0.0.1:{port}/dcap (profile {any_server.profile})\n"


def test_ctrl_c_ends_it_in_peace_even_with_a_connection_open(pki: Pki, tmp_path: Path) -> None:
    with running(pki, tmp_path) as server, Client(server) as client:
        client.get("/dcap")
        assert server.stop(signal.SIGINT) == (0, "", "")


def test_a_file_outlives_the_server(pki: Pki, tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    lfdi = new_lfdi()
    with running(pki, tmp_path, database=database) as server, Client(server) as client:
        path = client.register(lfdi)
        client.send_object("PUT", f"{path}/cp", ConnectionPoint(connection_point_id="NMI1"))
        assert server.stop() == (0, "", "")
    with running(pki, tmp_path, database=database, in_band=False, pin=123455) as server:
        again = Client(server, credential=client.credential)
        devices = again.load("/edev", EndDeviceList, l=10)
        assert [device.lfdi for device in devices.end_device] == [client.lfdi, lfdi]
        assert again.load(f"{path}/cp", ConnectionPoint).connection_point_id == "NMI1"
        assert again.load(f"{path}/rg", Registration).pin == 123455
        assert again.send_object("POST", "/edev", end_device(new_lfdi())).status_code == 403
        again.close()
    with pytest.raises(EnvoyError, match=r"holds resources of the profile csip-aus-1\.2"):
        Store(database, "csip-aus-1.3")


def test_a_port_in_use_is_an_error_that_says_so(pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(EnvoyError, match="cannot listen") as caught:
        serve_in_folder(pki.folder, port=taken.getsockname()[1])
    assert "another port" in caught.value.remedy


def test_missing_and_wrong_files_are_errors_that_name_them(pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(EnvoyError, match=r"server\.pem: no such certificate file"):
        serve_in_folder(tmp_path)
    with pytest.raises(EnvoyError, match=r"ca\.key: holds no certificate in PEM"):
        serve_in_folder(pki.folder, ca=pki.folder / "ca.key")
    with pytest.raises(EnvoyError, match="the key does not belong to the certificate"):
        serve_in_folder(pki.folder, key=pki.folder / "ca.key")


def test_an_encrypted_key_is_an_error_and_no_prompt(pki: Pki, tmp_path: Path) -> None:
    key = tmp_path / "encrypted.key"
    form = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    key.write_bytes(pki.authority.credential.key.private_bytes(*form))
    with pytest.raises(EnvoyError, match="the key is encrypted"):
        serve_in_folder(pki.folder, key=key, certificate=pki.folder / "ca.pem")


def test_a_database_that_is_none_is_an_error(pki: Pki, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database " * 100)
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE something (x)")
    connection.close()
    for database in (text, foreign, tmp_path / "no" / "folder.db"):
        with pytest.raises(EnvoyError, match=database.name):
            serve_in_folder(pki.folder, database=database)


def serve_in_folder(folder: Path, **options: Any) -> None:
    files = {"certificate": folder / "server.pem", "key": folder / "server.key", "ca": folder / "ca.pem"}
    serve(**{**files, **options})


def test_the_dialect_of_envoy_0_1_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"does not speak envoy-0\.1"):
        Settings(profile="envoy-0.1")


def test_a_pin_needs_its_check_digit() -> None:
    with pytest.raises(IdentityError, match="wrong check digit"):
        Settings(pin=111111)


def test_store_and_settings_have_the_same_profile() -> None:
    store = Store(profile="csip-aus-1.3")
    with pytest.raises(ProfileError, match="the store has the profile"):
        create_app(Settings(), store)
    store.close()


# TLS


def handshake(server: Server, context: ssl.SSLContext) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    return context.wrap_socket(raw, server_hostname="127.0.0.1")


@pytest.mark.parametrize("version", ["TLS 1.2", "TLS 1.3"])
def test_no_certificate_no_answer(server: Server, strict_server: Server, version: str) -> None:
    chosen = server if version == "TLS 1.2" else strict_server
    context = client_context(ca=server.pki.folder / "ca.pem")
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.get(f"{chosen.url}/dcap")


@pytest.mark.parametrize("version", ["TLS 1.2", "TLS 1.3"])
def test_a_certificate_of_another_authority_gets_no_answer(
    server: Server, strict_server: Server, version: str, tmp_path: Path
) -> None:
    chosen = server if version == "TLS 1.2" else strict_server
    _, certificate, key = Pki.create(tmp_path).new_device()
    context = client_context(cert=certificate, key=key, ca=server.pki.folder / "ca.pem")
    with httpx.Client(verify=context) as client, pytest.raises(httpx.TransportError):
        client.get(f"{chosen.url}/dcap")


def test_the_mandatory_cipher_suite_is_preferred(server: Server) -> None:
    context = trusting_context(server)
    try:
        context.set_ciphers(f"ECDHE-ECDSA-AES128-GCM-SHA256:{CCM8}:@SECLEVEL=0")
    except ssl.SSLError:
        pytest.skip("this TLS library does not have the suite")
    if CCM8 not in [cipher["name"] for cipher in context.get_ciphers()]:
        pytest.skip("this TLS library does not have the suite")
    with handshake(server, context) as connection:
        assert connection.cipher() == (CCM8, "TLSv1.2", 128)


def test_a_client_with_default_ciphers_is_served(server: Server) -> None:
    with handshake(server, trusting_context(server)) as connection:
        assert connection.version() == "TLSv1.2"


def test_tls_1_3_is_spoken_if_allowed(strict_server: Server) -> None:
    with handshake(strict_server, trusting_context(strict_server)) as connection:
        assert connection.version() == "TLSv1.3"


def trusting_context(server: Server) -> ssl.SSLContext:
    _, certificate, key = server.pki.new_device()
    context = ssl.create_default_context(cafile=server.pki.folder / "ca.pem")
    context.load_cert_chain(certificate, key)
    return context


def test_an_application_that_is_handed_no_certificate_refuses_everything() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(Settings(), store))
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            return await client.get("/dcap")

    store = Store()
    assert asyncio.run(ask()).status_code == 403
    store.close()


# Discovery


def test_device_capability_links_to_what_there_is(any_server: Server) -> None:
    with Client(any_server) as client:
        client.register(new_lfdi())
        capability = client.load("/dcap", DeviceCapability)
        assert capability.href == "/dcap"
        assert capability.time_link.href == "/tm"
        assert (capability.end_device_list_link.href, capability.end_device_list_link.all) == ("/edev", 2)
        assert capability.mirror_usage_point_list_link.all == 0
        assert client.load("/tm", Time).tz_offset == 0


def test_the_well_known_path_leads_to_device_capability_in_csip_aus_1_3(any_server: Server) -> None:
    with Client(any_server) as client:
        response = client.get("/.well-known/csipaus")
        if any_server.profile == "csip-aus-1.3":
            assert (response.status_code, response.headers["location"]) == (302, "/dcap")
        else:
            assert response.status_code == 404


def test_head_is_get_without_the_body(client: Client) -> None:
    response = client.head("/dcap")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["content-length"]) == len(client.get("/dcap").content)


# A registration, in all profiles


def test_a_whole_registration(any_server: Server) -> None:
    lfdi = new_lfdi()
    csip_aus = any_server.profile != "ieee-2018"
    with Client(any_server) as client:
        response = client.send_object("POST", "/edev", end_device(lfdi))
        assert (response.status_code, response.content) == (201, b"")
        path = response.headers["location"]
        device = client.load(path, EndDevice)
        assert (device.href, device.lfdi, device.sfdi) == (path, lfdi, sfdi_of_lfdi(lfdi))
        assert device.registration_link.href == f"{path}/rg"
        assert device.changed_time > 0
        assert (device.post_rate, device.device_category) == (60, DeviceCategoryType(1 << 18))
        assert client.load(device.registration_link.href, Registration).pin == 111115

        if csip_aus:
            for status in (201, 204):
                point = ConnectionPoint(connection_point_id=f"NMI{status}")
                response = client.send_object("PUT", device.connection_point_link.href, point)
                assert response.status_code == status
            stored = client.load(device.connection_point_link.href, ConnectionPoint)
            assert (stored.href, stored.connection_point_id) == (f"{path}/cp", "NMI204")
        else:
            assert device.connection_point_link is None
            assert client.get(f"{path}/cp").status_code == 404

        information = device.device_information_link.href
        assert client.get(information).status_code == 404
        assert client.send_object("PUT", information, device_information(lfdi)).status_code == 204
        assert client.load(information, DeviceInformation).mf_model == "ACME"

        assert device.der_list_link.all == (1 if csip_aus else 0)
        if not csip_aus:
            response = client.send_object("POST", device.der_list_link.href, DER())
            assert response.status_code == 201
            assert response.headers["location"] == f"{path}/der/1"
        ders = client.load(device.der_list_link.href, DERList)
        assert (ders.all, ders.results, ders.der[0].href) == (1, 1, f"{path}/der/1")
        der = client.load(f"{path}/der/1", DER)
        links = [der.der_capability_link, der.der_settings_link, der.der_status_link, der.der_availability_link]
        messages = der_messages(any_server.profile)
        assert [link.href for link in links] == [f"{path}/der/1/{name}" for name in messages]
        for name, message in messages.items():
            assert client.get(f"{path}/der/1/{name}").status_code == 404
            for _ in range(2):
                assert client.send_object("PUT", f"{path}/der/1/{name}", message).status_code == 204
            assert type(client.load(f"{path}/der/1/{name}", type(message))) is type(message)

        for gone in (f"{path}/der/1", path):
            assert client.delete(gone).status_code == 204
            assert client.get(gone).status_code == 404
            assert client.get(f"{gone}/dercap").status_code == 404
            assert client.delete(gone).status_code == 404
        assert client.register(lfdi) != path


def test_the_own_end_device_is_there_before_anything_was_posted(client: Client) -> None:
    devices = client.load("/edev", EndDeviceList)
    assert (devices.all, devices.results) == (1, 1)
    assert devices.end_device[0].lfdi == client.lfdi
    assert devices.end_device[0].sfdi == sfdi_of_lfdi(client.lfdi)


def test_the_own_end_device_comes_first_even_after_it_was_deleted(client: Client) -> None:
    own = client.load("/edev", EndDeviceList).end_device[0].href
    client.register(new_lfdi())
    assert client.delete(own).status_code == 204
    devices = client.load("/edev", EndDeviceList, l=10)
    assert devices.end_device[0].lfdi == client.lfdi
    assert devices.all == 2


def test_an_end_device_that_exists_is_a_conflict_without_location(client: Client) -> None:
    lfdi = new_lfdi()
    client.register(lfdi)
    for known in (lfdi, client.lfdi):
        response = client.send_object("POST", "/edev", end_device(known))
        assert response.status_code == 409
        assert "location" not in response.headers


@pytest.mark.parametrize(
    "device",
    [
        pytest.param(end_device(bytes(20), sfdi=167261211391), id="SFDI of another LFDI"),
        pytest.param(end_device(None), id="no LFDI"),
        pytest.param(end_device(b"\x12\x34", sfdi=10), id="short LFDI"),
    ],
)
def test_an_end_device_without_a_proper_identity_has_bad_values(client: Client, device: EndDevice) -> None:
    response = client.send_object("POST", "/edev", device)
    assert (response.status_code, reason_of(response)) == (400, 1)


def test_an_end_device_can_be_replaced_but_stays_the_same_device(client: Client) -> None:
    path = client.register(new_lfdi())
    device = client.load(path, EndDevice)
    device.enabled, device.changed_time = False, 1
    assert client.send_object("PUT", path, device).status_code == 204
    assert client.load(path, EndDevice).enabled is False
    assert client.load(path, EndDevice).changed_time > 1
    response = client.send_object("PUT", path, end_device(new_lfdi()))
    assert (response.status_code, reason_of(response)) == (400, 1)


def test_of_many_posts_of_one_lfdi_at_once_just_one_succeeds(server: Server) -> None:
    device = end_device(new_lfdi())
    clients = [Client(server) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda n: clients[n % 4].send_object("POST", "/edev", device).status_code, range(16)))
    for client in clients:
        client.close()
    assert sorted(statuses) == [201] + [409] * 15


# Two owners


def test_what_belongs_to_another_certificate_does_not_exist(client: Client, other_client: Client) -> None:
    path = client.register(new_lfdi())
    mirror_path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
    client.send_object("POST", mirror_path, reading(b"\x02"))
    client.send_object("PUT", f"{path}/di", device_information(client.lfdi))
    own = client.load("/edev", EndDeviceList).end_device[0].href
    for hidden in (path, own, f"{path}/rg", f"{path}/di", f"{path}/der", f"{path}/der/1", mirror_path):
        assert client.get(hidden).status_code == 200
        assert other_client.get(hidden).status_code == 404
    assert other_client.get(f"{mirror_path}/mr").status_code == 404
    assert other_client.delete(path).status_code == 404
    assert other_client.delete(mirror_path).status_code == 404
    assert other_client.send_object("PUT", path, end_device(new_lfdi())).status_code == 404
    assert other_client.send_object("PUT", f"{path}/cp", ConnectionPoint(connection_point_id="X")).status_code == 404
    assert other_client.send_object("POST", f"{path}/der", DER()).status_code == 404
    assert other_client.send_object("POST", mirror_path, reading(b"\x02")).status_code == 404
    capability = other_client.load("/dcap", DeviceCapability)
    assert capability.end_device_list_link.all == 1
    assert capability.mirror_usage_point_list_link.all == 0


def test_the_lfdi_of_another_owner_is_a_conflict(client: Client, other_client: Client) -> None:
    lfdi = new_lfdi()
    client.register(lfdi)
    assert other_client.send_object("POST", "/edev", end_device(lfdi)).status_code == 409


def test_an_lfdi_goes_to_the_certificate_that_proves_it(client: Client, other_client: Client) -> None:
    path = client.register(other_client.lfdi)
    client.send_object("PUT", f"{path}/di", device_information(other_client.lfdi))
    assert other_client.load("/edev", EndDeviceList).end_device[0].href == path
    assert other_client.load(f"{path}/di", DeviceInformation).lfdi == other_client.lfdi
    assert client.get(path).status_code == 404


def test_two_owners_may_use_the_same_mrid(client: Client, other_client: Client) -> None:
    first = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01"))
    second = other_client.send_object("POST", "/mup", mirror(other_client.lfdi, b"\x01"))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.headers["location"] != second.headers["location"]


# Lists


def test_a_page_has_one_item_unless_more_are_asked_for(client: Client) -> None:
    lfdis = [client.lfdi, *(new_lfdi() for _ in range(4))]
    for lfdi in lfdis[1:]:
        client.register(lfdi)
    assert seen(client.load("/edev", EndDeviceList)) == (5, lfdis[:1])
    assert seen(client.load("/edev", EndDeviceList, s=1)) == (5, lfdis[1:2])
    assert seen(client.load("/edev", EndDeviceList, s=1, l=3)) == (5, lfdis[1:4])
    assert seen(client.load("/edev", EndDeviceList, s=3, l=50)) == (5, lfdis[3:])
    assert seen(client.load("/edev", EndDeviceList, s=5, l=50)) == (5, [])
    assert seen(client.load("/edev", EndDeviceList, l=0)) == (5, [])
    assert seen(client.load("/edev", EndDeviceList, s=4294967295, l=4294967295)) == (5, [])


def test_the_server_caps_a_page(strict_server: Server) -> None:
    with Client(strict_server) as client:
        for _ in range(3):
            client.register(new_lfdi())
        assert client.load("/edev", EndDeviceList, l=100).results == 2


def seen(devices: EndDeviceList) -> tuple[int, list[bytes | None]]:
    assert devices.results == len(devices.end_device)
    return devices.all, [device.lfdi for device in devices.end_device]


@pytest.mark.parametrize("query", ["s=-1", "s=a", "l=", "l=1.5", "l=4294967296", "s=%D9%A3", "l=1e3", "s=99999999999"])
@pytest.mark.parametrize("path", ["/edev", "/mup"])
def test_a_bad_query_has_bad_values(client: Client, path: str, query: str) -> None:
    response = client.get(f"{path}?{query}")
    assert (response.status_code, reason_of(response)) == (400, 1)


# The metering mirror


def test_readings_are_mirrored(any_server: Server) -> None:
    with Client(any_server) as client:
        response = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x0a", "before"))
        path = response.headers["location"]
        assert response.status_code == 201
        response = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x0a", "after"))
        assert (response.status_code, response.headers["location"]) == (204, path)
        mirrors = client.load("/mup", MirrorUsagePointList)
        assert (mirrors.all, mirrors.mirror_usage_point[0].description) == (1, "after")
        assert client.load(path, MirrorUsagePoint).href == path

        response = client.send_object("POST", path, reading(b"\x0b"))
        assert (response.status_code, response.headers["location"]) == (201, f"{path}/mr/1")
        assert client.load(f"{path}/mr/1", MirrorMeterReading).mrid == b"\x0b"
        several = [reading(b"\x0b", 2, explained=False), reading(b"\x0c")]
        body = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=several)
        response = client.send_object("POST", path, body)
        assert (response.status_code, response.headers["location"]) == (201, f"{path}/mr")
        readings = client.load(f"{path}/mr", MirrorMeterReadingList, l=9)
        assert [item.mrid for item in readings.mirror_meter_reading] == [b"\x0b", b"\x0b", b"\x0c"]

        assert client.delete(path).status_code == 204
        assert client.send_object("POST", path, reading(b"\x0b")).status_code == 404


def test_a_set_of_readings_that_is_posted_twice_is_there_once(client: Client) -> None:
    path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
    first = client.send_object("POST", path, reading(b"\x02")).headers["location"]
    assert client.send_object("POST", path, reading(b"\x02", explained=False)).headers["location"] == first
    assert client.load(f"{path}/mr", MirrorMeterReadingList).all == 1


def test_the_first_reading_of_an_mrid_says_what_is_measured(client: Client) -> None:
    body = mirror(client.lfdi, b"\x01")
    body.mirror_meter_reading = [reading(b"\x02")]
    path = client.send_object("POST", "/mup", body).headers["location"]
    assert client.send_object("POST", path, reading(b"\x02", explained=False)).status_code == 201
    response = client.send_object("POST", path, reading(b"\x03", explained=False))
    assert (response.status_code, reason_of(response)) == (400, 1)


def test_too_many_readings_are_too_large(strict_server: Server) -> None:
    with Client(strict_server) as client:
        path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
        assert client.send_object("POST", path, reading(b"\x02", 3)).status_code == 201
        response = client.send_object("POST", path, reading(b"\x02", 4))
        assert (response.status_code, reason_of(response)) == (413, 2)
        body = mirror(client.lfdi, b"\x02")
        body.mirror_meter_reading = [reading(b"\x02", 2), reading(b"\x03", 2)]
        assert client.send_object("POST", "/mup", body).status_code == 413


def test_a_list_of_readings_is_taken_as_a_whole_or_not_at_all(client: Client) -> None:
    path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
    several = [reading(b"\x02"), reading(b"\x03", explained=False)]
    body = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=several)
    assert client.send_object("POST", path, body).status_code == 400
    assert client.load(f"{path}/mr", MirrorMeterReadingList).all == 0


# The rules of HTTP


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="JSON"),
        pytest.param(b"<EndDevice", id="broken"),
        pytest.param(b"<EndDevice/>", id="no namespace"),
        pytest.param(b'<EndDevice xmlns="urn:ieee:std:2030.5:ns"/>', id="incomplete"),
        pytest.param(b'<DER xmlns="urn:ieee:std:2030.5:ns"/>', id="another message"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]><EndDevice xmlns="urn:ieee:std:2030.5:ns"/>', id="DOCTYPE"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_a_body_that_is_not_the_message_expected_has_a_bad_format(client: Client, body: bytes) -> None:
    response = client.post("/edev", content=body, headers={"content-type": SEP})
    assert (response.status_code, reason_of(response)) == (400, 0)


def test_an_extension_of_another_edition_has_a_bad_format(client: Client) -> None:
    path = client.register(new_lfdi())
    content = dumps(ConnectionPoint(connection_point_id="X"), profile="csip-aus-1.3")
    response = client.put(f"{path}/cp", content=content, headers={"content-type": SEP})
    assert (response.status_code, reason_of(response)) == (400, 0)


@pytest.mark.parametrize("media_type", ["application/xml", "text/xml", "application/sep+xmlx", "application/json", ""])
def test_another_media_type_is_not_supported(client: Client, media_type: str) -> None:
    content = dumps(end_device(new_lfdi()))
    assert client.post("/edev", content=content, headers={"content-type": media_type}).status_code == 415


@pytest.mark.parametrize(
    "media_type", [SEP, "Application/SEP+XML", f"{SEP};level=-S1", f"{SEP}; csipaus=1.3; charset=utf-8"]
)
def test_the_media_type_may_have_parameters(client: Client, media_type: str) -> None:
    content = dumps(end_device(new_lfdi()))
    assert client.post("/edev", content=content, headers={"content-type": media_type}).status_code == 201


@pytest.mark.parametrize(
    "accept", ["application/xml", "text/html, application/json", f"{SEP};q=0", "application/sep-exi"]
)
def test_an_accept_header_without_ours_is_not_acceptable(client: Client, accept: str) -> None:
    assert client.get("/dcap", headers={"accept": accept}).status_code == 406


@pytest.mark.parametrize(
    "accept", [SEP, f"{SEP};level=+S1;q=0.5", "*/*", "application/*", f"text/html, {SEP};csipaus=1.3", ""]
)
def test_an_accept_header_with_ours_is_acceptable(client: Client, accept: str) -> None:
    assert client.get("/dcap", headers={"accept": accept}).status_code == 200


def test_no_accept_header_is_acceptable(client: Client) -> None:
    del client.headers["accept"]
    assert client.get("/dcap").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/edev/",
        "/edev/999",
        "/edev/01",
        "/edev/x/der",
        "/edev/999/di",
        "/edev/1%0A",
        "/mup/9",
        "//edev",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/dcap", "GET, HEAD"),
        ("DELETE", "/edev", "GET, HEAD, POST"),
        ("PATCH", "/edev/1", "DELETE, GET, HEAD, PUT"),
        ("PUT", "/edev/1/rg", "GET, HEAD"),
        ("PUT", "/edev/1/der/1", "DELETE, GET, HEAD"),
        ("OPTIONS", "/mup/1", "DELETE, GET, HEAD, POST"),
    ],
)
def test_other_methods_are_answered_with_those_there_are(client: Client, method: str, path: str, allow: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allow)


def test_a_body_that_is_too_long_is_refused_without_being_read(strict_server: Server) -> None:
    head = f"POST /edev HTTP/1.1\r\nHost: x\r\nContent-Type: {SEP}\r\nContent-Length: 1000000000\r\n\r\n"
    with handshake(strict_server, trusting_context(strict_server)) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_chunks_are_counted_and_the_connection_goes_on(strict_server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 1000

    with Client(strict_server) as client:
        response = client.post("/edev", content=chunks(), headers={"content-type": SEP})
        assert (response.status_code, reason_of(response)) == (413, 2)
        assert client.get("/dcap").status_code == 200


def test_chunks_within_the_limit_are_taken(client: Client) -> None:
    content = dumps(end_device(new_lfdi()))
    parts = iter([content[:50], content[50:]])
    assert client.post("/edev", content=parts, headers={"content-type": SEP}).status_code == 201


def test_a_failure_is_logged_with_its_traceback_and_told_to_nobody_else(pki: Pki, tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    with running(pki, tmp_path, database=database) as server, Client(server) as client:
        path = client.register(new_lfdi())
        connection = sqlite3.connect(database)
        connection.execute("UPDATE resource SET document = 'broken' WHERE path = ?", (path,))
        connection.commit()
        connection.close()
        response = client.get(path)
        assert (response.status_code, reason_of(response)) == (500, 2)
        assert b"Traceback" not in response.content
        assert client.get("/dcap").status_code == 200
        _, _, errors = server.stop()
    assert f"GET {path} failed" in errors
    assert "Traceback" in errors and "not well-formed XML" in errors


# Faults on purpose


def test_requests_fail_on_purpose_as_often_as_asked_and_are_not_processed(pki: Pki, tmp_path: Path) -> None:
    faults = ["PUT */cp 500", "POST /edev 503 2", "* /tm 404"]
    lfdi = new_lfdi()
    with running(pki, tmp_path, faults=faults, log_requests=True) as server, Client(server) as client:
        point = ConnectionPoint(connection_point_id="NMI1")
        statuses = [client.send_object("POST", "/edev", end_device(lfdi)).status_code for _ in range(4)]
        assert statuses == [503, 503, 201, 409]
        assert client.send_object("PUT", "/edev/2/cp", point).status_code == 500
        assert client.get("/edev/2/cp").status_code == 404
        assert client.send_object("PUT", "/edev/2/cp", point).status_code == 201
        assert [client.get("/tm").status_code for _ in range(2)] == [404, 200]
        _, _, errors = server.stop()
    assert "POST /edev 503 refused on purpose\n" in errors
    assert "POST /edev 201\n" in errors
    assert f"POST /edev 409 there is an EndDevice with the LFDI {lfdi.hex().upper()}\n" in errors


def test_a_fault_is_parsed() -> None:
    assert parse_fault("put */cp 500") == Fault("PUT", "*/cp", Answer(500), 1)
    assert parse_fault(" *  /edev/[12]  429  3 ") == Fault("*", "/edev/[12]", Answer(429), 3)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it has 0 words"),
        ("PUT /cp", "it has 2 words"),
        ("PUT /cp 500 1 1", "it has 5 words"),
        ("PUSH /cp 500", "PUSH is not one of the methods"),
        ("PUT cp 500", "no path matches cp"),
        ("PUT /cp 200", "'200' is nothing that can be done to a request"),
        ("PUT /cp abc", "'abc' is nothing that can be done to a request"),
        ("PUT /cp 500 0", "0 is not a number of requests"),
    ],
)
def test_a_fault_that_cannot_be_parsed_is_explained(text: str, why: str) -> None:
    with pytest.raises(EnvoyError, match=why) as caught:
        parse_fault(text)
    assert "a status from 300 to 599" in caught.value.remedy


# The table of operations


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_a_method_takes_a_body_if_and_only_if_it_sends_one(operation: Any) -> None:
    handler: Callable[..., Any] = operation.handler
    assert bool(operation.accepts) == (operation.method in ("PUT", "POST"))
    assert handler.__doc__
