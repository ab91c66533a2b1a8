"""Procedures: files that say what a utility does and what it waits for, run against a client under test.

The published CSIP-AUS client procedures are read as they are.
"""

from envoy.procedures.procedure import Procedure
from envoy.procedures.reader import read_procedure

__all__ = ["Procedure", "read_procedure"]
