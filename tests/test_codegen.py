"""codegen.py: what is stored is what it makes, it says which files are stale, and names come out as Python has them."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import ROOT

import sep2
from envoy.fields import fields_of
from envoy.model import Bitmap, Code, Quantity, UnsignedQuantity

CLASSES = [getattr(sep2, name) for name in sep2.__all__ if name not in ("ELEMENTS", "TYPES")]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]


def load_codegen() -> ModuleType:
    spec = importlib.util.spec_from_file_location("codegen", ROOT / "codegen.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["codegen"] = module
    spec.loader.exec_module(module)
    return module


codegen = load_codegen()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Without the virtual environment on the PATH, as when a user calls .venv/bin/python by its name.
    command = [sys.executable, str(folder / "codegen.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": os.defpath})


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what codegen.py reads and writes."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copy(ROOT / "codegen.py", folder)
    for name in ("schema", "generated"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_stored_bindings_are_what_the_schema_makes() -> None:
    done = run(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_names_each_file_that_is_not_as_it_should_be_and_writes_nothing(copy: Path) -> None:
    bindings = copy / "generated" / "sep2"
    with (bindings / "time.py").open("a") as file:
        file.write("# edited by hand\n")
    (bindings / "file.py").unlink()
    (bindings / "stray.py").touch()
    before = contents(copy)

    done = run(copy, "--check")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "generated/sep2/file.py: missing; run: python codegen.py",
        "generated/sep2/stray.py: no schema file makes it; run: python codegen.py",
        "generated/sep2/time.py: stale; run: python codegen.py",
    ]
    assert contents(copy) == before


def test_writing_mends_what_check_complained_of_with_the_same_bytes_as_ever(copy: Path) -> None:
    shutil.rmtree(copy / "generated")

    done = run(copy)

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"generated/sep2: \d+ files changed\n", done.stdout)
    assert contents(copy / "generated") == contents(ROOT / "generated")


VENDOR = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:sep="urn:ieee:std:2030.5:ns" xmlns="urn:vendor"
           targetNamespace="urn:vendor" elementFormDefault="qualified">
  <xs:import namespace="urn:ieee:std:2030.5:ns" schemaLocation="{sep}"/>
  <xs:element name="Battery" type="BatteryType"/>
  <xs:complexType name="BatteryType">
    <xs:complexContent>
      <xs:extension base="sep:Resource">
        <xs:sequence>
          <xs:element name="cellCount" type="sep:UInt16"/>
          <xs:element name="maxV" type="sep:VoltageRMS" minOccurs="0"/>
        </xs:sequence>
      </xs:extension>
    </xs:complexContent>
  </xs:complexType>
</xs:schema>
"""


def test_an_extension_of_ones_own_becomes_typed_models_too(tmp_path: Path) -> None:
    schema = tmp_path / "battery.xsd"
    schema.write_text(VENDOR.format(sep=(ROOT / "schema" / "sep" / "sep.xsd").as_uri()))

    codegen.generate((schema,), "vendor", tmp_path / "out")

    probe = "from vendor import Battery, VoltageRMS; print(Battery(cell_count=16, max_v=VoltageRMS.of(58)).max_v.value)"
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=tmp_path / "out", capture_output=True, text=True, check=True
    )
    assert done.stdout == "58\n"
    module = (tmp_path / "out" / "vendor" / "battery.py").read_text()
    assert module.startswith('"""Generated from battery.xsd by codegen.py; changes here are lost."""\n')


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("DERListLink", "der_list_link"),
        ("EUI64", "eui64"),
        ("IEEE_802_15_4", "ieee_802_15_4"),
        ("IPAddrListLink", "ip_addr_list_link"),
        ("LLAckNotRx", "ll_ack_not_rx"),
        ("LLCSMAFail", "ll_csma_fail"),
        ("all", "all"),
        ("changedTime", "changed_time"),
        ("class", "class_"),
        ("deviceCategory", "device_category"),
        ("doeModesSupported", "doe_modes_supported"),
        ("href", "href"),
        ("ifInOctets", "if_in_octets"),
        ("lFDI", "lfdi"),
        ("loWPAN", "lowpan"),
        ("mRID", "mrid"),
        ("mfHwVer", "mf_hw_ver"),
        ("opModFixedPFAbsorbW", "op_mod_fixed_pf_absorb_w"),
        ("opModHVRTMomentaryCessation", "op_mod_hvrt_momentary_cessation"),
        ("opModImpLimW", "op_mod_imp_lim_w"),
        ("pIN", "pin"),
        ("rtgMaxAh", "rtg_max_ah"),
        ("rtgMaxVA", "rtg_max_va"),
        ("rtgMaxVarNeg", "rtg_max_var_neg"),
        ("sFDI", "sfdi"),
        ("setESHighFreq", "set_es_high_freq"),
        ("setVRefOfs", "set_v_ref_ofs"),
        ("subscriptionURI", "subscription_uri"),
    ],
)
def test_python_name_keeps_acronyms_whole(name: str, python: str) -> None:
    assert codegen.snake_case(name) == python


