"""The build backend of the package: hatchling, which gets the site for a wheel that is not editable.

``pip install . --config-settings docs=no`` makes one without the site, in less time.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from hatchling import build as hatchling
from hatchling.build import *  # noqa: F403  # the other hooks of PEP 517 and 660
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_ROOT = Path(__file__).resolve().parent.parent
_BUILD = str(_ROOT / "docs" / "build.py")
_ARCHIVE = _ROOT / "build" / "docs" / "site.tar.xz"

_Settings = dict[str, Any] | None


def get_requires_for_build_wheel(  # type: ignore[no-redef]
    config_settings: _Settings = None,
) -> list[str]:
    """Return what the generator needs: itself, and the package that it describes."""
    needed = hatchling.get_requires_for_build_wheel(config_settings)
    if not _wants_site(config_settings):
        return needed
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*needed, *project["dependencies"], *project["optional-dependencies"]["docs"]]


def build_wheel(  # type: ignore[no-redef]
    directory: str, config_settings: _Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the site, and a wheel with it."""
    _ARCHIVE.unlink(missing_ok=True)
    if _wants_site(config_settings):
        # The package is not installed where it is built; and pip takes its folder out of PYTHONPATH where it is
        # installed editable in the environment that pip runs in.
        folders = [str(_ROOT / name) for name in ("docs", ".", "generated")]
        code = f"import runpy, sys; sys.path[:0] = {folders}; runpy.run_path({_BUILD!r}, run_name='__main__')"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=_ROOT)
    return hatchling.build_wheel(directory, config_settings, metadata_directory)


def _wants_site(config_settings: _Settings) -> bool:
    return (config_settings or {}).get("docs") != "no"


class SiteHook(BuildHookInterface[Any]):
    """Puts the site into the wheel, where it has been built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Say where the site is, and where it belongs."""
        if version == "standard" and _ARCHIVE.exists():
            build_data["force_include"][str(_ARCHIVE)] = "envoy/site.tar.xz"
