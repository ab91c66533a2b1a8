"""Render the source text of bindings: xsdata's generator with our names, open code lists and lazy loading."""

from __future__ import annotations

import datetime
import json
import os
import sysconfig
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import ChoiceLoader, PackageLoader
from xsdata.codegen.models import Attr, AttrType, Class
from xsdata.codegen.resolver import DependenciesResolver
from xsdata.formats.dataclass.filters import Filters
from xsdata.formats.dataclass.generator import DataclassGenerator
from xsdata.models.config import DocstringStyle, GeneratorConfig, NameCase, StructureStyle
from xsdata.models.enums import DataType, Tag
from xsdata.utils.objects import literal_value

from envoy.bindings.lexical import LEXICAL, NORMALIZERS
from envoy.bindings.link_names import resource_names
from envoy.codegen.classes import CODE_DEFAULT, SchemaTransformer
from envoy.codegen.names import field_identifier
from envoy.errors import SchemaError
from envoy.namespaces import SEP_NAMESPACE
from envoy.xsd.simple_types import STRINGS, WHITE_SPACE

WIDTH = 120

_PYTHON_TYPES = {
    DataType.DATE_TIME: datetime.datetime,
    DataType.DATE: datetime.date,
    DataType.TIME: datetime.time,
}
"""Types that xsdata has classes of its own for, and Python too."""

_QUANTITIES = {
    ("short", None): "Quantity",
    ("unsignedShort", None): "UnsignedQuantity",
    ("int", None): "Int32Quantity",
    ("long", "140737488355328"): "Int48Quantity",
    ("unsignedLong", "281474976710655"): "UInt48Quantity",
}
"""The class that a quantity inherits, by the built-in type and largest value of its ``value``."""

_BASES = {
    "base": ["ComplexType"],
    "enums": ["Bitmap", "Code"],
    "quantities": sorted(["PowerFactorQuantity", *_QUANTITIES.values()]),
}
"""Classes that generated ones inherit, by the module of envoy.bindings that has them."""

_LINKS = {f"{{{SEP_NAMESPACE}}}Link", f"{{{SEP_NAMESPACE}}}ListLink"}

_LISTS = {f"{{{SEP_NAMESPACE}}}List", f"{{{SEP_NAMESPACE}}}SubscribableList"}

_MULTIPLIER = f"{{{SEP_NAMESPACE}}}PowerOfTenMultiplierType"


@dataclass(frozen=True, slots=True)
class Bindings:
    """What the texts of one package say about where it comes from.

    Attributes:
        title: First line of its docstring, without a full stop.
        origin: What it was made from, and by what: ``acme.xsd by envoy codegen``.
        documentation: The docstring of each module, by paragraphs, and its origin.
        prefixes: The prefix of each namespace.
    """

    title: str
    origin: str
    documentation: Mapping[str, tuple[list[str], str]]
    prefixes: Mapping[str, str]


