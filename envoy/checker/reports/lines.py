"""Reports of one line for each finding: plain text, JSON, and the workflow commands of GitHub."""

from __future__ import annotations

import json
from dataclasses import asdict

from envoy._text import printable
from envoy.checker.reports import Report, Summary, Verdict
from envoy.validation.findings import Finding


class Text(Report):
    """Lines for people, as compilers write them, so that editors can jump to the place."""

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            self._write(self.show(finding))

    def show(self, finding: Finding) -> str:
        """Return the lines of a finding."""
        return f"{finding}\n"


class Json(Report):
    """One JSON object with ``findings`` and ``documents``, a line for each, and ``summary``.

    Findings are written as they come; the documents wait in a file until then.
    """

    _separator = '{"findings": [\n'

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            values = {"file" if name == "source" else name: value for name, value in asdict(finding).items()}
            self._write(self._separator + json.dumps({**values, "profile": verdict.profile}))
            self._separator = ",\n"
        known = {
            "file": verdict.source,
            "part": verdict.part,
            "profile": verdict.profile if verdict.read else None,
            "read": verdict.read,
            "valid": verdict.valid,
            "outcome": verdict.outcome,
            "fixed": verdict.fixed,
        }
        self._later.write((",\n" if self._later.tell() else "\n") + json.dumps(known))

    def finish(self, summary: Summary) -> None:
        opening = self._separator if self._separator != ",\n" else "\n"
        self._write(f'{opening}], "documents": [')
        self._write_later()
        self._write(f'\n], "summary": {json.dumps(asdict(summary))}}}\n')


class Diff(Report):
    """The differences that the fixes would make, and nothing else."""

    def add(self, verdict: Verdict) -> None:
        self._write(verdict.diff)

    def finish(self, summary: Summary) -> None:
        """Write nothing: a difference is read by other programs."""


class GitHub(Report):
    """Workflow commands, which GitHub shows beside the lines of a pull request."""

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            text = ": ".join(part for part in (finding.part, finding.path, finding.message) if part)
            self._write(f"::{finding.severity} {_properties(finding)}::{_data(text)}\n")


def _properties(finding: Finding) -> str:
    values = {"file": finding.source, "line": finding.line, "col": finding.column, "title": finding.code}
    texts = {name: _data(str(value)).replace(":", "%3A").replace(",", "%2C") for name, value in values.items() if value}
    return ",".join(f"{name}={text}" for name, text in texts.items())


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
