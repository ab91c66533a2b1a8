"""Fleets against servers that respond as they should not: what is reported, and that nothing is doubled or lost."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from envoy import AsyncClient, utility
from envoy.client.attempt import Exchange
from envoy.documents import dumps, loads
from envoy.errors import EnvoyError, FleetError, IdentityError
from envoy.fleet import Fleet, FleetRun, SiteResult, State, register_fleet
from envoy.fleet.server_survey import MAX_FINDINGS
from envoy.identity import sfdi_of_lfdi
from envoy.protocol.flow import Request, Response
from sep2 import EndDevice, EndDeviceList
from tests.support.clock import VirtualLoop
from tests.support.commands import envoy, started
from tests.support.fleets import lfdi_of, until, write_fleet
from tests.support.scripted import Handler, Serve, respond_with

CLIENT = bytes(range(20))


class Utility:
    """A utility over HTTP without TLS, which says what a test has it say of where a new EndDevice is.

    Args:
        created: Returns the Location of the EndDevice of a number; None for a 201 without one.
    """

    def __init__(self, created: Callable[[int], str | None] | None = None) -> None:
        self.created = created
        self.requests: Counter[str] = Counter()
        self.core = utility.Utility(utility.Settings(pre_registered=True))
        weakref.finalize(self, self.core.close)
        self._send = self.core.connect(CLIENT)
        self._lock = threading.Lock()

    @property
    def lfdis(self) -> list[str]:
        """The LFDIs of the sites."""
        return [device.lfdi.hex().upper() for _, device in self.core.store.page(CLIENT, "/edev", 1, 1000)]

    def __call__(self, handler: Handler) -> None:
        with self._lock:
            self.requests[f"{handler.command} {handler.path.partition('?')[0]}"] += 1
            respond_with(self.respond)(handler)

    def respond(self, request: Request) -> Response:
        response = self._send(request)
        if self.created is None or not response.ok or (request.method, request.href) != ("POST", "/edev"):
            return response
        location = self.created(len(self.lfdis))
        return Response(201, {} if location is None else {"location": location})


def run(url: str, fleet: Path, **options: int) -> list[SiteResult]:
    async def main() -> list[SiteResult]:
        async with AsyncClient(url, max_wait=0.05) as client:
            return [result async for result in register_fleet(client, Fleet(fleet), **options)]

    return asyncio.run(main())


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "created",
    [
        lambda number: None,
        lambda number: f"http://other.example/edev/{number}",
        lambda number: f"ftp://other.example/edev/{number}",
        lambda number: f"/nowhere/{number}",
        # All but one of these are the EndDevice of another site.
        lambda number: "/edev/2",
        lambda number: "/edev",
    ],
    ids=["none", "another host", "no address of the web", "nowhere", "another EndDevice", "the list"],
)
def test_where_the_location_of_a_new_device_leads_astray_it_is_looked_for_in_the_list(
    created: Callable[[int], str | None], tmp_path: Path, serve: Serve
) -> None:
    server = Utility(created)
    # More than this many in a row without a response would end the run.
    results = run(serve(server).url, write_fleet(tmp_path / "fleet.csv", range(1, 21)), concurrency=2)
    assert [result.error for result in results if result.error] == []
    assert len({result.href for result in results}) == 20
    assert sorted(server.lfdis) == [lfdi_of(number) for number in range(1, 21)]
    assert server.requests["POST /edev"] == 20
    assert server.requests["GET /edev"] == 2 or created(2) == "/edev"


def test_a_server_that_refuses_each_new_device_is_asked_twice_for_each(tmp_path: Path, serve: Serve) -> None:
    server = Utility()
    server.respond = lambda request: (  # type: ignore[method-assign]
        Response(409) if request.method == "POST" else server._send(request)
    )
    results = run(serve(server).url, write_fleet(tmp_path / "fleet.csv", range(1, 6)))
    assert Counter(result.state for result in results) == {State.FAILED: 5}
    assert server.requests["POST /edev"] == 10


class Failing(Utility):
    """A server that fails at each POST, and responds to no GET of the list after one until it is let; then with 404."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = threading.Event()

    def __call__(self, handler: Handler) -> None:
        if handler.command == "POST":
            handler.reply(500)
            self.requests["POST"] += 1
        elif self.requests["POST"] and handler.path.startswith("/edev?"):
            self.goes_on.wait(60)
            handler.reply(404)
        else:
            super().__call__(handler)


