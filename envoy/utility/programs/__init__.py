"""The programs, controls and curves of a utility: kept once, and seen by each site that they are for.

A site is an EndDevice, by its LFDI. A program or control is for all sites or for some; which of them a site sees, and
in which state, is worked out when it asks, so an order takes as long for one site as for ten thousand.
"""

from envoy.utility.programs.programs import CURVE_MODES, Programs
from envoy.utility.programs.records import StoredControl, StoredProgram

__all__ = ["CURVE_MODES", "Programs", "StoredControl", "StoredProgram"]
