"""Whatever a file holds, there is a verdict on it: a bounded run of ``tests/fuzz.py``, hypothesis on the readers."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.checker.checker import Checker
from envoy.checker.sources import har, http_files
from envoy.checker.sources.limits import Budget, Forward
from envoy.profiles import PROFILES
from tests.conftest import ROOT
from tests.fuzz import CODES, MAX_SIZE, Maker, Tally
from tests.fuzz_targets import TARGETS, make_seed

INPUTS = 200
"""Inputs of a run of the tests. ``python -m tests.fuzz --inputs 100000`` tries more."""


@pytest.mark.unmeasured
def test_every_input_has_a_verdict_that_each_report_can_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()
    maker = Maker(seed=0)
    profiles = [None, *PROFILES]
    for number in range(INPUTS):
        name, content = maker.input()
        tally.judge(name, content, profiles[number % len(profiles)], tmp_path)
    with capsys.disabled():
        print(f"\n{str(tally).partition(':')[0]}", end=" ")
    # That each kind was tried, and that much was wrong in different ways, shows that the maker makes what it should.
    assert tally.inputs == INPUTS and set(tally.kinds) == set(maker.kinds)
    assert tally.valid > 10 and len(tally.codes) > 15


def test_the_command_says_how_many_inputs_were_tried() -> None:
    command = [sys.executable, "-m", "tests.fuzz", "--inputs", "20", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 inputs tried: ")
    assert "0 failures" in done.stdout


LINES = st.sampled_from(
    [
        "###\n", "\n", "POST http://h/{{a}} HTTP/1.1\n", "Content-Type: application/sep+xml\n", "<Time/>\n", "é\n",
        "@a = {{a}}{{b}}\n", "@b = x\n", "HTTP/1.1 200 OK\n", "< ./x\n", "< {%\n", "%}\n", "> {%\n", "{{\n", "}}\n",
        "<a>{{a}}</a>\n", " ?a=1\n",
    ]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=10), max_size=20))
def test_any_lines_of_an_http_file_are_read(lines: list[str]) -> None:
    content = "".join(lines)
    found = list(http_files.read_documents(io.BytesIO(content.encode()), "a.http", MAX_SIZE))
    assert found
    ends = content.count("\n") + 1
    for document in found:
        assert 0 <= document.line <= ends
        if document.data and b"{" not in document.data and b"x" not in document.data:
            # What is validated stands in the file, on the line that is reported.
            rest = content.encode().split(b"\n", document.line - 1)[-1]
            assert rest.startswith(document.data)


KEYS = st.sampled_from(
    ["log", "entries", "request", "response", "postData", "content", "mimeType", "text", "encoding", "size", "[]", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=30,
)


@given(JSON, st.binary(max_size=20), st.integers(0, 200))
def test_any_json_is_read(value: object, junk: bytes, at: int) -> None:
    whole = json.dumps({"log": {"entries": [value]}}).encode()
    checker = Checker(profile=None, max_size=MAX_SIZE)
    for content in (json.dumps(value).encode(), whole, whole[:at] + junk + whole[at:]):
        verdicts = list(checker.check_documents(har.read_documents(io.BytesIO(content), "a.har", MAX_SIZE)))
        assert verdicts
        assert all(finding.code in CODES for verdict in verdicts for finding in verdict.findings)


@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=10))
def test_a_stream_read_forward_gives_what_a_file_gives(content: bytes, steps: list[tuple[int, int]]) -> None:
    file = io.BytesIO(content)
    stream = Forward(io.BytesIO(content), Budget(1000))
    for skipped, size in steps:
        stream.allowed = size + 1
        position = min(len(content), file.tell() + skipped)
        # tarfile looks at the octet before the one that it wants.
        file.seek(max(0, position - 1))
        stream.seek(max(0, position - 1))
        assert stream.tell() == file.tell()
        assert stream.read(1) == file.read(1)
        assert stream.read(size) == file.read(size)


@pytest.mark.unmeasured
@pytest.mark.parametrize("target", TARGETS)
def test_every_target_of_the_fuzzer_takes_its_seeds(target: str) -> None:
    source = random.Random(1)  # noqa: S311 - nothing secret
    maker = Maker(1)
    for _ in range(20):
        seed = make_seed(target, maker, source)
        TARGETS[target](seed)
        TARGETS[target](maker.mutate(seed)[:20_000])
