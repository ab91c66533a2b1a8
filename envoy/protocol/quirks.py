"""Deviations of utility servers from the standard: what they do, where it was seen, what the code looks up.

A flow looks up a quirk where it may meet it, whatever the server. The text below each says what servers do and what is
done about it, then where it was seen. ``docs/reference/quirks.md`` is the table.
"""

from __future__ import annotations

from envoy.bindings.quantities import Quantity
from envoy.namespaces import EXTENSION_NAMESPACES

ABSENT_RESOURCE = frozenset({404, 405, 410})
"""A resource was never written, has expired, or cannot be read: one of these statuses, or a 2xx without a body. It
counts as not there.

Seen: CSIP-AUS servers in the field; 410 for `/.well-known/csipaus`: cactus-runner
"""

BLANK_DER = (None, 0)
"""A new EndDevice has a DER without a DERCapability, or with one of these types, of which 0 is "not applicable". A DER
of the site takes its place.

Seen: CSIP-AUS servers in the field
"""

DEVICE_EXISTS = frozenset({409})
"""POST of an EndDevice is refused, without a Location, since its LFDI or SFDI is registered already. It is looked for
in the list; it may belong to another certificate and not be in it.

Seen: CSIP-AUS servers in the field
"""

DEVICE_INFORMATION_REFUSED = frozenset({404, 405, 501})
"""There is a DeviceInformationLink and nothing behind it. The step is skipped, with a finding.

Seen: CSIP-AUS servers in the field (404); the others: a precaution, not traced to one server
"""

END_DEVICE_FIXED = frozenset({403, 404, 405, 501})
"""An EndDevice that exists cannot be PUT. It is left as it is, with a finding for each field that differs.

Seen: CSIP-AUS servers in the field (405); the others: a precaution, not traced to one server
"""

ERROR_MESSAGE = "message"
"""An Error has this element beside its `reasonCode`, which no schema has, with what is really wrong. It is shown, and
decides what is suggested.

Seen: bsgip/envoy 1.5.0 and 2.2.0
"""

EXTENSION_DROPPED = 10
"""An extension element that the server does not know, often for its namespace, is accepted and dropped in silence. What
was written is read back; in a fleet, until the server has kept this many messages of a kind.

Seen: CSIP-AUS servers in the field
"""

EXTENSION_NAMESPACE = frozenset(EXTENSION_NAMESPACES)
"""CSIP-AUS elements come in another namespace than the profile's. These are read in every profile, one is written.

Seen: CSIP-AUS servers in the field
"""

FIELDS_REPLACED = frozenset({"href", "changed_time", "updated_time", "reading_time"})
"""The server sets these fields of what it is sent, times to its own clock. They are not compared.

Seen: CSIP-AUS servers in the field
"""

FIXED_DER_LIST = frozenset({403, 405})
"""The list of DERs has as many as the server gives, and refuses a POST. A DER of the list that is free is taken.

Seen: CSIP-AUS servers in the field (405); the others: a precaution, not traced to one server
"""

GONE = frozenset({404, 410})
"""What was deleted or has expired gives one of these. A DELETE is as good as done; a mirror is created again.

Seen: 404: the standard; 410: a precaution, not traced to one server
"""

LINK_ABSENT = "the server offers no {}"
"""A link is not there, such as ConnectionPointLink, RegistrationLink or TimeLink. Its step is skipped, with this
detail.

Seen: CSIP-AUS servers in the field; ConnectionPointLink: servers of the plain standard
"""

LIST_READINGS = 3
"""A list shrinks while it is read, or ends with an empty page before its `all`. Items may have moved to a page that was
read before, so it is read again from its start, at most this many times. If it is the same again, that is all of it.

Seen: lists that others write to; an `all` that is too high: a precaution, not traced to one server
"""

LIST_REPEATS = 2
"""Pages of a list repeat its items, because the list changes while it is read, or the server ignores `s`. Reading ends
after this many pages in a row without a new item, with an error if `all` says that there are more, else with a finding.

Seen: lists that others write to; servers that ignore `s`: a precaution, not traced to one server
"""

LOCATION_ASTRAY = "the server said that the new EndDevice is there, and another one is"
"""The Location of a new EndDevice leads to one of another LFDI. Nothing is written to it; the registration ends.

Seen: a precaution, not traced to one server
"""

LOCATION_MISSING = "the response had no Location; it was found"
"""A 2xx to a POST has no Location. The new member is looked for in the list, and this is the detail of the step.

Seen: a precaution, not traced to one server
"""

QUANTITY_RESCALED = Quantity
"""A quantity comes back with another multiplier: 5000 x 10^0 as 5 x 10^3. These are compared as numbers.

Seen: bsgip/envoy 1.5.0 and 2.2.0
"""

READINGS_REFUSED = frozenset({400, 409, 422})
"""Readings are refused because the server has forgotten a channel or does not take a value. The mirror is described
again, then the readings are narrowed down to those that are refused.

Seen: a precaution, not traced to one server
"""

SCHEME_OF_BACKEND = "http"
"""A proxy ends TLS, and the server behind it writes links and Locations with this scheme, its own. On the host that the
client talks to, they are those of the proxy, with TLS; others without TLS are not followed from a server with TLS.

Seen: servers behind a proxy that does not say which scheme a request came by
"""

WELL_KNOWN_MISUSED = range(200, 500)
"""`/.well-known/csipaus` gives neither its JSON nor DeviceCapability, but something else, such as the page of a proxy.
Below 500, the usual path is read.

Seen: servers of CSIP-AUS 1.2, and proxies before them
"""
