"""Variables: what they are worth in a run, from the clock and from what the client has written."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from envoy.errors import EnvoyError
from envoy.procedures.evidence import Evidence, Sites
from envoy.procedures.expressions import parse_expression
from envoy.procedures.variables import Variables
from envoy.utility import ManualClock, Utility
from sep2 import ActivePower, DERSettings
from tests.support.der_client import MAX_W, DERClient, Site
from tests.support.rehearsals import CERTIFICATE, NOW


class Lopsided(DERClient):
    """It charges with less than it discharges, and says only that."""

    def make_settings(self, site: Site) -> DERSettings:
        settings = super().make_settings(site)
        settings.set_max_discharge_rate_w = None
        settings.set_max_charge_rate_w = ActivePower.of(40_000)
        return settings


@pytest.fixture
def evidence() -> Iterator[Evidence]:
    clock = ManualClock(NOW)
    with Utility(now=clock) as utility:
        evidence = Evidence(utility, Sites(utility))
        evidence.sites.client = CERTIFICATE
        yield evidence


def resolve(variables: Variables, text: str, parameter: str = "x") -> Any:
    return variables.resolve(parse_expression(text, parameter))


def test_times_are_those_of_the_utility_and_of_eastern_australia(evidence: Evidence) -> None:
    variables = Variables(evidence)
    assert resolve(variables, "$now") == NOW
    assert resolve(variables, "$now_hour") == NOW - NOW % 3600
    assert (resolve(variables, "$now_day") + 10 * 3600) % 86400 == 0
    evidence.utility.set_time(offset=100)
    assert resolve(variables, "$(now + '1 minute')") == NOW + 160


def test_powers_are_those_that_the_client_has_written(evidence: Evidence) -> None:
    variables = Variables(evidence)
    with pytest.raises(EnvoyError, match="no EndDevice"):
        resolve(variables, "$maxExportW")
    Lopsided(evidence.utility, lambda: NOW, lfdi=CERTIFICATE).act()
    assert resolve(variables, "$maxExportW") == MAX_W
    assert resolve(variables, "$(maxImportW * 0.5)") == 20_000
    assert resolve(variables, "$(this >= rtgMaxVarNeg)", "setMaxVarNeg") is True
    assert resolve(variables, "$setMinPFOverExcited") == Decimal("0.8")
    with pytest.raises(EnvoyError, match="has not written setMaxDischargeRateW"):
        resolve(variables, "$setMaxDischargeRateW")


def test_texts_stay_the_same_in_a_run(evidence: Evidence) -> None:
    variables = Variables(evidence)
    paths = [resolve(variables, f"$randuri_{number}") for number in (1, 2, 3, 1)]
    assert paths[0] == paths[3]
    assert len(set(paths)) == 3
    assert all(path.startswith("/") for path in paths)
    assert paths[0] != resolve(Variables(evidence), "$randuri_1")
    assert resolve(variables, "$valid_nmi_1") != resolve(variables, "$valid_nmi_2")
    assert variables.resolve(["a", parse_expression("$valid_nmi_1", "x"), 3])[::2] == ["a", 3]
