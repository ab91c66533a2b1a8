"""Excerpts of documents: the line of source that a finding is about, and which part of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from envoy.validation.findings import Excerpt, Finding

_MOST, _AROUND = 120, 60
"""Characters of what is wrong, and of its line on each side, that are shown; a document may be one line."""

_START_TAG = re.compile(r"<[^<>]*>?|.")


def add_excerpts(data: bytes, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings with what stands in the document where they are.

    Args:
        data: The document.
        findings: What is wrong with it, by lines and columns of it.
    """
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for finding in findings:
        excerpt = None
        if finding.column and finding.line <= len(lines):
            line = lines[finding.line - 1].decode(errors="replace").rstrip("\r")
            if found := _START_TAG.match(line, finding.column - 1):
                end = min(found.end(), found.start() + _MOST)
                before = line[max(0, found.start() - _AROUND) : found.start()]
                excerpt = Excerpt(before, line[found.start() : end], line[end : end + _AROUND])
        yield replace(finding, excerpt=excerpt)
