"""Reports of one line for each finding: plain text, and the workflow commands of GitHub."""

from __future__ import annotations

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
