"""Generate the typed bindings under generated/ from the XSD files under schema/.

    python codegen.py            write generated/
    python codegen.py --check    exit 1 and name the files that are stale, write nothing

xsdata does the work. What its configuration cannot say goes through its Python API, in three places:

- ``SchemaTransformer`` changes what xsdata read before it makes classes of it: code lists that the schema keeps in
  ``xs:appinfo`` become enumerations, a redefined type stays in the module of the type it redefines (else the modules
  import each other in a circle), a global element of a simple type is dropped (else it becomes a class whose only field
  is ``value``), and an element that alone uses a type gives that type its name.
- ``Names`` knows that ``lFDI`` is ``lfdi`` and ``opModFixedPFAbsorbW`` is ``op_mod_fixed_pf_absorb_w``.
- ``BindingsGenerator`` writes enumerations that stay open for reserved codes, and a package that loads its modules when
  they are first used.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import keyword
import os
import re
import shutil
import sys
import sysconfig
import tempfile
import textwrap
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader
from xsdata.codegen.exceptions import CodegenError
from xsdata.codegen.models import Attr, Class
from xsdata.codegen.transformer import ResourceTransformer
from xsdata.codegen.writer import CodeWriter
from xsdata.formats.dataclass.filters import Filters
from xsdata.formats.dataclass.generator import DataclassGenerator
from xsdata.formats.dataclass.models.generics import AnyElement
from xsdata.models.config import (
    DocstringStyle,
    ExtensionType,
    GeneratorConfig,
    GeneratorExtension,
    NameCase,
    StructureStyle,
)
from xsdata.models.enums import Tag
from xsdata.models.mixins import ElementBase
from xsdata.models.xsd import (
    Annotation,
    AnnotationBase,
    Appinfo,
    Attribute,
    Documentation,
    Element,
    Enumeration,
    Restriction,
    Schema,
    SimpleType,
)
from xsdata.utils.namespaces import build_qname

ROOT = Path(__file__).resolve().parent
SOURCES = (
    ROOT / "schema" / "csipaus" / "1.3" / "core.xsd",
    ROOT / "schema" / "envoy" / "connection_point.xsd",
)
"""Entry files of the package sep2. CSIP-AUS 1.3 holds all of 1.2, and both redefine the whole of IEEE 2030.5-2018."""

QUANTITIES = {
    "Quantity": ("ActivePower", "FixedPointType", "ReactivePower"),
    "UnsignedQuantity": (
        "AmpereHour",
        "ApparentPower",
        "CurrentRMS",
        "ReactiveSusceptance",
        "UnsignedFixedPointType",
        "VoltageRMS",
        "WattHour",
    ),
}
"""Classes with a value and a multiplier, by the class of envoy.model that reads and makes them as plain numbers."""

DOC_NAMESPACE = "urn:envoy-client:schema-documentation"
WIDTH = 120

_UNIT, _CODES, _CODE, _BIT = (f"{{{DOC_NAMESPACE}}}{name}" for name in ("unit", "codes", "code", "bit"))
_HEX_OCTETS = re.compile(r"HexBinary(\d+)$")
_CAPITAL_WORDS = {
    "CRCerrors": "crc_errors",
    "DODAGid": "dodag_id",
    "DODAGroot": "dodag_root",
    "EUI64": "eui64",
    "IEEE_802_15_4": "ieee_802_15_4",
    "LLCSMAFail": "ll_csma_fail",
    "loWPAN": "lowpan",
    "rampPT1Tms": "ramp_pt1_tms",
}
"""Element names whose capitals do not show where a word ends."""


@dataclass
class CodeList:
    """The open code list or bitmap of one enumeration class: member names and labels by lexical value."""

    bitmap: bool
    octets: int
    names: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


def snake_case(name: str) -> str:
    """Return the Python name of an XML name, acronyms whole: lFDI -> lfdi, rtgMaxVA -> rtg_max_va."""
    if name in _CAPITAL_WORDS:
        return _CAPITAL_WORDS[name]
    if re.fullmatch(r"[a-z][A-Z]{2,}", name):
        return name.lower()
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    snake = "_".join(word.lower() for word in words)
    return f"{snake}_" if keyword.iskeyword(snake) else snake


def walk(node: ElementBase) -> Iterator[ElementBase]:
    """Yield every schema component below a node."""
    for child in node.children():
        yield child
        yield from walk(child)


def appinfo(node: AnnotationBase, qname: str) -> list[AnyElement]:
    """Return the elements of one name in the ``xs:appinfo`` of a schema component."""
    return [
        element
        for annotation in node.annotations
        for info in annotation.app_infos
        for element in info.content
        if isinstance(element, AnyElement) and element.qname == qname
    ]


def attr_qname(attr: Attr) -> str:
    return build_qname(attr.namespace, attr.local_name)


def documentation(text: str) -> Documentation:
    return Documentation(content=[text])


def plain_text(node: AnnotationBase) -> str:
    return " ".join((node.display_help or "").split())


class SchemaTransformer(ResourceTransformer):
    """xsdata's pipeline from XSD files to classes, with the changes told at the head of this module."""

    __slots__ = ("code_lists", "flag_defaults", "module_docs", "renamed", "roots", "sources")

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__(config)
        self.code_lists: dict[str, CodeList] = {}
        self.flag_defaults: dict[tuple[str, str], str] = {}
        self.module_docs: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.sources: dict[str, str] = {}

    def generate_classes(self, schema: Schema) -> list[Class]:
        self._describe(schema)
        lists = self._read_code_lists(schema)
        classes = super().generate_classes(schema)
        for item in classes:
            codes = lists.get(item.name) if item.is_enumeration else None
            if codes is not None:
                self.code_lists[item.qname] = codes
                for attr in item.attrs:
                    attr.help = codes.labels[attr.name]
                    attr.name = codes.names[attr.name]
        return classes

    def process_classes(self) -> None:
        self._keep_redefinitions_in_place()
        self._replace_element_references()
        self._name_types_after_their_element()
        self._flatten_folders()
        classes = self.analyze_classes(self.classes)
        generator = BindingsGenerator(self.config, self)
        CodeWriter(generator).write(classes)

    def _describe(self, schema: Schema) -> None:
        """Note what the module of this file is for, and say units where the reader of the Python code sees them."""
        assert schema.location is not None
        text = " ".join((doc.tostring() or "").strip() for note in schema.annotations for doc in note.documentations)
        self.module_docs[schema.location] = " ".join(text.split())
        for node in walk(schema):
            if not isinstance(node, AnnotationBase) or isinstance(node, (Annotation, Appinfo)):
                continue
            units = [element.text or "" for element in appinfo(node, _UNIT)]
            text = plain_text(node)
            if units:
                text = f"{text} Unit: {', '.join(units)}.".strip()
            if text:
                node.annotations = [
                    Annotation(
                        app_infos=[info for note in node.annotations for info in note.app_infos],
                        documentations=[documentation(text)],
                    )
                ]

    def _read_code_lists(self, schema: Schema) -> dict[str, CodeList]:
        """Turn the code lists in ``xs:appinfo`` into enumerations; a list on a field becomes a type of its own."""
        lists: dict[str, CodeList] = {}
        for simple in schema.simple_types:
            for codes in appinfo(simple, _CODES):
                assert simple.name and simple.restriction and simple.restriction.base
                lists[simple.name] = self._enumerate(simple, codes, simple.restriction.base)
        for owner in schema.complex_types:
            for node in walk(owner):
                if not isinstance(node, (Element, Attribute)):
                    continue
                for codes in appinfo(node, _CODES):
                    name, base = codes.attributes["name"], node.type
                    assert base is not None and node.name is not None
                    text = f"Codes of {owner.name}.{snake_case(node.name)}. {plain_text(node)}"
                    simple = SimpleType(
                        name=name,
                        restriction=Restriction(base=base),
                        annotations=[Annotation(documentations=[documentation(text.strip())])],
                    )
                    simple.ns_map = node.ns_map
                    schema.simple_types.append(simple)
                    lists[name] = self._enumerate(simple, codes, base)
                    node.type = name
                    if lists[name].bitmap and isinstance(node, Attribute) and node.default is not None:
                        self.flag_defaults[owner.name or "", node.name] = f"{name}({int(node.default, 16)})"
                        node.default = None
        return lists

    @staticmethod
    def _enumerate(simple: SimpleType, codes: AnyElement, base: str) -> CodeList:
        match = _HEX_OCTETS.search(base)
        result = CodeList(bitmap=codes.attributes["kind"] == "bitmap", octets=int(match[1]) // 8 if match else 0)
        assert simple.restriction is not None
        for entry in codes.children:
            if not isinstance(entry, AnyElement):
                continue
            if entry.qname == _BIT:
                lexical = f"{1 << int(entry.attributes['position']):0{2 * result.octets}X}"
            elif entry.qname == _CODE:
                lexical = entry.attributes["value"]
            else:
                raise ValueError(f"{simple.name}: {entry.qname} in a code list, expected doc:code or doc:bit")
            result.names[lexical] = entry.attributes["name"]
            result.labels[lexical] = " ".join((entry.text or "").split())
            member = Enumeration(value=lexical)
            member.ns_map = simple.ns_map
            simple.restriction.enumerations.append(member)
        return result

    def _keep_redefinitions_in_place(self) -> None:
        """Merge what ``xs:redefine`` adds into the module of the original, as optional fields.

        The bindings are the union of all profiles, so what one profile requires another may not know.
        """
        originals = {
            item.qname: item for item in self.classes if item.container == Tag.SCHEMA and item.tag == Tag.COMPLEX_TYPE
        }
        for item in self.classes:
            if item.container != Tag.REDEFINE or item.qname not in originals:
                continue
            item.location = originals[item.qname].location
            item.help = originals[item.qname].help
            for attr in item.attrs:
                attr.restrictions.min_occurs = 0
        redefined = {item.target_namespace for item in self.classes if item.container == Tag.REDEFINE}
        self._move_into_circles([item for item in self.classes if item.target_namespace not in redefined])

    def _move_into_circles(self, extensions: list[Class]) -> None:
        """Move a class of an extension that a module uses, and that needs that module itself, into the module."""
        by_name: dict[str, list[Class]] = defaultdict(list)
        users: dict[str, list[Class]] = defaultdict(list)
        for item in self.classes:
            by_name[item.qname].append(item)
            for name in item.dependencies():
                users[name].append(item)

        def reached(name: str, seen: set[str]) -> set[str]:
            for item in by_name[name]:
                for other in item.dependencies():
                    if other not in seen:
                        seen.add(other)
                        reached(other, seen)
            return seen

        for item in extensions:
            needs = {x.location for name in reached(item.qname, set()) for x in by_name[name]} - {item.location}
            circle = needs & {x.location for x in users[item.qname]}
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
            if item.tag == Tag.ELEMENT and len(item.extensions) == 1 and item.extensions[0].type.qname != item.qname
        }
        referenced = set()
        for item in self.classes:
            for attr in item.attrs:
                for index, used in enumerate(attr.types):
                    if used.qname in declared and attr.tag == Tag.ELEMENT and used.qname == attr_qname(attr):
                        referenced.add(used.qname)
                        attr.types[index] = declared[used.qname].clone()
        self.classes = [
            item
            for item in self.classes
            if item.tag != Tag.ELEMENT
            or not (item.qname in referenced or all(x.type.native or x.type.qname in simple for x in item.extensions))
        ]

    def _name_types_after_their_element(self) -> None:
        """Let a type that serves one global element alone be that element: no ConnectionPoint(ConnectionPointType)."""
        users: dict[str, list[Class]] = defaultdict(list)
        taken = {item.name for item in self.classes if item.tag != Tag.ELEMENT}
        for item in self.classes:
            if item.tag == Tag.ELEMENT:
                self.roots[item.qname] = item.qname
            for name in set(item.dependencies()):
                users[name].append(item)
        for item in list(self.classes):
            if item.tag != Tag.COMPLEX_TYPE or len(users[item.qname]) != 1:
                continue
            element = users[item.qname][0]
            if element.tag != Tag.ELEMENT or element.qname == item.qname:
                continue
            if element.name in taken:
                item.meta_name = element.name
            else:
                self.renamed[item.qname] = element.qname
                item.qname = element.qname
                taken.add(element.name)
            item.namespace = element.namespace
            self.roots[element.qname] = item.qname
            self.classes.remove(element)

    def _flatten_folders(self) -> None:
        """Give every schema file a module of its own in one package, whatever folder the file is in."""
        for item in self.classes:
            module = snake_case(Path(item.location).stem)
            source = self.sources.setdefault(module, item.location)
            if source != item.location:
                raise CodegenError(f"{local_path(source)} and {local_path(item.location)} would be one module")
            item.location = f"file:///{module}.xsd"


