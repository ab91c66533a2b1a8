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
from typing import Any

import pytest

import codegen
import sep2
from envoy import Profile, loads
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import fields_of
from envoy.bindings.quantities import Quantity, UnsignedQuantity
from envoy.codegen import Job, run
from envoy.codegen.names import field_identifier
from envoy.codegen.pipeline import Package, generate
from envoy.errors import SchemaError
from tests.conftest import ROOT

CLASSES = [getattr(sep2, name) for name in sep2.__all__ if name not in ("ELEMENTS", "TYPES")]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]


MADE: dict[str, bytes] = {}
"""The files of sep2 as the schema makes them now; they are made once."""


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


@pytest.fixture
def sep2_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """The job of codegen.py on a copy of what it writes."""
    shutil.copytree(ROOT / "generated", tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    job = dataclasses.replace(codegen.OURS, output=tmp_path / "generated")
    MADE.update(MADE or generate(job).files)
    monkeypatch.setattr("envoy.codegen.pipeline.generate", lambda job: Package(MADE, []))
    return dataclasses.replace(job, root=tmp_path)


@pytest.mark.unmeasured
def test_codegen_finds_the_stored_bindings_up_to_date() -> None:
    # Without the virtual environment on the PATH, as when a user calls .venv/bin/python by its name.
    command = [sys.executable, str(ROOT / "codegen.py"), "--check"]
    environment = {**os.environ, "PATH": os.defpath}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_names_each_stale_file_and_writes_nothing(
    sep2_job: Job, capsys: pytest.CaptureFixture[str], snapshot: Any
) -> None:
    with (sep2_job.folder / "time.py").open("a") as file:
        file.write("# edited by hand\n")
    (sep2_job.folder / "file.py").unlink()
    (sep2_job.folder / "stray.py").touch()
    before = contents(sep2_job.folder)

    assert run(sep2_job, check=True) == 1

    assert capsys.readouterr().err == snapshot
    assert contents(sep2_job.folder) == before


def test_missing_files_are_written_with_the_same_bytes_as_ever(
    sep2_job: Job, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(sep2_job.folder)

    assert run(sep2_job) == 0

    assert capsys.readouterr().out == f"generated/sep2: {len(MADE)} files changed\n"
    assert contents(sep2_job.output) == contents(ROOT / "generated")


def test_a_file_that_was_not_generated_is_never_overwritten(sep2_job: Job) -> None:
    work = sep2_job.folder / "mine.py"
    work.write_text("result = 42\n")

    with pytest.raises(SchemaError) as caught:
        run(sep2_job)

    assert caught.value.where == str(work)
    assert work.read_text() == "result = 42\n"


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    job = Job([schema(tmp_path, of_type(A))], "vendor", tmp_path / "vendor.xsd")
    with pytest.raises(SchemaError) as caught:
        run(job)
    assert caught.value.where == str(tmp_path / "vendor.xsd" / "vendor")


def test_options_that_belong_together_are_given_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        codegen.main(["--schema", "x.xsd"])
    assert caught.value.code == 2
    assert "--schema, --package and --output" in capsys.readouterr().err


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
    files = generate(Job([schema(folder, body)], "vendor", folder)).files
    return {name: content.decode() for name, content in files.items()}


def of_type(content: str) -> str:
    return f'<xs:complexType name="T"><xs:sequence>{content}</xs:sequence></xs:complexType>'


ELEMENT = '<xs:element name="{}" type="xs:int"/>'
A, B = ELEMENT.format("a"), ELEMENT.format("b")


def refusal(folder: Path, body: str) -> str:
    """Return the message of the error that a schema is refused with."""
    with pytest.raises(SchemaError) as caught:
        make(folder, body)
    return str(caught.value).replace(str(folder), "FOLDER")


@pytest.mark.parametrize(
    "body",
    [
        of_type(A).replace("<xs:complexType", '<xs:complexType mixed="true"'),
        of_type('<xs:element name="a" type="xs:int" nillable="true"/>'),
        of_type('<xs:element name="a"/>'),
        of_type('<xs:element name="a" type="xs:QName"/>'),
        of_type(f'<xs:sequence maxOccurs="3">{A}{B}</xs:sequence>'),
        of_type(f'<xs:choice maxOccurs="unbounded">{A}{B}</xs:choice>'),
        of_type(A + B + A),
        of_type(A)
        + '<xs:complexType name="U"><xs:complexContent><xs:extension base="v:T"><xs:sequence>'
        + A
        + "</xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
        '<xs:group name="G"><xs:sequence><xs:element name="c" minOccurs="0"><xs:complexType><xs:group ref="v:G"/>'
        '</xs:complexType></xs:element></xs:sequence></xs:group><xs:complexType name="T"><xs:group ref="v:G"/>'
        "</xs:complexType>",
        '<xs:complexType name="T"><xs:attribute name="a" type="xs:NMTOKENS" default="x y"/></xs:complexType>',
        '<xs:complexType name="T"><xs:attribute name="a" type="xs:date" default="2030-01-31Z"/></xs:complexType>',
        '<xs:complexType name="N"><xs:simpleContent><xs:extension base="xs:int"><xs:attribute name="u"/></xs:extension>'
        "</xs:simpleContent></xs:complexType>" + of_type('<xs:element name="a" type="v:N" default="3"/>'),
        '<xs:simpleType name="S"><xs:restriction base="xs:int"/></xs:simpleType>',
        of_type('<xs:element name="a" type="v:Nope"/>'),
        '<xs:include schemaLocation="nowhere.xsd"/>',
        '<xs:import namespace="urn:q" schemaLocation="https://q.example/q.xsd"/>',
    ],
    ids=[
        "mixed", "nillable", "untyped", "qname", "repeated-sequence", "repeated-choice", "two-places",
        "inherited", "recursive-group", "list-default", "date-default", "object-default", "no-complex-type",
        "unknown-type", "missing-file", "remote-file",
    ],
)  # fmt: skip
def test_a_schema_that_the_models_cannot_express_is_refused_with_its_place(
    tmp_path: Path, body: str, snapshot: Any
) -> None:
    assert refusal(tmp_path, body) == snapshot


LIMITED = (
    '<xs:element name="s" substitutionGroup="v:R"/><xs:element name="R" type="v:T"/>'
    '<xs:complexType name="N"><xs:simpleContent><xs:extension base="xs:int"><xs:attribute name="u"/></xs:extension>'
    '</xs:simpleContent></xs:complexType><xs:complexType name="T" mixed="true"><xs:sequence>'
    '<xs:element name="nil" type="xs:int" nillable="true" minOccurs="0"/><xs:element name="any" minOccurs="0"/>'
    f'<xs:element name="name" type="xs:QName" minOccurs="0"/><xs:sequence maxOccurs="3">{A}{B}</xs:sequence>'
    '<xs:element name="c" type="v:N" default="3" minOccurs="0"/><xs:element name="nil" type="xs:int" nillable="true"/>'
    '</xs:sequence><xs:attribute name="l" type="xs:NMTOKENS" default="x y"/></xs:complexType>'
)
"""A schema with each limit."""


def test_all_limits_of_a_schema_are_reported_in_one_run(tmp_path: Path, snapshot: Any) -> None:
    assert refusal(tmp_path, LIMITED) == snapshot


def test_what_the_models_cannot_express_is_left_out_if_that_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], snapshot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = schema(tmp_path, LIMITED)
    options = ["--schema", str(file), "--package", "limited", "--output", str(tmp_path), "--allow-limits"]
    assert codegen.main(options) == 0
    assert capsys.readouterr().err == snapshot
    assert codegen.main([*options, "--check"]) == 0

    monkeypatch.syspath_prepend(str(tmp_path))
    read = loads(
        '<R xmlns="urn:vendor" xmlns:v="urn:vendor">text<nil>1</nil><any><x/></any><name>v:R</name>'
        '<a>1</a><b>2</b><a>3</a><b>4</b><c u="w">5</c><nil>6</nil></R>',
        profile=Profile(name="limited", schema=file, package="limited"),
        validate=True,
    )
    assert (read.nil, read.name, read.a, read.b, read.c.value, read.c.u) == ([1, 6], "v:R", [1, 3], [2, 4], 5, "w")


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "<html/>",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:v&quot;; import os'/>",
    ],
    ids=["text", "html", "namespace"],
)
def test_a_file_that_is_not_a_schema_is_refused(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str], snapshot: Any
) -> None:
    (tmp_path / "vendor.xsd").write_text(text)
    options = ["--schema", str(tmp_path / "vendor.xsd"), "--package", "vendor", "--output", str(tmp_path)]
    assert codegen.main(options) == 2
    assert capsys.readouterr().err.replace(str(tmp_path), "FOLDER") == snapshot


