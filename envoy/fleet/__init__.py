"""Fleets: the registration of many sites, from one file, with one certificate.

``register_fleet`` registers the sites of a ``Fleet``; a ``Journal`` lets the next run skip what is done.
"""

from envoy.fleet.fleet_run import FleetRun, register_fleet
from envoy.fleet.journal import Journal
from envoy.fleet.results import ResultFile, SiteResult, State, Summary
from envoy.fleet.rows import Fleet, Row

__all__ = [
    "Fleet",
    "FleetRun",
    "Journal",
    "ResultFile",
    "Row",
    "SiteResult",
    "State",
    "Summary",
    "register_fleet",
]
