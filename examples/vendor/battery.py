"""A vendor's element in a message of the standard: typed, written, validated by the vendor's schema, and read back.

The bindings come first, as README.md says. Then::

    PYTHONPATH=src python battery.py
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from acme import ActivePower, BatteryPack, Chemistry, DERCapability, DERControlType, DERType, PackFeatures, WattHour

from envoy import Profile, dumps, loads

ACME = Profile(name="acme", schema=Path(__file__).resolve().with_name("sep-acme.xsd"), package="acme")

capability = DERCapability(
    modes_supported=DERControlType.OP_MOD_MAX_LIM_W,
    rtg_max_w=ActivePower.of(5_000),
    type=DERType.COMBINED_PV_AND_STORAGE,
    battery_pack=[
        BatteryPack(
            slot=1,
            serial_number="AC-0001",
            chemistry=Chemistry.LFP,
            features=PackFeatures.HEATING | PackFeatures.HOT_SWAP,
            rated_wh=WattHour.of(10_000),
            mass=Decimal("98.5"),
            installed=date(2030, 1, 31),
        )
    ],
)

message = dumps(capability, profile=ACME)  # valid by the vendor's schema, or an error says what is not
print(message.decode())
assert loads(message, profile=ACME, validate=True) == capability
