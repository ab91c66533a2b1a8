"""The description of envoy-client 0.1.1 gives five example requests; the profile envoy-0.1 makes the same ones.

``data/seed_requests.txt`` has them as they stand in that description, one in a line.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from envoy import Site, dumps, loads
from envoy.errors import DecodeError, EncodeError, IdentityError
from envoy.identity import sfdi_of_lfdi
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import get_profile
from envoy.registration.examples.text import as_text
from envoy.registration.messages import Messages
from envoy.xsd.schemas import schema_for, schema_path
from sep2 import (
    DER,
    ActivePower,
    ConnectionPoint,
    CurrentRMS,
    DERCapability,
    DERControlType,
    DERList,
    DERSettings,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    EnvoyConnectionPoint,
    FunctionsImplemented,
    GPSLocationType,
    PowerSourceType,
    VoltageRMS,
)
from tests.conftest import ROOT, SHARED
from tests.support.commands import envoy
from tests.support.registrations import dry_requests

PROFILE = get_profile("envoy-0.1")
ENVOY_0_1 = IDENTITY_DIALECTS[PROFILE.dialect]
AGGREGATOR = ROOT / "examples" / "seed-aggregator.toml"
SITE = ROOT / "examples" / "seed-site.toml"
LINES = (ROOT / "tests" / "registration" / "data" / "seed_requests.txt").read_text(encoding="utf-8").splitlines()


class Shown(NamedTuple):
    """One request with a body, as far as the description shows it."""

    method: str
    path: str
    content_type: str
    body: Any


def elements(document: str) -> Any:
    """Return a document as nested tuples: qualified name, attributes, text, and the same of each element inside."""

    def plain(node: etree._Element) -> Any:
        return (node.tag, dict(node.attrib), (node.text or "").strip(), [plain(child) for child in node])

    return plain(etree.fromstring(document.encode()))


def without_ids(path: str) -> str:
    """Return a path with a placeholder for each id that the server makes up."""
    path = re.sub(r"^/edev/(\d+|\{edevID\})", "/edev/{edevID}", path)
    return re.sub(r"/der/(\d+|\{derID\})", "/der/{derID}", path)


def described(line: str) -> Shown:
    match = re.fullmatch(r"(POST|PUT) https://server-location(/\S+) Content-Type: (\S+) (<\?xml .*>)", line)
    assert match is not None, line
    return Shown(match[1], without_ids(match[2]), match[3], elements(match[4]))


def printed(text: str, server: str = "https://server.example") -> list[Shown]:
    """Return the requests with a body that ``envoy examples`` printed."""
    requests = []
    for part in re.split(r"\n\n(?=GET |POST |PUT )", text.strip()):
        head, _, body = part.partition("\n\n")
        request, *lines = head.split("\n")
        method, url = request.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        if body:
            path = without_ids(url.removeprefix(server))
            requests.append(Shown(method, path, headers["Content-Type"], elements(body)))
    return requests


CREATE_AGGREGATOR, *WRITE_SITE = [described(line) for line in LINES]


def by_api(file: Any) -> str:
    requests = dry_requests(Site.load(file, profile=PROFILE), PROFILE)
    return "\n\n".join(as_text(request, PROFILE, "https://server.example") for request in requests)


def by_command(file: Any) -> str:
    done = envoy("examples", file, "--profile", "envoy-0.1")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("shown_by", [by_api, by_command])
def test_the_aggregator_is_registered_as_described(shown_by: Any) -> None:
    assert printed(shown_by(AGGREGATOR)) == [CREATE_AGGREGATOR]
    assert CREATE_AGGREGATOR.path == "/edev"


@pytest.mark.parametrize("shown_by", [by_api, by_command])
def test_a_site_is_registered_as_described(shown_by: Any) -> None:
    created, *written = printed(shown_by(SITE))
    assert (created.method, created.path) == ("POST", "/edev")
    assert written == WRITE_SITE
    assert [(request.method, request.path) for request in written] == [
        ("PUT", "/edev/{edevID}/di"),
        ("POST", "/edev/{edevID}/der"),
        ("PUT", "/edev/{edevID}/der/{derID}/dercap"),
        ("PUT", "/edev/{edevID}/cp"),
    ]


def test_the_described_documents_have_no_namespace_and_no_attributes() -> None:
    def check(node: Any) -> None:
        name, attributes, _, children = node
        assert not name.startswith("{")
        assert attributes == {}
        for child in children:
            check(child)

    for line in LINES:
        check(described(line).body)


def test_the_example_requests_stand_in_the_description_word_for_word() -> None:
    found = list((SHARED / "seeds").glob("*.txt"))
    if not found:
        pytest.skip("the description is not beside the repository")
    description = "\n".join(file.read_text(encoding="utf-8") for file in found)
    assert len(LINES) == 5
    for line in LINES:
        assert line in description


# The schema


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line.split()[:2]))
def test_the_described_documents_are_valid(line: str) -> None:
    document = line[line.index("<?xml") :].encode()
    assert schema_for(PROFILE).validate(etree.fromstring(document))
    xmlschema.XMLSchema(schema_path(PROFILE)).validate(document.decode())


def test_every_message_of_the_profile_is_valid_by_two_validators() -> None:
    second = xmlschema.XMLSchema(schema_path(PROFILE))
    sites = [Site.load(file, profile=PROFILE) for file in (AGGREGATOR, SITE)]
    bodies = [
        request.content for site in sites for request in dry_requests(site, PROFILE) if request.content is not None
    ]
    assert len(bodies) == 6
    for body in (*bodies, *(dumps(message, profile=PROFILE, validate=False) for message in MESSAGES)):
        assert schema_for(PROFILE).validate(etree.fromstring(body)), schema_for(PROFILE).error_log
        second.validate(body.decode())


# The SFDI


def sfdi_as_described(digits: str) -> int:
    """Return the SFDI of envoy-client 0.1.1: the first 36 binary digits from the first 1 on, and a check digit."""
    number = int(f"{int(digits, 16):b}"[:36], 2)
    total = 0
    for digit in f"{number}":
        total += "0123456789".index(digit)
    return int(f"{number}{10 - total % 10}")


@pytest.mark.parametrize(
    ("lfdi", "sfdi"),
    [
        ("0x21352135135", 356563223726),
        ("0x3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", 669044845563),
        ("0x0001111000011f", 366498283605),
    ],
)
def test_the_sfdi_is_the_one_that_the_old_client_computes(lfdi: str, sfdi: int) -> None:
    assert ENVOY_0_1.sfdi_of_lfdi(ENVOY_0_1.parse_lfdi(lfdi)) == sfdi
    assert sfdi_as_described(lfdi[2:]) == sfdi


@given(number=st.integers(1 << 35, (1 << 160) - 1), zeros=st.integers(0, 10), upper=st.booleans())
def test_any_sfdi_is_the_one_that_the_old_client_computes(number: int, zeros: int, upper: bool) -> None:
    digits = f"{'0' * zeros}{number:x}"[-40:]
    digits = digits.upper() if upper else digits
    assert ENVOY_0_1.sfdi_of_lfdi(ENVOY_0_1.parse_lfdi(f"0x{digits}")) == sfdi_as_described(digits)


def test_where_the_check_digit_would_be_0_the_old_client_appends_10() -> None:
    assert sum(int(digit) for digit in str(0x800000001)) == 60
    assert ENVOY_0_1.sfdi_of_lfdi(ENVOY_0_1.parse_lfdi("0x800000001")) == int("34359738369" + "10")
    # The standard has 0 there (IEEE 2030.5-2018, 6.3).
    assert sfdi_of_lfdi(bytes.fromhex("80000000100000000000" * 2)) == int("34359738369" + "0")


@pytest.mark.parametrize(
    "text", ["0x", "21352135135", "0X21352135135", "0x" + "1" * 41, "0x2135213513g", " 0x21352135135"]
)
def test_what_is_not_an_lfdi_of_the_old_client_is_refused(text: str) -> None:
    with pytest.raises(IdentityError):
        ENVOY_0_1.parse_lfdi(text)


def test_an_lfdi_that_the_old_client_has_no_sfdi_for_is_refused() -> None:
    with pytest.raises(IdentityError):
        ENVOY_0_1.parse_lfdi("0x0007ffffffff")


def test_another_sfdi_than_the_computed_one_is_refused() -> None:
    lfdi = ENVOY_0_1.parse_lfdi("0x21352135135")
    ENVOY_0_1.check_sfdi(356563223726, lfdi)
    with pytest.raises(IdentityError) as caught:
        ENVOY_0_1.check_sfdi(5, lfdi)
    assert "356563223726" in caught.value.remedy


# There and back

MESSAGES: list[Any] = [
    EndDevice(
        device_category=DeviceCategoryType.PHOTOVOLTAIC_SYSTEM | DeviceCategoryType.OTHER_STORAGE_SYSTEM,
        lfdi=ENVOY_0_1.parse_lfdi("0x3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"),
        sfdi=669044845563,
        changed_time=1_700_000_000,
        post_rate=300,
        enabled=False,
    ),
    DeviceInformation(
        functions_implemented=FunctionsImplemented.DER_CONTROL | FunctionsImplemented.SELF_DEVICE_RESOURCE,
        gps_location=GPSLocationType(lat="-35.2809", lon="149.13"),
        lfdi=ENVOY_0_1.parse_lfdi("0x111100001111"),
        mf_date=1_600_000_000,
        mf_hw_ver="1 < 2 & 3",
        mf_id=32473,
        mf_model="Größe 7",
        mf_ser_num="",
        primary_power=PowerSourceType.MAINS,
        secondary_power=PowerSourceType.BATTERY,
        sw_act_time=0,
        sw_ver='"4.10"',
    ),
    DERCapability(
        modes_supported=DERControlType.OP_MOD_CONNECT | DERControlType.OP_MOD_MAX_LIM_W,
        rtg_max_a=CurrentRMS.of(21.7),
        rtg_max_w=ActivePower.of(40_000),
        type=DERType.PHOTOVOLTAIC_SYSTEM,
    ),
    DER(),
    EnvoyConnectionPoint(connection_point_id="17", meter_id="NMI123"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_as_it_was(message: Any) -> None:
    data = dumps(message, profile=PROFILE)
    again = loads(data, type(message), profile=PROFILE)
    assert again == message
    assert loads(dumps(again, profile=PROFILE), profile=PROFILE) == message


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line.split()[:2]))
def test_the_described_documents_are_read_and_written_as_they_were(line: str) -> None:
    document = line[line.index("<?xml") :]
    unknown: list[DecodeError] = []
    again = dumps(loads(document, profile=PROFILE, on_unknown=unknown.append), profile=PROFILE).decode()
    assert unknown == []
    # The reader keeps whole octets, so the odd number of digits is evened out; it is the same number.
    assert elements(again.replace("0x021352135135", "0x21352135135")) == elements(document)


def test_the_described_end_device_is_read_as_what_it_means() -> None:
    device = loads(LINES[0][LINES[0].index("<?xml") :], EndDevice, profile=PROFILE)
    assert device == EndDevice(
        device_category=DeviceCategoryType.VIRTUAL_OR_MIXED_DER,
        lfdi=bytes.fromhex("021352135135"),
        sfdi=356563223726,
        changed_time=0,
        post_rate=0,
        enabled=True,
    )


def test_lists_of_the_old_server_are_read() -> None:
    text = (
        "<EndDeviceList><EndDevice><href>/edev/1</href><lFDI>0x21352135135</lFDI><sFDI>1</sFDI>"
        "<changedTime>0</changedTime></EndDevice><EndDevice><lFDI>0xAB</lFDI><sFDI>2</sFDI>"
        "<changedTime>0</changedTime></EndDevice></EndDeviceList>"
    )
    found = loads(text, EndDeviceList, profile=PROFILE)
    assert (found.all, found.results) == (2, 2)
    assert [device.lfdi for device in found.end_device] == [bytes.fromhex("021352135135"), b"\xab"]
    assert ENVOY_0_1.same_lfdi(found.end_device[0].lfdi, ENVOY_0_1.parse_lfdi("0x00021352135135"))
    assert loads("<DERList/>", DERList, profile=PROFILE) == DERList(all=0, results=0)


@pytest.mark.parametrize("digits", ["9" * 50, "9" * 5000, "١٢", "-1", "1.5"])
@pytest.mark.parametrize("element", ["deviceCategory", "lFDI"])
def test_a_number_that_cannot_be_one_is_a_fault_with_its_place(element: str, digits: str) -> None:
    text = f"<EndDevice><{element}>{digits}</{element}><sFDI>1</sFDI><changedTime>0</changedTime></EndDevice>"
    with pytest.raises(DecodeError) as caught:
        loads(text, profile=PROFILE)
    assert (caught.value.path, caught.value.line) == (f"EndDevice/{element}", 1)


# What the dialect cannot say


@pytest.mark.parametrize(
    ("message", "where"),
    [
        (DERSettings(set_grad_w=0, set_max_w=ActivePower.of(5), updated_time=0), "DERSettings"),
        (EndDeviceList(all=0, results=0), "EndDeviceList"),
        (ActivePower.of(5), "ActivePower"),
        ("<DER/>", "str"),
    ],
)
def test_a_message_that_the_dialect_lacks_is_refused_by_name(message: Any, where: str) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(message, profile=PROFILE, validate=False)
    assert caught.value.where == where
    assert "csip-aus" in caught.value.remedy


def capability(**changes: Any) -> DERCapability:
    values = {"modes_supported": DERControlType(1), "rtg_max_w": ActivePower.of(5000), "type": DERType.EVSE}
    return DERCapability(**{**values, **changes})


def information(**changes: Any) -> DeviceInformation:
    values = {name: getattr(MESSAGES[1], name) for name in MESSAGES[1].__dataclass_fields__}
    return DeviceInformation(**{**values, **changes})


@pytest.mark.parametrize(
    ("message", "where", "what"),
    [
        (capability(rtg_v_nom=VoltageRMS.of(230)), "DERCapability.rtg_v_nom", "cannot express it"),
        (capability(doe_modes_supported=DOEControlType(0)), "DERCapability.doe_modes_supported", "cannot express it"),
        (capability(href="/edev/1"), "DERCapability.href", "cannot express it"),
        (information(poll_rate=60), "DeviceInformation.poll_rate", "cannot express it"),
        (
            information(functions_implemented=FunctionsImplemented.DEVICE_CAPABILITY | FunctionsImplemented.TIME),
            "DeviceInformation.functions_implemented",
            "no bit for DEVICE_CAPABILITY",
        ),
        (ConnectionPoint(connection_point_id="NMI123", href="/cp"), "ConnectionPoint.href", "cannot express it"),
        (information(mf_model="a\x00"), "DeviceInformation.mf_model", "U+0000 cannot be in an XML document"),
    ],
)
def test_a_value_that_the_dialect_lacks_is_refused_and_never_lost(message: Any, where: str, what: str) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(message, profile=PROFILE, validate=False)
    assert caught.value.where == where
    assert what in caught.value.what
    assert caught.value.remedy == "Leave it out, or use a csip-aus profile."


@pytest.mark.parametrize(
    ("message", "where", "what"),
    [
        (capability(rtg_max_w=5000), "DERCapability.rtg_max_w", "is int 5000, expected ActivePower"),
        (capability(type="83"), "DERCapability.type", "is str '83', expected DERType"),
        (capability(type=True), "DERCapability.type", "is bool True, expected DERType"),
        (capability(type=None), "DERCapability.type", "is required and None"),
        (EndDevice(lfdi="0x1", sfdi=1, changed_time=0), "EndDevice.lfdi", "is str '0x1', expected bytes"),  # type: ignore[arg-type]
        (EndDevice(sfdi=1, changed_time=0, enabled=1), "EndDevice.enabled", "is int 1, expected bool"),  # type: ignore[arg-type]
    ],
)
def test_a_value_of_the_wrong_type_is_refused_with_its_place(message: Any, where: str, what: str) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(message, profile=PROFILE, validate=False)
    assert (caught.value.where, caught.value.what) == (where, what)


# Sites that a program makes


def test_a_site_made_in_python_gets_the_sfdi_of_the_old_client() -> None:
    plain = bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5")
    for lfdi in (plain, ENVOY_0_1.parse_lfdi(f"0x{plain.hex()}")):
        device = Messages.of(Site(lfdi=lfdi), PROFILE, now=0).end_device
        assert device.sfdi == 669044845563
        assert b"<lFDI>0x3e4f45ab31edfe5b67e343e5e4562e31984e23e5</lFDI>" in dumps(device, profile=PROFILE)


def test_an_lfdi_of_the_old_client_is_refused_by_the_other_profiles(snapshot: Any) -> None:
    site = Site.load(AGGREGATOR, profile=PROFILE)
    for name in ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3"):
        with pytest.raises(IdentityError) as caught:
            dry_requests(site, name)
        assert str(caught.value) == snapshot(name="refused")
