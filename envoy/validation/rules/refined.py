"""Schema of a profile, stricter by what the rules say of single values: what it allows needs hardly any further check.

Most documents are valid and keep all rules. libxml2 finds that out while it validates, in hardly more time, where
visiting each element would take longer than to parse and validate it.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from itertools import chain
from typing import Any

from lxml import etree

from envoy.profiles import PROFILES, Profile
from envoy.validation.rules.rule import Rule
from envoy.xsd.loader import XS, load, new_component
from envoy.xsd.schemas import schema_path

WORTH = 150
"""Documents that are checked in less time than it takes to compile such a schema."""

_NOTHING = {"pattern": "x", "maxLength": "0"}
"""Facets that no value has."""


class _Compiled(threading.local):
    """The schemas of this thread, as a compiled schema carries the error log of its last verdict."""

    def __init__(self) -> None:
        self.schemas: dict[str, etree.XMLSchema] = {}
        self.documents: dict[str, int] = {}


_compiled = _Compiled()


def refined_schema(profile: Profile, rules: Iterable[Rule]) -> etree.XMLSchema | None:
    """Return the stricter schema of a profile of ours once it is worth it, with the number of calls; None until then.

    Args:
        profile: The profile.
        rules: The rules that hold in it.
    """
    name, schemas = profile.name, _compiled.schemas
    if PROFILES.get(name) != profile:
        return None
    if name not in schemas:
        count = _compiled.documents[name] = _compiled.documents.get(name, 0) + 1
        if count < WORTH:
            return None
        schemas[name] = compile_refined(profile, rules)
    return schemas[name]


def compile_refined(profile: Profile, rules: Iterable[Rule]) -> etree.XMLSchema:
    """Return a schema that allows a document only if the schema of the profile does.

    Rules then certainly have no objection to anything in it but its root element, except those whose ``precheck`` is
    of the whole document, and unless ``xsi:type`` says what an element is.
    """
    path = schema_path(profile)
    nodes = chain.from_iterable(file.root.iter(f"{XS}complexType") for file in load([path], lenient=True))
    refinement = _Refinement(rules, {name for node in nodes if (name := node.get("name"))})
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(refinement)
    return etree.XMLSchema(etree.fromstring(refinement.refine(str(path)), parser, base_url=str(path)))


class _Refinement(etree.Resolver):
    """Refinement of the files of a schema, as they are read.

    Args:
        rules: What the rules of the profile require.
        complex_types: Names of the complex types of the schema. Values have such a type if they may have attributes.
    """

    def __init__(self, rules: Iterable[Rule], complex_types: Collection[str]) -> None:
        self._complex_types = complex_types
        self._facets: dict[str, list[dict[str, str]]] = {}
        self._required: dict[str, str] = {}
        self._visited: set[str] = set()
        for rule in rules:
            for name, facets in rule.facets.items():
                self._facets.setdefault(name, []).append(facets)
            if rule.required:
                self._required |= dict.fromkeys(rule.elements, rule.required)
            elif not (rule.facets or rule.whole):
                self._visited |= rule.elements

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:
        """Return a file that a schema includes, imports or redefines."""
        return self.resolve_string(self.refine(str(system_url)), context, base_url=system_url)

    def refine(self, file: str) -> bytes:
        """Return a refined file."""
        root = etree.parse(file).getroot()
        for node in root.iter(f"{XS}element"):
            name = str(node.get("name") or node.get("ref")).rpartition(":")[2]
            if name in self._visited and node.getparent() is not root:
                # The root element alone is visited. A reference would be to an element that may be one.
                node.attrib.pop("ref", "")
                node.set("name", name)
                node.set("type", f"{node.prefix}:string")
                self._restrict(node, _NOTHING)
            elif node.get("name"):
                for facets in self._facets.get(name, ()):
                    self._restrict(node, facets)
        # What may stand where anything may has rules too, and is not validated if the schema does not know it.
        etree.strip_elements(root, f"{XS}anyAttribute", with_tail=False)
        for node in root.iter(f"{XS}any"):
            if node.get("minOccurs") == "0":
                node.set("maxOccurs", "0")
            else:
                node.tag = f"{XS}element"
                node.attrib.clear()
                node.attrib.update({"name": "any", "type": f"{node.prefix}:string"})
                self._restrict(node, _NOTHING)
        for node in root.iter(f"{XS}complexType"):
            required = self._required.get(node.get("name", ""))
            for attribute in node.iter(f"{XS}attribute"):
                if attribute.get("name") == required:
                    attribute.set("use", "required")
        return etree.tostring(root)

    def _restrict(self, node: etree._Element, facets: dict[str, str]) -> None:
        """Restrict the type of an element, which has a name, or is what it was restricted to before."""
        kind, restriction = new_component("simpleType"), new_component("restriction")
        place = kind
        if base := node.attrib.pop("type", ""):
            restriction.set("base", base)
            if base.rpartition(":")[2] in self._complex_types:
                kind, place = new_component("complexType"), new_component("simpleContent")
                kind.append(place)
        else:
            restriction.append(node[-1])
        restriction.extend(new_component(facet, value=value) for facet, value in facets.items())
        place.append(restriction)
        node[:] = [kind]
