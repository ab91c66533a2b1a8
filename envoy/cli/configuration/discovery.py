"""Search for the configuration file of documents, in their folders and those above."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from envoy._text import join_words
from envoy.cli.configuration.keys import OWN_FILE, PROJECT_FILE
from envoy.errors import ConfigurationError

if TYPE_CHECKING:
    from envoy.cli.configuration.file import ConfigurationFile


def find_configuration(documents: Iterable[str]) -> ConfigurationFile | None:
    """Return the configuration file of some documents, None if there is none.

    It is the nearest ``envoy.toml`` or ``pyproject.toml`` with a table for us, in the folder of a document or above.
    What is not in a folder of this machine, such as standard input, counts as if it was in the working directory.

    Args:
        documents: Names of files and folders, URLs, or ``-``.

    Raises:
        ConfigurationError: They have not all the same, or a file cannot be used.
    """
    known: dict[str, ConfigurationFile | None] = {}
    found: dict[Path | None, tuple[str, ConfigurationFile | None]] = {}
    for name in documents:
        file = _search(_folder_of(name), known)
        found.setdefault(None if file is None else file.path, (name, file))
    if len(found) > 1:
        parts = [f"{path or 'none'} for {name}" for path, (name, _) in found.items()]
        raise ConfigurationError(
            f"the documents have different configurations: {join_words(parts, 'and')}",
            remedy="Name one with --config FILE, use none with --isolated, or run the command once for each.",
        )
    return next((file for _, file in found.values()), None)


def _folder_of(name: str) -> str:
    if name == "-" or "://" in name:
        return os.getcwd()
    path = os.path.abspath(name)
    return path if os.path.isdir(path) else os.path.dirname(path)


def _search(folder: str, known: dict[str, ConfigurationFile | None]) -> ConfigurationFile | None:
    passed: list[str] = []
    while folder not in known:
        passed.append(folder)
        above = os.path.dirname(folder)
        if (found := _load_from(folder)) is not None or above == folder:
            known[folder] = found
        else:
            folder = above
    known.update(dict.fromkeys(passed, known[folder]))
    return known[folder]


def _load_from(folder: str) -> ConfigurationFile | None:
    own, project = (os.path.join(folder, name) for name in (OWN_FILE, PROJECT_FILE))
    if os.path.isfile(own):
        return _load(own)
    # Most projects have nothing for us, which is seen without parsing the file.
    return _load(project) if os.path.isfile(project) and _mentions_us(project) else None


def _mentions_us(project: str) -> bool:
    try:
        with open(project, "rb") as file:
            return b"envoy" in file.read()
    except OSError as error:
        remedy = "It may hold a table [tool.envoy]. To use no configuration: --isolated."
        raise ConfigurationError(f"cannot be read: {error.strerror}", where=project, remedy=remedy) from None


def _load(path: str) -> ConfigurationFile | None:
    from envoy.cli.configuration.file import load_file  # deferred: most documents have no configuration

    return load_file(Path(path))
