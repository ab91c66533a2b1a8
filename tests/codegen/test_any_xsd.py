"""Odd schemas that somebody may bring: random valid documents of each survive being read and written."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from envoy import Profile, dumps, loads, validate
from envoy.codegen import Job, run
from tests.conformance.documents import Documents
from tests.conformance.editions import Validator

SCHEMAS = sorted((Path(__file__).parent / "data" / "odd").glob("*/v.xsd"))
"""Each says in its head what is odd about it."""

DOCUMENTS = 20
"""Documents that are tried of each root."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A source root on Python's path."""
    folder = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield folder


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.parent.name)
def test_documents_of_an_odd_schema_survive(schema: Path, source: Path) -> None:
    package = f"odd_{SCHEMAS.index(schema)}"
    assert run(Job([schema], package, source)) == 0
    bindings = importlib.import_module(package)
    profile = Profile(name=package, schema=schema, package=package)
    validator = Validator("ours", schema)
    documents = Documents(validator.model)
    # An element of a simple type is not a message.
    roots = {tag: node for tag, node in validator.model.elements.items() if node.type.is_complex()}
    assert set(bindings.ELEMENTS) == {tag for tag, node in roots.items() if not node.abstract}
    for tag in bindings.ELEMENTS:
        for seed in range(DOCUMENTS):
            root = documents.random(tag, str(seed))
            assert validator.accepts(root), validator.reason()
            read = loads(etree.tostring(root, encoding="utf-8"), profile=profile)
            written = dumps(read, profile=profile, validate=True)
            assert loads(written, profile=profile) == read


def test_text_where_anything_may_stand_is_skipped_and_reported(source: Path) -> None:
    schema = next(schema for schema in SCHEMAS if schema.parent.name == "text-where-anything-may-stand")
    assert run(Job([schema], "open_text", source)) == 0
    profile = Profile(name="open_text", schema=schema, package="open_text")
    unknown: list[str] = []
    read = loads(
        '<R xmlns="urn:v"><method algorithm="a">text<length>3</length>more<x xmlns="urn:x">y</x></method></R>',
        profile=profile,
        validate=True,
        on_unknown=unknown.append,
    )
    assert (read.method.algorithm, read.method.length) == ("a", 3)
    assert len(unknown) == 1
    assert dumps(read, profile=profile, validate=True).count(b"text") == 0


def test_white_space_becomes_what_the_type_says(source: Path) -> None:
    schema = next(schema for schema in SCHEMAS if schema.parent.name == "white-space")
    assert run(Job([schema], "white_space", source)) == 0
    profile = Profile(name="white_space", schema=schema, package="white_space")
    read = loads(
        """<R xmlns="urn:v"><kind>
          main
        </kind><kind> a   b </kind><token>
          x   y
        </token><normalized>p
q </normalized><language> en </language><uri>
          /edev/1
        </uri><code>
          AB
        </code><id> i1 </id><words> a
        b </words><text> t
 </text></R>""",
        profile=profile,
        validate=True,
    )
    assert (read.kind, read.token, read.normalized, read.language) == (["main", "a b"], "x y", "p q ", "en")
    assert (read.uri, read.code, read.id, read.words, read.text) == ("/edev/1", "AB", "i1", ["a", "b"], " t\n ")
    assert read.name == "a name"
    assert loads(dumps(read, profile=profile), profile=profile) == read
    (finding,) = validate(dumps(read, profile=profile).replace(b"AB<", b"\n ABCDE\n <"), profile=profile)
    assert (finding.code, finding.reason) == ("too-long", "the text has 5 characters, Code allows 4")
