"""The profiles of the protocol: how one set of typed models looks on the wire in each edition.

The models hold the union of what all profiles know. A profile says in which namespace the extension elements travel,
which media type goes with them, by which schema the result is validated, which steps a registration takes, and which
dialect its servers speak: identity, codec and protocol each look up their part of the dialect by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from envoy._text import suggest
from envoy.errors import ProfileError
from envoy.namespaces import MODEL_EXTENSION_NAMESPACE

_DISCOVERY = ("device-capability", "time", "end-device", "registration", "fsa")
_DEVICE = ("device-information", "der")
_STEPS = (*_DISCOVERY, "connection-point", *_DEVICE)
_DIALECTS = ("standard", "envoy-0.1")
LEVELS = {"2018": "S1", "2023": "S2"}
"""The level of the schema of each edition, as media types and DNS-SD have it after a sign."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One edition of the protocol on the wire: one of PROFILES, or one of your own for a schema that extends theirs.

    A profile of your own says what differs from the standard::

        ACME = Profile(name="acme", schema=Path("acme/sep-acme.xsd").resolve(), package="acme")
        ACME_AUSTRALIA = dataclasses.replace(PROFILES["csip-aus-1.3"], name="acme-au", schema=..., package=...)

    Attributes:
        name: Name on the command line and in the API.
        schema: Entry file of the XSD that documents of this profile are validated against, absolute or relative to
            the schema folder.
        package: Import name of the bindings that documents are read with unless a class of others is asked for.
        extension_namespace: XML namespace of the CSIP-AUS elements; None where there are none.
        content_type: Media type of what is sent and asked for (IEEE 2030.5-2018, 5.6).
        extension_schema: XSD that declares the CSIP-AUS elements, like ``schema``. Empty: all of them are known if
            there is an ``extension_namespace``, none if there is not.
        steps: Steps of a registration, in order.
        edition: Year of the edition of IEEE 2030.5: what came with a later one is not written.
        schema_version: The ``schemaVer`` of what is written; empty for none.
        dialect: ``standard``, or ``envoy-0.1`` for the XML, the paths and the LFDIs of envoy-client 0.1.

    Raises:
        ProfileError: There is no such dialect or step.
    """

    name: str
    schema: str | Path
    package: str = "sep2"
    extension_namespace: str | None = None
    content_type: str = "application/sep+xml"
    extension_schema: str | Path = ""
    steps: tuple[str, ...] = (*_DISCOVERY, *_DEVICE)
    edition: str = "2018"
    schema_version: str = ""
    dialect: str = "standard"

    def __post_init__(self) -> None:
        for what, names, known in (
            ("dialect", (self.dialect,), _DIALECTS),
            ("edition", (self.edition,), LEVELS),
            ("step", self.steps, _STEPS),
        ):
            unknown = next((name for name in names if name not in known), None)
            if unknown is not None:
                raise ProfileError(
                    f"unknown {what} {unknown!r} of the profile {self.name}",
                    remedy=f"The {what}s are {', '.join(known)}.",
                )

    def __hash__(self) -> int:
        # Profiles are looked up for each message, and hardly any two have the same name.
        return hash(self.name)

    @property
    def for_2018(self) -> Profile | None:
        """The profile for a peer that speaks the edition of 2018 alone; None if this one is of that edition itself."""
        return _for_2018(self) if self.edition > "2018" else None

    @property
    def csip_aus(self) -> bool:
        """Whether it has the extensions of CSIP-AUS, of any edition."""
        return self.extension_namespace is not None

    @property
    def csip_aus_1_3(self) -> bool:
        """Whether it has those of CSIP-AUS 1.3, whose servers may give the path of DeviceCapability."""
        return self.extension_namespace == MODEL_EXTENSION_NAMESPACE


@cache
def _for_2018(profile: Profile) -> Profile:
    media_type, *parameters = profile.content_type.split(";")
    others = [part for part in parameters if not part.strip().startswith("level=")]
    content_type = ";".join([media_type, *others])
    return replace(profile, content_type=content_type, edition="2018", schema_version="")


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="ieee-2018", schema="sep/sep.xsd"),
        Profile(
            name="ieee-2023",
            content_type="application/sep+xml; level=-S2",
            schema="sep-2023/sep.xsd",
            edition="2023",
            schema_version="2.2",
        ),
        Profile(
            name="csip-aus-1.2",
            extension_namespace="https://csipaus.org/ns",
            schema="csipaus/1.2/core.xsd",
            extension_schema="csipaus/1.2/csipaus.xsd",
            steps=_STEPS,
        ),
        Profile(
            name="csip-aus-1.3",
            extension_namespace=MODEL_EXTENSION_NAMESPACE,
            content_type="application/sep+xml; csipaus=1.3",
            schema="csipaus/1.3/core.xsd",
            extension_schema="csipaus/1.3/csipaus.xsd",
            steps=_STEPS,
        ),
        Profile(
            name="envoy-0.1",
            content_type="application/xml",
            schema="envoy/envoy-0.1.xsd",
            steps=("end-device", *_DEVICE, "connection-point"),
            dialect="envoy-0.1",
        ),
    )
}
"""All profiles by name."""

LINKED = tuple(name for name, profile in PROFILES.items() if profile.dialect == "standard")
"""Names of the profiles in the dialect of the standard, whose servers have links."""

DEFAULT_PROFILE = "csip-aus-1.2"


def get_profile(profile: str | Profile = DEFAULT_PROFILE) -> Profile:
    """Return a profile by its name; a Profile is returned as it is.

    Raises:
        ProfileError: There is no profile of that name.
    """
    if isinstance(profile, Profile):
        return profile
    found = PROFILES.get(profile)
    if found is None:
        guess = suggest(profile, PROFILES, cutoff=0.4)
        raise ProfileError(f"unknown profile {profile!r}", remedy=f"The profiles are {', '.join(PROFILES)}.{guess}")
    return found
