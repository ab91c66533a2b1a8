"""The programs of a device, with their events and defaults, as plain data made from the messages of a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from envoy.bindings.fields import fields_of
from envoy.der.modes import Values, dump_values, find_invalid, keep_within_bounds, load_values, read_off, read_values
from sep2 import DefaultDERControl, DERControl, DERCurve, DERProgram, EventCurrentStatus

SETTINGS = {field.local: field.name for field in fields_of(DefaultDERControl) if field.name.startswith("set_")}
"""The settings of a DefaultDERControl that are not modes: from the names of the elements to those of the fields."""

_LAST = 255
"""The primacy that comes after all others."""

_MOST_RANDOM = 3600
"""The most seconds that a server may ask to be drawn; of a larger number this much is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A DERControl (IEEE 2030.5-2018, 10.2.3 and 10.10).

    Attributes:
        mrid: Its mRID, in upper-case hexadecimal.
        href: Where it is. Some servers give one mRID to two events, which only their hrefs tell apart.
        creation_time: When it was made, in server time. A server may move it when the status changes.
        start: The specified start, in seconds of server time.
        duration: The specified duration in seconds.
        randomize_start: Bound of the random shift of the start, in seconds with a sign.
        randomize_duration: Bound of the random change of the duration, in the same way.
        status: The status that the server shows.
        values: What it sets each of its modes to.
        ramp_tms: Time to reach them, in hundredths of a second; None for the ramp rate of the device's settings.
        response_required: Bits of the responses that the server wants.
        reply_to: Where to; empty for nowhere.
        device_category: Bits of the kinds of device that it is for; None for all.
        readable: All that it has to have was there, and could be read.
        off: Names of the modes that it switches off: whatever a default sets them to, nothing holds for them.
    """

    mrid: str
    href: str = ""
    creation_time: int = 0
    start: int
    duration: int
    randomize_start: int = 0
    randomize_duration: int = 0
    status: int = EventCurrentStatus.SCHEDULED
    values: Values = field(default_factory=dict)
    ramp_tms: int | None = None
    response_required: int = 0
    reply_to: str = ""
    device_category: int | None = None
    readable: bool = True
    off: frozenset[str] = frozenset()

    @classmethod
    def from_model(cls, control: DERControl) -> Self:
        """Return the event that a DERControl describes; not ``readable`` if something required was left out of it."""
        interval, status = control.interval, control.event_status
        values, whole = read_values(control.der_control_base)
        start = None if interval is None else interval.start
        duration = None if interval is None else interval.duration
        return cls(
            mrid=(control.mrid or b"").hex().upper(),
            href=control.href or "",
            creation_time=control.creation_time or 0,
            start=start or 0,
            duration=duration or 0,
            randomize_start=_clamp(control.randomize_start),
            randomize_duration=_clamp(control.randomize_duration),
            status=int((None if status is None else status.current_status) or 0),
            values=values,
            ramp_tms=control.der_control_base.ramp_tms if control.der_control_base else None,
            response_required=int(control.response_required or 0),
            reply_to=control.reply_to or "",
            device_category=None if control.device_category is None else int(control.device_category),
            readable=whole and None not in (start, duration),
            off=read_off(control.der_control_base),
        )

    @property
    def valid(self) -> bool:
        """Whether it can be followed: it is readable, and its duration and values are possible."""
        return self.readable and self.duration >= 0 and not find_invalid(self.values)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it apart from every other event."""
        return self.mrid, self.href

    @property
    def end(self) -> int:
        """The specified end, in server time: the first second that the event does not hold."""
        return self.start + self.duration

    def equals(self, other: Event) -> bool:
        """Return whether both ask for the same, whatever their status: events are immutable except for that."""
        return self._order() == other._order()

    def _order(self) -> tuple[object, ...]:
        times = (self.start, self.duration, self.randomize_start, self.randomize_duration)
        return *times, dict(self.values), self.ramp_tms, self.off

    def dump(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "off" or self.off}
        return plain | {"values": dump_values(self.values)} | _dump_off(self.off)

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Self:
        """Return the event that ``dump`` wrote."""
        return cls(**{**plain, "values": load_values(plain["values"]), "off": frozenset(plain.get("off", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A DefaultDERControl: what holds while no event sets a mode.

    Attributes:
        values: What it sets each of its modes to.
        ramp_tms: Time to reach them, in hundredths of a second; None for the ramp rate of the device's settings.
        settings: What it sets besides modes, such as ``setGradW``, by the names of the elements. DERSettings take
            these over.
        off: Names of the modes that it switches off.
    """

    values: Values = field(default_factory=dict)
    ramp_tms: int | None = None
    settings: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    @classmethod
    def from_model(cls, default: DefaultDERControl) -> Self:
        """Return the default that a DefaultDERControl describes.

        What is unreadable in it is left out, and a number that is beyond what it can be is at that bound.
        """
        base = default.der_control_base
        settings = {element: getattr(default, name) for element, name in SETTINGS.items()}
        return cls(
            values=keep_within_bounds(read_values(base)[0]),
            ramp_tms=base.ramp_tms if base else None,
            settings={element: value for element, value in settings.items() if value is not None},
            off=read_off(base),
        )

    def dump(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        plain = {"values": dump_values(self.values), "ramp_tms": self.ramp_tms, "settings": dict(self.settings)}
        return plain | _dump_off(self.off)

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Self:
        """Return the default that ``dump`` wrote."""
        return cls(**{**plain, "values": load_values(plain["values"]), "off": frozenset(plain.get("off", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A DERProgram, with what was last read of its lists.

    Attributes:
        mrid: Its mRID, in upper-case hexadecimal.
        href: Where it is.
        primacy: Its priority: the lower number wins.
        offset: Seconds that its server's time is ahead of the clock that the schedule is given. A program runs by the
            Time of the function set assignments that assign it.
        default: Its default; None if it has none.
        events: Its events.
        complete: The whole list of events was read. If not, an event that is missing has not vanished.
        curves: The types of its curves, by their hrefs.
    """

    mrid: str
    href: str = ""
    primacy: int
    offset: int = 0
    default: Default | None = None
    events: tuple[Event, ...] = ()
    complete: bool = True
    curves: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_models(
        cls,
        program: DERProgram,
        *,
        controls: Iterable[DERControl] = (),
        default: DefaultDERControl | None = None,
        curves: Iterable[DERCurve] = (),
        offset: int = 0,
        complete: bool = True,
    ) -> Self:
        """Return a program that was read from a server.

        Controls without an mRID are left out: nothing could be said of them. A program without one is known by its
        href, and one without a primacy comes last.

        Args:
            program: The DERProgram.
            controls: Its DERControlList, of all pages.
            default: Its DefaultDERControl, if it has one.
            curves: The curves that its controls link.
            offset: Seconds that its server's time is ahead of the schedule's clock.
            complete: Every page of the DERControlList was read.
        """
        return cls(
            mrid=identify_program(program),
            href=program.href or "",
            primacy=_LAST if program.primacy is None else int(program.primacy),
            offset=offset,
            default=None if default is None else Default.from_model(default),
            events=read_events(controls),
            complete=complete,
            curves=read_curves(curves),
        )

    def without_events(self) -> Self:
        """Return it without its events."""
        return replace(self, events=())

    def dump(self) -> dict[str, Any]:
        """Return it as JSON has it, without its events."""
        plain = {name: getattr(self, name) for name in ("mrid", "href", "primacy", "offset", "complete")}
        default = None if self.default is None else self.default.dump()
        return {**plain, "default": default, "curves": dict(self.curves)}

    @classmethod
    def load(cls, plain: Mapping[str, Any]) -> Self:
        """Return the program that ``dump`` wrote."""
        default = plain["default"]
        return cls(**{**plain, "default": None if default is None else Default.load(default)})


def identify_program(program: DERProgram) -> str:
    """Return what a program is known by: its mRID in upper-case hexadecimal, else its href."""
    return program.mrid.hex().upper() if program.mrid else program.href or ""


def read_events(controls: Iterable[DERControl]) -> tuple[Event, ...]:
    """Return the events of a list, except for those without an mRID."""
    return tuple(Event.from_model(control) for control in controls if control.mrid)


def read_curves(curves: Iterable[DERCurve]) -> dict[str, int]:
    """Return the types of curves by their hrefs."""
    return {curve.href: int(curve.curve_type) for curve in curves if curve.href and curve.curve_type is not None}


def _dump_off(off: frozenset[str]) -> dict[str, list[str]]:
    return {"off": sorted(off)} if off else {}


def _clamp(seconds: int | None) -> int:
    return max(-_MOST_RANDOM, min(_MOST_RANDOM, seconds or 0))
