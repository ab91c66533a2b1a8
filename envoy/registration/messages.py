"""The messages of a registration, made from a site, encoded and validated before any is sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import sep2
from envoy import documents
from envoy.bindings.fields import fields_of
from envoy.errors import EncodeError, SiteError
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import Profile
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.registration.site import Site, SiteDER, SiteDERComponent, require_site
from envoy.validation.findings import ValidationError

Part = TypeVar("Part", SiteDER, SiteDERComponent)


@dataclass(frozen=True, slots=True)
class Messages:
    """The typed messages that a registration writes, and their octets.

    Attributes:
        profile: How the messages look on the wire.
        end_device: The EndDevice of the site.
        connection_point: Its connection point, None if the site has no NMI.
        device_information: Its maker and model, None if the site has none.
        ders: Its distributed energy resources, times filled in.
    """

    profile: Profile
    end_device: sep2.EndDevice
    connection_point: sep2.ConnectionPoint | sep2.EnvoyConnectionPoint | None
    device_information: sep2.DeviceInformation | None
    ders: tuple[SiteDER, ...]
    _octets: dict[int, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, site: Site, profile: Profile, *, now: int, validate: bool = True) -> Self:
        """Make the messages of a site.

        Args:
            site: The site.
            profile: How they look on the wire.
            now: Time of sending, in seconds since 1970.
            validate: Validate each against the profile's schema.

        Raises:
            SiteError: It is not a Site, or has DERs that the edition of the profile has not.
            IdentityError: SFDI or PIN do not fit the LFDI or the check digit rule, or the LFDI is of another profile.
            EncodeError, ValidationError: A message cannot be written in this profile, or is not valid.
        """
        site = dataclasses.replace(require_site(site), lfdi=IDENTITY_DIALECTS[profile.dialect].own_lfdi(site.lfdi))
        site.check_identity()
        _check_ders(site.ders, profile)
        information, protocol = site.device_information, PROTOCOL_DIALECTS[profile.dialect]
        messages = cls(
            profile=profile,
            end_device=sep2.EndDevice(
                lfdi=site.lfdi,
                sfdi=site.short_identifier,
                device_category=site.device_category,
                changed_time=now,
                enabled=site.enabled,
                post_rate=site.post_rate,
            ),
            connection_point=None if site.nmi is None else protocol.connection_point(site.nmi),
            device_information=information and dataclasses.replace(information, lfdi=site.lfdi),
            ders=tuple(
                dataclasses.replace(_at_sending(der, now), components=[_at_sending(x, now) for x in der.components])
                for der in site.ders
            ),
        )
        messages._encode(validate=validate)
        return messages

    def _encode(self, *, validate: bool) -> None:
        """Encode every message that the profile's steps may send, and keep the octets for sending them."""
        point = self.connection_point if "connection-point" in self.profile.steps else None
        messages: list[tuple[str, Any]] = [
            ("", message) for message in (self.end_device, point, self.device_information)
        ]
        for number, der in enumerate(self.ders, start=1):
            messages += [(f"der[{number}] ", message) for message in _parts(der)]
            for index, component in enumerate(der.components, start=1):
                where = f"der[{number}].components[{index}] "
                messages += [(where, message) for message in _parts(component)]
        for place, message in messages:
            if message is None:
                continue
            try:
                self._octets[id(message)] = documents.dumps(message, profile=self.profile, validate=validate)
            except EncodeError as error:
                raise EncodeError(error.what, where=place + error.where, remedy=error.remedy) from None
            except ValidationError as error:
                raise ValidationError(error.findings, where=place + error.where) from None

    def content(self, message: Any) -> bytes:
        """Return a message as it is sent: the octets that were validated, if it is one of the site's."""
        return self._octets.get(id(message)) or documents.dumps(message, profile=self.profile, validate=False)

    def extension_of(self, message: Any) -> tuple[str, ...]:
        """Return the names of the fields of a message that an extension has, which a server may not know."""
        model: type = type(message)
        return tuple(
            item.name
            for item in fields_of(model)
            if item.namespace not in ("", SEP_NAMESPACE) and getattr(message, item.name) not in (None, [])
        )


def _check_ders(ders: Sequence[SiteDER], profile: Profile) -> None:
    """Check that a site has as many DERs as the edition of a profile has, and parts of them only where it has them."""
    if profile.edition >= "2023" and len(ders) > 1:
        remedy = "Describe all of it as one [[der]], and what it consists of as [[der.components]], each with its lfdi."
        raise SiteError(
            f"there are {len(ders)} DERs, and in IEEE 2030.5-2023 a site has one", where="der", remedy=remedy
        )
    for number, der in enumerate(ders, start=1):
        if der.components and profile.edition < "2023":
            what = f"DERComponents came with IEEE 2030.5-2023, and the profile {profile.name} is of {profile.edition}"
            remedy = "Describe each as a [[der]], or use the profile ieee-2023."
            raise SiteError(what, where=f"der[{number}].components", remedy=remedy)


def _parts(der: SiteDER | SiteDERComponent) -> tuple[Any, ...]:
    return der.capability, der.settings, der.status, der.availability


def _at_sending(der: Part, now: int) -> Part:
    """Return a DER or a part of one with the times of sending where it has none."""
    return dataclasses.replace(
        der,
        settings=_at(der.settings, "updated_time", now),
        status=_at(der.status, "reading_time", now),
        availability=_at(der.availability, "reading_time", now),
    )


def _at(message: Any, name: str, now: int) -> Any:
    if message is None or getattr(message, name):
        return message
    return dataclasses.replace(message, **{name: now})
