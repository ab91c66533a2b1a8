"""The table of what servers do otherwise: it is documented, and the code uses all of it."""

from __future__ import annotations

import runpy

from envoy.protocol.quirks import QUIRKS
from tests.conftest import ROOT


def test_the_page_says_what_the_code_looks_up() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "quirks.py"))["page"]
    assert (ROOT / "docs" / "quirks.md").read_text(encoding="utf-8") == page(), "run python docs/quirks.py"


def test_every_quirk_is_looked_up() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "envoy").rglob("*.py"))
    # The namespaces are looked up below the protocol, where a document is decoded.
    assert [name for name in QUIRKS if f"quirks.{name}.value" not in code] == ["EXTENSION_NAMESPACE"]
