"""Report as one JSON object."""

from __future__ import annotations

import json
from dataclasses import asdict

from envoy.checker.reports import Report, Summary, Verdict


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
