"""Check the words of the documentation and of docstrings, comments and messages: ``python docs/words.py``.

Single words go to codespell, with its own dictionary and with that of docs/words.txt; phrases of several words are in
PHRASES. Prints a line for each that is found and exits 1 if there is one.

What is named as code, between back-quotes or in a block of code, is not looked at.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = ROOT / "docs" / "words.txt"

PHRASES = {
    r"(?<!there\s)(?:is|are|was|were|be) no (?!more|longer|less|fewer|doubt|such|other)": "is not a ...",
    r"in place of": "instead of",
    r"(?:put|puts|putting) aside": "deferred",
    r"so many (?:at a time|times|requests|seconds)|(?:by|than|up to) so many": "at most N",
    r"(?:at|by) a glance": "name what is done",
    r"(?:in|as) (?:its|their) turn": "name what is done",
    r"(?:goes|go|went|going) wrong on purpose": "injected fault",
    r"what (?:is|are|was|were) not plain": "name what it is",
}
"""Phrases that the glossary has another word for, as regular expressions over text of one line."""

_WHERE = (
    "README.md",
    "CHANGELOG.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**/*.md",
    "examples/**/*.md",
)
_CODE = ("envoy/**/*.py", "docs/**/*.py", "bench/*.py", "tests/**/*.py", "codegen.py", "noxfile.py")
_LEFT_OUT = ("docs/words.py", "tests/docs/test_words.py")
_FAULTS = (
    "docs/reference/testing.md",
    "docs/reference/sep2/*",
    "envoy/devices/simulated/*",
    "envoy/utility/*",
    "envoy/server/*",
    "envoy/server/console/*",
    "envoy/testing/*",
    "envoy/cli/serve.py",
    "bench/fleets.py",
    "tests/devices/simulated/*",
    "tests/utility/*",
    "tests/server/*",
    "tests/testing/*",
    "tests/support/*",
)
"""Where "fault" means what the test server injects, or what happens to a device."""
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"(`+)(?!`).+?\1|inject(?:ed|s)? faults?|(?:tells?|told) (?:\w+ )*apart|told otherwise", re.DOTALL)


def blank(text: str) -> str:
    """Replace each character by a space, line ends excepted."""
    return re.sub(r"[^\n]", " ", text)


def without_code(text: str) -> str:
    """Blank what is named as code in Markdown or in a docstring; every other character keeps its place."""
    for pattern in (_FENCED, _QUOTED):
        text = pattern.sub(lambda found: blank(found[0]), text)
    return text


def prose_of_python(path: Path, *, messages: bool) -> str:
    """Return the docstrings, the comments and perhaps the messages of a module, each on its line."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    kept = [""] * len(lines)
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) in docstrings:
                for number in range(node.lineno - 1, node.end_lineno or node.lineno):
                    kept[number] = lines[number]
            elif messages and _is_message(node.value):
                kept[node.lineno - 1] += f" {node.value} "
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                kept[token.start[0] - 1] += token.string
    return "\n".join(kept)


def _is_message(text: str) -> bool:
    """Whether a string is for people to read: several words, and not a template of some other language."""
    return " " in text.strip() and not any(character in text for character in "\n<>{}$")


def prose(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Yield each file that has prose, relative to the root, with its prose line by line."""
    for pattern in (*_WHERE, *_CODE):
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root)
            if not any(name.match(made) for made in _LEFT_OUT):
                # Strings of tests and tools are data, and words of bad examples among them.
                own = name.parts[0] == "envoy"
                is_code = path.suffix == ".py"
                yield name, without_code(prose_of_python(path, messages=own) if is_code else path.read_text("utf-8"))


def phrases(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, phrase and what to write instead for each phrase in a text, those across a line end included."""
    for pattern, instead in PHRASES.items():
        spaced = pattern.replace(" ", r"[\s#]+")
        for found in re.finditer(rf"\b(?:{spaced})", text, re.IGNORECASE):
            yield text.count("\n", 0, found.start()) + 1, " ".join(found[0].split()), instead


def misspelled(root: Path = ROOT) -> list[str]:
    """Return the lines of codespell's report."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in prose(root):
            copy = Path(folder, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "codespell_lib", f"--dictionary=-,{WORDS}", "."]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.stderr:
        raise RuntimeError(done.stderr)
    lines = (line.removeprefix("./") for line in done.stdout.splitlines())
    return [line for line in lines if not _is_injected_fault(line)]


def _is_injected_fault(line: str) -> bool:
    path, _, rest = line.partition(":")
    return "fault" in rest.lower() and any(Path(path).match(pattern) for pattern in _FAULTS)


def main() -> int:
    """Print what is found."""
    found = misspelled()
    for path, text in prose():
        found += [f"{path}:{line}: {phrase} ==> {instead}" for line, phrase, instead in phrases(text)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
