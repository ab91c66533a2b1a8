"""The steps from XSD files to source text."""

from __future__ import annotations

import contextlib
import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import NamedTuple

from xsdata.codegen.exceptions import CodegenError
from xsdata.codegen.models import Class

from envoy.codegen.classes import SchemaTransformer
from envoy.codegen.code_lists import name_lists, read_lists
from envoy.codegen.code_lists_from_standard import borrow_lists
from envoy.codegen.documentation import describe, read_marks
from envoy.codegen.finish import finish
from envoy.codegen.job import Job
from envoy.codegen.limits import Limit, find_limits, list_limits
from envoy.codegen.name_clashes import rename_clashes
from envoy.codegen.redefine import apply_redefinitions
from envoy.codegen.render import Bindings, BindingsGenerator, configuration
from envoy.codegen.simplify import simplify
from envoy.codegen.substitutions import expand_substitutions
from envoy.errors import SchemaError
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.xsd.loader import XML_NAMESPACE, XS, SchemaFile, load
from envoy.xsd.schemas import compile_schema
from envoy.xsd.symbol_table import SymbolTable

_USUAL_PREFIXES = {SEP_NAMESPACE: "sep", **dict.fromkeys(EXTENSION_NAMESPACES, "csipaus")}


_RESERVED = re.compile("xsi?|xsd|xml.*", re.IGNORECASE)
"""Prefixes that mean something else to whoever reads a document."""


class Package(NamedTuple):
    """A package of bindings: the contents of its files by their names, and which limits of a schema were allowed."""

    files: dict[str, bytes]
    limits: list[Limit]


def generate(job: Job) -> Package:
    """Make a package of bindings. It depends on the schema files and their names alone.

    Raises:
        SchemaError: A file is not a valid XSD, cannot be read, or says what the models cannot express.
    """
    files = load(job.sources, contents=job.contents)
    for source in job.sources:
        compile_schema(source)
    shown = {file.path: job.shown(file.path) for file in files}
    prefixes = prefixes_of(files)
    with _no_guess(job.sources[0]):
        expand_substitutions(files, SymbolTable(files))
        symbols = SymbolTable(files)
        limits = _allow(list(find_limits(files, symbols)), job)
        symbols = SymbolTable(files)
        borrow_lists(files, symbols)
        name_lists(files)
        simplify(files, SymbolTable(files))
        if all(file.root.find(f".//{XS}complexType") is None for file in files):
            raise SchemaError("declares no complex type, so there is nothing to make", where=str(job.sources[0]))
        renamed = rename_clashes(files)
        redefined = apply_redefinitions(files, union=job.union)
        code_lists = read_lists(files)
        documentation = describe(files)
        marks = read_marks(files)
        transformer = SchemaTransformer(configuration(job.package), files, code_lists, redefined, renamed, marks)
        classes = transformer.make_classes()
        finish(classes, transformer, prefixes)
        entries = ", ".join(shown[source.resolve()] for source in job.sources)
        bindings = Bindings(
            title=job.title or f"Typed bindings of {entries}",
            origin=f"{job.origin or entries} by {job.command}",
            documentation={
                module: (documentation[path], f"{shown[path]} by {job.command}")
                for module, path in transformer.modules.items()
            },
            prefixes=prefixes,
        )
        generator = BindingsGenerator(transformer.config, transformer, bindings)
        return Package(_rendered(classes, generator, job.package), limits)


def _allow(limits: list[Limit], job: Job) -> list[Limit]:
    """Change the schema to what the models can express, if the job allows that.

    Raises:
        SchemaError: It does not, or it cannot be.
    """
    if refused := [limit for limit in limits if not (job.allow_limits and limit.lost)]:
        if len(refused) == 1:
            raise SchemaError(f"not supported: {refused[0].what}", where=refused[0].where, remedy=refused[0].remedy)
        raise SchemaError(f"{len(refused)} things in the schema are not supported\n{list_limits(refused)}")
    for limit in limits:
        limit.allow()
    return limits


def _rendered(classes: list[Class], generator: BindingsGenerator, package: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as top, contextlib.chdir(top):
        # ruff sorts imports by what it finds in the working directory.
        folder = Path(*package.split("."))
        folder.mkdir(parents=True)
        for name, text in generator.texts(classes, package).items():
            (folder / name).write_text(text, encoding="utf-8")
        generator.ruff_code([str(folder)])
        return {"py.typed": b""} | {file.name: file.read_bytes() for file in sorted(folder.glob("*.py"))}


def prefixes_of(files: Sequence[SchemaFile]) -> dict[str, str]:
    """Return a prefix for each target namespace: the one that the schemas use, where they use one."""
    result: dict[str, str] = {}
    for namespace in dict.fromkeys(file.namespace for file in files if file.namespace not in ("", XML_NAMESPACE)):
        given = [file.prefixes[namespace] for file in files if namespace in file.prefixes]
        usual = [_USUAL_PREFIXES[namespace]] if namespace in _USUAL_PREFIXES else []
        numbered = (f"ns{number}" for number in range(1, len(files) + 2))
        free = (x for x in (*given, *usual, *numbered) if x not in result.values() and not _RESERVED.fullmatch(x))
        result[namespace] = next(free)
    return result


@contextlib.contextmanager
def _no_guess(source: Path) -> Iterator[None]:
    """Refuse a schema that xsdata warns about: it has then guessed, and its guess may be wrong."""
    handler = BufferingHandler(capacity=1_000_000)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("xsdata")
    logger.addHandler(handler)
    try:
        yield
        if handler.buffer:
            # What xsdata says is about the schema as it was simplified, which the user has not seen.
            raise CodegenError("; ".join(dict.fromkeys(record.getMessage() for record in handler.buffer)))
    except CodegenError as error:
        raise SchemaError(
            "not supported: what a component of it means to the typed models is not clear",
            where=source.name,
            remedy="Take files out of it until it passes, to find the component, and please report it with the schema.",
        ) from error
    finally:
        logger.removeHandler(handler)
