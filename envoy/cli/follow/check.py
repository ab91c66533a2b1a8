"""The check before following: ``envoy follow --check``, which looks at everything and changes nothing."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

import typer

from envoy._text import join_words, printable
from envoy.cli.follow.checks import (
    CheckResult,
    Level,
    Report,
    check_certificate,
    check_device,
    check_site,
    check_state,
)
from envoy.cli.follow.notifications import check_notifications
from envoy.cli.follow.setup import Setup
from envoy.cli.terminal.option_names import name_options
from envoy.der.abilities import Abilities
from envoy.der.state.state_file import STATE_FILE
from envoy.errors import EnvoyError


def run_checks(load: Callable[[], Setup]) -> Iterator[CheckResult]:
    """Yield the results of all checks.

    Args:
        load: Returns what is to be followed.
    """
    from envoy.cli.follow.server_check import check_handshake, check_server  # deferred: loads httpx and cryptography

    try:
        setup = load()
    except EnvoyError as error:
        yield Report("configuration").error(error)
        return
    files = setup.connection
    yield from check_site(setup.path, setup.site)
    yield from check_certificate(files.cert, files.key, files.ca, setup.site.lfdi, datetime.now(UTC))
    yield from check_state(setup.state, setup.open_state, STATE_FILE)
    try:
        client = setup.client()
    except EnvoyError as error:
        yield Report("server").error(error)
    else:
        with client:
            handshake = list(check_handshake(setup.url, files)) if client.base.startswith("https:") else []
            yield from handshake
            if all(each.level is not Level.ERROR for each in handshake):
                yield from check_server(client, setup.site, time.time, mirrors=len(setup.mirrors))
    yield from check_notifications(setup.notifications, setup.connection, setup.open_listener)
    wanted = Abilities.of_site(setup.site).modes if setup.site.ders else frozenset[str]()
    yield from check_device(join_words(setup.kinds, "and"), setup.open_devices, wanted=wanted)


def show_results(results: Iterable[CheckResult], *, as_json: bool) -> bool:
    """Print results as they come, and return whether following is possible.

    Args:
        results: The results.
        as_json: Print a JSON object for each, with ``part``, ``level``, ``text`` and ``remedy``.
    """
    counts = dict.fromkeys(Level, 0)
    for result in results:
        counts[result.level] += 1
        if as_json:
            typer.echo(json.dumps(dataclasses.asdict(result)))
            continue
        typer.echo(printable(f"{result.level:8} {result.part:14} {result.text}"))
        if result.remedy:
            typer.echo(f"{'':24}{printable(name_options(result.remedy))}")
    if not as_json:
        shown = ((counts[level], level) for level in (Level.ERROR, Level.WARNING))
        typer.echo(", ".join(f"{count} {level}{'' if count == 1 else 's'}" for count, level in shown))
    return not counts[Level.ERROR]
