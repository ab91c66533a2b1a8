"""The parts of a DER, as IEEE 2030.5-2023 has them: one DER for each site, and DERComponents that it consists of."""

from __future__ import annotations

import dataclasses
import weakref
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy import Outcome, Registration, Site, SiteDER, SiteDERComponent, utility
from envoy.errors import IdentityError, SiteError, TransportError
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from envoy.registration.messages import Messages
from envoy.registration.register import register
from envoy.utility import Settings
from sep2 import ActivePower, DERCapability, DERComponentList, DERControlType, DERSettings, DERType
from tests.conftest import ROOT
from tests.support.messages import message

PROFILE = get_profile("ieee-2023")
CLIENT = bytes(range(20))
FILE = ROOT / "examples" / "site-ieee-2023.toml"


class Server:
    """A utility of 2023, and what was asked of it."""

    def __init__(self, profile: str = "ieee-2023") -> None:
        self.utility = utility.Utility(Settings(profile, pre_registered=True), now=lambda: 1003)
        weakref.finalize(self, self.utility.close)
        self.sent: list[str] = []

    def send(self, request: Request) -> Response:
        self.sent.append(str(request).partition("?")[0])
        return self.utility.connect(CLIENT)(request)

    def register(self, site: Site, **options: Any) -> Registration:
        self.sent.clear()
        return drive(register(site, PROFILE, now=lambda: 1000, **options), self.send)

    def components(self, href: str) -> dict[bytes, Any]:
        """Return the capability of each part of the site's DER."""
        pages = Pages(Session(PROFILE, strict=True), "", f"{href}/der/1/dercomp", DERComponentList)
        found = drive(pages.read_all(), self.send)
        session = Session(PROFILE, strict=True)
        return {
            each.lfdi: drive(session.get("", each.der_capability_link.href, DERCapability), self.send) for each in found
        }

    @property
    def writes(self) -> list[str]:
        return [each for each in self.sent if not each.startswith("GET")]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def site() -> Site:
    return Site.load(FILE, profile=PROFILE)


def outcomes(found: Registration) -> list[Outcome]:
    return [step.outcome for step in found.steps if step.step == "der-component"]


def test_each_part_is_registered_once_with_what_it_has(server: Server, site: Site) -> None:
    found = server.register(site)
    assert outcomes(found) == [Outcome.CREATED] * 2
    (der,) = site.ders
    assert [part.lfdi for part in found.components] == [part.lfdi for part in der.components]
    kept = server.components(found.href)
    assert {lfdi: float(each.rtg_max_w) for lfdi, each in kept.items()} == {
        each.lfdi: float(each.capability.rtg_max_w) for each in der.components
    }
    assert found.findings == []
    again = server.register(site)
    assert (outcomes(again), again.changed, server.writes) == ([Outcome.FOUND] * 2, False, [])
    assert len(again.components) == 2


def test_a_part_that_differs_is_written_and_one_that_is_gone_is_left(server: Server, site: Site) -> None:
    server.register(site)
    first, second = site.ders[0].components
    larger = dataclasses.replace(first.capability, rtg_max_w=ActivePower.of(9000))
    site.ders[0].components = [dataclasses.replace(first, capability=larger)]
    seen = server.register(site, writes=False)
    assert server.writes == []
    assert {(step.step, step.outcome) for step in seen.deviations} == {
        ("der-capability", Outcome.DIFFERENT),
        ("der-component", Outcome.DIFFERENT),
    }
    found = server.register(site)
    assert server.writes == [f"PUT {found.href}/der/1/dercomp/1/dercap"]
    assert len(found.findings) == 1 and f"{found.href}/der/1/dercomp/2" in found.findings[0]
    assert second.lfdi in server.components(found.href)


def test_what_is_not_there_is_missing(server: Server, site: Site) -> None:
    bare = dataclasses.replace(site, ders=[dataclasses.replace(site.ders[0], components=[])])
    server.register(bare)
    assert outcomes(server.register(site, writes=False)) == [Outcome.MISSING] * 2


def test_a_server_of_2018_has_no_parts(site: Site) -> None:
    server = Server("ieee-2018")
    found = server.register(site)
    assert outcomes(found) == [Outcome.SKIPPED]
    assert found.components == [] and len(found.ders) == 1


