"""Code quality report of GitLab, which shows findings beside the lines of a merge request."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import PurePath

from envoy._text import printable
from envoy.checker.reports import Report, Summary, Verdict
from envoy.checker.sources.remote import is_url

_SEVERITIES = {"error": "major", "warning": "minor"}


class GitLab(Report):
    """A list with an object for each finding.

    GitLab knows a finding by its fingerprint, and shows which ones a branch adds and takes away. So it is made of file,
    code and path, but not of lines and values, and no two findings of a document have the same.
    """

    _separator = "[\n"

    def add(self, verdict: Verdict) -> None:
        seen: Counter[str] = Counter()
        for finding in verdict.findings:
            file = _relative(finding.source)
            identity = "\0".join((file, finding.code, finding.part, finding.path))
            seen[identity] += 1
            number = f"\0{seen[identity]}" if seen[identity] > 1 else ""
            place = ": ".join(filter(None, (finding.part, finding.path)))
            issue = {
                "description": printable(f"{place}: {finding.message}" if place else finding.message),
                "check_name": finding.code,
                "fingerprint": hashlib.sha256(f"{identity}{number}".encode(errors="surrogateescape")).hexdigest(),
                "severity": _SEVERITIES[finding.severity],
                "location": {"path": printable(file), "lines": {"begin": max(finding.line, 1)}},
            }
            self._write(self._separator + json.dumps(issue))
            self._separator = ",\n"

    def finish(self, summary: Summary) -> None:
        self._write("[]\n" if self._separator == GitLab._separator else "\n]\n")


def _relative(source: str) -> str:
    """Return the path of a file in the project, as GitLab wants it: without ``./``, with slashes."""
    if is_url(source):
        return source
    path = PurePath(source)
    root = os.environ.get("CI_PROJECT_DIR") or os.getcwd()
    if path.is_absolute() and path.is_relative_to(root):
        path = path.relative_to(root)
    return path.as_posix()
