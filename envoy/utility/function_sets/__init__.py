"""The function sets of the utility: a module for each, with a class for each kind of resource and their paths."""

from envoy.utility.function_sets import (
    der_programs,
    ders,
    device_capability,
    end_devices,
    legacy,
    log_events,
    metering,
    pricing,
    responses,
    subscriptions,
)

ROUTES = (
    *device_capability.ROUTES,
    *end_devices.ROUTES,
    *ders.ROUTES,
    *der_programs.ROUTES,
    *pricing.ROUTES,
    *responses.ROUTES,
    *subscriptions.ROUTES,
    *log_events.ROUTES,
    *metering.ROUTES,
)
"""All that the utility has, but for envoy-client 0.1."""

LEGACY_ROUTES = legacy.ROUTES
"""All that it has for envoy-client 0.1."""
