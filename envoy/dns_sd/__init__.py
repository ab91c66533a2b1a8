"""DNS-SD: servers of the local network, found and advertised by multicast DNS (IEEE 2030.5-2018, 7).

It needs the extra ``discover``. ``find_servers`` asks who is there; ``choose_server`` takes the one that is meant. Of
the pieces, ``txt``, ``servers`` and ``inquiry`` decide what records mean and what to ask next, without any input or
output; ``multicast`` asks, and ``advertiser`` responds, both by zeroconf.
"""

from envoy.dns_sd.multicast import find_servers
from envoy.dns_sd.servers import FoundServer, FoundServers, RefusedService, choose_server

__all__ = ["FoundServer", "FoundServers", "RefusedService", "choose_server", "find_servers"]
