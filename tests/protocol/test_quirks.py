"""The table of what servers do otherwise: it is documented, and the code uses all of it."""

from __future__ import annotations

import re
import runpy

from envoy.protocol import quirks
from tests.conftest import ROOT

QUIRKS = [name for name in vars(quirks) if name.isupper() and name != "EXTENSION_NAMESPACES"]


def test_the_page_says_what_the_code_looks_up() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "quirks.py"))
    assert [name for name, what, seen in script["read_quirks"]() if what and seen] == QUIRKS
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"](), "run python docs/quirks.py"


def test_every_quirk_is_looked_up() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "envoy").rglob("*.py"))
    # The namespaces are looked up below the protocol, where a document is decoded.
    assert [name for name in QUIRKS if not re.search(rf"\bquirks\.{name}\b", code)] == ["EXTENSION_NAMESPACE"]