def test_deferred_sites_are_reported_if_the_list_cannot_be_read_again(tmp_path: Path, serve: Serve) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    server = Failing()
    server.goes_on.set()
    done = envoy("register", "fleet.csv", "--server", serve(server).url, cwd=tmp_path)
    assert done.returncode == 1
    assert "        3  failed\n" in done.stdout
    assert " 404" in done.stderr.splitlines()[-2]
    lines = (tmp_path / "fleet.csv.results.jsonl").read_text().splitlines()
    assert [" 500" in json.loads(line)["error"]["what"] for line in lines] == [True] * 3


def test_deferred_sites_are_reported_if_the_run_is_interrupted(tmp_path: Path, serve: Serve) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    server = Failing()
    with started("register", "fleet.csv", "--server", serve(server).url, cwd=tmp_path) as process:
        until(lambda: server.requests["POST"] >= 3)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert any(line.startswith("Stopping") for line in process.stderr)
        server.goes_on.set()
        printed, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "        3  failed\n" in printed
    assert len((tmp_path / "fleet.csv.results.jsonl").read_text().splitlines()) == 3


def test_deferred_sites_are_reported_if_the_run_is_stopped_while_the_list_is_read_again(
    tmp_path: Path, serve: Serve
) -> None:
    # Its responses to POST lead astray, so each site is looked for in the list.
    url = serve(Utility(lambda number: "/nowhere")).url
    path = write_fleet(tmp_path / "fleet.csv", range(1, 4))

    async def main() -> list[SiteResult]:
        def note(exchange: Exchange) -> None:
            if run.progress.turn == 2:
                run.stop()

        async with AsyncClient(url, on_exchange=note) as client:
            with FleetRun(client, Fleet(path)) as run:
                await run.check()
                return [result async for result in run.results()]

    assert [result.state for result in asyncio.run(main())] == [State.FAILED] * 3


def test_findings_in_a_long_list_are_counted(tmp_path: Path, serve: Serve) -> None:
    server = Utility()
    for _ in range(2 * MAX_FINDINGS + 1):
        server.core.store.add(CLIENT, "/edev", EndDevice(sfdi=1, changed_time=0))
    url = serve(server).url
    path = write_fleet(tmp_path / "fleet.csv", range(1, 2))

    async def main() -> list[str]:
        async with AsyncClient(url) as client:
            with FleetRun(client, Fleet(path), writes=False) as run:
                await run.check()
                async for _ in run.results():
                    pass
                assert run.survey is not None
                return run.survey.findings

    findings = asyncio.run(main())
    assert findings[0].startswith("/edev/2 ") and findings[-1].startswith(f"and {MAX_FINDINGS} more ")
    assert len(findings) == MAX_FINDINGS + 1
    done = envoy("devices", "--server", url, "--diff", "fleet.csv", cwd=tmp_path)
    assert done.returncode == 1
    # Without a certificate, the client's own EndDevice is one that no row describes. So is the one without an LFDI.
    assert done.stderr.splitlines() == [f"warning: {finding}" for finding in findings] + ["1 missing, 2 extra"]


def without_lfdis(server: Utility, *, without_sfdis: bool = False) -> None:
    """Let the server leave the lFDI out of its list, and the SFDI too if that is asked for."""
    usual = server.respond

    def respond(request: Request) -> Response:
        response = usual(request)
        if request.method != "GET" or request.href.partition("?")[0] != "/edev":
            return response
        page = loads(response.content, EndDeviceList)
        for device in page.end_device:
            device.lfdi = None
            if without_sfdis:
                device.sfdi = 0
        return Response(200, content=dumps(page, validate=False))

    server.respond = respond  # type: ignore[method-assign]


