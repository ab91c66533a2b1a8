"""Clients of a utility in this process, and what they send."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from envoy.documents import dumps, loads
from envoy.identity import sfdi_of_lfdi, site_lfdi
from envoy.namespaces import SEP_NAMESPACE
from envoy.protocol.flow import Response
from envoy.utility import Utility
from envoy.validation.validate import validate
from sep2 import (
    ActivePower,
    ApparentPower,
    DERAvailability,
    DERCapability,
    DERControlType,
    DERSettings,
    DERStatus,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    DOEControlType,
    EndDevice,
    Error,
    MirrorMeterReading,
    MirrorReadingSet,
    MirrorUsagePoint,
    Reading,
    ReadingType,
    RegistrationLink,
    RoleFlagsType,
    ServiceKind,
    UomType,
    UsagePointStatus,
)
from sep2.resource import DateTimeInterval

PROFILES = ("ieee-2018", "ieee-2023", "csip-aus-1.2", "csip-aus-1.3")
SEP = "application/sep+xml"


class Client:
    """A client of a utility. Every body that comes back is valid by the schema of its profile."""

    def __init__(self, utility: Utility, lfdi: bytes = b"") -> None:
        self.utility = utility
        self.lfdi = lfdi or new_lfdi()

    def request(
        self, method: str, href: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Response:
        media_type = self.utility.profile.content_type
        given = {"accept": media_type, "content-type": media_type} if headers is None else headers
        response = self.utility.respond(method, href, client=self.lfdi, headers=given, content=content)
        if response.content:
            # To what has a schemaVer the response has one as well.
            schema_version = b"schemaVer" in (content or b"")
            profile = self.utility.profile if schema_version else self.utility.find_profile(given)
            assert response.headers["content-type"] == profile.content_type
            content = response.content
            if response.status >= 400:
                # The schema of the standard has no message.
                content = dumps(loads(content, Error), profile=profile)
            assert validate(content, profile="ieee-2018" if profile is self.utility.profile.for_2018 else profile) == []
        else:
            assert response.status in (200, 201, 204, 302)
        return response

    def get(self, href: str) -> Response:
        return self.request("GET", href)

    def delete(self, href: str) -> Response:
        return self.request("DELETE", href)

    def load(self, path: str, cls: type, **query: Any) -> Any:
        response = self.get(f"{path}?{urlencode(query)}")
        assert response.status == 200, response
        return loads(response.content, cls)

    def send(self, method: str, path: str, obj: Any) -> Response:
        return self.request(method, path, dumps(obj, profile=self.utility.profile))

    def register(self, lfdi: bytes) -> str:
        response = self.send("POST", "/edev", end_device(lfdi))
        assert response.status == 201
        return response.location


_site_numbers = itertools.count(1)


def new_lfdi() -> bytes:
    """Return the LFDI of a site that no test has used before."""
    return site_lfdi(next(_site_numbers), pen=28547)


def end_device(lfdi: bytes | None, sfdi: int | None = None) -> EndDevice:
    return EndDevice(
        lfdi=lfdi,
        sfdi=sfdi_of_lfdi(lfdi or bytes(20)) if sfdi is None else sfdi,
        changed_time=0,
        device_category=DeviceCategoryType(1 << 18),
        post_rate=60,
        registration_link=RegistrationLink(href="/made-up-by-the-client"),
    )


def device_information(lfdi: bytes) -> DeviceInformation:
    return DeviceInformation(
        lfdi=lfdi,
        mf_date=0,
        mf_hw_ver="1",
        mf_id=37250,
        mf_model="ACME",
        mf_ser_num="1",
        primary_power=1,
        secondary_power=0,
        sw_act_time=0,
        sw_ver="1",
    )


def der_capability(profile: str) -> DERCapability:
    return DERCapability(
        modes_supported=DERControlType(1),
        rtg_max_w=ActivePower.of(5000),
        rtg_max_va=ApparentPower.of(5000),
        type=DERType(83),
        doe_modes_supported=None if profile.startswith("ieee") else DOEControlType(3),
    )


def der_messages(profile: str) -> dict[str, Any]:
    return {
        "dercap": der_capability(profile),
        "derg": DERSettings(set_grad_w=100, set_max_w=ActivePower.of(5000), updated_time=1),
        "ders": DERStatus(reading_time=1),
        "dera": DERAvailability(reading_time=1, availability_duration=60),
    }


def mirror(lfdi: bytes, mrid: bytes, description: str = "site") -> MirrorUsagePoint:
    return MirrorUsagePoint(
        mrid=mrid,
        description=description,
        role_flags=RoleFlagsType(1),
        service_category_kind=ServiceKind(0),
        status=UsagePointStatus(1),
        device_lfdi=lfdi,
    )


def reading(mrid: bytes, amount: int = 1, *, explained: bool = True) -> MirrorMeterReading:
    interval = DateTimeInterval(duration=300, start=0)
    return MirrorMeterReading(
        mrid=mrid,
        reading_type=ReadingType(uom=UomType(38)) if explained else None,
        mirror_reading_set=[
            MirrorReadingSet(
                mrid=mrid + bytes([amount]), time_period=interval, reading=[Reading(value=n) for n in range(amount)]
            )
        ],
    )


def message_of(response: Response) -> str:
    return etree.fromstring(response.content).findtext(f"{{{SEP_NAMESPACE}}}message", "")


def reason_of(response: Response) -> int:
    return int(loads(response.content, Error).reason_code)
