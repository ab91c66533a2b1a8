"""What IEEE 2030.5-2023 leaves open: the version of a message, and content that its schema allows and nobody knows.

Its types take attributes of any name, and elements of other namespaces at known places. A misspelt attribute is valid.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from envoy.profiles import PROFILES
from envoy.validation.findings import SCHEMA_VERSION
from envoy.validation.rules.rule import DOCUMENT, Objection, rule

_PROFILE = PROFILES["ieee-2023"]


@rule("unstated-edition", section="5.6.2", elements=(DOCUMENT,), edition=_PROFILE.edition)
def unstated_edition(element: etree._Element) -> Iterator[Objection]:
    """A message of IEEE 2030.5-2023 says so in ``schemaVer``."""
    if element.get(SCHEMA_VERSION) is None:
        version = _PROFILE.schema_version
        what = "the message does not say that it is of IEEE 2030.5-2023"
        remedy = f'Write {SCHEMA_VERSION}="{version}", without which it is of the edition of 2018.'
        yield Objection(element, what, remedy, SCHEMA_VERSION, version)


@rule("unknown-content", section="11.4", elements=(DOCUMENT,), edition=_PROFILE.edition, closed=True)
def unknown_content(element: etree._Element) -> Iterator[Objection]:
    """What stands where the schema allows anything is known to its readers, who skip it otherwise."""
    # Deferred, with the components of the schema: few messages have any.
    from envoy.validation.rules.unknown_content import find_unknown

    yield from find_unknown(element, _PROFILE)
