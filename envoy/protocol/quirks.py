"""Deviations of utility servers from the standard, as data: what they do, where it was seen, what the code looks up.

A flow looks up the value of a quirk where it may meet it, whatever the server. ``docs/quirks.md`` is the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from envoy.bindings.quantities import Quantity
from envoy.namespaces import EXTENSION_NAMESPACES
from sep2 import DERType

T = TypeVar("T")

QUIRKS: list[Quirk[Any]] = []
"""All quirks that are registered, in order."""


@dataclass(frozen=True, slots=True)
class Quirk(Generic[T]):
    """One deviation; making it registers it.

    Attributes:
        name: Its name in the documentation.
        what: What servers do, and what is done about it.
        seen: Where it was seen.
        value: What the code looks up: statuses, fields, namespaces, or a number.
    """

    name: str
    what: str
    seen: str
    value: T

    def __post_init__(self) -> None:
        QUIRKS.append(self)


_FIELD = "CSIP-AUS servers in the field"
_CAUTION = "a precaution, not traced to one server"

ABSENT = Quirk(
    "absent-resource",
    "A resource behind a link was never written, has expired, or cannot be read: one of these statuses, or a 2xx "
    "without a body. It counts as not there.",
    f"{_FIELD}; 410 for `/.well-known/csipaus`: cactus-runner",
    frozenset({404, 405, 410}),
)
BLANK_DER = Quirk(
    "blank-der",
    "A new EndDevice comes with a DER in its list whose DERCapability is missing, empty, or of one of these types. "
    "The first DER of the site takes its place.",
    _FIELD,
    (None, DERType.NOT_APPLICABLE),
)
DEVICE_EXISTS = Quirk(
    "device-exists",
    "POST of an EndDevice is refused with this status and no Location, because the LFDI or the SFDI is registered "
    "already. The list is read again to find it; it may belong to another certificate and not be in it.",
    _FIELD,
    frozenset({409}),
)
DEVICE_INFORMATION_REFUSED = Quirk(
    "device-information-refused",
    "There is a DeviceInformationLink and nothing behind it. The step is skipped, with a finding.",
    f"{_FIELD} (404); the others: {_CAUTION}",
    frozenset({404, 405, 501}),
)
END_DEVICE_FIXED = Quirk(
    "end-device-fixed",
    "An EndDevice that exists cannot be PUT. It is left as it is, with a finding for each field that differs.",
    f"{_FIELD} (405); the others: {_CAUTION}",
    frozenset({403, 404, 405, 501}),
)
EXTENSION_DROPPED = Quirk(
    "extension-dropped",
    "An extension element that the server does not know, often for its namespace, is accepted and dropped in silence. "
    "What was written is read back and compared; in a fleet, until the server has kept this many messages of a kind.",
    _FIELD,
    10,
)
EXTENSION_NAMESPACE = Quirk(
    "extension-namespace",
    "CSIP-AUS elements come in a namespace other than that of the profile. These are read in every profile, and one "
    "is written.",
    _FIELD,
    frozenset(EXTENSION_NAMESPACES),
)
FIELDS_REPLACED = Quirk(
    "fields-replaced",
    "The server sets these fields of what it is sent, times to its own clock. They are not compared.",
    _FIELD,
    frozenset({"href", "changed_time", "updated_time", "reading_time"}),
)
FIXED_DER_LIST = Quirk(
    "fixed-der-list",
    "The list of DERs has as many as the server gives, and refuses a POST. A DER of the list that is free is taken.",
    f"{_FIELD} (405); the others: {_CAUTION}",
    frozenset({403, 405}),
)
GONE = Quirk(
    "gone",
    "What was deleted or has expired gives one of these statuses, where the standard has 404. A DELETE is as good as"
    " done; a mirror is created again.",
    f"404: the standard; 410: {_CAUTION}",
    frozenset({404, 410}),
)
LIST_REPEATS = Quirk(
    "list-repeats",
    "Pages of a list repeat its items, because the list changes while it is read, or the server ignores `s`. Reading"
    " ends after this many pages in a row without a new item, with a finding.",
    f"lists that others write to; servers that ignore `s`: {_CAUTION}",
    2,
)
LOCATION_MISSING = Quirk(
    "location-missing",
    "A 2xx to a POST has no Location. The new member is looked for in the list, and this is the detail of the step.",
    _CAUTION,
    "the response had no Location; it was found",
)
LINK_ABSENT = Quirk(
    "link-absent",
    "A link that a step follows is not there, such as ConnectionPointLink, RegistrationLink or TimeLink. The step is"
    " skipped, with this detail.",
    f"{_FIELD}; ConnectionPointLink: servers of the plain standard",
    "the server offers no {}",
)
LOCATION_ASTRAY = Quirk(
    "location-astray",
    "The Location of a new EndDevice leads to one of another LFDI. Nothing is written to it, and the registration "
    "ends with this error.",
    _CAUTION,
    "the server said that the new EndDevice is there, and another one is",
)
QUANTITY_RESCALED = Quirk(
    "quantity-rescaled",
    "A quantity comes back with another multiplier than it was sent with: 5000 x 10^0 as 5 x 10^3. Values of this "
    "class are compared by what they amount to.",
    "bsgip/envoy 1.5.0 and 2.2.0",
    Quantity,
)
READINGS_REFUSED = Quirk(
    "readings-refused",
    "Readings are refused with one of these statuses, because the server has forgotten a channel or does not like a "
    "value. The mirror is described again, then the readings are narrowed down to those that are refused.",
    _CAUTION,
    frozenset({400, 409, 422}),
)
WELL_KNOWN_MISUSED = Quirk(
    "well-known-misused",
    "`/.well-known/csipaus` gives something else, such as the page of a proxy. Below 500, the usual path is read.",
    "servers of CSIP-AUS 1.2, and proxies before them",
    range(200, 500),
)
