"""The compiled decoders and encoders give what the general ones give: the same objects, texts and errors."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from envoy.bindings.fields import fields_of
from envoy.codec import decoder, encoder
from envoy.codec.compiled_encoder import FallBackError
from envoy.documents import dumps
from envoy.errors import EncodeError, EnvoyError
from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import get_profile
from envoy.validation.validate import MAX_FINDINGS, validate
from sep2 import (
    ActivePower,
    DERCapability,
    DERControlType,
    DERType,
    EndDevice,
    EndDeviceList,
    MirrorUsagePoint,
    PowerOfTenMultiplierType,
    RoleFlagsType,
    ServiceKind,
    SubscribableType,
    UsagePointStatus,
)
from tests.support.strategies import ProfileObjects, root_resources

PROFILE = get_profile("csip-aus-1.3")
CLASSES = root_resources(PROFILE)
SAME_EVERY_TIME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@cache
def objects() -> ProfileObjects:
    return ProfileObjects(PROFILE)


def encode_generally(obj: Any) -> str:
    """Encode with the general encoder alone."""

    def refuse(*_: Any) -> str:
        raise FallBackError

    document = encoder._prepare
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "_prepare", lambda cls, profile: (*document(cls, profile)[:4], refuse))
        return encoder.encode(obj, PROFILE)


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call returns, or the error it raises as text."""
    try:
        return call()
    except EnvoyError as error:
        return f"{type(error).__name__}: {error}"


def decodings(root: etree._Element, cls: type) -> list[Any]:
    """Decode strictly and tolerantly, compiled and generally; return the objects and errors of each."""
    results = []
    for compiled in (True, False):
        errors: list[str] = []
        strict = outcome(lambda compiled=compiled: decoder.decode(root, cls, compiled=compiled))
        report = lambda error, errors=errors: errors.append(str(error))  # noqa: E731
        tolerant = outcome(
            lambda compiled=compiled, report=report: decoder.decode(root, cls, report, compiled=compiled)
        )
        results.append((strict, tolerant, sorted(errors)))
    return results


@pytest.mark.unmeasured
@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_compiled_and_general_codecs_agree(cls: type) -> None:
    @settings(SAME_EVERY_TIME, max_examples=4)
    @given(objects().objects(cls))
    def check(obj: Any) -> None:
        text = encoder.encode(obj, PROFILE)
        assert text == encode_generally(obj)
        if XSI_NAMESPACE in text:
            return  # loads() does not use the compiled decoders for such a document
        compiled, general = decodings(etree.fromstring(text.encode()), cls)
        assert compiled == general

    check()


def test_defaults_of_a_later_edition_are_written_by_the_compiled_encoder() -> None:
    profile = get_profile("ieee-2018")
    later = [cls for cls in CLASSES if any(x.edition and x.default is not None for x in fields_of(cls))]
    assert MirrorUsagePoint in later
    point = MirrorUsagePoint(
        mrid=b"1",
        role_flags=RoleFlagsType(0),
        service_category_kind=ServiceKind(0),
        status=UsagePointStatus(0),
        device_lfdi=bytes(20),
    )
    *_, compiled = encoder._prepare(MirrorUsagePoint, profile)
    assert "<mRID>" in compiled(point, "MirrorUsagePoint", set())
    point.subscribable = SubscribableType(1)
    with pytest.raises(FallBackError):
        compiled(point, "MirrorUsagePoint", set())
    with pytest.raises(EncodeError):
        encoder.encode(point, profile)


