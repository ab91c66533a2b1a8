"""The orders of an operator, each a name with values that JSON can express, and how a utility follows them.

docs/testing.md lists them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from envoy.bindings.fields import fields_of
from envoy.bindings.tables import Builder
from envoy.bindings.times import format_mrid
from envoy.documents import dumps
from envoy.errors import EnvoyError
from envoy.identity import check_pin, format_lfdi, parse_lfdi, sfdi_of_lfdi
from envoy.utility.clock import ManualClock, find_zone
from envoy.utility.function_sets.end_devices import add_end_device
from envoy.utility.outages import Outage, Outages
from envoy.utility.programs import CURVE_MODES, Programs, StoredControl, StoredProgram
from envoy.utility.rates import POLLED, POSTED
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from envoy.utility.tariffs import Tariffs
from sep2 import (
    ConnectionPoint,
    DefaultDERControl,
    DERControl,
    DERControlBase,
    DERCurve,
    EndDevice,
    EventCurrentStatus,
    EventStatus,
    ReadingType,
    ResponseRequired,
)
from sep2.resource import DateTimeInterval

T = TypeVar("T")

_REMEDY = "docs/testing.md lists the orders, with the keys that each needs."
_NEEDED: Any = object()
_LARGEST = 1 << 40
"""Times beyond it, in the year 36812, are not taken, nor numbers of seconds."""


class Orders:
    """Follows the orders of an operator.

    Args:
        store: The resources of the utility.
        programs: Its programs.
        outages: Its outages.
        clock: The clock that it is given.
        now: Time of the utility, which may be ahead of the clock.
        settings: Its settings.
    """

    def __init__(
        self,
        store: Store,
        programs: Programs,
        outages: Outages,
        clock: Callable[[], float],
        now: Callable[[], int],
        settings: Settings,
    ) -> None:
        self._settings = settings
        self._store = store
        self._programs = programs
        self._outages = outages
        self._clock = clock
        self._now = now

    def follow(self, order: str, parts: Mapping[str, Any]) -> dict[str, Any]:
        """Follow an order, in a transaction of the store, and return the response.

        Raises:
            EnvoyError: It cannot be followed.
        """
        known = _ORDERS.get(order)
        if known is None:
            raise EnvoyError(f"{order!r} is not an order", remedy=_REMEDY)
        follow, expected = known
        for name, value in parts.items():
            if name not in expected:
                raise EnvoyError(
                    f"the order {order} has no {name!r}", remedy=f"It has {', '.join(expected) or 'none'}."
                )
            kinds = expected[name][0]
            too_large = isinstance(value, int) and abs(value) > _LARGEST
            if too_large or not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                raise EnvoyError(f"{name} of the order {order} is {value!r}", remedy=_REMEDY)
        given = {name: parts.get(name, default) for name, (_, default) in expected.items()}
        if missing := [name for name, value in given.items() if value is _NEEDED]:
            raise EnvoyError(f"the order {order} has no {missing[0]}", remedy=f"It needs {', '.join(missing)}.")
        return follow(self, **given) or {"ok": True}

    # Programs and controls

    def _program(self, name: str, primacy: int | None, fsa: int | None, sites: Any) -> dict[str, Any]:
        if not name.strip() or not name.isprintable():
            raise EnvoyError(f"the name of the program is {name!r}", remedy="Give it one that can be printed.")
        _check("primacy", primacy, 0, 255)
        _check("fsa", fsa, 1, 1_000_000)
        number = self._programs.put_program(name, primacy, fsa, self._sites(sites), for_all=sites == "all")
        return {"program": number, "mrid": format_mrid(self._programs.program(number).mrid)}

    def _remove_program(self, program: int) -> None:
        self._programs.remove_program(program)

    def _default(self, program: int, values: dict[str, Any]) -> None:
        self._programs.program(program)
        modes, rest = _split(values)
        mrid = self._programs.default_of(program).mrid
        base = _build(DERControlBase, modes)
        default = _build(DefaultDERControl, rest, mrid=mrid, der_control_base=base)
        self._check_valid(default)
        self._check_curves(program, base)
        self._programs.set_default(program, default)

    def _control(
        self, program: int | list[int], duration: int, start: int | None, sites: Any, values: dict[str, Any]
    ) -> dict[str, Any]:
        programs = [program] if isinstance(program, int) else program
        for number in programs:
            _check("program", number, 1, _LARGEST)
            self._programs.program(number)
        now = self._now()
        start = now if start is None else start
        _check("duration", duration, 0, _LARGEST)
        _check("start", start, 0, _LARGEST)
        modes, rest = _split(values)
        identity = _build(_Identity, {name: rest.pop(name) for name in ("mrid", "creation_time") if name in rest})
        control = _build(
            DERControl,
            {"response_required": int(_RESPONSES), **rest},
            mrid=identity.mrid or self._programs.new_mrid(),
            creation_time=now if identity.creation_time is None else identity.creation_time,
            event_status=EventStatus(
                current_status=EventCurrentStatus.SCHEDULED, date_time=now, potentially_superseded=False
            ),
            interval=DateTimeInterval(duration=duration, start=start),
            der_control_base=_build(DERControlBase, modes),
        )
        self._check_valid(control)
        for number in programs:
            self._check_curves(number, control.der_control_base)
        for_sites = None if sites == "all" else self._sites(sites)
        numbers = self._programs.add_controls(programs, control, for_sites, now)
        return {"control": numbers[0] if isinstance(program, int) else numbers, "mrid": format_mrid(control.mrid)}

    def _cancel(self, control: int, randomized: bool | None) -> None:
        self._programs.cancel(control, self._now(), randomized=randomized)

    def _curve(self, program: int, values: dict[str, Any]) -> dict[str, Any]:
        self._programs.program(program)
        curve = _build(DERCurve, values, mrid=self._programs.new_mrid(), creation_time=self._now())
        self._check_valid(curve)
        return {"curve": self._programs.add_curve(program, curve)}

    def _check_valid(self, message: Any) -> None:
        """Check a message by the schema of the profile, which also knows what the profile does not have."""
        dumps(message, profile=self._store.profile)

    def _check_curves(self, program: int, base: DERControlBase) -> None:
        links = {name: link.href for name in CURVE_MODES if (link := getattr(base, name)) is not None}
        known = {str(number) for number, _ in self._programs.curves(program)} if links else set()
        for name, href in links.items():
            if href not in known:
                raise EnvoyError(
                    f"{name} leads to the curve {href}, which the program {program} does not have",
                    remedy="Make the curve first, in the same program, and give its number.",
                )

    def _list_programs(self, site: str | None) -> dict[str, Any]:
        now = self._now()
        if site is None:
            return {"programs": [self._describe(each, None, now) for each in self._programs.programs()]}
        lfdi = self._site(site)
        return {"programs": [self._describe(each, lfdi, now) for each in self._programs.programs_of(lfdi)]}

    def _describe(self, program: StoredProgram, lfdi: bytes | None, now: int) -> dict[str, Any]:
        if lfdi is None:
            controls = self._programs.all_controls(program.number, now)
        else:
            controls = self._programs.controls_of(lfdi, program.number, now)
        default = self._programs.default_of(program.number)
        return {
            "program": program.number,
            "name": program.name,
            "mrid": format_mrid(program.mrid),
            "primacy": program.primacy,
            "fsa": program.fsa,
            "sites": "all" if program.for_all else self._names("program", program.number),
            "default": {**_plain(default.der_control_base), **_plain(default, ("mrid", "der_control_base"))},
            "controls": [self._describe_control(control, now) for control in controls],
        }

    def _describe_control(self, control: StoredControl, now: int) -> dict[str, Any]:
        document = self._programs.control_document(control.number)
        return {
            "control": control.number,
            "mrid": format_mrid(control.mrid),
            "status": int(control.status(now).current_status),
            "start": control.start,
            "duration": control.stop - control.start,
            "creation_time": control.creation,
            "randomize_start": document.randomize_start or 0,
            "randomize_duration": document.randomize_duration or 0,
            "sites": "all" if control.for_all else self._names("control", control.number),
            "modes": _plain(document.der_control_base),
        }

    def _show_control(self, control: int) -> dict[str, Any]:
        return self._describe_control(self._programs.control(control), self._now())

    def _names(self, kind: str, number: int) -> list[str]:
        return [format_lfdi(lfdi) for lfdi in self._programs.sites_of(kind, number)]

    def _remove_assignment(self, fsa: int, sites: Any, reachable: bool) -> None:
        self._programs.remove_assignment(fsa, self._sites(sites) or (), reachable=reachable)

    def _restore_assignment(self, fsa: int, sites: Any) -> None:
        self._programs.restore_assignment(fsa, self._sites(sites) or ())

    # Sites

    def _list_sites(self, site: str | None) -> dict[str, Any]:
        points = self._connection_points()
        found = self._store.rows("SELECT path, key FROM resource WHERE list = '/edev' ORDER BY rowid")
        sites = [{"href": path, "lfdi": lfdi, "nmi": points.get(path)} for path, lfdi in found]
        if site is None:
            return {"sites": sites}
        wanted = format_lfdi(self._site(site))
        known = [each for each in sites if each["lfdi"] == wanted]
        return {"sites": known or [{"href": None, "lfdi": wanted, "nmi": None}]}

    def _connection_points(self) -> dict[str, str]:
        """Return the identifier of the connection point of each EndDevice that has one, by path."""
        rows = self._store.rows("SELECT path, document FROM resource WHERE path LIKE '/edev/%/cp'")
        points: list[tuple[str, ConnectionPoint]] = [(path, self._store.loads(document)) for path, document in rows]
        return {path.removesuffix("/cp"): point.connection_point_id for path, point in points}

    def _sites(self, names: Any) -> list[bytes] | None:
        return None if names is None or names == "all" else [self._site(str(name)) for name in names]

    def _site(self, name: str) -> bytes:
        """Return the LFDI of a site."""
        path: str | None = name
        if not name.startswith("/"):
            digits = name.replace(" ", "")
            if len(digits) == 40:
                return parse_lfdi(digits)
            path = next((path for path, point in self._connection_points().items() if point == name), None)
        lfdi = path and self._store.value("SELECT key FROM resource WHERE path = ? AND list = '/edev'", path)
        if not lfdi:
            raise EnvoyError(
                f"there is no site {name!r}",
                remedy="Name one by its LFDI (40 hex digits), href (/edev/2) or NMI; the order 'sites' lists them.",
            )
        return parse_lfdi(lfdi)

    def _register(self, lfdi: str, owner: str | None, pin: int | None, nmi: str | None) -> dict[str, Any]:
        octets = parse_lfdi(lfdi)
        whose = octets if owner is None else parse_lfdi(owner)
        if pin is not None:
            check_pin(pin)
        if self._store.find("/edev", format_lfdi(octets)):
            raise EnvoyError(f"there is an EndDevice with the LFDI {format_lfdi(octets)}", remedy="Use that one.")
        device = EndDevice(lfdi=octets, sfdi=sfdi_of_lfdi(octets), changed_time=self._now(), enabled=True)
        profile, first = self._store.profile, whose == octets
        href = add_end_device(self._store, profile, self._settings, whose, device, first=first, pin=pin)
        if nmi is not None:
            point = ConnectionPoint(connection_point_id=nmi)
            self._check_valid(point)
            self._store.put(whose, f"{href}/cp", point)
        return {"href": href}

    def _show_registration(self, shown: bool) -> None:
        self._store.set("registration_links", shown)

    # Tariffs

    @property
    def _tariffs(self) -> Tariffs:
        return Tariffs(self._store, self._programs.new_mrid)

    def _tariff(self, name: str, primacy: int, fsa: int, multiplier: int) -> dict[str, Any]:
        _check("primacy", primacy, 0, 255)
        _check("fsa", fsa, 1, 1_000_000)
        _check("multiplier", multiplier, -9, 9)
        return {"tariff": self._tariffs.add_tariff(name, primacy, fsa, multiplier)}

    def _rate(self, tariff: int, role_flags: int, values: dict[str, Any]) -> dict[str, Any]:
        _check("role_flags", role_flags, 0, 0xFFFF)
        reading_type = _build(ReadingType, values)
        self._check_valid(reading_type)
        return {"rate": self._tariffs.add_rate(tariff, role_flags, reading_type)}

    def _remove_rate(self, rate: int) -> None:
        self._tariffs.remove_rate(rate)

    def _price(self, rate: int, start: int | None, duration: int, blocks: list[Any]) -> dict[str, Any]:
        _check("duration", duration, 0, _LARGEST)
        pairs = [tuple(block) for block in blocks if isinstance(block, list | tuple)]
        if not pairs or len(pairs) != len(blocks) or any(len(pair) != 2 for pair in pairs):
            raise EnvoyError("blocks are pairs of a price and a start value", remedy="Give [[price, 0], ...].")
        for price, at in pairs:
            _check("price", price, -(1 << 31), (1 << 31) - 1)
            _check("start value", at, 0, (1 << 48) - 1)
        now = self._now()
        return {"price": self._tariffs.add_price(rate, now if start is None else start, duration, pairs, now)}

    def _cancel_price(self, price: int) -> None:
        self._tariffs.cancel_price(price, self._now())

    def _price_responses(self) -> dict[str, Any]:
        rows = self._store.rows("SELECT status, price, lfdi, created, arrived FROM price_response ORDER BY number")
        names = ("status", "price", "lfdi", "created", "arrived")
        return {"responses": [dict(zip(names, (*row[:2], format_lfdi(row[2]), *row[3:]), strict=True)) for row in rows]}

    # Rates, time and outages

    def _poll_rates(self, rates: dict[str, Any]) -> None:
        self._set_rates("poll_rates", rates, POLLED)
        self._programs.note_rates(rates)

    def _post_rates(self, rates: dict[str, Any]) -> None:
        self._set_rates("post_rates", rates, POSTED)

    def _set_rates(self, setting: str, rates: dict[str, Any], known: Collection[str]) -> None:
        for name, seconds in rates.items():
            if name not in known:
                raise EnvoyError(f"{name!r} has no rate", remedy=f"It is one of {', '.join(known)}.")
            _check(name, seconds, 0, (1 << 32) - 1)
        self._store.set(setting, {**(self._store.setting(setting) or {}), **rates})

    def _time(self, quality: int | None, offset: int | None, zone: str | None) -> None:
        _check("quality", quality, 3, 7)
        _check("offset", offset, -_LARGEST, _LARGEST)
        find_zone(zone or "")
        given = {"quality": quality, "offset": offset, "zone": zone}
        changed = {name: value for name, value in given.items() if value is not None}
        self._store.set("time", {**(self._store.setting("time") or {}), **changed})

    def _outage(self, seconds: float, status: int, path: str, retry_after: int | None) -> None:
        _check("seconds", seconds, 0, _LARGEST)
        _check("status", status, 400, 599)
        _check("retry_after", retry_after, 0, _LARGEST)
        self._outages.add(Outage(self._clock() + seconds, status, path, retry_after))

    def _advance(self, seconds: float) -> None:
        if not isinstance(self._clock, ManualClock):
            raise EnvoyError(
                "the clock of this utility runs by itself",
                remedy="Start it with --clock manual, UtilityServer(clock='manual') or Utility(now=ManualClock(...)).",
            )
        _check("seconds", seconds, 0, _LARGEST)
        self._clock.advance(seconds)

    def _show_time(self) -> dict[str, Any]:
        return {"now": self._now()}

    # Responses

    def _responses(self, control: int | None, site: str | None) -> dict[str, Any]:
        lfdi = None if site is None else self._site(site)
        rows = self._store.rows(
            "SELECT status, control, lfdi, created, arrived FROM response "
            "WHERE (? IS NULL OR control = ?) AND (? IS NULL OR lfdi = ?) ORDER BY number",
            *(control, control, lfdi, lfdi),
        )
        names = ("status", "control", "lfdi", "created", "arrived")
        return {"responses": [dict(zip(names, (*row[:2], format_lfdi(row[2]), *row[3:]), strict=True)) for row in rows]}


@dataclasses.dataclass(kw_only=True)
class _Identity:
    """The fields of a DERControl that are made unless they are given."""

    mrid: bytes = dataclasses.field(default=b"", metadata={"type": "Element", "max_length": 16, "format": "base16"})
    creation_time: int | None = dataclasses.field(default=None, metadata={"type": "Element"})


_RESPONSES = ResponseRequired.MESSAGE_RECEIVED | ResponseRequired.SPECIFIC_RESPONSE
_MODES = frozenset(field.name for field in fields_of(DERControlBase))


def _split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that are those of a DERControlBase, and the rest."""
    modes = {name: value for name, value in values.items() if name in _MODES}
    return modes, {name: value for name, value in values.items() if name not in _MODES}


