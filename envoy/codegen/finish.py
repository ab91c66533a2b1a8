"""Finish the classes before they are written: unique Python names, and no circle of modules.

What would come out wrong is refused here, as in ``limits``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from xsdata.codegen.models import Attr, Class
from xsdata.models.enums import Tag
from xsdata.utils.namespaces import build_qname, split_qname

from envoy.codegen.classes import SchemaTransformer, find_reached
from envoy.codegen.names import class_identifier, field_identifier, numbered
from envoy.errors import SchemaError


def finish(classes: Sequence[Class], transformer: SchemaTransformer, prefixes: Mapping[str, str]) -> None:
    """Change classes in place to what is written.

    Args:
        classes: What xsdata made.
        transformer: What is known about them.
        prefixes: The prefix of each namespace, which distinguishes types of one name.

    Raises:
        SchemaError: Two fields of a class have the same name in Python, or a field has no one type.
    """
    _rename(classes, transformer, prefixes)
    _join_circles(classes)
    by_name = {item.qname: item for item in classes}
    for item in classes:
        if not item.is_enumeration:
            _check_fields(item, by_name, transformer)


def _rename(classes: Sequence[Class], transformer: SchemaTransformer, prefixes: Mapping[str, str]) -> None:
    """Give every class a name that is Python's and that no other class of the package has."""
    namespaces = Counter(item.target_namespace for item in classes)
    ranks = {namespace: rank for rank, (namespace, _) in enumerate(namespaces.most_common())}
    taken: set[str] = set()
    renamed: dict[int, str] = {}

    def rank(item: Class) -> tuple[bool, int]:
        # A type that has a name in the schema keeps it, and the larger namespace the plain one.
        return item.ref in transformer.parents, ranks[item.target_namespace]

    for item in sorted(classes, key=rank):
        namespace, _ = split_qname(item.qname)
        name = next(name for name in _candidates(item, transformer, prefixes) if name not in taken)
        taken.add(name)
        if name == item.name:
            continue
        if item.meta_name is None and item.ref not in transformer.parents:
            item.meta_name = split_qname(transformer.names[item.ref])[1]
        renamed[item.ref] = item.qname = build_qname(namespace, name)
    for item in classes:
        for used in item.types():
            used.qname = renamed.get(used.reference, used.qname)


def _candidates(item: Class, transformer: SchemaTransformer, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield names for a class, the best first."""
    # xsdata numbers names that differ in capitals alone, so its own are not asked for.
    namespace, local = split_qname(transformer.names[item.ref])
    name = class_identifier(local)
    if item.ref in transformer.parents:
        name = name[:1].upper() + name[1:]
        yield name
        parent: Class | None = transformer.parents[item.ref]
        while parent is not None:
            name = f"{class_identifier(parent.name)}{name}"
            yield name
            parent = transformer.parents.get(parent.ref)
    elif prefix := prefixes.get(namespace or "", ""):
        yield name
        name = f"{class_identifier(prefix.lower())}{name}"
    yield from numbered(name)


def _join_circles(classes: Sequence[Class]) -> None:
    """Put the classes of modules that need each other into one module, as Python cannot import in a circle."""
    modules = {item.qname: str(item.module) for item in classes}
    needs: dict[str, set[str]] = defaultdict(set)
    for item in classes:
        needs[str(item.module)].update(modules[name] for name in item.dependencies(allow_circular=True))

    reach = {module: find_reached({module}, needs) for module in needs}
    for item in classes:
        here = str(item.module)
        item.module = min(module for module in reach[here] if here in reach[module])


def _check_fields(item: Class, by_name: Mapping[str, Class], transformer: SchemaTransformer) -> None:
    owners = [item]
    while owners[-1].extensions:
        owners.append(by_name[owners[-1].extensions[0].type.qname])
    names: dict[str, Attr] = {}
    for attr in (attr for owner in reversed(owners) for attr in owner.attrs):
        name = field_identifier(attr.name)
        if name in names:
            one, other = names[name].local_name, attr.local_name
            raise SchemaError(
                f"not supported: {one} and {other} of {item.name} would both be {name} in Python",
                remedy="Give them names that differ in more than their capitals and punctuation.",
            )
        names[name] = attr
    for attr in item.attrs:
        default = (item.ref, attr.local_name) in transformer.empty
        structured = any(not x.native and not by_name[x.qname].is_enumeration for x in attr.types)
        if len(attr.types) != 1 or (default and structured and attr.tag == Tag.ELEMENT):
            what = "has a default value and attributes" if default else "does not have exactly one type"
            raise SchemaError(f"not supported: {attr.local_name} of {item.name} {what}")
