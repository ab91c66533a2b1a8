"""A small utility server: HTTP and mutual TLS around ``envoy.utility``, with faults on demand.

It is for demos and for the tests of people who write clients. It is not a production server: it has one process, keeps
no logs worth the name, and hands out no controls or prices. It needs the extra ``server`` (starlette and uvicorn).

``serve`` runs it. ``create_app`` is the same server as an ASGI application, for those who bring their own runner; that
has to pass the client's certificate on, as the TLS extension of ASGI says.
"""

from envoy.server.app import create_app
from envoy.server.faults import Fault, parse_action, parse_fault
from envoy.server.run import serve
from envoy.server.settings import ServerSettings
from envoy.utility import Settings, Utility

__all__ = ["Fault", "ServerSettings", "Settings", "Utility", "create_app", "parse_action", "parse_fault", "serve"]
