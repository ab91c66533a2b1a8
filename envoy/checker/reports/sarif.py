"""SARIF 2.1.0 log, which code hosts show beside the lines of a change."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from envoy._version import SITE_URL, __version__
from envoy.checker.reports import Report, Summary, Verdict, Write
from envoy.checker.sources.remote import is_url
from envoy.validation.findings import FINDING_CODES, Finding, Fix

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class Sarif(Report):
    """One run of the tool. All codes come first, then each finding as it comes, then the documents."""

    def __init__(self, write: Write) -> None:
        super().__init__(write)
        self._codes = _descriptors()
        self._numbers = {code["id"]: number for number, code in enumerate(self._codes)}
        self._separator = ""

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            self._begin()
            self._write(self._separator + json.dumps(self._result(finding, verdict)))
            self._separator = ",\n"
        uri = _uri(verdict.source) + (f"#{quote(verdict.part)}" if verdict.part else "")
        known = ", with known errors" if verdict.outcome == "known" else ""
        outcome = f"validated by {verdict.profile}{known}" if verdict.read else "not read"
        artifact = {"location": {"uri": uri}, "description": {"text": outcome}}
        self._later.write((",\n" if self._later.tell() else "\n") + json.dumps(artifact))

    def finish(self, summary: Summary) -> None:
        self._begin()
        self._write('\n], "artifacts": [')
        self._write_later()
        self._write("\n]}]}\n")

    def _begin(self) -> None:
        if self._separator:
            return
        driver = {"name": "envoy validate", "version": __version__, "rules": self._codes}
        head = json.dumps({"$schema": _SCHEMA, "version": "2.1.0"})[:-1]
        run = json.dumps({"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"})[:-1]
        self._write(f'{head}, "runs": [{run}, "results": [')
        self._separator = "\n"

    def _result(self, finding: Finding, verdict: Verdict) -> dict[str, Any]:
        place: dict[str, Any] = {"artifactLocation": {"uri": _uri(finding.source)}}
        if finding.line:
            column = {"startColumn": finding.column} if finding.column else {}
            place["region"] = {"startLine": finding.line, **column}
            if (found := finding.excerpt) is not None:
                end = {"endLine": finding.line, "endColumn": finding.column + len(found.text)}
                place["region"] |= {**end, "snippet": {"text": found.text}}
                line = {"startLine": finding.line, "snippet": {"text": found.before + found.text + found.after}}
                place["contextRegion"] = line
        location: dict[str, Any] = {"physicalLocation": place}
        path = ": ".join(filter(None, (finding.part, finding.path)))
        if path:
            location["logicalLocations"] = [{"fullyQualifiedName": path, "kind": "element"}]
        result: dict[str, Any] = {
            "ruleId": finding.code,
            "ruleIndex": self._numbers[finding.code],
            "level": finding.severity,
            "message": {"text": f"{finding.part}: {finding.message}" if finding.part else finding.message},
            "locations": [location],
            "properties": {"profile": verdict.profile},
            "partialFingerprints": {"code/path/v1": f"{finding.code}:{path}"},
        }
        if finding.fix is not None:
            result["fixes"] = [_fix(finding, finding.fix, place["artifactLocation"])]
        if finding.schema_message:
            result["properties"]["schemaMessage"] = finding.schema_message
        return result


def _fix(finding: Finding, fix: Fix, artifact: dict[str, Any]) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": {
                "startLine": edit.line,
                "startColumn": edit.column,
                "endLine": edit.end_line,
                "endColumn": edit.end_column,
            },
            "insertedContent": {"text": edit.content},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": finding.remedy or finding.reason},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
        "properties": {"applicability": fix.applicability},
    }


def _descriptors() -> list[dict[str, Any]]:
    from envoy.checker.exchange_rules import ALL_RULES
    from envoy.checker.explanations import explain

    described = [
        {"id": code, "shortDescription": {"text": text}, "defaultConfiguration": {"level": "error"}}
        for code, text in FINDING_CODES.items()
    ]
    described += [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.summary.replace("``", "")},
            "defaultConfiguration": {"level": "warning"},
            "properties": {"section": rule.section},
        }
        for rule in ALL_RULES
        if rule.code not in FINDING_CODES
    ]
    for descriptor in described:
        explanation = explain(str(descriptor["id"]))
        descriptor["fullDescription"] = {"text": explanation.why}
        if SITE_URL:
            descriptor["helpUri"] = f"{SITE_URL}reference/codes/#{descriptor['id']}"
        descriptor["help"] = {"text": str(explanation), "markdown": explanation.to_markdown()}
    return described


def _uri(source: str) -> str:
    if is_url(source):
        return quote(source, safe=":/?#[]@!$&'()*+,;=%~")
    path = PurePath(source)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode(errors="surrogateescape")) or "stdin"
