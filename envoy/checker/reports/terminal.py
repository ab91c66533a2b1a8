"""Report for a terminal: below each finding the line of source that it is about, with carets, and colour."""

from __future__ import annotations

from envoy._text import printable
from envoy.checker.reports import Summary
from envoy.checker.reports.lines import Text
from envoy.validation.findings import Finding


class Terminal(Text):
    """Lines for people who read along, with the source, and how many errors can be fixed."""

    _safe = _unsafe = 0

    def finish(self, summary: Summary) -> None:
        super().finish(summary)
        if self.quiet:
            return
        if self._safe:
            self._write(f"{self._safe} can be fixed with --fix\n")
        if self._unsafe:
            self._write(f"{self._unsafe}{' more' if self._safe else ''} can be fixed with --unsafe-fixes\n")

    def show(self, finding: Finding) -> str:
        self._safe += finding.fix is not None and finding.fix.applicability == "safe"
        self._unsafe += finding.fix is not None and finding.fix.applicability == "unsafe"
        return self._paint(str(finding), finding) + "\n" + self._quote(finding)

    def _quote(self, finding: Finding) -> str:
        """Return the line of source, and carets below what the finding is about."""
        if (found := finding.excerpt) is None:
            return ""
        before, wrong, after = (printable(part.expandtabs(1)) for part in (found.before, found.text, found.after))
        before = before.lstrip()
        gap = " " * len(str(finding.line))
        carets = self._paint("^" * len(wrong), finding)
        return f"  {finding.line} | {before}{wrong}{after}\n  {gap} | {' ' * len(before)}{carets}\n"

    def _paint(self, text: str, finding: Finding) -> str:
        """Return a text in the colour of its finding."""
        return text


class Colour(Terminal):
    """The same in colour."""

    def _paint(self, text: str, finding: Finding) -> str:
        return f"\x1b[{31 if finding.severity == 'error' else 33}m{text}\x1b[0m"
