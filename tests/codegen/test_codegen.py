"""codegen.py and what it makes: fresh bindings, names that are Python's, and no guess at what it cannot express."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sep2
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import fields_of
from envoy.bindings.quantities import Quantity, UnsignedQuantity
from envoy.codegen import Job
from envoy.codegen import run as run_job
from envoy.codegen.names import field_identifier
from envoy.codegen.pipeline import generate
from envoy.errors import SchemaError
from tests.conftest import ROOT

CLASSES = [getattr(sep2, name) for name in sep2.__all__ if name not in ("ELEMENTS", "TYPES")]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]


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


def test_what_was_not_generated_is_never_overwritten(copy: Path) -> None:
    work = copy / "generated" / "sep2" / "mine.py"
    work.write_text("answer = 42\n")

    done = run(copy)

    assert done.returncode == 2
    assert f"{work}: this file was not generated, and would be lost" in done.stderr
    assert work.read_text() == "answer = 42\n"
    work.unlink()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    job = Job([schema(tmp_path, of_type(A))], "vendor", tmp_path / "vendor.xsd")
    with pytest.raises(SchemaError, match=r"vendor\.xsd/vendor: cannot be written: Not a directory\n  Choose a folder"):
        run_job(job)


def test_options_that_belong_together_are_given_together(tmp_path: Path) -> None:
    done = run(ROOT, "--schema", "x.xsd")
    assert done.returncode == 2
    assert "--schema, --package and --output go together" in done.stderr


HEAD = """\
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:doc="urn:envoy-client:schema-documentation"
           xmlns:v="urn:vendor" targetNamespace="urn:vendor" elementFormDefault="qualified">
