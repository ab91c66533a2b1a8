"""Mirror: a measuring point and its channels, which the server sees as one MirrorUsagePoint.

Its mRID and those of its channels are made of the LFDI, the names and the ReadingTypes, so that the same description is
the same mirror on every run and every machine, and is found again on the server. An mRID ends in the PEN of who made
it, as protocol and LFDI have it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from envoy import documents
from envoy.errors import EncodeError, ReadingsError
from envoy.identity import LFDI_OCTETS
from envoy.metering.channel import Channel, active_power, digest, reactive_power, stored_energy, voltage
from envoy.validation.findings import ValidationError
from sep2 import (
    FlowDirectionType,
    MirrorMeterReading,
    MirrorUsagePoint,
    PhaseCode,
    RoleFlagsType,
    ServiceKind,
    UsagePointStatus,
)

RESERVED_NAMES = frozenset({"time", "channel", "value", "duration", "quality", "mirror", "reason"})
"""Columns of a CSV file with a meaning of their own, which no channel can be named after."""

SITE = RoleFlagsType.IS_MIRROR | RoleFlagsType.IS_PREMISES_AGGREGATION_POINT
"""Role of the measurement at the connection point of a site."""

DEVICE = RoleFlagsType.IS_MIRROR | RoleFlagsType.IS_DER | RoleFlagsType.IS_SUBMETER
"""Role of the measurement at a DER."""

PenForm = Literal["decimal", "hex"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirror:
    """A measuring point whose readings are posted.

    Attributes:
        lfdi: LFDI of the device whose readings these are, which need not be the client that posts them.
        pen: IANA Private Enterprise Number of who makes the mRIDs.
        channels: What is measured.
        name: Distinguishes the mirrors of one device; part of the mRIDs.
        role_flags: What is measured there: ``SITE`` or ``DEVICE``, or others.
        description: For people who look at the server, 32 characters at most; the name if None.
        service: Kind of service.
        status: Whether it is in operation.
        post_rate: Seconds between posts that the client would like; the server decides.
        mrid: Its mRID, 16 octets; made of LFDI and name if empty. So are those of its channels.
        pen_form: How mRIDs end in the PEN: in its decimal digits as in CSIP-AUS, or in the number as 32 bits.

    Raises:
        ReadingsError: The schema does not allow it, or it contradicts itself; all errors are reported.
    """

    lfdi: bytes
    pen: int
    channels: tuple[Channel, ...]
    name: str = "site"
    role_flags: RoleFlagsType = SITE
    description: str | None = None
    service: ServiceKind = ServiceKind.ELECTRICITY
    status: UsagePointStatus = UsagePointStatus.ON
    post_rate: int | None = None
    mrid: bytes = b""
    pen_form: PenForm = "decimal"

    def __post_init__(self) -> None:
        errors = list(self._errors())
        if errors:
            raise _unusable(errors)
        own = (self.lfdi, self.name.encode())
        object.__setattr__(self, "mrid", self.mrid or self._mrid(b"mirror", *own))
        named = [
            channel
            if channel.mrid
            else dataclasses.replace(
                channel,
                # With another multiplier or unit the same numbers mean something else: that is another series.
                mrid=self._mrid(b"channel", *own, channel.name.encode(), _meaning(channel.reading_type).encode()),
            )
            for channel in self.channels
        ]
        object.__setattr__(self, "channels", tuple(named))
        mrids = [channel.mrid for channel in self.channels]
        if repeated := [channel.name for channel in self.channels if mrids.count(channel.mrid) > 1]:
            raise _unusable([f"channels {', '.join(repeated)}: have the same mRID"])
        try:
            documents.dumps(self.usage_point(), profile="ieee-2018", validate=True)
        except ValidationError as error:
            raise _unusable(
                [f"{each.path}: {each.reason}. {each.remedy}".rstrip() for each in error.findings]
            ) from None
        except EncodeError as error:
            raise _unusable([f"{error.where}: {error.what}. {error.remedy}"]) from None

    def _errors(self) -> list[str]:
        errors = []
        if len(self.lfdi) != LFDI_OCTETS:
            errors.append(f"lfdi: has {len(self.lfdi)} octets, an LFDI has {LFDI_OCTETS}")
        if self.pen_form not in ("decimal", "hex"):
            errors.append(f"pen_form: is {self.pen_form!r}, expected decimal or hex")
        elif not 1 <= self.pen <= (99_999_999 if self.pen_form == "decimal" else 0xFFFF_FFFF):
            errors.append(f"pen: {self.pen} is not a Private Enterprise Number that fits into an mRID")
        if not self.channels:
            errors.append("channels: there are none")
        names = [channel.name for channel in self.channels]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                errors.append(f"channel {name}: there are {names.count(name)} of that name")
            if not name or name != name.strip() or not name.isprintable() or "," in name:
                errors.append(f"channel {name!r}: a name is printable text without commas and spaces around it")
            elif name in RESERVED_NAMES:
                errors.append(f"channel {name}: that is the name of another column of CSV files")
        return errors

    def _mrid(self, *parts: bytes) -> bytes:
        pen = bytes.fromhex(f"{self.pen:08d}") if self.pen_form == "decimal" else self.pen.to_bytes(4)
        return digest(*parts) + pen

    def channel(self, name: str) -> Channel:
        """Return the channel of a name.

        Raises:
            ReadingsError: There is none.
        """
        for channel in self.channels:
            if channel.name == name:
                return channel
        raise ReadingsError(
            f"the mirror {self.name} has no channel {name!r}",
            remedy=f"It has {', '.join(channel.name for channel in self.channels)}.",
        )

    def usage_point(self) -> MirrorUsagePoint:
        """Return the message that makes the mirror, with the ReadingType of each channel."""
        return MirrorUsagePoint(
            mrid=self.mrid,
            description=self.name if self.description is None else self.description,
            role_flags=self.role_flags,
            service_category_kind=self.service,
            status=self.status,
            device_lfdi=self.lfdi,
            post_rate=self.post_rate,
            mirror_meter_reading=[
                MirrorMeterReading(
                    mrid=channel.mrid,
                    description=channel.name if channel.description is None else channel.description,
                    reading_type=channel.reading_type,
                )
                for channel in self.channels
            ],
        )


def csip_aus_site(lfdi: bytes, pen: int, *, phases: int = 1, interval: int | None = 300) -> Mirror:
    """Return the mirror of a site's connection point, with what CSIP-AUS wants monitored there (our reading of it).

    That is real power, reactive power and voltage, as averages over the interval; import is positive.

    Args:
        lfdi: LFDI of the site.
        pen: PEN of who makes the mRIDs.
        phases: 1 or 3: how many phases have a voltage.
        interval: Seconds that one reading covers; None if each says so itself.
    """
    channels = _monitored(phases, interval, FlowDirectionType.FORWARD)
    return Mirror(lfdi=lfdi, pen=pen, name="site", role_flags=SITE, channels=channels)


def csip_aus_der(
    lfdi: bytes,
    pen: int,
    *,
    phases: int = 1,
    interval: int | None = 300,
    name: str = "der",
    storage: bool = False,
) -> Mirror:
    """Return the mirror of a site's DER: as ``csip_aus_site``, but what the DER puts out is positive.

    Args:
        lfdi: LFDI of the site.
        pen: PEN of who makes the mRIDs.
        phases: 1 or 3: how many phases have a voltage.
        interval: Seconds that one reading covers; None if each says so itself.
        name: Distinguishes it from other DERs of the site.
        storage: It has storage, whose energy is monitored as CSIP-AUS 1.3 wants it.
    """
    channels = _monitored(phases, interval, FlowDirectionType.REVERSE)
    if storage:
        channels = (*channels, stored_energy(interval=None))
    return Mirror(lfdi=lfdi, pen=pen, name=name, role_flags=DEVICE, channels=channels)


def _monitored(phases: int, interval: int | None, direction: FlowDirectionType) -> tuple[Channel, ...]:
    if phases not in (1, 3):
        raise _unusable([f"phases: {phases}, expected 1 or 3"])
    voltages = {"voltage": PhaseCode.PHASE_AN}
    if phases == 3:
        voltages = {"voltage-a": PhaseCode.PHASE_AN, "voltage-b": PhaseCode.PHASE_BN, "voltage-c": PhaseCode.PHASE_CN}
    powers = [measure(interval=interval, direction=direction) for measure in (active_power, reactive_power)]
    return (*powers, *(voltage(name, interval=interval, phase=phase) for name, phase in voltages.items()))


def _meaning(resource: Any) -> str:
    """Return what a ReadingType says as a text that is the same in every version of this package."""
    said = []
    for field in dataclasses.fields(resource):
        value = getattr(resource, field.name)
        if value is not None and field.name != "href":
            said.append(f"{field.name}={int(value) if isinstance(value, int) else _meaning(value)}")
    return f"({' '.join(said)})"


def _unusable(errors: list[str]) -> ReadingsError:
    return ReadingsError(
        "the mirror cannot be used:\n  " + "\n  ".join(errors),
        errors=errors,
        remedy="Correct what describes it; examples/mirror.toml is an example.",
    )
