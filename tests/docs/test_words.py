"""The check of words: what it looks at, what it finds, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.words import misspelled, phrases, prose, without_code

MODULE = '''"""Judge a document; ``judge`` is its name."""

judge = "judge"  # a fault of the judge
raise ValueError(f"{judge} cannot judge", "<judge a='judge b'>")
FAULT = 1
"""What is told."""
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small repository: a page, and two modules."""
    (tmp_path / "README.md").write_text("Written anew.\n\n```sh\njudge\n```\n")
    for name in ("validation/validate.py", "server/faults.py"):
        path = tmp_path / "envoy" / name
        path.parent.mkdir(parents=True)
        path.write_text(MODULE)
    return tmp_path


def test_words_are_found_in_pages_docstrings_comments_and_messages_and_nowhere_else(root: Path) -> None:
    found = [line.split(" ==> ")[0] for line in misspelled(root)]
    assert sorted(found) == [
        "README.md:1: anew",
        "envoy/server/faults.py:1: Judge",
        "envoy/server/faults.py:3: judge",
        "envoy/server/faults.py:4: judge",
        "envoy/server/faults.py:6: told",
        "envoy/validation/validate.py:1: Judge",
        "envoy/validation/validate.py:3: fault",
        "envoy/validation/validate.py:3: judge",
        "envoy/validation/validate.py:4: judge",
        "envoy/validation/validate.py:6: told",
    ]


def test_every_line_of_prose_keeps_its_number(root: Path) -> None:
    for path, text in prose(root):
        assert len(text.splitlines()) == len((root / path).read_text().splitlines())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("the port is no number", ["is no"]),
        ("there is no number", []),
        ("it is no longer there, and no more than ten are", []),
        ("an element in\nplace of another", ["in place of"]),
        ("put in its place", []),
        ("sites that were put aside", ["put aside"]),
        ("readings are set aside", []),
        ("waits so many seconds", ["so many seconds"]),
        ("there are so many that it takes long", []),
        ("each in its turn", ["in its turn"]),
        ("it turns the page", []),
        ("`is no` name", []),
    ],
)
def test_phrases_are_found_and_good_english_is_not(text: str, found: list[str]) -> None:
    assert [phrase for _, phrase, _ in phrases(without_code(text))] == found
