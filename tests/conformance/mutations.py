"""Changes to a valid document of the kinds that senders make; most are no longer valid, some still are."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random

from lxml import etree

from .documents import FOREIGN, Documents
from .model import XSI_TYPE, Node
from .values import simple_type_of, spoiler

_NAMESPACES = ("", FOREIGN, "urn:ieee:std:2030.5:ns", "https://csipaus.org/ns", "https://csipaus.org/ns/v1.3")
_XSI_NIL = XSI_TYPE.replace("type", "nil")


class _Subject:
    """A document that is changed, with what the schema says about it."""

    def __init__(self, root: etree._Element, documents: Documents, rng: Random) -> None:
        self.root = root
        self.documents = documents
        self.model = documents.model
        self.rng = rng
        self.nodes = list(self.model.walk(root))
        self.inner = self.nodes[1:]
        self.leaves = [node for node in self.nodes if simple_type_of(node.type) is not None]
        self.branches = [node for node in self.nodes if simple_type_of(node.type) is None]

    def tag(self) -> str:
        """Return the tag of any element of the schema, root or not."""
        owner = _pick(self, self.branches)
        fields = list(self.model.fields(owner.type)) if owner is not None else []
        return self.rng.choice(fields if fields and self.rng.random() < 0.7 else list(self.model.elements))


Mutation = Callable[[_Subject], bool]
"""Changes a document and returns True, or returns False if it has nothing to change in this way."""


def _pick(subject: _Subject, nodes: list[Node]) -> Node | None:
    return subject.rng.choice(nodes) if nodes else None


def _drop(subject: _Subject) -> bool:
    node = _pick(subject, subject.inner)
    if node is not None:
        _parent(node).remove(node.element)
    return node is not None


def _add(subject: _Subject) -> bool:
    node = _pick(subject, subject.branches)
    if node is None:
        return False
    fields = list(subject.model.fields(node.type).values())
    pool = fields if fields and subject.rng.random() < 0.7 else list(subject.model.elements.values())
    added = subject.documents.add(node.element, subject.rng.choice(pool), subject.rng)
    node.element.insert(subject.rng.randint(0, len(node.element)), added)
    return True


def _repeat(subject: _Subject) -> bool:
    node = _pick(subject, subject.inner)
    if node is not None:
        node.element.addnext(copy.deepcopy(node.element))
    return node is not None


def _move(subject: _Subject) -> bool:
    node = _pick(subject, subject.inner)
    if node is None:
        return False
    target = _parent(node) if subject.rng.random() < 0.6 else subject.rng.choice(subject.branches).element
    if target is node.element or node.element in target.iterancestors():
        return False
    before = list(target)
    target.insert(subject.rng.randint(0, len(target)), node.element)
    return before != list(target)


def _rename(subject: _Subject) -> bool:
    node = subject.rng.choice(subject.nodes)
    tag = str(node.element.tag)
    name = etree.QName(tag)
    others = (subject.tag(), subject.tag(), f"{tag}x", f"{{{name.namespace}}}{name.localname.swapcase()}")
    node.element.tag = subject.rng.choice(others)
    return node.element.tag != tag


def _value(subject: _Subject) -> bool:
    node = _pick(subject, subject.leaves)
    if node is not None:
        node.element.text = spoiler(simple_type_of(node.type))(subject.rng)
    return node is not None


def _empty(subject: _Subject) -> bool:
    node = subject.rng.choice(subject.nodes)
    had = len(node.element) or node.element.text
    for child in list(node.element):
        node.element.remove(child)
    node.element.text = None
    return bool(had)


def _text(subject: _Subject) -> bool:
    node = _pick(subject, subject.branches)
    if node is None:
        return False
    text = subject.rng.choice(("x", "0", " ", "\n\t", "\xa0"))
    if len(node.element) and subject.rng.random() < 0.5:
        subject.rng.choice(list(node.element)).tail = text
    else:
        node.element.text = text
    return True


def _nest(subject: _Subject) -> bool:
    node = _pick(subject, subject.leaves)
    if node is not None:
        etree.SubElement(node.element, subject.tag())
    return node is not None


def _attribute_drop(subject: _Subject) -> bool:
    node = _pick(subject, [node for node in subject.nodes if node.element.attrib])
    if node is not None:
        del node.element.attrib[subject.rng.choice(list(node.element.attrib))]
    return node is not None


def _attribute_add(subject: _Subject) -> bool:
    known = sorted({name for node in subject.branches for name in node.type.attributes if name})
    names = [*known, "href", "all", "results", "pollRate", "subscribable", "colour", f"{{{FOREIGN}}}href", "value"]
    node = subject.rng.choice(subject.nodes)
    name = subject.rng.choice(names)
    if name in node.element.attrib:
        return False
    node.element.set(name, subject.rng.choice(("0", "1", "/edev", "", "900", "03")))
    return True


def _attribute_value(subject: _Subject) -> bool:
    found = [
        (node.element, name, node.type.attributes[name].type)
        for node in subject.branches
        for name in node.element.attrib
        if name in node.type.attributes
    ]
    if found:
        element, name, simple = subject.rng.choice(found)
        element.set(name, spoiler(simple)(subject.rng))
    return bool(found)


def _attribute_namespace(subject: _Subject) -> bool:
    node = _pick(subject, [node for node in subject.nodes if node.element.attrib])
    if node is None:
        return False
    name = subject.rng.choice(list(node.element.attrib))
    value = node.element.attrib.pop(name)
    node.element.set(f"{{{subject.rng.choice(_NAMESPACES[1:])}}}{etree.QName(name).localname}", value)
    return True


def _namespace(subject: _Subject) -> bool:
    namespace = subject.rng.choice(_NAMESPACES)
    if not namespace and None in subject.root.nsmap:
        return False  # libxml2 does not write xmlns="", so the document would look as it was
    nodes = subject.nodes if subject.rng.random() < 0.2 else [subject.rng.choice(subject.nodes)]
    before = [node.element.tag for node in nodes]
    for node in nodes:
        local = etree.QName(node.element).localname
        node.element.tag = f"{{{namespace}}}{local}" if namespace else local
    return before != [node.element.tag for node in nodes]


def _foreign(subject: _Subject) -> bool:
    node = subject.rng.choice(subject.nodes)
    extension = etree.Element(f"{{{FOREIGN}}}extension")
    node.element.insert(subject.rng.randint(0, len(node.element)), extension)
    return True


def _xsi_type(subject: _Subject) -> bool:
    node = subject.rng.choice(subject.nodes)
    derived = subject.model.derived(node.declaration.type)
    pool = derived if derived and subject.rng.random() < 0.5 else list(subject.model.types.values())
    name = etree.QName(subject.rng.choice(pool).name)
    prefix = next((key for key, value in node.element.nsmap.items() if value == name.namespace), "gone")
    local = name.localname if subject.rng.random() < 0.9 else "Toaster"
    node.element.set(XSI_TYPE, f"{prefix}:{local}" if prefix else local)
    return True


def _xsi_nil(subject: _Subject) -> bool:
    node = subject.rng.choice(subject.nodes)
    node.element.set(_XSI_NIL, subject.rng.choice(("true", "false", "1")))
    if subject.rng.random() < 0.5:
        node.element.text = None
    return True


def _root(subject: _Subject) -> bool:
    node = _pick(subject, subject.inner)
    if node is None:
        return False
    subject.root = copy.deepcopy(node.element)
    return True


def _parent(node: Node) -> etree._Element:
    parent = node.element.getparent()
    assert parent is not None
    return parent


KINDS: dict[str, Mutation] = {
    "element dropped": _drop,
    "element added": _add,
    "element repeated": _repeat,
    "element moved": _move,
    "element renamed": _rename,
    "element of a vendor": _foreign,
    "element in a value": _nest,
    "wrong namespace": _namespace,
    "value": _value,
    "emptied": _empty,
    "text between elements": _text,
    "attribute dropped": _attribute_drop,
    "attribute added": _attribute_add,
    "attribute value": _attribute_value,
    "attribute namespace": _attribute_namespace,
    "xsi:type": _xsi_type,
    "xsi:nil": _xsi_nil,
    "root replaced": _root,
}
"""Every kind of change by the name it has in reports."""


def mutate(root: etree._Element, documents: Documents, rng: Random) -> tuple[str, etree._Element]:
    """Change a document of a schema in one random way; return the kind and the changed document."""
    subject = _Subject(root, documents, rng)
    while True:
        kind = rng.choice(list(KINDS))
        if KINDS[kind](subject):
            return kind, subject.root
