"""What a utility reports of its changes, to whoever notifies those that have subscribed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envoy.errors import EnvoyError
from envoy.utility import Settings, Utility
from envoy.utility.changes import Change
from sep2 import ConnectionPoint, DefaultDERControl, DERControlList, DERProgramList, EndDeviceList
from tests.support.utilities import Client, new_lfdi


class Listener:
    """What has changed since it was last asked."""

    def __init__(self) -> None:
        self.heard: list[Change] = []

    def take(self) -> dict[str, Change]:
        """Return the changes by path."""
        heard, self.heard = self.heard, []
        return {change.path: change for change in heard}


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def utility(listener: Listener) -> Iterator[Utility]:
    with Utility(Settings(pre_registered=True), on_change=lambda changes: listener.heard.extend(changes)) as utility:
        yield utility


def test_a_control_changes_the_list_of_its_program_with_those_it_supersedes(
    utility: Utility, listener: Listener
) -> None:
    program = utility.program("export")
    listener.take()
    first = program.control(duration=60, op_mod_connect=False)
    changes = listener.take()
    assert changes.keys() == {"{edev}/derp/1/derc", "{edev}/derp/1/actderc"}
    change = changes["{edev}/derp/1/derc"]
    assert change == Change(DERControlList, "{edev}/derp/1/derc", None, (first.number,))
    assert change.href("/edev/7") == "/edev/7/derp/1/derc"
    second = program.control(duration=60, op_mod_connect=True)
    assert listener.take()["{edev}/derp/1/derc"].items == (second.number, first.number)
    second.cancel()
    assert listener.take()["{edev}/derp/1/derc"].items == (second.number,)
    second.cancel()
    assert listener.take() == {}


def test_changes_are_those_of_the_sites_that_see_them(utility: Utility, listener: Listener) -> None:
    one, two = new_lfdi(), new_lfdi()
    program = utility.program("some", fsa=2, sites=[one, two])
    assert listener.take()["{edev}/fsa/2/derp"].sites == {one, two}
    program.default(op_mod_connect=True)
    change = listener.take()["{edev}/derp/1/dderc"]
    assert (change.resource, change.sites) == (DefaultDERControl, {one, two})
    control = program.control(duration=60, op_mod_connect=False, sites=two)
    assert listener.take()["{edev}/derp/1/derc"].sites == {two}
    control.cancel()
    assert listener.take()["{edev}/derp/1/derc"].sites == {two}
    utility.remove_assignment(2, one)
    assert listener.take()["{edev}/fsa"].sites == {one}
    utility.restore_assignment(2, one)
    assert listener.take()["{edev}/fsa"].sites == {one}
    program.remove()
    assert listener.take()["{edev}/derp"].sites == {one, two}


def test_rates_change_the_lists_that_have_them(utility: Utility, listener: Listener) -> None:
    utility.program("export", fsa=3)
    listener.take()
    utility.poll_rates(der_program_list=90, end_device_list=90, function_set_assignments_list=9, der_list=9, time=7)
    changes = listener.take()
    assert changes.keys() == {"{edev}/derp", "{edev}/fsa/3/derp", "/edev", "{edev}/fsa", "{edev}/der"}
    assert changes["{edev}/derp"].resource is DERProgramList


def test_devices_that_come_change_and_go(utility: Utility, listener: Listener) -> None:
    client, lfdi = Client(utility), new_lfdi()
    client.get("/tm")
    assert listener.take()["/edev"].sites == {client.lfdi}
    href = client.register(lfdi)
    assert listener.take()["/edev"] == Change(EndDeviceList, "/edev", frozenset([lfdi]), owner=client.lfdi)
    client.get(href)
    assert listener.take() == {}
    client.send("PUT", f"{href}/cp", ConnectionPoint(connection_point_id="6001234567"))
    assert listener.take()["{edev}"].sites == {lfdi}
    client.delete(href)
    assert listener.take()["/edev"].sites == {lfdi}


def test_what_was_refused_has_changed_nothing(utility: Utility, listener: Listener) -> None:
    program = utility.program("export")
    listener.take()
    with pytest.raises(EnvoyError):
        program.control(duration=60, op_mod_connect=False, sites="/edev/9")
    client = Client(utility)
    client.get("/tm")
    listener.take()
    assert client.send("POST", "/edev", ConnectionPoint(connection_point_id="6001234567")).status == 400
    assert client.delete("/edev/9").status == 404
    assert listener.take() == {}