def test_a_part_whose_response_is_lost_is_not_posted_again(server: Server, site: Site) -> None:
    lost: list[str] = []

    def send(request: Request) -> Response:
        response = server.send(request)
        if request.method == "POST" and request.href.endswith("dercomp") and not lost:
            lost.append(request.href)
            raise TransportError("lost", where=str(request), maybe_received=True)
        return response

    found = drive(register(site, PROFILE, now=lambda: 1000), send)
    assert lost and outcomes(found) == [Outcome.CREATED] * 2
    assert len(server.components(found.href)) == 2


def test_a_second_der_and_a_part_of_another_edition_are_refused(site: Site, snapshot: SnapshotAssertion) -> None:
    two = dataclasses.replace(site, ders=[*site.ders, *site.ders])
    capability = DERCapability(
        modes_supported=DERControlType.OP_MOD_CONNECT, rtg_max_w=ActivePower.of(1), type=DERType(4)
    )
    part = SiteDERComponent(lfdi=bytes(19) + b"\1", capability=capability)
    earlier = dataclasses.replace(site, ders=[SiteDER(capability=capability, components=[part])])
    for wrong, profile in ((two, PROFILE), (earlier, get_profile("csip-aus-1.2"))):
        with pytest.raises(SiteError) as caught:
            Messages.of(wrong, profile, now=0)
        assert message(caught.value) == snapshot


def test_each_part_has_an_lfdi_of_its_own(site: Site, tmp_path: Any) -> None:
    (der,) = site.ders
    first, _ = der.components
    with pytest.raises(IdentityError) as caught:
        dataclasses.replace(der, components=[first, first])
    assert caught.value.where == "components[2].lfdi"
    file = tmp_path / "site.toml"
    file.write_text(FILE.read_text().replace("0000003EB3", "0000003EB2"))
    with pytest.raises(SiteError, match=r"der\[1\].components\[2\].lfdi"):
        Site.load(file, profile=PROFILE)
    file.write_text(FILE.read_text().replace('lfdi = "0000003EB3000000000000000000000000032473"', ""))
    with pytest.raises(SiteError, match=r"der\[1\].components\[2\].lfdi: is missing"):
        Site.load(file, profile=PROFILE)


def test_times_of_sending_are_filled_in(site: Site) -> None:
    (der,) = site.ders
    first, second = der.components
    settings = DERSettings(set_grad_w=1, set_max_w=ActivePower.of(1), updated_time=0)
    parts = [dataclasses.replace(first, settings=settings), second]
    sent = Messages.of(dataclasses.replace(site, ders=[dataclasses.replace(der, components=parts)]), PROFILE, now=77)
    written = sent.ders[0].components[0].settings
    assert written is not None and (written.updated_time, settings.updated_time) == (77, 0)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(4)), st.integers(0, 4), st.integers(1, 3))
def test_law_parts_are_known_by_their_lfdi_whatever_their_order(order: list[int], there: int, page: int) -> None:
    server = Server()
    server.utility.settings = dataclasses.replace(server.utility.settings, page_limit=page)
    site = Site.load(FILE, profile=PROFILE)
    (der,) = site.ders
    all_parts = [
        dataclasses.replace(der.components[0], lfdi=bytes(19) + bytes([number + 1]), capability=_rated(number))
        for number in order
    ]
    before = dataclasses.replace(site, ders=[dataclasses.replace(der, components=sorted(all_parts[:there], key=_lfdi))])
    server.register(before)
    after = dataclasses.replace(site, ders=[dataclasses.replace(der, components=all_parts)])
    found = server.register(after)
    assert [part.lfdi for part in found.components] == [part.lfdi for part in all_parts]
    assert outcomes(found).count(Outcome.CREATED) == 4 - there
    assert {lfdi: float(each.rtg_max_w) for lfdi, each in server.components(found.href).items()} == {
        part.lfdi: float(part.capability.rtg_max_w or 0) for part in all_parts
    }


def _lfdi(part: SiteDERComponent) -> bytes:
    return part.lfdi


def _rated(number: int) -> DERCapability:
    power = ActivePower.of(1000 + number)
    return DERCapability(modes_supported=DERControlType.OP_MOD_CONNECT, rtg_max_w=power, type=DERType(4))
