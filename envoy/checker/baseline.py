"""Baseline of accepted findings: a file that a team keeps beside its documents, so that only new ones fail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePath

from envoy.errors import BaselineError
from envoy.validation.findings import Finding

_Key = tuple[str, str, str]


class Baseline:
    """Known findings, each by its file, its code and its path in the document; lines and values may change."""

    def __init__(self, keys: Iterable[_Key] = ()) -> None:
        self._keys = set(keys)

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Return the baseline that a file holds.

        Raises:
            BaselineError: The file cannot be read, or is not a baseline.
        """
        remedy = "envoy validate --write-baseline FILE makes one."
        try:
            known = json.loads(path.read_bytes())["known"]
            return cls((str(item["file"]), str(item["code"]), str(item["path"])) for item in known)
        except OSError as error:
            raise BaselineError(f"cannot be read: {error.strerror or error}", where=str(path), remedy=remedy) from None
        except (ValueError, KeyError, TypeError):
            raise BaselineError("is not a baseline", where=str(path), remedy=remedy) from None

    def __contains__(self, finding: Finding) -> bool:
        return _key(finding) in self._keys

    def add(self, findings: Iterable[Finding]) -> None:
        """Accept findings from now on."""
        self._keys.update(map(_key, findings))

    def save(self, path: Path) -> None:
        """Write the file, one finding on a line in a fixed order, so that its history reads well.

        Raises:
            BaselineError: It cannot be written.
        """
        lines = [json.dumps({"file": file, "code": code, "path": place}) for file, code, place in sorted(self._keys)]
        body = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
        try:
            path.write_text(f'{{\n  "known": {body}\n}}\n')
        except OSError as error:
            raise BaselineError(f"cannot be written: {error.strerror or error}", where=str(path)) from None


def _key(finding: Finding) -> _Key:
    path = f"{finding.part}: {finding.path}" if finding.part else finding.path
    return PurePath(finding.source).as_posix(), finding.code, path