class Names(Filters):
    """xsdata's template filters with our names, and with defaults for flags."""

    __slots__ = ("transformer",)

    transformer: SchemaTransformer

    def field_name(self, name: str, class_name: str) -> str:
        return snake_case(name)

    def constant_name(self, name: str, class_name: str) -> str:
        return name

    def class_name(self, name: str) -> str:
        return name

    def module_name(self, name: str) -> str:
        return name

    def field_definition(self, obj: Class, attr: Attr, parent_namespace: str | None) -> str:
        text = super().field_definition(obj, attr, parent_namespace)
        default = self.transformer.flag_defaults.get((obj.name, attr.local_name))
        return text.replace("default=None", f"default={default}", 1) if default else text

    def field_type(self, obj: Class, attr: Attr) -> str:
        text = super().field_type(obj, attr)
        if (obj.name, attr.local_name) in self.transformer.flag_defaults:
            return text.removeprefix("None | ")
        return text

    def default_imports(self, output: str) -> str:
        imports = super().default_imports(output)
        bases = [name for name in ("Bitmap", "Code") if re.search(rf"\({name}\b", output)]
        if bases:
            imports += f"\n\nfrom envoy.model import {', '.join(bases)}"
        return imports

    def enum_base(self, obj: Class) -> str:
        """Return the base class of an enumeration, with the octets that its hexBinary form has on the wire."""
        codes = self.transformer.code_lists[obj.qname]
        base = "Bitmap" if codes.bitmap else "Code"
        return f"{base}, octets={codes.octets}" if codes.octets else base

    def enum_value(self, attr: Attr, obj: Class) -> str:
        """Return a member's value as Python: a shift for a bit, a number for a code."""
        codes = self.transformer.code_lists[obj.qname]
        assert attr.default is not None
        if codes.bitmap:
            return f"1 << {int(attr.default, 16).bit_length() - 1}"
        return str(int(attr.default, 16 if codes.octets else 10))

    def module_doc(self, module: str) -> str:
        """Return the docstring of a module, wrapped."""
        source = self.transformer.sources[module.rpartition(".")[2]]
        text = textwrap.fill(self.transformer.module_docs[source], WIDTH)
        origin = f"Generated from {local_path(source)} by codegen.py; changes here are lost."
        return f'"""{text}\n\n{origin}\n"""' if text else f'"""{origin}"""'


