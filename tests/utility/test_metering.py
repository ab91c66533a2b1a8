"""The metering mirror of the server."""

from __future__ import annotations

from envoy.documents import dumps
from envoy.utility import Settings, Utility
from sep2 import (
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorUsagePoint,
    MirrorUsagePointList,
)
from tests.support.utilities import Client, mirror, reading, reason_of


def test_readings_are_mirrored(any_utility: Utility) -> None:
    client = Client(any_utility)
    response = client.send("POST", "/mup", mirror(client.lfdi, b"\x0a", "before"))
    path = response.location
    assert response.status == 201
    response = client.send("POST", "/mup", mirror(client.lfdi, b"\x0a", "after"))
    assert (response.status, response.location) == (204, path)
    mirrors = client.load("/mup", MirrorUsagePointList)
    assert (mirrors.all, mirrors.mirror_usage_point[0].description) == (1, "after")
    assert client.load(path, MirrorUsagePoint).href == path

    response = client.send("POST", path, reading(b"\x0b"))
    assert (response.status, response.location) == (201, f"{path}/mr/1")
    assert client.load(f"{path}/mr/1", MirrorMeterReading).mrid == b"\x0b"
    several = [reading(b"\x0b", 2, explained=False), reading(b"\x0c")]
    body = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=several)
    response = client.send("POST", path, body)
    assert (response.status, response.location) == (201, f"{path}/mr")
    readings = client.load(f"{path}/mr", MirrorMeterReadingList, l=9)
    assert [item.mrid for item in readings.mirror_meter_reading] == [b"\x0b", b"\x0b", b"\x0c"]

    assert client.delete(path).status == 204
    assert client.send("POST", path, reading(b"\x0b")).status == 404


def test_a_set_of_readings_that_is_posted_twice_is_there_once(client: Client) -> None:
    path = client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location
    first = client.send("POST", path, reading(b"\x02")).location
    assert client.send("POST", path, reading(b"\x02", explained=False)).location == first
    assert client.load(f"{path}/mr", MirrorMeterReadingList).all == 1


def test_the_first_reading_of_an_mrid_says_what_is_measured(client: Client) -> None:
    body = mirror(client.lfdi, b"\x01")
    body.mirror_meter_reading = [reading(b"\x02")]
    path = client.send("POST", "/mup", body).location
    assert client.send("POST", path, reading(b"\x02", explained=False)).status == 201
    response = client.send("POST", path, reading(b"\x03", explained=False))
    assert (response.status, reason_of(response)) == (400, 1)


def test_an_mrid_of_readings_belongs_to_one_client(client: Client, other_client: Client) -> None:
    body = mirror(client.lfdi, b"\x01")
    body.mirror_meter_reading = [reading(b"\x02")]
    for status in (201, 204):
        assert client.send("POST", "/mup", body).status == status
    assert client.send("POST", "/mup", mirror(client.lfdi, b"\x03")).status == 201
    assert client.send("POST", "/mup/2", reading(b"\x02")).status == 201

    path = other_client.send("POST", "/mup", mirror(other_client.lfdi, b"\x01")).location
    for response in (other_client.send("POST", "/mup", body), other_client.send("POST", path, reading(b"\x02"))):
        assert (response.status, reason_of(response)) == (400, 1)
    assert other_client.load(path, MirrorUsagePoint).mirror_meter_reading == []
    assert other_client.load(f"{path}/mr", MirrorMeterReadingList).all == 0


def test_in_2023_the_mrid_of_another_client_is_forbidden() -> None:
    with Utility(Settings("ieee-2023")) as utility:
        client, other = Client(utility), Client(utility)
        assert client.send("POST", client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location, reading(b"\x02"))
        path = other.send("POST", "/mup", mirror(other.lfdi, b"\x03")).location
        assert other.send("POST", path, reading(b"\x02")).status == 403
        assert other.send("POST", path, reading(b"\x04", explained=False)).status == 400


def test_too_many_readings_are_too_large(strict_utility: Utility) -> None:
    client = Client(strict_utility)
    path = client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location
    assert client.send("POST", path, reading(b"\x02", 3)).status == 201
    response = client.send("POST", path, reading(b"\x02", 4))
    assert (response.status, reason_of(response)) == (413, 2)
    body = mirror(client.lfdi, b"\x02")
    body.mirror_meter_reading = [reading(b"\x02", 2), reading(b"\x03", 2)]
    assert client.send("POST", "/mup", body).status == 413


def test_a_lenient_utility_takes_a_list_of_readings_without_numbers_and_warns() -> None:
    log: list[str] = []
    several = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=[reading(b"\x02"), reading(b"\x03")])
    whole = dumps(several)
    for lenient, status in ((False, 400), (True, 201)):
        with Utility(Settings(lenient=lenient), log=log.append) as utility:
            client = Client(utility)
            path = client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location
            for missing in (b' all="2"', b' results="2"'):
                assert client.request("POST", path, whole.replace(missing, b"")).status == status
                assert ("warning" in log[-1]) is lenient
            assert client.request("POST", path, whole).status == 201
            assert "warning" not in log[-1]
            assert client.load(f"{path}/mr", MirrorMeterReadingList, l=9).all == 2


def test_a_list_of_readings_is_taken_as_a_whole_or_not_at_all(client: Client) -> None:
    path = client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location
    several = [reading(b"\x02"), reading(b"\x03", explained=False)]
    body = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=several)
    assert client.send("POST", path, body).status == 400
    assert client.load(f"{path}/mr", MirrorMeterReadingList).all == 0


def test_a_mirror_expires_that_nothing_is_posted_to() -> None:
    now = 1000.0
    with Utility(Settings(mirror_lifetime=60, post_rate=300), now=lambda: now) as utility:
        client = Client(utility)
        path = client.send("POST", "/mup", mirror(client.lfdi, b"\x01")).location
        now += 59
        assert client.send("POST", path, reading(b"\x02")).status == 201
        now += 59
        assert client.load(path, MirrorUsagePoint).post_rate == 300
        now += 1
        assert client.get(path).status == client.get(f"{path}/mr").status == 404
        assert client.load("/mup", MirrorUsagePointList).all == 0
        assert client.send("POST", path, reading(b"\x02")).status == 404
