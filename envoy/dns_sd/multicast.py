"""Queries by multicast DNS: the input and output of an inquiry, by zeroconf.

They come from a port of their own, which makes them one-shot queries (RFC 6762, 6.7): responses come back to it, and
nothing is in the way of a responder that the machine has on port 5353.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from envoy.dns_sd.inquiry import Inquiry, Kind, Question, Record
from envoy.dns_sd.servers import FoundServers
from envoy.errors import DiscoveryError, EnvoyError

if TYPE_CHECKING:
    from zeroconf import Zeroconf

TIMEOUT = 4.0
"""Seconds that a search takes at most, unless told otherwise."""

_LOOK_SECONDS = 0.1
_AGAIN_SECONDS = 1.0
"""Seconds after which a question without a response is asked again, as RFC 6762, 5.2 has it."""


def find_servers(sfdis: Sequence[int] = (), *, timeout: float = TIMEOUT, first_own: bool = False) -> FoundServers:
    """Search the local network for servers.

    With SFDIs, only servers that have their EndDevices are asked for in the first half of the time, and all of them in
    the second.

    Args:
        sfdis: SFDIs of EndDevices that the server may have.
        timeout: Seconds that it takes.
        first_own: End after the first half if a server has responded that has one of the EndDevices.

    Raises:
        EnvoyError: The package zeroconf is not installed.
        DiscoveryError: Nothing can be sent by multicast.
    """
    require_zeroconf()
    inquiry = Inquiry(tuple(sfdis))
    with _open() as socket, _listen(socket, inquiry) as lock:
        begun = time.monotonic()
        if sfdis:
            _ask(socket, inquiry, lock, until=begun + timeout / 2, everyone=False)
        if not (first_own and any(server.own for server in inquiry.found().servers)):
            _ask(socket, inquiry, lock, until=begun + timeout, everyone=True)
    return inquiry.found()


def require_zeroconf() -> None:
    """Raise an EnvoyError if the extra ``discover`` is not installed."""
    if importlib.util.find_spec("zeroconf") is None:
        raise EnvoyError("this needs the package zeroconf", remedy="pip install 'envoy-client[discover]'")


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise what zeroconf raises of a network without multicast as a DiscoveryError."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise DiscoveryError(
            f"multicast DNS cannot be used: {error}",
            remedy="The machine needs a network interface with an address, and multicast allowed on it.",
        ) from error


@contextmanager
def _open() -> Iterator[Zeroconf]:
    from zeroconf import IPVersion, Zeroconf  # deferred: needs the extra

    with translate_errors():
        # Not in the loop of a caller who has one: this waits.
        try:
            socket = Zeroconf(unicast=True, ip_version=IPVersion.All, use_asyncio=False)
        except (OSError, RuntimeError):
            # A machine may lack IPv6.
            socket = Zeroconf(unicast=True, ip_version=IPVersion.V4Only, use_asyncio=False)
    try:
        yield socket
    finally:
        socket.close()


@contextmanager
def _listen(socket: Zeroconf, inquiry: Inquiry) -> Iterator[threading.Lock]:
    """Let an inquiry take what comes, in another thread; yield the lock that it takes meanwhile."""
    from zeroconf import RecordUpdate, RecordUpdateListener  # deferred: needs the extra

    lock = threading.Lock()

    class Listener(RecordUpdateListener):
        def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
            with lock:
                for update in records:
                    if (record := _read_record(update.new)) is not None:
                        inquiry.take(record)

    socket.add_listener(Listener(), None)
    yield lock


def _ask(socket: Zeroconf, inquiry: Inquiry, lock: threading.Lock, *, until: float, everyone: bool) -> None:
    asked: dict[Question, float] = {}
    while (now := time.monotonic()) < until:
        with lock:
            questions = [*inquiry.own_questions(), *(inquiry.all_questions() if everyone else ())]
            questions += inquiry.open_questions()
        due = [each for each in questions if now - asked.get(each, now - _AGAIN_SECONDS) >= _AGAIN_SECONDS]
        asked |= dict.fromkeys(due, now)
        if due:
            _send(socket, due)
        time.sleep(min(_LOOK_SECONDS, until - now))


def _send(socket: Zeroconf, questions: Sequence[Question]) -> None:
    # deferred: needs the extra. ServiceBrowser has no use for subtypes that do not begin with an underscore.
    from zeroconf import DNSOutgoing, DNSQuestion, const  # type: ignore[attr-defined]

    message = DNSOutgoing(const._FLAGS_QR_QUERY)
    for question in questions:
        asked = DNSQuestion(question.name, getattr(const, f"_TYPE_{question.kind}"), const._CLASS_IN)
        asked.unicast = True
        message.add_question(asked)
    socket.send(message)


def _read_record(record: Any) -> Record | None:
    """Return a record of zeroconf as an inquiry takes it; None if it is of no use to one."""
    from zeroconf import const  # deferred: needs the extra

    match record.type:
        case const._TYPE_PTR:
            return Record(record.name, Kind.PTR, record.alias)
        case const._TYPE_SRV:
            return Record(record.name, Kind.SRV, record.server, record.port)
        case const._TYPE_TXT:
            return Record(record.name, Kind.TXT, octets=record.text)
        case const._TYPE_A | const._TYPE_AAAA:
            kind = Kind.A if record.type == const._TYPE_A else Kind.AAAA
            with suppress(ValueError):
                return Record(record.name, kind, str(ipaddress.ip_address(record.address)))
    return None
