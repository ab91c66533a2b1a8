"""Documents of many shapes that a hostile or careless peer may send, each of any size."""

from __future__ import annotations

from collections.abc import Callable

SEP = "urn:ieee:std:2030.5:ns"
CSIPAUS = "https://csipaus.org/ns/v1.3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

Shape = Callable[[int], bytes]

DEEPEST = 200
"""Levels of elements in each other; the parser takes 256."""

_DEVICE = "<EndDevice><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
_READING = "<Reading><timePeriod><duration>1</duration><start>0</start></timePeriod><value>1</value></Reading>"
_POINT = "<mRID>01</mRID><roleFlags>0001</roleFlags><serviceCategoryKind>0</serviceCategoryKind><status>1</status>"
_TYPE = "<ReadingType><numberOfTouTiers>1</numberOfTouTiers></ReadingType>"


def _repeat(item: str, root: str = "EndDeviceList", before: str = "", behind: str = "", attributes: str = "") -> Shape:
    """Return the shape of one item again and again; ``{n}`` in it is its number."""

    def make(octets: int) -> bytes:
        # Numbers have the same width, so that the size does not depend on how many there are.
        count = max(1, octets // max(1, len(item.replace("{n}", "000000").encode())))
        items = "".join(item.replace("{n}", f"{n:06}") for n in range(count)) if "{n}" in item else item * count
        return f'<{root} xmlns="{SEP}" {attributes}>{before}{items}{behind}</{root}>'.encode()

    return make


def _attributes(item: str, element: str = "EndDevice", inside: str = "") -> Shape:
    """Return the shape of one element with ever more attributes."""

    def make(octets: int) -> bytes:
        numbers = range(octets // len(item.replace("{n}", "000000")))
        attributes = "".join(item.replace("{n}", f"{n:06}") for n in numbers)
        return f'<{element} xmlns="{SEP}" xmlns:x="urn:x"{attributes}>{inside}</{element}>'.encode()

    return make


def _nested(item: str, levels: str, inner: str, root: str = "MirrorMeterReading") -> Shape:
    """Return the shape of items below a chain of elements; ``{n}`` in a level is its number."""

    def make(octets: int) -> bytes:
        starts = "".join(levels.replace("{n}", f"{n:06}") for n in range(DEEPEST))
        count = max(1, (octets - len(starts)) // len(item))
        return f'<{root} xmlns="{SEP}" xmlns:x="{XSI}">{starts}{item * count}{inner * DEEPEST}</{root}>'.encode()

    return make


def _declared(item: str, root: str = "NotificationList") -> Shape:
    """Return the shape of items, of which half of the size are, below a root with as many declarations."""

    def make(octets: int) -> bytes:
        declared = "".join(f' xmlns:p{n:06}="u"' for n in range(octets // 36))
        return f'<{root} xmlns="{SEP}" xmlns:x="{XSI}"{declared}>{item * (octets // 2 // len(item))}</{root}>'.encode()

    return make


def _declared_in_levels(item: str, root: str = "NotificationList") -> Shape:
    """Return the same with the declarations in a chain of elements, a few in each."""

    def make(octets: int) -> bytes:
        each = max(1, octets // 36 // DEEPEST)
        starts = "".join(
            "<a" + "".join(f' xmlns:p{level:03}{n:03}="u"' for n in range(each)) + ">" for level in range(DEEPEST)
        )
        items = item * (octets // 2 // len(item))
        return f'<{root} xmlns="{SEP}" xmlns:x="{XSI}">{starts}{items}{"</a>" * DEEPEST}</{root}>'.encode()

    return make


def _text(text: str, element: str = "lFDI") -> Shape:
    return lambda octets: (
        f'<EndDevice xmlns="{SEP}"><{element}>{text * (octets // len(text.encode()))}</{element}></EndDevice>'.encode()
    )


_CONTROL = (
    "<DERControl><mRID>{n}</mRID><creationTime>0</creationTime><EventStatus><currentStatus>0</currentStatus><dateTime>0"
    "</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus><interval><duration>1</duration>"
    "<start>0</start></interval><DERControlBase/></DERControl>"
)
_READINGS = (
    f'<MirrorUsagePointList xmlns="{SEP}" all="1" results="1"><MirrorUsagePoint>{_POINT}<deviceLFDI>01</deviceLFDI>'
    "<MirrorMeterReading><mRID>02</mRID><MirrorReadingSet><mRID>03</mRID><timePeriod><duration>1</duration><start>0"
    "</start></timePeriod>"
)


def _unknown_at_each_end(octets: int) -> bytes:
    """Return readings with an unknown element at the end of each level, where a decoder sees it last."""
    unknown = '<x:u xmlns:x="urn:x"/>'
    reading = _READING.replace("</Reading>", f"{unknown}</Reading>")
    ends = "MirrorReadingSet", "MirrorMeterReading", "MirrorUsagePoint", "MirrorUsagePointList"
    return (_READINGS + reading * (octets // len(reading)) + "".join(f"{unknown}</{end}>" for end in ends)).encode()


def _levels(octets: int, most: int = 1_000_000) -> bytes:
    """Return lists of notifications in each other by their types, with declarations in each level."""
    each = min(most, octets // 36 // DEEPEST)
    declared = "".join(f' xmlns:p{n:03}="u"' for n in range(each))
    level = f'<Notification><Resource x:type="NotificationList" all="1" results="1"{declared}>'
    items = '<Notification x:type="Notification"/>' * (octets // 2 // 38)
    levels = DEEPEST // 2
    return (
        f'<NotificationList xmlns="{SEP}" xmlns:x="{XSI}" all="1" results="1">{level * levels}{items}'
        f"{'</Resource></Notification>' * levels}</NotificationList>"
    ).encode()


SHAPES: dict[str, Shape] = {
    # valid
    "devices": _repeat(_DEVICE, attributes='all="1" results="1"'),
    "controls": _repeat(_CONTROL, "DERControlList", attributes='all="1" results="1"'),
    "extensions": _repeat('<x:u xmlns:x="urn:x"><x:v>1</x:v></x:u>', attributes='all="0" results="0"'),
    "unknown at each end": _unknown_at_each_end,
    # attributes and declarations
    "attributes": _attributes(' a{n}=""'),
    "attributes of the standard": _attributes(' href="/{n}"'),
    "attributes in a namespace": _attributes(' x:a{n}=""'),
    "attributes of a value": _repeat("<sFDI a='1' b='2' c='3'>1</sFDI>", "EndDevice"),
    "few attributes of many": _repeat("<EndDevice a='1' b='2' c='3' d='4'/>"),
    "declarations": _attributes(' xmlns:a{n}="u"'),
    "declarations of many": _repeat('<EndDevice xmlns:a{n}="u"/>'),
    "types under declarations": _declared('<Notification x:type="p000001:T"/>'),
    "types under levels of declarations": _declared_in_levels('<a x:type="p000001:T"/>'),
    "types that fit under levels of declarations": _levels,
    "types that fit below nested types": lambda octets: _levels(octets, most=0),
    "unknown types": _repeat('<Notification xmlns:x="' + XSI + '" x:type="t{n}"/>', "NotificationList"),
    "types that fit": _repeat(
        f'<Response xmlns:x="{XSI}" x:type="DERControlResponse"><endDeviceLFDI>01</endDeviceLFDI><subject>01</subject>'
        "</Response>",
        "ResponseList",
        attributes='all="1" results="1"',
    ),
    # names and order
    "unknown elements": _repeat("<a/>"),
    "unknown elements of many names": _repeat("<a{n}/>"),
    "unknown elements without a namespace": _repeat('<a xmlns=""/>'),
    "misspelt elements": _repeat("<EndDevices/>"),
    "invalid siblings": _repeat("<EndDevice><sFDI>x</sFDI></EndDevice>"),
    "invalid siblings behind an unexpected one": _repeat(
        "<EndDevice/>", before="<a/>", attributes='all="1" results="1"'
    ),
    "invalid values behind an unexpected element": _repeat(
        "<EndDevice><sFDI>x</sFDI><changedTime>0</changedTime></EndDevice>", before="<a/>"
    ),
    "elements of another edition": _repeat('<EndDevice xmlns="http://ieee.org/2030.5"/>'),
    "elements in another order": _repeat("<rtgMaxW/><modesSupported/>", "DERCapability"),
    "elements that stand twice": _repeat("<sFDI>1</sFDI>", "EndDevice"),
    "one error behind many": _repeat(_DEVICE, behind="<EndDevice/>", attributes='all="1" results="1"'),
    "a hundred errors behind many": _repeat(_DEVICE, behind="<EndDevice/>" * 99, attributes='all="1" results="1"'),
    "a chain of elements": _nested("<a/>", "<a>", "</a>"),
    "readings below nested readings": _nested("<Reading/>", f"<MirrorMeterReading>{_TYPE}", "</MirrorMeterReading>"),
    "types below nested types": _nested("<a x:type='b'/>", "<a x:type='b'>", "</a>"),
    # values
    "wrong values": _repeat("<Reading><value>x</value></Reading>", "ReadingList", attributes='all="1" results="1"'),
    "hex digits": _text("F"),
    "decimal digits": _text("9", "sFDI"),
    "spaces": _text(" ", "sFDI"),
    "long text": _text("é", "description"),
    "character references": _text("&#65;", "lFDI"),
    "CDATA sections": _text("<![CDATA[1]]>", "sFDI"),
    "text between elements": _repeat("<EndDevice>x</EndDevice>x"),
    "long names": lambda octets: f'<EndDevice xmlns="{SEP}"><{"a" * octets}/></EndDevice>'.encode(),
    "long hrefs": _repeat(f"<EndDevice href='{'/a' * 500}'/>"),
    "wrong bitmaps": _repeat("<deviceCategory>12345</deviceCategory>", "EndDevice"),
    # rules
    "the same mRID": _repeat("<DERControl><mRID>01</mRID></DERControl>", "DERControlList"),
    "hrefs of many hosts": _repeat('<EndDevice href="http://h{n}/"/>'),
    "readings beside a large type": lambda octets: _repeat(
        _READING,
        "MirrorMeterReading",
        before=f"<ReadingType>{'<a/>' * (octets // 8)}</ReadingType><MirrorReadingSet>",
        behind="</MirrorReadingSet>",
    )(octets // 2),
    "devices without an SFDI": _repeat("<EndDevice><lFDI>01</lFDI></EndDevice>"),
    "times in milliseconds": _repeat(
        "<EndDevice><changedTime>1700000000000</changedTime></EndDevice>", attributes='all="1" results="1"'
    ),
    # syntax
    "comments": _repeat("<!--a-->"),
    "instructions": _repeat("<?a b?>"),
    "tags that are not closed": lambda octets: f'<EndDevice xmlns="{SEP}">'.encode() + b"<a>" * (octets // 3),
    "one tag that never ends": lambda octets: f'<EndDevice xmlns="{SEP}" a="'.encode() + b"a" * octets,
    "ampersands": _text("&", "description"),
    "prefixes that are not declared": _repeat("<a:b/>"),
    "octets that are not UTF-8": lambda octets: b"<a>" + b"\xff" * octets + b"</a>",
}
"""Shapes by their names: whatever of it a reader walks once for each of something grows faster than the size."""
