"""News as lines: the keys of the JSON objects, which are documented, and the sentences."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import replace
from typing import get_args

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.cli.follow.command_news import Began, CommandNews, Ended, Reloaded, Warned
from envoy.cli.follow.lines import NAMES, show_time, to_json, to_line
from envoy.der.follow.news import News, Sampled
from tests.conftest import ROOT
from tests.support.news import APPLIED, NEWS, SENT, STARTED, T

SHOWN = [item for item in NEWS if type(item) in NAMES]
PAGE = (ROOT / "docs" / "reference" / "follow.md").read_text(encoding="utf-8")


def test_each_kind_of_news_has_a_name() -> None:
    every = {Began, Warned, Reloaded, Ended, *get_args(News)}
    assert every == {type(item) for item in NEWS} == {*NAMES, Sampled}
    assert len(set(NAMES.values())) == len(NAMES)


def test_the_objects_for_machines_stay_as_they_are(snapshot: SnapshotAssertion) -> None:
    assert [json.loads(to_json(item)) for item in SHOWN] == snapshot


def test_the_lines_for_people(snapshot: SnapshotAssertion) -> None:
    # Without the time, which is in the time zone of the machine.
    assert [to_line(item).partition("  ")[2] for item in SHOWN] == snapshot


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: NAMES[type(item)])
def test_an_object_is_one_line_of_ascii(item: CommandNews) -> None:
    line = to_json(item)
    assert line.isascii() and "\n" not in line
    assert len(to_line(item).splitlines()) == 1 and to_line(item).isprintable()


@pytest.mark.parametrize("item", SHOWN, ids=lambda item: NAMES[type(item)])
def test_each_key_is_documented(item: CommandNews) -> None:
    row = next(row for row in PAGE.splitlines() if row.startswith(f"| `{NAMES[type(item)]}` |"))
    keys = set(json.loads(to_json(item))) - {"time", "event"}
    assert keys <= set(re.findall(r"`(\w+)`", row.split("|")[2]))


def test_times_are_in_utc_with_milliseconds() -> None:
    assert show_time(T) == "2030-03-17T17:46:40.250Z"
    plain = json.loads(to_json(APPLIED))
    assert (plain["due"], plain["delay"]) == ("2030-03-17T17:46:38.750Z", 1.5)


@pytest.mark.parametrize("seconds", [1_795_000_000_000, -(1 << 62), (1 << 63) - 1])
def test_a_time_beyond_the_calendar_is_shown_as_its_seconds(seconds: int) -> None:
    # Of a server that counts milliseconds, for one.
    sent = dataclasses.replace(SENT, response=dataclasses.replace(SENT.response, created=seconds))
    assert json.loads(to_json(sent))["created"] == str(seconds)


def test_numbers_are_numbers() -> None:
    plain = json.loads(to_json(APPLIED))
    values = {each["mode"]: each["value"] for each in plain["settings"]}
    assert values == {"opModConnect": True, "opModExpLimW": 1500, "opModMaxLimW": 3050, "opModVoltVar": "/derp/1/dc/3"}
    assert plain["limits"]["export_w"] == {"watts": 1500, "by": "opModExpLimW", "ramp_tms": 6000}


def test_a_response_that_may_be_there_twice_says_so() -> None:
    repeated = replace(SENT, repeated=True)
    assert json.loads(to_json(repeated))["repeated"] is True
    assert to_line(repeated) == f"{to_line(SENT)}, perhaps for the second time"


def test_a_response_is_named_by_its_status() -> None:
    plain = json.loads(to_json(SENT))
    assert (plain["mrid"], plain["status"], plain["reply_to"]) == (STARTED.mrid, 2, STARTED.reply_to)
