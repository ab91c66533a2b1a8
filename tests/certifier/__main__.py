"""Run the procedures of ``cactus-client`` for CSIP-AUS 1.2 against ``envoy serve`` and print what came of them.

    python -m tests.certifier                        all of them, a quarter of an hour
    python -m tests.certifier S-ALL-01 S-OPT-05      some
    python -m tests.certifier --folder out           keep the logs, and the requests of each

They wait most of the time, so many run at once, each against a server of its own. Those that leave it open run with a
device and with an aggregator. Exit status 0: each passed, or is not
expected to (``expectations``); 1: one did not; 2: one passed that is not expected to.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cactus_test_definitions.csipaus import CSIPAusVersion
from cactus_test_definitions.server.test_procedures import ClientType, TestProcedureId, get_test_procedure
from rich.console import Console
from rich.table import Table

from .expectations import EXPECTED_FAILURES
from .procedure import Outcome

AT_ONCE = 12
"""How many procedures run at the same time."""


_STARTS = 3
"""How often a procedure is started, at most, whose server does not come up: on a busy machine it may take too long."""

_LONG = ("S-ALL-46", "S-ALL-41", "S-ALL-50")
"""Procedures that take longer than all others, and start first."""


@dataclass(frozen=True, slots=True)
class Case:
    """A procedure with one kind of clients.

    Attributes:
        identifier: Identifier of the procedure.
        kind: What its clients are, ``device`` or ``aggregator``.
    """

    identifier: str
    kind: str

    @property
    def expected(self) -> str:
        """Why it is not expected to pass; empty if it is."""
        return EXPECTED_FAILURES.get((self.identifier, self.kind), "")

    def verdict(self, outcome: Outcome) -> str:
        """Return the verdict on its outcome, in words."""
        verdict = "passed" if outcome.passed else "failed"
        if outcome.passed is bool(self.expected):
            return f"{verdict}, not as expected"
        return f"{verdict}, as expected" if self.expected else verdict


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("procedures", nargs="*", metavar="ID", help="procedures to run; all if none is named")
    parser.add_argument("--folder", type=Path, help="keep logs and requests in this folder")
    arguments = parser.parse_args()
    cases = list(_cases(arguments.procedures))
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        notifications = stack.enter_context(_notifications())
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        first = sorted(cases, key=lambda case: case.identifier not in _LONG)
        outcomes = dict(pool.map(lambda case: (case, _run(case, folder, notifications)), first))
    table = Table("procedure", "clients", "verdict", "reason, warnings")
    for case in cases:
        outcome = outcomes[case]
        expected = [f"expected: {case.expected}"] if case.expected else []
        remarks = [*filter(None, [outcome.reason]), *expected, *(f"warning: {each}" for each in outcome.warnings)]
        table.add_row(case.identifier, case.kind, case.verdict(outcome), "\n".join(remarks))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    failed = [case for case in cases if not outcomes[case].passed and not case.expected]
    passed = [case for case in cases if outcomes[case].passed]
    print(f"{len(passed)} of {len(cases)} passed, {len(failed)} failed that are expected to pass, ", end="")
    print(f"in {time.monotonic() - started:.0f} s")
    return 1 if failed else 2 if any(case.expected for case in passed) else 0


def _cases(chosen: list[str]) -> Iterator[Case]:
    """Give the procedures for CSIP-AUS 1.2, or those chosen, with each kind of clients that they allow."""
    for identifier in TestProcedureId:
        procedure = get_test_procedure(identifier)
        if CSIPAusVersion.RELEASE_1_2 in procedure.target_versions and (not chosen or identifier in chosen):
            kinds = {each.client_type for each in procedure.preconditions.required_clients} - {None}
            for kind in kinds or ClientType:
                yield Case(identifier.value, kind.value)


def _run(case: Case, folder: Path, notifications: str) -> Outcome:
    place = folder / f"{case.identifier}-{case.kind}"
    command = [sys.executable, "-m", "tests.certifier.procedure", case.identifier, case.kind, str(place), notifications]
    for _ in range(_STARTS):
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if not done.returncode:
            break
    if done.returncode:
        outcome = Outcome(False, (done.stderr.strip() or "it said nothing").splitlines()[-1], [])
    else:
        outcome = Outcome(**json.loads(done.stdout.splitlines()[-1]))
    print(f"{case.identifier} {case.kind} {case.verdict(outcome)}", file=sys.stderr, flush=True)
    return outcome


@contextlib.contextmanager
def _notifications() -> Iterator[str]:
    """Run ``cactus-client-notifications``, and give its URL."""
    command = [sys.executable, "-m", "tests.certifier.notifications"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        assert process.stdin and process.stdout
        with process.stdin:
            yield process.stdout.readline().strip()


if __name__ == "__main__":
    sys.exit(main())
