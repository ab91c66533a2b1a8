"""The vocabulary of procedures: every action, event and check, with its parameters and what kind of value each takes.

The names are those of the published CSIP-AUS client procedures (cactus-test-definitions 1.18). A kind that ends in an
exclamation mark belongs to a parameter that has to be there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Form(StrEnum):
    """What a value in a file has to be."""

    TEXT = "text"
    TEXTS = "texts"
    STEPS = "steps"
    INTEGER = "integer"
    INTEGERS = "integers"
    COUNT = "count"
    NUMBER = "number"
    TRUTH = "truth"
    TIME = "time"
    HEX = "hex"
    ENDPOINT = "endpoint"
    ENDPOINTS = "endpoints"
    RESOURCES = "resources"
    METHOD = "method"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an action, event or check.

    Attributes:
        form: What its value has to be.
        required: Whether it has to be there.
    """

    form: Form
    required: bool


Parameters = Mapping[str, Parameter]


def _parameters(**forms: str) -> Parameters:
    return {name: Parameter(Form(form.rstrip("!")), form.endswith("!")) for name, form in forms.items()}


def _all(form: str, names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), form)


_LIMITS = _all("number", "opModImpLimW opModExpLimW opModGenLimW opModLoadLimW opModStorageTargetW")

ACTIONS: Mapping[str, Parameters] = {
    "enable-steps": _parameters(steps="steps!"),
    "remove-steps": _parameters(steps="steps!"),
    "finish-test": _parameters(fail_message="text"),
    "create-der-program": _parameters(primacy="integer!", fsa_id="integer", end_device_indexes="integers", tag="text"),
    "set-default-der-control": _parameters(derp_id="integer", setGradW="integer", cancelled="truth", **_LIMITS),
    "create-der-control": _parameters(
        start="time!",
        duration_seconds="integer!",
        pow_10_multipliers="integer",
        der_program_tag="text",
        primacy="integer",
        fsa_id="integer",
        randomizeStart_seconds="integer",
        ramp_time_seconds="number",
        opModEnergize="truth",
        opModConnect="truth",
        opModFixedW="number",
        tag="text",
        end_device_indexes="integers",
        **_LIMITS,
    ),
    "cancel-active-der-controls": {},
    "set-comms-rate": _parameters(
        **_all(
            "integer",
            "dcap_poll_seconds edev_post_seconds edev_list_poll_seconds fsa_list_poll_seconds derp_list_poll_seconds "
            "der_list_poll_seconds mup_list_poll_seconds mup_post_seconds tp_list_poll_seconds tti_list_poll_seconds",
        )
    ),
    "communications-status": _parameters(enabled="truth!"),
    "edev-registration-links": _parameters(enabled="truth!"),
    "register-end-device": _parameters(
        nmi="text", registration_pin="integer", aggregator_lfdi="hex", aggregator_sfdi="integer"
    ),
    "remove-function-set-assignment": _parameters(fsa_id="integer!"),
    "create-wellknown-route": _parameters(version="text!", dcap_paths="texts!"),
    "add-proxy-route": _parameters(route="endpoint!", proxy_to="endpoint!"),
    "force-response-status": _parameters(
        endpoint="endpoint!", status="integer!", retry_after_seconds="integer", duration_seconds="integer"
    ),
    "create-tariff-profile": _parameters(
        primacy="integer!", fsa_id="integer", price_pow_10_multiplier="integer", tag="text"
    ),
    "create-rate-component": _parameters(
        tariff_profile_tag="text",
        tag="text",
        **_all(
            "integer",
            "role_flags commodity data_qualifier flow_direction kind phase power_of_ten_multiplier uom",
        ),
    ),
    "create-time-tariff-interval": _parameters(
        start="time!",
        duration_seconds="integer!",
        rate_component_tag="text",
        price_pow10_encoded_block0="integer!",
        price_pow10_encoded_block1="integer",
        price_start_pow10_block1="integer",
        tag="text",
    ),
    "cancel-time-tariff-intervals": _parameters(tag="text"),
    "delete-rate-component": _parameters(tag="text!"),
}
"""The actions: what is done to the utility, or to the run."""

