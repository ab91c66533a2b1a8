"""Prepayment: a service paid for in advance, with the credit that is left, top-ups, warning levels, and whether supply is
connected.

Generated from schema/sep/prepayment.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code
from envoy.bindings.quantities import Int32Quantity

from sep2.links import (
    AccountBalanceLink,
    ActiveCreditRegisterListLink,
    ActiveSupplyInterruptionOverrideListLink,
    CreditRegisterListLink,
    PrepayOperationStatusLink,
    SupplyInterruptionOverrideListLink,
    UsagePointLink,
)
from sep2.metering import UsagePoint
from sep2.quantities import RealEnergy
from sep2.resource import (
    DateTimeInterval,
    IdentifiedObject,
    List,
    Resource,
    SubscribableList,
)
from sep2.types import (
    CurrencyCode,
    PowerOfTenMultiplierType,
)


class CreditStatusType(Code):
    """How the credit of a prepayment account stands."""

    CREDIT_OK = 0
    """Enough credit."""
    CREDIT_LOW = 1
    """Below the warning level."""
    CREDIT_EXHAUSTED = 2
    """No credit left."""
    CREDIT_NEGATIVE = 3
    """Customer owes money."""


class CreditTypeType(Code):
    """Which credit is used, and in which order where both are."""

    REGULAR = 0
    """Regular credit only."""
    EMERGENCY = 1
    """Emergency credit only."""
    REGULAR_THEN_EMERGENCY = 2
    """Regular credit first, emergency credit once it is gone."""
    EMERGENCY_THEN_REGULAR = 3
    """Emergency credit first, regular credit once it is gone."""


class PrepayModeType(Code):
    """Where a prepayment account is kept, and with it who decides about supply."""

    CENTRAL_WALLET = 0
    """Account kept centrally by the provider."""
    ESI = 1
    """Account kept by the energy services interface at the premises."""
    LOCAL = 2
    """Account kept in the meter or another local device."""
    CREDIT = 3
    """Ordinary account that is paid afterwards."""


class ServiceStatusType(Code):
    """State of the supply to the premises."""

    CONNECTED = 0
    """Supply is on."""
    DISCONNECTED = 1
    """Supply is off."""
    ARMED_FOR_CONNECT = 2
    """Supply is off and may be switched on at the premises."""
    ARMED_FOR_DISCONNECT = 3
    """Supply is on and ready to be switched off."""
    NO_CONTACTOR = 4
    """No switch present, supply cannot be cut remotely."""
    LOAD_LIMITED = 5
    """Supply is on with a limit on the load."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AccountingUnit(Int32Quantity):
    """
    An amount on a prepayment account, value x 10^multiplier.

    It is money in the currency given, or may relate to an amount of energy when the account counts energy.

    Attributes:
        energy_unit: Unit of service for accounts that count energy; absent for accounts that only count money.
            Unit: Wh.
        monetary_unit: Currency of the amount, as ISO 4217 number; 0 when it is not money.
        multiplier: Power of ten for the value: -2 with a value of 550 means 5.50.
        value: The amount before scaling; may be negative. Unit: monetaryUnit x 10^multiplier.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    energy_unit: None | RealEnergy = field(
        default=None,
        metadata={
            "name": "energyUnit",
            "type": "Element",
        },
    )
    monetary_unit: CurrencyCode = field(
        metadata={
            "name": "monetaryUnit",
            "type": "Element",
        }
    )
    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CreditTypeChange(ComplexType):
    """
    An announced change of the kind of credit in use.

    Attributes:
        new_type: Kind of credit in use after the change.
        start_time: When the change happens.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    new_type: CreditTypeType = field(
        metadata={
            "name": "newType",
            "type": "Element",
        }
    )
    start_time: int = field(
        metadata={
            "name": "startTime",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ServiceChange(ComplexType):
    """
    An announced change of the supply state.

    Attributes:
        new_status: State of the supply after the change.
        start_time: When the change happens.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    new_status: ServiceStatusType = field(
        metadata={
            "name": "newStatus",
            "type": "Element",
        }
    )
    start_time: int = field(
        metadata={
            "name": "startTime",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SupplyInterruptionOverride(Resource):
    """
    A time during which supply stays on although credit has run out, for example nights, holidays or extreme
    weather.

    Attributes:
        description: Short readable reason for the override.
        interval: Start and length of the override.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    description: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    interval: DateTimeInterval = field(
        metadata={
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
class AccountBalance(Resource):
    """
    Credit that is left on a prepayment account.

    The server keeps it; displays read it.

    Attributes:
        available_credit: Credit the customer has at present; may be negative.
        credit_status: Whether the credit is sufficient, low, used up or negative.
        emergency_credit: Emergency credit that is still available.
        emergency_credit_status: Whether the emergency credit is sufficient, low, used up or negative.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    available_credit: AccountingUnit = field(
        metadata={
            "name": "availableCredit",
            "type": "Element",
        }
    )
    credit_status: None | CreditStatusType = field(
        default=None,
        metadata={
            "name": "creditStatus",
            "type": "Element",
        },
    )
    emergency_credit: None | AccountingUnit = field(
        default=None,
        metadata={
            "name": "emergencyCredit",
            "type": "Element",
        },
    )
    emergency_credit_status: None | CreditStatusType = field(
        default=None,
        metadata={
            "name": "emergencyCreditStatus",
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
class CreditRegister(IdentifiedObject):
    """
    A record of credit added to the account, that is, one top-up.

    It is found again by its token.

    Attributes:
        credit_amount: How much credit was added.
        credit_type: Whether it is regular or emergency credit.
        effective_time: From when the credit can be used.
        token: Text of the top-up token that proves the purchase.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    credit_amount: AccountingUnit = field(
        metadata={
            "name": "creditAmount",
            "type": "Element",
        }
    )
    credit_type: None | CreditTypeType = field(
        default=None,
        metadata={
            "name": "creditType",
            "type": "Element",
        },
    )
    effective_time: int = field(
        metadata={
            "name": "effectiveTime",
            "type": "Element",
        }
    )
    token: str = field(
        metadata={
            "type": "Element",
            "max_length": 32,
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
class PrepayOperationStatus(Resource):
    """
    How a prepayment account is working now: kind of credit in use, state of the supply, and changes announced for
    either.

    Attributes:
        credit_type_change: Change of the credit type that is coming up, with its time.
        credit_type_in_use: Kind of credit that is being used at present.
        service_change: Change of the supply state that is coming up, with its time.
        service_status: State of the supply at present.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    credit_type_change: None | CreditTypeChange = field(
        default=None,
        metadata={
            "name": "creditTypeChange",
            "type": "Element",
        },
    )
    credit_type_in_use: None | CreditTypeType = field(
        default=None,
        metadata={
            "name": "creditTypeInUse",
            "type": "Element",
        },
    )
    service_change: None | ServiceChange = field(
        default=None,
        metadata={
            "name": "serviceChange",
            "type": "Element",
        },
    )
    service_status: ServiceStatusType = field(
        metadata={
            "name": "serviceStatus",
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
class Prepayment(IdentifiedObject):
    """
    A prepayment account: how it is run, its warning levels and links to balance, top-ups and operating state.

    The server provides it.

    Attributes:
        account_balance_link: Credit that is left.
        active_credit_register_list_link: Top-ups in effect right now.
        active_supply_interruption_override_list_link: Overrides in force right now.
        credit_expiry_level: Credit level at which the account counts as used up and supply may be cut.
        credit_register_list_link: All top-ups the server keeps.
        low_credit_warning_level: Credit level below which the customer is warned.
        low_emergency_credit_warning_level: Level of emergency credit below which the customer is warned.
        prepay_mode: Where the account is kept and managed.
        prepay_operation_status_link: Credit in use and whether supply is connected.
        supply_interruption_override_list_link: Times during which supply is not cut for lack of credit.
        usage_point: Usage point the account pays for, given in place; may repeat.
        usage_point_link: Usage point the account pays for, given as a link.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    account_balance_link: AccountBalanceLink = field(
        metadata={
            "name": "AccountBalanceLink",
            "type": "Element",
        }
    )
    active_credit_register_list_link: None | ActiveCreditRegisterListLink = field(
        default=None,
        metadata={
            "name": "ActiveCreditRegisterListLink",
            "type": "Element",
        },
    )
    active_supply_interruption_override_list_link: None | ActiveSupplyInterruptionOverrideListLink = field(
        default=None,
        metadata={
            "name": "ActiveSupplyInterruptionOverrideListLink",
            "type": "Element",
        },
    )
    credit_expiry_level: None | AccountingUnit = field(
        default=None,
        metadata={
            "name": "creditExpiryLevel",
            "type": "Element",
        },
    )
    credit_register_list_link: CreditRegisterListLink = field(
        metadata={
            "name": "CreditRegisterListLink",
            "type": "Element",
        }
    )
    low_credit_warning_level: None | AccountingUnit = field(
        default=None,
        metadata={
            "name": "lowCreditWarningLevel",
            "type": "Element",
        },
    )
    low_emergency_credit_warning_level: None | AccountingUnit = field(
        default=None,
        metadata={
            "name": "lowEmergencyCreditWarningLevel",
            "type": "Element",
        },
    )
    prepay_mode: PrepayModeType = field(
        metadata={
            "name": "prepayMode",
            "type": "Element",
        }
    )
    prepay_operation_status_link: PrepayOperationStatusLink = field(
        metadata={
            "name": "PrepayOperationStatusLink",
            "type": "Element",
        }
    )
    supply_interruption_override_list_link: SupplyInterruptionOverrideListLink = field(
        metadata={
            "name": "SupplyInterruptionOverrideListLink",
            "type": "Element",
        }
    )
    usage_point: list[UsagePoint] = field(
        default_factory=list,
        metadata={
            "name": "UsagePoint",
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
class SupplyInterruptionOverrideList(List):
    """
    The supply interruption overrides of one prepayment account, ordered by start time.

    Attributes:
        supply_interruption_override: One override.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> SupplyInterruptionOverride: ...

    supply_interruption_override: list[SupplyInterruptionOverride] = field(
        default_factory=list,
        metadata={
            "name": "SupplyInterruptionOverride",
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
class CreditRegisterList(List):
    """
    The top-ups of one prepayment account, ordered by the time they take effect.

    Attributes:
        credit_register: One top-up.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> CreditRegister: ...

    credit_register: list[CreditRegister] = field(
        default_factory=list,
        metadata={
            "name": "CreditRegister",
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
class PrepaymentList(SubscribableList):
    """
    The prepayment accounts this client may see on the server.

    Attributes:
        prepayment: One prepayment account.
        poll_rate: How often a client should fetch this list again when it has no subscription. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> Prepayment: ...

    prepayment: list[Prepayment] = field(
        default_factory=list,
        metadata={
            "name": "Prepayment",
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
