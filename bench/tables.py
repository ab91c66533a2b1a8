"""The form of what is printed: Markdown."""

from __future__ import annotations

import platform
import textwrap
from collections.abc import Iterable
from pathlib import Path


def section(title: str, text: str) -> None:
    """Print the head of a section and what it is about."""
    print(f"## {title}\n\n{textwrap.fill(text, 120)}")


def machine() -> str:
    """Return the processor and the system."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = f"{len(names)} cores, {names[0]}" if names else model
    return f"{model}, {platform.system()}"


def table(head: list[str], rows: Iterable[list[str]]) -> None:
    """Print a Markdown table, numbers to the right."""
    print("\n| " + " | ".join(head) + " |")
    print("|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def times(value: float) -> str:
    return f"{value:.1f}x"
