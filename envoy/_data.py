"""Where the data files are, the XSD files and the examples; and files that nobody else may read."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


@cache
def data_folder(name: str) -> Path:
    """Return a folder of data files: inside the installed package, or at the top of a source checkout.

    Args:
        name: ``schema`` or ``examples``.

    Raises:
        FileNotFoundError: The installation is broken.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no folder {name!r} beside {package}: reinstall envoy-client")


def open_private(path: str, flags: int) -> int:
    """Open a file; if it is made, nobody but its owner may read it, from the beginning. An ``opener`` of ``open``.

    Keys and personal data (readings, the sites of a fleet) are kept in such files. A file that exists keeps its mode.
    """
    return os.open(path, flags, 0o600)
