"""What is meant by a text that does not fit its type."""

from __future__ import annotations

import pytest

from envoy.bindings.value_errors import CodeName, Value, diagnose_value

NUMBER = Value("UInt16", "integer", minimum=0, maximum=65535)
LARGE = Value("UInt40", "integer", minimum=0, maximum=(1 << 40) - 1)
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
        (SECONDS, "5 min", "300?"),
        (SECONDS, "5 weeks", ""),
        (LARGE, "167-261-211-391", "167261211391?"),
        (LARGE, "-1", ""),
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
    assert found is not None and found.code in ("not-a-number", "out-of-range") and found.remedy
    assert f"{found.meant}{'?' * found.likely}" == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("01:02:AB", "0102AB"),
        ("01 02ab", "0102AB"),
        ("3.0", ""),
        ("12.34", ""),
        ("-10", ""),
        ("01::02", ""),
        ("1:2", ""),
        ("01:02:03:04:05", ""),
    ],
)
def test_digits_are_joined_if_only_separators_stand_between_octets(text: str, meant: str) -> None:
    found = diagnose_value(text, Value("HexBinary32", "hexBinary", max_length=4))
    assert found is not None and (found.code, found.meant) == ("hex-digits", meant)


@pytest.mark.parametrize(("text", "meant"), [("1.7e9", "1700000000"), ("5.0", "5"), ("5.5", "5?"), ("soon", "")])
def test_a_time_in_another_form_is_read(text: str, meant: str) -> None:
    found = diagnose_value(text, Value("TimeType", "integer", time=True))
    assert found is not None and found.code == "not-seconds"
    assert f"{found.meant}{'?' * found.likely}" == meant
