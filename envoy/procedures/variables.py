"""The values of the variables that procedures use, from what a client under test has written."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from envoy.bindings.quantities import Quantity
from envoy.errors import EnvoyError
from envoy.procedures.evidence import Evidence, SiteUnderTest
from envoy.procedures.expressions import CAPABILITIES, SETTINGS, Expression, ExpressionError, Value

_ZONE = 10 * 3600
"""Seconds that Australian Eastern Standard Time is ahead of UTC, in which days and hours begin."""

_NMIS = {"valid_nmi_1": "6001234567", "valid_nmi_2": "6001234575"}
_DIRECTIONS = {"maxImportW": "setMaxChargeRateW", "maxExportW": "setMaxDischargeRateW"}


class Variables:
    """The variables of one run.

    Args:
        evidence: The evidence of the run.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._paths: dict[str, str] = {}

    def resolve(self, value: Any) -> Any:
        """Return the value of a parameter: that of an expression, or what stands there.

        Raises:
            EnvoyError: A variable has no value yet, or the expression divides by zero.
        """
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if not isinstance(value, Expression):
            return value
        try:
            return value.evaluate(self._look_up)
        except ExpressionError as error:
            raise EnvoyError(str(error)) from None

    def _look_up(self, name: str) -> Value:
        if name.startswith("now"):
            now = self._evidence.utility.now()
            unit = {"now_hour": 3600, "now_day": 86400}.get(name, 1)
            return Decimal(now - (now + _ZONE) % unit)
        if name in _NMIS:
            return _NMIS[name]
        if name.startswith("randuri"):
            return self._paths.setdefault(name, f"/{secrets.token_urlsafe(16)}")
        return self._power(name)

    def _power(self, name: str) -> Decimal:
        site = self._evidence.sites.latest()
        if site is None:
            raise EnvoyError(f"{name} is not known: no EndDevice is registered")
        element = _DIRECTIONS.get(name, name)
        found = self._element(site, element)
        if found is None and name in _DIRECTIONS:
            element = "setMaxW"
            found = self._element(site, element)
        if found is None:
            raise EnvoyError(f"{name} is not known: the client has not written {element}")
        return Decimal(found.value).scaleb(int(found.multiplier))

    def _element(self, site: SiteUnderTest, name: str) -> Quantity | None:
        sites = self._evidence.sites
        document = sites.settings(site) if name in SETTINGS else sites.capability(site)
        return getattr(document, {**SETTINGS, **CAPABILITIES}[name], None)
