"""Reports of one line for each finding: plain text, JSON, and the workflow commands of GitHub."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import IO

from envoy._text import printable
from envoy.checker.reports import Summary, Verdict, Write, copy
from envoy.validation.findings import Finding


class Text:
    """Lines for people, as compilers write them, so that editors can jump to the place.

    A document whose profile was detected has a line that names it.
    """

    def __init__(self, write: Write, later: IO[str]) -> None:
        self._write = write

    def add(self, verdict: Verdict) -> None:
        if verdict.detected:
            self._write(f"{printable(verdict.name)}: validated by {verdict.profile}\n")
        for finding in verdict.findings:
            self._write(f"{finding}\n")

    def finish(self, summary: Summary) -> None:
        self._write(f"{summary}\n")


class Json:
    """One JSON object with ``findings`` and ``documents``, a line for each, and ``summary``.

    Findings are written as they come; the documents wait in a file until then.
    """

    def __init__(self, write: Write, later: IO[str]) -> None:
        self._write = write
        self._separator = '{"findings": [\n'
        self._documents = later

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
        }
        self._documents.write((",\n" if self._documents.tell() else "\n") + json.dumps(known))

    def finish(self, summary: Summary) -> None:
        opening = self._separator if self._separator != ",\n" else "\n"
        self._write(f'{opening}], "documents": [')
        copy(self._documents, self._write)
        self._write(f'\n], "summary": {json.dumps(asdict(summary))}}}\n')


class GitHub:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""

    def __init__(self, write: Write, later: IO[str]) -> None:
        self._write = write

    def add(self, verdict: Verdict) -> None:
        if verdict.detected:
            # A plain line of the log. It does not start with the name, which could be a command.
            self._write(f"validated by {verdict.profile}: {_data(verdict.name)}\n")
        for finding in verdict.findings:
            self._write(f"::{finding.severity} {self._properties(finding)}::{_data(self._text(finding))}\n")

    def finish(self, summary: Summary) -> None:
        self._write(f"{summary}\n")

    @staticmethod
    def _text(finding: Finding) -> str:
        return ": ".join(part for part in (finding.part, finding.path, finding.message) if part)

    @staticmethod
    def _properties(finding: Finding) -> str:
        values = {"file": finding.source, "line": finding.line, "col": finding.column, "title": finding.code}
        return ",".join(f"{name}={_property(str(value))}" for name, value in values.items() if value)


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
