"""Build the site from docs/ and the package: ``python docs/build.py``.

Every warning of the generator is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from generator.commands import write_pages
from generator.site_check import check_site
from generator.site_pages import copy_pages, with_nav

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "docs"


def main() -> int:
    """Build the site; return the exit status."""
    shutil.rmtree(BUILD, ignore_errors=True)
    write_pages(BUILD / "pages" / "reference" / "commands")
    copy_pages(ROOT, BUILD / "pages")
    configuration = BUILD / "mkdocs.yml"
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    configuration.write_text(with_nav(text, BUILD / "pages"), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-f", str(configuration)]
    done = subprocess.run(command, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    if done.returncode:
        return done.returncode
    wrong = list(check_site(BUILD / "site"))
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