class Names(Filters):
    """xsdata's template filters with our names, types and defaults."""

    bindings: Bindings
    leads_to: dict[int, Class]
    """The class of the resource that a link's class leads to, by the ``ref`` of the link."""
    transformer: SchemaTransformer

    def field_name(self, name: str, class_name: str) -> str:
        return field_identifier(name)

    def constant_name(self, name: str, class_name: str) -> str:
        return name

    def class_name(self, name: str) -> str:
        return name

    def type_name(self, attr_type: AttrType) -> str:
        datatype = attr_type.datatype
        if datatype is not None and datatype.code in STRINGS:
            return "str"
        if datatype is not None and datatype in _PYTHON_TYPES:
            return f"datetime.{_PYTHON_TYPES[datatype].__name__}"
        return super().type_name(attr_type)

    def field_definition(self, obj: Class, attr: Attr, parent_namespace: str | None) -> str:
        arguments: dict[str, Any]
        if "root" in self.transformer.marks_of(obj, attr.local_name):
            # How a message was written is not what it says.
            arguments = {self.DEFAULT_KEY: None, "compare": False}
        elif _is_optional_list(attr):
            # xsdata has an empty list for one that is not there.
            arguments = {self.DEFAULT_KEY: None}
        else:
            return super().field_definition(obj, attr, parent_namespace)
        arguments["metadata"] = self.field_metadata(obj, attr, parent_namespace)
        return f"field({self.format_arguments(arguments, 4)})"

    def field_type(self, obj: Class, attr: Attr) -> str:
        kind = super().field_type(obj, attr)
        return f"None | {kind}" if _is_optional_list(attr) else kind

    def field_default_value(self, attr: Attr, ns_map: dict[str, str] | None = None) -> Any:
        if attr.is_tokens and not attr.is_list and not attr.is_optional:
            return False
        datatype = attr.types[0].datatype
        if datatype is not None and isinstance(attr.default, str):
            # xsdata would write a value of a type of its own.
            if datatype.code in STRINGS:
                normalize = NORMALIZERS.get(_white_space(datatype.code, attr), str)
                return literal_value(normalize(attr.default))
            if datatype in _PYTHON_TYPES:
                try:
                    return repr(LEXICAL[_PYTHON_TYPES[datatype]].parse(attr.default))
                except ValueError as error:
                    what = f"not supported: the default value {attr.default} of {attr.local_name}: {error}"
                    raise SchemaError(what, remedy="Leave out the default.") from None
        return super().field_default_value(attr, ns_map)

    def field_metadata(self, obj: Class, attr: Attr, parent_namespace: str | None) -> dict[str, Any]:
        metadata = super().field_metadata(obj, attr, parent_namespace)
        datatype = attr.types[0].datatype
        if datatype is not None and (kept := _white_space(datatype.code, attr)) != "preserve":
            metadata["white_space"] = kept
        if datatype in _PYTHON_TYPES:
            # xsdata would write them as values of types of its own.
            metadata = {key: value for key, value in metadata.items() if not key.endswith("clusive")}
        if attr.tag == Tag.ELEMENT and (obj.ref, attr.local_name) in self.transformer.empty:
            metadata["empty"] = self.transformer.empty[obj.ref, attr.local_name]
        marks = self.transformer.marks_of(obj, attr.local_name)
        if owner := marks.get("of"):
            # xsdata leaves alone a field of the type Ignore; our codec writes it into the element that it belongs to.
            metadata |= {"name": attr.local_name.removeprefix(f"{owner}."), "type": "Ignore", "of": owner}
        return metadata | {name: marks[name] for name in ("edition", "root") if name in marks}

    def field_default_enum(self, attr: Attr) -> str:
        """Return a default that is a code as Python; unlike xsdata's, it need not be a member of the list."""
        kind = attr.types[0]
        codes = self.transformer.code_lists[self.transformer.schema_names[kind.reference]]
        return codes.default(self.type_name(kind), str(attr.default).removeprefix(CODE_DEFAULT))

    def class_bases(self, obj: Class, class_name: str) -> list[str]:
        """Return the bases of a class: that of its type, or the class that gives it its behaviour."""
        return super().class_bases(obj, class_name) or [_quantity(obj) or "ComplexType"]

    def class_annotations(self, obj: Class, class_name: str) -> list[str]:
        """Return the decorators of a class. Attributes of elements beside them have one place in its objects."""
        beside = any("of" in self.transformer.marks_of(obj, attr.local_name) for attr in obj.attrs)
        return [*(["@fold_beside"] if beside else []), *super().class_annotations(obj, class_name)]

    def post_meta_hook(self, obj: Class) -> str | None:
        """Return the edition that a class came with, and what a type checker is to know of a link or a list."""
        edition = self.transformer.marks_of(obj).get("edition")
        parts = [f'_edition_ = "{edition}"'] if edition else []
        if gained := self.transformer.marks_of(obj).get("gained"):
            parts.append(f'_gained_ = "{gained}"')
        if obj.ref in self.leads_to:
            parts.append(f"if TYPE_CHECKING:\n\n    def _leads_to(self) -> {self.leads_to[obj.ref].name}: ...")
        elif _LISTS & {base.type.qname for base in obj.extensions}:
            items = (attr for attr in obj.attrs if attr.is_list and attr.tag == Tag.ELEMENT)
            for attr in items:
                parts.append(f"if TYPE_CHECKING:\n\n    def _holds(self) -> {self.type_name(attr.types[0])}: ...")
                break
        return "\n\n".join(parts) or None

    def link_imports(self, module: str, classes: list[Class]) -> str:
        """Return the imports of what the links of a module lead to, which is there for a type checker alone."""
        linked = [self.leads_to[item.ref] for item in classes if item.ref in self.leads_to]
        lines = {f"    from {item.target_module} import {item.name}" for item in linked if item.target_module != module}
        return "\n".join(["if TYPE_CHECKING:", *sorted(lines)]) if lines else ""

    @classmethod
    def build_import_patterns(cls) -> dict[str, dict[str, Any]]:
        """Add to xsdata's imports those of our modules, each with the text by which its use is known."""
        patterns: dict[str, dict[str, Any]] = super().build_import_patterns()
        return patterns | {
            "datetime": {"__module__": ["datetime."]},
            "envoy.bindings.beside": {"fold_beside": ["@fold_beside"]},
            "enum": {"StrEnum": ["(StrEnum)"]},
            **{
                f"envoy.bindings.{module}": {name: [f"({name})", f"({name},"] for name in names}
                for module, names in _BASES.items()
            },
            "typing": patterns["typing"] | {"TYPE_CHECKING": ["if TYPE_CHECKING:"]},
        }

    def enum_base(self, obj: Class) -> str:
        """Return the base class of an enumeration, with the octets that its hexBinary form has on the wire."""
        codes = self.transformer.code_lists[self.transformer.schema_names[obj.ref]]
        return f"{codes.base}, octets={codes.octets}" if codes.octets else codes.base

    def enum_value(self, attr: Attr, obj: Class) -> str:
        """Return a member's value as Python: a shift for a bit, a number or a text for a code."""
        codes = self.transformer.code_lists[self.transformer.schema_names[obj.ref]]
        return codes.members[str(attr.default)].value

    def inner_doc(self, text: str) -> str:
        """Return the inside of a docstring, as a sentence."""
        clean = self.clean_docstring(text)
        return clean if clean.endswith((".", "!", "?", ":")) else f"{clean}."

    def module_doc(self, module: str) -> str:
        """Return the docstring of a module, wrapped."""
        paragraphs, origin = self.bindings.documentation[module.rpartition(".")[2]]
        text = "\n\n".join(textwrap.fill(paragraph, WIDTH) for paragraph in paragraphs)
        return _docstring(text, f"Generated from {origin}; changes here are lost.")

    def package_doc(self, bindings: Bindings) -> str:
        """Return the docstring of the package."""
        first = f"{bindings.title}. Each class is loaded when it is first used."
        return _docstring(textwrap.fill(first, WIDTH), f"Generated from {bindings.origin}; changes here are lost.")


