"""What following takes, as ``python -m bench follow`` prints it: fleets, and one site beside py20305's client."""

from __future__ import annotations

import argparse
import platform
import tempfile
import textwrap
from pathlib import Path

from bench import follow, one_site
from bench.peers import py20305
from bench.tables import machine, section, table


def following(words: list[str]) -> None:
    """Print what following takes: fleets of the usual sizes, or one of a size that is given, and one site."""
    parser = argparse.ArgumentParser(prog="python -m bench follow")
    parser.add_argument("--sites", type=int)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--poll-rate", type=int, default=60)
    parser.add_argument("--listen", action="store_true")
    asked = parser.parse_args(words)
    print("# Benchmarks of following\n")
    print("The output of `python -m bench follow` (extra `bench`).\n")
    print(f"{machine()}.\n")
    print(f"Python {platform.python_version()}.\n")
    if not asked.peer:
        following_fleets(asked)
    if not asked.sites:
        following_beside_py20305(asked.seconds)


def following_fleets(asked: argparse.Namespace) -> None:
    """Print what following fleets takes."""
    section(
        "Fleets",
        "`AsyncClient.follow_fleet` with a state on disk, against `envoy serve` on the same machine, over TLS with "
        "client certificates. Every site has addresses of its own there, so that little can be shared. Parts of one "
        "core that both take, and requests a second, while nothing changes; memory that each site takes; seconds from "
        "the start of a control of all sites until their devices were given it, and until the server had all "
        "responses. Subscriptions are made in the seconds after all was read.",
    )
    kinds = [(asked.sites, asked.poll_rate, asked.listen)] if asked.sites else [(10_000, 300, True), (2_000, 60, False)]
    rows = []
    for sites, poll_rate, listen in kinds:
        with tempfile.TemporaryDirectory() as folder:
            x = follow.measure(Path(folder), sites, seconds=asked.seconds, poll_rate=poll_rate, listen=listen)
        name = f"{sites:,} sites, pollRate {poll_rate}{', subscriptions' if listen else ''}"
        took = [f"{x.cpu:.2f}", f"{x.server_cpu:.2f}", f"{x.requests:.0f}", f"{x.per_site / 1e3:.0f}"]
        made = [f"{x.subscriptions:,}", f"{x.subscribed:.0f}"]
        delays = [f"{x.median:.2f}", f"{x.delays[-1]:.2f}", f"{x.late[-1]:.0f}"]
        rows.append([name, f"{x.ready:.0f}", *made, *took, *delays])
    heads = ["", "all read, s", "subscriptions", "made, s", "follower", "server", "requests / s", "kB / site"]
    table([*heads, "median, s", "last, s", "responses, s"], rows)


def following_beside_py20305(seconds: float) -> None:
    """Print what following one site takes, beside py20305's client."""
    peer = py20305()
    section(
        f"One site, beside {peer.name} {peer.version}",
        "Each client is a process of its own and follows a site of its own for one certificate, over TLS: one program, "
        "with a default and a control of the next week. A poll is one pass over all that a client reads, everything "
        "at the pollRate of the server; 10 s is the least that each keeps to. Milliseconds of the processor, of the "
        "whole process, and seconds of it before: imports, and the first polls. Memory of its own in the end. The "
        "options are those that each has of itself, but for `server_2018_compat=True` of py20305, since the server is "
        "of CSIP-AUS 1.2, and a state on disk and no readings (`mirrors=()`) here.",
    )
    rows, requests = [], {}
    for poll_rate in one_site.POLL_RATES:
        with tempfile.TemporaryDirectory() as folder:
            found = one_site.measure(Path(folder), seconds, poll_rate)
        for name, x in found.items():
            requests[name], count = x.requests, sum(x.requests.values())
            took = [f"{x.cpu * 1e3:.1f}", f"{x.cpu / count * 1e3:.2f}"]
            sent = [f"{count:.1f}", f"{x.connections / x.polls:.1f}"]
            more = [f"{x.start:.1f}", f"{x.octets / 1e6:.0f}"]
            rows.append([f"{name}, pollRate {poll_rate}", str(x.polls), *took, *sent, *more])
    heads = ["", "polls", "ms / poll", "ms / request", "requests / poll", "connections / poll"]
    table([*heads, "before, s", "MB"], rows)
    print("Requests of a poll:")
    every = sorted(set().union(*requests.values()))
    table(["", *requests], [[what, *(f"{each.get(what, 0):.1f}" for each in requests.values())] for what in every])
    print(textwrap.fill(_READ, 120))


_READ = (
    "py20305 reads the DERList once, when it connects, and keeps what it knows of events in memory; its limits go to a "
    "dispatcher that does nothing. This package reads the DERList at its pollRate, keeps on disk what is to survive a "
    "restart, and asks a device every 5 seconds how it is, which is a device in memory here. Neither has anything to "
    "report: the sites have no DER, and no readings are posted."
)
"""What the table of requests does not show."""
