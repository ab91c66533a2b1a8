"""The XSD files of the profiles: their paths, compiled for lxml, and the extension elements that they declare."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path

from lxml import etree

from envoy._data import data_folder
from envoy._text import printable
from envoy.errors import SchemaError
from envoy.profiles import Profile

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_compiled = threading.local()


def schema_path(profile: Profile) -> Path:
    """Return the entry file of the schema of a profile."""
    return data_folder("schema") / profile.schema


def schema_for(profile: Profile) -> etree.XMLSchema:
    """Return the compiled schema of a profile.

    Each thread has its own, since a compiled schema carries the error log of its last verdict.

    Raises:
        SchemaError: The schema of a profile that is not one of ours cannot be read, or is not a valid XSD.
    """
    schemas: dict[str | Path, etree.XMLSchema] | None = getattr(_compiled, "schemas", None)
    if schemas is None:
        schemas = _compiled.schemas = {}
    if profile.schema not in schemas:
        schemas[profile.schema] = compile_schema(schema_path(profile))
    return schemas[profile.schema]


def profile_for_schema(path: Path) -> Profile:
    """Return a profile that validates documents by an XSD of one's own.

    Raises:
        SchemaError: The file cannot be read, or is not a valid XSD 1.0.
    """
    if not path.is_file():
        raise SchemaError("there is no such schema file", where=str(path))
    profile = Profile(name=printable(path.name), schema=path.resolve())
    schema_for(profile)
    return profile


def compile_schema(path: Path) -> etree.XMLSchema:
    """Return an XSD compiled, with all that it includes, imports and redefines; nothing is loaded from a network.

    Raises:
        SchemaError: It cannot be read, or is not a valid XSD 1.0.
    """
    try:
        return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))
    except OSError as error:
        raise SchemaError(f"cannot be read: {error.strerror or error}", where=str(path)) from None
    except etree.XMLSyntaxError as error:
        raise SchemaError(f"not well-formed XML: {error.msg}", where=f"{path}:{error.lineno or 1}") from None
    except etree.XMLSchemaParseError as error:
        raise SchemaError(f"not a valid XSD:\n  {_list_errors(error)}", where=str(path)) from None


def _list_errors(error: etree.XMLSchemaParseError) -> str:
    """Return the errors that libxml2 found, one on a line, each with its file and line."""
    lines = [
        f"{Path(entry.filename).name}:{entry.line}: {entry.message}" if entry.line else entry.message
        for entry in error.error_log
    ]
    return "\n  ".join(dict.fromkeys(lines)) or str(error)


def knows_extension(profile: Profile, local: str) -> bool:
    """Return whether a profile has the CSIP-AUS element of a local name."""
    if not profile.extension_schema:
        return profile.extension_namespace is not None
    return local in extension_elements(profile)


@cache
def extension_elements(profile: Profile) -> frozenset[str]:
    """Return the local names of the CSIP-AUS elements that the schema of a profile's extension declares."""
    if not profile.extension_schema:
        return frozenset()
    tree = etree.parse(data_folder("schema") / profile.extension_schema)
    return frozenset(str(node.get("name")) for node in tree.iter(f"{_XSD}element"))
