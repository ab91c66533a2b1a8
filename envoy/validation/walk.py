"""The walk over a document that its schema does not allow: every error of it, in one pass.

libxml2 gives the verdict, and why is found here. The walk goes over the tree beside the components of the schema, and
reads each element as if the errors before it were put right: one that stands too early is read in its place, one that
is misspelt by the name that was meant. It visits each element once. It knows all of XSD 1.0 but identity constraints
and the forms of some values; about those it has libxml2's own text.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lxml import etree

from envoy._text import quote
from envoy.bindings.lexical import BOOLEANS, NORMALIZERS, WHITE_SPACE
from envoy.bindings.value_errors import Value, ValueDiagnosis, diagnose_value
from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import XSI_NAMESPACE, XSI_TYPE
from envoy.profiles import Profile
from envoy.validation.content_errors import MOST_ERRORS, Content
from envoy.validation.diagnosis import (
    diagnose_content,
    diagnose_missing_attribute,
    diagnose_root,
    diagnose_text,
    diagnose_type,
    find_href,
    find_type_attribute,
    needs_type,
)
from envoy.validation.findings import Diagnosis
from envoy.validation.name_errors import Names
from envoy.validation.schema_log import SchemaLog
from envoy.xsd.components import Declaration, Type, components_of
from envoy.xsd.schemas import schema_path

_XSI_NIL = f"{{{XSI_NAMESPACE}}}nil"
_LOCATIONS = (f"{{{XSI_NAMESPACE}}}schemaLocation", f"{{{XSI_NAMESPACE}}}noNamespaceSchemaLocation")
_SCALED = ("value", "displacement")
"""Elements that a multiplier beside them scales."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One error of a document by its schema.

    Attributes:
        element: The element at which it is.
        diagnosis: What is wrong.
        attribute: The tag of the attribute that is wrong or missing, empty if it is the element.
        content: The children as they should be, if they are what is wrong.
        message: What libxml2 says, if nothing more is known.
    """

    element: etree._Element
    diagnosis: Diagnosis
    attribute: str = ""
    content: Content | None = None
    message: str = ""


_Visit = tuple[etree._Element, Declaration, frozenset[str]]


class _EnoughError(Exception):
    """No more errors are looked for."""


class Walk:
    """The walk over one document.

    Args:
        profile: The profile of the schema.
        log: What libxml2 said.
        most: How many errors are explained.

    Attributes:
        violations: The errors in the order of the document, at most ``most``.
        count: How many there are, at most MOST_ERRORS.
        covered: Elements in a wrong namespace that has been reported above or beside them, and their right names.
        foreign: The namespaces of what stands where the schema allows anything.
    """

    def __init__(self, profile: Profile, log: SchemaLog, most: int) -> None:
        self.violations: list[Violation] = []
        self.count = 0
        self.covered: list[tuple[etree._Element, str]] = []
        self.foreign: set[str] = set()
        self._profile = profile
        self._components = components_of(schema_path(profile))
        self._names = Names(self._components, profile)
        self._log = log
        self._most = most

    def visit_root(self, root: etree._Element) -> None:
        """Visit the root element and all below it, up to MOST_ERRORS."""
        with contextlib.suppress(_EnoughError):
            self._visit_root(root)

    def _visit_root(self, root: etree._Element) -> None:
        declaration = self._components.root(str(root.tag))
        adopted = frozenset[str]()
        if declaration is None or declaration.abstract:
            found = diagnose_root(root, self._components, self._profile)
            self._report(root, lambda: found)
            declaration = self._components.root(found.meant) if found.meant else None
            adopted = frozenset((namespace_of(root),))
        if declaration is None:
            return
        # Not by recursion: a document may be as deep as Python's stack.
        open_elements = [iter([(root, declaration, adopted)])]
        while open_elements:
            child = next(open_elements[-1], None)
            if child is None:
                open_elements.pop()
            elif (children := self.visit(*child)) is not None:
                open_elements.append(children)

    def visit(
        self, element: etree._Element, declaration: Declaration, adopted: frozenset[str]
    ) -> Iterator[_Visit] | None:
        """Visit an element; return the visits of its children, None if it can have none.

        Args:
            element: The element.
            declaration: What it is by the schema.
            adopted: Wrong namespaces that have been reported above it.
        """
        kind, nil, named = declaration.type, False, ""
        attributes = element.items()
        if attributes or needs_type(element, kind):
            kind, named = self._visit_type(element, declaration)
            nil = self._visit_nil(element, declaration)
        if attributes or kind.required:
            self._visit_attributes(element, attributes, kind, named)
        if nil:
            if len(element) or element.text:
                self._report(element, _diagnose_nil, element, "is nil, and has content", attribute=_XSI_NIL)
        elif kind.value is None:
            return self._visit_content(element, kind, adopted)
        elif len(element):
            self._report(element, _diagnose_elements_in_value, element)
        elif (text := element.text or "") or declaration.empty is None:
            value = declaration.value if kind is declaration.type else None
            self._visit_value(element, "", text, declaration, value or kind.value)
        return None

    def _report(
        self,
        element: etree._Element,
        diagnose: Callable[..., Diagnosis],
        *arguments: Any,
        attribute: str = "",
        content: Content | None = None,
        message: str = "",
    ) -> None:
        """Count an error; what is wrong is only put into words if it is one of the first."""
        if self.count == MOST_ERRORS:
            raise _EnoughError
        self.count += 1
        if self.count <= self._most:
            self.violations.append(Violation(element, diagnose(*arguments), attribute, content, message))

    def _visit_type(self, element: etree._Element, declaration: Declaration) -> tuple[Type, str]:
        """Return the type of an element, as ``xsi:type`` may change it, and the attribute that names it.

        If that is wrong, it is the type that was meant.
        """
        declared, attribute = declaration.type, XSI_TYPE
        if element.get(XSI_TYPE) is None:
            attribute = find_type_attribute(element, declared, self._components)
            if not attribute and not needs_type(element, declared):
                return declared, ""
        else:
            named = self._components.named_type(element)
            if named is not None and named.stands_for(declared, declaration.block) and not named.abstract:
                return named, attribute
        found = diagnose_type(element, declared, self._components, self._profile, attribute)
        if not (attribute or declared.abstract or found.meant):
            return declared, ""  # what is in it is reported
        self._report(element, lambda: found, attribute=attribute or XSI_TYPE)
        return (self._components.type(found.meant) if found.meant else None) or declared, attribute

    def _visit_nil(self, element: etree._Element, declaration: Declaration) -> bool:
        text = element.get(_XSI_NIL)
        if text is None or declaration is self._components.anything:
            return False  # what no declaration is for cannot be nil, and nobody minds that it says so
        if not declaration.nillable:
            self._report(element, _diagnose_nil, element, "cannot be nil", attribute=_XSI_NIL)
        elif wrong := diagnose_value(text, Value("", "boolean")):
            self._report(element, _of_value, wrong, "xsi:nil", attribute=_XSI_NIL)
        else:
            return BOOLEANS[text.strip(WHITE_SPACE)]
        return False

    def _visit_attributes(
        self, element: etree._Element, attributes: list[tuple[str, str]], kind: Type, named: str
    ) -> None:
        meant = set()
        for name, text in attributes:
            use = kind.attributes.get(name)
            declaration = use.declaration if use else None
            if declaration is None and name not in (XSI_TYPE, _XSI_NIL, *_LOCATIONS, named):
                wildcard = next((x for x in kind.attribute_wildcards if x.matches(name)), None)
                declaration = self._components.attribute(name) if wildcard and wildcard.process != "skip" else None
                if wildcard is not None:
                    self.foreign.add(name[1:].rpartition("}")[0])
                if wildcard is None or (declaration is None and wildcard.process == "strict"):
                    found = self._names.diagnose_attribute(element, name, kind)
                    self._report(element, lambda found=found: found, attribute=name)
                    if found.meant and found.meant not in meant:
                        meant.add(found.meant)
                        declaration = kind.attributes[found.meant].declaration
            if declaration is not None and declaration.value is not None:
                self._visit_value(element, name, text, declaration, declaration.value)
        for name in kind.required:
            if element.get(name) is None and name not in meant and not (name == "href" and find_href(element, kind)):
                self._report(element, diagnose_missing_attribute, element, name, attribute=name)

    def _visit_value(
        self, element: etree._Element, attribute: str, text: str, declaration: Declaration, value: Value
    ) -> None:
        """Visit the text of an element, or of an attribute of it."""
        wrong = diagnose_value(text, value)
        shown = attribute.rpartition("}")[2]
        if wrong is not None:
            if not attribute and self.count < self._most:
                beside = find_multiplier(element)
                wrong = diagnose_value(text, value, None if beside is None else beside.text) or wrong
            self._report(element, _of_value, wrong, shown, attribute=attribute)
        elif (fixed := declaration.fixed) is not None and not _is_same(text, fixed, value):
            what = f"{quote(text)} is not {quote(fixed)}"
            self._report(element, Diagnosis, "bad-value", what, f"Write {fixed}.", shown, attribute=attribute)
        elif not value.decided:
            normalized = NORMALIZERS.get(value.white_space, str)(text)
            if message := self._log.find_value(element, attribute, normalized):
                self._report(element, Diagnosis, "bad-value", message, "", shown, attribute=attribute, message=message)

    def _visit_content(self, element: etree._Element, kind: Type, adopted: frozenset[str]) -> Iterator[_Visit]:
        children = list(element)
        model = kind.content
        if model.empty:
            if children or element.text:
                self._visit_empty(element, kind, children)
            return
        written = ""
        if not kind.mixed:
            texts = (element.text, *(child.tail for child in children))
            written = next((text for text in texts if text and text.strip(WHITE_SPACE)), "")
        if written:
            self._report(element, diagnose_text, element, written, kind)
        state = model.start
        for child in children:
            step = model.step(state, str(child.tag))
            if step is None or step.lacking or (adopted and namespace_of(child) in adopted):
                break
            state = step.state
        else:
            if not state.lacking:
                for child in children:
                    if declaration := self._declaration_of(child, str(child.tag), kind):
                        yield child, declaration, adopted
                return
        content = Content(element, kind, self._names, adopted)
        self.covered += ((child, content.names[child]) for child in content.covered if child in content.names)
        if written and not children:
            return  # which elements are missing has been said
        for owner in (element, *children):
            for diagnose in content.errors.get(owner, ()):
                self._report(owner, diagnose, content=content)
            name = content.names.get(owner)
            if name and (declaration := self._declaration_of(owner, name, kind)):
                if name != owner.tag and (root := self._components.root(str(owner.tag))):
                    # What stands under its own name instead of with xsi:type has its own type.
                    declaration = root if root.type.stands_for(declaration.type) else declaration
                yield owner, declaration, content.adopted

    def _visit_empty(self, element: etree._Element, kind: Type, children: list[etree._Element]) -> None:
        """Visit an element with content whose type has none; in a later edition it may have some."""
        later = [child for child in children if self._names.diagnose(child, kind, frozenset()).code == "later-edition"]
        if not later or len(later) < len(children):
            self._report(element, diagnose_content, element, kind)
            return
        for child in later:
            # White space beside it would be left, and wrong too.
            found = replace(self._names.diagnose(child, kind, frozenset()), omitted=False)
            self._report(child, lambda found=found: found)

    def _declaration_of(self, child: etree._Element, name: str, kind: Type) -> Declaration | None:
        """Return what a child is by the name that it should have; None if it may be anything."""
        declaration = kind.children.get(name)
        if declaration is not None:
            return declaration
        self.foreign.add(namespace_of(child))
        wildcard = kind.content.wildcard(name)
        if wildcard is None or wildcard.process == "skip":
            return None
        declaration = self._components.root(name)
        if declaration is None and wildcard.process == "strict":
            what = f"the schema has no element {name_of(child)} that could stand here"
            self._report(child, Diagnosis, "unknown-element", what, "Leave it out.")
            return None
        return declaration or self._components.anything


def _of_value(wrong: ValueDiagnosis, attribute: str) -> Diagnosis:
    meant, multiplier, likely = wrong[3:]
    return Diagnosis(*wrong[:3], attribute, value=meant or None, multiplier=multiplier, likely=likely)


def _diagnose_nil(element: etree._Element, what: str) -> Diagnosis:
    return Diagnosis("unknown-attribute", f"{name_of(element)} {what}", "Leave out xsi:nil.", "xsi:nil")


def _diagnose_elements_in_value(element: etree._Element) -> Diagnosis:
    what = f"{name_of(element)} is a simple value, with elements inside"
    return Diagnosis("elements-in-value", what, "Write the value as text, without elements.")


def _is_same(text: str, fixed: str, value: Value) -> bool:
    if value.kind == "integer":
        return int(text) == int(fixed)
    return text.strip(WHITE_SPACE) == fixed.strip(WHITE_SPACE)


def find_multiplier(element: etree._Element) -> etree._Element | None:
    """Return the multiplier beside an element that it scales, None if there is none."""
    parent = element.getparent()
    if parent is None or name_of(element) not in _SCALED:
        return None
    return parent.find(f"{{{namespace_of(element)}}}multiplier")
