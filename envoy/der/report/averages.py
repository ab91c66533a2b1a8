"""The samples of a device as readings of a mirror: averages, extremes and values of a moment, by full minutes.

A reading begins and ends on a full minute of the server's time. A minute in which nothing was measured, or in which the
measuring began late, is a gap: what covers it is divided there, and the gap itself gives no reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from envoy.bindings.times import to_datetime
from envoy.metering.channel import Channel
from envoy.metering.mirror import Mirror
from envoy.metering.reading import Sample
from sep2 import AccumulationBehaviourType, DataQualifierType, PhaseCode, UomType

MINUTE = 60

MOST_MINUTES = 1440
"""Minutes that are kept of a channel while nobody asks for its readings; the oldest go first."""

MOST_REPEATED = 900
"""Seconds by which the server's clock may be set back without giving readings of the same minutes again."""

_NAMES = {
    UomType.WATT: "active-power",
    UomType.VAR: "reactive-power",
    UomType.VOLT: "voltage",
    UomType.AMPERE: "current",
    UomType.HERTZ: "frequency",
}
_PHASES = {
    PhaseCode.PHASE_A: "a",
    PhaseCode.PHASE_AN: "a",
    PhaseCode.PHASE_B: "b",
    PhaseCode.PHASE_BN: "b",
    PhaseCode.PHASE_C: "c",
    PhaseCode.PHASE_CN: "c",
}
_COUNTED = (
    AccumulationBehaviourType.CUMULATIVE,
    AccumulationBehaviourType.DELTA_DATA,
    AccumulationBehaviourType.SUMMATION,
)
_MOMENTARY = (None, DataQualifierType.NOT_APPLICABLE, DataQualifierType.NORMAL)


def find_value(channel: Channel, values: Mapping[str, Decimal]) -> Decimal | None:
    """Return what was measured of a channel; None if that is not among the values.

    It has the name of the channel, or else the name of what the channel measures: ``voltage``, or ``voltage-b`` for one
    phase. ``energy`` is what a register has counted, ``stored-energy`` what a storage has left.

    Args:
        channel: The channel.
        values: What was measured, by name.
    """
    kind = channel.reading_type
    names = [channel.name]
    name = _NAMES.get(kind.uom) if kind.uom is not None else None
    if kind.uom == UomType.WATT_HOUR:
        name = "energy" if kind.accumulation_behaviour in _COUNTED else "stored-energy"
    if name is not None:
        phase = _PHASES.get(kind.phase) if kind.phase is not None else None
        names += [f"{name}-{phase}"] if phase else []
        names += [name] if phase in (None, "a") else []
    value = next((values[each] for each in names if each in values), None)
    return value if value is not None and value.is_finite() else None


@dataclass(slots=True)
class _Minute:
    """What was measured of a channel in a minute."""

    total: Decimal
    number: int
    least: Decimal
    most: Decimal
    last: Decimal
    early: bool

    def add(self, value: Decimal) -> None:
        self.total += value
        self.number += 1
        self.least, self.most, self.last = min(self.least, value), max(self.most, value), value


class _Series:
    """The minutes of one channel."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._minutes: dict[int, _Minute] = {}
        self._start: int | None = None
        self._previous: int | None = None
        self._counted: tuple[int, Decimal] | None = None

    def add(self, time: float, value: Decimal) -> None:
        start = int(time) // MINUTE * MINUTE
        if self._start is not None and start < self._start:
            if self._start - start <= MOST_REPEATED:
                # The server's clock was set back: that minute was given already.
                return
            # It was wrong before, and counts as it is now.
            self._minutes.clear()
            self._start = self._previous = self._counted = None
        if minute := self._minutes.get(start):
            minute.add(value)
            return
        self._minutes[start] = _Minute(value, 1, value, value, value, early=time - start <= MINUTE / 2)
        while len(self._minutes) > MOST_MINUTES:
            del self._minutes[min(self._minutes)]

    def close(self, now: float, period: int) -> Iterator[Sample]:
        """Yield the readings of all periods that have ended, the earliest first."""
        period = min(period, max(MINUTE, self.channel.interval // MINUTE * MINUTE)) if self.channel.interval else period
        while (first := min(self._minutes, default=None)) is not None:
            start = first if self._start is None else max(first, self._start)
            end = start // period * period + period
            if end > now:
                return
            minutes = {time: self._minutes.pop(time) for time in sorted(self._minutes) if time < end}
            self._start = end
            parts = _divide(minutes, self._previous)
            self._previous = max(minutes)
            for part in parts:
                yield from self._read(part, minutes)

    def _read(self, part: list[int], minutes: Mapping[int, _Minute]) -> Iterator[Sample]:
        chosen = [minutes[time] for time in part]
        start, end = part[0], part[-1] + MINUTE
        kind = self.channel.reading_type
        duration = end - start
        match kind.data_qualifier:
            case DataQualifierType.AVERAGE:
                value = sum((each.total / each.number for each in chosen), Decimal(0)) / len(chosen)
            case DataQualifierType.MAXIMUM:
                value = max(each.most for each in chosen)
            case DataQualifierType.MINIMUM:
                value = min(each.least for each in chosen)
            case qualifier if qualifier not in _MOMENTARY:
                return
            case _ if kind.accumulation_behaviour == AccumulationBehaviourType.DELTA_DATA:
                before, self._counted = self._counted, (end, chosen[-1].last)
                if before is None or before[0] != start:
                    return
                value = chosen[-1].last - before[1]
            case _:
                start, duration, value = end, 0, chosen[-1].last
        yield Sample(self.channel.name, to_datetime(start), value, duration)


class Averages:
    """The samples of a measuring point on their way to readings; times are the server's.

    Args:
        mirror: Says what is measured there.
    """

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        self._series = [_Series(channel) for channel in mirror.channels]

    def add(self, time: float, values: Mapping[str, Decimal]) -> None:
        """Take what was measured at a moment, by name; see ``find_value``."""
        for series in self._series:
            value = find_value(series.channel, values)
            if value is not None:
                series.add(time, value)

    def close(self, now: float, period: int) -> list[Sample]:
        """Return the readings of all periods that have ended and were not returned before.

        Args:
            now: The time.
            period: Seconds that a reading covers, in full minutes, from a multiple of it. A channel whose ReadingType
                has a shorter ``intervalLength`` has that.
        """
        return [sample for series in self._series for sample in series.close(now, period)]


def _divide(minutes: Mapping[int, _Minute], previous: int | None) -> list[list[int]]:
    """Return the minutes that were measured in, without those in which that began late, divided at gaps.

    Args:
        minutes: What was measured, in the order of time.
        previous: The last minute before, in which something was measured.
    """
    parts: list[list[int]] = []
    for time, minute in minutes.items():
        follows = previous == time - MINUTE
        previous = time
        if parts and parts[-1][-1] == time - MINUTE:
            parts[-1].append(time)
        elif follows or minute.early:
            parts.append([time])
    return parts
