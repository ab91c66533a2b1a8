"""Servers by their records: what makes one usable, why others are refused, and which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.dns_sd.servers import (
    FoundServer,
    FoundServers,
    RefusedService,
    Service,
    choose_server,
    read_service,
)
from envoy.dns_sd.txt import write_txt
from envoy.errors import DiscoveryError
from envoy.urls import entry_of, server_url

TXT: dict[str, str | None] = {"txtvers": "1", "dcap": "/dcap", "https": "8443", "level": "-S1"}
SERVICE = Service("utility", False, "utility.local", 80, ("192.0.2.1",), write_txt(TXT))


def service(name: str = "utility", /, *, left_out: str = "", **changes: str | None) -> Service:
    """Return a service with other values in its TXT record; those that are new come last."""
    values = {key: value for key, value in {**TXT, **changes}.items() if key != left_out}
    return replace(SERVICE, instance=name, txt=write_txt(values))


def server(of: Service) -> FoundServer:
    found = read_service(of)
    assert isinstance(found, FoundServer)
    return found


def test_the_port_for_tls_is_that_of_the_key_and_not_of_srv() -> None:
    assert server(service()).url == "https://192.0.2.1:8443/dcap"
    assert server(service(https=None)).url == server(service(https="")).url == "https://192.0.2.1/dcap"
    assert server(service(left_out="https")).url == "http://192.0.2.1/dcap"
    assert server(replace(service(left_out="https"), port=8080)).url == "http://192.0.2.1:8080/dcap"


def test_what_the_record_says_is_there() -> None:
    found = server(replace(service(path="/edev/7", dcap="/api/v1/dcap", level="+s2", vendor="acme"), own=True))
    assert (found.url, found.path, found.level) == ("https://192.0.2.1:8443/api/v1/dcap", "/edev/7", "+S2")
    assert found.own and found.has_tls and found.txt["vendor"] == "acme" and found.host == "utility.local"


@pytest.mark.parametrize(
    ("addresses", "netloc"),
    [
        (("2001:db8::1", "192.0.2.1"), "192.0.2.1"),
        (("169.254.3.4", "fd00::1"), "[fd00::1]"),
        (("fe80::1", "169.254.3.4"), "169.254.3.4"),
    ],
)
def test_the_address_is_one_that_can_be_connected_to(addresses: tuple[str, ...], netloc: str) -> None:
    assert server(replace(SERVICE, addresses=addresses)).url == f"https://{netloc}:8443/dcap"


REFUSED = {
    "no record": replace(SERVICE, txt=None),
    "empty record": replace(SERVICE, txt=b"\0"),
    "no txtvers": service(left_out="txtvers"),
    "txtvers not first": replace(SERVICE, txt=write_txt({"dcap": "/dcap", **TXT})),
    "txtvers 2": service(txtvers="2"),
    "txtvers without a value": service(txtvers=None),
    "no dcap": service(left_out="dcap"),
    "empty dcap": service(dcap=""),
    "dcap of another host": service(dcap="//attacker.example/dcap"),
    "dcap without slash": service(dcap="dcap"),
    "dcap is a URL": service(dcap="https://attacker.example/dcap"),
    "dcap with spaces": service(dcap="/d cap"),
    "dcap commands a terminal": service(dcap="/\x1b[31m"),
    "no level": service(left_out="level"),
    "level unknown": service(level="S1"),
    "path of another host": service(path="//attacker.example/"),
    "https is no port": service(https="65536"),
    "https is text": service(https="yes"),
    "no SRV": replace(SERVICE, host="", port=0),
    "no port without TLS": replace(service(left_out="https"), port=0),
    "no address": replace(SERVICE, addresses=()),
    "only addresses of a link": replace(SERVICE, addresses=("fe80::1", "0.0.0.0", "224.0.0.251")),  # noqa: S104
}


def test_what_cannot_be_used_is_refused_with_the_reason(snapshot: SnapshotAssertion) -> None:
    reasons = {}
    for name, of in REFUSED.items():
        found = read_service(of)
        assert isinstance(found, RefusedService), name
        reasons[name] = found.reason
    assert reasons == snapshot


@given(
    st.builds(
        Service,
        st.text(),
        st.booleans(),
        st.text(),
        st.integers(min_value=0, max_value=0xFFFF),
        st.lists(st.ip_addresses().map(str)).map(tuple),
        st.binary()
        | st.fixed_dictionaries(
            {
                "txtvers": st.just("1"),
                "dcap": st.sampled_from(["/dcap", "//x", "/a b"]) | st.text(max_size=20).map(lambda text: f"/{text}"),
                "level": st.sampled_from(["-S1", "+S2", "S", ""]),
            },
            optional={
                "https": st.none() | st.text(max_size=5) | st.integers(-1, 70000).map(str),
                "path": st.text(max_size=9),
            },
        ).map(write_txt),
    )
)
def test_whatever_the_records_are_a_server_has_a_url_of_that_host(of: Service) -> None:
    found = read_service(of)
    if isinstance(found, FoundServer):
        url = server_url(found.url)
        assert url.host in of.addresses and (entry_of(url) or "/") == found.txt["dcap"]
    else:
        assert found.reason


def test_names_of_one_server_are_one_server_and_own_ones_come_first() -> None:
    other = replace(service("a"), addresses=("192.0.2.9",))
    own = replace(service("utility edev", path="/edev/7"), own=True)
    found = FoundServers.of([other, service(), own, service("b", left_out="level")])
    assert [(each.url, each.own, each.path) for each in found.servers] == [
        ("https://192.0.2.1:8443/dcap", True, "/edev/7"),
        ("https://192.0.2.9:8443/dcap", False, ""),
    ]
    assert [each.instance for each in found.refused] == ["b"]


def test_the_server_with_our_end_device_is_chosen_or_the_only_one() -> None:
    other = replace(service("a"), addresses=("192.0.2.9",))
    without_tls = replace(service("c", left_out="https"), addresses=("192.0.2.8",))
    own = replace(SERVICE, own=True)
    assert choose_server(FoundServers.of([other, own])).url == "https://192.0.2.1:8443/dcap"
    assert choose_server(FoundServers.of([other, without_tls])).url == "https://192.0.2.9:8443/dcap"


def test_who_claims_to_have_our_end_device_and_is_not_trusted_is_passed_over() -> None:
    def probe(servers: Sequence[FoundServer]) -> list[str]:
        probed.extend(each.url for each in servers)
        return ["not trusted" if "192.0.2.66" in each.url else "" for each in servers]

    rogue = replace(service("rogue"), own=True, addresses=("192.0.2.66",))
    right, other = replace(SERVICE, own=True), replace(service("a"), addresses=("192.0.2.9",))
    for services, chosen, count in (
        ([rogue, right, other], right, 2),
        ([rogue, other], other, 2),
        ([other, right], right, 1),
        ([rogue], rogue, 0),
    ):
        probed: list[str] = []
        assert choose_server(FoundServers.of(services), probe).url.startswith(f"https://{chosen.addresses[0]}:")
        assert len(probed) == count
    with pytest.raises(DiscoveryError) as caught:
        choose_server(FoundServers.of([rogue, right, replace(other, own=True)]), probe)
    assert "192.0.2.66" not in str(caught.value) and "192.0.2.9" in str(caught.value)
    second = replace(service("b", https="1"), own=True, addresses=("192.0.2.66",))
    with pytest.raises(DiscoveryError) as caught:
        choose_server(FoundServers.of([rogue, second]), probe)
    assert str(caught.value).count("not trusted") == 2


def test_where_it_is_not_clear_which_server_is_meant_all_are_named(snapshot: SnapshotAssertion) -> None:
    other = replace(service("a"), addresses=("192.0.2.9",))
    without_tls = replace(service("c", left_out="https"), addresses=("192.0.2.8",))
    texts = []
    for services in (
        [],
        [SERVICE, other],
        [replace(SERVICE, own=True), replace(other, own=True), replace(service("d"), addresses=("192.0.2.7",))],
        [without_tls, service("b", left_out="level")],
    ):
        with pytest.raises(DiscoveryError) as caught:
            choose_server(FoundServers.of(services))
        texts.append(str(caught.value))
    assert texts == snapshot