@pytest.mark.parametrize("without_sfdis", [False, True])
def test_a_fleet_is_found_by_its_sfdis_where_the_list_has_no_lfdis(
    tmp_path: Path, serve: Serve, without_sfdis: bool
) -> None:
    server = Utility()
    url = serve(server).url
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    run(url, tmp_path / "fleet.csv")
    without_lfdis(server, without_sfdis=without_sfdis)
    again = run(url, write_fleet(tmp_path / "more.csv", range(1, 5)))
    assert Counter(result.state for result in again) == {State.UNCHANGED: 3, State.REGISTERED: 1}
    assert sorted(server.lfdis) == [lfdi_of(number) for number in range(1, 5)]
    done = envoy("devices", "--server", url, "--diff", "fleet.csv", "--format", "json", cwd=tmp_path)
    extra = [site["href"] for site in json.loads(done.stdout)]
    # The client's own, since there is no certificate, and the fourth site.
    assert extra == ["/edev/1", "/edev/5"]


def test_where_nobody_knows_whose_an_end_device_is_no_site_is_created(tmp_path: Path, serve: Serve) -> None:
    server = Utility()
    server.core.store.add(CLIENT, "/edev", EndDevice(sfdi=0, changed_time=0))
    results = run(serve(server).url, write_fleet(tmp_path / "fleet.csv", range(1, 3)))
    assert {result.state for result in results} == {State.FAILED}
    assert server.requests["POST /edev"] == 0
    done = envoy("devices", "--server", serve(server).url, "--diff", "fleet.csv", cwd=tmp_path)
    assert "2 failed" in done.stderr


def test_a_site_whose_sfdi_another_end_device_has_is_not_created(tmp_path: Path, serve: Serve) -> None:
    server = Utility()
    other = bytes.fromhex(lfdi_of(2))[:-1] + b"\1"
    server.core.store.add(CLIENT, "/edev", EndDevice(lfdi=other, sfdi=sfdi_of_lfdi(other), changed_time=0))
    results = run(serve(server).url, write_fleet(tmp_path / "fleet.csv", range(1, 4)))
    (failed,) = [result for result in results if result.error]
    assert (failed.lfdi.hex().upper(), failed.error and failed.error.__cause__.__class__) == (lfdi_of(2), IdentityError)
    assert failed.error is not None and other.hex().upper() in failed.error.what
    assert server.requests["POST /edev"] == 2
    assert server.requests["GET /edev"] == 1


def test_two_rows_with_one_sfdi_are_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 3))
    path.write_text(path.read_text().replace(lfdi_of(2), lfdi_of(1)[:-1] + "4"))

    async def main() -> FleetError:
        async with AsyncClient("http://127.0.0.1:9") as client:
            with FleetRun(client, Fleet(path)) as fleet_run:
                with pytest.raises(FleetError) as caught:
                    await fleet_run.check()
                return caught.value

    (error,) = asyncio.run(main()).rows
    assert error.where == f"{path}:3"
    assert error.what.startswith(f"sfdi: is the same as in {path}:2.")


@pytest.mark.parametrize("command", ["devices", "devices --diff", "register"])
def test_a_list_whose_pages_repeat_is_an_error_and_nothing_is_sent(command: str, serve: Serve, tmp_path: Path) -> None:
    def answer(handler: Handler) -> None:
        xmlns = 'xmlns="urn:ieee:std:2030.5:ns"'
        if handler.path.startswith("/edev"):
            device = "<EndDevice href='/edev/1'><lFDI>01</lFDI><sFDI>0</sFDI><changedTime>0</changedTime></EndDevice>"
            handler.reply(200, f"<EndDeviceList {xmlns} all='2' results='1'>{device}</EndDeviceList>".encode())
        else:
            handler.reply(
                200, f"<DeviceCapability {xmlns}><EndDeviceListLink href='/edev'/></DeviceCapability>".encode()
            )

    server = serve(answer)
    write_fleet(tmp_path / "fleet.csv", range(1, 3))
    name, *options = command.split()
    fleet = ["fleet.csv"] if options or name == "register" else []
    done = envoy(name, *options, *fleet, "--server", server.url, cwd=tmp_path)
    assert done.returncode == (2 if options else 1)
    assert "repeats itself; only its first 1 items were seen" in done.stderr
    assert {request.split()[0] for request in server.requests} == {"GET"}


