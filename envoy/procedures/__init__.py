"""Procedures: files that say what a utility does and what it waits for, run against a client under test.

The published CSIP-AUS client procedures are read as they are. ``envoy.procedures.rehearsal`` has the utility that
follows one. It needs the extra ``server``, for its YAML.
"""

from envoy.procedures.procedure import Procedure
from envoy.procedures.reader import read_procedure
from envoy.procedures.scenario import read_scenario

__all__ = ["Procedure", "read_procedure", "read_scenario"]
