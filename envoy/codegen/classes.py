"""Make the classes that xsdata writes of simplified schemas: which there are, their names, and their modules.

``SchemaTransformer`` changes what xsdata made of the schemas before it writes classes: what a redefined type uses moves
to its module (else the modules import each other in a circle), a global element of a simple type is dropped (else it
becomes a class whose only field is ``value``), and an element that alone uses a type gives that type its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml import etree
from xsdata.codegen.container import ClassContainer
from xsdata.codegen.mappers import SchemaMapper
from xsdata.codegen.models import Class
from xsdata.codegen.parsers.schema import SchemaParser
from xsdata.codegen.transformer import ResourceTransformer
from xsdata.models.config import GeneratorConfig
from xsdata.models.enums import Tag
from xsdata.models.xsd import Schema

from envoy.codegen.code_lists import CodeList
from envoy.codegen.names import module_identifier, numbered
from envoy.xsd.loader import SchemaFile

CODE_DEFAULT = "@enum@"
"""What xsdata has before the default of a field that is a code."""

Owner = tuple[int, str]
"""A class, by its number in xsdata, and the XML name of one of its fields."""


class SchemaTransformer(ResourceTransformer):
    """xsdata's pipeline from schemas to classes, with the changes that the head of this module lists.

    Attributes:
        code_lists: The code list of each enumeration, by the name of its type in the schema.
        schema_names: The name of the type or element that each class was made of; of a code list, that of its list.
        modules: The schema file of each module.
        names: The name that each class should have; a type may get that of its element.
        empty: What an empty element stands for: the text of its default.
        parents: The class that each class without a name of its own was declared in.
        roots: The class of each global element.
        marks: What the schema says of an element or attribute beside XSD, by its type and name; of a type, by its name
            and an empty one.
    """

    def __init__(
        self,
        config: GeneratorConfig,
        files: Sequence[SchemaFile],
        code_lists: dict[str, CodeList],
        redefined: set[str],
        renamed: dict[str, str],
        marks: dict[tuple[str, str], dict[str, str]],
    ) -> None:
        """Make a transformer.

        Args:
            config: xsdata's configuration.
            files: Simplified schemas, what is referred to before what refers to it.
            code_lists: Their code lists.
            redefined: Namespaces that were redefined; others extend them.
            renamed: Types that have another name in the schema, and that.
            marks: What the schema says beside XSD.
        """
        super().__init__(config)
        self.code_lists = code_lists
        self.marks = marks
        self.schema_names: dict[int, str] = {}
        self.modules: dict[str, Path] = {}
        self.names: dict[int, str] = {}
        self.empty: dict[Owner, str] = {}
        self.parents: dict[int, Class] = {}
        self.roots: dict[str, Class] = {}
        self._defaults: dict[Owner, str] = {}  # of attributes that are codes
        self._files = files
        self._mapped: list[Class] = []  # those that are dropped too: a number must not be given to another class
        self._redefined = redefined
        self._renamed = renamed

    def make_classes(self) -> list[Class]:
        """Return the classes, each in its module."""
        for file in self._files:
            schema = SchemaParser(location=file.path.as_uri()).from_bytes(etree.tostring(file.root), Schema)
            self._mapped += SchemaMapper.map(schema)
        for item in self._mapped:
            self._note(item)
        self.classes = list(self._mapped)
        self._move_into_circles()
        self._name_types_after_their_element()
        self._replace_element_references()
        self._name_modules()
        places = {path.as_uri(): f"file:///{module}.xsd" for module, path in self.modules.items()}
        for item in self.classes:
            _place(item, places[item.location])
        classes = self.analyze_classes(self.classes)
        for item in classes:
            for attr in item.attrs:
                if attr.tag == Tag.ATTRIBUTE and (item.ref, attr.local_name) in self._defaults:
                    attr.default = CODE_DEFAULT + self._defaults[item.ref, attr.local_name]
        return classes

    def analyze_classes(self, classes: list[Class]) -> list[Class]:
        container = _Container(self.config)
        container.extend(classes)
        container.process()
        return list(container)

    def marks_of(self, item: Class, name: str = "") -> dict[str, str]:
        """Return what the schema says beside XSD of a class, or of its field with an XML name."""
        return self.marks.get((self.schema_names[item.ref], name), {})

    def _note(self, item: Class) -> None:
        """Note what xsdata would lose or change of a class."""
        self.names[item.ref] = item.qname
        known = item.qname if item.is_enumeration else self._renamed.get(item.qname, item.qname)
        self.schema_names[item.ref] = known
        codes = self.code_lists.get(item.qname) if item.is_enumeration else None
        for attr in item.attrs:
            if codes is not None:
                # xsdata spells out a name that has no letter or digit, so the value identifies the member.
                member = codes.members[str(attr.default)]
                attr.name, attr.help = member.name, member.label
            elif attr.default is not None:
                if attr.tag == Tag.ELEMENT:
                    self.empty[item.ref, attr.local_name] = attr.default
                    attr.default = None
                elif attr.types[0].qname in self.code_lists:
                    self._defaults[item.ref, attr.local_name] = attr.default
                    attr.default = None
            if codes is None and not attr.local_name.isascii():
                attr.name = attr.local_name
        for inner in item.inner:
            self.parents[inner.ref] = item
            self._note(inner)

    def _move_into_circles(self) -> None:
        """Move a class of an extension that a module uses, and that needs that module itself, into the module."""
        if not self._redefined:
            return
        by_name: dict[str, list[Class]] = defaultdict(list)
        users: dict[str, list[Class]] = defaultdict(list)
        for item in self.classes:
            by_name[item.qname].append(item)
            for name in item.dependencies():
                users[name].append(item)

        needs = {name: {other for item in items for other in item.dependencies()} for name, items in by_name.items()}
        for item in (item for item in self.classes if item.target_namespace not in self._redefined):
            reached = find_reached(needs[item.qname], needs)
            needed = {x.location for name in reached for x in by_name[name]} - {item.location}
            circle = needed & {x.location for x in users[item.qname]}
            if circle:
                item.location = min(circle)

    def _replace_element_references(self) -> None:
        """Type a field that refers to a global element by the element's own type, and drop such elements.

        An element of a simple type goes too: as a class it would be a wrapper whose only field is ``value``.
        """
        simple = {item.qname for item in self.classes if item.tag == Tag.SIMPLE_TYPE}
        declared = {
            item.qname: item.extensions[0].type
            for item in self.classes
            if _is_of_type(item) and item.extensions[0].type.qname != item.qname
        }
        referenced = set()
        for item in self.classes:
            for attr in item.attrs:
                for index, used in enumerate(attr.types):
                    if used.qname in declared and attr.tag == Tag.ELEMENT and used.qname == attr.qname:
                        referenced.add(used.qname)
                        attr.types[index] = declared[used.qname].clone()
        self.classes = [
            item
            for item in self.classes
            if not _is_of_type(item)
            or not (
                item.qname in referenced or item.extensions[0].type.native or item.extensions[0].type.qname in simple
            )
        ]

    def _name_types_after_their_element(self) -> None:
        """Let a type that serves one global element alone be that element: no ConnectionPoint(ConnectionPointType).

        It gets the element's name too, if that is the name of a class.
        """
        users: dict[str, list[Class]] = defaultdict(list)
        taken = {item.name for item in self.classes if item.tag != Tag.ELEMENT}
        for item in self.classes:
            if item.tag == Tag.ELEMENT:
                self.roots[item.qname] = item
            for name in set(item.dependencies()):
                users[name].append(item)
        for item in list(self.classes):
            if item.tag != Tag.COMPLEX_TYPE or len(users[item.qname]) != 1:
                continue
            element = users[item.qname][0]
            if not _is_of_type(element, item.qname) or element.qname == item.qname:
                continue
            if element.name in taken or element.name[0].islower():
                item.meta_name = element.name
                for user in users[element.qname]:
                    for used in user.types():
                        if used.qname == element.qname:
                            used.qname = item.qname
            else:
                item.qname = self.names[item.ref] = element.qname
                taken.add(element.name)
            item.namespace = element.namespace
            self.roots[element.qname] = item
            self.classes.remove(element)

    def _name_modules(self) -> None:
        """Give each schema file a module: they are all in one package, whatever folders the files are in.

        Of two files of one name, the one nearer to the entry file has the module of that name.
        """
        for file in reversed(self._files):
            names = numbered(module_identifier(file.path.stem), "_")
            self.modules[next(name for name in names if name not in self.modules)] = file.path


class _Container(ClassContainer):
    """xsdata's container of classes, with the code lists that no field has as its type; xsdata leaves them out."""

    def filter_classes(self) -> None:
        code_lists = [item for item in self if item.is_enumeration]
        super().filter_classes()
        used = {item.ref for item in self}
        self.extend([item for item in code_lists if item.ref not in used])


def find_reached(names: set[str], needs: Mapping[str, set[str]]) -> set[str]:
    """Return some names and all that they need, at once or through others; what is not known needs nothing."""
    found, new = set[str](), names
    while new:
        found |= new
        new = set[str]().union(*(needs.get(name, ()) for name in new)) - found
    return found


def _is_of_type(item: Class, name: str | None = None) -> bool:
    """Whether a class is a global element whose type has a name, or that name."""
    # An element whose type has no name has the base of that type, and fields of its own.
    if item.tag != Tag.ELEMENT or [x.tag for x in item.extensions] != [Tag.ELEMENT]:
        return False
    return name is None or item.extensions[0].type.qname == name


def _place(item: Class, location: str) -> None:
    """Put a class, and those that were declared in it, into the module of a location."""
    item.location = location
    for inner in item.inner:
        _place(inner, location)
