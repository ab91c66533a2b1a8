"""The utility: from a request to its response."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from envoy._sqlite import Closing
from envoy._text import printable, shorten
from envoy.bindings.fields import edition_of
from envoy.documents import dumps, loads
from envoy.errors import DocumentError
from envoy.profiles import LEVELS, Profile, get_profile
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.flow import Request, Response, get_headers
from envoy.protocol.level import leave_out_later
from envoy.utility.changes import Change
from envoy.utility.clock import ManualClock
from envoy.utility.error_message import DetailedError
from envoy.utility.function_sets import LEGACY_ROUTES, ROUTES, end_devices, metering, subscriptions
from envoy.utility.media_type import check_accept, check_content_encoding, check_content_type, choose_level
from envoy.utility.notifications import Delivery, Notifications
from envoy.utility.operator import Operator
from envoy.utility.orders import Desk, find_order
from envoy.utility.outages import Outages
from envoy.utility.programs import Programs
from envoy.utility.resource import Reply, RequestError, Resource, too_large
from envoy.utility.router import Route, Router
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from envoy.utility.tariffs import Tariffs
from envoy.validation.findings import ValidationError
from sep2 import EndDeviceList, ErrorReasonCode

_FORMAT = ErrorReasonCode.INVALID_REQUEST_FORMAT
_WITH_BODY = ("POST", "PUT")
_PRUNE_SECONDS = 60
_LONGEST_MESSAGE = 1000
_ORIGIN = re.compile(r"\Ahttps?://[^/?]*")


class Utility(Closing, Operator):
    """A utility: the resources of its clients, and what it responds to their requests.

    Each client sees only what is its own. Use it as a
    context manager, or call ``close``. Requests are processed one at a time, each as a whole. What the operator of the
    utility does is in ``Operator``.

    Args:
        settings: What can be set; None for the usual.
        database: SQLite file that keeps the resources, made if there is none; ``:memory:`` forgets them at the end.
        now: Clock, in seconds since 1970; a ``ManualClock`` to put it forward with ``advance``.
        wait: Lets seconds pass in ``wait_for``.
        log: Called with a line for each request: method, path, status, and why if it was refused.
        on_change: The first of ``listeners``; None for none.

    Attributes:
        settings: As above.
        profile: The edition of the protocol that it speaks.
        linked: Whether its resources have links; in the profile envoy-0.1 they do not.
        store: Its resources.
        programs: Its programs, controls and curves.
        outages: Its outages.
        notifications: Its notifications.
        log: As above.
        listeners: Each is called after a request or order that has changed something, with what that is.

    Raises:
        EnvoyError: The file cannot be opened, is not a database of a utility, or has another profile.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        database: str | Path = ":memory:",
        *,
        now: Callable[[], float] = time.time,
        wait: Callable[[float], object] = time.sleep,
        log: Callable[[str], None] | None = None,
        on_change: Callable[[list[Change]], None] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.profile = get_profile(self.settings.profile)
        self.store = Store(database, self.profile)
        self.programs = Programs(self.store, self.settings.pen)
        self.outages = Outages()
        self.linked = PROTOCOL_DIALECTS[self.profile.dialect].linked
        self.router = Router(ROUTES if self.linked else LEGACY_ROUTES, self.profile)
        self._clock = now
        self._wait = wait
        self._desk = Desk(self.store, self.programs, self.outages, now, self.now, self.settings)
        self._pruned = 0
        self.log = log
        self.listeners = [] if on_change is None else [on_change]
        self.notifications = Notifications(self.store, self.settings, self._read, self._write, self.now)

    def respond(
        self,
        method: str,
        href: str,
        *,
        client: bytes,
        headers: Mapping[str, str],
        content: bytes | None = None,
        decoded: Any = None,
    ) -> Response:
        """Process a request.

        Args:
            method: HTTP method.
            href: Path and query, as they were sent; also with a scheme and a host, which are ignored.
            client: LFDI of the client's certificate; empty if there is none, which is refused.
            headers: Headers by lower-case name; of several with one name, the values with commas between.
            content: The body; None for a request without one, or of which not all has come.
            decoded: What ``decode`` has returned for the body, perhaps in another thread; None to decode it here.
        """
        path, query = _parts(href)
        spoken = self.find_profile(headers)
        try:
            route = self._admit(method, path, client, headers)
            body = (
                self._typed(self.decode(content) if decoded is None else decoded, route)
                if method in _WITH_BODY
                else None
            )
            spoken = self.find_profile(headers, body)
            resource = self._resource(route, client, path, query, self.settings, body, content or b"", spoken)
            with self._noting_changes():
                if self.linked:
                    end_devices.ensure_own_end_device(resource)
                metering.expire_mirrors(resource)
                subscriptions.expire_subscriptions(resource)
                self._prune(resource.now)
                reply: Reply = getattr(resource, "get" if method == "HEAD" else method.lower())()
            if (edition := edition_of(type(reply.body))) > spoken.edition:
                what = f"{type(reply.body).__name__} came with IEEE 2030.5-{edition}, and Accept is of the level "
                raise RequestError(406, f"{what}{LEVELS[spoken.edition]}: ask with {self.profile.content_type}")
        except RequestError as error:
            return self.reject(method, href, error, spoken)
        headers = {"location": reply.location} if reply.location else {}
        if reply.content:
            self._note(method, path, reply.status)
            return Response(reply.status, {**headers, "content-type": reply.content_type}, reply.content)
        counted = content is not None and self._count_readings(content) is not content
        warning = "warning: taken although the list has no all or no results" if counted else ""
        return self._response(method, path, reply.status, reply.body, headers, warning, spoken)

    def find_profile(self, headers: Mapping[str, str], body: Any = None) -> Profile:
        """Return the profile that a client is responded to in: that of 2018 if it has shown nothing of a later edition.

        Args:
            headers: Headers of its request, by lower-case name.
            body: The typed object that it sends; None if it sends none, or none that can be read.
        """
        earlier = self.profile.for_2018
        if earlier is None or getattr(body, "schema_ver", None):
            return self.profile
        try:
            level = choose_level(headers.get("accept", ""), headers.get("content-type", ""))
        except RequestError:
            return earlier
        return earlier if level == LEVELS["2018"] else self.profile

    def _resource(
        self,
        route: Route,
        client: bytes,
        path: str,
        query: Mapping[str, str],
        settings: Settings,
        body: Any = None,
        content: bytes = b"",
        profile: Profile | None = None,
    ) -> Resource:
        return route.resource(
            client=client,
            path=path,
            query=query,
            body=body,
            content=content,
            now=self.now(),
            profile=profile or self.profile,
            settings=settings,
            store=self.store,
            programs=self.programs,
            read=self._read,
        )

    def _read(self, client: bytes, path: str, limit: int) -> Any:
        """Return what a client gets at a path, with at most so many items if it is a list; None if there is nothing."""
        settings = replace(self.settings, page_limit=limit)
        try:
            route = self.router.find("GET", path)
            found: Any = self._resource(route, client, path, {"l": str(limit)}, settings)
            reply: Reply = found.get()
        except RequestError:
            return None
        return reply.body

    def due_notifications(self, without: Collection[int] = ()) -> list[Delivery]:
        """Return the notifications that are to be sent now.

        Args:
            without: Numbers of those that are being sent.
        """
        return self.notifications.due(self._clock(), without)

    def settle_notification(self, number: int, status: int | None, why: str = "") -> None:
        """Note what came of a notification that was sent.

        Args:
            number: Its number.
            status: HTTP status of the response; None if there was none.
            why: What happened if there was none.
        """
        self.notifications.settle(number, status, self._clock(), why)

    def refuse(self, method: str, href: str, *, client: bytes, headers: Mapping[str, str]) -> Response | None:
        """Return the response to a request that its head is reason enough to refuse; None to go on with its body."""
        try:
            self._admit(method, _parts(href)[0], client, headers)
        except RequestError as error:
            return self.reject(method, href, error, self.find_profile(headers))
        return None

    def reject(self, method: str, href: str, error: RequestError, profile: Profile | None = None) -> Response:
        """Return the response to a request that gets an error: an Error document.

        Args:
            method: HTTP method.
            href: Path and query.
            error: The error.
            profile: The profile to respond in; None for that which every client can read.
        """
        if not self.linked:
            # Its profile has no Error.
            self._note(method, _parts(href)[0], error.status, error.detail)
            return Response(error.status, {**error.headers, "content-type": "text/plain"}, error.detail.encode())
        body = DetailedError(reason_code=error.reason, message=shorten(printable(error.detail), _LONGEST_MESSAGE))
        return self._response(method, _parts(href)[0], error.status, body, error.headers, error.detail, profile)

    def connect(self, client: bytes) -> Callable[[Request], Response]:
        """Return what sends the requests of a protocol run as a client does: ``drive(flow, utility.connect(lfdi))``.

        Args:
            client: LFDI of the client.
        """

        def send(request: Request) -> Response:
            headers = {name.lower(): value for name, value in get_headers(request, self.profile).items()}
            return self.respond(request.method, request.href, client=client, headers=headers, content=request.content)

        return send

    def ask(self, order: str, **parts: Any) -> dict[str, Any]:
        return self.follow(order, parts)

    def follow(self, order: str, parts: Mapping[str, Any]) -> dict[str, Any]:
        """Follow an order of the operator (``envoy.utility.orders``) and return the response.

        Raises:
            EnvoyError: It cannot be followed.
        """
        with self._noting_changes():
            return find_order(order).follow(self._desk, parts)

    def pause(self, seconds: float) -> None:
        self._wait(seconds)

    def now(self) -> int:
        """Return the time of the utility, in seconds since 1970: that of its clock, and its offset."""
        offset = (self.store.setting("time") or {}).get("offset", self.settings.time_offset)
        return int(self._clock()) + int(offset)

    @property
    def stands_still(self) -> bool:
        """Whether its clock is one that is put forward by hand."""
        return isinstance(self._clock, ManualClock)

    def reset(self) -> None:
        """Forget everything: all resources, and all that was ordered."""
        with self._noting_changes():
            self.store.clear()
            self.store.changes.note(EndDeviceList, "/edev")
        self.outages.clear()

    @contextmanager
    def _noting_changes(self) -> Iterator[None]:
        """Do what is inside as a whole, and report what has changed."""
        try:
            with self.store.transaction():
                yield
                if self.store.changes:
                    self.notifications.enqueue(list(self.store.changes), self._clock())
        except BaseException:
            self.store.changes.clear()
            raise
        changes = self.store.changes.take()
        if changes:
            for listener in self.listeners:
                listener(changes)

    def _prune(self, now: int) -> None:
        """Forget events that are long over, at most once a minute."""
        keep = self.settings.keep_events
        if keep is not None and not 0 <= now - self._pruned < _PRUNE_SECONDS:
            self._pruned = now
            self.programs.prune(now - keep)
            Tariffs(self.store, self.programs.new_mrid).prune(now - keep)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def _admit(self, method: str, path: str, client: bytes, headers: Mapping[str, str]) -> Route:
        """Return the route of a request, if its head is in order."""
        if not client:
            raise RequestError(403, "no client certificate")
        self.outages.check(path, self._clock())
        route = self.router.find(method, path)
        accept, content_type = headers.get("accept", ""), headers.get("content-type", "")
        expected = (self.profile.for_2018 or self.profile).content_type
        check_accept(accept, expected, route.media_type)
        if method in _WITH_BODY:
            check_content_type(content_type, expected)
            check_content_encoding(headers.get("content-encoding", ""))
            announced = headers.get("content-length", "0")
            if announced.isdecimal() and int(announced) > self.settings.max_body:
                raise too_large(f"the body has {announced} octets, at most {self.settings.max_body} are taken")
        if self.profile.for_2018 and not route.media_type:
            choose_level(accept, content_type)
        return route

    def decode(self, content: bytes | None) -> Any:
        """Return the typed object of a body that the schema allows, or else the RequestError that it is refused with.

        It changes nothing and may run in another thread, beside requests that are processed.
        """
        if content is None:
            return RequestError(400, "the client went away before the body was complete", _FORMAT)
        if len(content) > self.settings.max_body:
            return too_large(f"the body has more than {self.settings.max_body} octets")
        try:
            return loads(self._count_readings(content), profile=self.profile, validate=True, max_size=None)
        except ValidationError as error:
            # envoy-client 0.1 itself writes what its schema does not allow, such as `multipler`.
            return RequestError(400, str(error), _FORMAT) if self.linked else self._decode_loosely(content)
        except DocumentError as error:
            return RequestError(400, str(error), _FORMAT)

    def _decode_loosely(self, content: bytes) -> Any:
        """Return the typed object of what can be read of a body; the rest is in the log."""
        try:
            return loads(content, profile=self.profile, on_error=lambda error: self._write(f"warning: {error}"))
        except DocumentError as error:
            return RequestError(400, str(error), _FORMAT)

    def _count_readings(self, content: bytes) -> bytes:
        return (metering.count_readings(content) or content) if self.settings.lenient else content

    def _typed(self, decoded: Any, route: Route) -> Any:
        """Return a body that has been decoded, if it is one that the resource takes."""
        if isinstance(decoded, RequestError):
            raise decoded
        if not isinstance(decoded, route.accepts):
            names = " or ".join(cls.__name__ for cls in route.accepts)
            raise RequestError(400, f"the body is a {type(decoded).__name__}, expected {names}", _FORMAT)
        return decoded

    def _response(
        self,
        method: str,
        path: str,
        status: int,
        body: Any,
        headers: Mapping[str, str],
        detail: str = "",
        profile: Profile | None = None,
    ) -> Response:
        self._note(method, path, status, detail)
        if body is None:
            return Response(status, headers)
        spoken = profile or self.profile.for_2018 or self.profile
        written = body if spoken is self.profile else leave_out_later(body, spoken)
        content = dumps(written, profile=spoken, validate=False)
        return Response(status, {**headers, "content-type": spoken.content_type}, content)

    def _write(self, line: str) -> None:
        if self.log is not None:
            self.log(line)

    def _note(self, method: str, path: str, status: int, detail: str = "") -> None:
        self._write(f"{method} {quote(path)} {status} {' '.join(detail.split())}".rstrip())


def _parts(href: str) -> tuple[str, dict[str, str]]:
    """Return path and query of an href."""
    path, _, query = _ORIGIN.sub("", href).partition("?")
    return unquote(path), dict(parse_qsl(query, keep_blank_values=True))
