"""What the console shows: the sites, and of one all that the utility knows of it, as JSON can express it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from envoy.bindings.enums import Bitmap, Code
from envoy.identity import format_lfdi
from envoy.server.console.timeline import make_timeline
from envoy.utility import Utility
from sep2 import (
    DERSettings,
    DERStatus,
    EventCurrentStatus,
    MirrorMeterReading,
    MirrorUsagePoint,
    ReadingType,
    ResponseStatus,
    UomType,
)
from sep2.resource import DateTimeInterval

LARGEST_PAGE = 100
"""Most sites in one response."""

_KEPT_SECONDS = 3600
"""How long a control that is over is still shown."""
_RESPONSES = 100
"""Most responses that are shown of a site, the latest."""
_READINGS = 24
"""Most MirrorMeterReadings that are looked at in a MirrorUsagePoint, the latest."""

_UNITS = {
    UomType.AMPERE: "A",
    UomType.KELVIN: "K",
    UomType.DEGREE_CELSIUS: "°C",
    UomType.VOLT: "V",
    UomType.JOULE: "J",
    UomType.HERTZ: "Hz",
    UomType.WATT: "W",
    UomType.VOLT_AMPERE: "VA",
    UomType.VAR: "var",
    UomType.VOLT_AMPERE_HOUR: "VAh",
    UomType.WATT_HOUR: "Wh",
    UomType.VAR_HOUR: "varh",
    UomType.AMPERE_HOUR: "Ah",
    UomType.COS_THETA: "",
    UomType.NOT_APPLICABLE: "",
}


class View:
    """What there is to see of a utility. Nothing is kept here: each call looks at what it needs.

    Args:
        utility: The utility.
    """

    def __init__(self, utility: Utility) -> None:
        self._utility = utility

    def about(self) -> dict[str, Any]:
        """Return the profile and the time of the utility, and whether its clock stands still."""
        utility = self._utility
        return {"profile": utility.profile.name, "now": utility.now(), "stands_still": utility.stands_still}

    def list_sites(self, find: str, start: int, limit: int) -> dict[str, Any]:
        """Return one page of the sites, each with what it is to do from now on.

        Args:
            find: Only those with this in their NMI, LFDI or href; empty for all.
            start: How many to leave out.
            limit: How many at most.
        """
        wanted = find.replace(" ", "").upper()
        everyone = self._utility.list_sites()
        found = [each for each in everyone if any(wanted in (text or "").upper() for text in each.values())]
        page = found[start : start + min(limit, LARGEST_PAGE)]
        return {
            **self.about(),
            "total": len(everyone),
            "found": len(found),
            "start": start,
            "sites": [{**site, "modes": self._timeline(self._utility.list_programs(site["lfdi"]))} for site in page],
        }

    def show_site(self, site: str) -> dict[str, Any]:
        """Return all about a site.

        Raises:
            EnvoyError: There is no such site.
        """
        utility, now = self._utility, self._utility.now()
        (known,) = utility.list_sites(site)
        lfdi = known["lfdi"]
        programs = utility.list_programs(lfdi, since=now - _KEPT_SECONDS)
        responses = utility.ask("responses", site=lfdi)["responses"][-_RESPONSES:]
        for program in programs:
            # Of which others see it, a yes or no is enough.
            program["sites"] = "all" if program["sites"] == "all" else len(program["sites"])
            for control in program["controls"]:
                control["sites"] = "all" if control["sites"] == "all" else len(control["sites"])
                control["state"] = _name_state(control, now)
        return {
            **self.about(),
            **known,
            "programs": programs,
            "modes": self._timeline(programs),
            "responses": [{**each, "text": _name(ResponseStatus(each["status"]))} for each in reversed(responses)],
            "ders": list(self._ders(known["href"])),
            "readings": list(self._readings(known["href"], bytes.fromhex(lfdi))),
        }

    def _timeline(self, programs: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        return {mode: [asdict(each) for each in segments] for mode, segments in make_timeline(programs).items()}

    # What the site has sent

    def _owner(self, href: str | None) -> bytes:
        owner: bytes | None = self._utility.store.value("SELECT owner FROM resource WHERE path = ?", href)
        return owner or b""

    def _ders(self, href: str | None) -> Iterator[dict[str, Any]]:
        store, owner = self._utility.store, self._owner(href)
        for path, _ in store.page(owner, f"{href}/der", 0, LARGEST_PAGE):
            status, settings = store.get(owner, f"{path}/ders"), store.get(owner, f"{path}/derg")
            facts = [*_describe_status(status), *_describe_settings(settings)]
            yield {"href": path, "time": None if status is None else status.reading_time, "facts": facts}

    def _readings(self, href: str | None, lfdi: bytes) -> Iterator[dict[str, Any]]:
        store, owner = self._utility.store, self._owner(href)
        # Those of other sites of the same owner need not be decoded.
        query = "SELECT path, document FROM resource WHERE owner = ? AND list = '/mup' AND instr(document, ?)"
        for path, document in store.rows(query, owner, format_lfdi(lfdi).encode()):
            mirror: MirrorUsagePoint = store.loads(document)
            if mirror.device_lfdi != lfdi:
                continue
            latest: dict[bytes, dict[str, Any]] = {}
            rows = store.rows(
                "SELECT document FROM resource WHERE owner = ? AND list = ? ORDER BY position DESC LIMIT ?",
                *(owner, f"{path}/mr", _READINGS),
            )
            for (posted,) in rows:
                reading: MirrorMeterReading = store.loads(posted)
                kind = reading.reading_type or store.get(owner, f"{path}/rt/{reading.mrid.hex()}")
                found = _latest_of(reading, kind, mirror)
                before = latest.get(reading.mrid)
                if found is not None and (before is None or (before["time"] or 0) < (found["time"] or 0)):
                    latest[reading.mrid] = found
            yield from latest.values()


def _name_state(control: dict[str, Any], now: int) -> str:
    """Return the state of a control in a word; the status of one that has run to its end is still that it is active."""
    status = control["status"]
    if status == EventCurrentStatus.ACTIVE and control["start"] + control["duration"] <= now:
        return "over"
    return _name(EventCurrentStatus(status))


def _name(code: Code | Bitmap) -> str:
    """Return the name of a code, or those of a bitmap, in words."""
    if isinstance(code, Bitmap):
        return ", ".join(_words(each.name) for each in code) or "none"
    return _words(code.name).removeprefix("event ")


def _words(name: str | None) -> str:
    return (name or "").lower().replace("_", " ")


def _describe_status(status: DERStatus | None) -> Iterator[dict[str, str]]:
    if status is None:
        return
    for label, part in (
        ("generator", status.gen_connect_status),
        ("storage connection", status.stor_connect_status),
        ("operation", status.operational_mode_status),
        ("inverter", status.inverter_status),
        ("storage", status.storage_mode_status),
        ("control", status.local_control_mode_status),
    ):
        if part is not None:
            yield {"label": label, "value": _name(part.value)}
    if status.state_of_charge_status is not None:
        yield {"label": "charge", "value": f"{status.state_of_charge_status.value / 100:g} %"}
    if status.manufacturer_status is not None:
        yield {"label": "manufacturer", "value": str(status.manufacturer_status.value)}
    if status.alarm_status is not None:
        alarms = _name(status.alarm_status).replace("der fault ", "")
        yield {"label": "alarms", "value": alarms, **({} if alarms == "none" else {"alarm": "yes"})}


def _describe_settings(settings: DERSettings | None) -> Iterator[dict[str, str]]:
    if settings is None:
        return
    if settings.set_max_w is not None:
        yield {"label": "setMaxW", "value": f"{float(settings.set_max_w):,.0f} W"}
    yield {"label": "setGradW", "value": f"{settings.set_grad_w / 100:g} % of setMaxW per s"}


def _latest_of(
    reading: MirrorMeterReading, kind: ReadingType | None, mirror: MirrorUsagePoint
) -> dict[str, Any] | None:
    """Return the latest value of a MirrorMeterReading, in its unit; None if it has none."""
    several: list[tuple[DateTimeInterval | None, int]] = [
        (each.time_period or found.time_period, each.value)
        for found in reading.mirror_reading_set
        for each in found.reading
        if each.value is not None
    ]
    if reading.reading is not None and reading.reading.value is not None:
        several.append((reading.reading.time_period, reading.reading.value))
    if not several:
        return None
    period, value = max(several, key=lambda pair: pair[0].start if pair[0] else 0)
    uom = UomType.NOT_APPLICABLE if kind is None or kind.uom is None else kind.uom
    multiplier = 0 if kind is None else int(kind.power_of_ten_multiplier or 0)
    return {
        "mirror": mirror.description or "",
        "name": reading.description or "",
        "value": value * 10.0**multiplier,
        "unit": _UNITS.get(uom, _name(uom)),
        "time": None if period is None else period.start,
        "duration": None if period is None else period.duration,
    }
