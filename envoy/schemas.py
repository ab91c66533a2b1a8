"""The XSD files of the profiles: where they are, compiled for lxml, and the extension elements they declare."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

from lxml import etree

from envoy.profiles import Profile

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_compiled = threading.local()


@cache
def data_folder(name: str) -> Path:
    """Return a folder of data files: inside the installed package, or at the top of a source checkout.

    Raises:
        FileNotFoundError: The installation is broken.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no folder {name!r} beside {package}: reinstall envoy-client")


def schema_path(profile: Profile) -> Path:
    """Return the entry file of the schema that judges a profile."""
    return data_folder("schema") / profile.schema


def schema_for(profile: Profile) -> etree.XMLSchema:
    """Return the compiled schema of a profile.

    Each thread has its own, since a compiled schema carries the error log of its last verdict.
    """
    schemas: dict[str, etree.XMLSchema] | None = getattr(_compiled, "schemas", None)
    if schemas is None:
        schemas = _compiled.schemas = {}
    if profile.schema not in schemas:
        schemas[profile.schema] = etree.XMLSchema(etree.parse(schema_path(profile)))
    return schemas[profile.schema]


@cache
def extension_elements(profile: Profile) -> frozenset[str]:
    """Return the local names of the CSIP-AUS elements that a profile knows."""
    if not profile.extension_schema:
        return frozenset()
    tree = etree.parse(data_folder("schema") / profile.extension_schema)
    return frozenset(str(node.get("name")) for node in tree.iter(f"{_XSD}element"))
