"""Fast paths of parsing and validation: the same results as the slow ones, bounded memory, few imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from bench import many
from bench.documents import der_control_list, end_device_list, mirror_usage_point_list
from envoy import dumps, loads
from envoy.codec.compiled_decoder import _ValueCache
from envoy.codec.parser import parse, parse_with_schema
from envoy.errors import DecodeError, DocumentError
from envoy.profiles import get_profile
from envoy.xsd.schemas import schema_for
from sep2 import EndDeviceList, MirrorUsagePointList

DOCUMENTS = [
    dumps(der_control_list(1)),
    dumps(end_device_list(1)),
    '<?xml version="1.0" encoding="latin-1"?><!--é--><a xmlns:x="u"><x:b>t<!--c-->u<![CDATA[x&y]]></x:b></a>'.encode(),
    b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&#65;</a>",
]
PIECES = [
    b"<",
    b">",
    b"&",
    b'"',
    b"\xff",
    b"\0",
    b"<!--",
    b"]]>",
    b"<?p?>",
    b'xmlns:z=""',
    b" z:y='1'",
    b"&#0;",
    b"\xc3\xa9",
]
SAME_EVERY_TIME = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a document with a piece of it taken out, and a piece that does not belong there put in."""
    raw = draw(st.sampled_from(DOCUMENTS))
    start = draw(st.integers(0, len(raw)))
    end = min(len(raw), start + draw(st.sampled_from([0, 0, 1, 3, 40])))
    return raw[:start] + draw(st.sampled_from([b"", *PIECES])) + raw[end:]


def parse_at_once(raw: bytes) -> bytes | None:
    """Return what one call makes of a document that ``parse`` feeds to a parser; None if it is refused."""
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError:
        return None
    return None if root.getroottree().docinfo.doctype else etree.tostring(root)


@SAME_EVERY_TIME
@given(damaged())
def test_feeding_a_parser_gives_the_same_tree(raw: bytes) -> None:
    try:
        read = etree.tostring(parse(raw))
    except DocumentError:
        read = None
    assert read == parse_at_once(raw)


@SAME_EVERY_TIME
@given(damaged())
def test_stream_and_tree_are_validated_alike(raw: bytes) -> None:
    schema = schema_for(get_profile())
    try:
        tree = parse(raw)
    except DocumentError:
        with pytest.raises(DocumentError):
            parse_with_schema(raw, schema)
        return
    root, errors = parse_with_schema(raw, schema)
    assert etree.tostring(root) == etree.tostring(tree)
    assert (errors is None) == schema.validate(tree)


def test_truncated_document_leaves_nothing_to_the_next() -> None:
    with pytest.raises(DocumentError):
        parse(b"<a><b>")
    assert parse(b"<c/>").tag == "c"
    with pytest.raises(TypeError):
        parse(bytearray(b"<c/>"))
    assert parse(b"<d/>").tag == "d"


def test_equal_small_values_share_one_object() -> None:
    first, second = loads(dumps(mirror_usage_point_list(2, 2)), MirrorUsagePointList).mirror_usage_point
    values = [
        meter.mirror_meter_reading[0].mirror_reading_set[0].reading[1].local_id for meter in (first, second)
    ]  # fmt: skip
    assert values[0] == b"\0\1"
    assert values[0] is values[1]


def test_value_cache_is_bounded() -> None:
    known = _ValueCache(int)
    assert [known[str(number)] for number in range(2 * _ValueCache.LIMIT)] == list(range(2 * _ValueCache.LIMIT))
    assert len(known) == _ValueCache.LIMIT
    known = _ValueCache(int)
    assert known[" " * 100 + "7"] == 7
    assert not known


def test_number_in_an_attribute_is_read_as_strictly_as_any() -> None:
    text = dumps(EndDeviceList(all=1, results=0)).decode()
    assert loads(text.replace('all="1"', 'all=" +1 "')).all == 1
    for wrong in ("1_0", "\u0663", "0x1", "", "1.0"):
        with pytest.raises(DecodeError):
            loads(text.replace('all="1"', f'all="{wrong}"'))


def test_validating_a_valid_document_imports_no_diagnosis(tmp_path: Path) -> None:
    file = tmp_path / "devices.xml"
    file.write_bytes(dumps(der_control_list(1)))
    program = (
        "import sys; sys.argv = ['envoy', 'validate', '--isolated', sys.argv[1]]\n"
        "import atexit; atexit.register(lambda: print(*sys.modules))\n"
        "from envoy.cli import main; main()"
    )
    # Measuring coverage loads more.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=True, env=environment
    )
    verdict, _, modules = done.stdout.partition("\n")
    assert verdict.startswith("1 valid, 0 not valid")
    loaded = set(modules.split())
    assert not loaded & {
        "envoy.validation.diagnosis",
        "envoy.validation.walk",
        "envoy.codec.decoder",
        "envoy.codec.compiled_decoder",
        "envoy.codec.encoder",
        "envoy.checker.exchange_rules",
        "envoy.checker.pool",
        "envoy.checker.reports.junit",
        "envoy.checker.sources.file_reader",
        "envoy.xsd.components",
    }
    assert not loaded & {"sep2", "pydantic", "rich", "httpx", "cryptography", "multiprocessing", "ijson", "tempfile"}


@pytest.mark.unmeasured
def test_the_bench_of_many_files_runs_and_all_are_valid() -> None:
    took = many.seconds(count=2, turns=1)
    ours = {f"envoy validate --workers {workers}{rules}" for workers in (1, 2) for rules in ("", " --no-rules")}
    assert ours <= {*took}
