"""Mirrors and their mRIDs, from programs and from TOML files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import documents
from envoy.errors import ReadingsError
from envoy.metering import (
    DEVICE,
    Channel,
    Mirror,
    active_power,
    csip_aus_der,
    csip_aus_site,
    voltage,
)
from envoy.metering.channel import MEASURES
from envoy.metering.mirror_file import load_mirror
from sep2 import (
    DataQualifierType,
    MirrorUsagePoint,
)
from tests.conftest import ROOT

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
EXAMPLE = ROOT / "examples" / "mirror.toml"


def test_mrids_end_in_the_pen_and_stay_the_same_in_every_version() -> None:
    assert MIRROR.mrid.hex() == "6ff7164e37f2be94c9fe0e9100032473"
    assert MIRROR.channel("voltage").mrid.hex() == "07b32d2ef9e7b6a97076aba100032473"
    in_hex = Mirror(lfdi=LFDI, pen=32473, channels=(voltage(),), pen_form="hex")
    assert in_hex.mrid.endswith((32473).to_bytes(4))


def test_each_mirror_and_channel_has_an_mrid_of_its_own() -> None:
    mirrors = [csip_aus_site(LFDI, 1, phases=3), csip_aus_der(LFDI, 1, phases=3), csip_aus_site(bytes(20), 1)]
    mrids = [mirror.mrid for mirror in mirrors] + [each.mrid for mirror in mirrors for each in mirror.channels]
    assert len(set(mrids)) == len(mrids)


@pytest.mark.parametrize(
    "other",
    [active_power(multiplier=1), active_power(interval=60), active_power(qualifier=DataQualifierType.MAXIMUM)],
)
def test_a_channel_whose_numbers_mean_something_else_is_another_series(other: Channel) -> None:
    before = Mirror(lfdi=LFDI, pen=1, channels=(active_power(),))
    after = Mirror(lfdi=LFDI, pen=1, channels=(other,))
    assert before.mrid == after.mrid
    assert before.channels[0].mrid != after.channels[0].mrid


def test_every_common_channel_makes_a_valid_mirror() -> None:
    mirror = Mirror(lfdi=LFDI, pen=1, channels=tuple(make() for make in MEASURES.values()), role_flags=DEVICE)
    document = documents.dumps(mirror.usage_point(), profile="csip-aus-1.3", validate=True)
    assert documents.loads(document, MirrorUsagePoint) == mirror.usage_point()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"channels": ()}, "channels"),
        ({"channels": (voltage(), voltage())}, "channel voltage"),
        ({"channels": (voltage("time"),)}, "channel time"),
        ({"channels": (voltage(" v,"),)}, "channel ' v,'"),
        ({"lfdi": bytes(3)}, "lfdi"),
        ({"pen": 123_456_789}, "pen"),
        ({"pen_form": "octal"}, "pen_form"),
        ({"description": "x" * 33}, "MirrorUsagePoint/description"),
        ({"mrid": bytes(17)}, "MirrorUsagePoint/mRID"),
        ({"channels": (voltage("a"), voltage("b")), "mrids": b"1"}, "channels a, b"),
    ],
)
def test_what_makes_no_mirror_is_refused(wrong: dict[str, Any], place: str) -> None:
    arguments = {"lfdi": LFDI, "pen": 1, "channels": (voltage(),), **wrong}
    if mrid := arguments.pop("mrids", None):
        arguments["channels"] = tuple(replace(channel, mrid=mrid) for channel in arguments["channels"])
    with pytest.raises(ReadingsError) as caught:
        Mirror(**arguments)
    assert caught.value.errors[0].startswith(f"{place}: ")


def test_the_example_is_a_mirror_with_what_its_file_says() -> None:
    mirror = load_mirror(EXAMPLE)
    assert mirror.mrid == MIRROR.mrid
    assert [channel.name for channel in mirror.channels] == [
        "active-power",
        "reactive-power",
        "voltage",
        "frequency",
        "imported",
    ]
    assert mirror.channel("voltage") == MIRROR.channel("voltage")
    assert mirror.channel("frequency").interval == 0
    assert mirror.post_rate == 300


def test_all_errors_of_a_mirror_file_are_reported_at_once(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    file = tmp_path / "mirror.toml"
    file.write_text(
        "lfdi = '0x12'\npen = 'x'\nrole_flags = ['IS_MIROR']\nroleflags = 1\n"
        "[[channel]]\nmeasures = 'volts'\n[[channel]]\nname = 'a'\n[[channel]]\nname = 'b'\nuom = 'WAT'\n"
    )
    with pytest.raises(ReadingsError) as caught:
        load_mirror(file)
    assert "\n".join(caught.value.errors) == snapshot


@pytest.mark.parametrize("content", [None, b"\xff", b"a = ", b"channel = 1", b"[[channel]]\nmeasures = [1]"])
def test_a_file_that_is_not_a_mirror_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "mirror.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ReadingsError) as caught:
        load_mirror(file)
    assert caught.value.where == str(file)
