"""Generated files in a folder: find those that are stale, and write them without harm to anything else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from envoy.errors import SchemaError

_MARK = b"; changes here are lost."
"""What every generated file says near its head; a file that does not is somebody's work."""
_HEAD = 20_000

_PACKAGE = (".md", ".py", ".typed")


def deliver(
    files: Mapping[str, bytes], folder: Path, *, check: bool, shown: str, command: str, suffix: str = ".py"
) -> int:
    """Write generated files into their folder, or check that they are there, and print what changed or is stale.

    Args:
        files: The contents of the files by their names.
        folder: Where they go.
        check: Write nothing, and print on stderr which files are stale.
        shown: The name of the folder in what is printed.
        command: What makes the files.
        suffix: What the names of files end in that are removed if nothing makes them.

    Returns:
        The exit status: 1 if ``check`` found something, else 0.

    Raises:
        SchemaError: As ``write`` does.
    """
    if check:
        stale = differences(files, folder, suffix)
        for line in stale:
            print(f"{shown}/{line}; run: {command}", file=sys.stderr)
        return 1 if stale else 0
    changed = write(files, folder, suffix)
    print(f"{shown}: {len(changed)} files changed" if changed else f"{shown}: up to date")
    return 0


def differences(files: Mapping[str, bytes], folder: Path, suffix: str = ".py") -> list[str]:
    """Return the files that differ between a package and its folder, with the reason of each."""
    kinds = _PACKAGE if suffix in _PACKAGE else (suffix,)
    stored = {file.name for file in folder.glob("*") if file.suffix in kinds}
    result = []
    for name in sorted({*files, *stored}):
        if name not in stored:
            result.append(f"{name}: missing")
        elif name not in files:
            result.append(f"{name}: no schema file makes it")
        elif (folder / name).read_bytes() != files[name]:
            result.append(f"{name}: stale")
    return result


def write(files: Mapping[str, bytes], folder: Path, suffix: str = ".py") -> list[str]:
    """Write a package into its folder, and remove what an earlier schema made there; return what changed.

    Raises:
        SchemaError: The folder has a file of the suffix that was not generated, and nothing is written then; or it
            cannot be written.
    """
    try:
        changed = differences(files, folder, suffix)
        for file in folder.glob(f"*{suffix}"):
            if _MARK not in file.read_bytes()[:_HEAD]:
                raise SchemaError(
                    "this file was not generated, and would be lost",
                    where=str(file),
                    remedy="Choose another package= or output=, or move the file away.",
                )
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob(f"*{suffix}"):
            if file.name not in files:
                file.unlink()
        for name, content in files.items():
            if not (folder / name).exists() or (folder / name).read_bytes() != content:
                (folder / name).write_bytes(content)
        return changed
    except OSError as error:
        raise SchemaError(
            f"cannot be written: {error.strerror or error}",
            where=str(error.filename or folder),
            remedy="Choose a folder that can be made, and that you may write to, as output=.",
        ) from None
