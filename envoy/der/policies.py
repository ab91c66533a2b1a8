"""The choices where editions and utilities differ: which events vanish, which responses are sent, what resumes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from envoy.errors import EnvoyError
from envoy.profiles import Profile
from sep2 import ResponseStatus


class Edition(StrEnum):
    """The edition of IEEE 2030.5 that the server follows."""

    E2018 = "2018"
    """An event that a server no longer lists goes on."""
    E2023 = "2023"
    """An event that a server no longer lists is cancelled. Responses say which modes they are about."""


class Responses(StrEnum):
    """The statuses of the responses that are sent."""

    FULL = "full"
    """All that the standard has for a DER."""
    CSIP_AUS = "csip-aus"
    """Those that CSIP-AUS utilities accept: received, started, completed, cancelled and superseded."""


class Superseded(StrEnum):
    """What becomes of a mode that an event lost to another, after the other has ended."""

    FINAL = "final"
    """The event does not get it back; one that has lost all its modes has ended."""
    RESUMES = "resumes"
    """The event gets it back, until its own end."""


_CSIP_AUS = frozenset(
    {
        ResponseStatus.EVENT_RECEIVED,
        ResponseStatus.EVENT_STARTED,
        ResponseStatus.EVENT_COMPLETED,
        ResponseStatus.CANCELLED,
        ResponseStatus.SUPERSEDED,
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The choices by which a device follows its server.

    Each may be given by its name, such as ``superseded="resumes"``.

    Attributes:
        edition: The edition of the standard.
        responses: The statuses that are sent.
        superseded: Whether what was superseded resumes.

    Raises:
        EnvoyError: One of them is none of the choices.
    """

    edition: Edition = Edition.E2018
    responses: Responses = Responses.FULL
    superseded: Superseded = Superseded.FINAL

    def __post_init__(self) -> None:
        choices: dict[str, type[StrEnum]] = {"edition": Edition, "responses": Responses, "superseded": Superseded}
        for name, kind in choices.items():
            given = getattr(self, name)
            try:
                object.__setattr__(self, name, kind(given))
            except ValueError:
                raise EnvoyError(f"{name} is {given!r}", remedy=f"It is one of {', '.join(kind)}.") from None

    @classmethod
    def of_profile(cls, profile: Profile) -> Self:
        """Return what is usual where a profile is spoken."""
        responses = Responses.CSIP_AUS if profile.csip_aus else Responses.FULL
        return cls(edition=Edition(profile.edition), responses=responses)

    @property
    def refusal(self) -> ResponseStatus:
        """The status of a response to what the device does not do: 251 in 2023, which 2018 reserves, else 252."""
        return ResponseStatus.NOT_SUPPORTED if self.edition is Edition.E2023 else ResponseStatus.NOT_APPLICABLE

    def allows(self, status: ResponseStatus) -> bool:
        """Return whether responses of a status may be sent."""
        return self.responses is Responses.FULL or status in _CSIP_AUS