METHODS = ("GET", "POST", "PUT", "DELETE")
"""The methods of HTTP that events and checks speak of."""

EVENTS: Mapping[str, Parameters] = {
    **{
        f"{method}-request-received": _parameters(endpoint="endpoint!", serve_request_first="truth")
        for method in METHODS
    },
    "wait": _parameters(duration_seconds="integer!"),
    "proceed": _parameters(timeout_seconds="integer"),
}
"""The events that steps wait for."""

ANY_REQUEST = "any-request-received"
"""The event of scenarios that any request is; no file names it."""

_READINGS = _parameters(
    minimum_count="integer",
    minimum_level="number",
    maximum_level="number",
    window_seconds="count",
    latest_reading_only="truth",
)
_RESPONSES = _parameters(latest="truth", status="integer", all="truth", subject_tag="text", exists="truth")

CHECKS: Mapping[str, Parameters] = {
    "all-steps-complete": _parameters(ignored_steps="steps"),
    "all-notifications-transmitted": {},
    "all-polls-at-correct-time": _parameters(
        endpoints="endpoints!", poll_interval_seconds="integer!", request_type_str="method!"
    ),
    "resource-requests": _parameters(resources="resources!", minimum_count="integer", maximum_count="integer"),
    "subscription-contents": _parameters(subscribed_resource="endpoint!"),
    "response-contents": _RESPONSES,
    "price-response-contents": _RESPONSES,
    "end-device-contents": _parameters(
        has_connection_point_id="truth", deviceCategory_anyset="hex", check_lfdi="truth"
    ),
    "end-device-count": _parameters(minimum_count="integer", maximum_count="integer"),
    "der-settings-contents": _parameters(
        setGradW="integer",
        **_all(
            "truth",
            "doeModesEnabled vppModesEnabled setMaxVA setMaxVar setMaxVarNeg setMaxW setMaxChargeRateW "
            "setMaxDischargeRateW setMaxWh setMinWh setMinPFOverExcited setMinPFUnderExcited",
        ),
        **_all(
            "hex",
            "doeModesEnabled_set doeModesEnabled_unset modesEnabled_set modesEnabled_unset vppModesEnabled_set "
            "vppModesEnabled_unset",
        ),
    ),
    "der-capability-contents": _parameters(
        **_all(
            "truth",
            "doeModesSupported vppModesSupported rtgMaxVA rtgMaxVar rtgMaxVarNeg rtgMaxW rtgMaxChargeRateW "
            "rtgMaxDischargeRateW rtgMaxWh rtgMinPFOverExcited rtgMinPFUnderExcited",
        ),
        **_all(
            "hex",
            "doeModesSupported_set doeModesSupported_unset modesSupported_set modesSupported_unset "
            "vppModesSupported_set vppModesSupported_unset",
        ),
    ),
    "der-status-contents": _parameters(
        genConnectStatus="integer",
        genConnectStatus_bit0="truth",
        genConnectStatus_bit1="truth",
        genConnectStatus_bit2="truth",
        operationalModeStatus="integer",
        alarmStatus="integer",
    ),
    **dict.fromkeys(
        [
            "readings-voltage",
            "readings-site-active-power",
            "readings-site-reactive-power",
            "readings-der-active-power",
            "readings-der-reactive-power",
            "readings-der-stored-energy",
        ],
        _READINGS,
    ),
}
"""The checks: what a criterion, a precondition or an event asks of what the client did."""

VERSIONS: Mapping[str, str] = {
    "v1.2": "csip-aus-1.2",
    "v1.3": "csip-aus-1.3",
    "v1.3-beta/storage": "csip-aus-1.3",
}
"""The profile of each version of CSIP-AUS that a procedure may be for."""
