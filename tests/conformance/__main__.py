"""Run the whole proof and print what it covered.

    python -m tests.conformance                             all of it, some minutes
    python -m tests.conformance --count 5                   a small sample
    python -m tests.conformance --write docs/explanation/conformance.md put the report into that file

Exit status 0: nothing differs, or each difference has its reason; 1: something does, and is printed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from .components import differences, reason_for
from .editions import edition, official_schemas
from .parallel import COUNT, prove_all
from .report import report

_START, _END = "<!-- printed by python -m tests.conformance -->\n", "<!-- end -->\n"


def replaced(document: str, text: str) -> str:
    """Return a document with the printed part replaced."""
    before, _, rest = document.partition(_START)
    return f"{before}{_START}\n{text}\n{_END}{rest.partition(_END)[2]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help=f"documents of each sort per Resource ({COUNT})")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the report into a Markdown file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        schemas = official_schemas(Path(folder))
        editions = [edition(profile, official) for profile, official in schemas.items()]
        tallies = prove_all(editions, arguments.count)
        text = report(editions, tallies)
        print(text)
        if arguments.write is not None:
            arguments.write.write_text(replaced(arguments.write.read_text(), text))
        failures = [failure for tally in tallies for failure in tally.failures]
        left = [item for both in editions for item in differences(both.ours.model, both.official.model)]
        print(f"{len(failures)} failures", *failures[:20], sep="\n", file=sys.stderr)
        return 1 if failures or any(reason_for(item) is None for item in left) else 0


if __name__ == "__main__":
    sys.exit(main())
