"""Scenarios: timelines of one's own for a utility, with what a client is expected to do.

A scenario is read into a procedure, whose steps wait for the clock and for the client. docs/reference/procedures.md
describes the files, and ``schema/scenario.schema.json`` is their JSON schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from envoy._text import quote, shorten
from envoy.procedures.endpoints import Endpoint, read_endpoint
from envoy.procedures.procedure import Action, Check, Event, Procedure, Step
from envoy.procedures.reader import check_references, read_parameters, read_version
from envoy.procedures.vocabulary import ACTIONS, ANY_REQUEST, CHECKS, METHODS, Parameters
from envoy.procedures.yaml_file import Place, read_yaml, suggest

SCENARIO_ACTIONS: Mapping[str, Parameters] = {
    name: parameters for name, parameters in ACTIONS.items() if name not in ("enable-steps", "remove-steps")
}
"""The actions of scenarios: those of procedures, except for what the timeline itself says."""

SCENARIO_CHECKS: Mapping[str, Parameters] = {
    name: parameters for name, parameters in CHECKS.items() if name != "all-steps-complete"
}
"""The checks of scenarios."""

FIRST_REQUEST = "first-request"
"""The start of a scenario that waits for no more than a client."""

DURATION = r"\+?(?=\d)(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s?)?"
"""A duration: ``90s``, ``5m``, ``1h30m``, or seconds."""

_DURATION = re.compile(DURATION)
_LONGEST_NAME = 60


def read_scenario(path: str | Path) -> Procedure:
    """Read a scenario from a file.

    Raises:
        ProcedureError: It cannot be read, or is not a scenario; with the line and the name of what is wrong.
    """
    top = read_yaml(path).members(
        ("description", "versions", "start", "before", "timeline", "finally", "end"), ("description", "timeline")
    )
    timeline = _Timeline()
    for entry in top["timeline"].items():
        timeline.add(entry)
    if "end" in top:
        timeline.wait(timeline.new_name("end"), _seconds(top["end"]), top["end"].line)
    if not timeline.steps:
        raise top["timeline"].error("there is nothing in the timeline")
    line = top["timeline"].line
    immediate, preconditions = _start(top.get("start"))
    procedure = Procedure(
        name=Path(path).stem,
        file=str(path),
        description=top["description"].text("a description"),
        category="scenario",
        classes=(),
        versions=[read_version(item) for item in top["versions"].items()] if "versions" in top else (),
        steps=timeline.steps,
        init_actions=_actions(top.get("before")),
        immediate_start=immediate,
        preconditions=preconditions,
        # The first one is enabled by the start itself.
        actions=[Action("enable-steps", {"steps": timeline.timed[1:]}, line)],
        instructions=(),
        criteria=[
            Check("all-steps-complete", {"ignored_steps": timeline.forbidden}, line),
            *_checks(top.get("finally")),
        ],
    )
    check_references(procedure)
    return procedure


@dataclass(slots=True)
class _Timeline:
    """The steps that a timeline is made of.

    Attributes:
        steps: All of them.
        timed: Names of those that wait for the clock from the start on.
        forbidden: Names of those that are not to happen at all.
    """

    steps: dict[str, Step] = field(default_factory=dict)
    timed: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def add(self, entry: Place) -> None:
        """Add an entry of the file: at a time something is done, and then expected or forbidden."""
        members = entry.members(("at", "name", "do", "expect", "forbid", "say"), ("at",))
        seconds = _seconds(members["at"])
        name = members["name"].text("a name") if "name" in members else f"at {members['at'].text('a time').lstrip('+')}"
        name = self.new_name(name)
        later: list[Step] = []
        for item in members["expect"].items() if "expect" in members else ():
            later.append(self._expectation(name, item))
        for item in members["forbid"].items() if "forbid" in members else ():
            later += self._prohibition(name, item)
        actions = _actions(members.get("do"))
        actions.append(Action("enable-steps", {"steps": [step.name for step in later]}, entry.line))
        instructions = [members["say"].text("what people are to know")] if "say" in members else []
        self.wait(name, seconds, entry.line, actions, instructions)
        self.steps.update({step.name: step for step in later})

    def wait(
        self, name: str, seconds: int, line: int, actions: Sequence[Action] = (), instructions: Sequence[str] = ()
    ) -> None:
        """Add a step that waits for the clock from the start on."""
        event = Event("wait", {"duration_seconds": seconds}, (), line)
        self.steps[name] = Step(name, event, [*actions, _remove(line, name)], instructions, line, instructs_then=True)
        self.timed.append(name)

    def _expectation(self, entry: str, place: Place) -> Step:
        members = place.members(("request", "check", "within"))
        checks = [_check(item) for item in members["check"].items()] if "check" in members else []
        if not members.keys() & {"request", "check"}:
            raise place.error("an expectation needs a request, a check, or both")
        event, noun = _event(members.get("request"), checks, place.line, served=True)
        name = self.new_name(f"{entry}: {noun or ', '.join(map(_describe, checks))}")
        within = _seconds(members["within"]) if "within" in members else None
        return Step(name, event, [_remove(place.line, name)], (), place.line, within)

    def _prohibition(self, entry: str, place: Place) -> list[Step]:
        members = place.members(("request", "for"), ("request",))
        event, noun = _event(members["request"], (), place.line, served=False)
        name = self.new_name(f"{entry}: no {noun}")
        self.forbidden.append(name)
        fail = Action("finish-test", {"fail_message": f"{noun} came, which is forbidden"}, place.line)
        steps = [Step(name, event, [fail], (), place.line)]
        if "for" in members:
            until = self.new_name(f"{name} for {members['for'].text('a duration')}")
            wait = Event("wait", {"duration_seconds": _seconds(members["for"])}, (), place.line)
            steps.append(Step(until, wait, [_remove(place.line, name, until)], (), place.line))
        return steps

    def new_name(self, name: str) -> str:
        """Return a name that no step has yet, and take it."""
        name = shorten(name, _LONGEST_NAME)
        number, new = 1, name
        while new in self._names:
            number += 1
            new = f"{name} ({number})"
        self._names.add(new)
        return new


def _event(place: Place | None, checks: Sequence[Check], line: int, *, served: bool) -> tuple[Event, str]:
    """Return the event of a request such as ``GET /dcap``, or of any request, and its words."""
    if place is None:
        return Event(ANY_REQUEST, {"serve_request_first": served}, checks, line), ""
    text = " ".join(place.text("a request").split())
    method, _, path = text.partition(" ")
    endpoint = read_endpoint(path)
    if method not in METHODS or endpoint is None:
        raise place.error(
            f"{quote(text)} is not a request",
            "It is a method and a path of the reference server: GET /edev/1/derp/1/derc.",
        )
    parameters: dict[str, Endpoint | bool] = {"endpoint": endpoint, "serve_request_first": served}
    return Event(f"{method}-request-received", parameters, checks, line), text


def _describe(check: Check) -> str:
    """Return a check in a few words, for a name."""
    return " ".join([check.type, *(str(value) for value in check.parameters.values() if isinstance(value, int | str))])


def _remove(line: int, *names: str) -> Action:
    return Action("remove-steps", {"steps": list(names)}, line)


def _start(place: Place | None) -> tuple[bool, list[Check]]:
    """Return whether a scenario starts with the first request, and what has to hold otherwise."""
    if place is None:
        return False, [Check("end-device-contents", {}, 1)]
    if place.is_scalar:
        if place.text("a start") != FIRST_REQUEST:
            raise place.error(f"the start is {FIRST_REQUEST}, or a list of checks that have to hold")
        return True, []
    return False, _checks(place)


def _actions(place: Place | None) -> list[Action]:
    return [
        Action(kind, parameters, item.line)
        for item in (place.items() if place else ())
        for kind, parameters in [_named(item, "action", SCENARIO_ACTIONS)]
    ]


def _checks(place: Place | None) -> list[Check]:
    return [_check(item) for item in (place.items() if place else ())]


def _check(place: Place) -> Check:
    kind, parameters = _named(place, "check", SCENARIO_CHECKS)
    return Check(kind, parameters, place.line)


def _named(place: Place, noun: str, vocabulary: Mapping[str, Parameters]) -> tuple[str, dict[str, Any]]:
    """Read a name with parameters behind it: ``cancel-active-der-controls`` or ``create-der-program: {primacy: 1}``."""
    if place.is_scalar:
        kind, key, value = place.text(f"an {noun}"), place, None
    else:
        entries = place.entries()
        if len(entries) != 1:
            raise place.error(f"expected one {noun} with its parameters, found {len(entries)} names")
        kind, key, value = entries[0]
    if kind not in vocabulary:
        raise key.error(f"there is no {noun} {quote(kind)}", suggest(kind, list(vocabulary)))
    return kind, read_parameters(value, key, f"the {noun} {kind}", vocabulary[kind])


def _seconds(place: Place) -> int:
    """Return the seconds of a duration."""
    match = _DURATION.fullmatch(place.text("a duration"))
    if match is None:
        raise place.error("expected a duration such as 90s, 5m or 1h30m")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds
