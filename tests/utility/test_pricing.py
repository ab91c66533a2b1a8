"""Tariffs, their rates, and the prices of times, as a site sees them; and the responses to prices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envoy.errors import EnvoyError
from envoy.utility import ManualClock, Settings, Utility
from sep2 import (
    ConsumptionTariffIntervalList,
    FunctionSetAssignments,
    PriceResponse,
    RateComponent,
    RateComponentList,
    ReadingType,
    ResponseList,
    ResponseSetList,
    ResponseStatus,
    TariffProfile,
    TariffProfileList,
    TimeTariffInterval,
    TimeTariffIntervalList,
)
from tests.support.utilities import Client

NOW = 1_700_000_000


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def utility(clock: ManualClock) -> Iterator[Utility]:
    """A utility with a tariff of one rate, which has three prices."""
    with Utility(Settings("csip-aus-1.3", pre_registered=True, keep_events=3600), now=clock) as utility:
        utility.ask("tariff", name="night", primacy=3, multiplier=-3)
        utility.ask("rate", tariff=1, values={"uom": 72, "flow_direction": 1, "power_of_ten_multiplier": 0})
        for start, blocks in ((600, [[250, 0]]), (0, [[100, 0], [150, 1000]]), (0, [[-5, 0]])):
            utility.ask("price", rate=1, start=NOW + start, duration=600, blocks=blocks)
        yield utility


@pytest.fixture
def client(utility: Utility) -> Client:
    return Client(utility)


def prices_of(client: Client, path: str = "/edev/1/tp/1/ctti") -> list[TimeTariffInterval]:
    found: list[TimeTariffInterval] = client.load(path, TimeTariffIntervalList, l=99).time_tariff_interval
    return found


def test_links_lead_from_the_assignment_to_the_price(client: Client) -> None:
    assignment = client.load("/edev/1/fsa/1", FunctionSetAssignments)
    tariffs = client.load(assignment.tariff_profile_list_link.href, TariffProfileList, l=9)
    assert (tariffs.all, tariffs.poll_rate) == (1, 300)
    tariff = client.load(tariffs.tariff_profile[0].href, TariffProfile)
    assert (tariff.description, int(tariff.primacy), int(tariff.price_power_of_ten_multiplier)) == ("night", 3, -3)
    assert (tariff.rate_component_list_link.all, tariff.combined_time_tariff_interval_list_link.all) == (1, 3)
    rates = client.load(tariff.rate_component_list_link.href, RateComponentList, l=9)
    rate = client.load(rates.rate_component[0].href, RateComponent)
    assert int(client.load(rate.reading_type_link.href, ReadingType).uom) == 72
    price = client.load(prices_of(client, rate.time_tariff_interval_list_link.href)[-1].href, TimeTariffInterval)
    assert price.rate_component_link.href == rate.href
    assert price.reply_to == "/edev/1/rsps/tti/rsp"
    blocks = client.load(price.consumption_tariff_interval_list_link.href, ConsumptionTariffIntervalList, l=9)
    summary = price.consumption_tariff_interval_list_summary
    assert blocks.consumption_tariff_interval == summary.consumption_tariff_interval


def test_prices_are_in_order_and_follow_the_clock(client: Client, clock: ManualClock) -> None:
    def seen() -> list[tuple[int, int]]:
        return [(each.interval.start - NOW, int(each.event_status.current_status)) for each in prices_of(client)]

    assert seen() == [(0, 1), (0, 1), (600, 0)]
    assert [each.start_value for each in _blocks(client, 2)] == [0, 1000]
    client.utility.ask("cancel-price", price=1)
    assert seen() == [(0, 1), (0, 1), (600, 2)]
    clock.advance(600)
    assert seen() == [(600, 2)]
    assert client.get("/edev/1/tp/1/rc/1/tti/2").status == 200
    assert client.load("/edev/1/tp/1/ctti", TimeTariffIntervalList, a=NOW + 600).all == 0


def _blocks(client: Client, price: int) -> list[Any]:
    path = f"/edev/1/tp/1/rc/1/tti/{price}/cti"
    found: list[Any] = client.load(path, ConsumptionTariffIntervalList, l=9).consumption_tariff_interval
    return found


def test_responses_to_prices_are_kept_apart(client: Client, utility: Utility) -> None:
    price = prices_of(client)[0]

    def respond(path: str, subject: bytes) -> int:
        response = PriceResponse(
            created_date_time=NOW, end_device_lfdi=client.lfdi, status=ResponseStatus(1), subject=subject
        )
        return client.send("POST", path, response).status

    assert respond(price.reply_to, price.mrid) == 201
    assert respond("/edev/1/rsps/derc/rsp", price.mrid) == 400
    assert respond(price.reply_to, bytes(16)) == 400
    sets = client.load("/edev/1/rsps", ResponseSetList, l=9).response_set
    assert [(each.description, each.response_list_link.all) for each in sets] == [
        ("DERControl", 0),
        ("TimeTariffInterval", 1),
    ]
    assert len({each.mrid for each in sets}) == 2
    assert client.load("/edev/1/rsps/tti/rsp", ResponseList, l=9).response[0].subject == price.mrid
    found = utility.ask("price-responses")["responses"]
    assert [(each["status"], bytes.fromhex(each["lfdi"])) for each in found] == [(1, client.lfdi)]


def test_a_rate_that_goes_takes_its_prices(client: Client, utility: Utility) -> None:
    utility.ask("remove-rate", rate=1)
    assert prices_of(client) == []
    gone = ("/edev/1/tp/1/rc/1", "/edev/1/tp/1/rc/1/rt", "/edev/1/tp/1/rc/1/tti", "/edev/1/tp/1/rc/1/tti/1")
    assert [client.get(path).status for path in gone] == [404] * 4


def test_what_is_not_there_is_not_found(client: Client) -> None:
    paths = ("/edev/1/fsa/2/tp", "/edev/1/tp/2", "/edev/1/tp/x", "/edev/1/tp/1/rc/2", "/edev/1/tp/1/rc/1/tti/9")
    assert [client.get(path).status for path in paths] == [404] * 5


def test_prices_that_are_over_are_forgotten(client: Client, utility: Utility, clock: ManualClock) -> None:
    clock.advance(5000)
    assert client.get("/dcap").status == 200
    assert client.get("/edev/1/tp/1/rc/1/tti/1").status == 404


def test_there_are_no_tariffs_before_csip_aus_1_3() -> None:
    with Utility(Settings(pre_registered=True), now=lambda: NOW) as utility:
        client = Client(utility)
        utility.ask("tariff", name="night")
        assert client.load("/edev/1/fsa/1", FunctionSetAssignments).tariff_profile_list_link is None
        assert client.load("/edev/1/rsps", ResponseSetList, l=9).all == 1
        assert [client.get(path).status for path in ("/edev/1/tp/1", "/edev/1/rsps/tti/rsp")] == [404, 404]


@pytest.mark.parametrize(
    ("order", "parts"),
    [
        ("tariff", {"name": "a", "primacy": 999}),
        ("tariff", {"name": "a", "multiplier": 10}),
        ("rate", {"tariff": 9, "values": {"uom": 72}}),
        ("rate", {"tariff": 1, "values": {"uom": "loud"}}),
        ("price", {"rate": 9, "duration": 1, "blocks": [[1, 0]]}),
        ("price", {"rate": 1, "duration": 1, "blocks": []}),
        ("price", {"rate": 1, "duration": 1, "blocks": [1]}),
        ("price", {"rate": 1, "duration": 1, "blocks": [[1 << 40, 0]]}),
        ("cancel-price", {"price": 9}),
        ("remove-rate", {"rate": 9}),
    ],
)
def test_an_order_that_cannot_be_followed_changes_nothing(utility: Utility, order: str, parts: dict[str, Any]) -> None:
    with pytest.raises(EnvoyError):
        utility.ask(order, **parts)
