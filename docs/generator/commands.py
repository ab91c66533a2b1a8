"""The pages of the commands, from the commands themselves: what each does, takes and ends with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from envoy.cli import app
from generator.markdown import escape, paragraph, table

_NUMBER = re.compile(r"<(?:int|float)(?: range)?>")
_PAGE = re.compile(r'page "?([^"().]+)"? of envoy docs')
_REFERENCE = Path(__file__).resolve().parents[1] / "reference"
_STATUS = re.compile(r"^Exit status: (.*)$", re.DOTALL | re.MULTILINE)


def write_pages(folder: Path) -> None:
    """Write a page for each command into a folder, and ``index.md``, which lists them."""
    folder.mkdir(parents=True)
    root: Any = get_command(app)
    commands = {name: root.commands[name] for name in root.commands}
    for name, command in commands.items():
        parts = _command(command, ["envoy", name])
        (folder / f"{name}.md").write_text("\n\n".join(filter(None, parts)) + "\n", encoding="utf-8")
    (folder / "index.md").write_text("\n\n".join(_index(root, commands)) + "\n", encoding="utf-8")


def _index(root: Any, commands: dict[str, Any]) -> Iterator[str]:
    yield "# Commands"
    yield "`envoy COMMAND --help` prints what is here. `envoy --version` prints the version."
    yield table(
        ("Command", "What it does"),
        ((f"[`envoy {name}`]({name}.md)", escape(_lines(each)[0])) for name, each in commands.items()),
    )
    yield "## Completion"
    yield (
        "`envoy --install-completion` has the shell that it runs in, bash, zsh, fish or PowerShell, complete commands "
        "and options. `envoy --show-completion` prints what it would install, to be put where the shell reads it."
    )
    yield "## Exit statuses"
    yield (
        "They mean the [same for every command](../exit-statuses.md). What they mean for one of them, where it has "
        "more to say:"
    )
    rows = []
    for name, command in commands.items():
        for path, each in _all(command, name):
            if status := _STATUS.search("\n\n".join(_lines(each))):
                rows.append((f"[`envoy {path}`]({name}.md)", escape(status[1])))
    yield table(("Command", "Exit status"), rows)


def _all(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, each in getattr(command, "commands", {}).items():
        yield from _all(each, f"{path} {name}")


def _command(command: Any, path: list[str]) -> Iterator[str]:
    """Yield the section of a command, and of each command below it."""
    first, *rest = _lines(command)
    yield f"{'#' * (len(path) - 1)} {' '.join(path)}"
    yield escape(first)
    context = command.make_context(path[-1], [], resilient_parsing=True)
    context.info_name = " ".join(path)
    below = getattr(command, "commands", {})
    usage = " ".join([*path, *command.collect_usage_pieces(context)])
    yield f"```text\n{usage}\n```"
    yield from (paragraph(_link(escape(text))) for text in rest)
    records = [param.get_help_record(context) for param in command.get_params(context) if "--help" not in param.opts]
    yield (
        table(
            ("Argument, option", "Meaning"),
            ((f"`{_NUMBER.sub('N', name)}`", _link(escape(meaning))) for name, meaning in filter(None, records)),
        )
        if any(records)
        else ""
    )
    for name, each in below.items():
        yield from _command(each, [*path, name])


def _link(text: str) -> str:
    """Return Markdown in which a page that is named, as the help of a command names it, is linked."""
    return _PAGE.sub(lambda named: f"page [{named[1]}](../{_find_page(named[1])})", text)


def _find_page(name: str) -> str:
    """Return the file of the page of the reference whose heading starts with a name."""
    heads = {page.name: page.read_text(encoding="utf-8").partition("\n")[0] for page in _REFERENCE.glob("*.md")}
    return next(page for page, head in heads.items() if head.startswith(f"# {name}"))


def _lines(command: Any) -> list[str]:
    """Return the paragraphs of the help of a command, each on a line."""
    return [" ".join(part.split()) for part in (command.help or "").split("\n\n")]
