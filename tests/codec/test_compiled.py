"""The compiled readers and writers give what the general ones give: the same objects, texts, faults and errors."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from envoy.codec import decoder, encoder
from envoy.codec.compiled_encoder import NotPlainError
from envoy.documents import dumps
from envoy.errors import EnvoyError
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
    PowerOfTenMultiplierType,
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


def generally(obj: Any) -> str:
    """Write with the general writer alone."""

    def refuse(*_: Any) -> str:
        raise NotPlainError

    document = encoder._document
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "_document", lambda cls, profile: (*document(cls, profile)[:3], refuse))
        return encoder.write(obj, PROFILE)


def outcome(call: Callable[[], Any]) -> Any:
    """Return what a call returns, or the error it raises as text."""
    try:
        return call()
    except EnvoyError as error:
        return f"{type(error).__name__}: {error}"


def readings(root: etree._Element, cls: type) -> list[Any]:
    """Read strictly and tolerantly, compiled and generally; return object, faults and error of each."""
    results = []
    for plain in (True, False):
        faults: list[str] = []
        strict = outcome(lambda plain=plain: decoder.read(root, cls, plain=plain))
        report = lambda error, faults=faults: faults.append(str(error))  # noqa: E731
        tolerant = outcome(lambda plain=plain, report=report: decoder.read(root, cls, report, plain=plain))
        results.append((strict, tolerant, sorted(faults)))
    return results


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_both_writers_write_the_same_and_both_readers_read_the_same(cls: type) -> None:
    @settings(SAME_EVERY_TIME, max_examples=4)
    @given(objects().objects(cls))
    def check(obj: Any) -> None:
        text = encoder.write(obj, PROFILE)
        assert text == generally(obj)
        if XSI_NAMESPACE in text:
            return  # loads() does not take such a document for plain
        compiled, general = readings(etree.fromstring(text.encode()), cls)
        assert compiled == general

    check()


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


@pytest.mark.parametrize("cls", CLASSES[::4], ids=lambda cls: cls.__name__)
def test_both_readers_judge_a_document_with_faults_the_same(cls: type) -> None:
    @settings(SAME_EVERY_TIME, max_examples=25)
    @given(objects().objects(cls), st.data())
    def check(obj: Any, data: st.DataObject) -> None:
        root = etree.fromstring(encoder.write(obj, PROFILE).encode())
        for _ in range(data.draw(st.integers(1, 3))):
            mutate(root, data.draw)
        compiled, general = readings(root, cls)
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
def test_what_does_not_fit_is_told_by_the_general_writer(wrong: Any) -> None:
    assert outcome(lambda: encoder.write(wrong, PROFILE)) == outcome(lambda: generally(wrong))


def test_a_fault_is_told_once_though_its_element_is_read_twice() -> None:
    device = b"<EndDevice><lFDI>0x1</lFDI><sFDI>1</sFDI><changedTime>1</changedTime></EndDevice>"
    late = b'<v:extension xmlns:v="urn:vendor"/>'
    text = b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="1" results="1">' + device + late + b"</EndDeviceList>"
    faults: list[str] = []
    decoder.read(etree.fromstring(text), EndDeviceList, lambda error: faults.append(str(error)), plain=True)
    assert len(faults) == 1


def test_compiled_code_can_be_read_in_a_traceback() -> None:
    class Broken:
        """Stands where an element is expected."""

        def items(self) -> list[tuple[str, str]]:
            raise RuntimeError("seen in the traceback")

    try:
        decoder.read(Broken(), EndDevice, plain=True)  # type: ignore[arg-type]
    except RuntimeError:
        shown = traceback.format_exc()
    assert "<envoy reader of EndDevice>" in shown
    assert "for key, text in element.items():" in shown


def test_a_large_document_full_of_faults_is_judged_without_searching_for_each() -> None:
    # Placing each of them takes libxml2 minutes, since it counts the siblings of each.
    bad = b"<EndDevice><lFDI>0</lFDI></EndDevice>" * 50_000
    text = b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="1" results="1">' + bad + b"</EndDeviceList>"
    findings = validate(text)
    assert len(findings) == MAX_FINDINGS + 1
    assert findings[-1].reason == "there may be more faults; in a document of this size they are not counted"
    assert findings[1].line == 1 and findings[1].path == "EndDeviceList/EndDevice[1]/lFDI"
    assert "odd number" in findings[1].reason
    assert validate(text) == findings


def test_the_faults_of_one_document_are_not_told_of_the_next() -> None:
    text = dumps(EndDevice(sfdi=1, changed_time=1))
    one_fault = text.replace(b"<sFDI>1<", b"<sFDI>-1<")
    assert [len(validate(document)) for document in (one_fault, text, one_fault, text, one_fault)] == [1, 0, 1, 0, 1]
    two_faults = one_fault.replace(b"<changedTime>1<", b"<changedTime>x<")
    assert [len(validate(document)) for document in (two_faults, one_fault, two_faults)] == [2, 1, 2]


def test_one_fault_in_a_large_document_is_placed() -> None:
    devices = [EndDevice(sfdi=number, changed_time=1) for number in range(3_000)]
    text = dumps(EndDeviceList(all=3_000, results=3_000, end_device=devices))
    findings = validate(text.replace(b"<sFDI>2999</sFDI>", b"<sFDI>-1</sFDI>"))
    assert [finding.path for finding in findings] == ["EndDeviceList/EndDevice[3000]/sFDI"]
