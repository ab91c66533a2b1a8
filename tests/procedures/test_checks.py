"""Checks: each passes for a client that does what is asked, and fails for one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.procedures.outcome import Verdict
from envoy.procedures.reader import read_procedure
from sep2 import DERSettings, EndDevice, RoleFlagsType
from tests.support.der_client import PEN, DERClient, Site, mrid
from tests.support.rehearsals import rehearse, write_procedure

PROCEDURE = """\
Description: Ten minutes
Category: Test
Classes: [A]
TargetVersions: [v1.2]
Preconditions:
  init_actions:
    - type: set-comms-rate
      parameters: {{dcap_poll_seconds: 60, edev_list_poll_seconds: 60, fsa_list_poll_seconds: 60,
        derp_list_poll_seconds: 60, der_list_poll_seconds: 60, mup_list_poll_seconds: 60, mup_post_seconds: 60}}
    - type: create-der-program
      parameters: {{primacy: 1}}
  checks:
    - type: der-settings-contents
  actions:
    - type: create-der-control
      parameters: {{start: $now, duration_seconds: 120, opModExpLimW: 0, tag: C1, primacy: 1}}
    - type: create-der-control
      parameters: {{start: $(now + '3 minutes'), duration_seconds: 120, opModExpLimW: 0, tag: C2, primacy: 1}}
Criteria:
  checks:
    - type: {check}
      parameters: {{{parameters}}}
Steps:
  WAIT:
    event:
      type: wait
      parameters: {{duration_seconds: 600}}
    actions:
      - type: finish-test
      - type: remove-steps
        parameters: {{steps: [WAIT]}}