def _docstring(text: str, origin: str) -> str:
    whole = f"{text}\n\n{origin}\n" if text else origin
    return '"""' + whole.replace("\\", "\\\\").replace('"""', "'''") + '"""'


def _leads_to(classes: list[Class]) -> dict[int, Class]:
    """Return the class that each class of links leads to, if its name says so, by the ``ref`` of the link."""
    by_name = {item.name: item for item in classes}
    found = {}
    for item in classes:
        names = [name for name in resource_names(item.name) if name in by_name]
        if names and _LINKS & {base.type.qname for base in item.extensions}:
            found[item.ref] = by_name[names[0]]
    return found


def _white_space(builtin: str, attr: Attr) -> str:
    """Return what becomes of the white space in the text of a field: that of other values is nobody's concern."""
    kept = WHITE_SPACE.get(builtin, "preserve")
    declared = attr.restrictions.white_space or "preserve"
    return declared if kept == "preserve" or (kept, declared) == ("replace", "collapse") else kept


def _is_optional_list(attr: Attr) -> bool:
    """Whether an attribute or element holds an ``xs:list`` that may be absent, which is not the same as empty."""
    return attr.is_tokens and not attr.is_list and attr.is_optional


def _quantity(obj: Class) -> str:
    """Return the class for a type with a number and the standard's power of ten, empty for others."""
    fields = {attr.local_name: attr for attr in obj.attrs}
    multiplier = fields.get("multiplier")
    if multiplier is None or multiplier.types[0].qname != _MULTIPLIER or multiplier.is_list:
        return ""
    number = fields.get("value")
    if number is None or number.is_list:
        return "PowerFactorQuantity" if "displacement" in fields else ""
    kind = number.types[0].datatype
    return _QUANTITIES.get((kind.code if kind else "", number.restrictions.max_inclusive), "")


