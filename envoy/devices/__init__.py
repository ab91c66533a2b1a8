"""Devices that controls are followed for; what each of them does is in ``envoy.der.follow.device``."""