MODULE_TEMPLATE = """\
{{ module | module_doc }}

{{ output | default_imports }}
{% include "imports.jinja2" %}

{{ output }}
"""

ENUM_TEMPLATE = """\
{% set level = level | default(0) -%}
{% set help | format_docstring(level + 1) %}
    {%- include "docstrings." + docstring_name + ".jinja2" -%}
{% endset %}

class {{ obj.name }}({{ obj | enum_base }}):
    \"\"\"{{ obj.help | clean_docstring | wordwrap(110) | indent(4) }}\"\"\"
{% for attr in obj.attrs %}
    {{ attr.name }} = {{ attr | enum_value(obj) }}
    \"\"\"{{ attr.help }}.\"\"\"
{%- endfor %}
"""

PACKAGE_TEMPLATE = '''\
"""Typed bindings of IEEE 2030.5-2018 and CSIP-AUS. Each class is loaded when it is first used.

Generated from schema/ by codegen.py; changes here are lost.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
{% for item in imports %}    from {{ item.source }} import {{ item.name }} as {{ item.name }}
{% endfor %}

_MODULES = {
{% for item in imports %}    "{{ item.name }}": "{{ item.source }}",
{% endfor %}}

ELEMENTS = {
{% for qname, name in elements %}    "{{ qname }}": "{{ name }}",
{% endfor %}}
"""Name of the class that a document's root element stands for, by the element's qualified name."""

TYPES = {
{% for qname, name in types %}    "{{ qname }}": "{{ name }}",
{% endfor %}}
"""Name of the class of a schema type, by the type's qualified name, where the two differ."""

__all__ = [
    "ELEMENTS",
    "TYPES",
{% for item in imports %}    "{{ item.name }}",
{% endfor %}]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
'''


