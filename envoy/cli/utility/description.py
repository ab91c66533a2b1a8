"""What a utility has, in words: programs, controls and responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from envoy._text import printable
from envoy.bindings.fields import fields_of
from envoy.cli.terminal.moments import show_duration, show_moment
from envoy.identity import format_lfdi
from envoy.utility.operator import Operator, ReceivedResponse
from sep2 import DERControlBase, DERSettings, EventCurrentStatus, ResponseStatus

_STATES = {
    EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION: "cancelled, at random",
}
_WATTS = {
    "op_mod_exp_lim_w": "export at most {} W",
    "op_mod_imp_lim_w": "import at most {} W",
    "op_mod_gen_lim_w": "generate at most {} W",
    "op_mod_load_lim_w": "consume at most {} W",
    "op_mod_storage_target_w": "storage {} W",
}
_NAMES = {field.name: field.local for cls in (DERSettings, DERControlBase) for field in fields_of(cls)}


def describe_status(status: int) -> str:
    """Return a currentStatus in a word or two."""
    code = EventCurrentStatus(status)
    return _STATES.get(code) or code.name.lower()


def describe_response(response: ReceivedResponse, now: int) -> str:
    """Return a response in one line."""
    status = ResponseStatus(response.status).name.lower().replace("_", " ")
    happened = "" if response.created is None else f", of {show_moment(response.created, now)}"
    return (
        f"{show_moment(response.arrived, now)}  {response.status:3} {status}  control {response.control}  "
        f"{format_lfdi(response.lfdi)}{happened}"
    )


def describe_modes(modes: Mapping[str, Any]) -> str:
    """Return what is asked for in words."""
    if not modes:
        return "nothing"
    return ", ".join(_describe_mode(name, value) for name, value in modes.items())


def _describe_mode(name: str, value: Any) -> str:
    if name in _WATTS:
        return _WATTS[name].format(f"{value:g}")
    if name in ("op_mod_connect", "op_mod_energize"):
        return {True: "", False: "de-" if name == "op_mod_energize" else "dis"}[value] + name.removeprefix("op_mod_")
    return f"{_NAMES.get(name, name)} {value}"


def describe_control(control: Mapping[str, Any], now: int) -> str:
    """Return a control in one line."""
    randomized = "".join(
        f", {name} randomized by {control[f'randomize_{name}']} s"
        for name in ("start", "duration")
        if control[f"randomize_{name}"]
    )
    return (
        f"control {control['control']}  {describe_status(control['status'])}  {describe_modes(control['modes'])}  "
        f"{show_moment(control['start'], now)} for {show_duration(control['duration'])}{randomized}"
        f"{_describe_sites(control['sites'])}"
    )


def _describe_sites(sites: str | list[str]) -> str:
    if sites == "all":
        return ""
    return f"  {sites[0]}" if len(sites) == 1 else f"  {len(sites)} sites"


def describe_program(program: Mapping[str, Any], now: int) -> Iterator[str]:
    """Yield the lines of a program."""
    sites = _describe_sites(program["sites"]) or "  all sites"
    # The programs of this command are named after their sites.
    about = "" if sites.strip() in program["name"] else f"  primacy {program['primacy']}{sites}"
    yield printable(f"program {program['program']}  {program['name']}{about}  FSA {program['fsa']}")
    yield f"  default  {describe_modes(program['default'])}"
    for control in program["controls"]:
        yield f"  {describe_control(control, now)}"


class Watch:
    """What changes at a utility, from one look to the next.

    Args:
        operator: The operator of the utility.
        site: Only what concerns this site; None for everything.
    """

    def __init__(self, operator: Operator, site: str | None) -> None:
        self._operator = operator
        self._site = site
        self._controls = self._read_controls()
        self._responses = len(operator.responses(site=site))

    def look(self) -> Iterator[str]:
        """Yield a line for each control that has changed, and for each response that has come, since the last look."""
        now = self._operator.now()
        before, self._controls = self._controls, self._read_controls()
        for number, control in self._controls.items():
            if number not in before:
                yield f"{show_moment(now, now)}  {describe_control(control, now)}"
            elif control["status"] != before[number]["status"]:
                yield f"{show_moment(now, now)}  control {number}  {describe_status(control['status'])}"
        for number in before.keys() - self._controls.keys():
            yield f"{show_moment(now, now)}  control {number}  over"
        responses = self._operator.responses(site=self._site)
        for response in responses[self._responses :]:
            yield describe_response(response, now)
        self._responses = len(responses)

    def _read_controls(self) -> dict[int, dict[str, Any]]:
        programs = self._operator.list_programs(self._site)
        return {control["control"]: control for program in programs for control in program["controls"]}
