"""A plant that knows nothing of this project: a generator or a charger beside a household, which keeps to orders.

Run as ``plant.py generates|consumes FILE`` it takes orders from its standard input, and leaves in the file what flows,
which goes on when it ends.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

WANTED_W = 4000.0
"""What it generates or consumes as long as nothing limits it."""

HOUSEHOLD_W = 200.0
"""What the household takes all the time."""


def follow(order: dict[str, Any], *, consumes: bool) -> dict[str, float]:
    """Return what flows under an order: at the connection point, import positive, and what the plant puts out."""
    limits = {name: WANTED_W if limit is None else limit["watts"] for name, limit in order["limits"].items()}
    if not (order["connect"] and order["energize"]):
        output = 0.0
    elif consumes:
        output = -min(WANTED_W, limits["load"], max(0.0, limits["import"] - HOUSEHOLD_W))
    else:
        output = min(WANTED_W, limits["generation"], limits["export"] + HOUSEHOLD_W)
    return {"site": HOUSEHOLD_W - output, "output": output}


def report(order: dict[str, Any], flow: dict[str, float]) -> dict[str, Any]:
    """Return what it reports then."""
    return {
        "taken": order["order"],
        "status": {"connected": order["connect"], "operating": order["connect"] and order["energize"]},
        "readings": {"site": {"active-power": flow["site"]}, "der": {"active-power": flow["output"]}},
    }


if __name__ == "__main__":
    for line in sys.stdin:
        given = json.loads(line)
        flowing = follow(given, consumes=sys.argv[1] == "consumes")
        Path(sys.argv[2]).write_text(json.dumps(flowing), encoding="utf-8")
        print(json.dumps(report(given, flowing)), flush=True)