class BindingsGenerator(DataclassGenerator):
    """xsdata's dataclass generator with open enumerations and a package that loads lazily."""

    __slots__ = ()

    def __init__(self, config: GeneratorConfig, transformer: SchemaTransformer) -> None:
        super().__init__(config)
        assert isinstance(self.filters, Names)
        self.filters.transformer = transformer
        assert self.env.loader is not None
        templates = {"module.jinja2": MODULE_TEMPLATE, "enum.jinja2": ENUM_TEMPLATE, "package.jinja2": PACKAGE_TEMPLATE}
        self.env.loader = ChoiceLoader([DictLoader(templates), self.env.loader])
        self.env.filters.update(
            enum_base=self.filters.enum_base, enum_value=self.filters.enum_value, module_doc=self.filters.module_doc
        )

    @classmethod
    def init_filters(cls, config: GeneratorConfig) -> Names:
        return Names(config)

    def render_package(self, classes: list[Class], module: str) -> str:
        assert isinstance(self.filters, Names)
        imports = [
            {"name": item.name, "source": item.target_module} for item in sorted(classes, key=lambda item: item.name)
        ]
        names = {item.qname: item.name for item in classes}
        elements = sorted((element, names[qname]) for element, qname in self.filters.transformer.roots.items())
        types = sorted((name, names[qname]) for name, qname in self.filters.transformer.renamed.items())
        return self.env.get_template(self.package_template).render(
            imports=imports, elements=elements, types=types, module=module
        )

    def render_classes(self, classes: list[Class], module_namespace: str | None) -> str:
        """Say the namespace of a type that is no element in the class itself, as our modules have no __NAMESPACE__."""
        return super().render_classes(classes, None)

    def ruff_code(self, file_paths: list[str]) -> None:
        """Run the ruff that is installed beside this Python; its version decides about the bytes, the PATH must not."""
        path = os.environ.get("PATH", "")
        os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), path))
        try:
            super().ruff_code(file_paths)
        finally:
            os.environ["PATH"] = path

    def validate_imports(self) -> None:
        """Leave importing to the tests: xsdata would import the copy in the working directory."""


