"""Inquiry: which questions of DNS to ask for servers, and the services that the records in the responses amount to.

The query for the EndDevices that are known comes first, ``edev-<SFDI>``; the plain one, to which all servers respond,
is for diagnosis, and for those that have no EndDevice of ours (IEEE 2030.5-2018, 7.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from envoy.dns_sd.servers import FoundServers, Service
from envoy.identity import format_sfdi

SERVICE_TYPE = "_smartenergy._tcp.local."
"""The service type of IEEE 2030.5 (7.3), in the domain of multicast DNS."""

MOST_INSTANCES = 64
"""Service instances that are asked for more, at most: one datagram from anybody can name hundreds."""

MOST_RECORDS = 16
"""Records of one name and kind that are kept, at most."""


class Kind(StrEnum):
    """Types of records, as DNS names them."""

    PTR = "PTR"
    SRV = "SRV"
    TXT = "TXT"
    A = "A"
    AAAA = "AAAA"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: which records of a kind a name has."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a response.

    Attributes:
        name: Whose it is.
        kind: Its type.
        text: The name that it leads to (PTR, SRV), or the address (A, AAAA).
        port: The port (SRV).
        octets: The content (TXT).
    """

    name: str
    kind: Kind
    text: str = ""
    port: int = 0
    octets: bytes = b""


def subtype(label: str) -> str:
    """Return the name to ask for a subtype: ``edev``, or ``edev-`` and an SFDI."""
    return f"{label}._sub.{SERVICE_TYPE}"


def device_label(sfdi: int) -> str:
    """Return the subtype of servers that have the EndDevice with an SFDI: ``edev-`` and its 12 digits."""
    return f"edev-{format_sfdi(sfdi)}"


@dataclass(slots=True)
class Inquiry:
    """What has been found out so far.

    Attributes:
        sfdis: SFDIs of our EndDevices.
    """

    sfdis: Sequence[int] = ()
    _records: dict[tuple[str, Kind], list[Record]] = field(default_factory=dict)

    def own_questions(self) -> list[Question]:
        """Return the questions for the servers that have an EndDevice of ours."""
        return [Question(subtype(device_label(sfdi)), Kind.PTR) for sfdi in self.sfdis]

    def all_questions(self) -> list[Question]:
        """Return the question for all servers."""
        return [Question(SERVICE_TYPE, Kind.PTR)]

    def open_questions(self) -> list[Question]:
        """Return the questions about what has been named and is not known yet."""
        asked = []
        for instance, _ in self._instances():
            host = self._host(instance)
            asked += [Question(instance, kind) for kind in (Kind.SRV, Kind.TXT) if not self._find(instance, kind)]
            if host and not (self._find(host, Kind.A) or self._find(host, Kind.AAAA)):
                asked += [Question(host, Kind.A), Question(host, Kind.AAAA)]
        return list(dict.fromkeys(asked))

    def take(self, record: Record) -> None:
        """Take a record of a response into account; of several that contradict each other, the last counts."""
        kept = self._records.setdefault((record.name.lower(), record.kind), [])
        if record in kept:
            return
        if record.kind in (Kind.SRV, Kind.TXT):
            kept.clear()
        if len(kept) < MOST_RECORDS or (record.kind is Kind.PTR and len(kept) < MOST_INSTANCES):
            kept.append(record)

    def found(self) -> FoundServers:
        """Return the servers that are known by now, and what is refused."""
        return FoundServers.of(self._service(instance, own=own) for instance, own in self._instances())

    def _instances(self) -> Iterator[tuple[str, bool]]:
        """Yield the service instances that have been named, and whether in response to the question for our own."""
        seen: set[str] = set()
        for question in (*self.own_questions(), *self.all_questions()):
            for record in self._find(question.name, Kind.PTR):
                name = record.text.lower()
                if name.endswith(f".{SERVICE_TYPE}") and name not in seen and len(seen) < MOST_INSTANCES:
                    seen.add(name)
                    yield record.text, question.name != SERVICE_TYPE

    def _service(self, instance: str, *, own: bool) -> Service:
        srv, txt = self._find(instance, Kind.SRV), self._find(instance, Kind.TXT)
        host = self._host(instance)
        addresses = [*self._find(host, Kind.A), *self._find(host, Kind.AAAA)]
        return Service(
            instance[: -len(SERVICE_TYPE) - 1],
            own,
            host.removesuffix("."),
            srv[0].port if srv else 0,
            tuple(record.text for record in addresses),
            txt[0].octets if txt else None,
        )

    def _host(self, instance: str) -> str:
        return next((record.text for record in self._find(instance, Kind.SRV)), "")

    def _find(self, name: str, kind: Kind) -> list[Record]:
        return self._records.get((name.lower(), kind), [])
