"""Kill a following process at random moments: ``python -m tests.der.kills --count 500 --seed 1``."""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from pathlib import Path

from tests.der.kills.story import Kills, put_through

_AT_A_TIME = 100


def main() -> None:
    """Print what came of it, and exit with 1 if something was lost, double or forgotten."""
    parser = argparse.ArgumentParser(prog="python -m tests.der.kills")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    total = Kills()
    for seed in itertools.count(options.seed):
        # A state of its own for each hundred, so that it does not become a test of long lists.
        with tempfile.TemporaryDirectory(prefix="envoy-kills-") as folder:
            kills = put_through(Path(folder), min(_AT_A_TIME, options.count - total.kills), seed)
        print(f"seed {seed}: {kills}", *kills.wrong, sep="\n", flush=True)
        total += kills
        if total.kills >= options.count:
            break
    print(f"in all: {total}")
    sys.exit(bool(total.wrong))


if __name__ == "__main__":
    main()
