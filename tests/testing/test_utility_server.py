"""The server for users' own tests: as a library, and as fixtures in a run of pytest of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import AsyncClient, Client, DocumentError, EnvoyError, RegistrationError, Site, dumps
from envoy.identity import site_lfdi
from envoy.testing import SeenRequest, UtilityServer
from sep2 import ConnectionPoint, DERControl, DERControlResponse, DERList, ResponseStatus, Time
from tests.conftest import ROOT
from tests.support.messages import message

pytest_plugins = ["pytester"]

SITE = Site(lfdi=site_lfdi(1001, 32473), nmi="6001234567")


# The library


def test_a_site_is_registered_and_the_server_tells_what_it_has_seen(utility_server: UtilityServer) -> None:
    with utility_server.client() as client:
        client.register(SITE)
    own, device = utility_server.devices()
    lfdi = utility_server.client_files().lfdi
    assert (own.href, own.lfdi) == ("/edev/1", lfdi)
    assert (device.href, device.lfdi) == ("/edev/2", SITE.lfdi)
    assert utility_server.stored("/edev/2/cp") == ConnectionPoint(connection_point_id=SITE.nmi)
    assert utility_server.stored("/edev/2/cp", ConnectionPoint) == ConnectionPoint(connection_point_id=SITE.nmi)
    assert utility_server.stored("/edev/2/di") is None
    with pytest.raises(DocumentError):
        utility_server.stored("/edev/2/cp", Time)
    assert [str(seen) for seen in utility_server.requests] == [
        "GET /dcap 200",
        "GET /tm 200",
        "GET /edev?s=0&l=50 200",
        "POST /edev 201",
        "GET /edev/2 200",
        "GET /edev/2/fsa?s=0&l=50 200",
        "PUT /edev/2/cp 201",
        "GET /edev/2/cp 200",
    ]
    sent = dumps(ConnectionPoint(connection_point_id=SITE.nmi))
    assert utility_server.requests[6] == SeenRequest("PUT", "/edev/2/cp", 201, sent, "", lfdi)


def test_a_disturbed_request_is_shown_as_such(utility_server: UtilityServer, utility_client: Client) -> None:
    utility_server.drop_next(path="/dcap")
    utility_server.fail_next(503, path="/tm", retry_after=0)
    utility_client.time()
    assert [str(seen) for seen in utility_server.requests] == [
        "GET /dcap no response (drop-before on purpose)",
        "GET /dcap 200",
        "GET /tm 503 (503,retry-after=0 on purpose)",
        "GET /tm 200",
    ]


def test_each_name_is_another_client(utility_server: UtilityServer) -> None:
    with utility_server.client("first") as first, utility_server.client("second") as second:
        first.register(SITE)
        assert list(second.end_devices()) == []
        with pytest.raises(RegistrationError) as refused:
            second.register(SITE)
    assert getattr(refused.value.__cause__, "status", None) == 409
    assert {seen.client for seen in utility_server.requests} == {
        utility_server.client_files(name).lfdi for name in ("first", "second")
    }
    with pytest.raises(EnvoyError):
        utility_server.client_files("../third")


def test_after_a_reset_it_has_seen_nothing(utility_server: UtilityServer, utility_client: Client) -> None:
    for _ in range(2):
        assert utility_client.register(SITE).href == "/edev/2"
        utility_server.fail_next(500, count=None)
        utility_server.disturb(1)
        utility_server.slow_down(0.1)
        utility_server.reset()
        assert utility_server.requests == utility_server.devices() == []
        assert utility_server.faults_happened == {}
        assert utility_server.stored("/edev/2/cp") is None


async def _time(client: AsyncClient) -> Time:
    async with client:
        return await client.time()


def test_the_asynchronous_client_is_one(utility_async_client: AsyncClient) -> None:
    import asyncio

    assert asyncio.run(_time(utility_async_client)).href == "/tm"


def test_several_threads_may_ask_at_a_time(utility_server: UtilityServer) -> None:
    failed = []

    def ask() -> None:
        try:
            for _ in range(50):
                assert utility_server.requests == []
                assert utility_server.faults_happened == {}
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_it_can_be_started_once_at_a_time_and_again_later(tmp_path: Path) -> None:
    server = UtilityServer("ieee-2018", options=["--pre-registered"], folder=tmp_path / "pki")
    for use in (lambda: server.url, server.client, server.reset, lambda: server.requests):
        with pytest.raises(EnvoyError) as unused:
            use()
        assert unused.value.remedy
    for _ in range(2):
        with server:
            assert server.running
            with pytest.raises(EnvoyError) as twice:
                server.start()
            assert twice.value.where == server.url
            with server.client() as client:
                assert isinstance(client.get("/edev/1/der", DERList), DERList)
        assert not server.running
        server.stop()
    assert (tmp_path / "pki" / "client.pem").exists()


def test_the_folder_of_its_own_is_removed() -> None:
    with UtilityServer() as server:
        folder = server.folder
        assert (folder / "ca.pem").exists()
        server._process._process.kill()
        server._process._process.wait()
        assert not server.running
        with pytest.raises(EnvoyError) as ended:
            server.reset()
        assert ended.value.where == "envoy serve"
    assert not folder.exists()


@pytest.mark.parametrize("options", [["--profile", "csip"], ["--disturb", "2"], ["--latency", "-1"]])
def test_what_it_says_when_it_does_not_start_is_in_the_error(options: list[str], snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        UtilityServer(options=options).start()
    assert caught.value.where == "envoy serve"
    assert message(caught.value) == snapshot


def test_an_option_that_there_is_not_is_in_the_error() -> None:
    with pytest.raises(EnvoyError) as caught:
        UtilityServer(options=["--nonsense"]).start()
    assert "--nonsense" in caught.value.what


def test_pytest_is_not_slowed_down_by_what_the_plugin_would_need() -> None:
    program = (
        "import sys, envoy.testing.pytest_plugin\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules} & {'httpx', 'lxml', 'sep2', 'cryptography',"
        " 'starlette', 'uvicorn', 'asyncio', 'typer', 'rich'}))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('envoy')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    # pytest has some of these itself: only what comes on top is ours.
    bare = "import sys, pytest; print(*sys.modules)"
    before = subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True, check=True).stdout.split()
    heavy, ours = done.stdout.splitlines()
    assert set(heavy.split()) <= set(before)
    assert ours == "envoy envoy._version envoy.testing envoy.testing.pytest_plugin"


# The fixtures


SUITE = """
    import pytest
    from envoy import Site

    LFDI = bytes(16) + bytes.fromhex("00032473")
    seen = []

    def test_first(utility_server, utility_client):
        assert utility_client.register(Site(lfdi=LFDI)).href == "/edev/2"
        utility_server.fail_next(500, count=None)
        seen.append(utility_server.url)

    def test_second_has_the_same_process_and_sees_nothing_of_the_first(utility_server, utility_client):
        assert utility_server.requests == []
        assert utility_client.register(Site(lfdi=LFDI)).href == "/edev/2"
        assert seen == [utility_server.url]
        utility_server._process._process.kill()
        utility_server._process._process.wait()

    def test_a_server_that_died_is_replaced(utility_server, utility_client):
        assert utility_server.url not in seen
        utility_client.time()

    @pytest.mark.utility(profile="ieee-2018", options=["--page-limit", "1", "--pin", "123455"])
    class TestOther:
        def test_marked(self, utility_server, utility_client):
            assert utility_server.profile.name == "ieee-2018"
            utility_client.register(Site(lfdi=LFDI, pin=123455))
            assert len(list(utility_client.end_devices())) == 2
            assert sum(seen.path == "/edev" for seen in utility_server.requests) > 2

        @pytest.mark.utility(profile="csip-aus-1.3")
        def test_nearest_mark_counts(self, utility_server):
            assert utility_server.profile.name == "csip-aus-1.3"

    def test_async(utility_async_client):
        import asyncio

        async def main():
            async with utility_async_client as client:
                return await client.time()

        assert asyncio.run(main()).href == "/tm"
