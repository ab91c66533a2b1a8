"""Explanations of the codes of findings: what each means, why it matters, a wrong document and a right one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envoy._text import suggest
from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.selection import ALWAYS_REPORTED
from envoy.errors import EnvoyError
from envoy.validation.findings import FINDING_CODES

_SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
_AUS = 'xmlns:c="https://csipaus.org/ns"'
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_LFDI, _SFDI, _NOW = (
    "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5",
    "<sFDI>167261211391</sFDI>",
    "<changedTime>0</changedTime>",
)


def _device(*lines: str, start: str = _SEP) -> str:
    return "\n".join((f"<EndDevice {start}>", *(f"  {line}" for line in lines), "</EndDevice>"))


def _settings(*lines: str) -> str:
    inner = ("<setGradW>0</setGradW>", *lines, "<updatedTime>0</updatedTime>")
    return "\n".join((f"<DERSettings {_SEP}>", *(f"  {line}" for line in inner), "</DERSettings>"))


def _status(*lines: str) -> str:
    return "\n".join((f"<DERStatus {_SEP}>", *(f"  {line}" for line in lines), "</DERStatus>"))


def _quantity(name: str, multiplier: str, value: str) -> str:
    return f"<{name}><multiplier>{multiplier}</multiplier><value>{value}</value></{name}>"


def _list(attributes: str) -> str:
    return f"<EndDeviceList {_SEP} {attributes}/>"


def _notification(resource: str) -> str:
    return "\n".join((f"<Notification {_SEP} {_XSI}>", "  <subscribedResource>/edev/1</subscribedResource>",
                      f"  {resource}", "  <status>0</status>", "  <subscriptionURI>/s</subscriptionURI>",
                      "</Notification>"))  # fmt: skip


def _lfdi(value: str) -> str:
    return _device(f"<lFDI>{value}</lFDI>", _SFDI, _NOW)


def _category(value: str) -> str:
    return _device(f"<deviceCategory>{value}</deviceCategory>", _SFDI, _NOW)


def _point(number: str) -> str:
    return "\n".join(
        (
            '<ConnectionPoint xmlns="https://csipaus.org/ns">',
            f"  <connectionPointId>{number}</connectionPointId>",
            "</ConnectionPoint>",
        )
    )


def _registration(pin: str) -> str:
    inner = ("  <dateTimeRegistered>0</dateTimeRegistered>", f"  <pIN>{pin}</pIN>")
    return "\n".join((f"<Registration {_SEP}>", *inner, "</Registration>"))


def _default_control(limit: int) -> str:
    return "\n".join((f"<DefaultDERControl {_SEP}>", "  <mRID>01</mRID>",
                      f"  <DERControlBase><opModMaxLimW>{limit}</opModMaxLimW></DERControlBase>",
                      "</DefaultDERControl>"))  # fmt: skip


def _programs(*mrids: str) -> str:
    items = (f"  <DERProgram><mRID>{mrid}</mRID><primacy>1</primacy></DERProgram>" for mrid in mrids)
    return "\n".join((f'<DERProgramList {_SEP} all="2" results="2">', *items, "</DERProgramList>"))


def _capability(modes: str, *ratings: str) -> str:
    inner = (f"<modesSupported>{modes}</modesSupported>", *ratings, _quantity("rtgMaxW", "0", "5000"), "<type>4</type>",
             "<c:doeModesSupported>01</c:doeModesSupported>")  # fmt: skip
    return "\n".join((f"<DERCapability {_SEP} {_AUS}>", *(f"  {line}" for line in inner), "</DERCapability>"))


def _time_period(duration: int) -> str:
    return "\n".join((f"<MirrorReadingSet {_SEP}>", "  <mRID>01</mRID>",
                      f"  <timePeriod><duration>{duration}</duration><start>1700000000</start></timePeriod>",
                      "</MirrorReadingSet>"))  # fmt: skip


def _reading(tier: int) -> str:
    return "\n".join((f"<MirrorMeterReading {_SEP}>", "  <mRID>01</mRID>",
                      f"  <Reading><touTier>{tier}</touTier></Reading>",
                      "  <ReadingType><numberOfTouTiers>2</numberOfTouTiers></ReadingType>",
                      "</MirrorMeterReading>"))  # fmt: skip


_READ = "<readingTime>0</readingTime>"
_RIGHT = _device(_SFDI, _NOW)
_CAPABILITIES = '<DeviceCapability {} href="{}/dcap"><TimeLink href="{}/tm"/></DeviceCapability>'

_EXPLAINED: dict[str, tuple[str, ...]] = {
    # code: why, and for most a document that is wrong and one that is right
    "unreadable": ("A document that is not there cannot be valid: the exit status is 2.",),
    "damaged": ("What stands behind the damage was not validated, whatever the report says of the rest.",),
    "process-died": ("The document may need more memory than there is. Validate it alone, with --workers 1.",),
    "empty": ("An empty body is what many servers send with an error. A message has at least a root element.",),
    "too-large": ("Devices have little memory. A list is asked for in pages, by the query l=.",),
    "not-xml": ("Messages are application/sep+xml, unless both sides speak EXI.", '{"sFDI": 167261211391}', _RIGHT),
    "wrong-encoding": ("5.6.2 has UTF-8 alone. A reader that believes another name reads other characters, or none.",
                       f'<?xml version="1.0" encoding="ISO-8859-1"?>\n{_RIGHT}',
                       f'<?xml version="1.0" encoding="UTF-8"?>\n{_RIGHT}'),
    "not-well-formed": ("No XML parser reads it, so nobody knows what is in it.",
                        _RIGHT.replace("</sFDI>", ""), _RIGHT),
    "truncated": ("A transfer was cut short, or Content-Length was too small.", _RIGHT[:-12], _RIGHT),
    "too-deep": ("No message is nested more than a few levels deep; a parser may run out of stack.",),
    "too-many-attributes": ("No type has more than a few attributes; a parser may need very long for many.",),
    "doctype": ("Entities of a DOCTYPE can expand to gigabytes or read files. Nothing of it is loaded.",
                f'<!DOCTYPE EndDevice [<!ENTITY n "1">]>\n{_RIGHT}', _RIGHT),
    "no-namespace": ("An element is what it is by its name and its namespace. Without it a reader knows nothing of it.",
                     _device(_SFDI, _NOW, start="").replace(" >", ">"), _RIGHT),
    "wrong-namespace": ("The namespace says which edition a message is of. To a reader of another one it is unknown.",
                        _device(_SFDI, _NOW, start='xmlns="http://ieee.org/2030.5"'), _RIGHT),
    "other-profile": ("The reader of this profile does not know the element, and ignores it or refuses the message.",
                      _device(_SFDI, _NOW, '<d:ConnectionPointLink xmlns:d="https://csipaus.org/ns/v1.3" href="/cp"/>'),
                      _device(_SFDI, _NOW, f'<c:ConnectionPointLink {_AUS} href="/cp"/>')),
    "later-edition": ("Readers of the edition of the profile skip it, and act as if it were not there.",
                      _status("<connectStatus><dateTime>0</dateTime><value>03</value></connectStatus>", _READ),
                      _status(_READ)),
    "wrong-root": ("Parts of messages are not exchanged alone.", f"<setMaxW {_SEP}/>", _RIGHT),
    "out-of-order": ("The types of the schema are sequences. Many readers, EXI ones above all, expect the order.",
                     _device(_NOW, _SFDI), _RIGHT),
    "extension-first": ("CSIP-AUS adds its elements behind those of the standard, so that readers of those find them.",
                        _device(f'<c:ConnectionPointLink {_AUS} href="/cp"/>', _SFDI, _NOW),
                        _device(_SFDI, _NOW, f'<c:ConnectionPointLink {_AUS} href="/cp"/>')),
    "repeated": ("Some readers take the first one, others the last.", _device(_SFDI, _SFDI, _NOW), _RIGHT),
    "missing-element": ("The reader needs it, and has no default for it.", _device(_SFDI), _RIGHT),
    "misspelt-element": ("Names are compared letter by letter. The reader ignores it, and lacks the right one.",
                         _device(_SFDI, "<changeTime>0</changeTime>"), _RIGHT),
    "misplaced-element": ("The reader looks for it elsewhere.",
                          f"<DeviceCapability {_SEP}>\n  <href>/dcap</href>\n</DeviceCapability>",
                          f'<DeviceCapability {_SEP} href="/dcap"/>'),
    "unknown-element": ("The schema has no place for elements of others. A strict reader refuses the message.",
                        _device(_SFDI, _NOW, '<v:colour xmlns:v="urn:vendor">red</v:colour>'), _RIGHT),
    "missing-attribute": ("The reader needs it: a list without `results` and `all` cannot be paged through.",
                          _list('all="0"'), _list('all="0" results="0"')),
    "unknown-attribute": ("The reader ignores it or refuses the message. Attributes have no prefix.",
                          _list('all="0" results="0" pollrate="900"'), _list('all="0" results="0" pollRate="900"')),
    "hex-prefix": ("hexBinary of XSD is digits alone.", _lfdi(f"0x{_LFDI}"), _lfdi(_LFDI)),
    "hex-odd": ("Two digits are one octet.", _category("ABC"), _category("0ABC")),
    "hex-too-long": ("The type says how many octets it may have.", _category("00000000AB"), _category("000000AB")),
    "hex-digits": ("hexBinary has the digits 0 to 9 and A to F, and no separators.",
                   _lfdi(":".join(_LFDI[n : n + 2] for n in range(0, 40, 2))), _lfdi(_LFDI)),
    "decimal-bitmap": ("It has other bits than its author meant: 16 is bit 4, and in hex bits 1, 2 and 4.",
                       _category("167772169"), _category("0A000009")),
    "out-of-range": ("The type has so many bits. Large numbers have a multiplier beside them, a power of ten.",
                     _settings(_quantity("setMaxW", "0", "50000")), _settings(_quantity("setMaxW", "1", "5000"))),
    "not-a-number": ("Numbers are whole, without a unit; what is behind the decimal point goes into the multiplier.",
                     _settings(_quantity("setMaxW", "3", "4.95")), _settings(_quantity("setMaxW", "1", "495"))),
    "not-seconds": ("TimeType is a whole number, so that devices need no calendar.",
                    _device(_SFDI, "<changedTime>2024-01-01T00:00:00Z</changedTime>"),
                    _device(_SFDI, "<changedTime>1704067200</changedTime>")),
    "not-a-boolean": ("XSD has true, false, 1 and 0, in lower case.",
                      _device(_SFDI, _NOW, "<enabled>yes</enabled>"), _device(_SFDI, _NOW, "<enabled>true</enabled>")),
    "too-long": ("Devices keep room for as many characters as the type has, and no more.",
                 _point("6" * 33), _point("6" * 32)),
    "bad-value": ("The type restricts the text to a form or to some words.",),
    "text-between-elements": ("Only simple values have text. A reader drops the text, or refuses the message.",
                              _device(_SFDI, _NOW, "enabled"), _RIGHT),
    "elements-in-value": ("A simple value is text alone.",
                          _device("<sFDI><value>167261211391</value></sFDI>", _NOW), _RIGHT),
    "wrong-type": ("A Notification holds any resource, and xsi:type alone says which. It is a name with a namespace.",
                   _notification(f'<Resource xsi:type="endDevice">{_SFDI}{_NOW}</Resource>'),
                   _notification(f'<Resource xsi:type="EndDevice">{_SFDI}{_NOW}</Resource>')),
    "cannot-be-written": ("The profile has no element for what the object holds, or a required one is not set.",),
    "schema": ("The schema of another standard has keys and references that are checked by libxml2 alone.",),
    "not-fixed": ("The file is as it was: it is written as a whole, and only if it still holds what was read.",),
    "more": ("One cause often has many errors. Correct the first ones, and validate it again.",),
    "sfdi": ("The SFDI is made of the LFDI, and people type it: a wrong check digit finds another device, or none.",
             _device(f"<lFDI>{_LFDI}</lFDI>", "<sFDI>669044845563</sFDI>", _NOW), _lfdi(_LFDI)),
    "lfdi-length": ("An LFDI is 160 bits of a fingerprint. Servers compare all of them.",
                    _lfdi(_LFDI[:10]), _lfdi(_LFDI)),
    "lfdi-case": ("Some utilities compare LFDIs as text, so that one in lower case is another device.",
                  _lfdi(_LFDI.lower()), _lfdi(_LFDI)),
    "lfdi-pen": ("The utility reads from it which aggregator has made the LFDI.",
                 _device(f"<lFDI>0000003E90{'0' * 22}00006F83</lFDI>", "<sFDI>10018</sFDI>", _NOW),
                 _device(f"<lFDI>0000003E90{'0' * 22}00028547</lFDI>", "<sFDI>10018</sFDI>", _NOW)),
    "pin": ("People type the PIN of a label; the check digit finds what they mistype.",
            _registration("123456"), _registration("123455")),
    "list-results": ("Clients page by these numbers: they stop too early, or ask for ever.",
                     _list('all="0" results="1"'), _list('all="0" results="0"')),
    "duplicate-mrid": ("A client takes two items of one mRID for versions of one, and drops one of them.",
                       _programs("01", "01"), _programs("01", "02")),
    "list-link-all": ("Without it a client has to ask for the list to find out that it is empty.",
                      _device('<DERListLink href="/der"/>', _SFDI, _NOW),
                      _device('<DERListLink href="/der" all="1"/>', _SFDI, _NOW)),
    "href-host": ("A client that is sent elsewhere may have no certificate for it, or rightly refuse to go.",
                  _CAPABILITIES.format(_SEP, "https://a", "https://b"), _CAPABILITIES.format(_SEP, "https://a", "https://a")),
    "milliseconds": ("In seconds it is a date in more than 30,000 years: such an event never begins.",
                     _device(_SFDI, "<changedTime>1704067200000</changedTime>"),
                     _device(_SFDI, "<changedTime>1704067200</changedTime>")),
    "interval": ("Such an event is over before it begins, or never is.",
                 _time_period(3_600_000_000), _time_period(3600)),
    "rating": ("Apparent power bounds active and reactive power. Usually a multiplier is wrong.",
               _settings(_quantity("setMaxVA", "0", "5000"), _quantity("setMaxW", "1", "5000")),
               _settings(_quantity("setMaxVA", "0", "5000"), _quantity("setMaxW", "0", "5000"))),
    "per-cent": ("Watts in it are read as a limit of hundreds of percent, which limits nothing.",
                 _default_control(50_000), _default_control(5_000)),
    "mode-rating": ("A utility that sends such a control cannot know how much reactive power it gets.",
                    _capability("00800000"), _capability("00800000", _quantity("rtgMaxVar", "0", "2000"))),
    "reading-type": ("The reader keeps room for as many tiers as the ReadingType says.", _reading(3), _reading(2)),
    "unstated-edition": ("Both editions have one namespace; in ieee-2023 nothing else says which one a message is of.",
                       _list('all="0" results="0"'), _list('schemaVer="2.2" all="0" results="0"')),
    "unknown-content": ("The schema of ieee-2023 takes attributes of any name: one wrong letter loses the value.",
                        _list('schemaVer="2.2" all="0" results="0" pollrate="900"'),
                        _list('schemaVer="2.2" all="0" results="0" pollRate="900"')),
    "content-type": ("The receiver chooses the reader by the Content-Type, and refuses what it does not know (415).",),
    "setting-above-rating": ("A device cannot be set to more than it can do. Usually a multiplier is wrong.",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of a code.

    Attributes:
        code: The code.
        what: What it means.
        section: Section of IEEE 2030.5-2018, function set or document that a rule comes from; empty for other codes.
        why: Why it matters.
        wrong: A document that has a finding of this code; empty if it takes more than a document.
        right: The same without it.
    """

    code: str
    what: str
    section: str
    why: str
    wrong: str = ""
    right: str = ""

    @property
    def silence(self) -> str:
        """How to leave such findings out."""
        options = f"--ignore {self.code} leaves them out; --baseline FILE accepts what is known, by file and place."
        if self.section:
            return f"{options} --no-rules leaves out all rules."
        if self.code in ALWAYS_REPORTED:
            return "It is always reported."
        return f"{options} A document with such an error is not valid, and is called known then."

    def __str__(self) -> str:
        section = f"Section: {self.section}\n" if self.section else ""
        wrong, right = ("\n".join(f"    {line}" for line in text.splitlines()) for text in (self.wrong, self.right))
        example = f"\nWrong:\n{wrong}\n\nRight:\n{right}\n" if self.wrong else ""
        return f"{self.code}\n\n{self.what}\n{self.why}\n{section}{example}\n{self.silence}\n"

    def to_markdown(self) -> str:
        """Return it as a section of a page."""
        section = f"\n\nSection: {self.section}." if self.section else ""
        wrong = f"\n\nWrong:\n\n```xml\n{self.wrong}\n```\n\nRight:\n\n```xml\n{self.right}\n```" if self.wrong else ""
        return f"## {self.code}\n\n{self.what}\n{self.why}{section}{wrong}\n\n{_in_code(self.silence)}\n"


def explain(code: str) -> Explanation:
    """Return the explanation of a code.

    Raises:
        EnvoyError: There is no such code.
    """
    rules = {rule.code: rule for rule in ALL_RULES}
    if code not in _EXPLAINED:
        remedy = suggest(code, _EXPLAINED).strip() or "envoy explain --all lists all codes."
        raise EnvoyError(f"no finding has the code {code}", remedy=remedy)
    rule = None if code in FINDING_CODES else rules[code]
    what = FINDING_CODES[code] if rule is None else rule.summary.replace("``", "`")
    return Explanation(code, what, rule.section if rule else "", *_EXPLAINED[code])


def explain_all() -> Iterator[Explanation]:
    """Yield the explanations of all codes."""
    return map(explain, _EXPLAINED)


def _in_code(text: str) -> str:
    return re.sub(r"--ignore [\w-]+|--baseline FILE|--no-rules", r"`\g<0>`", text)
