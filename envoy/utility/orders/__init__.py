"""The orders of an operator, each a name with values that JSON can express, and how a utility follows them.

There is a module for each subject; docs/reference/testing.md lists the orders.
"""

from envoy.utility.orders import conditions, programs, sites, tariffs
from envoy.utility.orders.order import Desk, find_order

__all__ = ["Desk", "conditions", "find_order", "programs", "sites", "tariffs"]
