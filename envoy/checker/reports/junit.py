"""JUnit report: a test case for each document, which fails if it is not valid."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from envoy._text import printable
from envoy.checker.reports import Report, Summary, Verdict, counted
from envoy.validation.findings import Finding


class JUnit(Report):
    """One test suite. The numbers stand at its head, so the cases wait in a file until they are known."""

    _seconds = 0.0

    def add(self, verdict: Verdict) -> None:
        content = ""
        errors = [finding for finding in verdict.findings if finding.severity == "error"]
        warnings = [finding for finding in verdict.findings if finding.severity == "warning"]
        if errors:
            kind = "failure" if verdict.read else "error"
            more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
            message = quoteattr(printable(errors[0].message + more))
            content += f"<{kind} message={message} type={quoteattr(errors[0].code)}>{_lines(errors)}</{kind}>"
        elif verdict.outcome == "known":
            # Neither passed nor failed: as of a test that is expected to fail.
            accepted = sum(finding.severity == "error" for finding in verdict.accepted)
            parts = (counted(accepted, "known error"), counted(verdict.ignored, "ignored error"))
            content += f'<skipped message="{", ".join(filter(None, parts))}" type="known"/>'
        if warnings:
            content += f"<system-out>{_lines(warnings)}</system-out>"
        name = quoteattr(printable(verdict.name))
        attributes = f'classname={quoteattr(verdict.profile)} name={name} time="{verdict.seconds:.6f}"'
        self._later.write(f"<testcase {attributes}>{content}</testcase>\n")
        self._seconds += verdict.seconds

    def finish(self, summary: Summary) -> None:
        self._write(
            '<?xml version="1.0" encoding="utf-8"?>\n<testsuites>'
            f'<testsuite name="envoy validate" tests="{summary.documents}" '
            f'failures="{summary.invalid}" errors="{summary.unread}" skipped="{summary.known}" '
            f'time="{self._seconds:.6f}">\n'
        )
        self._write_later()
        self._write("</testsuite></testsuites>\n")


def _lines(findings: list[Finding]) -> str:
    return escape("\n".join(str(finding) for finding in findings))
