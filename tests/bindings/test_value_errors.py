"""What is meant by a text that does not fit its type."""

from __future__ import annotations

import pytest

from envoy.bindings.value_errors import CodeName, Value, diagnose_value

NUMBER = Value("UInt16", "integer", minimum=0, maximum=65535)
SIGNED = Value("Int32", "integer", minimum=-(1 << 31), maximum=(1 << 31) - 1)
SECONDS = Value("TimeOffsetType", "integer", minimum=-(1 << 31), maximum=(1 << 31) - 1, unit="s")
PER_CENT = Value("PerCent", "integer", minimum=0, maximum=65535, unit="0.01 %")
CODES = (CodeName(0, "SCHEDULED", "Still to come"), CodeName(38, "WATT", "W, active power"), CodeName(7, "FUEL_CELL"))
CODE = Value("UomType", "integer", minimum=0, maximum=255, codes=CODES)


@pytest.mark.parametrize(
    ("value", "text", "meant"),
    [
        (NUMBER, "5000.0", "5000"),
        (NUMBER, "5e3", "5000"),
        (NUMBER, "5,000", "5000?"),
        (NUMBER, "65 535", "65535?"),
        (NUMBER, "5,00", ""),
        (NUMBER, "0x10", "16?"),
        (NUMBER, "12.5", ""),
        (NUMBER, "70000.0", ""),
        (NUMBER, "many", ""),
        (NUMBER, "2024-01-01", "1704067200?"),
        (SIGNED, "-1.0", "-1"),
        (SECONDS, "PT5M", "300?"),
        (SECONDS, "P1DT1H", "90000?"),
        (SECONDS, "P", ""),
        (SECONDS, "PT", ""),
        (SECONDS, "+10:00", "36000?"),
        (SECONDS, "-00:30:01", "-1801?"),
        (SECONDS, "60 s", "60?"),
        (SECONDS, "5 min", ""),
        (PER_CENT, "55.5", "5550?"),
        (PER_CENT, "55 %", "5500?"),
        (PER_CENT, "5550.0", "5550?"),
        (PER_CENT, "0.001", ""),
        (CODE, "watt", "38?"),
        (CODE, "W", "38?"),
        (CODE, "Fuel cell", "7?"),
        (CODE, "fuel", ""),
        (CODE, "", ""),
        (CODE, "38.0", "38"),
    ],
)
def test_a_number_in_another_form_is_read(value: Value, text: str, meant: str) -> None:
    found = diagnose_value(text, value)
    assert found is not None and found.code == "not-a-number" and found.remedy
    assert f"{found.meant}{'?' * found.likely}" == meant
