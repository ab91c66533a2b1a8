"""A SARIF 2.1.0 log, which code hosts show beside the lines of a change."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from envoy import __version__
from envoy.findings import FAULTS, Finding
from envoy.reports import Summary, Verdict, Write

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class Sarif:
    """One run of the tool. All codes are told first, then each finding as it comes."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._codes = _descriptors()
        self._numbers = {code["id"]: number for number, code in enumerate(self._codes)}
        self._separator = ""

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            self._begin()
            self._write(self._separator + json.dumps(self._result(finding)))
            self._separator = ",\n"

    def finish(self, summary: Summary) -> None:
        self._begin()
        self._write("\n]}]}\n")

    def _begin(self) -> None:
        if self._separator:
            return
        driver = {"name": "envoy validate", "version": __version__, "rules": self._codes}
        head = json.dumps({"$schema": _SCHEMA, "version": "2.1.0"})[:-1]
        run = json.dumps({"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"})[:-1]
        self._write(f'{head}, "runs": [{run}, "results": [')
        self._separator = "\n"

    def _result(self, finding: Finding) -> dict[str, Any]:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.source)}}
        if finding.line:
            place["region"] = {"startLine": finding.line}
            if finding.column:
                place["region"]["startColumn"] = finding.column
        location: dict[str, Any] = {"physicalLocation": place}
        if finding.path:
            location["logicalLocations"] = [{"fullyQualifiedName": finding.path, "kind": "element"}]
        result = {
            "ruleId": finding.code,
            "ruleIndex": self._numbers[finding.code],
            "level": finding.severity,
            "message": {"text": finding.message},
            "locations": [location],
            "partialFingerprints": {"code/path/v1": f"{finding.code}:{finding.path}"},
        }
        if finding.schema_message:
            result["properties"] = {"schemaMessage": finding.schema_message}
        return result


def _descriptors() -> list[dict[str, Any]]:
    from envoy.rules import RULES

    described = [
        {"id": code, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}
        for code, text in FAULTS.items()
    ]
    described += [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.summary.replace("``", "")},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"section": rule.section},
        }
        for rule in RULES
        if rule.code not in FAULTS
    ]
    return described


def _uri(source: str) -> str:
    path = PurePath(source)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode(errors="surrogateescape")) or "stdin"
