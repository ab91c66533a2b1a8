"""Where the data files are: the XSD files and the examples."""

from __future__ import annotations

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
