"""The SunSpec models of a unit: found on it, read as numbers in their units, and written with a look at the result."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import sunspec2.mb as mb
import sunspec2.mdef as mdef
from sunspec2.device import models_dir

from envoy.devices.sunspec.bus import Bus
from envoy.errors import DeviceError, DeviceRefusal

Value: TypeAlias = Decimal | str
"""What a point has: a number in its unit, or a text. Codes and bits are whole numbers."""

_MARK = b"SunS"
_BASES = (40_000, 0, 50_000)
"""Where the models of a unit may begin."""
_ENDS = (0xFFFF, 0)
_MOST_REGISTERS = 120
_MOST_MODELS = 200
_EXACT = Decimal(0)
_LOOKS, _PAUSE = 3, 0.1
"""How often what was written is looked at until it is right, and how many seconds apart."""
_NEAR = 16
"""Registers between two points that are read along: another request takes longer."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a model.

    Attributes:
        name: Its name, after that of its group and a full stop if it is in one.
        offset: Its first register, from that of the model.
        size: How many registers it has.
        type: Its type, such as ``int16``.
        scale: The point that has its power of ten, or that power itself; None for a number that is not scaled.
    """

    name: str
    offset: int
    size: int
    type: str
    scale: str | int | None

    def decode(self, data: bytes) -> Decimal | str | None:
        """Return the number or text of its registers, not scaled yet; None if the unit does not implement it."""
        info = mb.point_type_info[self.type]
        raw = info.data_to(data) if self.type != mdef.TYPE_STRING else data.rstrip(b"\0 ").decode("utf-8", "replace")
        if raw is None or not info.is_impl(raw):
            return None
        if isinstance(raw, float):
            return Decimal(f"{raw:.7g}") if abs(raw) != float("inf") else None
        return raw if isinstance(raw, str) else Decimal(raw)

    def encode(self, number: Decimal) -> bytes:
        """Return the registers of a number that is scaled already.

        Raises:
            DeviceError: It does not fit.
        """
        try:
            return bytes(mb.point_type_info[self.type].to_data(int(number), self.size * 2))
        except Exception as error:  # struct.error, or what the library makes of it
            raise DeviceError(f"{self.name}: {number} does not fit in its {self.type}") from error


@lru_cache(maxsize=64)
def get_points(number: int) -> Mapping[str, Point]:
    """Return the points of a model by their names, in the order of their registers; repeated groups are left out."""
    path = os.path.join(models_dir, "json", mdef.to_json_filename(number))
    try:
        definition = mdef.from_json_file(path)
    except FileNotFoundError:
        return {}
    points: dict[str, Point] = {}
    _add_points(points, definition["group"], "", 0)
    return points


def _add_points(points: dict[str, Point], group: Mapping[str, Any], prefix: str, offset: int) -> int:
    for point in group.get("points", ()):
        size = int(point.get("size") or mb.point_type_info[point["type"]].len)
        scale = point.get("sf")
        if isinstance(scale, str) and scale.lstrip("-").isdecimal():
            scale = int(scale)
        points[prefix + point["name"]] = Point(prefix + point["name"], offset, size, point["type"], scale)
        offset += size
    for inner in group.get("groups", ()):
        if "count" in inner:
            break  # where the next ones are depends on how often it is there
        offset = _add_points(points, inner, f"{prefix}{inner['name']}.", offset)
    return offset


class Model:
    """A model on a unit.

    Args:
        unit: The unit that has it.
        number: Which model it is, such as 701.
        address: Its first register.
        size: How many registers it has, with its head.
    """

    def __init__(self, unit: Unit, number: int, address: int, size: int) -> None:
        self.number = number
        self._unit = unit
        self._address = address
        self._points = {name: point for name, point in get_points(number).items() if point.offset + point.size <= size}

    def read(self, *names: str) -> dict[str, Value | None]:
        """Return the values of points by their names; None for what is not implemented.

        Scale factors are read along each time, since a unit may change them.

        Raises:
            DeviceError: The unit cannot be reached, does not respond in time, or does not have the registers.
        """
        wanted = [self._points[name] for name in names if name in self._points]
        raw = self._read_raw([*wanted, *self._find_scales(wanted)])
        return {name: _scale(self._points[name], raw) if name in self._points else None for name in names}

    def measure(self, names: Mapping[str, Sequence[str]]) -> dict[str, Decimal]:
        """Return numbers by other names; what is not implemented is left out.

        Args:
            names: For each name the points that may have it; the first that is implemented is taken.
        """
        values = self.read(*(point for points in names.values() for point in points))
        found = {
            name: next((values[each] for each in points if values[each] is not None), None)
            for name, points in names.items()
        }
        return {name: value for name, value in found.items() if isinstance(value, Decimal)}

    def write(
        self,
        values: Mapping[str, Decimal | int],
        *,
        again: bool = False,
        unverified: Iterable[str] = (),
        rounding: str = ROUND_HALF_EVEN,
        tolerance: Decimal = _EXACT,
    ) -> dict[str, Decimal]:
        """Write points in the order given, and return what they have then, scaled.

        Points that the unit does not implement are left out. Neighbours are written at once. What was written is
        read back.

        Args:
            values: Numbers in their units, by the names of points.
            again: Whether what the points have already is written as well.
            unverified: Points that may read otherwise afterwards, such as timers.
            rounding: How a number is rounded to what the point can say, as ``Decimal.quantize`` names it.
            tolerance: By how much a number in a unit may read otherwise afterwards: some units round to steps.

        Raises:
            DeviceRefusal: The unit refuses the registers or their values; its ``modes`` are empty.
            DeviceError: The unit cannot be reached, or has something else afterwards.
        """
        wanted = [self._points[name] for name in values if name in self._points]
        before = self._read_raw([*wanted, *self._find_scales(wanted)])
        written: dict[str, Decimal] = {}
        numbers: dict[str, Decimal] = {}
        data: dict[str, bytes] = {}
        present = [point for point in wanted if before[point.name] is not None]
        for point in present:
            power = _power_of(point, before)
            number = Decimal(values[point.name]).scaleb(-power).quantize(Decimal(1), rounding=rounding)
            numbers[point.name], data[point.name] = number, point.encode(number)
            written[point.name] = number.scaleb(power)
        for span in _join_neighbours(
            [point for point in present if again or numbers[point.name] != before[point.name]]
        ):
            self._unit.write(self._address + span[0].offset, b"".join(data[point.name] for point in span))
        skipped = set(unverified)
        self._verify([point for point in present if point.name not in skipped], written, tolerance)
        return written

    def _verify(self, points: Sequence[Point], written: Mapping[str, Decimal], tolerance: Decimal) -> None:
        """Look at points that were written, for a moment: some units take it to take them over."""
        names = [point.name for point in points]
        for look in range(_LOOKS):
            if look:
                time.sleep(_PAUSE)
            after = self.read(*names)
            wrong = [point.name for point in points if not _fits(point, after[point.name], written, tolerance)]
            if not wrong:
                return
        what = ", ".join(f"{name} is {after[name]} after {written[name]} was written" for name in wrong)
        raise DeviceError(f"model {self.number}: {what}", where=self._unit.where)

    def has(self, *names: str) -> bool:
        """Return whether all of some points are implemented."""
        return None not in self.read(*names).values()

    def _find_scales(self, points: Iterable[Point]) -> list[Point]:
        names = {point.scale for point in points if isinstance(point.scale, str)}
        return [point for name, point in self._points.items() if name in names]

    def _read_raw(self, points: Iterable[Point]) -> dict[str, Decimal | str | None]:
        raw: dict[str, Decimal | str | None] = {}
        for span in _join_near(points):
            first, end = span[0].offset, max(point.offset + point.size for point in span)
            data = self._unit.read(self._address + first, end - first)
            for point in span:
                begin = 2 * (point.offset - first)
                raw[point.name] = point.decode(data[begin : begin + 2 * point.size])
        return raw


def _power_of(point: Point, raw: Mapping[str, Decimal | str | None]) -> int:
    """Return the power of ten of a point; 0 if its scale factor is not implemented."""
    if isinstance(point.scale, int):
        return point.scale
    power = None if point.scale is None else raw.get(point.scale)
    return int(power) if isinstance(power, Decimal) and abs(power) <= 10 else 0


def _fits(point: Point, value: Value | None, written: Mapping[str, Decimal], tolerance: Decimal) -> bool:
    allowed = _EXACT if point.scale is None else tolerance
    return isinstance(value, Decimal) and abs(value - written[point.name]) <= allowed


def _scale(point: Point, raw: Mapping[str, Decimal | str | None]) -> Value | None:
    value = raw[point.name]
    return value.scaleb(_power_of(point, raw)) if isinstance(value, Decimal) and point.scale is not None else value


def _join_near(points: Iterable[Point]) -> Iterator[list[Point]]:
    """Yield points in groups that are read at once, in the order of their registers."""
    span: list[Point] = []
    for point in sorted(set(points), key=lambda point: point.offset):
        if span and (
            point.offset - (span[-1].offset + span[-1].size) > _NEAR
            or point.offset + point.size - span[0].offset > _MOST_REGISTERS
        ):
            yield span
            span = []
        span.append(point)
    if span:
        yield span


def _join_neighbours(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Yield points in groups that are written at once, in the order given."""
    span: list[Point] = []
    for point in points:
        if span and point.offset != span[-1].offset + span[-1].size:
            yield span
            span = []
        span.append(point)
    if span:
        yield span


