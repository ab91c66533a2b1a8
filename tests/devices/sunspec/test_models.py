"""Tests of SunSpec models: where they are looked for, what their points have, and how they are read and written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.devices.sunspec.bus import Address, Bus
from envoy.devices.sunspec.models import Model, Unit, get_points
from envoy.errors import DeviceError, DeviceRefusal
from tests.support.sunspec import COMMON, CONTROLS, INVERTER, NEW, ModbusServer, Plant, Registers


@pytest.fixture
def find_unit() -> Iterator[Callable[..., tuple[Unit, Registers]]]:
    """Serve models, and return the unit that has them, with its registers."""
    ends: list[Callable[[], None]] = []

    def find(models: Any = NEW, *, base: int = 40_000, known: int | None = None) -> tuple[Unit, Registers]:
        plant = Plant()
        plant.units = {INVERTER: Registers(models, base)}
        server = ModbusServer(plant).start()
        bus = Bus.open(Address(server.url), 4)
        ends.extend((bus.close, server.stop))
        return Unit(bus, INVERTER, known), plant.units[INVERTER]

    yield find
    for end in ends:
        end()


@pytest.mark.parametrize(("base", "known"), [(40_000, None), (0, None), (50_000, None), (1234, 1234)])
def test_models_are_found_at_the_usual_places_or_where_they_are_said_to_be(
    find_unit: Callable[..., tuple[Unit, Registers]], base: int, known: int | None
) -> None:
    unit, _ = find_unit(base=base, known=known)
    assert list(unit.models) == [1, 701, 702, 703, 704]
    assert unit.find(123, 704, 701) is unit.models[704]
    assert unit.find(123) is None


def test_of_models_that_are_there_twice_the_first_counts(find_unit: Callable[..., tuple[Unit, Registers]]) -> None:
    unit, _ = find_unit([(1, COMMON), (703, {"ES": 1}), (703, {"ES": 0})])
    assert unit.models[703].read("ES") == {"ES": 1}


def test_a_model_that_is_not_known_is_passed_over(find_unit: Callable[..., tuple[Unit, Registers]]) -> None:
    unit, registers = find_unit([(1, COMMON), (703, {"ES": 1}), (1, COMMON)])
    registers.set(703, "ID", 60_001)
    assert list(unit.models) == [1, 60_001]
    assert unit.models[60_001].read("ES") == {"ES": None}


def test_texts_numbers_codes_and_what_is_missing_are_read(find_unit: Callable[..., tuple[Unit, Registers]]) -> None:
    unit, registers = find_unit()
    assert unit.models[1].read("Mn", "Opt") == {"Mn": "Maker", "Opt": None}
    registers.set(701, "W", -1234)
    registers.set(701, "W_SF", -1)
    model = unit.models[701]
    assert model.read("W", "InvSt", "A", "NoSuchPoint") == {
        "W": Decimal("-123.4"),
        "InvSt": 3,
        "A": None,
        "NoSuchPoint": None,
    }
    registers.set(701, "W_SF", None)
    assert model.read("W")["W"] == -1234


@given(st.integers(-32_767, 32_767), st.integers(-10, 10))
def test_scaled_numbers_are_exact(raw: int, power: int) -> None:
    """A scale factor is a power of ten, so that no digit is lost."""
    point = get_points(701)["W"]
    value = point.decode(point.encode(Decimal(raw)))
    assert isinstance(value, Decimal) and value.scaleb(power) == Decimal(raw) * Decimal(10) ** power


def test_neighbours_are_written_at_once_and_only_if_they_differ(
    find_unit: Callable[..., tuple[Unit, Registers]],
) -> None:
    unit, registers = find_unit()
    model = unit.models[704]
    values = {"WMaxLimPctRvrtTms": 60, "WMaxLimPctEna": 1, "WMaxLimPct": Decimal("50.06"), "WMaxLimPctRvrtRem": 3}
    written = model.write(values, rounding=ROUND_FLOOR)
    assert written == {"WMaxLimPctRvrtTms": 60, "WMaxLimPctEna": 1, "WMaxLimPct": Decimal("50.0")}
    assert registers.writes == [("WMaxLimPctRvrtTms",), ("WMaxLimPctEna", "WMaxLimPct")]
    model.write(values, rounding=ROUND_FLOOR)
    assert len(registers.writes) == 2
    model.write(values, again=True, rounding=ROUND_FLOOR)
    assert len(registers.writes) == 4


def test_a_number_that_does_not_fit_is_an_error(find_unit: Callable[..., tuple[Unit, Registers]]) -> None:
    unit, registers = find_unit()
    with pytest.raises(DeviceError, match="WMaxLimPct"):
        unit.models[704].write({"WMaxLimPct": Decimal(100_000)})
    assert registers.writes == []


def test_what_may_not_be_written_is_refused(find_unit: Callable[..., tuple[Unit, Registers]]) -> None:
    unit, _ = find_unit()
    with pytest.raises(DeviceRefusal):
        unit.models[702].write({"WMaxRtg": 5000})


@pytest.mark.parametrize("end", [b"", bytes(4)])
def test_a_list_of_models_may_end_without_an_end_mark(
    find_unit: Callable[..., tuple[Unit, Registers]], end: bytes
) -> None:
    unit, registers = find_unit()
    registers.end(end)
    assert list(unit.models) == [1, 701, 702, 703, 704]


def test_an_endless_list_of_models_is_an_error(find_unit: Callable[..., tuple[Unit, Registers]]) -> None:
    unit, _ = find_unit([(number, {}) for number in [703] * 250])
    with pytest.raises(DeviceError, match="end"):
        unit.find(703)


def test_points_of_a_model_that_is_shorter_than_its_definition_are_missing() -> None:
    class Short(Unit):
        def read(self, address: int, count: int) -> bytes:
            assert address + count <= 10
            return bytes(2 * count)

    bus = Bus.open(Address("tcp://127.0.0.1:1"), 1)
    model = Model(Short(bus, 1), 701, 0, 10)
    assert model.read("InvSt", "W") == {"InvSt": 0, "W": None}
    bus.close()


def test_synchronized_groups_have_their_points() -> None:
    points = get_points(704)
    assert {"PFWInj.PF", "PFWInj.Ext", "PFWAbsRvrt.Ext"} <= set(points)
    assert points["PFWInj.PF"].scale == "PF_SF"
    assert set(CONTROLS) - {"PFWInj", "PFWAbs"} <= set(points)
