"""Baseline of accepted findings: a file that a team keeps beside its documents, so that only new ones fail."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path, PurePath

from envoy.checker.reports import Verdict
from envoy.checker.selection import Selection
from envoy.checker.sources.remote import is_url
from envoy.errors import BaselineError
from envoy.validation.findings import Finding

_Key = tuple[str, str, str]

_STDIN = "<stdin>"

_VERSION = 2
"""Form of the file. In the first, which has no number, files were named as they were on the command line."""


class Baseline:
    """Known findings, each by its file, its code and its path in the document; lines and values may change.

    Files are named by their paths from the folder of the baseline, so that it holds wherever the command runs.
    """

    def __init__(self, file: Path, keys: Iterable[_Key] = (), *, version: int = _VERSION) -> None:
        """Begin with some findings.

        Args:
            file: Where the baseline is, or will be.
            keys: File, code and path of each finding.
            version: Form of the names of files.
        """
        self._file = file
        # Another process, or a cluster, may look findings up elsewhere.
        self._here = os.getcwd()
        self._folder = os.path.abspath(file.parent)
        self._version = version
        self._keys = set(keys)
        self._files = {key[0] for key in self._keys}
        self._validated: set[str] = set()
        self._found: set[_Key] = set()

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Return the baseline that a file holds.

        Raises:
            BaselineError: The file cannot be read, or is not a baseline.
        """
        remedy = "envoy validate --write-baseline FILE makes one."
        if path.exists() and not path.is_file():
            # A configuration that came with the documents may name a device, which never ends.
            raise BaselineError("is not a regular file", where=str(path), remedy=remedy)
        try:
            content = json.loads(path.read_bytes())
            keys = [(str(item["file"]), str(item["code"]), str(item["path"])) for item in content["known"]]
            version = content.get("version", 1)
        except OSError as error:
            raise BaselineError(f"cannot be read: {error.strerror or error}", where=str(path), remedy=remedy) from None
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BaselineError("is not a baseline", where=str(path), remedy=remedy) from None
        if version not in (1, _VERSION):
            what = f"has the form {version!r}, and this program knows {_VERSION}"
            raise BaselineError(what, where=str(path), remedy="Use the version that wrote it, or write it again.")
        return cls(path, keys, version=version)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, finding: Finding) -> bool:
        return bool(self._keys) and self._key(finding) in self._keys

    def add(self, findings: Iterable[Finding]) -> None:
        """Accept findings from now on."""
        self._keys.update(map(self._key, findings))

    def note(self, verdict: Verdict) -> None:
        """Take down which of its findings are still found, and of which files that can be said."""
        if verdict.read and (file := self._name(verdict.source)) in self._files:
            self._validated.add(file)
            self._found.update(map(self._key, verdict.accepted))

    def gone(self, selection: Selection) -> set[_Key]:
        """Return the findings that are not found any more: in files that were validated, or that are not there.

        Args:
            selection: What was looked for.
        """
        return {
            key
            for key in self._keys - self._found
            if selection.reports(key[1], os.path.join(self._folder, key[0]))
            and (key[0] in self._validated or self._is_gone(key[0]))
        }

    def remove(self, keys: Iterable[_Key]) -> None:
        """Accept findings no more."""
        self._keys.difference_update(keys)

    def save(self) -> None:
        """Write the file, one finding on a line in a fixed order, so that its history reads well.

        Raises:
            BaselineError: It cannot be written.
        """
        if self._version != _VERSION:
            self._version = _VERSION
            self._keys = {(self._name(file), code, place) for file, code, place in self._keys}
        lines = [json.dumps({"file": file, "code": code, "path": place}) for file, code, place in sorted(self._keys)]
        body = "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"
        content = f'{{\n  "version": {_VERSION},\n  "known": {body}\n}}\n'.encode()
        try:
            if self._file.is_file():
                from envoy.checker.file_fixes import replace_file  # deferred: baselines are read far more often

                problem = replace_file(str(self._file), self._file.read_bytes(), content)
            else:
                self._file.write_bytes(content)
                problem = ""
        except OSError as error:
            problem = error.strerror or str(error)
        if problem:
            raise BaselineError(f"cannot be written: {problem}", where=str(self._file))

    def _key(self, finding: Finding) -> _Key:
        path = f"{finding.part}: {finding.path}" if finding.part else finding.path
        return self._name(finding.source), finding.code, path

    def _name(self, source: str) -> str:
        """Return the name of a file in the baseline. What is in an archive keeps the name that it has there."""
        if _is_no_file(source):
            return source
        if self._version != _VERSION:
            return PurePath(source).as_posix()
        file, mark, member = source.partition("!")
        try:
            path = os.path.relpath(os.path.normpath(os.path.join(self._here, file)), self._folder)
        except ValueError:  # on another drive
            path = file
        return f"{PurePath(path).as_posix()}{mark}{member}"

    def _is_gone(self, name: str) -> bool:
        """Whether a file is not there any more."""
        if _is_no_file(name):
            return False
        folder = self._folder if self._version == _VERSION else self._here
        return not any(os.path.lexists(os.path.join(folder, each)) for each in (name, name.partition("!")[0]))


def _is_no_file(name: str) -> bool:
    """Whether a name is of something that is in no folder: a URL, standard input, a member of an archive from there."""
    return is_url(name) or name.partition("!")[0] == _STDIN
