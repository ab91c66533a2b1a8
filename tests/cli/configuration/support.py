"""A folder with a document and a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.commands import Done, envoy

DOCUMENT = "device.xml"
DOUBTFUL = """\
<EndDevice xmlns="urn:ieee:std:2030.5:ns"><sFDI>167261211392</sFDI><changedTime>0</changedTime></EndDevice>
"""
"""A valid document with one warning, of the code ``sfdi``."""


class Project:
    """A folder with a document that is valid, with a warning."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write(DOCUMENT, DOUBTFUL)

    def write(self, name: str, content: str) -> Path:
        """Write a file; return its path."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        return file

    def run(self, *arguments: str | Path, **variables: Any) -> Done:
        return envoy(*arguments, cwd=self.folder, **variables)

    def validate(self, *options: str | Path, **variables: Any) -> Done:
        return self.run("validate", DOCUMENT, *options, **variables)