@pytest.mark.parametrize("status", [404, 500])
def test_a_time_that_fails_stops_no_fleet(status: int, tmp_path: Path) -> None:
    server = Utility()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/tm":
            return httpx.Response(status)
        href = request.url.raw_path.decode()
        response = server.respond(Request("", request.method, href, request.content or None))
        return httpx.Response(response.status, headers=dict(response.headers), content=response.content)

    async def main() -> None:
        async with AsyncClient("http://utility.example", transport=httpx.MockTransport(answer)) as client:
            with FleetRun(client, Fleet(write_fleet(tmp_path / "fleet.csv", range(1, 3)))) as run:
                await run.check()
                assert [result.state async for result in run.results()] == [State.REGISTERED] * 2
                assert run.survey is not None and run.survey.clock_offset is None
                (finding,) = run.survey.findings
                assert finding.startswith("GET /tm: ")

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())


def test_a_server_without_end_devices_is_said_to_have_none(serve: Serve) -> None:
    xmlns = 'xmlns="urn:ieee:std:2030.5:ns"'

    def answer(handler: Handler) -> None:
        capability = f"<DeviceCapability {xmlns}><EndDeviceListLink href='/edev'/></DeviceCapability>"
        empty = f"<EndDeviceList {xmlns} all='0' results='0'/>"
        handler.reply(200, (empty if handler.path.startswith("/edev") else capability).encode())

    for form, printed in (("text", ""), ("json", "[]\n"), ("csv", "lfdi,sfdi,enabled,device_category,href\n")):
        done = envoy("devices", "--server", serve(answer).url, "--format", form)
        assert (done.returncode, done.stdout) == (0, printed)
        assert done.stderr.count("\n") == 1 and "no EndDevice" in done.stderr


def test_a_missing_certificate_is_reported_before_the_comparison(tmp_path: Path) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 2))
    arguments = ("--server", "https://127.0.0.1:9", "--diff", "fleet.csv", "--cert", "none.pem")
    done = envoy("devices", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: none.pem: ")


def test_the_index_of_a_run_that_has_no_more_room_says_so(tmp_path: Path) -> None:
    path = write_fleet(tmp_path / "fleet.csv", range(1, 500))

    async def main() -> None:
        async with AsyncClient("http://127.0.0.1:9") as client:
            with FleetRun(client, Fleet(path)) as run:
                run._index.execute("PRAGMA max_page_count = 10")
                await run.check()

    with pytest.raises(EnvoyError):
        asyncio.run(main())


def test_an_end_device_that_cannot_be_changed_is_refused_once_and_reported_each_time(
    tmp_path: Path, serve: Serve
) -> None:
    server = Utility()
    usual = server.respond

    def respond(request: Request) -> Response:
        fixed = request.method == "PUT" and request.href.count("/") == 2
        return Response(405) if fixed else usual(request)

    server.respond = respond  # type: ignore[method-assign]
    url = serve(server).url
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    assert envoy("register", "fleet.csv", "--server", url, cwd=tmp_path).returncode == 0
    write_fleet(tmp_path / "fleet.csv", range(1, 4), post_rate="7")
    puts = []
    for _ in range(2):
        done = envoy("register", "fleet.csv", "--update", "--server", url, cwd=tmp_path)
        assert done.returncode == 1
        assert "        3  refused\n" in done.stdout
        puts.append(sum(server.requests[f"PUT /edev/{number}"] for number in range(1, 5)))
    assert puts == [3, 3]


def test_a_server_of_another_edition_ends_the_run_before_anything_is_written(tmp_path: Path, serve: Serve) -> None:
    server = Utility()
    usual = server.respond

    def respond(request: Request) -> Response:
        response = usual(request)
        content = response.content.replace(b"https://csipaus.org/ns", b"https://csipaus.org/ns/v1.3")
        return Response(response.status, response.headers, content)

    server.respond = respond  # type: ignore[method-assign]
    url = serve(server).url
    write_fleet(tmp_path / "fleet.csv", range(1, 4))
    done = envoy("register", "fleet.csv", "--server", url, cwd=tmp_path)
    assert done.returncode == 1
    assert "the profile csip-aus-1.3" in done.stderr
    assert not [request for request in server.requests if not request.startswith("GET")]
    # A comparison reads every edition.
    assert "3 missing" in envoy("devices", "--diff", "fleet.csv", "--server", url, cwd=tmp_path).stderr
