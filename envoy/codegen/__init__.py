"""Typed bindings from XSD files: what ``envoy codegen`` does, and codegen.py for this project's own.

xsdata does the work. Around it, ``pipeline`` goes from one module to the next::

    loading        the XSD files and what they refer to
    limits         refuse what the typed models cannot express
    borrow         code lists of the standard for a schema that tells them in prose
    codes          code lists become enumerations
    simplify       one way to say each thing: no choices, groups, wildcards and restrictions
    clashes        elements and types that share a name
    redefine       what xs:redefine adds goes into the types themselves
    documentation  what the schema says, with units
    classes        which classes there are, and in which module
    finishing      their names in Python
    rendering      the source text
    folder         what of it is stale, and writing it

It needs the extra ``codegen``: xsdata and ruff, in the very versions that this project pins, since they decide about
the bytes.
"""

from __future__ import annotations

import importlib.util
import keyword
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envoy.errors import SchemaError


@dataclass(frozen=True, slots=True)
class Job:
    """A package of bindings to be made.

    Attributes:
        sources: Entry files; what they include, import and redefine comes with them.
        package: Import name of the package; it may have dots.
        output: The folder that holds the package, or its outermost part.
        title: First line of the package's docstring. Empty: it names the entry files.
        origin: What the package's docstring says it was made from. Empty: the entry files.
        command: What the docstrings say made them.
        again: The command that makes the package. Empty: that of ``envoy codegen``.
        root: Folder that files are named relative to. None: schema files are named without a folder.
        union: The bindings are for several profiles at once, so that no field that ``xs:redefine`` adds is required.

    Raises:
        SchemaError: The package has a name that cannot be imported, or that would hide another package.
    """

    sources: Sequence[Path]
    package: str
    output: Path
    title: str = ""
    origin: str = ""
    command: str = "envoy codegen"
    again: str = ""
    root: Path | None = None
    union: bool = False

    def __post_init__(self) -> None:
        for part in self.package.split("."):
            if not part.isidentifier() or keyword.iskeyword(part):
                raise SchemaError(
                    f"{self.package!r} is no name for a package", remedy="Write it as in an import: acme."
                )
        first = self.package.partition(".")[0]
        if first == "envoy" or first in sys.stdlib_module_names:
            raise SchemaError(
                f"a package of the name {first} would hide the one that the bindings themselves import",
                remedy="Choose another --package.",
            )

    @property
    def folder(self) -> Path:
        """The folder of the package itself."""
        return self.output.joinpath(*self.package.split("."))

    def shown(self, path: Path) -> str:
        """Return the name of a schema file, as it is in the docstrings."""
        if self.root is not None and path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.name


def run(job: Job, *, check: bool = False) -> int:
    """Write a package of bindings, and print what changed.

    Args:
        job: The package.
        check: Write nothing, and print on stderr which files are stale.

    Returns:
        The exit status: 1 if ``check`` found something, else 0.

    Raises:
        SchemaError: The schema cannot be used, the folder holds other files, or the extra ``codegen`` is not installed.
    """
    if missing := [name for name in ("xsdata", "ruff") if importlib.util.find_spec(name) is None]:
        raise SchemaError(
            f"making bindings needs the package {missing[0]}", remedy="pip install 'envoy-client[codegen]'"
        )
    from envoy.codegen.folder import differences, write
    from envoy.codegen.pipeline import generate

    files = generate(job)
    shown = job.shown(job.folder) if job.root is not None else str(job.folder)
    if check:
        stale = differences(files, job.folder)
        for line in stale:
            print(f"{shown}/{line}; run: {job.again or _command(job)}", file=sys.stderr)
        return 1 if stale else 0
    changed = write(files, job.folder)
    print(f"{shown}: {len(changed)} files changed" if changed else f"{shown}: up to date")
    return 0


def _command(job: Job) -> str:
    options = [x for source in job.sources for x in ("--schema", str(source))]
    return shlex.join(["envoy", "codegen", *options, "--package", job.package, "--output", str(job.output)])
