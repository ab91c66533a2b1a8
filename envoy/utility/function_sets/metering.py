"""The metering mirror: MirrorUsagePoints and the readings posted to them (IEEE 2030.5-2018, 10.11.3).

Readings are kept just as they were posted, one resource for each MirrorMeterReading below the ``mr`` of its
MirrorUsagePoint, so that a test can look at what has arrived. A real utility would merge them into a UsagePoint. One
whose MirrorReadingSets have the mRIDs of an earlier one replaces that, so what is posted twice is there once.

Beside the readings there are resources that no path leads to: ``rt/MRID`` says that the ReadingType of an mRID is
known, and ``used`` when something was last posted. A list of all mRIDs says whose each is: no other client may use it.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from envoy.codec.parser import parse
from envoy.errors import DocumentError
from envoy.namespaces import SEP_NAMESPACE
from envoy.utility.clock import make_time
from envoy.utility.rates import post_rate
from envoy.utility.resource import Document, Reply, RequestError, Resource, StoredList, too_large
from envoy.utility.router import Route
from sep2 import MirrorMeterReading, MirrorMeterReadingList, MirrorUsagePoint, MirrorUsagePointList, Reading, Time

_LIST = "/mup"
_MRIDS = "/mup/mrid"


class _Mirrors(Resource):
    """MirrorUsagePoints as they are sent: with their address, and the postRate of the settings if it has one."""

    def present(self, path: str, found: MirrorUsagePoint) -> None:
        super().present(path, found)
        ordered = post_rate(self.store, MirrorUsagePoint)
        rate = self.settings.post_rate if ordered is None else ordered
        if rate is not None:
            found.post_rate = rate


class MirrorUsagePointListResource(_Mirrors, StoredList):
    """The MirrorUsagePoints of the client."""

    list_class = MirrorUsagePointList

    def post(self) -> Reply:
        """Take a MirrorUsagePoint: 201 if its mRID is new to this client, 204 if it replaces one."""
        mirror: MirrorUsagePoint = self.body
        _check_amount(self, mirror.mirror_meter_reading)
        mirror.href = None
        key = f"{self.client.hex()}/{mirror.mrid.hex()}"
        found = self.store.find(self.path, key)
        if found is None:
            path = self.store.add(self.client, self.path, mirror, key=key)
        else:
            path = found[0]
            self.store.put(self.client, path, mirror)
        for reading in mirror.mirror_meter_reading:
            if reading.reading_type is not None:
                _keep_reading_type(self, path, reading)
        _use(self, path)
        self.store.changes.note(MirrorUsagePoint, path, [mirror.device_lfdi], owner=self.client)
        return Reply(201 if found is None else 204, location=path)


class MirrorUsagePointResource(_Mirrors, Document):
    """A MirrorUsagePoint, until it expires."""

    def post(self) -> Reply:
        """Take a MirrorMeterReading or a list of them."""
        mirror: MirrorUsagePoint = self.load()
        several = isinstance(self.body, MirrorMeterReadingList)
        readings: list[MirrorMeterReading] = self.body.mirror_meter_reading if several else [self.body]
        _check_amount(self, readings)
        locations = [self._add(reading) for reading in readings]
        values = [each.value or 0 for reading in readings for each in _values(reading)]
        self.store.changes.note(
            MirrorMeterReadingList, f"{self.path}/mr", [mirror.device_lfdi], owner=self.client, values=values
        )
        _use(self, self.path)
        return Reply(201, location=f"{self.path}/mr" if several else locations[0])

    def delete(self) -> Reply:
        """Remove it with its readings."""
        mirror: MirrorUsagePoint = self.load()
        self.store.changes.note(MirrorUsagePoint, self.path, [mirror.device_lfdi], owner=self.client)
        return self.remove()

    def _add(self, reading: MirrorMeterReading) -> str:
        mrid = reading.mrid.hex()
        if reading.reading_type is not None:
            _keep_reading_type(self, self.path, reading)
        elif not self.store.exists(self.client, f"{self.path}/rt/{mrid}"):
            raise RequestError(400, f"the first MirrorMeterReading with mRID {mrid.upper()} has no ReadingType")
        reading.href = None
        collection = f"{self.path}/mr"
        sets = [each.mrid.hex() for each in reading.mirror_reading_set]
        key = " ".join([mrid, *sets]) if sets else None
        found = self.store.find(collection, key) if key else None
        if found is None:
            return self.store.add(self.client, collection, reading, key=key)
        self.store.put(self.client, found[0], reading)
        return found[0]


class MirrorMeterReadingListResource(StoredList):
    """The MirrorMeterReadings posted to a MirrorUsagePoint, in the order they came."""

    list_class = MirrorMeterReadingList


def count_readings(content: bytes) -> bytes | None:
    """Return a MirrorMeterReadingList with the ``all`` and ``results`` that it lacks; None for anything else."""
    try:
        root = parse(content)
    except DocumentError:
        return None
    missing = [name for name in ("all", "results") if root.get(name) is None]
    if root.tag != f"{{{SEP_NAMESPACE}}}MirrorMeterReadingList" or not missing:
        return None
    number = len(root.findall(f"{{{SEP_NAMESPACE}}}MirrorMeterReading"))
    for name in missing:
        root.set(name, str(number))
    return etree.tostring(root, encoding="utf-8")


def expire_mirrors(request: Resource) -> None:
    """Remove the client's MirrorUsagePoints that nothing was posted to for too long."""
    lifetime = request.settings.mirror_lifetime
    if lifetime is None:
        return
    store, client = request.store, request.client
    for path, _ in store.page(client, _LIST, 0, store.count(client, _LIST)):
        used: Time | None = store.get(client, f"{path}/used")
        if used is None or used.current_time is None or used.current_time + lifetime <= request.now:
            store.delete(client, path)


def _use(request: Resource, path: str) -> None:
    request.store.put(request.client, f"{path}/used", make_time(request.now))


def _keep_reading_type(request: Resource, path: str, reading: MirrorMeterReading) -> None:
    mrid = reading.mrid.hex().upper()
    found = request.store.find(_MRIDS, mrid)
    if found is None:
        request.store.add(request.client, _MRIDS, reading.reading_type, key=mrid)
    elif found[1] != request.client:
        status = 403 if request.store.profile.edition >= "2023" else 400
        raise RequestError(status, f"the mRID {mrid} is one of another client's MirrorMeterReadings")
    request.store.put(request.client, f"{path}/rt/{reading.mrid.hex()}", reading.reading_type)


def _values(reading: MirrorMeterReading) -> list[Reading]:
    own = [] if reading.reading is None else [reading.reading]
    return own + [each for group in reading.mirror_reading_set for each in group.reading]


def _check_amount(request: Resource, readings: Sequence[MirrorMeterReading]) -> None:
    amount = sum(len(_values(reading)) for reading in readings)
    most = request.settings.max_readings
    if amount > most:
        raise too_large(f"{amount} readings, at most {most} are taken at a time")


ROUTES = (
    Route(_LIST, MirrorUsagePointListResource, (MirrorUsagePoint,)),
    Route("/mup/{mup}", MirrorUsagePointResource, (MirrorMeterReading, MirrorMeterReadingList)),
    Route("/mup/{mup}/mr", MirrorMeterReadingListResource),
    Route("/mup/{mup}/mr/{mr}", Document),
)
