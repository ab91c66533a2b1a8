"""The part of ``envoy follow`` that is about the sites of a fleet."""
