"""Billing: a customer's accounts and agreements with a supplier, the amounts of each billing period, and consumption that
is past, expected or aimed at. It informs the customer and does not take the place of the bill.

Generated from schema/sep/billing.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.links import (
    ActiveBillingPeriodListLink,
    ActiveProjectionReadingListLink,
    ActiveTargetReadingListLink,
    BillingPeriodListLink,
    BillingReadingListLink,
    BillingReadingSetListLink,
    CustomerAgreementListLink,
    HistoricalReadingListLink,
    PrepaymentLink,
    ProjectionReadingListLink,
    ReadingTypeLink,
    ServiceSupplierLink,
    TargetReadingListLink,
    TariffProfileLink,
    UsagePointLink,
)
from sep2.metering import (
    MeterReadingBase,
    ReadingBase,
    ReadingSetBase,
)
from sep2.resource import (
    DateTimeInterval,
    IdentifiedObject,
    List,
    Resource,
    SubscribableList,
)
from sep2.types import PowerOfTenMultiplierType


class ChargeKind(Code):
    """What an amount on the bill is for."""

    CONSUMPTION_CHARGE = 0
    """For the quantity used."""
    REBATE = 1
    """Money back to the customer."""
    AUXILIARY_CHARGE = 2
    """Additional fee beside consumption."""
    DEMAND_CHARGE = 3
    """For peak demand."""
    TAX_CHARGE = 4
    """Taxes."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class BillingMeterReadingBase(MeterReadingBase):
    """
    What historical, projected and target readings have in common: sets of billing readings and the type that
    explains them.

    Attributes:
        billing_reading_set_list_link: The sets of readings, grouped by period.
        reading_type_link: Unit, multiplier and direction of the readings.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    billing_reading_set_list_link: None | BillingReadingSetListLink = field(
        default=None,
        metadata={
            "name": "BillingReadingSetListLink",
            "type": "Element",
        },
    )
    reading_type_link: None | ReadingTypeLink = field(
        default=None,
        metadata={
            "name": "ReadingTypeLink",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class BillingPeriod(Resource):
    """
    One stretch of time that is billed together, with what it has cost so far.

    Amounts take currency and scale from the CustomerAccount.

    Attributes:
        bill_last_period: What the billing period before this one came to. Unit: currency x
            10^pricePowerOfTenMultiplier of the CustomerAccount.
        bill_to_date: What this billing period has come to so far. Unit: currency x 10^pricePowerOfTenMultiplier
            of the CustomerAccount.
        interval: Start and length of the billing period.
        status_time_stamp: When the amounts were last brought up to date.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    bill_last_period: None | int = field(
        default=None,
        metadata={
            "name": "billLastPeriod",
            "type": "Element",
            "min_inclusive": -140737488355328,
            "max_inclusive": 140737488355328,
        },
    )
    bill_to_date: None | int = field(
        default=None,
        metadata={
            "name": "billToDate",
            "type": "Element",
            "min_inclusive": -140737488355328,
            "max_inclusive": 140737488355328,
        },
    )
    interval: DateTimeInterval = field(
        metadata={
            "type": "Element",
        }
    )
    status_time_stamp: None | int = field(
        default=None,
        metadata={
            "name": "statusTimeStamp",
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
class BillingReadingSet(ReadingSetBase):
    """
    A group of billing readings over one time period, such as a month.

    Attributes:
        billing_reading_list_link: The readings of this set.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    billing_reading_list_link: None | BillingReadingListLink = field(
        default=None,
        metadata={
            "name": "BillingReadingListLink",
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
class Charge(ComplexType):
    """
    One item of money on a billing reading.

    A rebate is a charge too, so look at the kind as well as the value.

    Attributes:
        description: Short readable label of the charge.
        kind: What sort of charge it is.
        value: Amount of the charge. Currency and scale come from the CustomerAccount. Unit: currency x
            10^pricePowerOfTenMultiplier of the CustomerAccount.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    description: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 20,
        },
    )
    kind: None | ChargeKind = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CustomerAccount(IdentifiedObject):
    """
    A customer's account with a supplier.

    It fixes currency and scale for all amounts of its agreements.

    Attributes:
        currency: Currency of all amounts of this account, as ISO 4217 number (36 is AUD, 840 USD, 978 EUR).
        customer_account: Account number as the supplier prints it.
        customer_agreement_list_link: Agreements that belong to this account.
        customer_name: Name of the customer.
        price_power_of_ten_multiplier: Power of ten for all amounts of this account: -2 with an amount of 1999
            means 19.99.
        service_supplier_link: The supplier the account is held with.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    currency: int = field(
        metadata={
            "type": "Element",
        }
    )
    customer_account: None | str = field(
        default=None,
        metadata={
            "name": "customerAccount",
            "type": "Element",
            "max_length": 42,
        },
    )
    customer_agreement_list_link: None | CustomerAgreementListLink = field(
        default=None,
        metadata={
            "name": "CustomerAgreementListLink",
            "type": "Element",
        },
    )
    customer_name: None | str = field(
        default=None,
        metadata={
            "name": "customerName",
            "type": "Element",
            "max_length": 42,
        },
    )
    price_power_of_ten_multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "name": "pricePowerOfTenMultiplier",
            "type": "Element",
        }
    )
    service_supplier_link: None | ServiceSupplierLink = field(
        default=None,
        metadata={
            "name": "ServiceSupplierLink",
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
class CustomerAgreement(IdentifiedObject):
    """
    What a customer has agreed with the supplier for one service at one location.

    It ties together tariff, meter, billing data and prepayment.

    Attributes:
        active_billing_period_list_link: The billing period running now.
        active_projection_reading_list_link: Projections in force right now.
        active_target_reading_list_link: Targets in force right now.
        billing_period_list_link: All billing periods the server keeps.
        historical_reading_list_link: Consumption and charges of past periods.
        prepayment_link: Prepayment data, when the service is paid in advance.
        projection_reading_list_link: Expected consumption and charges.
        service_account: Number of the service account as the supplier uses it.
        service_location: Address or other description of the place that is served.
        target_reading_list_link: Consumption and charges the customer aims for.
        tariff_profile_link: Tariff that applies to this agreement.
        usage_point_link: Usage point where the service is measured.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    active_billing_period_list_link: None | ActiveBillingPeriodListLink = field(
        default=None,
        metadata={
            "name": "ActiveBillingPeriodListLink",
            "type": "Element",
        },
    )
    active_projection_reading_list_link: None | ActiveProjectionReadingListLink = field(
        default=None,
        metadata={
            "name": "ActiveProjectionReadingListLink",
            "type": "Element",
        },
    )
    active_target_reading_list_link: None | ActiveTargetReadingListLink = field(
        default=None,
        metadata={
            "name": "ActiveTargetReadingListLink",
            "type": "Element",
        },
    )
    billing_period_list_link: None | BillingPeriodListLink = field(
        default=None,
        metadata={
            "name": "BillingPeriodListLink",
            "type": "Element",
        },
    )
    historical_reading_list_link: None | HistoricalReadingListLink = field(
        default=None,
        metadata={
            "name": "HistoricalReadingListLink",
            "type": "Element",
        },
    )
    prepayment_link: None | PrepaymentLink = field(
        default=None,
        metadata={
            "name": "PrepaymentLink",
            "type": "Element",
        },
    )
    projection_reading_list_link: None | ProjectionReadingListLink = field(
        default=None,
        metadata={
            "name": "ProjectionReadingListLink",
            "type": "Element",
        },
    )
    service_account: None | str = field(
        default=None,
        metadata={
            "name": "serviceAccount",
            "type": "Element",
            "max_length": 42,
        },
    )
    service_location: None | str = field(
        default=None,
        metadata={
            "name": "serviceLocation",
            "type": "Element",
            "max_length": 42,
        },
    )
    target_reading_list_link: None | TargetReadingListLink = field(
        default=None,
        metadata={
            "name": "TargetReadingListLink",
            "type": "Element",
        },
    )
    tariff_profile_link: None | TariffProfileLink = field(
        default=None,
        metadata={
            "name": "TariffProfileLink",
            "type": "Element",
        },
    )
    usage_point_link: None | UsagePointLink = field(
        default=None,
        metadata={
            "name": "UsagePointLink",
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
class ServiceSupplier(IdentifiedObject):
    """
    The company that provides the service, with ways to reach it.

    Attributes:
        email: E-mail address for customers.
        phone: Telephone number for customers.
        provider_id: Number that identifies the supplier.
        web: Web address of the supplier.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    email: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    phone: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 20,
        },
    )
    provider_id: None | int = field(
        default=None,
        metadata={
            "name": "providerID",
            "type": "Element",
        },
    )
    web: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 42,
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
class BillingPeriodList(SubscribableList):
    """
    The billing periods of one customer agreement.

    Attributes:
        billing_period: One billing period with its amounts.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> BillingPeriod: ...

    billing_period: list[BillingPeriod] = field(
        default_factory=list,
        metadata={
            "name": "BillingPeriod",
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
class BillingReading(ReadingBase):
    """
    A consumption value together with what it costs.

    Scale the value with the ReadingType, the charges with the CustomerAccount.

    Attributes:
        charge: A charge that belongs to this reading; may repeat, one for each kind of charge.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    charge: list[Charge] = field(
        default_factory=list,
        metadata={
            "name": "Charge",
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
class BillingReadingSetList(SubscribableList):
    """
    The billing reading sets of one historical, projected or target reading.

    Attributes:
        billing_reading_set: One group of readings with the period it covers.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> BillingReadingSet: ...

    billing_reading_set: list[BillingReadingSet] = field(
        default_factory=list,
        metadata={
            "name": "BillingReadingSet",
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
class CustomerAccountList(SubscribableList):
    """
    The customer accounts this client may see on the server.

    Attributes:
        customer_account: One account.
        poll_rate: How often a client should fetch this list again when it has no subscription. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> CustomerAccount: ...

    customer_account: list[CustomerAccount] = field(
        default_factory=list,
        metadata={
            "name": "CustomerAccount",
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
class CustomerAgreementList(SubscribableList):
    """
    The agreements of one customer account.

    Attributes:
        customer_agreement: One agreement.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> CustomerAgreement: ...

    customer_agreement: list[CustomerAgreement] = field(
        default_factory=list,
        metadata={
            "name": "CustomerAgreement",
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
class HistoricalReading(BillingMeterReadingBase):
    """
    Consumption and charges of past periods, for comparison with the present one.

    Attributes:
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

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
class ProjectionReading(BillingMeterReadingBase):
    """
    Consumption and charges that are expected for a period still running or to come.

    Attributes:
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

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
class ServiceSupplierList(List):
    """
    The service suppliers known to the server.

    Attributes:
        service_supplier: One supplier.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> ServiceSupplier: ...

    service_supplier: list[ServiceSupplier] = field(
        default_factory=list,
        metadata={
            "name": "ServiceSupplier",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TargetReading(BillingMeterReadingBase):
    """
    Consumption and charges that the customer aims to stay within.

    Attributes:
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

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
class BillingReadingList(List):
    """
    The billing readings of one set.

    Attributes:
        billing_reading: One value with its charges.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> BillingReading: ...

    billing_reading: list[BillingReading] = field(
        default_factory=list,
        metadata={
            "name": "BillingReading",
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
class HistoricalReadingList(List):
    """
    The historical readings of one agreement.

    Attributes:
        historical_reading: Past data of one measured quantity.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> HistoricalReading: ...

    historical_reading: list[HistoricalReading] = field(
        default_factory=list,
        metadata={
            "name": "HistoricalReading",
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
class ProjectionReadingList(List):
    """
    The projections of one agreement.

    Attributes:
        projection_reading: Projected data of one measured quantity.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> ProjectionReading: ...

    projection_reading: list[ProjectionReading] = field(
        default_factory=list,
        metadata={
            "name": "ProjectionReading",
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
class TargetReadingList(List):
    """
    The targets of one agreement.

    Attributes:
        target_reading: Target data of one measured quantity.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> TargetReading: ...

    target_reading: list[TargetReading] = field(
        default_factory=list,
        metadata={
            "name": "TargetReading",
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
