"""What certification looks at: how often each list is read, over hours, whatever happens to rates and assignments."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import pytest

from envoy import Site
from envoy.protocol.flow import Request, Response
from tests.conftest import ROOT
from tests.support.homes import Home

pytestmark = pytest.mark.unmeasured

HOUR = 3600


def make_home() -> Home:
    home = Home(Site.load(ROOT / "examples" / "site.toml"))
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000)
    return home


def set_rates(home: Home, rate: int, **others: int) -> None:
    lists = ("device_capability", "end_device_list", "function_set_assignments_list", "der_program_list", "der_list")
    home.utility.poll_rates(**{**dict.fromkeys((*lists, "time"), rate), **others})


def read_times(home: Home) -> dict[str, list[float]]:
    """Return when the first page of each list was asked for, by its path."""
    found: dict[str, list[float]] = defaultdict(list)
    for time, method, href in home.requests:
        if method == "GET" and ("s=" not in href or "s=0&" in href):
            found[href.partition("?")[0]].append(time)
    return found


def check(times: list[float], rate: float, begin: float, end: float) -> None:
    """Check that a list was read at a rate between two times, as the certification wants it."""
    seen = [time for time in times if begin <= time <= end]
    around = [begin, *seen, end]
    assert max(later - earlier for earlier, later in itertools.pairwise(around)) <= 1.5 * rate
    # At most 6 in each window of three periods.
    assert all(seventh - first >= 3 * rate for first, seventh in zip(seen, seen[6:], strict=False))


LISTS = ("/dcap", "/tm", "/edev", "/edev/1/fsa", "/edev/1/der", "/edev/1/fsa/1/derp")


def test_all_lists_are_read_at_their_rate_for_hours_with_outages_in_between() -> None:
    home = make_home()
    set_rates(home, 60)
    for number in range(40):
        home.control(100 + 260 * number, 260, op_mod_exp_lim_w=100 * number)
    home.happens = {
        1800: lambda: home.utility.outage(420),
        5000: lambda: home.utility.outage(300, path="*/derp"),
        7000: lambda: home.utility.outage(100, 503),
        9000: lambda: home.utility.outage(600, path="/edev/*"),
    }
    home.follow(3 * HOUR)
    times = read_times(home)
    for path in (*LISTS, "/edev/1/derp/1/derc", "/edev/1/derp/1/dderc"):
        check(times[path], 60, 0, 1800)
        check(times[path], 60, 9700, 3 * HOUR - 60)
        if path in LISTS:
            # A server that fails is not asked for what is below the list that fails.
            check(times[path], 60, 0, 3 * HOUR - 60)
    statuses = [status for status, _ in home.responses()]
    assert [statuses.count(status) for status in (1, 2, 3)] == [40, 40, 40]


def test_a_rate_that_changes_holds_for_its_list_alone() -> None:
    home = make_home()
    set_rates(home, 60, function_set_assignments_list=300, der_program_list=60)
    home.happens = {
        1000: lambda: home.utility.poll_rates(function_set_assignments_list=60),
        2000: lambda: home.utility.poll_rates(der_program_list=120),
        2130: lambda: home.utility.poll_rates(der_program_list=60),
        4000: lambda: home.utility.poll_rates(der_list=600),
    }
    home.follow(2 * HOUR)
    times = read_times(home)
    check(times["/edev/1/fsa"], 300, 0, 1000)
    check(times["/edev/1/fsa"], 60, 1200, 2 * HOUR - 60)
    check(times["/edev/1/fsa/1/derp"], 60, 0, 2000)
    # 90 seconds after it is 60 again, as the procedure wants it.
    assert any(2130 < time <= 2220 for time in times["/edev/1/fsa/1/derp"])
    check(times["/edev/1/fsa/1/derp"], 60, 2220, 2 * HOUR - 60)
    check(times["/edev/1/der"], 600, 4060, 2 * HOUR - 60)
    for path in ("/dcap", "/edev", "/tm"):
        check(times[path], 60, 0, 2 * HOUR - 60)


def test_two_assignments_have_rates_of_their_own_lists_and_one_time() -> None:
    home = make_home()
    home.utility.program("local", primacy=0, fsa=2).default(op_mod_imp_lim_w=5000)
    set_rates(home, 120)
    home.follow(2 * HOUR)
    times = read_times(home)
    for path in (*LISTS, "/edev/1/fsa/2/derp", "/edev/1/derp/2/derc", "/edev/1/derp/2/dderc"):
        check(times[path], 120, 0, 2 * HOUR - 120)


def test_without_assignments_the_programs_of_device_capability_are_read_at_their_rate() -> None:
    home = make_home()
    set_rates(home, 60)

    def send(request: Request) -> Response:
        response = home._send(request)
        content = response.content
        if request.href == "/dcap":
            link = b'<DERProgramListLink href="/edev/1/derp"/>'
            content = content.replace(b"<EndDeviceListLink", link + b"<EndDeviceListLink")
        content = content.replace(b"<FunctionSetAssignmentsListLink", b"<ConfigurationLink")
        return replace(response, content=content)

    home.send = send
    home.follow(HOUR)
    times = read_times(home)
    for path in ("/dcap", "/tm", "/edev", "/edev/1/der", "/edev/1/derp", "/edev/1/derp/1/derc"):
        check(times[path], 60, 0, HOUR - 60)


@pytest.mark.parametrize("rate", [1, 30, 900])
def test_rates_are_kept_as_they_are_down_to_ten_seconds(rate: int) -> None:
    home = make_home()
    set_rates(home, rate)
    home.follow(HOUR)
    for path in LISTS:
        check(read_times(home)[path], max(rate, 10), 0, HOUR - 10)


def test_notifications_without_end_do_not_hammer_the_server() -> None:
    home = make_home()
    set_rates(home, 60)
    hurry: Callable[[], None] = home.following.hurry
    home.happens = {float(second): hurry for second in range(1, 300)}
    home.follow(300)
    assert len(read_times(home)["/dcap"]) <= 300 / 5 + 2
