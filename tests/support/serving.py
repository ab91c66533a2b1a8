"""The server as a process of its own, clients of it over real mutual TLS, and what they send."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from envoy.documents import dumps, loads
from envoy.identity import sfdi_of_lfdi, site_lfdi
from envoy.profiles import get_profile
from envoy.tls.context import client_context
from envoy.tls.pki import Authority
from envoy.validation.validate import validate
from sep2 import (
    ActivePower,
    ApparentPower,
    DERAvailability,
    DERCapability,
    DERControlType,
    DERSettings,
    DERStatus,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    DOEControlType,
    EndDevice,
    Error,
    MirrorMeterReading,
    MirrorReadingSet,
    MirrorUsagePoint,
    Reading,
    ReadingType,
    RegistrationLink,
    RoleFlagsType,
    ServiceKind,
    UomType,
    UsagePointStatus,
)
from sep2.resource import DateTimeInterval

PROFILES = ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3")
SEP = "application/sep+xml"
CCM8 = "ECDHE-ECDSA-AES128-CCM8"

RUN = """
AROUND = ("faults", "tls12_only", "log_requests")
import json, sys
from pathlib import Path
from envoy.server import ServerSettings, Settings, parse_fault, serve

options = json.loads(sys.argv[1])
folder, database = Path(options.pop("folder")), options.pop("database")
options["faults"] = tuple(parse_fault(text) for text in options.get("faults", ()))
serve(
    certificate=folder / "server.pem",
    key=folder / "server.key",
    ca=folder / "ca.pem",
    database=database,
    settings=ServerSettings(**{name: options.pop(name) for name in AROUND if name in options}),
    utility_settings=Settings(**options),
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
        super().__init__(base_url=server.url, verify=context, timeout=60, event_hooks={"response": [self._judge]})

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
        rest, _ = self.process.communicate(timeout=60)
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


def handshake(server: Server, context: ssl.SSLContext) -> ssl.SSLSocket:
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    return context.wrap_socket(raw, server_hostname="127.0.0.1")


def trusting_context(server: Server) -> ssl.SSLContext:
    _, certificate, key = server.pki.new_device()
    context = ssl.create_default_context(cafile=server.pki.folder / "ca.pem")
    context.load_cert_chain(certificate, key)
    return context
