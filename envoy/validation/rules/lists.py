"""Lists and links: the numbers that lists state, items that stand twice, links to lists and to other hosts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from envoy.validation.rules.elements import LIST_LINKS, LISTS
from envoy.validation.rules.rule import DOCUMENT, Objection, is_known, rule
from envoy.validation.rules.values import find_child, read_integer, read_text, sep_tag

_MRID = sep_tag("mRID")
_REVISION = "_r2_3"
"""End of the names of the elements in which IEEE 2030.5-2023 keeps a place for what comes after it."""


def _is_item(element: etree._Element) -> bool:
    """Whether a child of a list is one of its items: known, and not the place of later editions."""
    return is_known(element) and not str(element.tag).endswith(_REVISION)


def _states_its_items(root: etree._Element, _: bytes) -> bool:
    items, total = len(root), root.get("all", "")
    # The places of later editions, and of others, stand first or last.
    return (
        root.get("results") == str(items)
        and (not items or (_is_item(root[0]) and _is_item(root[-1])))
        and total.isdecimal()
        and int(total) >= items
    )


@rule("list-results", section="4.5 - 4.7", elements=LISTS, precheck=_states_its_items)
def list_results(element: etree._Element) -> Iterator[Objection]:
    """``results`` is the number of items on the page, and not more than ``all``."""
    stated, total = read_integer(element, "results"), read_integer(element, "all")
    items = sum(1 for item in element.iterchildren(etree.Element) if _is_item(item))
    if stated is not None and stated != items:
        is_are = "is" if items == 1 else "are"
        what, remedy = f"results is {stated}, here {is_are} {items}", f'Write results="{items}".'
        yield Objection(element, what, remedy, "results", str(items))
    if total is not None and items > total:
        remedy = "It counts the items of the whole list, on this page and all others."
        yield Objection(element, f"all is {total}, this page alone has {items}", remedy, "all")


def _have_different_mrids(root: etree._Element, _: bytes) -> bool:
    texts = [node.text or "" for node in root.iter(_MRID)]
    return len(set(" ".join(texts).upper().split())) == len(texts)


@rule("duplicate-mrid", section="IdentifiedObject", elements=LISTS, precheck=_have_different_mrids)
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


@rule("list-link-all", section="ListLink", elements=LIST_LINKS, required="all")
def list_link_all(element: etree._Element) -> Iterator[Objection]:
    """A ListLink with a relative href says in ``all`` how many items the list has."""
    href = element.get("href")
    if href is not None and element.get("all") is None and not _host(href):
        remedy = 'Write all="...", the number of items that the client may see.'
        yield Objection(element, f"the link to {href[:60]} has no attribute all", remedy)


def _are_relative(_: etree._Element, raw: bytes) -> bool:
    # The tag in which the first namespace is declared is the root's. Those within it have no "//", for which "&" may
    # stand; its own href may lead anywhere.
    return raw.rfind(b"//") < raw.find(b">", raw.find(b"xmlns")) and b"&" not in raw


@rule("href-host", section="Link", elements=(DOCUMENT,), precheck=_are_relative, whole=True)
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