def test_a_schema_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        generate(Job([tmp_path / "none.xsd"], "vendor", tmp_path))
    assert caught.value.where == str(tmp_path / "none.xsd")


@pytest.mark.parametrize("name", ["a-b", "class", "envoy", "envoy.acme", "json"])
def test_a_package_has_a_name_that_can_be_imported(tmp_path: Path, name: str, snapshot: Any) -> None:
    with pytest.raises(SchemaError) as caught:
        Job([], name, tmp_path)
    assert str(caught.value) == snapshot


def test_without_the_extra_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SchemaError) as caught:
        run(Job([tmp_path / "none.xsd"], "vendor", tmp_path))
    assert caught.value.remedy == "pip install 'envoy-client[codegen]'"


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
    "body",
    [
        codes("codes", '<doc:code value="1" name="ONE"/>', name=""),
        codes("codes", '<doc:code value="1" name="ONE"/>', name=' when="b is 2"'),
        codes("codes", '<doc:code value="1" name="ONE"/>', name=' name="T"'),
        codes("codes", '<doc:code value="1" name="a b"/>'),
        codes("codes", '<doc:code value="x" name="X"/>'),
        codes("codes", '<doc:code value="1" name="X"/><doc:code value="2" name="X"/>'),
        codes("codes", "<doc:member/>"),
        codes("bitmap", '<doc:bit position="0" name="X"/>', base="xs:token"),
        codes("codes", '<doc:code value="1" name="X"/>', base="xs:hexBinary"),
    ],
    ids=["unnamed", "unnamed-when", "taken", "member", "value", "twice", "entry", "text-bitmap", "any-length"],
)
def test_a_code_list_that_makes_no_sense_is_refused_with_its_place(tmp_path: Path, body: str, snapshot: Any) -> None:
    assert refusal(tmp_path, body) == snapshot


def test_a_type_without_a_namespace_cannot_be_used_in_a_schema_that_has_one(tmp_path: Path, snapshot: Any) -> None:
    other = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{}</xs:schema>'
    (tmp_path / "other.xsd").write_text(other.format(of_type(A)))
    body = '<xs:import schemaLocation="other.xsd"/>' + of_type(B) + '<xs:element name="T" type="T"/>'
    assert refusal(tmp_path, body) == snapshot


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


SINGLE_LETTERS = {"w", "v", "a", "x", "y", "p"}
"""Units and axes that are one letter in the standard too: watt, volt, ampere, x, y, and p for power."""


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
    return field.metadata.get("type") not in ("Element", "Attribute", "Ignore")


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
    assert len(scaled) == 19
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
    with pytest.raises(AttributeError) as caught:
        _ = sep2.EndDevices
    assert "EndDevices" in str(caught.value)
