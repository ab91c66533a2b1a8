"""Statistics: how many findings of each code there are, and none of them one by one."""

from __future__ import annotations

from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.reports import Report, Summary, Verdict
from envoy.validation.findings import FINDING_CODES


class Statistics(Report):
    """A line for each code, the most frequent first, with what it means."""

    def add(self, verdict: Verdict) -> None:
        """Write nothing: the summary counts."""

    def finish(self, summary: Summary) -> None:
        meanings = {rule.code: rule.summary for rule in ALL_RULES} | FINDING_CODES
        digits = len(str(max(summary.codes.values(), default=0)))
        width = max(map(len, summary.codes), default=0)
        for code, count in sorted(summary.codes.items(), key=lambda item: (-item[1], item[0])):
            meaning = meanings[code].replace("`", "")
            self._write(f"{count:{digits}}  {code:{width}}  {meaning}\n")
        super().finish(summary)
