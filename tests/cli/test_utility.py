"""The commands of the operator of a utility, through the control channel."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from envoy.cli.terminal.moments import parse_duration, parse_moment, show_duration
from envoy.cli.utility.description import Watch
from envoy.errors import EnvoyError
from envoy.procedures import read_procedure
from envoy.procedures.rehearsal import Rehearsal
from envoy.server.channel import Channel
from envoy.server.control import Control
from envoy.server.faults import Faults
from envoy.server.recorder import Recorder
from envoy.utility import ManualClock, Utility
from sep2 import ConnectionPoint, DERControlResponse, DERProgramList, EndDevice, ResponseStatus, Time
from tests.support.commands import Done, envoy
from tests.support.ports import find_port
from tests.support.utilities import Client

NOW = 1_700_000_000
LFDI = bytes(16) + bytes.fromhex("00032473")


@contextmanager
def open_channel(utility: Utility, file: Path) -> Iterator[None]:
    """Take orders for a utility, in a thread."""
    opened, done = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def take_orders() -> None:
        loops.append(asyncio.get_running_loop())
        channel = Channel(Control(utility, Faults(), Recorder()), file)
        await channel.open()
        opened.set()
        await done.wait()
        await channel.close()

    # It ends the connections that are left.
    thread = threading.Thread(target=asyncio.run, args=(take_orders(),))
    thread.start()
    try:
        assert opened.wait(60)
        yield
    finally:
        loops[0].call_soon_threadsafe(done.set)
        thread.join()


class Desk:
    """An operator at the command line, and a site."""

    def __init__(self, utility: Utility, file: Path) -> None:
        self.utility = utility
        self.file = file
        self.client = Client(utility)
        self.href = self.client.register(LFDI)
        self.client.send("PUT", f"{self.href}/cp", ConnectionPoint(connection_point_id="6001234567"))

    def envoy(self, *arguments: str) -> Done:
        return envoy("utility", *arguments, ENVOY_CHANNEL=str(self.file), TZ="UTC")

    def done(self, *arguments: str) -> str:
        done = self.envoy(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Utility(now=ManualClock(NOW)) as utility, open_channel(utility, tmp_path / "channel"):
        yield Desk(utility, tmp_path / "channel")


def test_a_site_is_limited_and_the_control_cancelled(desk: Desk) -> None:
    for number, site in enumerate(("6001234567", desk.href, LFDI.hex(), "all"), 1):
        line = desk.done("limit", site, "--export", "1500", "--for", f"{number}m", "--at", f"+{number}h")
        assert line.startswith(f"control {number}  scheduled  export at most 1500 W  ")
    one, everyone = desk.utility.list_programs()
    assert (one["sites"], everyone["sites"]) == ([LFDI.hex().upper()], "all")
    first, *_ = one["controls"]
    assert (first["start"], first["duration"], first["modes"]) == (NOW + 3600, 60, {"op_mod_exp_lim_w": 1500})
    assert desk.done("cancel", "1", "2").count("cancelled") == 2
    listed = desk.done("list")
    assert listed.count("cancelled") == 2 and listed.count("scheduled") == 2
    assert sorted(desk.done("list", "6001234567").splitlines()) == sorted(listed.splitlines())
    stranger = "00" * 19 + "01"
    assert desk.done("list", stranger).count("scheduled") == 1


def test_each_option_is_a_mode(desk: Desk) -> None:
    options = ["--import", "0", "--generation", "2000", "--load", "12.5", "--disconnect", "--de-energize"]
    said = desk.done("limit", "all", *options, "--for", "90", "--randomize", "1m", "--primacy", "7")
    assert "import at most 0 W, generate at most 2000 W, consume at most 12.5 W" in said
    assert "disconnect, de-energize" in said
    (program,) = desk.utility.list_programs()
    assert program["primacy"] == 7
    assert program["controls"][0]["randomize_start"] == 60
    assert program["controls"][0]["modes"] == {
        "op_mod_connect": False,
        "op_mod_energize": False,
        "op_mod_imp_lim_w": 0,
        "op_mod_gen_lim_w": 2000,
        "op_mod_load_lim_w": 12.5,
    }


def test_a_default_is_set_and_taken_away(desk: Desk) -> None:
    said = desk.done("default", "all", "--export", "5000", "--gradient", "27")
    assert "export at most 5000 W, setGradW 27" in said
    assert desk.utility.list_programs()[0]["default"] == {"op_mod_exp_lim_w": 5000, "set_grad_w": 27}
    assert "nothing" in desk.done("default", "all")
    assert desk.utility.list_programs()[0]["default"] == {}


def test_sites_and_responses_are_listed(desk: Desk) -> None:
    own, site = desk.done("sites").splitlines()
    assert site.split() == [desk.href, LFDI.hex().upper(), "6001234567"]
    assert own.split() == ["/edev/1", desk.client.lfdi.hex().upper()]
    assert json.loads(desk.done("sites", "--json"))[1]["nmi"] == "6001234567"
    desk.done("limit", "6001234567", "--export", "0", "--for", "1m")
    report(desk, ResponseStatus.EVENT_STARTED)
    (line,) = desk.done("responses").splitlines()
    assert "2 event started  control 1" in line and LFDI.hex().upper() in line
    assert desk.done("responses", "--control", "2") == desk.done("responses", "/edev/1") == ""
    assert json.loads(desk.done("responses", "6001234567", "--json"))[0]["status"] == 2
    assert json.loads(desk.done("list", "--json"))[0]["controls"][0]["control"] == 1


def test_an_outage_is_ordered(desk: Desk) -> None:
    desk.done("outage", "7m", "--status", "503", "--path", "/tm", "--retry-after", "9")
    assert desk.client.get("/tm").headers["retry-after"] == "9"
    desk.done("outage", "0", "--path", "/tm")
    assert desk.client.get("/tm").status == 200


def test_rates_and_the_clock_are_changed(desk: Desk) -> None:
    desk.done("rates", "der-program-list=30", "end_device=45", "end_device_list=90")
    assert desk.client.load(f"{desk.href}/derp", DERProgramList).poll_rate == 30
    assert desk.client.load(desk.href, EndDevice).post_rate == 45
    assert desk.done("clock", "--offset", "60", "--quality", "4", "--advance", "1m") == "2023-11-14T22:15:20Z\n"
    assert desk.done("clock", "--zone", "Australia/Brisbane") == "2023-11-14T22:15:20Z\n"
    seen = desk.client.load("/tm", Time)
    assert (seen.current_time, seen.quality, seen.tz_offset) == (NOW + 120, 4, 36_000)


def test_a_watch_reports_what_changes(desk: Desk) -> None:
    desk.done("limit", "6001234567", "--export", "0", "--for", "1m")
    watch = Watch(desk.utility, "6001234567")
    assert list(watch.look()) == []
    desk.done("limit", "6001234567", "--export", "0", "--for", "1m", "--at", "+1m")
    report(desk, ResponseStatus.EVENT_STARTED)
    made, response = watch.look()
    assert "control 2  scheduled" in made and "2 event started" in response
    desk.utility.advance(60)
    active, over = watch.look()
    assert "control 2  active" in active and "control 1  over" in over
    assert list(watch.look()) == []


@pytest.mark.parametrize(
    ("arguments", "reason", "status"),
    [
        (["limit", "NMI8", "--export", "0", "--for", "1m"], "NMI8", 1),
        (["limit", "6001234567", "--for", "1m"], "nothing to limit", 2),
        (["limit", "6001234567", "--export", "0", "--for", "soon"], "'soon' is not a duration", 2),
        (["limit", "6001234567", "--export", "0", "--for", "1m", "--at", "25:00"], "'25:00' is not a moment", 2),
        (["limit", "6001234567", "--export", "1e300", "--for", "1m"], "op_mod_exp_lim_w", 1),
        (["cancel", "9"], "no control 9", 1),
        (["outage", "nan"], "'nan' is not a duration", 2),
        (["rates", "der_program_list"], "is not a rate", 2),
        (["rates", "der=60"], "'der' has no rate", 1),
        (["clock", "--zone", "Nowhere"], "no time zone", 1),
    ],
)
def test_what_cannot_be_done_is_an_error(desk: Desk, arguments: list[str], reason: str, status: int) -> None:
    done = desk.envoy(*arguments)
    assert done.returncode == status and reason in done.stderr
    assert [program["controls"] for program in desk.utility.list_programs()] in ([], [[]])


def test_without_a_server_the_error_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "channel"
    for content, reason, status in (
        (None, "no control channel", 2),
        ("{}", "not the file", 2),
        (dead_channel(), "does not respond", 1),
    ):
        if content is not None:
            file.write_text(content)
        done = envoy("utility", "list", "--channel", file)
        assert done.returncode == status and reason in done.stderr and str(file) in done.stderr


def test_a_wrong_token_is_an_error(desk: Desk) -> None:
    way = json.loads(desk.file.read_text())
    desk.file.with_name("other").write_text(json.dumps({**way, "token": "wrong"}))
    done = envoy("utility", "list", "--channel", desk.file.with_name("other"))
    assert done.returncode == 1 and "does not respond" in done.stderr


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("2d", 172_800)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds
    assert parse_duration(show_duration(seconds)) == seconds


def test_moments() -> None:
    assert parse_moment("+5m", NOW) == parse_moment("+5min", NOW) == NOW + 300
    assert (parse_moment("-2h", NOW), parse_moment("now", NOW)) == (NOW - 7200, NOW)
    assert parse_moment("2026-01-31T14:00:00+10:00", NOW) == 1_769_832_000
    for clock in ("00:00", "12:34:56", "23:59"):
        moment = parse_moment(clock, NOW)
        assert NOW <= moment < NOW + 90_000
    for wrong in ("", "noon", "24:00", "1:2", "+", "-", "9999999999-01-01", "²:00"):
        with pytest.raises(EnvoyError):
            parse_moment(wrong, NOW)


def report(desk: Desk, status: ResponseStatus) -> None:
    """Have the site respond to the first control."""
    mrid = bytes.fromhex(desk.utility.list_programs()[0]["controls"][0]["mrid"])
    response = DERControlResponse(created_date_time=NOW, end_device_lfdi=LFDI, status=status, subject=mrid)
    assert desk.client.send("POST", f"{desk.href}/rsps/derc/rsp", response).status == 201


def dead_channel() -> str:
    """Return the file of a channel that nobody serves any more."""
    return json.dumps({"port": find_port(), "token": ""})


def test_a_rehearsal_is_operated_by_people(tmp_path: Path) -> None:
    step = "  ONE:\n    event: {type: proceed}\n    actions: [{type: remove-steps, parameters: {steps: [ONE]}}]\n"
    head = "Description: A\nCategory: B\nClasses: []\nTargetVersions: [v1.2]\n"
    path = tmp_path / "own.yaml"
    path.write_text(f"{head}Preconditions: {{immediate_start: true}}\nSteps:\n{step}")
    file = tmp_path / "channel"
    with Rehearsal(read_procedure(path), now=ManualClock(NOW)) as rehearsal, open_channel(rehearsal, file):
        rehearsal.respond("GET", "/dcap", client=LFDI, headers={})
        assert "the run has not ended" in envoy("utility", "rehearsal", "--channel", file).stdout
        assert envoy("utility", "proceed", "--channel", file).stdout == "ONE\n"
        assert "no step waits" in envoy("utility", "proceed", "--channel", file).stderr
        found = json.loads(envoy("utility", "rehearsal", "--channel", file, "--json").stdout)
        assert found["verdict"] == "passed"
        with pytest.raises(EnvoyError, match="there is no report"):
            rehearsal.ask("rehearsal", form="song")


def test_a_utility_without_a_rehearsal_says_so(tmp_path: Path) -> None:
    file = tmp_path / "channel"
    with Utility(now=ManualClock(NOW)) as plain, open_channel(plain, file):
        assert envoy("utility", "proceed", "--channel", file).returncode == 1
