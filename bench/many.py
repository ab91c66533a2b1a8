"""Many files validated by one command: ``envoy validate`` beside xmllint, as whole processes."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from bench.documents import der_control_list, end_device_list
from bench.processes import Took, measure
from envoy import dumps
from envoy.identity import sfdi_of_lfdi
from envoy.profiles import get_profile
from envoy.xsd.schemas import schema_path
from sep2 import EndDeviceList

COUNT = 20_000
"""Files that are validated, half of them lists of controls and half lists of devices, about 5 kB each."""

_MADE = 1_000
"""Messages that are made, since that takes longer than to validate them; in the others the hrefs differ."""

TURNS = 5

XMLLINT = "xmllint --noout --schema"


def seconds(count: int = COUNT, turns: int = TURNS) -> dict[str, list[Took]]:
    """Return what each command that validates all files took in each turn, by what it is.

    Args:
        count: How many files.
        turns: How often each command has its turn.

    Raises:
        subprocess.CalledProcessError: A command objected to a file; all are valid.
    """
    with tempfile.TemporaryDirectory() as folder:
        names = _write(Path(folder), count)
        envoy = [sys.executable, "-m", "envoy", "validate", "--isolated", "."]
        commands = {}
        if shutil.which("xmllint"):
            commands[XMLLINT] = [
                "xmllint", "--noout", "--schema", str(schema_path(get_profile())), *names,
            ]  # fmt: skip
        for options in ("--workers 1", "--workers 1 --no-rules", "--workers 2", "--workers 2 --no-rules"):
            commands[f"envoy validate {options}"] = [*envoy, *options.split()]
        return measure(commands, turns, folder)


def _write(folder: Path, count: int) -> list[str]:
    """Write the files and return their names."""
    messages = [der_control_list(7, first=n) if n % 2 else _devices(n) for n in range(min(count, _MADE))]
    contents = [dumps(message, validate=False) for message in messages]
    names = [f"{number:05}.xml" for number in range(count)]
    for number, name in enumerate(names):
        content = contents[number % len(contents)]
        (folder / name).write_bytes(content.replace(b'href="/', b'href="/%d/' % (number // len(contents))))
    return names


def _devices(number: int) -> EndDeviceList:
    """Return a list of devices whose SFDIs belong to their LFDIs, so that no rule objects to it."""
    devices = end_device_list(9)
    for device in devices.end_device:
        device.lfdi = hashlib.sha256(f"{number} {device.href}".encode()).digest()[:20]
        device.sfdi = sfdi_of_lfdi(device.lfdi)
    return devices
