"""The server as an ASGI application: which paths and methods there are, and the way of a request through them."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from envoy.errors import ProfileError
from envoy.profiles import Profile, get_profile
from envoy.server import http
from envoy.server.fault_layer import DisturbanceLayer
from envoy.server.recorder import Recorder
from envoy.utility import end_devices, metering, resources
from envoy.utility.call import Call, Handler, RefusedError, not_found
from envoy.utility.faults import Faults
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import (
    DER,
    ConnectionPoint,
    DERAvailability,
    DERCapability,
    DERSettings,
    DERStatus,
    DeviceInformation,
    EndDevice,
    ErrorReasonCode,
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorUsagePoint,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What the server does for one method at one path.

    Attributes:
        method: HTTP method; GET stands for HEAD as well.
        path: Path, with a name in braces for each part that varies.
        handler: Function that does it.
        accepts: Messages that the body may be; empty if the method takes no body.
        offered: Whether a profile has it.
    """

    method: str
    path: str
    handler: Handler
    accepts: tuple[type, ...] = ()
    offered: Callable[[Profile], bool] = lambda profile: True


_CSIP_AUS = attrgetter("csip_aus")
_CSIP_AUS_1_3 = attrgetter("csip_aus_1_3")

OPERATIONS = (
    Operation("GET", "/.well-known/csipaus", resources.redirect_to_device_capability, offered=_CSIP_AUS_1_3),
    Operation("GET", "/dcap", resources.read_device_capability),
    Operation("GET", "/tm", resources.read_time),
    #
    Operation("GET", "/edev", end_devices.list_end_devices),
    Operation("POST", "/edev", end_devices.create_end_device, (EndDevice,)),
    Operation("GET", "/edev/{edev}", end_devices.read_end_device),
    Operation("PUT", "/edev/{edev}", end_devices.replace_end_device, (EndDevice,)),
    Operation("DELETE", "/edev/{edev}", resources.remove),
    Operation("GET", "/edev/{edev}/rg", end_devices.read_registration),
    Operation("GET", "/edev/{edev}/di", resources.read),
    Operation("PUT", "/edev/{edev}/di", resources.write, (DeviceInformation,)),
    Operation("GET", "/edev/{edev}/cp", resources.read, offered=_CSIP_AUS),
    Operation("PUT", "/edev/{edev}/cp", resources.create_or_write, (ConnectionPoint,), offered=_CSIP_AUS),
    #
    Operation("GET", "/edev/{edev}/der", end_devices.list_ders),
    Operation("POST", "/edev/{edev}/der", end_devices.create_der, (DER,)),
    Operation("GET", "/edev/{edev}/der/{der}", end_devices.read_der),
    Operation("DELETE", "/edev/{edev}/der/{der}", resources.remove),
    Operation("GET", "/edev/{edev}/der/{der}/dercap", resources.read),
    Operation("PUT", "/edev/{edev}/der/{der}/dercap", resources.write, (DERCapability,)),
    Operation("GET", "/edev/{edev}/der/{der}/derg", resources.read),
    Operation("PUT", "/edev/{edev}/der/{der}/derg", resources.write, (DERSettings,)),
    Operation("GET", "/edev/{edev}/der/{der}/ders", resources.read),
    Operation("PUT", "/edev/{edev}/der/{der}/ders", resources.write, (DERStatus,)),
    Operation("GET", "/edev/{edev}/der/{der}/dera", resources.read),
    Operation("PUT", "/edev/{edev}/der/{der}/dera", resources.write, (DERAvailability,)),
    #
    Operation("GET", "/mup", metering.list_mirrors),
    Operation("POST", "/mup", metering.create_or_replace_mirror, (MirrorUsagePoint,)),
    Operation("GET", "/mup/{mup}", metering.read_mirror),
    Operation("POST", "/mup/{mup}", metering.create_readings, (MirrorMeterReading, MirrorMeterReadingList)),
    Operation("DELETE", "/mup/{mup}", resources.remove),
    Operation("GET", "/mup/{mup}/mr", metering.list_readings),
    Operation("GET", "/mup/{mup}/mr/{mr}", resources.read),
)
"""All that the server can do."""

