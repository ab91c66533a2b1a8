"""Build the site from docs/ and the package, into build/docs/site and build/docs/site.tar.xz: ``python docs/build.py``.

Every warning of the generator is an error, and so is what ``generator.site_check`` finds in what was built.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from generator.commands import write_pages
from generator.site_archive import archive, trim
from generator.site_check import check_site
from generator.site_pages import copy_pages, with_nav

from envoy._version import SITE_URL

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "docs"
ARCHIVE = BUILD / "site.tar.xz"
MOST = 1_000_000
"""Octets that the site may add to the wheel."""


def main() -> int:
    """Build the site; return the exit status."""
    shutil.rmtree(BUILD, ignore_errors=True)
    write_pages(BUILD / "pages" / "reference" / "commands")
    copy_pages(ROOT, BUILD / "pages")
    configuration = BUILD / "mkdocs.yml"
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    configuration.write_text(f'{with_nav(text, BUILD / "pages")}\nsite_url: "{SITE_URL}"\n', encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-f", str(configuration)]
    done = subprocess.run(command, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    if done.returncode:
        return done.returncode
    trim(BUILD / "site")
    if wrong := list(check_site(BUILD / "site")):
        print(*wrong, sep="\n", file=sys.stderr)
        return 1
    archive(BUILD / "site", ARCHIVE)
    pages, size = sum(1 for _ in (BUILD / "site").rglob("*.html")), ARCHIVE.stat().st_size
    print(f"{pages} pages in build/docs/site, {size / 1000:.0f} kB in build/docs/site.tar.xz")
    if size > MOST:
        print(f"The site may add {MOST / 1000:.0f} kB to the wheel at most.", file=sys.stderr)
    return 1 if size > MOST else 0


if __name__ == "__main__":
    sys.exit(main())
