"""Reports of one line for each finding: plain text, JSON, and the workflow commands of GitHub."""

from __future__ import annotations

import json
from dataclasses import asdict

from envoy.findings import Finding
from envoy.reports import Summary, Verdict, Write


class Text:
    """Lines for people, as compilers write them, so that editors can jump to the place."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            self._write(f"{finding}\n")

    def finish(self, summary: Summary) -> None:
        self._write(f"{summary}\n")


class Json:
    """One JSON object with ``findings``, a line for each, and ``summary``."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._separator = '{"findings": [\n'

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            values = {"file" if name == "source" else name: value for name, value in asdict(finding).items()}
            self._write(self._separator + json.dumps({**values, "profile": verdict.profile}))
            self._separator = ",\n"

    def finish(self, summary: Summary) -> None:
        opening = self._separator if self._separator != ",\n" else "\n"
        self._write(f'{opening}], "summary": {json.dumps(asdict(summary))}}}\n')


class GitHub:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings:
            self._write(f"::{finding.severity} {self._properties(finding)}::{_data(self._text(finding))}\n")

    def finish(self, summary: Summary) -> None:
        self._write(f"{summary}\n")

    @staticmethod
    def _text(finding: Finding) -> str:
        return f"{finding.path}: {finding.message}" if finding.path else finding.message

    @staticmethod
    def _properties(finding: Finding) -> str:
        values = {"file": finding.source, "line": finding.line, "col": finding.column, "title": finding.code}
        return ",".join(f"{name}={_property(str(value))}" for name, value in values.items() if value)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
