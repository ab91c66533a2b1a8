"""Typed bindings from XSD files: what ``envoy codegen`` does, and codegen.py for this project's own.

xsdata does the work. Around it, ``pipeline`` goes from one module to the next::

    limits                    what the typed models cannot express, to be refused or allowed
    code_lists_from_standard  code lists of the standard for a schema that has them in prose
    code_lists                code lists become enumerations
    simplify                  one way to say each thing: no choices, groups, wildcards and restrictions
    name_clashes              elements and types that share a name
    redefine                  what xs:redefine adds goes into the types themselves
    documentation             what the schema says, with units
    classes                   which classes there are, and in which module
    finish                    their names in Python
    render                    the source text
    output                    what of it is stale, and writing it

For this project's own, ``edition`` makes the schema of IEEE 2030.5-2023, and the one of both editions that the bindings
are made of, from that of 2018 and a list of changes.

It needs the extra ``codegen``: xsdata and ruff, in the very versions that this project pins, since they decide about
the bytes.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys

from envoy.codegen.job import Job as Job
from envoy.errors import SchemaError


def run(job: Job, *, check: bool = False) -> int:
    """Write a package of bindings, and print what changed.

    Args:
        job: The package.
        check: Write nothing, and print on stderr which files are stale.

    What the schema says and the bindings leave out, as far as the job allows that, is printed on stderr too.

    Returns:
        The exit status: 1 if ``check`` found something, else 0.

    Raises:
        SchemaError: The schema cannot be used, the folder holds other files, or the extra ``codegen`` is not installed.
    """
    if missing := [name for name in ("xsdata", "ruff") if importlib.util.find_spec(name) is None]:
        raise SchemaError(
            f"making bindings needs the package {missing[0]}", remedy="pip install 'envoy-client[codegen]'"
        )
    from envoy.codegen.limits import list_limits
    from envoy.codegen.output import deliver
    from envoy.codegen.pipeline import generate

    files, limits = generate(job)
    if limits:
        print(
            f"{len(limits)} things in the schema are not in the bindings:\n{list_limits(limits, allowed=True)}",
            file=sys.stderr,
        )
    schemas = [x for source in job.sources for x in ("--schema", str(source))]
    options = [*schemas, "--package", job.package, "--output", str(job.output)]
    command = shlex.join(["envoy", "codegen", *options, *["--allow-limits"][: job.allow_limits]])
    shown = job.shown(job.folder) if job.root is not None else str(job.folder)
    return deliver(files, job.folder, check=check, shown=shown, command=job.full_command or command)
