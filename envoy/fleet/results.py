"""Results of a fleet: one for each site, their summary, and the result file."""

from __future__ import annotations

import json
import stat
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from envoy._data import open_private
from envoy._sqlite import Closing
from envoy.errors import EnvoyError
from envoy.protocol.results import Outcome, Registration, RegistrationError

_REASONS = 1000
"""Different reasons that a summary counts, so that its size does not grow with the fleet."""

_BEGINNING = b'{"site": '
"""What every result file begins with, also one that a full disk cut off. Nothing else is ever replaced."""

_ANOTHER = "Name another file for the results."


class State(StrEnum):
    """What became of a site, or how the server's differs from it."""

    REGISTERED = "registered"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DONE_BEFORE = "done before"
    MISSING = "missing"
    DIFFERENT = "different"
    EXTRA = "extra"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class SiteResult:
    """What became of one site.

    Attributes:
        where: File and line of its row.
        lfdi: Its LFDI; empty if the row could not be read.
        nmi: Its NMI, None if it has none.
        href: Its EndDevice on the server, empty if that is not known.
        registration: What each step did, as far as it came; None if nothing was asked for it.
        error: Why it is not registered; None if it is.
        done_before: The journal has it as done, and the server has the EndDevice.
    """

    where: str
    lfdi: bytes
    nmi: str | None = None
    href: str = ""
    registration: Registration | None = None
    error: EnvoyError | None = None
    done_before: bool = False

    @property
    def state(self) -> State:
        """What became of it, in a word."""
        if self.error is not None:
            return State.FAILED
        if self.done_before:
            return State.DONE_BEFORE
        steps = self.registration.steps if self.registration else []
        if any(step.outcome is Outcome.REFUSED for step in steps):
            return State.REFUSED
        if self.registration is not None and self.registration.deviations:
            return State.DIFFERENT if self.registration.href else State.MISSING
        if any(step.step == "end-device" and step.outcome is Outcome.CREATED for step in steps):
            return State.REGISTERED
        return State.UPDATED if self.registration and self.registration.changed else State.UNCHANGED

    def record(self) -> dict[str, Any]:
        """Return it as the result file has it."""
        steps = self.registration.steps if self.registration else []
        record: dict[str, Any] = {
            "site": self.where,
            "lfdi": self.lfdi.hex().upper(),
            "nmi": self.nmi,
            "state": self.state.value,
            "href": self.href or None,
            "steps": [
                {"step": step.step, "outcome": step.outcome.value, "href": step.href, "detail": step.detail}
                for step in steps
            ],
            "warnings": self.registration.findings if self.registration else [],
            "error": None,
        }
        if self.error is not None:
            record["error"] = {"what": self.error.what, "where": self.error.where, "remedy": self.error.remedy}
            if isinstance(self.error, RegistrationError):
                record["error"]["step"] = self.error.step
        return record


@dataclass(slots=True)
class Summary:
    """How many sites came to what.

    Attributes:
        states: Sites by state.
        reasons: Sites that failed, by step and reason.
        warnings: Sites with warnings.
    """

    states: Counter[State] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: int = 0

    def add(self, result: SiteResult) -> None:
        """Count a site."""
        self.states[result.state] += 1
        self.warnings += bool(result.registration and result.registration.findings)
        if result.error is not None:
            step = f"{result.error.step}: " if isinstance(result.error, RegistrationError) else ""
            reason = f"{step}{result.error.what.splitlines()[0]}"
            self.reasons[reason if reason in self.reasons or len(self.reasons) < _REASONS else "other reasons"] += 1

    def left_out(self, count: int) -> None:
        """Count sites that had no turn."""
        self.states[State.NOT_TRIED] += count

    @property
    def total(self) -> int:
        """Sites that have a result."""
        return self.states.total() - self.states[State.NOT_TRIED]

    @property
    def complete(self) -> bool:
        """Whether every site is registered as it is described."""
        return not any(self.states[state] for state in (State.FAILED, State.REFUSED, State.NOT_TRIED))


class ResultFile(Closing):
    """A file of JSON Lines with one result in each, written as they come.

    Args:
        path: Where to. The results of an earlier run that are there are replaced when the first result comes.

    Attributes:
        path: Where to.

    Raises:
        EnvoyError: It cannot be written, or is a file of something else.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        try:
            self._replaces = self._is_result_file()
            # Each line is there for others to read once it is written, and survives a kill. A lone surrogate, which a
            # file name or JSON may have, becomes the escape that JSON has for it.
            self._file: TextIO = open(  # noqa: SIM115
                path, "a", encoding="utf-8", errors="backslashreplace", buffering=1, opener=open_private
            )
        except OSError as error:
            raise self._error(error, _ANOTHER) from None

    def _is_result_file(self) -> bool:
        """Return whether there are results to be replaced; a pipe or a device has none."""
        if not self.path.exists() or not stat.S_ISREG(self.path.stat().st_mode):
            return False
        with self.path.open("rb") as file:
            found = file.read(len(_BEGINNING))
        if not _BEGINNING.startswith(found):
            raise EnvoyError("already exists and is not a results file", where=str(self.path), remedy=_ANOTHER)
        return bool(found)

    def add(self, result: SiteResult) -> None:
        """Write a result.

        Raises:
            EnvoyError: It cannot be written, for instance because the disk is full.
        """
        try:
            if self._replaces:
                self._file.truncate(0)
                self._replaces = False
            self._file.write(json.dumps(result.record(), ensure_ascii=False) + "\n")
        except OSError as error:
            raise self._error(error, "Make room or name another file for the results, and run it again.") from None

    def _error(self, error: OSError, remedy: str) -> EnvoyError:
        return EnvoyError(f"cannot be written: {error.strerror}", where=str(self.path), remedy=remedy)

    def close(self) -> None:
        """Close the file."""
        # What could not be written was reported when it was added; closing tries it again.
        with suppress(OSError):
            self._file.close()