def _build(cls: type[T], values: Mapping[str, Any], **given: Any) -> T:
    """Return an object of the values of an order, and of others that an order may not give.

    Raises:
        EnvoyError: A value is not what it should be.
    """
    builder = Builder()
    model: type = cls
    if forbidden := sorted(given.keys() & values.keys()):
        raise EnvoyError(f"{forbidden[0]} is not for an order to say", remedy="Leave it out.")
    fields = builder.fields(model, values, "", extra=_MODES)
    if builder.errors:
        raise EnvoyError("\n".join(builder.errors))
    missing = [each.name for each in fields_of(model) if each.required and each.name not in {*fields, *given}]
    if missing:
        raise EnvoyError(f"{missing[0]} is missing", remedy=f"A {model.__name__} needs {', '.join(missing)}.")
    return cls(**fields, **given)


def _check(name: str, value: Any, least: int, most: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise EnvoyError(f"{name} is {value!r}", remedy=f"It is a number from {least} to {most}.")


def _plain(message: Any, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the fields that are set, quantities as numbers, for people to read."""
    found = {}
    cls: type = type(message)
    for field in fields_of(cls):
        value = getattr(message, field.name)
        if field.name not in without and value is not None and value != field.default and not field.attribute:
            found[field.name] = _readable(value)
    return found


def _readable(value: Any) -> Any:
    if isinstance(value, (bool, int, str)):
        return value
    if hasattr(value, "__float__"):
        amount = float(value)
        return int(amount) if amount.is_integer() else amount
    return repr(value)


_Part = tuple[tuple[type, ...], Any]
_NONE = type(None)
_PROGRAM: dict[str, _Part] = {"program": ((int,), _NEEDED)}
_SITES: _Part = ((list, str, _NONE), None)
_VALUES: dict[str, _Part] = {"values": ((dict,), _NEEDED)}
_RATES: dict[str, _Part] = {"rates": ((dict,), _NEEDED)}
_SITE: dict[str, _Part] = {"site": ((str, _NONE), None)}
_ASSIGNMENT: dict[str, _Part] = {"fsa": ((int,), _NEEDED), "sites": ((list,), _NEEDED)}

_ORDERS: dict[str, tuple[Callable[..., dict[str, Any] | None], dict[str, _Part]]] = {
    "program": (
        Orders._program,
        {
            "name": ((str,), _NEEDED),
            "primacy": ((int, _NONE), None),
            "fsa": ((int, _NONE), None),
            "sites": _SITES,
        },
    ),
    "remove-program": (Orders._remove_program, _PROGRAM),
    "default": (Orders._default, {**_PROGRAM, **_VALUES}),
    "control": (
        Orders._control,
        {
            "program": ((int, list), _NEEDED),
            "duration": ((int,), _NEEDED),
            "start": ((int, _NONE), None),
            "sites": _SITES,
            **_VALUES,
        },
    ),
    "describe-control": (Orders._show_control, {"control": ((int,), _NEEDED)}),
    "cancel": (Orders._cancel, {"control": ((int,), _NEEDED), "randomized": ((bool, _NONE), None)}),
    "curve": (Orders._curve, {**_PROGRAM, **_VALUES}),
    "programs": (Orders._list_programs, _SITE),
    "remove-assignment": (Orders._remove_assignment, {**_ASSIGNMENT, "reachable": ((bool,), False)}),
    "restore-assignment": (Orders._restore_assignment, _ASSIGNMENT),
    "sites": (Orders._list_sites, _SITE),
    "register": (
        Orders._register,
        {
            "lfdi": ((str,), _NEEDED),
            "owner": ((str, _NONE), None),
            "pin": ((int, _NONE), None),
            "nmi": ((str, _NONE), None),
        },
    ),
    "tariff": (
        Orders._tariff,
        {
            "name": ((str,), _NEEDED),
            "primacy": ((int,), 1),
            "fsa": ((int,), 1),
            "multiplier": ((int,), 0),
        },
    ),
    "rate": (Orders._rate, {"tariff": ((int,), _NEEDED), "role_flags": ((int,), 0), **_VALUES}),
    "remove-rate": (Orders._remove_rate, {"rate": ((int,), _NEEDED)}),
    "price": (
        Orders._price,
        {
            "rate": ((int,), _NEEDED),
            "start": ((int, _NONE), None),
            "duration": ((int,), _NEEDED),
            "blocks": ((list,), _NEEDED),
        },
    ),
    "cancel-price": (Orders._cancel_price, {"price": ((int,), _NEEDED)}),
    "price-responses": (Orders._price_responses, {}),
    "registration-links": (Orders._show_registration, {"shown": ((bool,), _NEEDED)}),
    "poll-rates": (Orders._poll_rates, _RATES),
    "post-rates": (Orders._post_rates, _RATES),
    "time": (
        Orders._time,
        {"quality": ((int, _NONE), None), "offset": ((int, _NONE), None), "zone": ((str, _NONE), None)},
    ),
    "outage": (
        Orders._outage,
        {
            "seconds": ((int, float), _NEEDED),
            "status": ((int,), 500),
            "path": ((str,), "*"),
            "retry_after": ((int, _NONE), None),
        },
    ),
    "responses": (Orders._responses, {"control": ((int, _NONE), None), **_SITE}),
    "now": (Orders._show_time, {}),
    "advance": (Orders._advance, {"seconds": ((int, float), _NEEDED)}),
}
