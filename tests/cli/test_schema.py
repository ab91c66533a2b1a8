"""Tests of ``envoy schema``: copies of the schemas, and a catalogue with which other tools find them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from lxml import etree

from tests.support.commands import envoy

WRONG = b'<DERSettings xmlns="urn:ieee:std:2030.5:ns"><setGradW>1</setGradW><updatedTime>0</updatedTime></DERSettings>'
_VALIDATE = """\
import sys
from lxml import etree
schema = etree.XMLSchema(etree.parse(sys.argv[1], etree.XMLParser(no_network=True)))
schema.validate(etree.parse(sys.stdin))
print(*(f"{entry.line} {entry.type_name}" for entry in schema.error_log))
"""


def test_the_schemas_are_copied_into_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    assert envoy("schema", tmp_path / "copy").returncode == 0
    etree.XMLSchema(file=str(tmp_path / "copy" / "csipaus" / "1.3" / "core.xsd"))
    assert envoy("schema", tmp_path / "copy").returncode != 0


def test_a_catalogue_names_the_schema_of_each_namespace_and_the_settings_the_catalogue(tmp_path: Path) -> None:
    done = envoy("schema", "--catalog", "--profile", "csip-aus-1.3", "schemas", cwd=tmp_path)
    assert done.returncode == 0
    folder = tmp_path / "schemas"
    catalogue = etree.parse(folder / "catalog.xml")
    found = {str(entry.get("name")): str(entry.get("uri")) for entry in catalogue.getroot()}
    assert found == {"urn:ieee:std:2030.5:ns": "sep.xsd", "https://csipaus.org/ns/v1.3": "csipaus.xsd"}
    settings = (folder / "settings.json").read_text()
    assert settings in done.stdout
    assert json.loads(settings) == {"xml.catalogs": [str(folder / "catalog.xml")]}


def test_another_reader_of_catalogues_validates_by_the_namespace_alone(tmp_path: Path) -> None:
    envoy("schema", "--catalog", tmp_path / "schemas")
    # libxml2 reads the variable once.
    environment = {**os.environ, "XML_CATALOG_FILES": str(tmp_path / "schemas" / "catalog.xml")}
    command = [sys.executable, "-c", _VALIDATE, "urn:ieee:std:2030.5:ns"]
    done = subprocess.run(command, input=WRONG, env=environment, capture_output=True, check=True)
    assert done.stdout.split() == [b"1", b"SCHEMAV_ELEMENT_CONTENT"]  # setMaxW is missing


def test_documents_without_a_namespace_are_found_by_their_names(tmp_path: Path) -> None:
    assert envoy("schema", "--catalog", "--profile", "envoy-0.1", tmp_path / "old").returncode == 0
    settings = json.loads((tmp_path / "old" / "settings.json").read_text())
    assert [Path(x["systemId"]).is_file() for x in settings["xml.fileAssociations"]] == [True]
    assert not (tmp_path / "old" / "catalog.xml").exists()


def test_a_profile_without_a_catalogue_is_refused(tmp_path: Path) -> None:
    assert envoy("schema", "--profile", "csip-aus-1.3", tmp_path / "copy").returncode != 0
    assert not (tmp_path / "copy").exists()
