"""Explanations of codes: there is one of each, and its documents are what they are said to be."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.explanations import Explanation, explain_all
from envoy.profiles import DEFAULT_PROFILE
from envoy.validation.correction import correct
from envoy.validation.findings import FINDING_CODES
from envoy.validation.rules import RULES
from envoy.validation.validate import validate
from tests.support.commands import envoy

EXPLANATIONS = list(explain_all())
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "codes.md"


def test_each_code_is_explained_once() -> None:
    assert [x.code for x in EXPLANATIONS] == list(dict.fromkeys((*FINDING_CODES, *(rule.code for rule in ALL_RULES))))


def profile_of(explanation: Explanation) -> str:
    """Return the profile in which the documents are what they are said to be."""
    editions = {rule.code: rule.edition for rule in RULES}
    return "ieee-2023" if editions.get(explanation.code) else DEFAULT_PROFILE


@pytest.mark.parametrize("explanation", [x for x in EXPLANATIONS if x.wrong], ids=lambda x: x.code)
def test_one_document_has_the_finding_and_the_other_none(explanation: Explanation) -> None:
    check = partial(validate, profile=profile_of(explanation), rules=True)
    assert explanation.code in [finding.code for finding in check(explanation.wrong.encode())]
    assert check(explanation.right.encode()) == []


SAFE = [
    "wrong-encoding",
    "no-namespace",
    "wrong-namespace",
    "out-of-order",
    "extension-first",
    "repeated",
    "misspelt-element",
    "unknown-attribute",
    "hex-prefix",
    "hex-odd",
    "hex-too-long",
    "hex-digits",
    "out-of-range",
    "not-a-number",
    "not-seconds",
    "wrong-type",
    "sfdi",
    "lfdi-case",
    "list-results",
    "unknown-content",
]
UNSAFE = ["later-edition", "decimal-bitmap", "not-a-boolean", "lfdi-pen", "milliseconds"]
OTHERWISE = ["unstated-edition", "other-profile", "misplaced-element", "missing-attribute"]


@pytest.mark.parametrize("explanation", [x for x in EXPLANATIONS if x.wrong], ids=lambda x: x.code)
def test_what_has_a_fix_becomes_the_right_document(explanation: Explanation) -> None:
    check = partial(validate, profile=profile_of(explanation), rules=True, fixes=True)
    safe, unsafe = (correct(explanation.wrong.encode(), check, unsafe=unsafe).data for unsafe in (False, True))
    assert (safe == explanation.right.encode()) == (explanation.code in SAFE)
    assert (unsafe == explanation.right.encode()) == (explanation.code in (*SAFE, *UNSAFE))
    assert (not check(unsafe)) == (explanation.code in (*SAFE, *UNSAFE, *OTHERWISE))


def test_the_page_of_the_documentation_is_what_the_command_prints() -> None:
    assert PAGE.read_text() == envoy("explain", "--all", "--format", "markdown").stdout


def test_codes_are_explained_as_text_and_json() -> None:
    text = envoy("explain", "sfdi", "hex-odd").stdout
    assert "Section: 6.3\n" in text and "--no-rules" in text and "<deviceCategory>0ABC</deviceCategory>" in text
    (found,) = json.loads(envoy("explain", "hex-odd", "--format", "json").stdout)
    assert (found["code"], found["what"]) == ("hex-odd", FINDING_CODES["hex-odd"])


@pytest.mark.parametrize(
    "arguments", [("hex-od",), (), ("hex-odd", "--all"), ("hex-odd", "--format", "yaml")], ids=lambda x: " ".join(x)
)
def test_what_cannot_be_explained_is_refused(arguments: tuple[str, ...]) -> None:
    done = envoy("explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert arguments != ("hex-od",) or "hex-odd" in done.stderr
