"""Fleets against the real server: each site exactly once, whatever happens to the requests or to the client."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import re
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import AsyncClient
from envoy.errors import EnvoyError, FleetError, ResponseError, SiteError, TransportError
from envoy.fleet import Fleet, FleetRun, Journal, SiteResult, State, register_fleet
from envoy.profiles import get_profile
from envoy.testing import UtilityServer
from tests.support.commands import envoy, started
from tests.support.fleets import (
    FAULTS,
    compared,
    comparison,
    connection,
    end_devices,
    lfdi_of,
    options,
    until,
    write_fleet,
)
from tests.support.processes import Command
from tests.support.scripted import Serve, ok


def run(server: UtilityServer | str, fleet: Path, **arguments: Any) -> list[SiteResult]:
    """Register a fleet with the library."""

    async def main() -> list[SiteResult]:
        client = arguments.pop("client", {})
        async with AsyncClient(**{**connection(server), "max_wait": 0.05, **client}) as connected:
            results = register_fleet(connected, Fleet(fleet, connected.profile), **arguments)
            return [result async for result in results]

    return asyncio.run(main())


def states(results: list[SiteResult]) -> Counter[State]:
    return Counter(result.state for result in results)


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_site_is_registered_once_and_a_second_run_changes_nothing(
    tmp_path: Path, utility_server: UtilityServer
) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 9))
    command = ("register", "fleet.csv", *options(utility_server), "--rate", "500")
    first = envoy(*command, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "        8  registered\n" in first.stdout
    results = written(tmp_path / "fleet.csv.results.jsonl")
    assert [result["site"] for result in sorted(results, key=lambda x: x["nmi"])] == [
        f"fleet.csv:{line}" for line in range(2, 10)
    ]
    assert {(result["state"], result["error"]) for result in results} == {("registered", None)}
    assert {step["step"] for step in results[0]["steps"]} >= {"end-device", "connection-point", "der-settings"}
    second = envoy(*command, cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert "        8  done before\n" in second.stdout
    (tmp_path / "fleet.csv.journal").unlink()
    third = envoy(*command, cwd=tmp_path)
    assert "        8  unchanged\n" in third.stdout
    assert len(end_devices(utility_server)) == 8
    listed = envoy("devices", *options(utility_server), "--format", "json", cwd=tmp_path)
    assert {device["lfdi"] for device in json.loads(listed.stdout)} >= {lfdi_of(number) for number in range(1, 9)}


def test_disturbed_requests_cost_no_site_and_double_none(tmp_path: Path, utility_server: UtilityServer) -> None:
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 21))
    utility_server.disturb(0.15, seed=1, actions=FAULTS)
    results = run(utility_server, fleet)
    assert len(results) == 20
    assert State.FAILED not in states(results), [str(result.error) for result in results if result.error]
    assert end_devices(utility_server) == [lfdi_of(number) for number in range(1, 21)]
    assert utility_server.faults_happened.keys() == set(FAULTS)
    utility_server.disturb(0)
    assert compared(utility_server, fleet) == {State.UNCHANGED: 20}


def test_a_client_that_is_killed_goes_on_where_it_was(tmp_path: Path, utility_server: UtilityServer) -> None:
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 26))
    utility_server.disturb(0.05, seed=1, actions=FAULTS)
    command = ["register", str(fleet), *options(utility_server), "--max-wait", "0.05"]
    results = tmp_path / "fleet.csv.results.jsonl"
    for least in (10, 5):
        results.unlink(missing_ok=True)
        with Command(command) as process:
            until(lambda least=least: results.exists() and results.read_bytes().count(b"\n") >= least)
            process.kill()
    last = envoy(*command, cwd=tmp_path)
    assert last.returncode == 0, last.stderr
    assert end_devices(utility_server) == [lfdi_of(number) for number in range(1, 26)]
    assert utility_server.faults_happened
    utility_server.disturb(0)
    assert compared(utility_server, fleet) == {State.UNCHANGED: 25}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_finishes_what_is_under_way(
    number: signal.Signals, tmp_path: Path, utility_server: UtilityServer
) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 61))
    command = ["register", "fleet.csv", *options(utility_server), "--concurrency", "3", "--rate", "30"]
    results = tmp_path / "fleet.csv.results.jsonl"
    with started(*command, cwd=tmp_path) as process:
        until(lambda: results.exists() and bool(results.read_bytes()))
        process.send_signal(number)
        printed, said = process.communicate(timeout=120)
    assert process.returncode == 128 + number
    # On a busy machine it has shown its progress before.
    assert "\nStopping" in f"\n{said}" and "not tried" in printed
    complete = written(results)
    assert {result["state"] for result in complete} == {"registered"}
    # What was begun was finished: each EndDevice has its result.
    assert len(complete) == len(end_devices(utility_server)) < 60


def test_a_second_interruption_ends_at_once(tmp_path: Path, serve: Serve) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 3))
    held: list[object] = []

    def answer(handler: Any) -> None:
        if handler.path.startswith("/dcap"):
            handler.reply(200, DEVICE_CAPABILITY)
        elif handler.command == "GET":
            handler.reply(200, b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="0" results="0"/>')
        else:
            held.append(handler)
            until(lambda: process.poll() is not None)

    url = serve(answer).url
    with started("register", "fleet.csv", "--server", url, cwd=tmp_path) as process:
        assert process.stderr is not None
        until(lambda: len(held) == 2)
        process.send_signal(signal.SIGINT)
        assert any(line.startswith("Stopping: 2 sites ") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "        2  not tried\n" in printed and said


DEVICE_CAPABILITY = (
    b'<DeviceCapability xmlns="urn:ieee:std:2030.5:ns"><EndDeviceListLink href="/edev" all="0"/></DeviceCapability>'
)


def test_bad_rows_are_reported_all_at_once_and_nothing_is_sent(
    tmp_path: Path, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 6))
    lines = path.read_text().splitlines()
    lines[2] = lines[2].replace("H10,", f"{'H' * 33},")
    lines[3] = lines[3].replace(lfdi_of(3), lfdi_of(1))
    lines[1] = lines[1].replace("6000000001", "QB00000001")
    lines[4] = lines[4].replace("6000000004", "qb00000001")
    lines[5] = lines[5].replace("MAINS", "")
    path.write_text("\n".join(lines))
    done = envoy("register", "fleet.csv", "--server", server.url, cwd=tmp_path)
    assert (done.returncode, done.stdout, server.requests) == (2, "", [])
    assert done.stderr == snapshot
    with pytest.raises(FleetError) as caught:
        run(server.url, path)
    assert [error.where for error in caught.value.rows] == [f"{path}:{line}" for line in (3, 4, 5, 6)]
    assert not (tmp_path / "fleet.csv.results.jsonl").exists()


def test_a_fleet_without_sites_is_an_error(tmp_path: Path, serve: Serve) -> None:
    server = serve(ok)
    write_fleet(tmp_path / "fleet.csv", range(0))
    (tmp_path / "fleet.jsonl").touch()
    for name in ("fleet.csv", "fleet.jsonl"):
        done = envoy("register", name, "--server", server.url, cwd=tmp_path)
        assert (done.returncode, done.stdout, server.requests) == (2, "", [])
        assert done.stderr.startswith(f"Error: {name}: has no sites\n")


def test_text_that_cannot_be_sent_is_an_error_of_its_row(tmp_path: Path) -> None:
    lines = [json.dumps({"lfdi": lfdi_of(number), "nmi": "\ud800"}) for number in (1, 2)]
    (tmp_path / "fleet.jsonl").write_text("\n".join(lines))
    with pytest.raises(FleetError) as caught:
        run("http://127.0.0.1:9", tmp_path / "fleet.jsonl")
    first, second = caught.value.rows
    assert first.what.startswith("ConnectionPoint.connection_point_id: ")
    assert second.what.startswith("nmi: ") and f"{tmp_path / 'fleet.jsonl'}:1" in second.what


def test_no_sites_at_a_time_is_an_error(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 4))
    for concurrency in (0, -1):
        with pytest.raises(EnvoyError):
            run("http://127.0.0.1:9", path, concurrency=concurrency)


def test_whoever_stops_listening_ends_what_is_under_way(tmp_path: Path, utility_server: UtilityServer) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 60))

    async def main() -> None:
        async with AsyncClient(**connection(utility_server)) as client:
            with FleetRun(client, Fleet(path), concurrency=4) as run:
                await run.check()
                async with contextlib.aclosing(run.results()) as results:
                    async for _ in results:
                        break
                assert run.progress.under_way == 0
                assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.unmeasured
def test_the_list_is_read_once_and_each_site_costs_a_fixed_number_of_requests(
    tmp_path: Path, utility_server: UtilityServer
) -> None:
    seen: list[str] = []
    client = {"on_exchange": lambda exchange: seen.append(f"{exchange.request.method} {exchange.request.href}")}
    run(utility_server, write_fleet(tmp_path / "fleet.csv", range(1, 52)), client=client)
    counts = Counter(seen)
    assert counts["GET /dcap"] == counts["GET /tm"] == 1
    assert counts["GET /edev?s=0&l=50"] == 1
    assert counts["POST /edev"] == 51
    # What is in an extension is read back until the server is seen to keep it; many are under way at that time.
    assert 10 <= len([x for x in seen if re.fullmatch(r"GET /edev/\d+/cp", x)]) < 40
    assert min(Counter(re.findall(r"/edev/(\d+)", " ".join(seen))).values()) == 8
    seen.clear()
    run(utility_server, tmp_path / "fleet.csv", client=client, journal=None)
    assert [x for x in seen if x.startswith("GET /edev?")] == [f"GET /edev?s={start}&l=50" for start in (0, 50)]


def test_an_update_compares_everything_and_writes_what_differs(tmp_path: Path, utility_server: UtilityServer) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 5))
    with Journal(tmp_path / "journal", utility_server.url, get_profile()) as journal:
        assert states(run(utility_server, path, journal=journal)) == {State.REGISTERED: 4}
        assert states(run(utility_server, path, journal=journal)) == {State.DONE_BEFORE: 4}
        write_fleet(path, range(1, 5), enabled="false", rtg_max_w="12000")
        assert compared(utility_server, path) == {State.DIFFERENT: 4}
        (found,) = {
            tuple(step.detail for step in result.registration.deviations) for result in comparison(utility_server, path)
        }
        assert found == (
            "enabled is true, the site has false",
            "rtg_max_w is 10000, the site has 12000",
        )
        without = run(utility_server, path, journal=journal)
        assert states(without) == {State.UPDATED: 4}
        assert without[0].registration is not None
        (finding,) = without[0].registration.findings
        assert finding.startswith(f"{without[0].href}: EndDevice has another enabled ")
        assert compared(utility_server, path) == {State.DIFFERENT: 4}
        assert states(run(utility_server, path, journal=journal, update=True)) == {State.UPDATED: 4}
        assert compared(utility_server, path) == {State.UNCHANGED: 4}


def test_what_is_missing_extra_or_different_is_listed(tmp_path: Path, utility_server: UtilityServer) -> None:
    run(utility_server, write_fleet(tmp_path / "fleet.csv", range(1, 5)))
    lines = write_fleet(tmp_path / "fleet.csv", range(2, 6)).read_text().splitlines()
    lines[1] = lines[1].replace(",10000,28", ",9000,28")
    (tmp_path / "fleet.csv").write_text("\n".join(lines))
    done = envoy("devices", *options(utility_server), "--diff", "fleet.csv", "--format", "json", cwd=tmp_path)
    assert done.returncode == 1
    found = {(line["state"], line["lfdi"]): line for line in json.loads(done.stdout)}
    assert set(found) == {
        ("different", lfdi_of(2)),
        ("missing", lfdi_of(5)),
        ("extra", lfdi_of(1)),
    }
    different = found["different", lfdi_of(2)]
    assert (different["site"], different["resource"]) == ("fleet.csv:2", "der-settings")
    assert different["difference"] == "set_max_w is 10000, the site has 9000"
    table = envoy("devices", *options(utility_server), "--diff", "fleet.csv", "--format", "csv", cwd=tmp_path)
    assert table.stdout.startswith("state,lfdi,site,href,resource,difference\n") and table.stdout.count("\n") == 4
    assert end_line(envoy("devices", *options(utility_server), "--diff", "fleet.csv", cwd=tmp_path)) == (
        "2 unchanged, 1 different, 1 missing, 1 extra"
    )


def end_line(done: subprocess.CompletedProcess[str]) -> str:
    words = done.stderr.splitlines()[-1].split(", ")
    order = ["unchanged", "different", "missing", "extra"]
    return ", ".join(sorted(words, key=lambda word: order.index(word.split()[1])))


def test_a_server_that_is_gone_ends_the_run_instead_of_failing_each_site(tmp_path: Path, serve: Serve) -> None:
    def answer(handler: Any) -> None:
        if handler.path.startswith("/dcap"):
            handler.reply(200, DEVICE_CAPABILITY)
        elif handler.command == "GET":
            handler.reply(200, b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="0" results="0"/>')
        else:
            handler.reply(500)

    server = serve(answer)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 200))
    done = envoy("register", "fleet.csv", "--server", server.url, "--concurrency", "5", "--outage", "0", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2].startswith("Error: ") and "not tried" in done.stdout
    assert len([x for x in server.requests if x.startswith("POST")]) < 30
    with pytest.raises(EnvoyError):
        run(server.url, path, outage=0)


def test_a_device_of_somebody_else_is_reported_and_the_others_go_on(
    tmp_path: Path, utility_server: UtilityServer
) -> None:
    theirs = write_fleet(tmp_path / "theirs.csv", range(3, 4))
    run(utility_server, theirs, client=connection(utility_server, "rival"))
    results = run(utility_server, write_fleet(tmp_path / "fleet.csv", range(1, 6)))
    assert states(results) == {State.REGISTERED: 4, State.FAILED: 1}
    (failed,) = [result for result in results if result.error]
    assert failed.where == f"{tmp_path / 'fleet.csv'}:4"
    assert failed.error is not None and isinstance(failed.error.__cause__, ResponseError)
    assert failed.error.__cause__.status == 409


def test_a_row_that_is_changed_after_the_check_is_not_sent(tmp_path: Path, utility_server: UtilityServer) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 4))

    async def main() -> list[SiteResult]:
        async with AsyncClient(**connection(utility_server)) as client:
            with FleetRun(client, Fleet(path)) as run:
                assert await run.check() == 3
                path.write_text(path.read_text().replace("6000000002", "6000000009"))
                return [result async for result in run.results()]

    results = asyncio.run(main())
    assert states(results) == {State.REGISTERED: 2, State.FAILED: 1}
    assert [result.where for result in results if result.error] == [f"{path}:3"]


def test_a_refused_connection_ends_the_run_before_any_site(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 4))
    with pytest.raises(TransportError):
        run("http://127.0.0.1:9", path, client={"retries": 0})
    done = envoy("register", "fleet.csv", "--server", "http://127.0.0.1:9", "--max-wait", "0.01", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("GET /dcap: ")
    assert "        3  not tried\n" in done.stdout


def test_options_of_a_fleet_are_refused_for_a_site(tmp_path: Path) -> None:
    for option in ("--concurrency", "--results", "--journal", "--outage", "--dask"):
        done = envoy("register", "one.toml", "--server", "https://localhost:1", option, "3", cwd=tmp_path)
        assert done.returncode == 2 and done.stderr.startswith(f"Error: {option} is for a fleet")


def test_the_columns_are_listed(tmp_path: Path) -> None:
    done = envoy("register", "--columns", cwd=tmp_path)
    assert done.returncode == 0
    assert "der.capability.rtg_max_w" in done.stdout and "number, W (required)" in done.stdout


def test_a_journal_that_is_wrong_does_not_hide_a_site_that_is_gone(
    tmp_path: Path, utility_server: UtilityServer
) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 5))
    with Journal(tmp_path / "journal", utility_server.url, get_profile()) as journal:
        run(utility_server, path, journal=journal)

        async def remove() -> None:
            async with AsyncClient(**connection(utility_server)) as client:
                await client.deregister(bytes.fromhex(lfdi_of(2)))

        asyncio.run(remove())
        assert states(run(utility_server, path, journal=journal)) == {State.DONE_BEFORE: 3, State.REGISTERED: 1}
    assert len(end_devices(utility_server)) == 4


def test_bad_rows_are_summed_up_and_few_of_them_kept(tmp_path: Path) -> None:
    path = tmp_path / "fleet.jsonl"
    path.write_text("".join(json.dumps({"lfdi": "00", "nmi": str(number)}) + "\n" for number in range(3000)))
    with pytest.raises(FleetError) as caught:
        run("http://127.0.0.1:9", path)
    error = caught.value
    assert (error.bad, len(error.rows)) == (3000, 1000)
    lines = str(error).splitlines()
    assert len(lines) < 10
    assert "3000 of 3000 rows" in lines[0] and "999 more" in lines[-2] and "2000 more rows" in lines[-1]


@pytest.mark.unmeasured
def test_few_suggestions_are_made_however_many_errors_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def find(name: str, *arguments: Any, **further: Any) -> list[str]:
        made.append(name)
        return find_close(name, *arguments, **further)

    find_close = difflib.get_close_matches
    monkeypatch.setattr(difflib, "get_close_matches", find)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 3001), modes_supported="CHARGE_MODE OP_MOD_MAXIMUM")
    with pytest.raises(FleetError) as caught:
        run("http://127.0.0.1:9", path)
    assert caught.value.bad == 3000
    assert len(made) == len(caught.value.rows) == 1000
    made.clear()
    # One row, one header.
    row = tmp_path / "fleet.jsonl"
    row.write_text(json.dumps({"lfdi": lfdi_of(1), **{f"nmi{number}": 1 for number in range(3000)}}))
    with pytest.raises(FleetError) as caught:
        run("http://127.0.0.1:9", row)
    assert len(made) == 20
    assert str(caught.value).count("\n") < 110 and "and 2901 more" in str(caught.value)
    made.clear()
    path.write_text(",".join(["lfdi", *(f"nnmi{number}" for number in range(3000))]))
    with pytest.raises(SiteError) as refused:
        run("http://127.0.0.1:9", path)
    assert len(made) == 20
    assert str(refused.value).count("\n") < 110 and "and 2900 more" in str(refused.value)