_logger = logging.getLogger("envoy.server")


def create_app(
    settings: Settings, store: Store, *, faults: Faults | None = None, recorder: Recorder | None = None
) -> Starlette:
    """Return the server as an ASGI application.

    It has to run behind something that demands client certificates and passes them on in ``client_cert_chain`` of
    ASGI's TLS extension; without one it answers 403 to everything.

    Args:
        settings: What can be set.
        store: Where it keeps its resources. The caller closes it.
        faults: What goes wrong on purpose; None for what the settings have of it.
        recorder: Where to note each request; None for nowhere.

    Raises:
        ProfileError: The store has another profile than the settings.
    """
    profile = get_profile(settings.profile)
    if store.profile != profile:
        raise ProfileError(
            f"the store has the profile {store.profile.name}, the settings have {profile.name}",
            remedy="Open the store with the profile of the settings.",
        )
    offered: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS:
        if operation.offered(profile):
            offered.setdefault(operation.path, {})[operation.method] = operation
    service = _Service(settings, profile, store)
    routes = [Route(path, _Endpoint(service, path, operations)) for path, operations in offered.items()]
    layer = Middleware(
        DisturbanceLayer,
        settings=settings,
        profile=profile,
        faults=settings.new_faults() if faults is None else faults,
        recorder=recorder,
    )
    app = Starlette(routes=routes, middleware=[layer])
    app.router.redirect_slashes = False
    # Unknown paths go the same way as the others, so that they are logged and refused like them.
    app.router.default = _Endpoint(service, "", {})
    return app


@dataclass(frozen=True, slots=True)
class _Service:
    settings: Settings
    profile: Profile
    store: Store


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """What there is at one path, as an ASGI application of its own."""

    service: _Service
    template: str
    operations: dict[str, Operation]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        why = ""
        try:
            response = await self._process(request)
        except RefusedError as error:
            response, why = http.error_response(error, self.service.profile), error.why
        except Exception:
            _logger.exception("%s %s failed", request.method, scope["path"])
            failure = RefusedError(500, "failed, see the traceback", ErrorReasonCode.RESOURCE_LIMIT_REACHED)
            response, why = http.error_response(failure, self.service.profile), failure.why
        if self.service.settings.log_requests:
            line = f"{request.method} {quote(scope['path'])} {response.status_code} {' '.join(why.split())}"
            print(line.rstrip(), file=sys.stderr, flush=True)
        await response(scope, receive, send)

    async def _process(self, request: Request) -> Response:
        settings, store, profile = self.service.settings, self.service.store, self.service.profile
        owner = http.client_lfdi(request)
        operation = self._operation(request.method)
        http.check_accept(request)
        body = None
        if operation.accepts:
            data = await http.read_body(request, settings.max_body)
            body = http.typed(data, operation.accepts, profile)
        call = Call(
            owner=owner,
            path=self.template.format(**request.path_params),
            query=request.query_params,
            now=int(time.time()),
            settings=settings,
            store=store,
            body=body,
        )
        # Nothing is awaited in here: requests are processed one at a time, each as a whole.
        with store.transaction():
            end_devices.ensure_own_end_device(call)
            reply = operation.handler(call)
        return http.response(reply, profile)

    def _operation(self, method: str) -> Operation:
        if not self.operations:
            raise not_found()
        found = self.operations.get("GET" if method == "HEAD" else method)
        if found is None:
            allowed = sorted({*self.operations, *(["HEAD"] if "GET" in self.operations else [])})
            raise RefusedError(405, f"{method} is not offered here", headers={"allow": ", ".join(allowed)})
        return found
