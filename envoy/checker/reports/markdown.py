"""Markdown report: counts and the first findings, as the summary of a job or a comment on a change."""

from __future__ import annotations

import html
import re

from envoy._text import printable
from envoy.checker.reports import Report, Summary, Verdict, counted
from envoy.validation.findings import Finding

_MOST = 100
"""Findings that are listed. GitHub takes at most a mebibyte, and nobody reads more."""

_LONGEST = 500
"""Characters of a place or a message."""

_SPECIAL = re.compile(r"([\\`*_\[\]|~#@])")


class Markdown(Report):
    """The outcome as a heading, a table of counts, and tables of findings and of codes."""

    _listed = 0

    def add(self, verdict: Verdict) -> None:
        for finding in verdict.findings[: _MOST - self._listed]:
            self._later.write(_row(finding))
            self._listed += 1

    def finish(self, summary: Summary) -> None:
        failed = summary.invalid + summary.unread
        outcome = f"{failed} not valid" if failed else "nothing new" if summary.known else "all valid"
        mark = "❌" if failed else "✅"
        if not summary.documents:
            mark, outcome = "⚠️", "is that meant?"
        documents = counted(summary.documents, "document") or "no document"
        self._write(f"### {mark} envoy validate: {documents}, {outcome}\n\n")
        self._write("".join(f"{_escape(line)}\n\n" for line in str(summary).splitlines()))
        if not summary.codes:
            return
        rows = sorted(summary.codes.items(), key=lambda item: (-item[1], item[0]))
        self._write("| code | findings |\n| --- | ---: |\n")
        self._write("".join(f"| `{code}` | {count} |\n" for code, count in rows))
        self._write("\n| where | what | code |\n| --- | --- | --- |\n")
        self._write_later()
        if more := sum(summary.codes.values()) - self._listed:
            self._write(f"\n{more} more are not listed here.\n")


def _row(finding: Finding) -> str:
    path = ": ".join(filter(None, (finding.part, finding.path)))
    what = f"{'warning: ' if finding.severity == 'warning' else ''}{f'{path}: ' if path else ''}{finding.message}"
    return f"| {_escape(finding.place)} | {_escape(what)} | `{finding.code}` |\n"


def _escape(text: str) -> str:
    """Return a text that is nothing but itself in a cell of a table: no markup, no link, no mention."""
    shown = printable(text)
    shown = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
    return _SPECIAL.sub(r"\\\1", html.escape(shown, quote=False))
