"""The JSON schema of scenarios, made from the vocabulary of procedures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from envoy.procedures.endpoints import PATHS, RESOURCES
from envoy.procedures.scenario import DURATION, FIRST_REQUEST, SCENARIO_ACTIONS, SCENARIO_CHECKS
from envoy.procedures.vocabulary import METHODS, VERSIONS, Form, Parameters


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_EXPRESSION = {"type": "string", "pattern": r"^\s*\$"}
_FORMS: Mapping[Form, dict[str, Any]] = {
    Form.TEXT: {"type": "string"},
    Form.TEXTS: _list({"type": "string"}),
    Form.STEPS: _list({"type": "string"}),
    Form.INTEGER: {"anyOf": [{"type": "integer"}, _EXPRESSION]},
    Form.INTEGERS: _list({"type": "integer"}),
    Form.COUNT: {"anyOf": [{"type": "integer", "minimum": 0}, _EXPRESSION]},
    Form.NUMBER: {"anyOf": [{"type": "number"}, _EXPRESSION]},
    Form.TRUTH: {"anyOf": [{"type": "boolean"}, _EXPRESSION]},
    Form.TIME: {"type": "string", "description": "A time with a zone, or an expression: $(now + '5 minutes')."},
    Form.HEX: {"anyOf": [{"type": "string", "pattern": "^[0-9A-Fa-f]+$"}, {"type": "integer"}]},
    Form.ENDPOINT: {"type": "string", "pattern": rf"^(\s*\$.*|{PATHS})$"},
    Form.ENDPOINTS: _list(_ref("endpoint")),
    Form.RESOURCES: _list({"enum": sorted(RESOURCES)}),
    Form.METHOD: {"enum": list(METHODS)},
}
_DURATION = {
    "description": "A duration such as 90s, 5m or 1h30m; seconds if it is a number.",
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": f"^{DURATION}$"}],
}


def make_schema() -> dict[str, Any]:
    """Return the JSON schema of scenarios."""
    request = {
        "type": "string",
        "description": "A method and a path of the reference server, such as GET /edev/1/derp/1/derc.",
        "pattern": rf"^({'|'.join(METHODS)})\s+({PATHS})$",
    }
    checks, actions, duration = _list(_ref("check")), _list(_ref("action")), _ref("duration")
    expectation = _object(
        {"request": _ref("request"), "check": checks, "within": duration},
        description="What the client is to do: a request, or something that a check finds, within a time.",
    )
    expectation["anyOf"] = [{"required": ["request"]}, {"required": ["check"]}]
    entry = _object(
        {
            "at": {**duration, "description": "When, counted from the start: +90s, 5m, 1h30m."},
            "name": {"type": "string", "description": "What reports call it."},
            "do": {**actions, "description": "What the utility does then."},
            "expect": {**_list(expectation), "description": "What the client is to do from then on."},
            "forbid": {
                "type": "array",
                "items": _object({"request": _ref("request"), "for": duration}, ["request"]),
                "description": "What the client is not to do from then on; for a time, or to the end.",
            },
            "say": {"type": "string", "description": "What people are to do or to look at."},
        },
        ["at"],
    )
    schema = _object(
        {
            "description": {"type": "string", "description": "What the scenario is about."},
            "versions": {
                "type": "array",
                "items": {"enum": list(VERSIONS)},
                "description": "The versions of CSIP-AUS that it is for; all if they are not there.",
            },
            "start": {
                "description": "When the clock of the timeline starts: with the first request, or as soon as checks "
                "hold; without it, when an EndDevice is registered.",
                "anyOf": [{"const": FIRST_REQUEST}, checks],
            },
            "before": {**actions, "description": "What the utility does before any client comes."},
            "timeline": {"type": "array", "minItems": 1, "items": entry},
            "finally": {**checks, "description": "What has to hold at the end."},
            "end": {**duration, "description": "How long the scenario lasts at least."},
        },
        ["description", "timeline"],
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario of envoy serve",
        **schema,
        "$defs": {
            "action": _named(SCENARIO_ACTIONS),
            "check": _named(SCENARIO_CHECKS),
            "request": request,
            "duration": _DURATION,
            **{form.value: schema for form, schema in _FORMS.items()},
        },
    }


def _named(vocabulary: Mapping[str, Parameters]) -> dict[str, Any]:
    """Return the schema of a name with its parameters behind it, or of a name alone if it needs none."""
    alone = [name for name, forms in vocabulary.items() if not any(each.required for each in forms.values())]
    choices = [_object({name: _parameters(forms)}, [name]) for name, forms in vocabulary.items()]
    return {"oneOf": [{"enum": alone}, *choices]}


def _parameters(forms: Parameters) -> dict[str, Any]:
    schema = _object(
        {name: _ref(each.form) for name, each in forms.items()},
        [name for name, each in forms.items() if each.required],
    )
    return schema if schema.get("required") else {"anyOf": [schema, {"type": "null"}]}


def _object(properties: Mapping[str, Any], required: list[str] | None = None, **more: Any) -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False, "properties": properties, **more}
    return {**schema, "required": required} if required else schema


def format_schema() -> str:
    """Return the JSON schema of scenarios as it stands in its file."""
    return json.dumps(make_schema(), indent=2) + "\n"