"""


def outcome_of(tmp_path: Path, check: str, parameters: str, **options: Any) -> tuple[Verdict, str]:
    path = write_procedure(tmp_path, PROCEDURE.format(check=check, parameters=parameters))
    outcome = rehearse(read_procedure(path), **options)
    assert outcome.started is not None and outcome.ended - outcome.started == 600
    assert outcome.verdict is outcome.criteria[0].verdict
    return outcome.criteria[0].verdict, outcome.criteria[0].detail


POLLS = "endpoints: [/dcap, /edev/1/fsa/1/derp], poll_interval_seconds: 60, request_type_str: GET"
CHECKS = [
    ("all-polls-at-correct-time", POLLS),
    ("all-polls-at-correct-time", "endpoints: [/mup/*], poll_interval_seconds: 60, request_type_str: POST"),
    ("resource-requests", "resources: [DERControlList, DERControl], minimum_count: 9, maximum_count: 11"),
    ("response-contents", "all: true, status: 1"),
    ("response-contents", "all: true"),
    ("response-contents", "status: 3, subject_tag: C1"),
    ("response-contents", "latest: true, status: 3"),
    ("response-contents", "latest: true, status: 3, subject_tag: C1"),
    ("response-contents", "status: 7, exists: false"),
    ("response-contents", ""),
    ("end-device-contents", "has_connection_point_id: true, check_lfdi: true"),
    ("end-device-count", "minimum_count: 1, maximum_count: 1"),
    ("der-settings-contents", "setGradW: 27, setMaxW: true, setMaxVA: $(this <= rtgMaxVA), setMinWh: false"),
    ("der-settings-contents", "modesEnabled_set: '80', modesEnabled_unset: '01', doeModesEnabled_set: '0F'"),
    ("der-capability-contents", "doeModesSupported: true, rtgMaxW: $(this == setMaxW), modesSupported_set: '80'"),
    (
        "der-status-contents",
        "genConnectStatus: 7, genConnectStatus_bit2: true, operationalModeStatus: 2, alarmStatus: 0",
    ),
    ("readings-site-active-power", "minimum_count: 8, minimum_level: 0, maximum_level: 2000"),
    ("readings-site-reactive-power", "minimum_count: 8"),
    ("readings-voltage", "minimum_count: 8, minimum_level: 200"),
    ("readings-der-active-power", "latest_reading_only: true, minimum_level: 1000, maximum_level: 1000"),
    ("readings-der-reactive-power", "window_seconds: 120, maximum_level: 0"),
    ("readings-der-stored-energy", "minimum_count: 8"),
]


@pytest.mark.parametrize(("check", "parameters"), CHECKS, ids=lambda text: text)
def test_a_check_passes_for_a_client_that_does_what_is_asked(tmp_path: Path, check: str, parameters: str) -> None:
    verdict, detail = outcome_of(tmp_path, check, parameters)
    assert (verdict, bool(detail)) == (Verdict.PASSED, True), detail


FAILING = [
    ("all-polls-at-correct-time", "endpoints: [/tm], poll_interval_seconds: 60, request_type_str: GET"),
    ("all-polls-at-correct-time", "endpoints: [/dcap], poll_interval_seconds: 20, request_type_str: GET"),
    ("all-polls-at-correct-time", "endpoints: [/dcap], poll_interval_seconds: 150, request_type_str: GET"),
    ("resource-requests", "resources: [DERControlList], minimum_count: 99"),
    ("resource-requests", "resources: [DERControlList, Time], maximum_count: 2"),
    ("response-contents", "all: true, status: 7"),
    ("response-contents", "status: 6, subject_tag: C1"),
    ("response-contents", "latest: true, status: 2"),
    ("response-contents", "latest: true, status: 2, subject_tag: C1"),
    ("response-contents", "status: 1, exists: false"),
    ("end-device-contents", "deviceCategory_anyset: '01'"),
    ("end-device-count", "minimum_count: 2"),
    ("end-device-count", "maximum_count: 0"),
    ("der-settings-contents", "setGradW: 28"),
    ("der-settings-contents", "setMinWh: true"),
    ("der-settings-contents", "setMaxW: false"),
    ("der-settings-contents", "setMaxW: $(this > rtgMaxW)"),
    ("der-settings-contents", "setMaxW: $(this > setMinWh)"),
    ("der-settings-contents", "modesEnabled_set: '10', modesEnabled_unset: '80'"),
    ("der-capability-contents", "vppModesSupported: true, doeModesSupported_unset: '02'"),
    (
        "der-status-contents",
        "genConnectStatus: 3, genConnectStatus_bit1: false, operationalModeStatus: 1, alarmStatus: 1",
    ),
    ("readings-site-active-power", "minimum_count: 99"),
    ("readings-site-active-power", "minimum_level: 1001, maximum_level: 999"),
    ("readings-voltage", "maximum_level: 200"),
    ("readings-der-active-power", "latest_reading_only: true, minimum_level: 2000"),
    ("readings-der-reactive-power", "window_seconds: 120, minimum_level: 1"),
]


@pytest.mark.parametrize(("check", "parameters"), FAILING, ids=lambda text: text)
def test_a_check_fails_for_what_was_not_done(
    tmp_path: Path, check: str, parameters: str, snapshot: SnapshotAssertion
) -> None:
    verdict, detail = outcome_of(tmp_path, check, parameters)
    assert verdict is Verdict.FAILED
    assert detail == snapshot


class Slow(DERClient):
    """It asks for DeviceCapability too seldom."""

    def _capability(self) -> int:
        super()._capability()
        return 100


class Hasty(DERClient):
    """It asks for DeviceCapability too often."""

    def _capability(self) -> int:
        super()._capability()
        return 20


class Dumb(DERClient):
    """It posts no readings."""

    def _readings(self) -> int:
        return 60


class Uneven(DERClient):
    """Its periods begin in the middle of a minute, and last a minute and a half."""

    def make_period(self, now: int, rate: int) -> Any:
        period = super().make_period(now, rate)
        period.start += 30
        period.duration = 90
        return period


class Misplaced(DERClient):
    """It says that what it measures at the connection point is measured at the device."""

    def make_mirror(self, site: Site, number: int, role: int) -> Any:
        mirror = super().make_mirror(site, number, role)
        mirror.role_flags = RoleFlagsType(0x49)
        return mirror


class Foreign(DERClient):
    """Its mRIDs and LFDIs have the PEN in hexadecimal digits."""

    def make_mirror(self, site: Site, number: int, role: int) -> Any:
        mirror = super().make_mirror(site, number, role)
        mirror.mrid = mrid(number)[:12] + PEN.to_bytes(4)
        return mirror


class Bare(DERClient):
    """It writes no ConnectionPoint."""

    def request(self, method: str, href: str, body: Any = None) -> Any:
        if href.endswith("/cp"):
            return None
        return super().request(method, href, body)


class Statusless(DERClient):
    """It writes no DERStatus and no DERCapability."""

    def request(self, method: str, href: str, body: Any = None) -> Any:
        if href.endswith(("/ders", "/dercap")):
            return None
        return super().request(method, href, body)


@pytest.mark.parametrize(
    ("client", "check", "parameters"),
    [
        (Slow, "all-polls-at-correct-time", POLLS),
        (Hasty, "all-polls-at-correct-time", POLLS),
        (Dumb, "readings-voltage", "minimum_count: 1"),
        (Uneven, "readings-site-active-power", ""),
        (Misplaced, "readings-site-active-power", ""),
        (Foreign, "readings-site-active-power", ""),
        (Bare, "end-device-contents", "has_connection_point_id: true"),
        (Statusless, "der-status-contents", "genConnectStatus_bit0: true"),
        (Statusless, "der-capability-contents", ""),
    ],
)
def test_a_check_fails_for_a_client_that_does_it_wrongly(
    tmp_path: Path, client: type[DERClient], check: str, parameters: str, snapshot: SnapshotAssertion
) -> None:
    verdict, detail = outcome_of(tmp_path, check, parameters, client=client)
    assert verdict is Verdict.FAILED
    assert detail == snapshot


def test_a_status_without_what_is_asked_for_fails(tmp_path: Path) -> None:
    class Empty(DERClient):
        def make_status(self, site: Site) -> Any:
            status = super().make_status(site)
            status.gen_connect_status = None
            return status

    verdict, detail = outcome_of(tmp_path, "der-status-contents", "genConnectStatus_bit0: true", client=Empty)
    assert (verdict, detail) == (Verdict.FAILED, "DERStatus has no genConnectStatus")


@pytest.mark.parametrize(("pen", "verdict"), [(PEN, Verdict.PASSED), (1, Verdict.FAILED), (None, Verdict.PASSED)])
def test_an_lfdi_ends_in_the_pen(tmp_path: Path, pen: int | None, verdict: Verdict) -> None:
    options: dict[str, Any] = {"sites": 1, "run": {"pen": pen}}
    assert outcome_of(tmp_path, "end-device-contents", "check_lfdi: true", **options)[0] is verdict


def test_an_sfdi_that_is_not_that_of_the_lfdi_fails(tmp_path: Path) -> None:
    # The utility refuses such an EndDevice; one may be in an older database.
    class Tampered(DERClient):
        def act(self) -> None:
            super().act()
            store = self.utility.store
            device: EndDevice = store.get(self.lfdi, "/edev/1")
            device.sfdi = 1
            store.put(self.lfdi, "/edev/1", device)

    assert outcome_of(tmp_path, "end-device-contents", "check_lfdi: true", client=Tampered)[0] is Verdict.FAILED


def test_settings_of_the_last_site_count(tmp_path: Path) -> None:
    class Second(DERClient):
        def make_settings(self, site: Site) -> DERSettings:
            settings = super().make_settings(site)
            settings.set_grad_w = 27 if site is self.sites[1] else 100
            return settings

    options: dict[str, Any] = {"client": Second, "sites": 2}
    assert outcome_of(tmp_path, "der-settings-contents", "setGradW: 27", **options)[0] is Verdict.PASSED
