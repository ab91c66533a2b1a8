"""The version of this package, and where its documentation is published."""

__version__ = "0.2.0"

SITE_URL = ""
"""Address of the site, with a slash at its end. Empty: nowhere; ``envoy docs`` serves the copy in the package."""
