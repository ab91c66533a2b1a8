"""Lists and links: the numbers that lists state, items that stand twice, links to lists and to other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from envoy.namespaces import SEP_NAMESPACE
from envoy.validation.rules.rule import DOCUMENT, Objection, elements_of, is_known, rule
from envoy.validation.rules.values import find_child, read_integer, read_text

_LISTS = elements_of("List", "SubscribableList")

# Most documents have nothing that could be wrong here, which XPath finds at the speed of libxml2.
_hrefs = etree.XPath("descendant-or-self::*/@href", smart_strings=False)
_mrids = etree.XPath("*/s:mRID", namespaces={"s": SEP_NAMESPACE})


@rule("list-results", section="4.5 - 4.7", elements=_LISTS)
def list_results(element: etree._Element) -> Iterator[Objection]:
    """``results`` is the number of items on the page, and not more than ``all``."""
    stated, total = read_integer(element, "results"), read_integer(element, "all")
    items = sum(1 for item in element.iterchildren(etree.Element) if is_known(item))
    if stated is not None and stated != items:
        is_are = "is" if items == 1 else "are"
        what, remedy = f"results is {stated}, here {is_are} {items}", f'Write results="{items}".'
        yield Objection(element, what, remedy, "results", str(items))
    if total is not None and items > total:
        remedy = "It counts the items of the whole list, on this page and all others."
        yield Objection(element, f"all is {total}, this page alone has {items}", remedy, "all")


@rule("duplicate-mrid", section="IdentifiedObject", elements=_LISTS)
def duplicate_mrid(element: etree._Element) -> Iterator[Objection]:
    """No two items of a list have the same mRID."""
    nodes = _mrids(element)
    if len({read_text(node).upper() for node in nodes}) == len(nodes):
        return
    seen: dict[str, int] = {}
    for number, item in enumerate(element.iterchildren(etree.Element), start=1):
        node = find_child(item, "mRID")
        text = read_text(node).upper()
        if node is None or not text:
            continue
        if text in seen:
            what = f"mRID {text} is that of item {seen[text]} too"
            yield Objection(node, what, "Give each item an mRID of its own, or leave out the one that stands twice.")
        seen.setdefault(text, number)


def _has_all(element: etree._Element) -> bool:
    return element.get("all") is not None


@rule("list-link-all", section="ListLink", elements=elements_of("ListLink"), precheck=_has_all)
def list_link_all(element: etree._Element) -> Iterator[Objection]:
    """A ListLink with a relative href says in ``all`` how many items the list has."""
    if _has_all(element):
        return
    href = element.get("href")
    if href is not None and not _host(href):
        remedy = 'Write all="...", the number of items that the client may see.'
        yield Objection(element, f"the link to {href[:60]} has no attribute all", remedy)


@rule("href-host", section="Link", elements=(DOCUMENT,))
def href_host(element: etree._Element) -> Iterator[Objection]:
    """Absolute hrefs of a document lead to one host."""
    if "//" not in "\n".join(_hrefs(element)):
        return
    first = ""
    for node in element.iter(etree.Element):
        host = _host(node.get("href", ""))
        first = first or host
        if host != first and host and is_known(node):
            what = f"the href leads to {host}, others of this document to {first}"
            remedy = "Write the path alone, or make sure that the client may follow it there."
            yield Objection(node, what, remedy, "href")


def _host(href: str) -> str:
    """Return host and port of an absolute reference, empty if it is relative or no reference."""
    try:
        return urlsplit(href.strip()).netloc.lower()
    except ValueError:
        return ""
