"""Warnings of certificates that expire: which certificates, and on which days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from envoy.errors import EnvoyError
from envoy.tls.expiry import DAYS, Expiry, ExpiryWatch, describe_expiry, find_expiries, read_own
from envoy.tls.pki import Pki

ENDS = datetime(2030, 6, 1, tzinfo=UTC)


def before(**time: float) -> datetime:
    return ENDS - timedelta(**time)


def test_each_of_the_days_is_warned_of_once_and_each_day_after_the_last() -> None:
    watch = ExpiryWatch([Expiry("our certificate", ENDS)])
    hours = range(24 * 40, -24 * 3, -1)
    warned = [left / 24 for left in hours for _ in watch.look(before(hours=left))]
    assert warned == [*DAYS, 0, -1, -2]


def test_it_is_warned_of_at_the_start_however_late_that_is() -> None:
    expiries = [Expiry("a", ENDS), Expiry("b", ENDS + timedelta(days=365))]
    assert len(ExpiryWatch(expiries).look(before(days=5))) == 1
    assert ExpiryWatch(expiries).look(before(days=31)) == []
    assert len(ExpiryWatch(expiries).look(before(days=-700))) == 2


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"days": 30}, "expires in 30 days"),
        ({"days": 1, "hours": 5}, "expires in 1 day,"),
        ({"hours": 5}, "in less than a day"),
        ({"hours": -5}, "expired on 2030-06-01 00:00 UTC"),
    ],
)
def test_a_warning_says_how_long_there_is(left: dict[str, float], said: str) -> None:
    assert said in describe_expiry(Expiry("our certificate", ENDS), before(**left))


def test_our_certificate_and_the_ca_of_the_server_are_looked_at(pki: Pki) -> None:
    device = pki.devices["device"]
    own, ca = find_expiries(device.certificate, device.key, pki.ca.certificate)
    assert own.what == "our certificate"
    assert "CA of the server" in ca.what
    assert read_own(device.certificate, device.key)[0].lfdi == device.lfdi
    assert find_expiries(None) == []


def test_those_that_signed_ours_are_too_if_they_are_in_the_file(pki: Pki, tmp_path: Path) -> None:
    device = pki.devices["device"]
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(pki.ca.certificate.read_bytes() + device.certificate.read_bytes())
    assert [each.what.partition(",")[0] for each in find_expiries(bundle, device.key)] == [
        "our certificate",
        "the certificate that signed ours",
    ]


def test_of_a_ca_that_was_renewed_the_latest_counts(pki: Pki, tmp_path: Path) -> None:
    twice = tmp_path / "ca.pem"
    twice.write_bytes(pki.ca.certificate.read_bytes() * 2)
    assert len(find_expiries(None, ca=twice)) == 1


def test_files_that_cannot_be_read_are_named(pki: Pki, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("nothing")
    device = pki.devices["device"]
    for arguments in (
        (tmp_path / "absent.pem",),
        (broken, device.key),
        (device.certificate, pki.devices["rival"].key),
        (None, None, broken),
        (None, None, tmp_path / "absent.pem"),
    ):
        with pytest.raises(EnvoyError) as caught:
            find_expiries(*arguments)
        assert caught.value.where and caught.value.remedy