"""


def schema(folder: Path, body: str, name: str = "vendor.xsd") -> Path:
    file = folder / name
    file.write_text(f"{HEAD}{body}\n</xs:schema>")
    return file


def make(folder: Path, body: str) -> dict[str, str]:
    """Return the modules that a schema makes."""
    files = generate(Job([schema(folder, body)], "vendor", folder))
    return {name: content.decode() for name, content in files.items()}


def of_type(content: str) -> str:
    return f'<xs:complexType name="T"><xs:sequence>{content}</xs:sequence></xs:complexType>'


ELEMENT = '<xs:element name="{}" type="xs:int"/>'
A, B = ELEMENT.format("a"), ELEMENT.format("b")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (of_type(A).replace("<xs:complexType", '<xs:complexType mixed="true"'), "vendor.xsd:3 (T): .* mixed content"),
        (of_type('<xs:element name="a" type="xs:int" nillable="true"/>'), r"vendor.xsd:3 \(a\): .* nillable"),
        (f'{A}<xs:element name="s" substitutionGroup="v:a" type="xs:int"/>', "substitution group"),
        (of_type('<xs:element name="a"/>'), "no type, or xs:anyType"),
        (of_type('<xs:element name="a" type="xs:QName"/>'), "qualified name"),
        (of_type(f'<xs:sequence maxOccurs="3">{A}{B}</xs:sequence>'), "a group of several elements repeats"),
        (of_type(f'<xs:choice maxOccurs="unbounded">{A}{B}</xs:choice>'), "a group of several elements repeats"),
        (of_type(A + B + A), "the element a stands in several places"),
        (
            of_type(A)
            + '<xs:complexType name="U"><xs:complexContent><xs:extension base="v:T"><xs:sequence>'
            + A
            + "</xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
            r"vendor.xsd:3 \(a\): .* the element a stands in several places",
        ),
        (
            '<xs:group name="G"><xs:sequence><xs:element name="c" minOccurs="0"><xs:complexType><xs:group ref="v:G"/>'
            '</xs:complexType></xs:element></xs:sequence></xs:group><xs:complexType name="T"><xs:group ref="v:G"/>'
            "</xs:complexType>",
            "a group contains itself",
        ),
        (
            '<xs:complexType name="T"><xs:attribute name="a" type="xs:NMTOKENS" default="x y"/></xs:complexType>',
            "a list has a default value",
        ),
        (
            '<xs:complexType name="T"><xs:attribute name="a" type="xs:date" default="2030-01-31Z"/></xs:complexType>',
            "without a time zone",
        ),
        ('<xs:simpleType name="S"><xs:restriction base="xs:int"/></xs:simpleType>', "declares no complex type"),
        (of_type('<xs:element name="a" type="v:Nope"/>'), "vendor.xsd:3: .*does not resolve"),
        ('<xs:include schemaLocation="nowhere.xsd"/>', "refers to nowhere.xsd, and there is no such file"),
        ('<xs:import namespace="urn:q" schemaLocation="https://q.example/q.xsd"/>', "which is not a local file"),
    ],
)
def test_what_the_models_cannot_express_is_refused_with_its_place(tmp_path: Path, body: str, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason.replace("(T)", r"\(T\)")):
        make(tmp_path, body)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "vendor.xsd:1: not well-formed XML"),
        ("<html/>", "not an XSD: its root element is html"),
        (
            "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:v&quot;; import os'/>",
            "is not a namespace",
        ),
    ],
)
def test_what_is_no_schema_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "vendor.xsd").write_text(text)
    done = run(ROOT, "--schema", str(tmp_path / "vendor.xsd"), "--package", "vendor", "--output", str(tmp_path))
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_a_schema_that_is_not_there_a_bad_name_and_a_missing_extra_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SchemaError, match=r"none\.xsd: there is no such schema file"):
        generate(Job([tmp_path / "none.xsd"], "vendor", tmp_path))
    with pytest.raises(SchemaError, match="'a-b' is no name for a package"):
        Job([], "a-b", tmp_path)
    for name in ("envoy", "envoy.acme", "json"):
        with pytest.raises(SchemaError, match="would hide the one that the bindings themselves import"):
            Job([], name, tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SchemaError, match=r"needs the package xsdata\n  pip install 'envoy-client\[codegen\]'"):
        run_job(Job([tmp_path / "none.xsd"], "vendor", tmp_path))


def codes(kind: str, entries: str, base: str = "xs:unsignedByte", name: str = ' name="Mode"') -> str:
    """Return a schema whose type T has a field a with a code list."""
    return of_type(
        f'<xs:element name="a" type="{base}"><xs:annotation><xs:appinfo><doc:codes kind="{kind}"{name}>{entries}'
        "</doc:codes></xs:appinfo></xs:annotation></xs:element>"
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (codes("codes", '<doc:code value="7" name="FAST">As fast as can be</doc:code>'), "class Mode(Code):|FAST = 7"),
        (codes("bitmap", '<doc:bit position="2" name="FAST"/>'), "class Mode(Bitmap):|FAST = 1 << 2"),
        (
            codes("codes", '<doc:code value="0A" name="FAST"/>', base="v:Hex")
            + '<xs:simpleType name="Hex"><xs:restriction base="xs:hexBinary"><xs:length value="1"/></xs:restriction>'
            "</xs:simpleType>",
            "class Mode(Code, octets=1):|FAST = 10",
        ),
        (codes("codes", '<doc:code value="f" name="FAST"/>', base="xs:token"), 'class Mode(StrEnum):|FAST = "f"'),
    ],
)
def test_code_lists_in_appinfo_are_enumerations(tmp_path: Path, body: str, expected: str) -> None:
    module = make(tmp_path, body)["vendor.py"]
    assert all(line in module for line in expected.split("|")), module
    assert "a: Mode = field(" in module


def test_a_code_list_that_holds_for_some_documents_is_an_enumeration_beside_a_plain_field(tmp_path: Path) -> None:
    body = codes("codes", '<doc:code value="1" name="ONE"/>', name=' name="Mode" when="b is 2"')
    more = (
        '<doc:codes kind="codes" name="Other" when="b is 3"><doc:code value="1" name="EINS"/></doc:codes></xs:appinfo>'
    )
    module = make(tmp_path, body.replace("</xs:appinfo>", more))["vendor.py"]
    assert 'class Mode(Code):\n    """Codes of T.a when b is 2."""\n\n    ONE = 1\n' in module
    assert 'class Other(Code):\n    """Codes of T.a when b is 3."""\n\n    EINS = 1\n' in module
    assert "a: int = field(" in module


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (codes("codes", '<doc:code value="1" name="ONE"/>', name=""), r"vendor.xsd:3 \(a\): a code list has no name"),
        (codes("codes", '<doc:code value="1" name="ONE"/>', name=' when="b is 2"'), "a code list has no name"),
        (codes("codes", '<doc:code value="1" name="ONE"/>', name=' name="T"'), "has the name of a type, T"),
        (codes("codes", '<doc:code value="1" name="a b"/>'), "'a b' is no name for a member"),
        (codes("codes", '<doc:code value="x" name="X"/>'), "'x' is no value of a code list"),
        (codes("codes", '<doc:code value="1" name="X"/><doc:code value="2" name="X"/>'), "X stands twice"),
        (codes("codes", "<doc:member/>"), "member in a code list"),
        (codes("bitmap", '<doc:bit position="0" name="X"/>', base="xs:token"), "a code list on a type of token"),
        (codes("codes", '<doc:code value="1" name="X"/>', base="xs:hexBinary"), "hexBinary of any length"),
    ],
)
def test_a_code_list_that_makes_no_sense_is_refused_with_its_place(tmp_path: Path, body: str, reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        make(tmp_path, body)


def test_what_has_no_namespace_cannot_be_used_in_a_schema_that_has_one(tmp_path: Path) -> None:
    other = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'
    (tmp_path / "other.xsd").write_text(other.format(of_type(A)))
    body = '<xs:import schemaLocation="other.xsd"/>' + of_type(B) + '<xs:element name="T" type="T"/>'
    with pytest.raises(
        SchemaError, match=r"vendor\.xsd:3 \(T\): not supported: it refers to T, which has no namespace"
    ):
        make(tmp_path, body)


def test_a_redefined_code_list_takes_the_place_of_the_first(tmp_path: Path) -> None:
    def kind(*entries: str) -> str:
        members = "".join(f'<doc:code value="{value}" name="{name}"/>' for value, name in enumerate(entries))
        return f'<xs:annotation><xs:appinfo><doc:codes kind="codes">{members}</doc:codes></xs:appinfo></xs:annotation>'

    type_ = '<xs:simpleType name="Kind">{}<xs:restriction base="{}"/></xs:simpleType>'
    element = of_type('<xs:element name="k" type="v:Kind"/>')
    schema(tmp_path, type_.format(kind("ONE"), "xs:int") + element, "base.xsd")
    redefined = type_.format(kind("ONE", "TWO"), "v:Kind")

    files = make(tmp_path, f'<xs:redefine schemaLocation="base.xsd">{redefined}</xs:redefine>')

    assert "ONE = 0" in files["base.py"] and "TWO = 1" in files["base.py"]


def test_modules_that_need_each_other_become_one(tmp_path: Path) -> None:
    other = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:v="urn:vendor" targetNamespace="urn:other">
      <xs:import namespace="urn:vendor" schemaLocation="vendor.xsd"/>
      <xs:complexType name="U">
        <xs:sequence><xs:element name="t" type="v:T" minOccurs="0"/></xs:sequence>
      </xs:complexType>
    </xs:schema>"""
    (tmp_path / "other.xsd").write_text(other)
    body = '<xs:import namespace="urn:other" schemaLocation="other.xsd"/>' + of_type(
        '<xs:element name="u" type="o:U" minOccurs="0" xmlns:o="urn:other"/>'
    )

    assert sorted(make(tmp_path, body)) == ["__init__.py", "other.py", "py.typed"]


