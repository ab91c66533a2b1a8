"""Readings for the metering mirror: described, kept in a spool, and posted (IEEE 2030.5-2018, 10.11.3).

A ``Mirror`` says whose readings they are and which channels there are, a ``Sample`` is one value, a ``Spool`` keeps
them until the server has acknowledged them, and ``post_readings`` is the protocol run that posts them::

    mirror = csip_aus_site(lfdi, pen=32473)
    with Spool("readings.spool") as spool, Client(url, cert=cert, ca=ca) as client:
        spool.put(mirror, [Sample("active-power", datetime.now(UTC), 1834.5)])
        client.run(post_readings(spool, client))
"""

from envoy.readings.channel import Channel as Channel
from envoy.readings.channel import active_power as active_power
from envoy.readings.channel import current as current
from envoy.readings.channel import energy as energy
from envoy.readings.channel import frequency as frequency
from envoy.readings.channel import reactive_power as reactive_power
from envoy.readings.channel import voltage as voltage
from envoy.readings.mirror import DEVICE as DEVICE
from envoy.readings.mirror import SITE as SITE
from envoy.readings.mirror import Mirror as Mirror
from envoy.readings.mirror import csip_aus_der as csip_aus_der
from envoy.readings.mirror import csip_aus_site as csip_aus_site
from envoy.readings.posting import post_readings as post_readings
from envoy.readings.results import Posted as Posted
from envoy.readings.sample import Sample as Sample
from envoy.readings.spool import Spool as Spool