def mutate(root: etree._Element, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
    """Do to a document what senders do: leave out, repeat, move, rename, add, and write nonsense."""
    nodes = list(root.iter())
    node = nodes[draw(st.integers(0, len(nodes) - 1))]
    parent = node.getparent()
    kind = draw(st.sampled_from(["drop", "repeat", "move", "rename", "add", "text", "attribute", "nest"]))
    if kind == "drop" and parent is not None:
        parent.remove(node)
    elif kind == "repeat" and parent is not None:
        node.addnext(etree.fromstring(etree.tostring(node, with_tail=False)))
    elif kind == "move" and parent is not None:
        parent.insert(draw(st.integers(0, len(parent))), node)
    elif kind == "rename":
        node.tag = draw(st.sampled_from(["x", "{urn:ieee:std:2030.5:ns}x", "{https://csipaus.org/ns}x", node.tag]))
    elif kind == "add":
        node.insert(0, etree.Element("{urn:vendor}extension"))
    elif kind == "text":
        node.text = draw(st.sampled_from(["", " 1 ", "0x1F", "abc", "123", "-5", "1_0", "٣", "true", "9" * 30, "+7"]))
    elif kind == "attribute":
        node.set(draw(st.sampled_from(["href", "all", "results", "pollRate", "unknown"])), "7")
    elif kind == "nest" and len(node) == 0:
        node.append(etree.Element("{urn:ieee:std:2030.5:ns}inner"))


@pytest.mark.unmeasured
@pytest.mark.parametrize("cls", CLASSES[::4], ids=lambda cls: cls.__name__)
def test_compiled_and_general_decoders_agree_on_faulty_documents(cls: type) -> None:
    @settings(SAME_EVERY_TIME, max_examples=10)
    @given(objects().objects(cls), st.data())
    def check(obj: Any, data: st.DataObject) -> None:
        root = etree.fromstring(encoder.encode(obj, PROFILE).encode())
        for _ in range(data.draw(st.integers(1, 3))):
            mutate(root, data.draw)
        compiled, general = decodings(root, cls)
        assert compiled == general

    check()


@pytest.mark.parametrize(
    "wrong",
    [
        EndDevice(sfdi="1", changed_time=1),  # type: ignore[arg-type]
        EndDevice(sfdi=True, changed_time=1),
        EndDevice(sfdi=10**5000, changed_time=1),
        EndDevice(sfdi=None, changed_time=1),  # type: ignore[arg-type]
        EndDevice(sfdi=1, changed_time=1, lfdi="AB"),  # type: ignore[arg-type]
        EndDevice(sfdi=1, changed_time=1, lfdi=bytearray(20)),  # type: ignore[arg-type]
        EndDevice(sfdi=1, changed_time=1, href="\x00"),
        EndDevice(sfdi=1, changed_time=1, href="\ud800"),
        EndDevice(sfdi=1, changed_time=1, enabled=1),  # type: ignore[arg-type]
        EndDeviceList(all=1, results=1, end_device=(EndDevice(sfdi=1, changed_time=1),)),  # type: ignore[arg-type]
        EndDeviceList(all=1, results=1, end_device=[None]),  # type: ignore[list-item]
        DERCapability(modes_supported=DERControlType(1 << 40), rtg_max_w=ActivePower.of(1), type=DERType(4)),
        DERCapability(modes_supported=1, rtg_max_w=ActivePower.of(1), type=4),  # type: ignore[arg-type]
        DERCapability(
            modes_supported=DERControlType(1),
            rtg_max_w=ActivePower(value=1.5, multiplier=PowerOfTenMultiplierType(0)),  # type: ignore[arg-type]
            type=DERType(4),
        ),
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_general_encoder_reports_what_the_compiled_one_refuses(wrong: Any) -> None:
    assert outcome(lambda: encoder.encode(wrong, PROFILE)) == outcome(lambda: encode_generally(wrong))


def test_error_is_reported_once_though_its_element_is_decoded_twice() -> None:
    device = b"<EndDevice><lFDI>0x1</lFDI><sFDI>1</sFDI><changedTime>1</changedTime></EndDevice>"
    late = b'<v:extension xmlns:v="urn:vendor"/>'
    text = b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="1" results="1">' + device + late + b"</EndDeviceList>"
    errors: list[str] = []
    decoder.decode(etree.fromstring(text), EndDeviceList, lambda error: errors.append(str(error)), compiled=True)
    assert len(errors) == 1


def test_compiled_code_can_be_read_in_a_traceback() -> None:
    class Broken:
        """Stands where an element is expected."""

        def items(self) -> list[tuple[str, str]]:
            raise RuntimeError("seen in the traceback")

    try:
        decoder.decode(Broken(), EndDevice, compiled=True)  # type: ignore[arg-type]
    except RuntimeError:
        shown = traceback.format_exc()
    assert "<envoy decoder of EndDevice>" in shown
    assert "for key, text in element.items():" in shown


def test_large_document_full_of_errors_is_validated_in_time() -> None:
    # Placing each of them takes libxml2 minutes, since it counts the siblings of each.
    bad = b"<EndDevice><lFDI>0</lFDI></EndDevice>" * 50_000
    text = b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="1" results="1">' + bad + b"</EndDeviceList>"
    findings = validate(text)
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].code == "more"
    assert findings[1].line == 1 and findings[1].path == "EndDeviceList/EndDevice[1]/lFDI"
    assert findings[1].code == "hex-odd"
    assert validate(text) == findings


def test_errors_of_one_document_are_not_reported_for_the_next() -> None:
    text = dumps(EndDevice(sfdi=1, changed_time=1))
    one_error = text.replace(b"<sFDI>1<", b"<sFDI>-1<")
    assert [len(validate(document)) for document in (one_error, text, one_error, text, one_error)] == [1, 0, 1, 0, 1]
    two_errors = one_error.replace(b"<changedTime>1<", b"<changedTime>x<")
    assert [len(validate(document)) for document in (two_errors, one_error, two_errors)] == [2, 1, 2]


def test_error_in_a_large_document_is_located() -> None:
    devices = [EndDevice(sfdi=number, changed_time=1) for number in range(3_000)]
    text = dumps(EndDeviceList(all=3_000, results=3_000, end_device=devices))
    findings = validate(text.replace(b"<sFDI>2999</sFDI>", b"<sFDI>-1</sFDI>"))
    assert [finding.path for finding in findings] == ["EndDeviceList/EndDevice[3000]/sFDI"]
