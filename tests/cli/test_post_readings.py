"""``envoy post-readings`` and ``envoy spool`` against a real server, over mutual TLS."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from pathlib import Path

import pytest

from envoy import Client, documents
from envoy.metering import Spool
from envoy.tls.pki import Pki
from sep2 import MirrorMeterReading, MirrorUsagePoint
from tests.conftest import ROOT, StartServer
from tests.support.commands import envoy, started
from tests.support.ports import find_port
from tests.support.processes import Command

MIRROR = str(ROOT / "examples" / "mirror.toml")
READINGS = str(ROOT / "examples" / "readings.csv")


class Commands:
    """Runs commands of one user, in a folder of their own."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self.folder = folder
        self.pki = pki
        files = pki.devices["aggregator"]
        self.identity = ["--cert", str(files.certificate), "--key", str(files.key), "--ca", str(pki.ca.certificate)]
        self.url = ""

    def arguments(self, *options: str) -> list[str]:
        return ["post-readings", *options, "--server", self.url, "--spool", "readings.spool", *self.identity]

    def start(self, *arguments: str) -> contextlib.AbstractContextManager[Command]:
        return started(*arguments, cwd=self.folder)

    def run(self, *arguments: str, text: str = "") -> tuple[int, str, str]:
        done = envoy(*arguments, cwd=self.folder, stdin=text)
        return done.returncode, done.stdout, done.stderr

    def post(self, *options: str, text: str = "") -> tuple[int, str, str]:
        return self.run(*self.arguments(*options), text=text)

    def arrived(self) -> list[int]:
        files = self.pki.devices["aggregator"]
        with Client(self.url, cert=files.certificate, key=files.key, ca=self.pki.ca.certificate) as client:
            return [
                each.value or 0
                for point in client.items("/mup", MirrorUsagePoint)
                for reading in client.items(f"{point.href}/mr", MirrorMeterReading)
                for group in reading.mirror_reading_set
                for each in group.reading
            ]

    def counts(self) -> tuple[int, int, int]:
        with Spool(self.folder / "readings.spool") as spool:
            counts = spool.counts()
            return counts.waiting, counts.set_aside, counts.posted


@pytest.fixture
def commands(pki: Pki, tmp_path: Path) -> Commands:
    return Commands(pki, tmp_path)


def powers(first: int, end: int) -> str:
    """Return CSV text of readings whose value is their number."""
    rows = [f"2026-01-{1 + n // 288:02}T{n // 12 % 24:02}:{n % 12 * 5:02}:00Z,{n}" for n in range(first, end)]
    return "\n".join(["time,active-power", *rows, ""])


