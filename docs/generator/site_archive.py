"""The built site as what travels in the wheel: without what no browser asks for, as one archive."""

from __future__ import annotations

import lzma
import re
import shutil
import tarfile
from pathlib import Path

_UNUSED = ("**/*.map", "sitemap.xml*", "objects.inv", "assets/javascripts/lunr/**/*.js")
"""Maps of sources, lists for search engines and other sites, and the languages of the search but English."""

_SOURCE_MAP = re.compile(r"^(?://|/\*)# sourceMappingURL=.*$", re.MULTILINE)
_WIDE = {"76.25em": "70em", "76.234375em": "69.984375em"}
"""From which width on the navigation stands beside the page: here from 1120 pixels, of the generator from 1220."""


def trim(site: Path) -> None:
    """Take away what is not needed from a built site.

    Raises:
        ValueError: The generator has changed, so that something is not what it was.
    """
    for pattern in _UNUSED:
        for file in site.glob(pattern):
            file.unlink()
    shutil.rmtree(site / "assets" / "javascripts" / "lunr", ignore_errors=True)
    for pattern in ("**/*.js", "**/*.css"):
        widths = 0
        for file in site.glob(pattern):
            text = _SOURCE_MAP.sub("", file.read_text(encoding="utf-8"))
            for wide, instead in _WIDE.items():
                widths += text.count(wide)
                text = text.replace(wide, instead)
            file.write_text(text, encoding="utf-8")
        if not widths:
            raise ValueError(f"{pattern} of the site do not name the width {', '.join(_WIDE)}: see _WIDE")


def archive(site: Path, target: Path) -> None:
    """Write a site into a .tar.xz, the same octets for the same site.

    Pages are much alike: together they take a third of what they take each for itself.
    """
    with (
        lzma.open(target, "wb", preset=9 | lzma.PRESET_EXTREME) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for file in sorted(site.rglob("*")):
            if file.is_file():
                member = tarfile.TarInfo(file.relative_to(site).as_posix())
                member.size = file.stat().st_size
                with file.open("rb") as content:
                    tar.addfile(member, content)
