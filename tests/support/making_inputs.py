"""Files as they come: archives, captures and .http files, made for tests, and what is said of them."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from envoy.checker.checker import Checker
from envoy.checker.reports import Summary, Verdict, open_report
from envoy.checker.sources import Document
from envoy.profiles import PROFILES
from tests.support.documents import read_documents

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'

GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"

SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"

POINT = '<ConnectionPoint xmlns="{}"><connectionPointId>1</connectionPointId></ConnectionPoint>'

SEP_XML = "application/sep+xml"


def capability(watts: int, href: str = "") -> str:
    return (
        f"<DERCapability {SEP}{f' href={href!r}' if href else ''}><modesSupported>00000001</modesSupported>"
        f"<rtgMaxW><multiplier>0</multiplier><value>{watts}</value></rtgMaxW><type>4</type></DERCapability>"
    )


def settings(watts: int, href: str = "") -> str:
    return (
        f"<DERSettings {SEP}{f' href={href!r}' if href else ''}>\n<setGradW>0</setGradW>\n"
        f"<setMaxW><multiplier>0</multiplier><value>{watts}</value></setMaxW><updatedTime>0</updatedTime></DERSettings>"
    )


def read(path: Path, *include: str, max_size: int | None = 1_000_000) -> list[Document]:
    return list(read_documents([str(path)], include=include or ("*.xml",), max_size=max_size))


def judged(path: Path, profile: str | None = None, **options: Any) -> list[Verdict]:
    checker = Checker(profile=PROFILES[profile] if profile else None, max_size=1_000_000, **options)
    return list(checker.check_documents(read(path)))


def write_report(form: str, verdicts: Iterable[Verdict]) -> str:
    """Return the report on some verdicts."""
    written: list[str] = []
    summary = Summary()
    with open_report(form, written.append) as report:
        for verdict in verdicts:
            report.add(verdict)
            summary.add(verdict)
        report.finish(summary)
    return "".join(written)


def codes(verdicts: list[Verdict]) -> list[str]:
    return [finding.code for verdict in verdicts for finding in verdict.findings]


def zipped(
    path: Path, members: dict[str, str | bytes], change: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, content)
    return path


def tarred(path: Path, members: dict[str, str], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


def entry(method: str, url: str, **bodies: Any) -> dict[str, Any]:
    """An entry of a capture: ``request`` and ``response`` are texts, or what stands in source of them."""
    kind = bodies.get("kind", SEP_XML)
    found: dict[str, Any] = {
        "request": {"method": method, "url": url},
        "response": {"status": bodies.get("status", 200), "content": {"size": 0, "mimeType": ""}},
    }
    if (text := bodies.get("request")) is not None:
        found["request"]["postData"] = text if isinstance(text, dict) else {"mimeType": kind, "text": text}
    if (text := bodies.get("response")) is not None:
        found["response"]["content"] = text if isinstance(text, dict) else {"mimeType": kind, "text": text}
    return found


def captured(path: Path, *entries: dict[str, Any], indent: int | None = 1) -> Path:
    har = {"log": {"version": "1.2", "creator": {"name": "test", "version": "1"}, "entries": entries}}
    path.write_text(json.dumps(har, indent=indent))
    return path


def http(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path
