"""The commands in the edition of 2023, from the site file to the response: ``--profile ieee-2023`` at both ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy import AsyncClient, Client, Registration, Site
from envoy.client.attempt import Exchange
from envoy.testing import UtilityServer
from envoy.tls.pki import Pki
from envoy.validation.validate import validate
from sep2 import DERComponentList, DERControlResponse, DERControlType, ResponseList
from tests.conftest import ROOT
from tests.support.commands import envoy, started
from tests.support.fleets import until

SITE = ROOT / "examples" / "site-ieee-2023.toml"
LFDI = "0000003EB1000000000000000000000000032473"
IN_2023 = ("--profile", "ieee-2023")
LEVEL = "application/sep+xml; level=-S2"


@pytest.fixture(scope="module")
def served(pki: Pki) -> Iterator[UtilityServer]:
    with UtilityServer("ieee-2023", folder=pki.ca.certificate.parent) as server:
        yield server


@pytest.fixture
def server(served: UtilityServer) -> UtilityServer:
    served.reset()
    return served


@pytest.fixture
def options(server: UtilityServer) -> tuple[str, ...]:
    files = server.client_files("aggregator")
    return ("--server", server.url, "--cert", str(files.cert), "--key", str(files.key), "--ca", str(files.ca), *IN_2023)


def check_exchanges(exchanges: list[Exchange]) -> None:
    """Check that all that was written after the first response, and all that was read, is of the edition of 2023."""
    assert exchanges
    for exchange in exchanges:
        for content in (exchange.request.content, exchange.response.content):
            if content:
                assert b"schemaVer" in content
                assert validate(content, profile="ieee-2023") == []
        if exchange.response.content:
            assert exchange.response.headers["content-type"] == LEVEL


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_both_clients_register_and_speak_2023(server: UtilityServer, kind: type[Client] | type[AsyncClient]) -> None:
    site, exchanges = Site.load(SITE, profile="ieee-2023"), list[Exchange]()

    async def register() -> Registration:
        async with server.async_client("aggregator", on_exchange=exchanges.append) as client:
            return await client.register(site)

    if kind is Client:
        with server.client("aggregator", on_exchange=exchanges.append) as client:
            found = client.register(site)
    else:
        found = asyncio.run(register())
    assert len(found.components) == 2 and found.findings == []
    check_exchanges(exchanges)
    assert any(exchange.request.content for exchange in exchanges)


def test_the_site_of_a_file_is_registered_with_its_parts(server: UtilityServer, options: tuple[str, ...]) -> None:
    done = envoy("register", SITE, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("der-component") == 2
    again = envoy("register", SITE, *options)
    assert again.returncode == 0 and "created" not in again.stdout and "written" not in again.stdout
    listed = envoy("devices", "--format", "json", *options)
    assert listed.returncode == 0, listed.stderr
    assert LFDI in {device["lfdi"] for device in json.loads(listed.stdout)}


def test_a_control_is_followed_and_responded_to_in_2023(
    server: UtilityServer, options: tuple[str, ...], tmp_path: Path
) -> None:
    program = server.program("limit", sites=bytes.fromhex(LFDI))
    unsupported = program.control(duration=600, op_mod_fixed_w=100)
    followed = program.control(duration=600, op_mod_max_lim_w=5000, op_mod_max_lim_w_inject=4000)
    both = (unsupported, followed)
    command = ("follow", str(SITE), *options, "--device", "simulated", "-o", "steady=true", "--format", "json")
    with started(*command, "--state", str(tmp_path / "state")) as process:
        assert process.stdout
        until(lambda: len(server.responses()) >= 4 or process.poll() is not None)
        assert process.poll() is None, process.stderr and process.stderr.read()
        process.terminate()
        assert process.wait(60) == 0
    assert [each.status for each in server.responses(unsupported)] == [1, 251]
    assert [each.status for each in server.responses(followed)] == [1, 2]
    with server.client("aggregator") as client:
        device = next(each for each in client.end_devices() if each.lfdi == bytes.fromhex(LFDI))
        kept: list[DERControlResponse] = client.get(f"{device.href}/rsps/derc/rsp", ResponseList).response
        parts = client.get(f"{device.href}/der/1/dercomp", DERComponentList).der_component
        assert all(client.get(part.der_status_link).connect_status for part in parts)
    modes = {control.mrid: {each.modes_responded for each in kept if each.subject == control.mrid} for control in both}
    assert modes == {
        unsupported.mrid: {DERControlType.OP_MOD_FIXED_W},
        followed.mrid: {DERControlType.OP_MOD_MAX_LIM_W},
    }


def test_a_utility_of_2018_is_registered_at_as_well(pki: Pki) -> None:
    exchanges: list[Exchange] = []
    with (
        UtilityServer("ieee-2018", folder=pki.ca.certificate.parent) as server,
        server.client("aggregator", profile="ieee-2023", on_exchange=exchanges.append) as client,
    ):
        found = client.register(Site.load(SITE, profile="ieee-2023"))
    assert found.ders and not found.components
    written = [exchange.request.content for exchange in exchanges if exchange.request.content]
    assert written
    for content in written:
        assert validate(content, profile="ieee-2018") == []
    assert all(exchange.response.status < 300 or exchange.request.method == "GET" for exchange in exchanges)


def test_a_client_of_2018_is_spoken_to_in_2018(server: UtilityServer) -> None:
    exchanges: list[Exchange] = []
    site = Site.load(ROOT / "examples" / "site-ieee-2018.toml", profile="ieee-2018")
    with server.client("aggregator", profile="ieee-2018", on_exchange=exchanges.append) as client:
        client.register(site)
    for exchange in exchanges:
        if exchange.response.content:
            assert exchange.response.headers["content-type"] == "application/sep+xml"
            if exchange.response.status < 400:
                assert validate(exchange.response.content, profile="ieee-2018") == []
