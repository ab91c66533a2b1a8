"""A utility without HTTP: requests in, responses out, a clock that it is given, and SQLite behind it.

``Utility`` is the whole of it. There is one module for each function set, with a class for each kind of resource and
the table of their paths; ``router`` finds the class for a path.
"""

from envoy.utility.clock import ManualClock
from envoy.utility.operator import Control, Curve, Operator, Program, ReceivedResponse
from envoy.utility.settings import Settings
from envoy.utility.utility import Utility

__all__ = ["Control", "Curve", "ManualClock", "Operator", "Program", "ReceivedResponse", "Settings", "Utility"]
