"""Run the published procedures with the package as the client: ``python -m tests.procedures [NAME ...]``.

Prints a line for each: its verdict, or why it is not run. Exits 1 if one fails, 2 if there are none. The procedures are
those in pytest's cache, where they are downloaded to if they are not there.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tests.procedures.conftest import find_published
from tests.procedures.running import NOT_RUN, run_procedure


def main(names: list[str]) -> int:
    """Run procedures, all of them by default, and return the exit status."""
    try:
        folder = find_published(Path(".pytest_cache", "d", "procedures"))
    except LookupError as error:
        print(error, file=sys.stderr)
        return 2
    names = names or sorted(path.stem for path in folder.glob("*.yaml"))
    verdicts: Counter[str] = Counter()
    for name in names:
        verdict = f"not run: {NOT_RUN[name]}" if name in NOT_RUN else run_procedure(name, folder).verdict
        verdicts[verdict.partition(":")[0].partition(";")[0]] += 1
        print(f"{name:11} {verdict}", flush=True)
    print(f"{len(names)} procedures: {', '.join(f'{count} {verdict}' for verdict, count in verdicts.items())}")
    return int("failed" in verdicts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
