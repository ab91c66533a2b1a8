"""Fleets: the registration of many sites, from one file, with one certificate.

``register_fleet`` registers the sites of a ``Fleet``; a ``Journal`` lets the next run skip what is done.

To read the code, begin with ``fleet_file`` (the fleet and its rows; ``csv_columns`` for those in CSV; ``shard`` for the
part of one of several processes) and ``fleet_run`` (the whole run). The run uses ``run_index`` (what is looked up by
LFDI), ``server_survey`` (what the server has), ``attempt`` (one site), ``outage``, ``concurrency``, ``journal`` and
``results``. ``dask`` is the same run over a cluster.
"""

from envoy.fleet.fleet_file import Fleet, Row
from envoy.fleet.fleet_run import FleetRun, register_fleet
from envoy.fleet.journal import Journal
from envoy.fleet.outage import Outage
from envoy.fleet.results import ResultFile, SiteResult, State, Summary
from envoy.fleet.shard import Shard

__all__ = [
    "Fleet",
    "FleetRun",
    "Journal",
    "Outage",
    "ResultFile",
    "Row",
    "Shard",
    "SiteResult",
    "State",
    "Summary",
    "register_fleet",
]
