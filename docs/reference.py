"""Write the reference of the bindings, docs/reference/sep2/, from the schema and the generated classes.

    python docs/reference.py            write docs/reference/sep2/
    python docs/reference.py --check    exit 1 and name the pages that are stale, write nothing

The XSD files say what things mean, the classes what they are called in Python. Each schema file has one page. On it a
class is found under its name in lower case, ``der.md#dercapability``, and a field under that and its own name,
``der.md#dercapability-rtg_max_w``.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from generator.catalogue import Catalogue, ancestors, field_anchor, field_path, own_fields
from generator.markdown import anchored, bullets, escape, paragraph, table
from generator.schema_text import EXTENSION, Described, SchemaText

import sep2
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, gained_by
from envoy.bindings.quantities import Quantity
from envoy.codegen.output import differences
from envoy.namespaces import MODEL_EXTENSION_NAMESPACE
from envoy.profiles import PROFILES

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "reference" / "sep2"

_PLAIN = {"xs:anyURI": "str", "xs:boolean": "bool", "xs:hexBinary": "bytes", "xs:string": "str"}
"""Python types of what XSD has built in; all others that the schema uses are whole numbers."""

_MANY = 20
"""Classes that a list may name before their number says more."""

_STATES = {True: "required", False: "optional", None: ""}
_NAMESPACES = {"": ", in no namespace", f"{{{MODEL_EXTENSION_NAMESPACE}}}": ", in the namespace of the profile"}


INTRODUCTION = """\
# Reference of the bindings