def local_path(location: str) -> str:
    """Return the path of a schema file as the repository has it."""
    path = Path(location.removeprefix("file://"))
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def configuration(package: str) -> GeneratorConfig:
    """Return xsdata's configuration: what it can say without programming."""
    config = GeneratorConfig.create()
    output = config.output
    output.package = package
    output.structure_style = StructureStyle.FILENAMES
    output.docstring_style = DocstringStyle.GOOGLE
    output.max_line_length = WIDTH

    output.relative_imports = False
    output.include_header = False
    output.format.slots = True
    config.conventions.class_name.case = NameCase.ORIGINAL
    for base, names in QUANTITIES.items():
        config.extensions.extension.append(
            GeneratorExtension(
                type=ExtensionType.CLASS, class_name="|".join(names), import_string=f"envoy.model.{base}"
            )
        )
    return config


def generate(sources: tuple[Path, ...], package: str, output: Path) -> None:
    """Write a package of bindings for some XSD files.

    Args:
        sources: Entry files; what they include, import and redefine comes with them.
        package: Import name of the package.
        output: The folder that will hold the package.
    """
    output.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(output):  # xsdata writes below the working directory
        SchemaTransformer(configuration(package)).process([source.as_uri() for source in sources])
    (output / package / "py.typed").touch()


def differences(fresh: Path, stored: Path) -> list[str]:
    """Return the files that differ between two folders, relative to them, with the reason."""
    names = {
        p.relative_to(d).as_posix() for d in (fresh, stored) for p in d.rglob("*") if p.suffix in {".py", ".typed"}
    }
    result = []
    for name in sorted(names):
        if not (stored / name).exists():
            result.append(f"{name}: missing")
        elif not (fresh / name).exists():
            result.append(f"{name}: no schema file makes it")
        elif not filecmp.cmp(fresh / name, stored / name, shallow=False):
            result.append(f"{name}: stale")
    return result


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(prog="codegen.py", description="Generate the bindings from the schema.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if generated/ is stale")
    options = parser.parse_args(arguments)
    target = ROOT / "generated" / "sep2"
    with tempfile.TemporaryDirectory() as folder:
        generate(SOURCES, "sep2", Path(folder).resolve())
        fresh = Path(folder) / "sep2"
        changed = differences(fresh, target)
        if options.check:
            for line in changed:
                print(f"generated/sep2/{line}; run: python codegen.py", file=sys.stderr)
            return 1 if changed else 0
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(fresh, target)
    print(f"generated/sep2: {len(changed)} files changed" if changed else "generated/sep2: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
