"""An inquiry: what it asks, in which order, and what it makes of records that come in any order, or from anybody."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from envoy.dns_sd.advertisement import MOST_DEVICES, Instance, advertise
from envoy.dns_sd.inquiry import MOST_INSTANCES, SERVICE_TYPE, Inquiry, Kind, Question, Record
from envoy.dns_sd.txt import write_txt
from envoy.profiles import PROFILES

SFDI = 167261211391
OWN = Question(f"edev-{SFDI}._sub.{SERVICE_TYPE}", Kind.PTR)
ALL = Question(SERVICE_TYPE, Kind.PTR)
HOST = "utility.local."


def records_of(instances: list[Instance]) -> Iterator[Record]:
    """Return the records of a server that advertises instances."""
    for each in instances:
        yield Record(each.type, Kind.PTR, each.name)
        yield Record(each.name, Kind.SRV, HOST, 80)
        yield Record(each.name, Kind.TXT, octets=write_txt(each.txt))
    yield Record(HOST, Kind.A, "192.0.2.1")


def utility(devices: list[int]) -> list[Instance]:
    return list(
        advertise(
            "utility",
            PROFILES["csip-aus-1.2"],
            8443,
            function_sets={"edev": "/edev"},
            devices=[(sfdi, f"/edev/{number}") for number, sfdi in enumerate(devices)],
        )
    )


def test_the_end_device_is_asked_for_by_the_twelve_digits_of_its_sfdi() -> None:
    assert Inquiry((SFDI, 10018)).own_questions() == [OWN, Question(f"edev-000000010018._sub.{SERVICE_TYPE}", Kind.PTR)]
    assert (Inquiry().own_questions(), Inquiry().all_questions()) == ([], [ALL])


def test_what_is_named_and_not_known_yet_is_asked_for() -> None:
    inquiry = Inquiry()
    assert inquiry.open_questions() == []
    name = f"utility.{SERVICE_TYPE}"
    inquiry.take(Record(SERVICE_TYPE, Kind.PTR, name))
    assert inquiry.open_questions() == [Question(name, Kind.SRV), Question(name, Kind.TXT)]
    inquiry.take(Record(name.upper(), Kind.SRV, HOST, 80))
    inquiry.take(Record(name, Kind.TXT, octets=b"\0"))
    assert inquiry.open_questions() == [Question(HOST, Kind.A), Question(HOST, Kind.AAAA)]
    inquiry.take(Record(HOST.upper(), Kind.AAAA, "2001:db8::1"))
    assert inquiry.open_questions() == []


@given(st.permutations(list(records_of(utility([SFDI])))))
def test_a_server_is_found_whatever_the_order_of_its_records(records: list[Record]) -> None:
    inquiry = Inquiry((SFDI,))
    for record in records:
        inquiry.take(record)
        inquiry.take(record)
    (server,) = inquiry.found().servers
    assert (server.url, server.own, server.path, server.level) == (
        "https://192.0.2.1:8443/dcap",
        True,
        "/edev/0",
        "-S1",
    )
    stranger = Inquiry((10018,))
    for record in records:
        stranger.take(record)
    (server,) = stranger.found().servers
    assert (server.own, server.path) == (False, "")


def test_the_level_is_that_of_the_edition() -> None:
    levels = {
        name: next(advertise("a", profile, 443, function_sets={})).txt["level"]
        for name, profile in PROFILES.items()
        if profile.dialect == "standard"
    }
    assert {name for name, level in levels.items() if level == "-S2"} == {"ieee-2023"}
    assert set(levels.values()) == {"-S1", "-S2"}


def test_services_of_other_types_are_no_servers() -> None:
    inquiry = Inquiry()
    for name in ("printer._ipp._tcp.local.", f"x{SERVICE_TYPE}", SERVICE_TYPE, "utility._smartenergy._tcp.example."):
        inquiry.take(Record(SERVICE_TYPE, Kind.PTR, name))
    assert inquiry.open_questions() == [] and inquiry.found().refused == ()


def test_a_record_that_comes_later_counts() -> None:
    inquiry = Inquiry()
    for record in records_of(utility([])):
        inquiry.take(record)
    name = f"utility.{SERVICE_TYPE}"
    inquiry.take(
        Record(name, Kind.TXT, octets=write_txt({"txtvers": "1", "dcap": "/new", "https": None, "level": "-S2"}))
    )
    (server,) = inquiry.found().servers
    assert (server.url, server.level) == ("https://192.0.2.1/new", "-S2")


def test_nobody_can_have_it_ask_without_end() -> None:
    inquiry = Inquiry()
    for number in range(10 * MOST_INSTANCES):
        inquiry.take(Record(SERVICE_TYPE, Kind.PTR, f"{number}.{SERVICE_TYPE}"))
        inquiry.take(Record(HOST, Kind.A, f"192.0.2.{number % 256}"))
        inquiry.take(Record(f"0.{SERVICE_TYPE}", Kind.SRV, f"{number}.local."))
    assert len(inquiry.open_questions()) <= 2 * MOST_INSTANCES + 2
    assert len(inquiry.found().refused) == MOST_INSTANCES


@given(st.text(min_size=1, max_size=63).filter(lambda name: 0 < len(name.encode()) <= 63), st.integers(0, 300))
def test_an_advertisement_has_one_service_for_all_and_a_bounded_number_for_devices(name: str, devices: int) -> None:
    instances = list(
        advertise(
            name,
            PROFILES["ieee-2018"],
            443,
            function_sets={"tm": "/tm", "mup": "/mup"},
            devices=((10 * number, f"/edev/{number}") for number in range(devices)),
        )
    )
    assert [each.type for each in instances].count(SERVICE_TYPE) == 1 and "path" not in instances[0].txt
    assert len(instances) == 3 + min(devices, MOST_DEVICES)
    assert len({each.name for each in instances}) == len(instances)
    for each in instances:
        assert next(iter(each.txt)) == "txtvers"
        assert len(each.name.removesuffix(f".{SERVICE_TYPE}").encode()) <= 63
