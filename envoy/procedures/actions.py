"""The actions of procedures, as orders to the operator of the utility."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from envoy.errors import EnvoyError
from envoy.identity import pin_with_check_digit
from envoy.procedures.evidence import Evidence
from envoy.utility.operator import Control, Program
from sep2 import ActivePower, PowerOfTenMultiplierType

_POLL_RATES = {
    "dcap_poll_seconds": "device_capability",
    "edev_list_poll_seconds": "end_device_list",
    "fsa_list_poll_seconds": "function_set_assignments_list",
    "derp_list_poll_seconds": "der_program_list",
    "der_list_poll_seconds": "der_list",
    "mup_list_poll_seconds": "mirror_usage_point_list",
    "tp_list_poll_seconds": "tariff_profile_list",
    "tti_list_poll_seconds": "time_tariff_interval_list",
}
_POST_RATES = {"edev_post_seconds": "end_device", "mup_post_seconds": "mirror_usage_point"}
_LIMITS = {
    "opModImpLimW": "op_mod_imp_lim_w",
    "opModExpLimW": "op_mod_exp_lim_w",
    "opModGenLimW": "op_mod_gen_lim_w",
    "opModLoadLimW": "op_mod_load_lim_w",
    "opModStorageTargetW": "op_mod_storage_target_w",
}
_SWITCHES = {"opModEnergize": "op_mod_energize", "opModConnect": "op_mod_connect"}
_READING = ("commodity", "data_qualifier", "flow_direction", "kind", "phase", "power_of_ten_multiplier", "uom")
"""Parameters of a rate that are fields of its ReadingType."""

_LARGEST = 32767
"""Largest value of an ActivePower, before its multiplier."""


_DIGITS_BEFORE_PEN = 32
"""Digits of an LFDI before those of a PEN."""

_HIDDEN = 100_000
"""What is added to the number of a function set assignment for the programs that are taken out of it."""


@dataclass(slots=True)
class _MadeProgram:
    name: str
    program: Program
    primacy: int
    fsa: int
    default: dict[str, Any] = field(default_factory=dict)


class Actions:
    """The actions of a procedure that are done to a utility.

    Args:
        evidence: The evidence of the run, which gets to know what was made.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._utility = evidence.utility
        self._programs: list[_MadeProgram] = []
        self._controls: list[Control] = []
        self._tariffs: list[int] = []
        self._rates: list[int] = []
        self._multiplier: int | None = None

    def perform(self, action: str, parameters: Mapping[str, Any]) -> None:
        """Perform an action.

        Args:
            action: Its name, one of ``PERFORMED``.
            parameters: Its parameters, with values for expressions.

        Raises:
            EnvoyError: It cannot be done.
        """
        PERFORMED[action](self, parameters)

    # Programs and controls

    def _create_program(self, parameters: Mapping[str, Any]) -> None:
        sites = self._indexed_sites(parameters)
        made = self._make_program(parameters["primacy"], parameters.get("fsa_id", 1), sites)
        if "tag" in parameters:
            self._evidence.tags[parameters["tag"]] = made.program.number

    def _make_program(self, primacy: int, fsa: int, sites: list[bytes] | None = None) -> _MadeProgram:
        name = f"procedure {len(self._programs) + 1}"
        program = self._utility.program(name, primacy=primacy, fsa=fsa, sites=sites)
        made = _MadeProgram(name, program, primacy, fsa)
        self._programs.append(made)
        return made

    def _set_default(self, parameters: Mapping[str, Any]) -> None:
        index = parameters.get("derp_id")
        if not self._programs or (index is not None and not 1 <= index <= len(self._programs)):
            raise EnvoyError(f"there is no DERProgram {index or ''}".rstrip() + " to set the default of")
        for made in self._programs if index is None else [self._programs[index - 1]]:
            if parameters.get("cancelled"):
                made.default.clear()
            made.default.update(self._modes(parameters))
            if "setGradW" in parameters:
                made.default["set_grad_w"] = parameters["setGradW"]
            made.program.default(**made.default)

    def _create_control(self, parameters: Mapping[str, Any]) -> None:
        # As the reference server does: the exponent stays for all later controls.
        self._multiplier = parameters.get("pow_10_multipliers", self._multiplier)
        values = self._modes(parameters)
        values |= {name: parameters[wire] for wire, name in _SWITCHES.items() if wire in parameters}
        if "opModFixedW" in parameters:
            values["op_mod_fixed_w"] = round(parameters["opModFixedW"] * 100)
        if "ramp_time_seconds" in parameters:
            values["ramp_tms"] = round(parameters["ramp_time_seconds"] * 100)
        if "randomizeStart_seconds" in parameters:
            values["randomize_start"] = parameters["randomizeStart_seconds"]
        control = self._program_for(parameters).program.control(
            start=int(parameters["start"]),
            duration=parameters["duration_seconds"],
            sites=self._indexed_sites(parameters),
            **values,
        )
        end = int(parameters["start"]) + parameters["duration_seconds"] + parameters.get("randomizeStart_seconds", 0)
        self._controls.append(control)
        self._evidence.controls[control.number] = end
        if "tag" in parameters:
            self._evidence.tags[parameters["tag"]] = control.number

    def _program_for(self, parameters: Mapping[str, Any]) -> _MadeProgram:
        """Return the program that a control goes into, made if there is none."""
        tag, primacy, fsa = parameters.get("der_program_tag"), parameters.get("primacy", 0), parameters.get("fsa_id")
        for made in self._programs:
            if tag is not None and made.program.number == self._evidence.tags.get(tag):
                return made
            if tag is None and made.primacy == primacy and fsa in (None, made.fsa):
                return made
        return self._make_program(primacy, fsa or 1)

    def _cancel_controls(self, parameters: Mapping[str, Any]) -> None:
        now = self._utility.now()
        for control in self._controls:
            if self._evidence.controls[control.number] > now:
                control.cancel()
                self._evidence.controls[control.number] = now

    def _remove_assignment(self, parameters: Mapping[str, Any]) -> None:
        # Programs that are made later in an assignment of that number are seen again.
        fsa, hidden = parameters["fsa_id"], _HIDDEN + parameters["fsa_id"]
        for made in self._programs:
            if made.fsa == fsa:
                self._utility.program(made.name, fsa=hidden)
                made.fsa = hidden
        for site in self._evidence.sites.all():
            self._utility.remove_assignment(hidden, site.lfdi, reachable=True)

    def _modes(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._power(parameters[wire]) for wire, name in _LIMITS.items() if wire in parameters}

    def _power(self, watts: Decimal) -> ActivePower:
        """Return a power with the exponent that was ordered, or else with the smallest from 0 that holds it."""
        exponent = self._multiplier
        if exponent is None:
            exponent = next(power for power in range(10) if abs(round(watts.scaleb(-power))) <= _LARGEST)
        value = round(watts.scaleb(-exponent))
        if abs(value) > _LARGEST:
            raise EnvoyError(f"{watts:f} W is too much for an ActivePower with the multiplier {exponent}")
        return ActivePower(value=value, multiplier=PowerOfTenMultiplierType(exponent))

    def _indexed_sites(self, parameters: Mapping[str, Any]) -> list[bytes] | None:
        """Return the sites that an action is for, by their index; None for all."""
        indexes = parameters.get("end_device_indexes")
        if indexes is None:
            return None
        sites = self._evidence.sites.all()
        if missing := [index for index in indexes if not 0 <= index < len(sites)]:
            raise EnvoyError(f"there is no EndDevice with the index {missing[0]}, {len(sites)} are registered")
        return [sites[index].lfdi for index in indexes]

    # Tariffs

    def _create_tariff(self, parameters: Mapping[str, Any]) -> None:
        made = self._utility.ask(
            "tariff",
            name=parameters.get("tag", f"procedure {len(self._tariffs) + 1}"),
            primacy=parameters["primacy"],
            fsa=parameters.get("fsa_id", 1),
            multiplier=parameters.get("price_pow_10_multiplier", 0),
        )
        self._keep(self._tariffs, made["tariff"], parameters)

    def _create_rate(self, parameters: Mapping[str, Any]) -> None:
        made = self._utility.ask(
            "rate",
            tariff=self._tagged("tariff", self._tariffs, parameters),
            role_flags=parameters.get("role_flags", 0),
            values={name: parameters[name] for name in _READING if name in parameters},
        )
        self._keep(self._rates, made["rate"], parameters)

    def _create_price(self, parameters: Mapping[str, Any]) -> None:
        blocks = [[parameters["price_pow10_encoded_block0"], 0]]
        if "price_pow10_encoded_block1" in parameters:
            blocks.append([parameters["price_pow10_encoded_block1"], parameters.get("price_start_pow10_block1", 0)])
        made = self._utility.ask(
            "price",
            rate=self._tagged("rate_component", self._rates, parameters),
            start=int(parameters["start"]),
            duration=parameters["duration_seconds"],
            blocks=blocks,
        )
        self._keep(self._evidence.prices, made["price"], parameters)

    def _cancel_prices(self, parameters: Mapping[str, Any]) -> None:
        tag = parameters.get("tag")
        for number in self._evidence.prices if tag is None else [self._evidence.tags[tag]]:
            self._utility.ask("cancel-price", price=number)

    def _delete_rate(self, parameters: Mapping[str, Any]) -> None:
        number = self._evidence.tags[parameters["tag"]]
        self._utility.ask("remove-rate", rate=number)
        self._rates.remove(number)

    def _keep(self, numbers: list[int], number: int, parameters: Mapping[str, Any]) -> None:
        numbers.append(number)
        if "tag" in parameters:
            self._evidence.tags[parameters["tag"]] = number

    def _tagged(self, noun: str, numbers: list[int], parameters: Mapping[str, Any]) -> int:
        """Return the number of what a tag says, or of the only one that there is."""
        tag = parameters.get(f"{noun}_tag") or parameters.get(f"{noun}_profile_tag")
        if tag is not None:
            return self._evidence.tags[tag]
        if len(numbers) != 1:
            raise EnvoyError(f"there are {len(numbers)} of what {noun}_tag could mean", remedy="Say which by its tag.")
        return numbers[0]

    # The rest of the utility

    def _register(self, parameters: Mapping[str, Any]) -> None:
        """Register the device of the client's certificate, or the site that a procedure has for aggregators."""
        sites, pin = self._evidence.sites, parameters.get("registration_pin")
        if not sites.client:
            raise EnvoyError("no client has come yet, so whose device to register is not known")
        lfdi = sites.client
        if sites.aggregator and "aggregator_lfdi" in parameters:
            digits = f"{parameters['aggregator_lfdi']:040X}"[:_DIGITS_BEFORE_PEN]
            lfdi = bytes.fromhex(f"{digits}{self._evidence.pen or 0:08d}")
        self._utility.register(
            lfdi,
            owner=sites.client,
            pin=pin_with_check_digit(pin) if pin is not None and pin < 100_000 else pin,
            nmi=parameters.get("nmi"),
        )

    def _show_registration_links(self, parameters: Mapping[str, Any]) -> None:
        self._utility.show_registration_links(parameters["enabled"])

    def _set_rates(self, parameters: Mapping[str, Any]) -> None:
        polls = {name: parameters[wire] for wire, name in _POLL_RATES.items() if wire in parameters}
        posts = {name: parameters[wire] for wire, name in _POST_RATES.items() if wire in parameters}
        if polls:
            self._utility.poll_rates(**polls)
        if posts:
            self._utility.post_rates(**posts)


PERFORMED: Mapping[str, Callable[[Actions, Mapping[str, Any]], None]] = {
    "create-der-program": Actions._create_program,
    "set-default-der-control": Actions._set_default,
    "create-der-control": Actions._create_control,
    "cancel-active-der-controls": Actions._cancel_controls,
    "remove-function-set-assignment": Actions._remove_assignment,
    "set-comms-rate": Actions._set_rates,
    "create-tariff-profile": Actions._create_tariff,
    "create-rate-component": Actions._create_rate,
    "create-time-tariff-interval": Actions._create_price,
    "cancel-time-tariff-intervals": Actions._cancel_prices,
    "delete-rate-component": Actions._delete_rate,
    "register-end-device": Actions._register,
    "edev-registration-links": Actions._show_registration_links,
}
"""The actions that are done to the utility by its operator."""