class Unit:
    """A unit behind a connection, and the models that it has. They are looked for once per connection.

    Args:
        bus: The connection.
        number: Its Modbus address.
        base: Where its models begin, if that is known.
    """

    def __init__(self, bus: Bus, number: int, base: int | None = None) -> None:
        self.where = f"{bus.url} unit {number}"
        self._bus = bus
        self._number = number
        self._bases: tuple[int, ...] = _BASES if base is None else (base,)
        self._models: dict[int, Model] = {}
        self._connection = -1

    @property
    def connection(self) -> int:
        """A number that changes when the connection was lost and made again."""
        return self._bus.connections

    @property
    def models(self) -> Mapping[int, Model]:
        """The models by their numbers; of several with the same number, the first.

        Raises:
            DeviceError: The unit cannot be reached, or has no SunSpec models.
        """
        if not self._models or self._connection != self._bus.connections:
            self._models = dict(self._scan())
            self._connection = self._bus.connections
        return self._models

    def find(self, *numbers: int) -> Model | None:
        """Return the first model of some that the unit has, in the order given; None if it has none."""
        return next((self.models[number] for number in numbers if number in self.models), None)

    def read(self, address: int, count: int) -> bytes:
        """Return registers, as ``Bus.read`` does; what the unit does not have is a failure too."""
        try:
            return self._bus.read(self._number, address, count)
        except DeviceRefusal as refusal:
            raise DeviceError(refusal.what, where=refusal.where) from refusal

    def write(self, address: int, data: bytes) -> None:
        """Write registers, as ``Bus.write`` does."""
        self._bus.write(self._number, address, data)

    def _scan(self) -> Iterator[tuple[int, Model]]:
        address = self._find_base() + 2
        found: set[int] = set()
        for _ in range(_MOST_MODELS):
            try:
                number = int.from_bytes(self._bus.read(self._number, address, 1), "big")
            except DeviceRefusal:
                return  # some units have nothing behind their last model, not even an end
            if number in _ENDS:
                return
            size = 2 + int.from_bytes(self.read(address + 1, 1), "big")
            if number not in found:
                found.add(number)
                yield number, Model(self, number, address, size)
            address += size
        raise DeviceError("the list of its models has no end", where=self.where)

    def _find_base(self) -> int:
        for base in self._bases:
            try:
                data = self._bus.read(self._number, base, 2)
            except DeviceRefusal:
                continue
            if data == _MARK:
                self._bases = (base, *itertools.filterfalse(base.__eq__, self._bases))
                return base
        tried = ", ".join(str(base) for base in self._bases)
        raise DeviceError(
            f"no SunSpec models at register {tried}",
            where=self.where,
            remedy="Is SunSpec enabled in its settings, and is this its unit? The option base says where they are.",
        )