"""

INI = """
    [pytest]
    addopts = --strict-markers
    filterwarnings = error
    utility_profile = csip-aus-1.3
    utility_options = --log
"""


def test_a_suite_runs_with_a_server_for_each_profile(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=6)
    assert result.stderr.str() == ""


def test_a_failed_test_shows_what_the_server_has_seen_and_a_bad_mark_is_told(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(
        """
        import pytest

        def test_which_profile(utility_server, utility_client):
            utility_server.fail_next(503, path="/tm", retry_after=100)
            try:
                utility_client.time()
            except Exception as error:
                pytest.fail(f"profile {utility_server.profile.name}: {error.status}")

        @pytest.mark.utility("ieee-2018")
        def test_by_position(utility_server):
            pass

        @pytest.mark.utility(profil="ieee-2018")
        def test_misspelt(utility_server):
            pass

        @pytest.mark.utility(profile="csip")
        def test_unknown(utility_client):
            pass
        """
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:randomly", "-p", "no:cacheprovider", "--utility-profile", "ieee-2018"
    )
    result.assert_outcomes(failed=1, errors=3)
    result.stdout.fnmatch_lines(
        [
            "*pytest.mark.utility takes profile= and options=, by name",
            "*pytest.mark.utility takes profile= and options=, by name",
            "*unknown profile 'csip'*",
            "*profile ieee-2018: 503",
            "*- requests at utility_server -*",
            "GET /dcap 200",
            "GET /tm 503 (503,retry-after=100 on purpose)",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    # The one of the test itself, which raises in an `except`.
    assert result.stdout.str().count("During handling") == 1


def test_the_suite_of_the_documentation_passes(pytester: pytest.Pytester) -> None:
    text = (ROOT / "docs" / "reference" / "testing.md").read_text(encoding="utf-8")
    pytester.makepyfile(text.partition("```python\n")[2].partition("```\n")[0])
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error").assert_outcomes(passed=3)


def test_help_names_the_option_the_settings_and_the_fixtures(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest_inprocess("--help").stdout.str()
    assert "--utility-profile" in shown and "utility_profile (string)" in shown and "utility_options (args)" in shown
    fixtures = pytester.runpytest_inprocess("--fixtures").stdout.str()
    assert all(name in fixtures for name in ("utility_server", "utility_client", "utility_async_client"))
    assert "@pytest.mark.utility(profile, options)" in pytester.runpytest_inprocess("--markers").stdout.str()


# Programs, controls and time


def test_an_operator_gives_orders_and_sees_the_responses() -> None:
    with UtilityServer(clock="manual") as server, server.client() as client:
        href = client.register(SITE).href
        program = server.program("export", primacy=3, sites=SITE.lfdi)
        program.default(op_mod_exp_lim_w=5000)
        control = program.control(duration=600, op_mod_exp_lim_w=1500, randomize_start=30)
        (found,) = client.items(f"{href}/derp/{program.number}/derc", DERControl)
        assert (found.mrid, float(found.der_control_base.op_mod_exp_lim_w)) == (control.mrid, 1500)
        assert found.event_status.current_status == 1
        now = server.now()
        response = DERControlResponse(
            created_date_time=now, end_device_lfdi=SITE.lfdi, status=ResponseStatus.EVENT_STARTED, subject=control.mrid
        )
        client.post(found.reply_to, response)
        assert server.wait_for(response=2, control=control).lfdi == SITE.lfdi
        server.advance(700)
        assert server.now() == now + 700
        assert list(client.items(f"{href}/derp/{program.number}/derc", DERControl)) == []
        server.outage(60, 503)
        assert server.ask("now") == {"now": now + 700}
        server.reset()
        assert server.list_programs() == []
        with pytest.raises(EnvoyError, match="'dance' is not an order"):
            server.ask("dance")