def test_names_that_python_would_take_for_the_same_are_told_apart(tmp_path: Path) -> None:
    names = ("fooBar", "foo-bar", "foo_bar", "None", "_", "größe")
    module = make(tmp_path, of_type("".join(ELEMENT.format(name) for name in names)))["vendor.py"]
    assert re.findall(r"^    (\w+): int", module, re.MULTILINE) == [
        "foo_bar",
        "foo_bar_1",
        "foo_bar_2",
        "none",
        "low_line",
        "größe",
    ]


def test_what_a_schema_says_cannot_end_a_docstring(tmp_path: Path) -> None:
    note = '<xs:annotation><xs:documentation>{}"""; \\ import os "x"</xs:documentation></xs:annotation>'
    body = note.format("Module ") + of_type(
        f'<xs:element name="a">{note.format("Field ")}<xs:simpleType><xs:restriction base="xs:int">'
        f'<xs:enumeration value="1">{note.format("Member ")}</xs:enumeration>'
        "</xs:restriction></xs:simpleType></xs:element>"
    )
    tree = ast.parse(make(tmp_path, body)["vendor.py"])
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]


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
    assert field_identifier(name) == python


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
    scaled = [cls for cls in DATACLASSES if "multiplier" in {field.name for field in fields_of(cls)}]
    assert len(scaled) == 17
    assert all(issubclass(cls, Quantity) for cls in scaled)
    for cls in scaled:
        value = next((field for field in dataclasses.fields(cls) if field.name == "value"), None)
        if value is not None and (largest := value.metadata.get("max_inclusive")) is not None:
            assert cls._largest == largest


def test_importing_one_class_does_not_load_every_module() -> None:
    probe = "import sys; from sep2 import EndDevice; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "sep2.end_device" in loaded
    assert not loaded & {"sep2.der", "sep2.metering", "sep2.pricing", "lxml", "xsdata"}


def test_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="module 'sep2' has no attribute 'EndDevices'"):
        _ = sep2.EndDevices