All classes of `sep2`, made from the schema by `python docs/reference.py`. Whatever page a class is on, it is imported
from the package: `from sep2 import DERCapability`. Look for a [function set](#pages), a [class](#classes) or a
[field](#fields).

In the table of a class

- *Field, in XML* is the name in Python, and below it that of the element; an `@` marks an attribute, and `x/@y` the
  attribute y of the element x beside it.
- *Type* links a class or code list. Of a plain value it gives the Python type and the type of the schema.
- *Unit* is the unit of the number as it stands: with 0.01 %, 9500 means 95 %.
- *Occurs* is 1 for what must be given, 0..1 for what may be `None`, and a range with a higher end for a list.
- *Default* is empty where it is `None` or an empty list.
- *Required in* and *Only in* name the [profiles](../profiles.md) that alone know a field. Documents of
  other profiles cannot have it, so in Python it is optional. What came with IEEE 2030.5-2023 is only in `ieee-2023`.

Codes are `IntEnum`, bitmaps `IntFlag`. Both are open: a code or bit that a list does not name is read and written as it
is.
"""


class Pages:
    """The pages of the reference."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.schema = catalogue.schema
        self._elements = {name: qname for qname, name in sep2.ELEMENTS.items()}

    def all(self) -> dict[str, str]:
        """Return the text of each page by its file name."""
        pages = {"index": self._index(), **{page: self._page(page) for page in self.schema.files}}
        return {f"{page}.md": "\n\n".join(filter(None, parts)) + "\n" for page, parts in pages.items()}

    def _page(self, page: str) -> Iterator[str]:
        file = self.schema.files[page]
        here = self.catalogue.on_page(page)
        full = [cls for cls in here if cls in self.catalogue.models and own_fields(cls)]
        bare = [cls for cls in here if cls in self.catalogue.models and not own_fields(cls)]
        codes = [cls for cls in here if issubclass(cls, (Code, Bitmap))]
        simple = self.catalogue.simple_types_on_page(page)
        yield f"# {file.subject} ({page}.xsd)"
        yield paragraph(escape(file.text))
        yield f"Source: [schema/{file.path}](../../../schema/{file.path}). [All pages, and how to read them](index.md)"
        if page == EXTENSION:
            yield "## Additions to the standard"
            yield from self._additions(page)
        yield "## Classes" if full or bare else ""
        yield paragraph(self.catalogue.links(page, sorted(full + bare, key=here.index)))
        for cls in full:
            yield from self._model(page, cls)
        if bare:
            yield "### Classes without fields of their own"
            yield "Their fields are those of the class that they extend."
            yield table(("Class", "Root", "Meaning"), (self._bare_model(page, cls) for cls in bare))
        yield "## Codes and bitmaps" if codes else ""
        yield paragraph(self.catalogue.links(page, codes))
        for code_list in codes:
            yield from self._codes(page, code_list)
        if simple:
            yield "## Simple types"
            yield "They are plain values in Python."
            yield table(
                ("Type", "Python", "Made from", "Unit", "Meaning"), (self._simple(page, name) for name in simple)
            )

    def _additions(self, page: str) -> Iterator[str]:
        """Yield the table of what each profile appends to types of the standard."""
        profiles = [profile.name for profile in PROFILES.values() if profile.extension_schema]
        rows = []
        for cls in self.catalogue.models:
            for field in own_fields(cls):
                known = self.catalogue.described(cls, field).profiles
                if known.keys() & {*profiles}:
                    link = self.catalogue.link(page, cls, field, f"{cls.__name__}.{field.name}")
                    rows.append((link, *(_STATES[known.get(name)] for name in profiles)))
        yield table(("Field", *profiles), rows)

    def _model(self, page: str, cls: type) -> Iterator[str]:
        """Yield the section of a class."""
        yield f"### {cls.__name__}"
        yield paragraph(meaning_of(self.catalogue.described(cls)))
        yield bullets(f"{name}: {value}" for name, value in self._facts(page, cls) if value)
        heads = ("Field, in XML", "Type", "Unit", "Occurs", "Default", "Meaning")
        yield table(heads, (self._field(page, cls, field) for field in own_fields(cls)))
        inherited = [base for base in ancestors(cls) if own_fields(base)]
        if inherited:
            yield bullets(f"From {self._inherited(page, cls, base)}" for base in inherited)

    def _facts(self, page: str, cls: type) -> Iterator[tuple[str, str]]:
        item = self.catalogue.described(cls)
        heirs = self.catalogue.heirs[cls]
        yield "Extends", self.catalogue.links(page, ancestors(cls)[:1])
        yield "Extended by", self.catalogue.links(page, heirs) if len(heirs) <= _MANY else f"{len(heirs)} classes"
        yield "Root of a document", self._root(cls)
        yield "Used by", self.catalogue.uses(page, cls)
        if issubclass(cls, Quantity):
            amount = f"an amount in {item.unit}" if item.unit else "a number"
            yield "Numbers", f"`{cls.__name__}.of(...)` takes {amount}, `float(...)` gives it back"

    def _root(self, cls: type) -> str:
        namespace, brace, name = self._elements.get(cls.__name__, "").rpartition("}")
        return f"`{name}`{_NAMESPACES.get(namespace + brace, '')}" if name else "no"

    def _inherited(self, page: str, cls: type, base: type) -> str:
        gained = gained_by(cls)
        fields = (
            self.catalogue.link(page, base, field, f"`{field.name}`")
            + (f" (since IEEE 2030.5-{gained[field.local]})" if field.local in gained else "")
            for field in own_fields(base)
        )
        return f"{self.catalogue.link(page, base)}: {', '.join(fields)}"

    def _field(self, page: str, cls: type, field: Field) -> tuple[str, ...]:
        item = self.catalogue.described(cls, field)
        return (
            anchored(field_anchor(cls, field), f"`{field.name}`<br>{self._wire_name(cls, field)}"),
            self._type(page, field, item),
            escape(self.schema.unit(item)),
            escape(item.occurs),
            default_of(field),
            meaning_of(item),
        )

    def _wire_name(self, cls: type, field: Field) -> str:
        owner, _, _ = field_path(cls, field).rpartition(".")
        return f"{owner + '/' if owner else ''}{'@' if field.attribute else ''}{field.local}"

    def _type(self, page: str, field: Field, item: Described) -> str:
        if field.type in self.catalogue.classes:
            name = self.catalogue.link(page, field.type)
        else:
            name = f"`{field.type.__name__}` {self.catalogue.simple_type_link(page, item.type)}"
        return f"list of {name}" if field.many else name

    def _bare_model(self, page: str, cls: type) -> tuple[str, ...]:
        base = self.catalogue.links(page, ancestors(cls)[:1])
        users = ", ".join(self.catalogue.link(page, user, field) for user, field in self.catalogue.users[cls])
        meaning = meaning_of(self.catalogue.described(cls))
        return (
            anchored(cls.__name__.lower(), f"`{cls.__name__}`<br>extends {base}"),
            "yes" if cls.__name__ in self._elements else "no",
            f"{meaning} Used by {users}." if users else meaning,
        )

    def _codes(self, page: str, cls: type[Code | Bitmap]) -> Iterator[str]:
        """Yield the section of a code list or bitmap."""
        item = self.catalogue.described(cls)
        octets, bitmap = cls._octets_, issubclass(cls, Bitmap)
        form = f"hexBinary of {octets} octet{'s' if octets > 1 else ''}" if octets else "a decimal number"
        facts = (
            ("Kind", f"{'bitmap' if bitmap else 'code list'}, {form} in XML"),
            ("Used by", self.catalogue.uses(page, cls)),
        )
        yield f"### {cls.__name__}"
        yield paragraph(meaning_of(item))
        yield bullets(f"{name}: {value}" for name, value in facts if value)
        yield table(
            ("Member", "Bit", "Value", "In XML", "Meaning"),
            (
                (
                    f"`{name}`",
                    str(member.value.bit_length() - 1) if bitmap else "",
                    "" if bitmap else str(member.value),
                    f"`{member.value.to_bytes(octets).hex().upper()}`" if octets else "",
                    escape(item.codes[name]),
                )
                for name, member in cls.__members__.items()
            ),
        )

    def _simple(self, page: str, name: str) -> tuple[str, ...]:
        item = self.schema.types[name]
        base = item.type
        while base in self.schema.types:
            base = self.schema.types[base].type
        return (
            anchored(name.lower(), f"`{name}`"),
            f"`{_PLAIN.get(base, 'int')}`",
            self.catalogue.simple_type_link(page, item.type),
            escape(self.schema.unit(item)),
            escape(item.text),
        )

    def _index(self) -> Iterator[str]:
        yield INTRODUCTION.rstrip()
        yield "## Pages"
        rows = []
        for page, file in sorted(self.schema.files.items(), key=lambda item: item[1].subject.lower()):
            text = file.text.removeprefix(f"{file.subject}: ")
            classes = str(len(self.catalogue.on_page(page)))
            rows.append((f"[{file.subject}]({page}.md)", escape(text[0].upper() + text[1:]), classes))
        yield table(("Page", "What it is for", "Classes"), rows)
        yield "## Classes"
        for letter, group in groupby(self.catalogue.classes, key=lambda cls: cls.__name__[0].upper()):
            yield paragraph(f"**{letter}** {self.catalogue.links('index', group)}")
        yield "## Fields"
        uses: dict[tuple[str, str], list[str]] = defaultdict(list)
        for cls in self.catalogue.models:
            for field in own_fields(cls):
                uses[field.name, field.local].append(self.catalogue.link("index", cls, field))
        letters = [(letter, list(keys)) for letter, keys in groupby(sorted(uses), key=lambda key: key[0][0].upper())]
        yield " ".join(f"[{letter}](#{letter.lower()})" for letter, _ in letters)
        for letter, keys in letters:
            yield f"### {letter}"
            yield bullets(f"`{name}` ({local}): {', '.join(uses[name, local])}" for name, local in keys)


def meaning_of(item: Described) -> str:
    """Return the documentation of a type or field, after the profiles that alone know it."""
    required = [name for name, state in item.profiles.items() if state]
    optional = [name for name, state in item.profiles.items() if not state]
    marks = [
        f"**{word} {', '.join(names)}.** "
        for word, names in (("Required in", required), ("Only in", optional))
        if names
    ]
    return "".join(marks) + escape(item.text)


def default_of(field: Field) -> str:
    """Return the default of a field as Python has it; empty where it is None or an empty list."""
    value = field.default
    if isinstance(value, Code):
        return f"`{type(value).__name__}.{value.name}`"
    if isinstance(value, Bitmap):
        return f"`{type(value).__name__}({value.value})`"
    return "" if value is None else f"`{value!r}`"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(prog="docs/reference.py", description="Write the reference of the bindings.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if docs/reference/sep2/ is stale")
    options = parser.parse_args(arguments)
    pages = Pages(Catalogue(SchemaText(ROOT / "schema"))).all()
    files = {name: text.encode() for name, text in pages.items()}
    stale = differences(files, TARGET)
    if options.check:
        for line in stale:
            print(f"docs/reference/sep2/{line}; run: python docs/reference.py", file=sys.stderr)
        return 1 if stale else 0
    TARGET.mkdir(exist_ok=True)
    for name in (line.partition(":")[0] for line in stale):
        if name in files:
            (TARGET / name).write_bytes(files[name])
        else:
            (TARGET / name).unlink()
    print(f"docs/reference/sep2: {len(stale)} pages changed" if stale else "docs/reference/sep2: up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
