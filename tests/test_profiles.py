"""Profiles, and the dialect that each names."""

from __future__ import annotations

import dataclasses

import pytest

from envoy import PROFILES, Site, dumps
from envoy.errors import ProfileError
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import LINKED, Profile
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from sep2 import EndDevice
from tests.conftest import ROOT
from tests.support.registrations import dry_requests


def test_every_layer_has_its_part_of_every_dialect() -> None:
    dialects = {profile.dialect for profile in PROFILES.values()}
    assert dialects == set(IDENTITY_DIALECTS) == set(PROTOCOL_DIALECTS)
    assert {name for name in PROFILES if PROTOCOL_DIALECTS[PROFILES[name].dialect].linked} == set(LINKED)


def test_a_profile_of_ones_own_is_in_the_standard_dialect_unless_it_names_another() -> None:
    own = Profile(name="acme", schema=PROFILES["ieee-2018"].schema)
    assert (own.dialect, own.csip_aus) == ("standard", False)
    assert dumps(EndDevice(sfdi=1, changed_time=0), profile=own).startswith(b"<EndDevice xmlns=")
    with pytest.raises(ProfileError):
        Profile(name="acme", schema="acme.xsd", dialect="klingon")
    with pytest.raises(ProfileError):
        Profile(name="acme", schema="acme.xsd", edition="2019")
    with pytest.raises(ProfileError):
        Profile(name="acme", schema="acme.xsd", steps=("end-device", "greeting"))
    assert dry_requests(Site(lfdi=bytes(19) + b"\1"), dataclasses.replace(own, steps=())) == []


def test_a_dialect_is_spoken_under_any_name_of_the_profile() -> None:
    profile = dataclasses.replace(PROFILES["envoy-0.1"], name="acme-old")
    path = ROOT / "examples" / "seed-site.toml"
    site = Site.load(path, profile=profile)
    assert dry_requests(site, profile) == dry_requests(Site.load(path, profile="envoy-0.1"), "envoy-0.1")
