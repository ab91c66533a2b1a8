"""The page of the console: one document with its style and its script, and the policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files


def _read(name: str) -> str:
    return files("envoy.server.console").joinpath(name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    """Return what allows one inline text in a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def make_page() -> tuple[bytes, str]:
    """Return the page and its Content-Security-Policy."""
    style, script = _read("page.css"), _read("page.js")
    page = _read("page.html").replace("{style}", style).replace("{script}", script)
    policy = (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return page.encode(), policy
