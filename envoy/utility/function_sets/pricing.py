"""Tariffs, as an EndDevice sees them: TariffProfiles, RateComponents, and prices of times (CSIP-AUS 1.3)."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

from envoy.utility.resource import ListResource, Reply, Resource, not_found
from envoy.utility.router import Route
from envoy.utility.tariffs import StoredPrice, StoredRate, StoredTariff, Tariffs
from sep2 import (
    ConsumptionBlockType,
    ConsumptionTariffInterval,
    ConsumptionTariffIntervalList,
    ConsumptionTariffIntervalListLink,
    ConsumptionTariffIntervalListSummary,
    ListLink,
    PowerOfTenMultiplierType,
    PrimacyType,
    RateComponent,
    RateComponentLink,
    RateComponentList,
    RateComponentListLink,
    ReadingType,
    ReadingTypeLink,
    ResponseRequired,
    RoleFlagsType,
    ServiceKind,
    TariffProfile,
    TariffProfileList,
    TimeTariffInterval,
    TimeTariffIntervalList,
    TimeTariffIntervalListLink,
    TOUType,
)
from sep2.resource import DateTimeInterval

_DESCRIPTION = 32
"""Most characters of a description."""


class _Priced(Resource):
    """A tariff of an EndDevice, or what is below it: ``/edev/1/tp/2``."""

    @property
    def tariffs(self) -> Tariffs:
        """The tariffs of the utility."""
        return Tariffs(self.store, self.programs.new_mrid)

    @property
    def tariff_path(self) -> str:
        """Path of the tariff."""
        return "/".join(self.path.split("/", 5)[:5])

    def load_tariff(self) -> StoredTariff:
        """Return the tariff."""
        number, seen = self.number(2), dict(self.programs.assignments_of(self.site()))
        found = [each for each in self.tariffs.tariffs() if each.number == number and each.fsa in seen]
        if not found:
            raise not_found()
        return found[0]

    def load_rate(self) -> StoredRate:
        """Return the rate."""
        number = self.number(4)
        found = [each for each in self.tariffs.rates(self.load_tariff().number) if each.number == number]
        if not found:
            raise not_found()
        return found[0]

    def load_price(self) -> StoredPrice:
        """Return the price."""
        found = self.tariffs.price(self.load_rate().number, self.number(6))
        if found is None:
            raise not_found()
        return found

    def present_tariff(self, tariff: StoredTariff) -> TariffProfile:
        href = f"{self.end_device}/tp/{tariff.number}"
        prices = self.tariffs.prices(self.now, tariff=tariff.number)
        return TariffProfile(
            href=href,
            mrid=tariff.mrid,
            description=tariff.name[:_DESCRIPTION],
            price_power_of_ten_multiplier=PowerOfTenMultiplierType(tariff.multiplier),
            primacy=PrimacyType(tariff.primacy),
            service_category_kind=ServiceKind.ELECTRICITY,
            rate_component_list_link=RateComponentListLink(
                href=f"{href}/rc", all=len(self.tariffs.rates(tariff.number))
            ),
            combined_time_tariff_interval_list_link=ListLink(href=f"{href}/ctti", all=len(prices)),
        )

    def present_rate(self, rate: StoredRate) -> RateComponent:
        href = f"{self.tariff_path}/rc/{rate.number}"
        prices = self.tariffs.prices(self.now, tariff=rate.tariff, rate=rate.number)
        return RateComponent(
            href=href,
            mrid=rate.mrid,
            role_flags=RoleFlagsType(rate.role_flags),
            reading_type_link=ReadingTypeLink(href=f"{href}/rt"),
            time_tariff_interval_list_link=TimeTariffIntervalListLink(href=f"{href}/tti", all=len(prices)),
        )

    def present_price(self, price: StoredPrice) -> TimeTariffInterval:
        rate = f"{self.tariff_path}/rc/{price.rate}"
        href = f"{rate}/tti/{price.number}"
        blocks = make_blocks(price, f"{href}/cti")
        return TimeTariffInterval(
            href=href,
            reply_to=f"{self.end_device}/rsps/tti/rsp",
            response_required=ResponseRequired.MESSAGE_RECEIVED | ResponseRequired.SPECIFIC_RESPONSE,
            mrid=price.mrid,
            creation_time=price.creation,
            event_status=price.status(self.now),
            interval=DateTimeInterval(duration=price.stop - price.start, start=price.start),
            consumption_tariff_interval_list_link=ConsumptionTariffIntervalListLink(
                href=f"{href}/cti", all=len(blocks)
            ),
            tou_tier=TOUType(0),
            consumption_tariff_interval_list_summary=ConsumptionTariffIntervalListSummary(
                href=f"{href}/cti", all=len(blocks), results=len(blocks), consumption_tariff_interval=blocks
            ),
            rate_component_link=RateComponentLink(href=rate),
        )


def make_blocks(price: StoredPrice, href: str) -> list[ConsumptionTariffInterval]:
    """Return the blocks of a price, below an href."""
    return [
        ConsumptionTariffInterval(
            href=f"{href}/{block}",
            consumption_block=ConsumptionBlockType(block),
            price=amount,
            start_value=start,
        )
        for block, (amount, start) in enumerate(json.loads(price.blocks), 1)
    ]


class TariffProfileListResource(_Priced, ListResource):
    """The tariffs in a function set assignment of an EndDevice."""

    list_class = TariffProfileList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        number = self.number(2)
        if number not in dict(self.programs.assignments_of(self.site())):
            raise not_found()
        return self.present_all(self.tariffs.tariffs(number), start, limit, self.present_tariff)


class TariffProfileResource(_Priced):
    """A tariff."""

    def get(self) -> Reply:
        return Reply(200, self.present_tariff(self.load_tariff()))


class RateComponentListResource(_Priced, ListResource):
    """The rates of a tariff."""

    list_class = RateComponentList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        return self.present_all(self.tariffs.rates(self.load_tariff().number), start, limit, self.present_rate)


class RateComponentResource(_Priced):
    """A rate."""

    def get(self) -> Reply:
        return Reply(200, self.present_rate(self.load_rate()))


class RateReadingTypeResource(_Priced):
    """What a rate is the price of."""

    def get(self) -> Reply:
        found: ReadingType = self.store.loads(self.load_rate().document)
        found.href = self.path
        return Reply(200, found)


class _Prices(_Priced, ListResource):
    """A list of prices. The schema has no element of its own for the one of a whole tariff."""

    list_class = TimeTariffIntervalList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        prices = [each for each in self.load_prices() if after is None or each.start > after]
        return self.present_all(prices, start, limit, self.present_price)

    def load_prices(self) -> list[StoredPrice]:
        """Return the prices, in order."""
        raise NotImplementedError


class CombinedTimeTariffIntervalListResource(_Prices):
    """The prices of a tariff, of all its rates."""

    def load_prices(self) -> list[StoredPrice]:
        return self.tariffs.prices(self.now, tariff=self.load_tariff().number)


class TimeTariffIntervalListResource(_Prices):
    """The prices of a rate."""

    def load_prices(self) -> list[StoredPrice]:
        rate = self.load_rate()
        return self.tariffs.prices(self.now, tariff=rate.tariff, rate=rate.number)


class TimeTariffIntervalResource(_Priced):
    """A price, also when it is over."""

    def get(self) -> Reply:
        return Reply(200, self.present_price(self.load_price()))


class ConsumptionTariffIntervalListResource(_Priced, ListResource):
    """The blocks of a price."""

    list_class = ConsumptionTariffIntervalList

    def read_page(self, start: int, limit: int, after: int | None) -> tuple[int, list[Any]]:
        return self.present_all(make_blocks(self.load_price(), self.path), start, limit, lambda block: block)


_OFFERED = attrgetter("csip_aus_1_3")
ROUTES = tuple(
    Route(pattern, resource, offered=_OFFERED)
    for pattern, resource in (
        ("/edev/{edev}/fsa/{fsa}/tp", TariffProfileListResource),
        ("/edev/{edev}/tp/{tp}", TariffProfileResource),
        ("/edev/{edev}/tp/{tp}/ctti", CombinedTimeTariffIntervalListResource),
        ("/edev/{edev}/tp/{tp}/rc", RateComponentListResource),
        ("/edev/{edev}/tp/{tp}/rc/{rc}", RateComponentResource),
        ("/edev/{edev}/tp/{tp}/rc/{rc}/rt", RateReadingTypeResource),
        ("/edev/{edev}/tp/{tp}/rc/{rc}/tti", TimeTariffIntervalListResource),
        ("/edev/{edev}/tp/{tp}/rc/{rc}/tti/{tti}", TimeTariffIntervalResource),
        ("/edev/{edev}/tp/{tp}/rc/{rc}/tti/{tti}/cti", ConsumptionTariffIntervalListResource),
    )
)
