"""The reader of procedure files: YAML as it was published, checked to the last name before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from envoy._text import quote
from envoy.errors import ProcedureError
from envoy.procedures.endpoints import RESOURCES, read_endpoint
from envoy.procedures.expressions import Expression, ExpressionError, Kind, is_expression, parse_expression
from envoy.procedures.procedure import Action, Check, Event, Procedure, Step
from envoy.procedures.vocabulary import ACTIONS, CHECKS, EVENTS, METHODS, VERSIONS, Form, Parameters
from envoy.procedures.yaml_file import Place, read_yaml, suggest

_KINDS = {
    Form.TEXT: Kind.TEXT,
    Form.ENDPOINT: Kind.TEXT,
    Form.INTEGER: Kind.NUMBER,
    Form.COUNT: Kind.NUMBER,
    Form.NUMBER: Kind.NUMBER,
    Form.TRUTH: Kind.TRUTH,
    Form.TIME: Kind.TIME,
}
_LISTS = {
    Form.TEXTS: Form.TEXT,
    Form.STEPS: Form.TEXT,
    Form.INTEGERS: Form.INTEGER,
    Form.ENDPOINTS: Form.ENDPOINT,
    Form.RESOURCES: Form.TEXT,
}


def read_procedure(path: str | Path) -> Procedure:
    """Read a procedure from a file.

    Raises:
        ProcedureError: It cannot be read, or is not a procedure; with the line and the name of what is wrong.
    """
    top = read_yaml(path).members(
        ("Description", "Category", "Classes", "TargetVersions", "Preconditions", "Criteria", "Steps"),
        ("Description", "Category", "Classes", "TargetVersions", "Steps"),
    )
    before = (
        top["Preconditions"].members(("init_actions", "immediate_start", "actions", "checks", "instructions"))
        if "Preconditions" in top
        else {}
    )
    criteria = top["Criteria"].members(("checks",)) if "Criteria" in top else {}
    procedure = Procedure(
        name=Path(path).stem,
        file=str(path),
        description=top["Description"].text("a description"),
        category=top["Category"].text("a category"),
        classes=top["Classes"].texts("a class"),
        versions=[read_version(item) for item in top["TargetVersions"].items()],
        steps={name: _step(name, value) for name, _, value in top["Steps"].entries()},
        init_actions=read_actions(before.get("init_actions")),
        immediate_start=before["immediate_start"].scalar("true or false") is True
        if "immediate_start" in before
        else False,
        preconditions=read_checks(before.get("checks")),
        actions=read_actions(before.get("actions")),
        instructions=_instructions(before.get("instructions")),
        criteria=read_checks(criteria.get("checks")),
    )
    if not procedure.steps:
        raise top["Steps"].error("there is no step")
    check_references(procedure)
    return procedure


def read_actions(place: Place | None) -> list[Action]:
    """Read a list of actions; None is none."""
    return [
        Action(kind, parameters, item.line)
        for item in (place.items() if place else ())
        for kind, parameters in [_typed(item, "action", ACTIONS)[:2]]
    ]


def read_checks(place: Place | None) -> list[Check]:
    """Read a list of checks; None is none."""
    return [
        Check(kind, parameters, item.line)
        for item in (place.items() if place else ())
        for kind, parameters in [_typed(item, "check", CHECKS)[:2]]
    ]


def read_event(place: Place) -> Event:
    """Read the event of a step."""
    kind, parameters, members = _typed(place, "event", EVENTS, ("checks",))
    return Event(kind, parameters, read_checks(members.get("checks")), place.line)


def _step(name: str, place: Place) -> Step:
    members = place.members(("event", "actions", "instructions"), ("event", "actions"))
    return Step(
        name=name,
        event=read_event(members["event"]),
        actions=read_actions(members["actions"]),
        instructions=_instructions(members.get("instructions")),
        line=place.line - 1,
    )


def read_version(place: Place) -> str:
    """Read a version of CSIP-AUS."""
    version = place.text("a version")
    if version not in VERSIONS:
        raise place.error(f"there is no version {quote(version)} of CSIP-AUS", suggest(version, list(VERSIONS)))
    return version


def _instructions(place: Place | None) -> list[str]:
    return place.texts("an instruction") if place else []


def _typed(
    place: Place, noun: str, vocabulary: Mapping[str, Parameters], more: Sequence[str] = ()
) -> tuple[str, dict[str, Any], dict[str, Place]]:
    """Read what has a type of a vocabulary, and the parameters that the type takes."""
    members = place.members(("type", "parameters", *more), ("type",))
    kind = members["type"].text(f"the type of the {noun}")
    if kind not in vocabulary:
        raise members["type"].error(f"there is no {noun} {quote(kind)}", suggest(kind, list(vocabulary)))
    parameters = read_parameters(members.get("parameters"), place, f"the {noun} {kind}", vocabulary[kind])
    return kind, parameters, members


def read_parameters(place: Place | None, owner: Place, noun: str, forms: Parameters) -> dict[str, Any]:
    """Read the parameters of an action, event or check.

    Args:
        place: Where they stand, None if there are none.
        owner: What they are the parameters of.
        noun: What errors call it.
        forms: The parameters that it takes.

    Raises:
        ProcedureError: One is not known, missing, or not what it should be.
    """
    found: dict[str, Any] = {}
    for name, key, value in place.entries() if place and not place.is_empty else ():
        if name not in forms:
            raise key.error(f"{noun} has no parameter {quote(name)}", suggest(name, list(forms)))
        if not value.is_empty:
            found[name] = _value(value, forms[name].form, name)
    for name, parameter in forms.items():
        if parameter.required and name not in found:
            raise owner.error(f"{noun} needs the parameter {name}")
    return found


def _value(place: Place, form: Form, name: str) -> Any:
    """Return the value of a parameter, or the expression that gives it."""
    if form in _LISTS:
        values = [_value(item, _LISTS[form], name) for item in place.items()]
        if form is Form.RESOURCES:
            for value, item in zip(values, place.items(), strict=True):
                if value not in RESOURCES:
                    raise item.error(f"{quote(str(value))} is not a resource", suggest(str(value), list(RESOURCES)))
        return values
    text = place.text(f"the value of {name}")
    if form in _KINDS and is_expression(text):
        return _expression(place, text, _KINDS[form], name)
    return _literal(place, form, name, text)


def _expression(place: Place, text: str, kind: Kind, name: str) -> Expression:
    try:
        expression = parse_expression(text, name)
    except ExpressionError as error:
        raise place.error(f"{name} is {quote(text)}: {error}") from None
    if expression.kind is not kind:
        raise place.error(f"{name} is {quote(text)}, which is {expression.kind}; expected {kind}")
    return expression


def _literal(place: Place, form: Form, name: str, text: str) -> Any:
    value = place.scalar(f"the value of {name}")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match form:
        case Form.TEXT:
            return text
        case Form.TRUTH if isinstance(value, bool):
            return value
        case Form.NUMBER if number and abs(value) < 1e15:
            return Decimal(str(value))
        case Form.INTEGER | Form.COUNT if number and value == value // 1 and (form is Form.INTEGER or value >= 0):
            return int(value)
        case Form.TIME if isinstance(value, datetime) and value.tzinfo is not None:
            return Decimal(int(value.timestamp()))
        case Form.HEX if len(text) <= 64:
            try:
                return int(text, 16)
            except ValueError:
                pass
        case Form.METHOD if text.upper() in METHODS:
            return text.upper()
        case Form.ENDPOINT if endpoint := read_endpoint(text):
            return endpoint
    raise place.error(f"{name} is {quote(text)}, expected {_EXPECTED[form]}")


_EXPECTED = {
    Form.TRUTH: "true or false",
    Form.NUMBER: "a number",
    Form.INTEGER: "a whole number",
    Form.COUNT: "a whole number from 0",
    Form.TIME: "a time with a zone, or an expression such as $(now + '5 minutes')",
    Form.HEX: "hexadecimal digits",
    Form.METHOD: "GET, POST, PUT or DELETE",
    Form.ENDPOINT: "a path that the reference server has, such as /edev/1/derp/1/derc",
}


# What stands somewhere and is referred to elsewhere


def check_references(procedure: Procedure) -> None:
    """Check that each step and tag that a procedure refers to is there, and each variable by the time it is needed.

    Raises:
        ProcedureError: One is not.
    """

    def error(what: str, line: int, remedy: str = "") -> ProcedureError:
        return ProcedureError(what, where=f"{procedure.file}, line {line}", remedy=remedy, line=line)

    tags = {action.parameters["tag"]: action.type for action in actions_of(procedure) if "tag" in action.parameters}
    parts: list[Action | Check] = [*actions_of(procedure), *checks_of(procedure)]
    for part in parts:
        for name in (*part.parameters.get("steps", ()), *part.parameters.get("ignored_steps", ())):
            if name not in procedure.steps:
                raise error(f"there is no step {quote(name)}", part.line, suggest(name, list(procedure.steps)))
        for name in ("subject_tag", "der_program_tag", "tariff_profile_tag", "rate_component_tag"):
            tag = part.parameters.get(name)
            if tag is not None and tag not in tags:
                raise error(f"nothing has the tag {quote(tag)}", part.line, suggest(tag, list(tags)))
    for action in procedure.init_actions:
        for value in action.parameters.values():
            if isinstance(value, Expression) and value.needs_a_client:
                raise error(
                    f"{value.text} is not known before a client has registered",
                    action.line,
                    "Move the action to Preconditions.actions.",
                )


def actions_of(procedure: Procedure) -> Iterator[Action]:
    """Give all actions of a procedure."""
    yield from procedure.init_actions
    yield from procedure.actions
    for step in procedure.steps.values():
        yield from step.actions


def checks_of(procedure: Procedure) -> Iterator[Check]:
    """Give all checks of a procedure."""
    yield from procedure.preconditions
    for step in procedure.steps.values():
        yield from step.event.checks
    yield from procedure.criteria
