"""The pages of the project: each link leads somewhere, and what ARCHITECTURE.md says of the layers holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from envoy.utility.orders.order import ORDERS
from tests.conftest import ROOT
from tests.docs.test_reference import anchors_of, links

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
COMMANDS = ROOT / "docs" / "reference" / "commands"
"""Where the site has the pages that are made when it is built, which checks links to them."""

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_an_anchor_there(page: Path) -> None:
    broken = [
        f"{label}: {target}#{anchor}"
        for label, target, anchor in links(page)
        if target.parent != COMMANDS and (not target.exists() or (anchor and anchor not in anchors_of(target)))
    ]
    assert broken == []


def test_the_layers_of_the_architecture_are_those_that_are_checked() -> None:
    table = ARCHITECTURE.partition("## Layers")[2].partition("## ")[0]
    shown = [set(re.findall(r"`(\w+)`", row.split("|")[1])) for row in re.findall(r"^\| .*`.*$", table, re.MULTILINE)]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    checked = [name.removeprefix("envoy.") for layer in layers for name in layer.split(" | ")]
    # The table puts neighbours into one row.
    rank = {name: number for number, names in enumerate(shown[1:]) for name in names}
    assert set(rank) == set(checked)
    assert [rank[name] for name in checked] == sorted(rank[name] for name in checked)


def test_every_package_of_envoy_is_in_a_layer() -> None:
    names = {path.stem for path in (ROOT / "envoy").iterdir() if path.is_dir() or path.suffix == ".py"}
    named = set(re.findall(r"`(\w+)`", ARCHITECTURE))
    assert {name for name in names if not name.startswith("__")} <= named


def test_what_the_architecture_names_in_a_module_is_there() -> None:
    named = re.findall(r"`(\w+)` (?:in|of)\s+\[[^]]*\]\(([^)]*)\)", ARCHITECTURE)
    assert len(named) >= 5
    for name, path in named:
        assert re.search(rf"^(?:def |class )?{name}\b", (ROOT / path).read_text(), re.MULTILINE), (name, path)


def test_each_order_is_listed_with_its_values() -> None:
    page = (ROOT / "docs/reference/testing.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `")]
    for order in ORDERS.values():
        values = next((values for names, values in rows if f"`{order.name}`" in names), None)
        assert values is not None, order.name
        assert [name for name in order.kinds if f"`{name}`" not in values] == [], order.name