SINGLE_LETTERS = {"w", "v", "a", "x", "y"}
"""Units and axes that are one letter in the standard too: watt, volt, ampere, x and y."""


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__name__)
def test_fields_have_python_names_that_are_the_standards_in_lower_case(cls: type) -> None:
    for field in fields_of(cls):
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name)
        assert field.name.replace("_", "") == field.local.lower().replace("_", "")
        assert {word for word in field.name.split("_") if re.fullmatch("[a-z]", word)} <= SINGLE_LETTERS


def test_no_class_is_a_wrapper_of_one_simple_value() -> None:
    wrappers = [cls for cls in DATACLASSES if [field.name for field in fields_of(cls)] == ["value"]]
    assert wrappers == []
    texts = [
        f"{cls.__name__}.{field.name}" for cls in DATACLASSES for field in dataclasses.fields(cls) if is_text(field)
    ]
    assert texts == []


def is_text(field: dataclasses.Field[object]) -> bool:
    return field.metadata.get("type") not in ("Element", "Attribute")


def test_every_name_of_the_package_is_a_class_of_its_module() -> None:
    assert len(CLASSES) > 300
    assert sorted(sep2.__all__) == sorted({*sep2.__all__})
    for cls in CLASSES:
        assert isinstance(cls, type)
        assert getattr(importlib.import_module(cls.__module__), cls.__name__) is cls
        assert cls.__doc__


def test_elements_and_types_name_classes_of_the_package() -> None:
    assert {*sep2.ELEMENTS.values(), *sep2.TYPES.values()} <= {*sep2.__all__}
    assert set(dir(sep2)) >= {*sep2.__all__}


def test_classes_are_slotted_and_take_keywords_only() -> None:
    for cls in DATACLASSES:
        assert "__dict__" not in dir(cls)
        assert all(field.kw_only for field in dataclasses.fields(cls))


def test_code_lists_and_bitmaps_are_open_and_quantities_read_as_numbers() -> None:
    assert issubclass(sep2.DERType, Code)
    assert issubclass(sep2.DERControlType, Bitmap)
    assert issubclass(sep2.ActivePower, Quantity) and not issubclass(sep2.ActivePower, UnsignedQuantity)
    assert issubclass(sep2.WattHour, UnsignedQuantity)
    assert [cls for cls in CLASSES if not dataclasses.is_dataclass(cls) and not issubclass(cls, (Code, Bitmap))] == []


def test_a_quantity_of_two_fields_has_the_bounds_of_its_type() -> None:
    scaled = {cls for cls in DATACLASSES if [field.name for field in fields_of(cls)] == ["multiplier", "value"]}
    # An energy of 48 bits and a number whose unit is told beside it are no quantities of 16 bits.
    assert {cls for cls in scaled if not issubclass(cls, Quantity)} == {sep2.RealEnergy, sep2.SignedRealEnergy}


def test_importing_one_class_does_not_load_every_module() -> None:
    probe = "import sys; from sep2 import EndDevice; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "sep2.end_device" in loaded
    assert not loaded & {"sep2.der", "sep2.metering", "sep2.pricing", "lxml", "xsdata"}


def test_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="module 'sep2' has no attribute 'EndDevices'"):
        _ = sep2.EndDevices
