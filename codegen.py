"""Generate typed bindings from XSD files: this project's own, or those of any other schema.

    python codegen.py            write schema/sep-2023 and generated/sep2 from what else is in schema/
    python codegen.py --check    exit 1 and name the files that are stale, write nothing

    python codegen.py --schema acme.xsd --package acme --output src

The last does as ``envoy codegen`` does. All the work is in ``envoy.codegen``, which also describes the steps.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from envoy.codegen import Job, run
from envoy.codegen.edition import derive, unite
from envoy.codegen.output import deliver
from envoy.errors import EnvoyError

ROOT = Path(__file__).resolve().parent
SOURCES = (
    ROOT / "schema" / "csipaus" / "1.3" / "core.xsd",
    ROOT / "schema" / "envoy" / "connection_point.xsd",
)
"""Entry files of the package sep2. CSIP-AUS 1.3 holds all of 1.2, and both redefine the whole of IEEE 2030.5-2018."""

SCHEMA_2018, SCHEMA_2023 = ROOT / "schema" / "sep", ROOT / "schema" / "sep-2023"
CHANGES = ROOT / "schema" / "edition-2023"
"""What the edition of 2023 changes in the schema of 2018; that of 2023 is made of both."""

COMMAND = "python codegen.py"

OURS = Job(
    SOURCES,
    "sep2",
    ROOT / "generated",
    full_command=COMMAND,
    root=ROOT,
    title="Typed bindings of IEEE 2030.5-2018, IEEE 2030.5-2023 and CSIP-AUS",
    origin="schema/",
    command="codegen.py",
    contents={SCHEMA_2018 / name: text for name, text in unite(SCHEMA_2018, CHANGES, "2023").items()},
    union=True,
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Returns:
        Its exit status: 0 all is well, 1 something is stale (``--check``), 2 it cannot be done.
    """
    parser = argparse.ArgumentParser(prog="codegen.py", description="Generate typed bindings from XSD files.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if what is there is stale")
    parser.add_argument("--schema", action="append", type=Path, metavar="FILE", help="an XSD file; may be repeated")
    parser.add_argument("--package", metavar="NAME", help="import name of the package to make of it")
    parser.add_argument("--output", type=Path, metavar="DIR", help="folder that holds the package")
    parser.add_argument("--allow-limits", action="store_true", help="leave out what the models cannot express")
    options = parser.parse_args(arguments)
    own = (options.schema, options.package, options.output)
    if any(own) and not all(own):
        parser.error("--schema, --package and --output go together")
    try:
        if all(own):
            return run(Job(*own, allow_limits=options.allow_limits), check=options.check)
        schema = derive(SCHEMA_2018, CHANGES, "2023")
        shown = OURS.shown(SCHEMA_2023)
        status = deliver(schema, SCHEMA_2023, check=options.check, shown=shown, command=COMMAND, suffix=".xsd")
        return max(status, run(OURS, check=options.check))
    except EnvoyError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
