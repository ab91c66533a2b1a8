"""Lists and links: the numbers that lists state, items that stand twice, links to lists and to other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from envoy.namespaces import SEP_NAMESPACE
from envoy.validation.rules.elements import LIST_LINKS, LISTS
from envoy.validation.rules.rule import DOCUMENT, Objection, is_known, rule
from envoy.validation.rules.values import find_child, read_integer, read_text

# Most documents have nothing that could be wrong here, which XPath finds at the speed of libxml2.
_mrids = etree.XPath("*/s:mRID", namespaces={"s": SEP_NAMESPACE})
_count_items = etree.XPath("count(s:*)", namespaces={"s": SEP_NAMESPACE})


def _states_its_items(element: etree._Element) -> bool:
    items, total = len(element), element.get("all", "")
    return (
        element.get("results") == str(items)
        and _count_items(element) == items
        and (not total or (total.isdecimal() and int(total) >= items))
    )


@rule("list-results", section="4.5 - 4.7", elements=LISTS, precheck=_states_its_items)
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


def _differ(element: etree._Element) -> bool:
    nodes = _mrids(element)
    return len({read_text(node).upper() for node in nodes}) == len(nodes)


@rule("duplicate-mrid", section="IdentifiedObject", elements=LISTS, precheck=_differ)
def duplicate_mrid(element: etree._Element) -> Iterator[Objection]:
    """No two items of a list have the same mRID."""
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


@rule("list-link-all", section="ListLink", elements=LIST_LINKS, precheck=_has_all)
def list_link_all(element: etree._Element) -> Iterator[Objection]:
    """A ListLink with a relative href says in ``all`` how many items the list has."""
    href = element.get("href")
    if href is not None and not _has_all(element) and not _host(href):
        remedy = 'Write all="...", the number of items that the client may see.'
        yield Objection(element, f"the link to {href[:60]} has no attribute all", remedy)


def _is_relative(root: etree._Element, raw: bytes) -> bool:
    # The namespaces that are declared at the root have all that there is of "//". "&" may stand for any character.
    return raw.count(b"//") == sum(uri.count("//") for uri in root.nsmap.values()) and b"&" not in raw


@rule("href-host", section="Link", elements=(DOCUMENT,), precheck_document=_is_relative)
def href_host(element: etree._Element) -> Iterator[Objection]:
    """Absolute hrefs of a document lead to one host."""
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
