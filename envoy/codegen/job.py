"""The description of a package of bindings to be made."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
        full_command: The command that makes the package. Empty: that of ``envoy codegen``.
        root: Folder that files are named relative to. None: schema files are named without a folder.
        allow_limits: Make what can be made of a schema that says what the typed models cannot express.
        contents: What to read instead of what stands in some schema files.
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
    full_command: str = ""
    root: Path | None = None
    allow_limits: bool = False
    contents: Mapping[Path, bytes] = field(default_factory=dict)
    union: bool = False

    def __post_init__(self) -> None:
        for part in self.package.split("."):
            if not part.isidentifier() or keyword.iskeyword(part):
                raise SchemaError(
                    f"{self.package!r} is not a name for a package", remedy="Write it as in an import: acme."
                )
        first = self.package.partition(".")[0]
        if first == "envoy" or first in sys.stdlib_module_names:
            raise SchemaError(
                f"a package of the name {first} would hide the one that the bindings themselves import",
                remedy="Choose another package=.",
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
