"""Readings and their way to the metering mirror of a server (IEEE 2030.5-2018, 10.11.3).

A ``Mirror`` says whose readings they are and which channels there are, a ``Sample`` is one value, a ``Spool`` keeps
them until the server has acknowledged them, and ``post_readings`` is the protocol run that posts them::

    mirror = csip_aus_site(lfdi, pen=32473)
    with Spool("readings.spool") as spool, Client(url, cert=cert, ca=ca) as client:
        spool.put(mirror, [Sample("active-power", datetime.now(UTC), 1834.5)])
        client.run(post_readings(spool, client))
"""

from envoy.metering.channel import Channel as Channel
from envoy.metering.channel import active_power as active_power
from envoy.metering.channel import current as current
from envoy.metering.channel import energy as energy
from envoy.metering.channel import frequency as frequency
from envoy.metering.channel import reactive_power as reactive_power
from envoy.metering.channel import stored_energy as stored_energy
from envoy.metering.channel import voltage as voltage
from envoy.metering.mirror import DEVICE as DEVICE
from envoy.metering.mirror import SITE as SITE
from envoy.metering.mirror import Mirror as Mirror
from envoy.metering.mirror import csip_aus_der as csip_aus_der
from envoy.metering.mirror import csip_aus_site as csip_aus_site
from envoy.metering.post_readings import post_readings as post_readings
from envoy.metering.reading import Sample as Sample
from envoy.metering.results import Posted as Posted
from envoy.metering.spool import Spool as Spool
