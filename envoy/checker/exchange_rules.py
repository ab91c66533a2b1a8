"""Rules about a document and its exchange, or about two documents of one capture or archive.

A setting and the rating that bounds it are in two documents, DERSettings and DERCapability. That they are of the same
DER is known where both have been seen at URLs that differ in their last step alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from envoy.bindings.lexical import collapse
from envoy.checker.sources.document import Document, short
from envoy.checker.sources.media_types import media_type
from envoy.codec.location import Location, locate
from envoy.codec.parser import parse
from envoy.errors import DocumentError
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import Profile
from envoy.validation.findings import Diagnosis, Finding
from envoy.validation.rules import RULES
from envoy.validation.rules.der import SETTINGS
from envoy.validation.rules.rule import DIALECTS, Objection, Rule
from envoy.validation.rules.values import find_child, format_number, read_quantity

_MOST = 10_000
"""DERs that are remembered; of more, the first are forgotten."""

_WHOLE_DOCUMENT = Location(0, 0, "")

_CAPABILITY, _SETTINGS = (f"{{{SEP_NAMESPACE}}}{name}" for name in ("DERCapability", "DERSettings"))


@dataclass(frozen=True, slots=True)
class ExchangeRule:
    """A rule beyond the schema that looks at more than one document by itself.

    Attributes:
        code: Stable code of its findings.
        section: Section of IEEE 2030.5-2018, or the function set or document, that it comes from.
        summary: What it asks for, in a sentence.
    """

    code: str
    section: str
    summary: str


CONTENT_TYPE = ExchangeRule(
    "content-type", "5.6", "A message in a capture has the Content-Type of the profile that validates it."
)
SETTING = ExchangeRule(
    "setting-above-rating",
    "DER function set",
    "No setting of a DER is more than its rating: setMaxW and rtgMaxW at URLs with the same parent, in one file.",
)

EXCHANGE_RULES = (CONTENT_TYPE, SETTING)
"""All rules that look at the exchange of a document, or at more than one."""

ALL_RULES: tuple[Rule | ExchangeRule, ...] = (*RULES, *EXCHANGE_RULES)
"""All rules beyond the schema."""


class ExchangeHistory:
    """What the documents of one capture or archive said so far."""

    def __init__(self) -> None:
        self._file = ""
        self._ders: dict[str, dict[str, tuple[Decimal, str]]] = {}

    def check(self, document: Document, profile: Profile) -> list[Finding]:
        """Check a document by its exchange and by those before it, and remember it; return the warnings.

        Args:
            document: The document; with one of another file, all that was known is forgotten.
            profile: Whose schema validates it.
        """
        file = document.archive or document.source
        if file != self._file:
            self._file = file
            self._ders.clear()
        return [*_content_type(document, profile), *self._settings(document, profile)]

    def _settings(self, document: Document, profile: Profile) -> Iterator[Finding]:
        raw = document.data or b""
        # Most documents are something else, and are not parsed again to find it out.
        if not (b"DERCapability" in raw or b"DERSettings" in raw):
            return
        try:
            root = parse(raw)
        except DocumentError:
            return
        der = _parent_of(document, root)
        if root.tag not in (_CAPABILITY, _SETTINGS) or not der:
            return
        known = self._ders.get(der, {})
        objections = list(_objections(root, known))
        if document.exchange is None or document.exchange.status < 400:
            self._remember(der, known, root, document.part or document.source)
        locations = locate(raw, root, [objection.element for objection in objections])
        for found in objections:
            yield _finding(SETTING, document, found.reason, found.remedy, locations[found.element])

    def _remember(self, der: str, known: dict[str, tuple[Decimal, str]], root: etree._Element, where: str) -> None:
        for name in SETTINGS if root.tag == _SETTINGS else SETTINGS.values():
            # What a document leaves out does not hold any more.
            known.pop(name, None)
            if (number := read_quantity(find_child(root, name))) is not None:
                known[name] = (number, where)
        self._ders[der] = known
        if len(self._ders) > _MOST:
            del self._ders[next(iter(self._ders))]


def _objections(root: etree._Element, known: dict[str, tuple[Decimal, str]]) -> Iterator[Objection]:
    """Yield the settings or ratings of a document that contradict what is known of the DER."""
    remedy = "Correct one of them; look at the multipliers first."
    for setting, rating in SETTINGS.items():
        name, other, word = (setting, rating, "more") if root.tag == _SETTINGS else (rating, setting, "less")
        node = find_child(root, name)
        number = read_quantity(node)
        if node is None or number is None or other not in known:
            continue
        bound, where = known[other]
        if number > bound if word == "more" else number < bound:
            yield Objection(
                node,
                f"{name} is {format_number(number)}, {word} than {other}, {format_number(bound)} in {where}",
                remedy,
            )


def _parent_of(document: Document, root: etree._Element) -> str:
    """Return the URL of the DER that a document belongs to, empty if it is not known."""
    url = document.exchange.url if document.exchange else ""
    if not url and document.archive:
        url = collapse(root.get("href", ""))
    return url.partition("?")[0].rstrip("/").rpartition("/")[0]


def _content_type(document: Document, profile: Profile) -> Iterator[Finding]:
    if document.exchange is None:
        return
    said = document.exchange.content_type
    kind, parameters = media_type(said)
    expected, wanted = media_type(profile.content_type)
    version = parameters.get("csipaus")
    right = version == wanted.get("csipaus") or profile.name == f"csip-aus-{version}"
    if kind and profile.dialect in DIALECTS and (kind != expected or not right):
        what = f"the Content-Type is {short(said)}, that of {profile.name} is {profile.content_type}"
        yield _finding(CONTENT_TYPE, document, what, "Send that, or validate by another profile.")


def _finding(
    rule: ExchangeRule, document: Document, reason: str, remedy: str, location: Location = _WHOLE_DOCUMENT
) -> Finding:
    diagnosis = Diagnosis(rule.code, reason, remedy)
    return diagnosis.at(location, document.source, severity="warning", section=rule.section)
