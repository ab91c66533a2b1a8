"""The published CSIP-AUS client procedures, as data: the package that has them is for newer Pythons."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

PACKAGE = "cactus-test-definitions==1.18.2"


@pytest.fixture(scope="session")
def published(pytestconfig: pytest.Config) -> Path:
    """The folder of the published procedures, downloaded once and kept in pytest's cache."""
    assert pytestconfig.cache is not None
    try:
        return find_published(pytestconfig.cache.mkdir("procedures"))
    except LookupError as error:
        pytest.skip(str(error))


def find_published(cache: Path) -> Path:
    """Return the folder of the published procedures, which are downloaded if they are not in a cache.

    Raises:
        LookupError: They cannot be downloaded.
    """
    folder = cache / PACKAGE.partition("==")[2]
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _download(folder)
    return folder


def _download(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        options = ["--quiet", "--no-deps", "--only-binary=:all:", "--python-version", "3.12", "--dest", temporary]
        command = [sys.executable, "-m", "pip", "download", "--retries", "1", *options, PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            why = done.stderr.strip()[-200:]
        except subprocess.TimeoutExpired:
            why = "it takes too long"
        wheels = [*Path(temporary).glob("*.whl")]
        if not wheels:
            raise LookupError(f"{PACKAGE} cannot be downloaded: {why}")
        unpacked = Path(temporary) / "procedures"
        unpacked.mkdir()
        with zipfile.ZipFile(wheels[0]) as wheel:
            for name in wheel.namelist():
                if name.startswith("cactus_test_definitions/client/procedures/") and name.endswith(".yaml"):
                    (unpacked / Path(name).name).write_bytes(wheel.read(name))
        # Another process may have been faster.
        if not folder.exists():
            shutil.move(unpacked, folder)
