"""Command ``envoy demo``: register a site with a server on this machine, and follow it. Needs the extra ``server``."""

from __future__ import annotations

import sys

from envoy.cli.connection_options import LinkedProfileOption
from envoy.cli.serve import require_server
from envoy.profiles import DEFAULT_PROFILE


def demo(profile: LinkedProfileOption = DEFAULT_PROFILE) -> None:
    """Show a registration and a control that is followed.

    It registers twice over mutual TLS, to show that the second time changes nothing. Then a simulated DER follows a
    control of the server, as the utility, until that is cancelled.

    Exit status: 0 all went as it should, 1 something did not.
    """
    require_server()
    from envoy.testing.demo import run  # deferred: needs the extra

    sys.exit(0 if run(profile) else 1)
