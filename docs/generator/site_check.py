"""What is wrong with a built site: links that lead nowhere, and what a browser would load from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from lxml import html

_LOADED = {
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}
"""Elements and attributes that name what a browser loads."""

_STYLE = re.compile(r"(?:@import\s+|url\()\s*[\"']?(https?:|//)[^)\"']*")
_ORIGIN = "http://site"


def check_site(site: Path) -> Iterator[str]:
    """Yield a line for each thing that is wrong with the site in a folder."""
    pages = {page.relative_to(site).as_posix(): html.parse(page).getroot() for page in sorted(site.rglob("*.html"))}
    anchors = {name: {*root.xpath("//@id"), *root.xpath("//a/@name")} for name, root in pages.items()}
    for name, root in pages.items():
        for element, attribute, address, _ in root.iterlinks():
            if element.get("rel") == "canonical":
                continue
            if urlsplit(address).scheme in ("http", "https") or address.startswith("//"):
                if (element.tag, attribute) in _LOADED:
                    yield f"{name}: loads {address} from elsewhere"
            elif attribute in ("href", "src") and not address.startswith(("mailto:", "data:")):
                # The page for what is not found is shown at any address, so what it links begins with a slash.
                target = urlsplit(urljoin(f"{_ORIGIN}/{name}", address))
                yield from _check_link(site, name, address, unquote(target.path), unquote(target.fragment), anchors)
        yield from (
            f"{name}: loads {found[0]} from elsewhere" for found in _STYLE.finditer(html.tostring(root).decode())
        )
    for style in sorted(site.rglob("*.css")):
        for found in _STYLE.finditer(style.read_text(encoding="utf-8")):
            yield f"{style.relative_to(site).as_posix()}: loads {found[0]} from elsewhere"


def _check_link(
    site: Path, name: str, address: str, path: str, anchor: str, anchors: dict[str, set[str]]
) -> Iterator[str]:
    linked = path.removeprefix("/")
    file = f"{linked}index.html" if linked.endswith("/") or not linked else linked
    if not (site / file).is_file():
        yield f"{name}: {address} leads to nothing"
    elif anchor and file in anchors and anchor not in anchors[file]:
        yield f"{name}: {address} leads to no place of its page"
