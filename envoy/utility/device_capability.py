"""DeviceCapability, the way to it, and Time."""

from __future__ import annotations

from operator import attrgetter

from envoy.utility.resource import Reply, Resource
from envoy.utility.router import Route
from sep2 import DeviceCapability, EndDeviceListLink, MirrorUsagePointListLink, Time, TimeLink, TimeQuality


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
        return Reply(200, body)


class WellKnown(Resource):
    """The well-known path of CSIP-AUS 1.3, which leads to DeviceCapability."""

    def get(self) -> Reply:
        return Reply(302, location="/dcap")


class TimeResource(Resource):
    """The clock of the utility, in UTC."""

    def get(self) -> Reply:
        return Reply(200, utc(self.now, self.path))


def utc(now: int, href: str | None = None) -> Time:
    """Return a Time in UTC."""
    return Time(
        href=href,
        current_time=now,
        dst_end_time=0,
        dst_offset=0,
        dst_start_time=0,
        # What the clock of this machine is set by is not known here, so nothing better is promised.
        quality=TimeQuality.INTENTIONALLY_UNCOORDINATED,
        tz_offset=0,
    )


ROUTES = (
    Route("/.well-known/csipaus", WellKnown, offered=attrgetter("csip_aus_1_3")),
    Route("/dcap", DeviceCapabilityResource),
    Route("/tm", TimeResource),
)
