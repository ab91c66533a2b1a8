"""Search for configuration files: which one holds for which documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from envoy.cli.configuration.discovery import find_configuration
from envoy.errors import ConfigurationError

OURS = "[tool.envoy]\n"
OTHERS = "[tool.ruff]\n[project]\nname = 'envoy'\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


def found(folder: Path, *names: str) -> str:
    """Return the configuration file for documents in a folder, relative to it; nothing if there is none."""
    file = find_configuration([name if name == "-" or "://" in name else str(folder / name) for name in names])
    return "" if file is None else str(file.path.relative_to(folder))


@pytest.mark.parametrize(
    ("files", "name", "expected"),
    [
        ({}, "a.xml", ""),
        ({"envoy.toml": ""}, "a.xml", "envoy.toml"),
        ({"envoy.toml": ""}, "sub/deep/a.xml", "envoy.toml"),
        ({"envoy.toml": ""}, "sub", "envoy.toml"),
        ({"sub/envoy.toml": ""}, "sub", "sub/envoy.toml"),
        ({"sub/envoy.toml": ""}, ".", ""),
        ({"sub/envoy.toml": "", "envoy.toml": ""}, "sub/a.xml", "sub/envoy.toml"),
        ({"envoy.toml": "", "pyproject.toml": OURS}, "a.xml", "envoy.toml"),
        ({"pyproject.toml": OURS}, "a.xml", "pyproject.toml"),
        ({"sub/pyproject.toml": OTHERS, "pyproject.toml": OURS}, "sub/a.xml", "pyproject.toml"),
        ({"sub/pyproject.toml": "[tool.ruff", "envoy.toml": ""}, "sub/a.xml", "envoy.toml"),
        ({"envoy.toml/a.xml": "", "pyproject.toml": OURS}, "envoy.toml/a.xml", "pyproject.toml"),
    ],
)
def test_the_nearest_file_holds(tmp_path: Path, files: dict[str, str], name: str, expected: str) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, files)
    assert found(tmp_path, name) == expected


def test_a_path_may_have_any_number_of_folders(tmp_path: Path) -> None:
    write(tmp_path, {"envoy.toml": ""})
    assert found(tmp_path, f"{'a/' * 1500}a.xml", "a/b.xml") == "envoy.toml"


def test_what_is_in_no_folder_counts_as_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"envoy.toml": ""})
    monkeypatch.chdir(tmp_path)
    for name in ("-", "s3://bucket/a.xml"):
        assert found(tmp_path, name) == "envoy.toml"


def test_documents_with_different_configurations(tmp_path: Path) -> None:
    write(tmp_path, {"one/envoy.toml": "", "two/envoy.toml": "", "one/sub/a.xml": ""})
    assert found(tmp_path, "one/a.xml", "one/sub", "one/b.xml") == "one/envoy.toml"
    for names in (("one/a.xml", "two/a.xml"), ("one/a.xml", "a.xml")):
        with pytest.raises(ConfigurationError) as caught:
            found(tmp_path, *names)
        assert all(str(tmp_path / name) in caught.value.what for name in names)


def test_a_file_is_read_once_for_however_many_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"pyproject.toml": OURS})
    reads = []
    usual = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda self, *x, **y: reads.append(self) or usual(self, *x, **y))
    assert found(tmp_path, *(f"f{number}/a{number}.xml" for number in range(20))) == "pyproject.toml"
    assert reads == [tmp_path / "pyproject.toml"]


def test_a_file_that_is_broken_is_not_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"sub/pyproject.toml": "[tool.envoy", "envoy.toml": ""})
    with pytest.raises(ConfigurationError) as caught:
        found(tmp_path, "sub/a.xml")
    assert caught.value.where == str(tmp_path / "sub" / "pyproject.toml")
