"""The report of the proof, in Markdown: what was tried, what came of it, and the differences that are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from .components import REASONS, Difference, describe, differences, reason_for
from .editions import Edition
from .mutations import KINDS
from .proof import SAMPLE, Tally


def report(editions: list[Edition], tallies: list[Tally]) -> str:
    """Return the report of a run.

    Args:
        editions: The schemas that were compared.
        tallies: What came of each.
    """
    parts = (_verdicts(editions, tallies), _changes(tallies), _second(tallies), _reading(editions, tallies))
    return "\n".join(line for part in (*parts, component_lines(editions)) for line in part) + "\n"


def component_lines(editions: list[Edition]) -> Iterator[str]:
    """Yield the part of the report that compares the schemas as models: each difference, with its reason."""
    yield from ("", "## Components", "")
    found = {edition.profile: differences(edition.ours.model, edition.official.model) for edition in editions}
    rows = [
        (
            edition.profile,
            len(edition.official.model.types),
            len(edition.official.model.elements),
            len(describe(edition.official.model)),
            len(found[edition.profile]),
            sum(reason_for(difference) is None for difference in found[edition.profile]),
        )
        for edition in editions
    ]
    yield from _table(("profile", "types", "global elements", "properties", "differences", "without a reason"), rows)
    for number, reason in enumerate(REASONS, 1):
        yield from ("", f"### Reason {number}", "", reason.text, "")
        yield from _table(("component", "ours", "official", "profiles"), _covered(found, reason.covers))
    if any(without := _covered(found, lambda difference: reason_for(difference) is None)):
        yield from ("", "### Without a reason", "")
        yield from _table(("component", "ours", "official", "profiles"), without)


def _covered(found: dict[str, list[Difference]], covers: object) -> list[tuple[str, str, str, str]]:
    """Return the differences of one kind, each once, with the profiles that have it."""
    profiles: dict[Difference, list[str]] = {}
    for profile, items in found.items():
        for item in items:
            if covers(item):  # type: ignore[operator]
                profiles.setdefault(item, []).append(profile)
    return [
        (*(f"`{text}`" for text in difference), _shown(names, found)) for difference, names in sorted(profiles.items())
    ]


def _shown(names: list[str], found: Collection[str]) -> str:
    others = [name for name in found if name not in names]
    if not others:
        return "all"
    return f"all but {others[0]}" if len(others) == 1 < len(names) else ", ".join(names)


def _verdicts(editions: list[Edition], tallies: list[Tally]) -> Iterator[str]:
    yield from ("## Verdicts", "")
    head = (
        "profile",
        "global elements",
        "of these Resources",
        "elements and attributes in use",
        "documents made from the official schema",
        "from ours",
        "changed documents",
        "both accept",
        "both reject",
        "verdicts that differ",
    )
    rows = []
    for edition, tally in zip(editions, tallies, strict=True):
        verdicts = _by_verdict(tally.changed)
        fields = edition.official.documents.fields()
        rows.append(
            (
                edition.profile,
                len(edition.roots),
                len(edition.resources),
                f"{len(tally.covered['official'] & fields)} of {len(fields)}",
                tally.valid["official"],
                tally.valid["ours"],
                sum(verdicts.values()),
                verdicts["accepted"],
                verdicts["rejected"],
                verdicts["differ"],
            )
        )
    yield from _transposed(head, rows)


def _changes(tallies: list[Tally]) -> Iterator[str]:
    yield from ("", "## Changes", "")
    changed = sum((tally.changed for tally in tallies), Counter[tuple[str, str]]())
    rows = [(kind, *(changed[kind, verdict] for verdict in ("accepted", "rejected", "differ"))) for kind in KINDS]
    yield from _table(("one change", "both accept", "both reject", "verdicts that differ"), rows)


def _second(tallies: list[Tally]) -> Iterator[str]:
    apart = sum((tally.validators_differ for tally in tallies), Counter[str]())
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(apart.items())) or "none"
    sampled = _n(sum(tally.sampled for tally in tallies))
    yield ""
    yield (
        f"One in {SAMPLE} documents went to xmlschema too: {sampled}. Its verdict by both schemas was the same. It "
        f"differed from that of lxml on {_n(sum(apart.values()))} ({kinds})."
    )


def _reading(editions: list[Edition], tallies: list[Tally]) -> Iterator[str]:
    yield from ("", "## Reading and writing", "")
    head = (
        "profile",
        "messages",
        "documents read, written again, the same",
        "not written: no element for the type",
        "read the same by xsdata",
        "not read: xsdata does not know a type by its name",
        "read the same with a vendor's extensions",
        "failures",
    )
    rows = [
        (
            edition.profile,
            len(edition.messages),
            tally.read["written again"],
            tally.read["not written again"],
            tally.read["read by xsdata"],
            tally.read["not read by xsdata"],
            tally.read["read with extensions"],
            len(tally.failures) - _by_verdict(tally.changed)["differ"],
        )
        for edition, tally in zip(editions, tallies, strict=True)
    ]
    yield from _transposed(head, rows)


def _by_verdict(changed: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (_, verdict), count in changed.items():
        found[verdict] += count
    return found


def _transposed(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Iterator[str]:
    """Yield a table with a column for each row, which is easier to read where a row is long."""
    first, *rest = zip(head, *rows, strict=True)
    yield from _table(first, rest)


def _table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(map(str, head))} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_n(cell) if isinstance(cell, int) else str(cell) for cell in row)} |"


def _n(number: int) -> str:
    return f"{number:,}"