def test_the_examples_are_posted_and_not_posted_again(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server()
    assert commands.post(READINGS, "--mirror", MIRROR) == (
        0,
        "19 new readings\nsite               created        /mup/1  19 posted\n",
        "",
    )
    assert commands.post(READINGS, "--mirror", MIRROR) == (
        0,
        "0 new readings, 19 were posted or kept before\nNothing is waiting.\n",
        "",
    )
    assert len(commands.arrived()) == 19
    # The server keeps the postRate that the mirror asked for, so what is new waits.
    status, printed, _ = commands.post("-", "--mirror", MIRROR, text=powers(0, 2))
    assert status == 0 and printed.startswith(
        "2 new readings\nsite               skipped        2 waiting, next post from"
    )


def test_what_comes_while_the_server_is_away_is_posted_later_in_order(
    commands: Commands, start_server: StartServer
) -> None:
    port = str(find_port())
    commands.url = f"https://127.0.0.1:{port}"
    status, printed, said = commands.post("-", "--mirror", MIRROR, text=powers(0, 10))
    assert status == 3
    assert printed.startswith("10 new readings\n")
    assert "cannot connect" in said
    assert said.endswith("10 readings are in readings.spool; the next run posts them first.\n")
    start_server("--port", port)
    status, printed, said = commands.post("-", "--mirror", MIRROR, "--batch", "7", text=powers(10, 30))
    assert (status, said) == (0, "")
    assert "30 posted" in printed
    assert commands.arrived() == list(range(30))
    assert commands.post() == (0, "Nothing is waiting.\n", "")


def test_a_killed_run_is_finished_by_the_next(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server()
    (commands.folder / "day.csv").write_text(powers(0, 200))
    (commands.folder / "mirror.toml").write_text(Path(MIRROR).read_text().replace("post_rate = 300", ""))
    with commands.start(*commands.arguments("day.csv", "--mirror", "mirror.toml", "--batch", "4", "-v")) as run:
        assert run.stderr is not None
        posts = 0
        while posts < 12:
            line = run.stderr.readline()
            assert line, "it ended before it was killed"
            posts += "POST   /mup/1  201" in line
    waiting, _, posted = commands.counts()
    assert waiting > 0 and posted >= 44 and waiting + posted == 200
    status, printed, _ = commands.post("day.csv", "--mirror", "mirror.toml", "--batch", "4")
    assert (status, printed.splitlines()[0]) == (0, "0 new readings, 200 were posted or kept before")
    assert commands.counts() == (0, 0, 200)
    assert commands.arrived() == list(range(200))


def test_refused_readings_are_shown_and_can_be_tried_again(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--fail", "POST /mup/1 400 4", "--post-rate", "0")
    status, printed, said = commands.post("-", "--mirror", MIRROR, text=powers(0, 4))
    assert status == 3
    assert "3 posted, 1 set aside" in printed
    assert said == "The server refused readings; envoy spool export readings.spool shows them with the reason.\n"
    status, exported, _ = commands.run("spool", "export", "readings.spool")
    assert exported.splitlines() == [
        "time,mirror,channel,value,duration,quality,reason",
        "2026-01-01T00:00:00Z,6FF7164E37F2BE94C9FE0E9100032473,active-power,0,300,,"
        '"the server responded with 400 (Error reasonCode 2, resource limit reached)"',
    ]
    assert commands.run("spool", "retry", "readings.spool")[1] == "1 readings put back\n"
    assert commands.post()[0] == 0
    assert commands.arrived() == [1, 2, 3, 0]
    assert "set aside  0\nposted     4\n" in commands.run("spool", "status", "readings.spool")[1]
    assert commands.run("spool", "discard", "readings.spool")[1] == "0 readings discarded\n"


def test_the_status_tells_that_the_server_fails_and_for_how_long(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--fail", "POST /mup/1 500 2", "--post-rate", "0")
    for told in ("failed once since", "failed 2 times since"):
        assert commands.post("-", "--mirror", MIRROR, "--retries", "0", text=powers(0, 4))[0] == 3
        status = commands.run("spool", "status", "readings.spool")[1]
        assert re.search(f"4 waiting, 0 set aside; the server has {told} 20..-..-..T..:..:..Z\n", status)
    assert commands.post()[0] == 0
    assert "0 waiting, 0 set aside\n" in commands.run("spool", "status", "readings.spool")[1]


def test_a_spool_without_room_is_posted_first_and_refuses_only_then(
    commands: Commands, start_server: StartServer
) -> None:
    commands.url = start_server("--post-rate", "0", "--fail", "GET /dcap 403 3")
    limit = ("--mirror", MIRROR, "--spool-limit", "5")
    assert commands.post("-", *limit, text=powers(0, 5))[0] == 3
    status, _, said = commands.post("-", *limit, text=powers(5, 8))
    assert status == 1 and "403" in said and "None of those given were taken" in said
    assert commands.counts()[0] == 5
    _, _, said = commands.post("-", *limit, "--drop-oldest", text=powers(5, 8))
    assert "warning: the spool was full, and its 3 oldest readings were dropped" in said
    assert commands.post("-", *limit, text=powers(8, 12))[0] == 0
    assert commands.arrived() == list(range(3, 12))
    status, _, said = commands.post("-", *limit, text=powers(100, 106))
    assert status == 1 and "None of those given were taken" in said


def test_readings_are_posted_as_they_come(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--post-rate", "1")
    with commands.start(*commands.arguments("-", "--mirror", MIRROR, "--follow")) as run:
        assert run.stdin is not None and run.stdout is not None
        run.stdin.write(powers(0, 2))
        run.stdin.flush()
        assert "posted" in run.stdout.readline()
        run.stdin.write("never,7\n" + "".join(powers(2, 9).splitlines(keepends=True)[1:]))
        _, said = run.communicate(timeout=60)
    assert run.returncode == 0
    assert "<stdin>, line 4: time 'never' is not ISO 8601" in said and said.endswith("; it was skipped\n")
    assert commands.arrived() == list(range(9))


def test_rows_that_come_wait_for_room_in_the_spool(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--post-rate", "0")
    options = commands.arguments("-", "--mirror", MIRROR, "--follow", "--spool-limit", "3")
    status, _, said = commands.run(*options, text=powers(0, 8))
    assert status == 0 and "rows wait for room" in said
    assert commands.arrived() == list(range(8))


def test_a_file_that_grows_is_followed(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--post-rate", "0")
    file = commands.folder / "log.csv"
    file.write_text(powers(0, 1) + "2026-01-01T00:0")
    with commands.start(*commands.arguments("log.csv", "--mirror", MIRROR, "--follow")) as run:
        assert run.stdout is not None
        assert "created" in run.stdout.readline()
        with file.open("a") as log:
            log.write("5:00Z,1\n")
        assert "1 posted" in run.stdout.readline()
    assert commands.arrived() == [0, 1]


def test_rotated_logs_are_followed_to_their_end(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--post-rate", "0")
    file = commands.folder / "log.csv"
    file.write_text(powers(0, 1))
    with commands.start(*commands.arguments("log.csv", "--mirror", MIRROR, "--follow")) as run:
        assert run.stdout is not None and run.stderr is not None
        assert "created" in run.stdout.readline()
        old = file.rename(commands.folder / "log.csv.1")
        with old.open("a") as log:
            log.write("2026-01-01T00:05:00Z,")
            log.flush()
            file.write_text(powers(2, 4))
            time.sleep(1)  # whoever writes has not heard of it yet
            log.write("1\n2026-01-01T01:00:00Z,7")
        assert run.stderr.readline() == "log.csv: the last line of the file before has no end; it was skipped\n"
        assert run.stderr.readline().startswith("log.csv: ")
        posted = 1
        while posted < 4:
            posted += int(re.findall(r"(\d+) posted", run.stdout.readline())[0])
        file.write_text(powers(4, 5))
        assert run.stderr.readline().startswith("log.csv: ")
        assert "1 posted" in run.stdout.readline()
    assert commands.arrived() == [0, 1, 2, 3, 4]


def test_rows_that_are_written_in_pieces_or_not_in_utf_8(commands: Commands, start_server: StartServer) -> None:
    commands.url = start_server("--post-rate", "0")
    mirror = Path(MIRROR).read_text().replace('name = "active-power"', 'name = "pr\u00e9lev\u00e9e"')
    (commands.folder / "mirror.toml").write_text(mirror, encoding="utf-8")
    file = commands.folder / "log.csv"
    row = "2026-01-01T00:00:00Z,pr\u00e9lev\u00e9e,7\n".encode()
    cut = row.index(b"\xc3") + 1
    file.write_bytes(b"time,channel,value\n2026-01-01T00:00:00Z,pr\xe9lev\xe9e,7\n" + row[:cut])
    with commands.start(*commands.arguments("log.csv", "--mirror", "mirror.toml", "--follow")) as run:
        assert run.stdout is not None and run.stderr is not None
        assert run.stderr.readline() == "log.csv, line 2: is not UTF-8: save the file as UTF-8; it was skipped\n"
        # The first half has been read by now.
        with file.open("ab") as log:
            log.write(row[cut:])
        assert "1 posted" in run.stdout.readline()
    assert commands.arrived() == [7]


def test_a_dry_run_shows_the_requests_and_keeps_nothing(commands: Commands) -> None:
    status, printed, said = commands.run("post-readings", READINGS, "--mirror", MIRROR, "--dry-run")
    assert (status, said) == (0, "")
    assert [line for line in printed.splitlines() if line.startswith(("GET", "POST"))] == [
        "GET https://server.example/dcap",
        "GET https://server.example/mup?s=0&l=50",
        "POST https://server.example/mup",
        "GET https://server.example/mup/1",
        "POST https://server.example/mup/1",
    ]
    body = printed.partition("POST https://server.example/mup\n")[2].partition("\n\n")[2].partition("\n\nGET")[0]
    assert documents.loads(body, MirrorUsagePoint, validate=True).post_rate == 300
    assert list(commands.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["day.csv"], "--mirror is missing"),
        (["none.csv", "--mirror", MIRROR, "--dry-run"], "none.csv: cannot be read"),
        ([READINGS, "--mirror", "none.toml"], "none.toml: cannot be read"),
        ([READINGS, "--mirror", READINGS], "not TOML"),
        ([READINGS, "--mirror", MIRROR], "--spool is missing"),
        ([READINGS, "--mirror", MIRROR, "--spool", "s"], "--server is missing"),
        (["--follow"], "--follow is for readings that come in"),
        (["--spool", ".", "--server", "https://127.0.0.1:9"], "cannot be used as a spool"),
        (["--spool", "s", "--server", "ftp://x"], "ftp://x"),
        ([MIRROR, "--mirror", MIRROR, "--dry-run"], "line 1: "),
    ],
)
def test_wrong_input_is_reported_and_nothing_is_kept(commands: Commands, arguments: list[str], expected: str) -> None:
    status, printed, said = commands.run("post-readings", *arguments)
    assert (status, printed) == (2, "")
    assert said.startswith("Error: ") and expected in said
    assert list(commands.folder.iterdir()) == []


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--follow"]])
def test_a_standard_input_that_is_closed_is_reported(commands: Commands, options: list[str]) -> None:
    commands.url = "https://127.0.0.1:9"
    arguments = commands.arguments("-", "--mirror", MIRROR, *options)
    done = envoy(*arguments, cwd=commands.folder, stdin=None)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: standard input is closed\n")
    assert list(commands.folder.iterdir()) == []


@pytest.mark.parametrize("command", ["status", "export", "retry", "discard"])
def test_a_spool_that_is_not_there_is_not_made(commands: Commands, command: str) -> None:
    status, _, said = commands.run("spool", command, "none.spool")
    assert status == 2 and said.startswith("Error: none.spool: ")
    assert list(commands.folder.iterdir()) == []


def test_nothing_is_posted_from_a_damaged_spool_and_its_good_rows_are_rescued(
    commands: Commands, start_server: StartServer
) -> None:
    commands.url = "https://127.0.0.1:1"
    commands.post(READINGS, "--mirror", MIRROR, "--retries", "0")
    with contextlib.closing(sqlite3.connect(commands.folder / "readings.spool")) as raw:
        before = raw.execute("SELECT count(*) FROM reading").fetchone()[0]
        raw.execute("UPDATE reading SET value = value + 1 WHERE id = 2")
        raw.commit()
    commands.url = start_server()
    status, _, said = commands.post()
    assert status != 0 and "readings.spool: is damaged" in said and "spool rescue" in said
    assert commands.arrived() == []
    status, printed, _ = commands.run("spool", "rescue", "readings.spool", "new.spool")
    assert (status, printed) == (0, f"{before - 1} readings and 1 mirrors copied, 1 rows are damaged\n")
    status, _, said = commands.run("spool", "rescue", "readings.spool", "new.spool")
    assert status != 0 and "new.spool: already exists" in said
    (commands.folder / "new.spool").replace(commands.folder / "readings.spool")
    assert commands.post()[0] == 0
    assert len(commands.arrived()) == before - 1
