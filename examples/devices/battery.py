"""Keeps a battery to its orders: what it does with ``power`` is what a real one replaces."""

import json
import sys

for line in sys.stdin:
    order = json.loads(line)
    running = order["connect"] and order["energize"]
    limits = {name: limit["watts"] if limit else 5000 for name, limit in order["limits"].items()}
    most, least = min(limits["generation"], limits["export"]), -min(limits["load"], limits["import"])
    power = max(least, min(most, order["target"]["storage_watts"] or 0))
    report = {
        "taken": order["order"],
        "refused": [mode for mode in order["modes"] if mode == "opModFixedVar"],
        "status": {"connected": order["connect"], "operating": running, "state_of_charge": 50},
        "readings": {"der": {"active-power": power}},
    }
    print(json.dumps(report), flush=True)
