"""The pages as the site has them: copies, whose links to what is not on the site are plain text."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

_ALSO = {
    "ARCHITECTURE.md": "explanation/architecture.md",
    "CONTRIBUTING.md": "explanation/contributing.md",
    "SECURITY.md": "explanation/security.md",
    "CHANGELOG.md": "reference/changelog.md",
}
"""Pages of the site that stand at the top of the repository, each with its place among the others."""

_FILES = ("*.md", "*.svg", "site.css", "deploy/*")
_CODE = re.compile(r"^(`{3,}).*?^\1`*$|(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_COMMENT = re.compile(r"^ *<!--.*?-->\n", re.MULTILINE | re.DOTALL)
_ALL = re.compile(r"^( *- )(\S+/)\*\.md\n", re.MULTILINE)


def copy_pages(root: Path, target: Path) -> None:
    """Copy the pages of a repository to a folder, beside those that have been made there."""
    made = {root / "docs" / page.relative_to(target): page for page in target.rglob("*.md")}
    places = {
        file: target / file.relative_to(root / "docs")
        for pattern in _FILES
        for file in sorted((root / "docs").rglob(pattern))
        if file.is_file()
    } | {root / name: target / place for name, place in _ALSO.items()}
    for file, place in places.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".md":
            place.write_text(with_links(file.read_text(encoding="utf-8"), file, made | places), encoding="utf-8")
        else:
            shutil.copyfile(file, place)


def with_links(text: str, file: Path, places: dict[Path, Path]) -> str:
    """Return the text of a page without comments, with its links as they are among the pages of the site."""

    def replace(link: re.Match[str]) -> str:
        label, address = link.groups()
        path, sharp, anchor = address.partition("#")
        if not path or ":" in path:
            return link[0]
        linked = Path(os.path.normpath(file.parent / path))
        if linked in places:
            there = os.path.relpath(places[linked], places[file].parent)
            return f"[{label}]({there}{sharp}{anchor})"
        return label

    # They are for the tests of the blocks of code.
    text = _COMMENT.sub("", text)
    parts, end = [], 0
    for code in _CODE.finditer(text):
        # Code may be the label of a link, but no link is within code. In tables GitHub wants a backslash before a bar.
        parts += [text[end : code.start()], code[0] if code[1] else code[0].replace("\\|", "|")]
        end = code.end()
    parts.append(text[end:])
    marks = {f"\0{number}\0": part for number, part in enumerate(parts) if number % 2}
    text = "".join(f"\0{number}\0" if number % 2 else part for number, part in enumerate(parts))
    text = _LINK.sub(replace, text)
    return re.sub(r"\0\d+\0", lambda mark: marks[mark[0]], text)


def with_nav(configuration: str, pages: Path) -> str:
    """Return the configuration with the pages of each folder instead of its ``*.md``, but for those that it lists."""

    def listed(line: re.Match[str]) -> str:
        head, folder = line.groups()
        names = sorted(page.relative_to(pages).as_posix() for page in (pages / folder).glob("*.md"))
        return "".join(
            f"{head}{name}\n" for name in names if not re.search(rf"[ \"]{re.escape(name)}\b", configuration)
        )

    return _ALL.sub(listed, configuration)
