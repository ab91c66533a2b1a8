"""The metering mirror of the server."""

from __future__ import annotations

from sep2 import (
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorUsagePoint,
    MirrorUsagePointList,
)
from tests.support.serving import Client, Server, mirror, reading, reason_of


def test_readings_are_mirrored(any_server: Server) -> None:
    with Client(any_server) as client:
        response = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x0a", "before"))
        path = response.headers["location"]
        assert response.status_code == 201
        response = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x0a", "after"))
        assert (response.status_code, response.headers["location"]) == (204, path)
        mirrors = client.load("/mup", MirrorUsagePointList)
        assert (mirrors.all, mirrors.mirror_usage_point[0].description) == (1, "after")
        assert client.load(path, MirrorUsagePoint).href == path

        response = client.send_object("POST", path, reading(b"\x0b"))
        assert (response.status_code, response.headers["location"]) == (201, f"{path}/mr/1")
        assert client.load(f"{path}/mr/1", MirrorMeterReading).mrid == b"\x0b"
        several = [reading(b"\x0b", 2, explained=False), reading(b"\x0c")]
        body = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=several)
        response = client.send_object("POST", path, body)
        assert (response.status_code, response.headers["location"]) == (201, f"{path}/mr")
        readings = client.load(f"{path}/mr", MirrorMeterReadingList, l=9)
        assert [item.mrid for item in readings.mirror_meter_reading] == [b"\x0b", b"\x0b", b"\x0c"]

        assert client.delete(path).status_code == 204
        assert client.send_object("POST", path, reading(b"\x0b")).status_code == 404


def test_a_set_of_readings_that_is_posted_twice_is_there_once(client: Client) -> None:
    path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
    first = client.send_object("POST", path, reading(b"\x02")).headers["location"]
    assert client.send_object("POST", path, reading(b"\x02", explained=False)).headers["location"] == first
    assert client.load(f"{path}/mr", MirrorMeterReadingList).all == 1


def test_the_first_reading_of_an_mrid_says_what_is_measured(client: Client) -> None:
    body = mirror(client.lfdi, b"\x01")
    body.mirror_meter_reading = [reading(b"\x02")]
    path = client.send_object("POST", "/mup", body).headers["location"]
    assert client.send_object("POST", path, reading(b"\x02", explained=False)).status_code == 201
    response = client.send_object("POST", path, reading(b"\x03", explained=False))
    assert (response.status_code, reason_of(response)) == (400, 1)


def test_too_many_readings_are_too_large(strict_server: Server) -> None:
    with Client(strict_server) as client:
        path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
        assert client.send_object("POST", path, reading(b"\x02", 3)).status_code == 201
        response = client.send_object("POST", path, reading(b"\x02", 4))
        assert (response.status_code, reason_of(response)) == (413, 2)
        body = mirror(client.lfdi, b"\x02")
        body.mirror_meter_reading = [reading(b"\x02", 2), reading(b"\x03", 2)]
        assert client.send_object("POST", "/mup", body).status_code == 413


def test_a_list_of_readings_is_taken_as_a_whole_or_not_at_all(client: Client) -> None:
    path = client.send_object("POST", "/mup", mirror(client.lfdi, b"\x01")).headers["location"]
    several = [reading(b"\x02"), reading(b"\x03", explained=False)]
    body = MirrorMeterReadingList(all=2, results=2, mirror_meter_reading=several)
    assert client.send_object("POST", path, body).status_code == 400
    assert client.load(f"{path}/mr", MirrorMeterReadingList).all == 0
