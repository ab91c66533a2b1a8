"""Pricing: tariffs that a server publishes, as tariff profiles with rate components, their time intervals, and prices by
consumption block. The prices inform and steer devices; the bill is a matter of billing.

Generated from schema/sep/pricing.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.links import (
    ActiveTimeTariffIntervalListLink,
    ConsumptionTariffIntervalListLink,
    ListLink,
    RateComponentLink,
    RateComponentListLink,
    ReadingTypeLink,
    TimeTariffIntervalListLink,
)
from sep2.quantities import UnitValueType
from sep2.resource import (
    IdentifiedObject,
    List,
    RandomizableEvent,
    Resource,
    SubscribableList,
)
from sep2.types import (
    ConsumptionBlockType,
    CurrencyCode,
    PowerOfTenMultiplierType,
    PrimacyType,
    RoleFlagsType,
    ServiceKind,
    SubscribableType,
    TOUType,
)


class CostKindType(Code):
    """Which environmental figure an EnvironmentalCost carries, and with it the unit of the amount."""

    CARBON_DIOXIDE_EMISSIONS = 0
    """CO2 set free, in g per unit of the commodity."""
    SULFUR_DIOXIDE_EMISSIONS = 1
    """SO2 set free, in g per unit of the commodity."""
    NITROGEN_OXIDES_EMISSIONS = 2
    """NOx set free, in g per unit of the commodity."""
    RENEWABLE_GENERATION = 3
    """Share of renewables in the generation, in %."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class GeographicLocationType(ComplexType):
    """
    A place by its country and a part of that.

    Attributes:
        country: The country.
        subdivision: The part of the country, such as a state.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    country: str = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
            "max_length": 2,
        }
    )
    subdivision: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
            "max_length": 3,
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class EnvironmentalCost(ComplexType):
    """
    An environmental figure next to the price, with a level that lets a simple device react without knowing the
    figure's usual range.

    Attributes:
        amount: The figure itself; costKind says what it is. Unit: g per unit of the commodity, or % for
            renewable generation.
        cost_kind: What the amount stands for: an emission or the renewable share.
        cost_level: Level of this amount on a scale of numCostLevels steps; 0 is the most favourable one.
        num_cost_levels: How many levels the scale of costLevel has.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    amount: int = field(
        metadata={
            "type": "Element",
        }
    )
    cost_kind: CostKindType = field(
        metadata={
            "name": "costKind",
            "type": "Element",
        }
    )
    cost_level: int = field(
        metadata={
            "name": "costLevel",
            "type": "Element",
        }
    )
    num_cost_levels: int = field(
        metadata={
            "name": "numCostLevels",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RateComponent(IdentifiedObject):
    """
    One part of a tariff, for example the price of energy taken from the grid or the one paid for feed-in.

    The server provides it.

    Attributes:
        active_time_tariff_interval_list_link: The time intervals in force right now.
        flow_rate_end_limit: Upper end of the demand or flow range this component applies to; absent means no
            upper end.
        flow_rate_start_limit: Lower end of the demand or flow range this component applies to; absent means from
            zero.
        reading_type_link: Quantity that is priced, with its unit and direction.
        role_flags: Kind of usage point the component is meant for, such as premises, DER or electric vehicle.
        time_tariff_interval_list_link: All time intervals of this component, present and future ones.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    active_time_tariff_interval_list_link: None | ActiveTimeTariffIntervalListLink = field(
        default=None,
        metadata={
            "name": "ActiveTimeTariffIntervalListLink",
            "type": "Element",
        },
    )
    flow_rate_end_limit: None | UnitValueType = field(
        default=None,
        metadata={
            "name": "flowRateEndLimit",
            "type": "Element",
        },
    )
    flow_rate_start_limit: None | UnitValueType = field(
        default=None,
        metadata={
            "name": "flowRateStartLimit",
            "type": "Element",
        },
    )
    reading_type_link: ReadingTypeLink = field(
        metadata={
            "name": "ReadingTypeLink",
            "type": "Element",
        }
    )
    role_flags: RoleFlagsType = field(
        metadata={
            "name": "roleFlags",
            "type": "Element",
            "format": "base16",
        }
    )
    time_tariff_interval_list_link: TimeTariffIntervalListLink = field(
        metadata={
            "name": "TimeTariffIntervalListLink",
            "type": "Element",
        }
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TariffProfile(IdentifiedObject):
    """
    A tariff as the server offers it.

    It fixes the currency and scale for every price below it.

    Attributes:
        binding_prices: true: the prices are those that are billed; false: they are for information.
        currency: Currency of all prices of this tariff, as ISO 4217 number.
        date_announced: When the tariff was made known. Unit: s since 1970.
        date_effective: From when on the tariff holds. Unit: s since 1970.
        local_price: true: the prices are those of a place, such as a node of the network.
        location: Where the tariff holds.
        price_power_of_ten_multiplier: Power of ten for all prices of this tariff: -3 with a price of 125 means
            0.125.
        primacy: Priority against other tariffs for the same service; the lower number wins.
        rate_code: Short code of the tariff as the supplier uses it.
        rate_code_long: Code of the tariff, where rateCode is too short for it.
        rate_component_list_link: The parts this tariff is made of.
        retailer: Code of the retailer.
        retailer_long: Name of the retailer, where retailer is too short for it.
        service_category_kind: Service the tariff is for: electricity, gas, water and so on.
        tariff_description_external_uri: Where a description of the tariff for people is.
        combined_time_tariff_interval_list_link: Leads to all tariff intervals of this tariff in one list;
            required in CSIP-AUS 1.3.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    binding_prices: None | bool = field(
        default=None,
        metadata={
            "name": "bindingPrices",
            "type": "Element",
            "edition": "2023",
        },
    )
    currency: None | CurrencyCode = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    date_announced: None | int = field(
        default=None,
        metadata={
            "name": "dateAnnounced",
            "type": "Element",
            "edition": "2023",
        },
    )
    date_effective: None | int = field(
        default=None,
        metadata={
            "name": "dateEffective",
            "type": "Element",
            "edition": "2023",
        },
    )
    local_price: None | bool = field(
        default=None,
        metadata={
            "name": "localPrice",
            "type": "Element",
            "edition": "2023",
        },
    )
    location: None | GeographicLocationType = field(
        default=None,
        metadata={
            "type": "Element",
            "edition": "2023",
        },
    )
    price_power_of_ten_multiplier: None | PowerOfTenMultiplierType = field(
        default=None,
        metadata={
            "name": "pricePowerOfTenMultiplier",
            "type": "Element",
        },
    )
    primacy: PrimacyType = field(
        metadata={
            "type": "Element",
        }
    )
    rate_code: None | str = field(
        default=None,
        metadata={
            "name": "rateCode",
            "type": "Element",
            "max_length": 20,
        },
    )
    rate_code_long: None | str = field(
        default=None,
        metadata={
            "name": "rateCodeLong",
            "type": "Element",
            "max_length": 42,
            "edition": "2023",
        },
    )
    rate_component_list_link: None | RateComponentListLink = field(
        default=None,
        metadata={
            "name": "RateComponentListLink",
            "type": "Element",
        },
    )
    retailer: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 20,
            "edition": "2023",
        },
    )
    retailer_long: None | str = field(
        default=None,
        metadata={
            "name": "retailerLong",
            "type": "Element",
            "max_length": 42,
            "edition": "2023",
        },
    )
    service_category_kind: ServiceKind = field(
        metadata={
            "name": "serviceCategoryKind",
            "type": "Element",
        }
    )
    tariff_description_external_uri: None | str = field(
        default=None,
        metadata={
            "name": "tariffDescriptionExternalURI",
            "type": "Element",
            "white_space": "collapse",
            "edition": "2023",
        },
    )
    combined_time_tariff_interval_list_link: None | ListLink = field(
        default=None,
        metadata={
            "name": "CombinedTimeTariffIntervalListLink",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConsumptionTariffInterval(Resource):
    """
    Price of one consumption block within a time interval of the tariff.

    The entry with the highest start value that consumption has passed is the one that counts.

    Attributes:
        consumption_block: Number of the block; 0 when the tariff has no blocks.
        environmental_cost: Environmental side of this interval, such as emissions or the renewable share; may
            repeat.
        price: Price per unit of the ReadingType of the rate component. Scale and currency come from the
            TariffProfile; may be negative. Unit: currency x 10^pricePowerOfTenMultiplier per unit.
        start_value: Consumption at which the block starts; 0 for the first block. Unit: unit and multiplier of
            the ReadingType of the rate component.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    consumption_block: ConsumptionBlockType = field(
        metadata={
            "name": "consumptionBlock",
            "type": "Element",
        }
    )
    environmental_cost: list[EnvironmentalCost] = field(
        default_factory=list,
        metadata={
            "name": "EnvironmentalCost",
            "type": "Element",
        },
    )
    price: None | int = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    start_value: int = field(
        metadata={
            "name": "startValue",
            "type": "Element",
            "max_inclusive": 281474976710655,
        }
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RateComponentList(List):
    """
    The rate components of one tariff, or those that price one meter reading.

    Attributes:
        rate_component: One part of the tariff.
        subscribable: Whether a client may subscribe to changes of this list.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> RateComponent: ...

    rate_component: list[RateComponent] = field(
        default_factory=list,
        metadata={
            "name": "RateComponent",
            "type": "Element",
        },
    )
    subscribable: SubscribableType = field(
        default=SubscribableType.NOT_SUBSCRIBABLE,
        metadata={
            "type": "Attribute",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TariffProfileList(SubscribableList):
    """
    The tariffs this client may see on the server.

    Attributes:
        tariff_profile: One tariff.
        poll_rate: How often a client should fetch this list again when it has no subscription. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> TariffProfile: ...

    tariff_profile: list[TariffProfile] = field(
        default_factory=list,
        metadata={
            "name": "TariffProfile",
            "type": "Element",
        },
    )
    poll_rate: int = field(
        default=900,
        metadata={
            "name": "pollRate",
            "type": "Attribute",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConsumptionTariffIntervalList(List):
    """
    The blocks and prices that belong to one time interval of the tariff, in order of their start values.

    Attributes:
        consumption_tariff_interval: One block with its price.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> ConsumptionTariffInterval: ...

    consumption_tariff_interval: list[ConsumptionTariffInterval] = field(
        default_factory=list,
        metadata={
            "name": "ConsumptionTariffInterval",
            "type": "Element",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConsumptionTariffIntervalListSummary(ConsumptionTariffIntervalList):
    """
    The consumption blocks of a tariff interval, given inline to save the request for their list.
    """

    class Meta:
        namespace = "https://csipaus.org/ns/v1.3"


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TimeTariffInterval(RandomizableEvent):
    """
    An event that says which time-of-use tier applies, from when and for how long.

    The price itself is one link further, by consumption block.

    Attributes:
        consumption_tariff_interval_list_link: Prices during this interval, one per consumption block.
        tou_tier: Time-of-use tier that applies during the interval.
        consumption_tariff_interval_list_summary: The prices of this interval, inline; required in CSIP-AUS 1.3.
        rate_component_link: The RateComponent that this interval belongs to; required in CSIP-AUS 1.3.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    consumption_tariff_interval_list_link: None | ConsumptionTariffIntervalListLink = field(
        default=None,
        metadata={
            "name": "ConsumptionTariffIntervalListLink",
            "type": "Element",
        },
    )
    tou_tier: TOUType = field(
        metadata={
            "name": "touTier",
            "type": "Element",
        }
    )
    consumption_tariff_interval_list_summary: None | ConsumptionTariffIntervalListSummary = field(
        default=None,
        metadata={
            "name": "ConsumptionTariffIntervalListSummary",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    rate_component_link: None | RateComponentLink = field(
        default=None,
        metadata={
            "name": "RateComponentLink",
            "type": "Element",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TimeTariffIntervalList(SubscribableList):
    """
    Time intervals of one rate component, ordered by start time.

    Attributes:
        time_tariff_interval: One interval with its tier.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> TimeTariffInterval: ...

    time_tariff_interval: list[TimeTariffInterval] = field(
        default_factory=list,
        metadata={
            "name": "TimeTariffInterval",
            "type": "Element",
        },
    )
    poll_rate: int = field(
        default=900,
        metadata={
            "name": "pollRate",
            "type": "Attribute",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )
