"""Generated files in a folder: find those that are stale, and write them without harm to anything else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from envoy.errors import SchemaError

_MARK = b"; changes here are lost."
"""What every generated file says near its head; a file that does not is somebody's work."""
_HEAD = 20_000


def differences(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Return the files that differ between a package and its folder, with the reason of each."""
    stored = {file.name for file in folder.glob("*") if file.suffix in {".md", ".py", ".typed"}}
    result = []
    for name in sorted({*files, *stored}):
        if name not in stored:
            result.append(f"{name}: missing")
        elif name not in files:
            result.append(f"{name}: no schema file makes it")
        elif (folder / name).read_bytes() != files[name]:
            result.append(f"{name}: stale")
    return result


def write(files: Mapping[str, bytes], folder: Path) -> list[str]:
    """Write a package into its folder, and remove what an earlier schema made there; return what changed.

    Raises:
        SchemaError: The folder has a Python file that was not generated, and nothing is written then; or it cannot be
            written.
    """
    try:
        changed = differences(files, folder)
        for file in folder.glob("*.py"):
            if _MARK not in file.read_bytes()[:_HEAD]:
                raise SchemaError(
                    "this file was not generated, and would be lost",
                    where=str(file),
                    remedy="Choose another package= or output=, or move the file away.",
                )
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.glob("*.py"):
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
