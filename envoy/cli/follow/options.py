"""Options of ``envoy follow``: which devices, by which policy, with what failsafe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from envoy._text import suggest
from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from envoy.der.modes import Value
    from envoy.der.policies import Policy
    from envoy.profiles import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceOptions:
    """Options that say which device is followed for, or which ones."""

    device: Annotated[
        str | None, typer.Option(metavar="KIND", help="Kind of device: simulated, exec, sunspec or mqtt.")
    ] = None
    exec: Annotated[
        str | None,
        typer.Option("--exec", metavar="CMD", help="Program to run, for the kind exec (page Devices of envoy docs)."),
    ] = None
    option: Annotated[
        list[str] | None, typer.Option("-o", "--option", metavar="KEY=VALUE", help="Option of the device; repeatable.")
    ] = None
    devices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with a [[device]] table for each of several devices.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyOptions:
    """Options for the cases in which editions and utilities differ; what each means is in docs/explanation/der.md."""

    edition: Annotated[
        Literal["2018", "2023"] | None, typer.Option(help="Edition of IEEE 2030.5. Default: that of the profile.")
    ] = None
    responses: Annotated[
        Literal["full", "csip-aus"] | None,
        typer.Option(help="Which responses to send. Default: as the profile has it."),
    ] = None
    superseded: Annotated[
        Literal["final", "resumes"] | None, typer.Option(help="What becomes of a superseded event. Default: final.")
    ] = None

    def choose(self, profile: Profile) -> Policy:
        """Return the policy: what is given, else what is usual in the profile."""
        from envoy.der.policies import Edition, Policy, Responses, Superseded  # deferred: --help does not need it

        usual = Policy.of_profile(profile)
        return Policy(
            edition=Edition(self.edition or usual.edition),
            responses=Responses(self.responses or usual.responses),
            superseded=Superseded(self.superseded or usual.superseded),
        )


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """A kind of device, with its options as text."""

    kind: str
    options: Mapping[str, str] = field(default_factory=dict)


COMMAND = "command"
"""The key of the kind exec that ``--exec`` stands for."""


def choose_devices(options: DeviceOptions) -> list[DeviceChoice]:
    """Return the devices that are asked for, at least one.

    Raises:
        EnvoyError: There is none, options contradict each other, or the file cannot be used.
    """
    if options.devices is not None:
        for name in ("device", "exec", "option"):
            if getattr(options, name):
                raise EnvoyError(
                    f"--{name} is for one device, and --devices names a file of several",
                    remedy="Leave one out: the tables of the file have kind and the same keys.",
                )
        return read_devices(options.devices)
    kind = options.device or ("exec" if options.exec is not None else None)
    if kind is None:
        raise EnvoyError("--device is missing", remedy="To see it work without hardware: --device simulated.")
    pairs = list(map(parse_pair, options.option or ()))
    if options.exec is not None:
        if kind != "exec":
            raise EnvoyError(f"--exec is for the kind exec, and --device is {kind}", remedy="Leave one out.")
        pairs.append((COMMAND, options.exec))
    given: dict[str, str] = {}
    for key, value in pairs:
        if key in given:
            both = key == COMMAND and options.exec is not None
            what = "-o command is what --exec gives" if both else f"-o {key} is given twice"
            raise EnvoyError(what, remedy="Leave one out.")
        given[key] = value
    return [DeviceChoice(kind, given)]


def parse_pair(text: str) -> tuple[str, str]:
    """Return the key and the value of ``KEY=VALUE``.

    Raises:
        EnvoyError: It has no ``=``, or nothing before it.
    """
    key, mark, value = text.partition("=")
    if not mark or not key.strip():
        raise EnvoyError(f"{text!r} is not KEY=VALUE", remedy="Write it as -o address=tcp://192.168.1.20:502.")
    return key.strip(), value.strip()


def read_devices(path: Path) -> list[DeviceChoice]:
    """Read a file of devices: a ``[[device]]`` table for each, with ``kind`` and the options of that kind.

    Raises:
        EnvoyError: The file is not there, is not TOML, or has errors; all of them are reported.
    """
    from envoy.bindings.toml import read_toml  # deferred: --help does not need it

    table = read_toml(path, "devices", EnvoyError)
    tables = table.get("device")
    remedy = 'Write one table for each: [[device]], then kind = "sunspec" and the keys of that kind.'
    if set(table) != {"device"} or not isinstance(tables, list) or not tables:
        raise EnvoyError("has no list of [[device]] tables, or has something else", where=str(path), remedy=remedy)
    errors = list(_find_errors(tables))
    if errors:
        raise EnvoyError("\n".join(errors), where=str(path), remedy=remedy)
    return [
        DeviceChoice(each["kind"], {key: _write(value) for key, value in each.items() if key != "kind"})
        for each in tables
    ]


def _find_errors(tables: list[Any]) -> Iterable[str]:
    for number, each in enumerate(tables, start=1):
        if not isinstance(each, Mapping):
            yield f"device[{number}]: is not a table"
            continue
        if not isinstance(each.get("kind"), str):
            yield f"device[{number}].kind: is missing, or is not text"
        for key, value in each.items():
            if not isinstance(value, str | bool | int | float):
                yield f"device[{number}].{key}: is neither text, a number, true nor false"


def _write(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def parse_failsafe(pairs: Iterable[str]) -> dict[str, Value]:
    """Return what holds as long as nothing was ever read of a server, by the names of modes.

    Args:
        pairs: Each ``MODE=VALUE``: W or var for powers, a percentage such as ``30%``, or true and false.

    Raises:
        EnvoyError: One is not that, or its mode is unknown, is given twice or cannot be given so.
    """
    failsafe: dict[str, Value] = {}
    for pair in pairs:
        name, mark, text = (part.strip() for part in pair.partition("="))
        if not mark:
            raise EnvoyError(f"--failsafe {pair!r} is not MODE=VALUE", remedy=_EXAMPLE)
        if name in failsafe:
            raise EnvoyError(f"--failsafe {name} is given twice", remedy="Leave one out.")
        failsafe[name] = _read_value(name, text)
    return failsafe


_EXAMPLE = "Write it as --failsafe opModExpLimW=1500 (in W), opModMaxLimW=30% or opModConnect=true."


def _read_value(name: str, text: str) -> Value:
    from envoy.der.modes import MODES, find_invalid  # deferred: --help does not need it

    mode = MODES.get(name)
    if mode is None:
        raise EnvoyError(f"--failsafe: unknown mode {name!r}", remedy=f"{_EXAMPLE}{suggest(name, MODES)}")
    if mode.type is not bool and not mode.unit:
        raise EnvoyError(f"--failsafe: {name} is not set by a number", remedy=_EXAMPLE)
    value: Value
    try:
        if mode.type is bool:
            value = {"true": True, "false": False}[text.lower()]
        elif mode.type is int:
            # The standard counts in hundredths of a percent, people do not.
            if not text.endswith("%"):
                raise ValueError
            hundredths = Decimal(text.removesuffix("%")) * 100
            if hundredths != int(hundredths):
                raise ValueError
            value = int(hundredths)
        else:
            value = Decimal(text)
            if not value.is_finite():
                raise ValueError
    except (KeyError, ValueError, InvalidOperation, OverflowError):
        wanted = {bool: "true or false", int: "a percentage such as 30%"}.get(mode.type, f"a number in {mode.unit}")
        raise EnvoyError(f"--failsafe {name}={text}: is not {wanted}", remedy=_EXAMPLE) from None
    if find_invalid({name: value}):
        raise EnvoyError(f"--failsafe {name}={text}: is out of its bounds", remedy=_EXAMPLE)
    return value