class BindingsGenerator(DataclassGenerator):
    """xsdata's dataclass generator with open enumerations and a package that loads lazily."""

    filters: Names

    def __init__(self, config: GeneratorConfig, transformer: SchemaTransformer, bindings: Bindings) -> None:
        super().__init__(config)
        self.filters.transformer = transformer
        self.filters.bindings = bindings
        assert self.env.loader is not None
        # The files in the folder templates come before those of xsdata.
        self.env.loader = ChoiceLoader([PackageLoader("envoy.codegen"), self.env.loader])
        for name in ("enum_base", "enum_value", "inner_doc", "link_imports", "module_doc", "package_doc"):
            self.env.filters[name] = getattr(self.filters, name)
        self.env.filters["text"] = lambda value: json.dumps(value, ensure_ascii=False)

    @classmethod
    def init_filters(cls, config: GeneratorConfig) -> Names:
        return Names(config)

    def texts(self, classes: list[Class], package: str) -> dict[str, str]:
        """Return the source text of each file of the package, before ruff has formatted it.

        xsdata's own ``render`` remembers folders between two packages of the same name.
        """
        self.filters.leads_to = _leads_to(classes)
        resolver = DependenciesResolver(registry={item.qname: item.target_module for item in classes})
        modules: dict[str, list[Class]] = defaultdict(list)
        for item in classes:
            modules[str(item.module)].append(item)
        result = {"__init__.py": self.render_package(classes, package)}
        for name, members in modules.items():
            result[f"{name}.py"] = self.render_module(resolver, members)
        return result

    def render_package(self, classes: list[Class], module: str) -> str:
        transformer = self.filters.transformer
        imports = [
            {"name": item.name, "source": item.target_module} for item in sorted(classes, key=lambda item: item.name)
        ]
        made = {item.ref: item for item in classes}
        by_name = {transformer.names[item.ref]: item for item in classes if not item.is_enumeration}
        elements = {name: made.get(item.ref) or by_name.get(name) for name, item in transformer.roots.items()}
        types = {
            transformer.schema_names[item.ref]: item.name
            for item in classes
            if not item.is_enumeration and item.tag == Tag.COMPLEX_TYPE and item.ref not in transformer.parents
        }
        return self.env.get_template(self.package_template).render(
            bindings=self.filters.bindings,
            imports=imports,
            elements=sorted((name, item.name) for name, item in elements.items() if item is not None),
            types=sorted((x, name) for x, name in types.items() if x.rpartition("}")[2] != name),
            prefixes=sorted(self.filters.bindings.prefixes.items()),
        )

    def render_classes(self, classes: list[Class], module_namespace: str | None) -> str:
        """Write the namespace of a type without an element into its class, as our modules have no __NAMESPACE__."""
        return super().render_classes(classes, None)

    def ruff_code(self, file_paths: list[str]) -> None:
        """Run the ruff that is installed beside this Python; its version decides about the bytes, the PATH must not."""
        path = os.environ.get("PATH", "")
        os.environ["PATH"] = os.pathsep.join((sysconfig.get_path("scripts"), path))
        try:
            super().ruff_code(file_paths)
        except FileNotFoundError:
            raise SchemaError("ruff is not installed", remedy='pip install "envoy-client[codegen]"') from None
        finally:
            os.environ["PATH"] = path


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
    output.unnest_classes = True
    output.format.slots = True
    output.format.repr = False  # envoy.bindings.base has a shorter one
    output.format.eq = False  # and one equality for all
    config.conventions.class_name.case = NameCase.ORIGINAL
    return config
