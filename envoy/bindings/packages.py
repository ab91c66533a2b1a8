"""Packages of generated bindings: ``sep2``, and those of other schemas."""

from __future__ import annotations

import importlib
import sys
from functools import cache, lru_cache
from types import ModuleType

from envoy.bindings.fields import type_namespace
from envoy.errors import ProfileError
from envoy.namespaces import EXTENSION_NAMESPACES


@cache
def package(name: str) -> ModuleType:
    """Return a package of bindings by its import name.

    Raises:
        ProfileError: It cannot be imported, or has no bindings.
    """
    try:
        found = importlib.import_module(name)
    except ImportError as error:
        remedy = f"Is it where Python looks for it? envoy codegen --schema FILE --package {name} makes it."
        raise ProfileError(f"the bindings {name} cannot be imported: {error}", remedy=remedy) from None
    if not hasattr(found, "PREFIXES"):
        raise ProfileError(f"{name} is not a package of bindings", remedy="envoy codegen makes one from an XSD.")
    return found


@cache
def package_of(cls: type) -> ModuleType | None:
    """Return the package of a generated class, or of the generated base of another class; None if it has none."""
    for base in cls.__mro__:
        found = sys.modules.get(base.__module__.rpartition(".")[0])
        if found is not None and hasattr(found, "PREFIXES") and base.__name__ in found.__all__:
            return found
    return None


@lru_cache(maxsize=1024)  # what a peer sends must not fill the memory
def class_of_element(bindings: ModuleType, tag: str) -> type | None:
    """Return the class that the root element of a qualified name stands for in a package, None if there is none."""
    namespace, _, local = tag.rpartition("}")
    for name in _names(namespace[1:], local):
        if found := bindings.ELEMENTS.get(name):
            return getattr(bindings, found, None)
    return None


@lru_cache(maxsize=1024)
def class_of_type(bindings: ModuleType, namespace: str, local: str) -> type | None:
    """Return the class of a schema type in a package, None if there is none."""
    for name in _names(namespace, local):
        found = getattr(bindings, bindings.TYPES.get(name, local), None)
        if isinstance(found, type) and type_namespace(found) == name.rpartition("}")[0][1:]:
            return found
    return None


def type_name(cls: type) -> str:
    """Return the name that the schema has for the type of a class, as ``xsi:type`` says it."""
    bindings = package_of(cls)
    names = {} if bindings is None else {name: qname for qname, name in bindings.TYPES.items()}
    return str(names.get(cls.__name__, cls.__name__)).rpartition("}")[2]


def prefixes_for(cls: type) -> dict[str, str]:
    """Return the prefix of each namespace in documents of a class."""
    bindings = package_of(cls) or package("sep2")
    return dict(bindings.PREFIXES)


def _names(namespace: str, local: str) -> list[str]:
    """Return the names that an element or type may have in the models: CSIP-AUS stands in several namespaces."""
    others = sorted(EXTENSION_NAMESPACES.keys() - {namespace}) if namespace in EXTENSION_NAMESPACES else []
    return [f"{{{x}}}{local}" if x else local for x in (namespace, *others)]
