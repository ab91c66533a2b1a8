"""The options of devices: typed values of texts by key, and errors that name the key and the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path

import pytest

from envoy.devices.options import describe_options, option, read_options
from envoy.errors import DeviceError


class Wire(Enum):
    TCP = "tcp"
    RTU = "rtu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    host: str = option("where it listens")
    unit: int = option("its address", 1, least=1, most=247)
    factor: Decimal = option("a factor", Decimal("1.5"))
    seconds: float | None = option("a pause, in seconds", None, least=0)
    wire: Wire = option("the transport", Wire.TCP)
    meter: bool = option("whether there is a meter", False)
    file: Path | None = option("a file", None)

    def __post_init__(self) -> None:
        if self.meter and self.file is None:
            raise ValueError("file: a meter needs it.")


def test_values_have_the_types_of_the_fields() -> None:
    texts = {"host": "a", "unit": "7", "factor": "2", "seconds": "0.5", "wire": "rtu", "meter": "Yes", "file": "x"}
    assert read_options(Options, "meter", texts) == Options(
        host="a", unit=7, factor=Decimal(2), seconds=0.5, wire=Wire.RTU, meter=True, file=Path("x")
    )
    assert read_options(Options, "meter", {"host": "a"}) == Options(host="a")


@pytest.mark.parametrize(
    ("texts", "key", "tail"),
    [
        ({}, "host", "is missing; it says where it listens."),
        ({"host": ""}, "host", "is empty; it says where it listens."),
        ({"host": "a", "unit": "x"}, "unit", "'x' is not a whole number."),
        ({"host": "a", "unit": "1.5"}, "unit", "'1.5' is not a whole number."),
        ({"host": "a", "unit": "0"}, "unit", "0 is less than 1."),
        ({"host": "a", "unit": "248"}, "unit", "248 is more than 247."),
        ({"host": "a", "factor": "nan"}, "factor", "'nan' is not a number."),
        ({"host": "a", "seconds": "inf"}, "seconds", "'inf' is not a number."),
        ({"host": "a", "wire": "rtv"}, "wire", "'rtv' is not one of tcp, rtu. Did you mean rtu?"),
        ({"host": "a", "meter": "maybe"}, "meter", "'maybe' is neither true nor false."),
        ({"host": "a", "meter": "on"}, "file", "a meter needs it."),
        ({"host": "a", "fcator": "2"}, "fcator", "unknown key. Did you mean factor?"),
        ({"host": "a", "zzz": "2"}, "zzz", "unknown key."),
    ],
)
def test_what_is_wrong_is_named_with_its_key_and_the_keys_that_there_are(
    texts: dict[str, str], key: str, tail: str
) -> None:
    with pytest.raises(DeviceError) as caught:
        read_options(Options, "meter", texts)
    assert caught.value.where == "device meter"
    assert caught.value.what == f"{key}: {tail}"
    assert caught.value.remedy == "Its keys are: host, unit, factor, seconds, wire, meter, file."


def test_all_that_is_wrong_is_reported_at_once() -> None:
    with pytest.raises(DeviceError) as caught:
        read_options(Options, "meter", {"unit": "x", "nothing": "1"})
    assert [part.partition(":")[0] for part in caught.value.what.split("; ") if ":" in part] == [
        "unit",
        "nothing",
        "host",
    ]


def test_each_option_is_described_with_its_default() -> None:
    assert dict(describe_options(Options)) == {
        "host": "where it listens; needed",
        "unit": "its address; 1 by default",
        "factor": "a factor; 1.5 by default",
        "seconds": "a pause, in seconds",
        "wire": "the transport; tcp by default",
        "meter": "whether there is a meter; false by default",
        "file": "a file",
    }
