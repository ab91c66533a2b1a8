"""Print every figure: ``python -m bench``. The tables are Markdown; docs/explanation/benchmarks.md is this output.

``python -m bench validate`` prints the last section alone: many files validated by one command.
``python -m bench start`` prints what imports and commands take from their start to their end.
``python -m bench connections`` prints the memory of idle connections alone; a number after it is how many there are.
``python -m bench growth`` prints what documents of many shapes cost as they grow: none of 2 MB may cost more than 2
seconds of the processor or 300 MB.
``python -m bench fleets`` prints what becomes of fleets, in docs/explanation/benchmarks-fleets.md; a number after
it is that of the sites.
``python -m bench utility`` prints what a utility with many sites takes: docs/explanation/benchmarks-utility.md.
``python -m bench peer`` prints our models beside those of py20305: docs/explanation/benchmarks-models.md.
``python -m bench follow`` prints what following fleets takes; ``--sites 2000 --poll-rate 60 --seconds 120`` measures
one, with subscriptions if ``--listen`` is given, and ``--peer`` one site beside py20305's client.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import textwrap
from itertools import chain
from pathlib import Path

import lxml.etree

from bench import fleets, growth, many, models, utility
from bench.connections import COUNT as CONNECTIONS
from bench.connections import octets_per_connection
from bench.following import following
from bench.messages import growth as growth_by_element
from bench.messages import measured_large, measured_small, memory
from bench.peers import OURS, Peer, all_peers, py20305
from bench.processes import loaded_by, median, ratio, seconds
from bench.stand_in import LATENCY
from bench.tables import machine, section, table, times

_NOISE = 0.005
"""Seconds below which a time says nothing about growth."""


def main() -> None:
    """Measure and print."""
    peers = all_peers()
    print("# Benchmarks\n")
    print(
        "The output of `python -m bench` (extra `bench`): medians of contenders that take turns in one run, in time of"
    )
    print(
        "the processor unless they are called wall time. Absolute times belong to the machine; the ratios are what to"
    )
    print("look at.\n")
    print(f"{machine()}.\n")
    print(f"Python {platform.python_version()}, lxml {lxml.etree.__version__}, libxml2 ", end="")
    print(".".join(map(str, lxml.etree.LIBXML_VERSION)) + ", ", end="")
    print(", ".join(f"{peer.name} {peer.version}" for peer in peers) + ".")
    large = list(measured_large(peers))
    reading(large, peers)
    writing(large, peers)
    small_messages(peers)
    growing()
    memories(peers)
    processes()
    connections(CONNECTIONS)
    many_files()


def reading(large: list[tuple[str, int, dict[str, float]]], peers: list[Peer]) -> None:
    """Print how long reading takes by the element, and how many times as long as ours."""
    print("\n## Reading\n\nMicroseconds per element, and how many times as long as envoy-client.")
    ways = [
        "lxml parse",
        "lxml parse and visit",
        "read envoy-client, validated",
        *(f"read {peer.name}" for peer in peers),
    ]
    rows = []
    for name, count, took in large:
        ours = took[f"read {OURS.name}"]
        rows += [[f"**{name}**, {count} elements", "", ""]]
        rows += [[way, f"{took[way] / count * 1e6:.2f}", times(took[way] / ours)] for way in ways]
    table(["", "us / element", "of ours"], rows)


def writing(large: list[tuple[str, int, dict[str, float]]], peers: list[Peer]) -> None:
    """Print how long writing takes by the element, and how many times as long as ours."""
    print("## Writing\n\nMicroseconds per element, and how many times as long as envoy-client.")
    rows = []
    for name, count, took in large:
        ours = took[f"write {OURS.name}"]
        rows += [[f"**{name}**, {count} elements", "", ""]]
        ways = ["lxml tostring", *(f"write {peer.name}" for peer in peers)]
        rows += [[way, f"{took[way] / count * 1e6:.2f}", times(took[way] / ours)] for way in ways]
    table(["", "us / element", "of ours"], rows)


def small_messages(peers: list[Peer]) -> None:
    """Print how long small messages take."""
    print("## Small messages\n\nMicroseconds per message.")
    measured = list(measured_small(peers))
    ways = [f"{verb} {peer.name}" for verb in ("read", "write") for peer in peers]
    ways += ["read envoy-client, validated", "write envoy-client, validated"]
    rows = [[way, *(f"{took[way] * 1e6:.1f}" for _, took in measured)] for way in sorted(ways)]
    table(["", *(name for name, _ in measured)], rows)


def growing() -> None:
    """Print what an element costs as documents grow."""
    print("## Growth\n\nMicroseconds per element of a DERControlList.")
    rows = growth_by_element()
    ways = list(rows[0][1])
    costs = {way: [took[way] for _, took in rows] for way in ways}
    cells = [[str(count), *(f"{took[way] * 1e6:.2f}" for way in ways)] for count, took in rows]
    dearest = [f"{max(cost) / min(cost):.2f}" for cost in costs.values()]
    table(["elements", *ways], [*cells, ["dearest over cheapest", *dearest]])


def growing_shapes() -> None:
    """Print what documents of many shapes cost, and how many times as much if they are larger."""
    small, large = growth.SIZES
    section(
        "Growth by shape",
        f"Documents of {small / 1e6:.1f} and {large / 1e6:.1f} MB: seconds of the processor for the larger, how many "
        f"times those of the smaller, which is 1/{large // small} of it, and the MB of memory that it takes.",
    )
    rows = []
    dearest = {name: growth.Cost(0, 0) for name in growth.OPERATIONS}
    for name, costs in growth.measure():
        cells = []
        for operation, (of_small, of_large) in costs.items():
            ratio = times(of_large.seconds / of_small.seconds) if of_small.seconds > _NOISE else ""
            cells += [f"{of_large.seconds:.2f}", ratio, f"{of_large.memory / 1e6:.0f}"]
            most = dearest[operation]
            dearest[operation] = growth.Cost(max(most.seconds, of_large.seconds), max(most.memory, of_large.memory))
        rows.append([name, *cells])
    most = [(f"{cost.seconds:.2f}", "", f"{cost.memory / 1e6:.0f}") for cost in dearest.values()]
    rows.append(["dearest", *chain.from_iterable(most)])
    heads = [(f"{name} s", "ratio", "MB") for name in growth.OPERATIONS]
    table(["shape", *chain.from_iterable(heads)], rows)


def memories(peers: list[Peer]) -> None:
    """Print what a document occupies once it is read."""
    print("## Memory\n\nKilobytes that the typed object of a document occupies.")
    table(
        ["", *(peer.name for peer in peers)],
        [[name, *(f"{row[peer.name] / 1000:.0f}" for peer in peers)] for name, row in memory(peers)],
    )


def processes() -> None:
    """Print how long imports and commands take as whole processes."""
    print("## Start\n\nMilliseconds of whole processes.")
    rows = [[name, f"{took.wall * 1e3:.0f}", f"{took.cpu * 1e3:.0f}"] for name, took in seconds().items()]
    table(["process", "wall", "processor"], rows)
    for statement in ("from sep2 import EndDevice", "from envoy import loads", "from envoy import Client, Site"):
        heavy, modules = loaded_by(statement)
        print(f"`{statement}` loads {modules} modules of sep2 and {', '.join(heavy) or 'none of the heavy packages'}.")


def many_files() -> None:
    """Print how long one command takes to validate many files."""
    section(
        "Many files",
        f"Seconds of whole processes that validate {many.COUNT:,} different valid files of about 5 kB. xmllint "
        "validates by the schema alone, as `--no-rules` does. How many times as long as xmllint a command takes is "
        f"the median of {many.TURNS} turns, in each of which all commands run, one after the other.",
    )
    took = many.seconds()
    xmllint = took.get(many.XMLLINT)
    if xmllint is None:
        print("xmllint is missing: Debian has it in libxml2-utils.")
    rows = []
    for name, each in took.items():
        typical = median(each)
        of = ratio(each, xmllint) if xmllint else None
        ratios = [f"{of.wall:.2f}x", f"{of.cpu:.2f}x"] if of else ["", ""]
        rows.append([name, f"{typical.wall:.2f}", ratios[0], f"{typical.cpu:.2f}", ratios[1]])
    table(["command", "wall", "of xmllint", "processor", "of xmllint"], rows)


def connections(count: int) -> None:
    """Print what an idle connection costs the server."""
    print(f"\n## Connections\n\nKilobytes that `envoy serve` takes for each of {count:,} idle TLS connections.")
    rows = octets_per_connection(count).items()
    table(["after", "kB"], [[after, f"{octets / 1000:.0f}"] for after, octets in rows])


def many_sites(count: int) -> None:
    """Print what becomes of fleets: exactly once under disturbance, and what they cost."""
    print("# Benchmarks of fleets\n")
    print("The output of `python -m bench fleets` (extra `bench`).\n")
    print(f"{machine()}.\n")
    print(f"Python {platform.python_version()}.\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        once = fleets.exactly_once(folder, count)
        section(
            "Exactly once",
            f"`envoy register` of {count:,} sites against `envoy serve`, which disturbs one request in twenty, killed "
            "with SIGKILL on the way. What the server has stored in the end is compared with the fleet.",
        )
        rows = [["kills", once.kills], ["runs after these", once.runs], ["seconds in all", round(once.seconds)]]
        rows += [[f"requests disturbed: {fault}", number] for fault, number in sorted(once.faults.items())]
        rows += [["sites missing", once.missing], ["sites more than once", once.doubled]]
        rows += [["sites with a resource not as described", once.different], ["devices of no site", once.strangers]]
        table(["", "count"], [[str(what), f"{value:,}"] for what, value in rows])
        section(
            "Sites per second",
            f"Against one stand-in that responds after {LATENCY * 1000:.0f} ms. envoy-client 0.1.1 makes the five "
            "requests of its description, one after the other; `envoy register` makes six for most, of "
            f"{fleets.CONCURRENCY} sites at a time.",
        )
        per_second = fleets.sites_per_second(folder, 2_000, LATENCY)
        slowest = min(per_second.values())
        table(["", "sites / s", ""], [[x, f"{value:.0f}", times(value / slowest)] for x, value in per_second.items()])
        section(
            "CPU per request",
            "Microseconds of CPU of the client for each request, with a response at once, 20 at a time. httpx sends "
            "the same bytes and does nothing with the responses.",
        )
        cpu = fleets.cpu_per_request(folder, 500)
        table(["", "us", ""], [[x, f"{value * 1e6:.0f}", times(value / cpu["httpx"])] for x, value in cpu.items()])
        section("Memory", "The most memory that a process takes to register a fleet, in MB.")
        peaks = fleets.memory(folder, (1_000, 10_000, 100_000))
        table(["rows", "MB"], [[f"{rows:,}", f"{peak:.0f}"] for rows, peak in peaks.items()])


def utility_of_many(count: int) -> None:
    """Print what a utility with many sites takes: orders, GETs and memory."""
    print("# Benchmarks of the utility\n")
    print("The output of `python -m bench utility` (extra `bench`).\n")
    print(f"{machine()}.\n")
    print(f"Python {platform.python_version()}.\n")
    with tempfile.TemporaryDirectory() as name:
        measured = utility.measure(Path(name), count, 10_000)
    section(
        "Orders",
        f"`envoy serve` with {count:,} sites and a program of its own for each, in a file. Seconds from the order for "
        "a control until it was followed, and until the last site had the control from the server, over TLS.",
    )
    orders = {"one program for all": measured.one_program, "one for each": measured.each_its_own}
    table(
        ["control in", "followed, s", "on offer, s"],
        [[name, f"{x.order:.2f}", f"{x.seen:.2f}"] for name, x in orders.items()],
    )
    section(
        "GETs",
        f"Microseconds of CPU of the server for a GET of a list of controls, {measured.size} octets, each of another "
        f"site, over {utility.CONNECTIONS} connections that are kept alive, with TLS and client certificates. A bare "
        "starlette application returns the same octets.",
    )
    rows = {"envoy serve": measured.get, "bare starlette": measured.bare}
    table(
        ["", "us", "a second on one core", ""],
        [[x, f"{value * 1e6:.0f}", f"{1 / value:,.0f}", times(value / measured.bare)] for x, value in rows.items()],
    )
    section(
        "Memory",
        "An event of five minutes begins every minute and gets 30 responses; what has been over for an hour is "
        "forgotten. The most memory that the process has taken so far, and what it keeps.",
    )
    samples = utility.memory(10_000, 5)
    table(
        ["events", "MB", "controls", "responses"],
        [[f"{x.events:,}", f"{x.megabytes:.0f}", f"{x.controls:,}", f"{x.responses:,}"] for x in samples],
    )


def beside_py20305() -> None:
    """Print our models beside those of py20305, in one table."""
    peer = py20305()
    print("# Our models beside those of py20305\n")
    text = (
        "The output of `python -m bench peer` (extra `bench`). Both have all messages of IEEE 2030.5-2023 and "
        "elements of CSIP-AUS, ours what 2018 alone has as well. Times are medians of contenders that take turns in "
        "one run, of the processor; an import is without what a bare Python takes."
    )
    print(textwrap.fill(text, 120, break_on_hyphens=False))
    print(f"\n{machine()}.\n")
    print(f"Python {platform.python_version()}, {OURS.name} {OURS.version}, {peer.name} {peer.version}.")
    ours, theirs = (models.sizes()[name] for name in (OURS.name, peer.name))
    rows = [_beside(what, getattr(ours, name), getattr(theirs, name)) for name, what in _SIZES.items()]
    started, longer = models.starts()
    ours_started, theirs_started = started[OURS.name], started[peer.name]
    rows += [
        ["import of EndDevice, ms", *(f"{x.seconds * 1e3:.0f}" for x in started.values()), times(longer.cpu)],
        _beside("import of EndDevice, MB", ours_started.octets / 1e6, theirs_started.octets / 1e6, ".1f"),
        _beside("import of EndDevice, modules", ours_started.modules, theirs_started.modules),
    ]
    for name, took in measured_small([OURS, peer]):
        for verb in ("read", "write"):
            pair = [took[f"{verb} {x.name}"] * 1e6 for x in (OURS, peer)]
            rows.append(_beside(f"{verb} {name}, us", *pair, ".0f"))
    for name, count, took in measured_large([OURS, peer]):
        for verb in ("read", "write"):
            pair = [took[f"{verb} {x.name}"] / count * 1e6 for x in (OURS, peer)]
            rows.append(_beside(f"{verb} {name}, us / element", *pair, ".2f"))
    for name, octets in memory([OURS, peer]):
        rows.append(_beside(f"memory of {name}, kB", octets[OURS.name] / 1e3, octets[peer.name] / 1e3, ".0f"))
    table(["", OURS.name, peer.name, "of ours"], rows)


_SIZES = {
    "files": "files of the models",
    "lines": "lines",
    "statements": "lines of code, without docstrings, comments and empty ones",
    "classes": "classes with fields",
    "wrappers": "of them wrappers around one plain value",
    "fields": "fields of all classes",
    "enums": "enumerations of codes and bits",
    "names": "their names",
}
"""What a row of the table calls each size."""


def _beside(what: str, ours: float, theirs: float, form: str = ",d") -> list[str]:
    return [what, format(ours, form), format(theirs, form), times(theirs / ours) if ours and theirs else ""]


def run(words: list[str]) -> None:
    """Do what the command line asks for."""
    if words == ["validate"]:
        many_files()
    elif words == ["start"]:
        processes()
    elif words[:1] == ["connections"]:
        connections(int(words[1]) if words[1:] else CONNECTIONS)
    elif words == ["growth"]:
        growing_shapes()
    elif words[:1] == ["fleets"]:
        many_sites(int(words[1]) if words[1:] else 10_000)
    elif words == ["peer"]:
        beside_py20305()
    elif words[:1] == ["follow"]:
        following(words[1:])
    elif words[:1] == ["utility"]:
        utility_of_many(int(words[1]) if words[1:] else 10_000)
    else:
        main()


if __name__ == "__main__":
    run(sys.argv[1:])
