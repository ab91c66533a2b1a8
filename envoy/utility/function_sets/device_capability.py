"""DeviceCapability, the way to it, and Time."""

from __future__ import annotations

import json
from operator import attrgetter

from envoy.utility.clock import find_zone, make_time
from envoy.utility.rates import set_poll_rate
from envoy.utility.resource import Reply, Resource
from envoy.utility.router import Route
from sep2 import DeviceCapability, EndDeviceListLink, MirrorUsagePointListLink, TimeLink, TimeQuality

JSON = "application/json"


class DeviceCapabilityResource(Resource):
    """The links to everything that the client has."""

    def get(self) -> Reply:
        end_devices, mirrors = (self.store.count(self.client, path) for path in ("/edev", "/mup"))
        body = DeviceCapability(
            href=self.path,
            time_link=TimeLink(href="/tm"),
            end_device_list_link=EndDeviceListLink(href="/edev", all=end_devices),
            mirror_usage_point_list_link=MirrorUsagePointListLink(href="/mup", all=mirrors),
        )
        set_poll_rate(self.store, body, self.settings.poll_rate)
        return Reply(200, body)


class WellKnown(Resource):
    """The well-known path of CSIP-AUS 1.3: where DeviceCapability is, by namespace of the extension, in JSON."""

    def get(self) -> Reply:
        versions = {self.profile.extension_namespace: {"dcap": ["/dcap"]}}
        content = json.dumps({"supportedSchemaVersions": versions}).encode()
        return Reply(200, content=content, content_type=JSON)


class TimeResource(Resource):
    """The clock of the utility."""

    def get(self) -> Reply:
        order = self.store.setting("time") or {}
        quality = TimeQuality(order.get("quality", self.settings.time_quality))
        zone = find_zone(order.get("zone", self.settings.time_zone))
        time = make_time(self.now, zone, quality)
        time.href = self.path
        set_poll_rate(self.store, time, self.settings.poll_rate)
        return Reply(200, time)


ROUTES = (
    Route("/.well-known/csipaus", WellKnown, offered=attrgetter("csip_aus_1_3"), media_type=JSON),
    Route("/dcap", DeviceCapabilityResource),
    Route("/tm", TimeResource),
)
