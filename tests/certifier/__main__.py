"""Run the procedures of ``cactus-client`` for CSIP-AUS 1.2 against ``envoy serve`` and print what came of them.

    python -m tests.certifier                        all of them, a quarter of an hour
    python -m tests.certifier S-ALL-01 S-OPT-05      some
    python -m tests.certifier --folder out           keep the logs, and the requests of each

They wait most of the time, so many run at once, each against a server of its own. Exit status 0: each passed, or is not
expected to (``expectations``); 1: one did not; 2: one passed that is not expected to.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cactus_test_definitions.csipaus import CSIPAusVersion
from cactus_test_definitions.server.test_procedures import TestProcedureId, get_test_procedure
from rich.console import Console
from rich.table import Table

from .expectations import EXPECTED_FAILURES
from .procedure import Outcome

AT_ONCE = 16
"""How many procedures run at the same time."""


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("procedures", nargs="*", metavar="ID", help="procedures to run; all if none is named")
    parser.add_argument("--folder", type=Path, help="keep logs and requests in this folder")
    arguments = parser.parse_args()
    started = time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        notifications = stack.enter_context(_notifications(folder))
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))
        identifiers = arguments.procedures or _all()
        outcomes = dict(pool.map(lambda each: (each, _run(each, folder / each, notifications)), identifiers))
    table = Table("procedure", "verdict", "reason, warnings")
    for identifier, outcome in outcomes.items():
        table.add_row(identifier, _verdict(identifier, outcome), "\n".join(_remarks(identifier, outcome)))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    passed = {identifier for identifier, outcome in outcomes.items() if outcome.passed}
    failed = set(outcomes) - passed - set(EXPECTED_FAILURES)
    print(f"{len(passed)} of {len(outcomes)} passed, {len(failed)} failed that were expected to pass, ", end="")
    print(f"in {time.monotonic() - started:.0f} s")
    return 1 if failed else 2 if passed & set(EXPECTED_FAILURES) else 0


def _all() -> list[str]:
    version = CSIPAusVersion.RELEASE_1_2
    return [each.value for each in TestProcedureId if version in get_test_procedure(each).target_versions]


def _run(identifier: str, folder: Path, notifications: str) -> Outcome:
    command = [sys.executable, "-m", "tests.certifier.procedure", identifier, str(folder), notifications]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        return Outcome(False, (done.stderr.strip() or "it said nothing").splitlines()[-1], [])
    outcome = Outcome(**json.loads(done.stdout.splitlines()[-1]))
    print(f"{identifier} {_verdict(identifier, outcome)}", file=sys.stderr, flush=True)
    return outcome


def _verdict(identifier: str, outcome: Outcome) -> str:
    verdict = "passed" if outcome.passed else "failed"
    if outcome.passed is (identifier in EXPECTED_FAILURES):
        return f"{verdict}, not as expected"
    return verdict if outcome.passed else f"{verdict}, as expected"


def _remarks(identifier: str, outcome: Outcome) -> list[str]:
    expected = EXPECTED_FAILURES.get(identifier)
    return [
        *([outcome.reason] if outcome.reason else []),
        *([f"expected: {expected}"] if expected else []),
        *(f"warning: {each}" for each in outcome.warnings),
    ]


@contextlib.contextmanager
def _notifications(folder: Path) -> Iterator[str]:
    """Run ``cactus-client-notifications`` on 127.0.0.1, and give its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    # Started as a module of its own it would listen on all addresses of the machine.
    program = "import sys; from aiohttp import web; from cactus_client_notifications.server.main import app\n"
    program += "web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "notifications.log").open("w") as log:
        command = [sys.executable, "-c", program, str(port)]
        process = subprocess.Popen(command, env=os.environ | {"SERVER_URL": url}, stdout=log, stderr=log)
        try:
            yield url
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
