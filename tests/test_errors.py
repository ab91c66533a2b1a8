"""Errors go from one process to another whole, as process pools need it, and are short enough to be read."""

from __future__ import annotations

import inspect
import pickle

import pytest

from envoy import errors
from envoy.errors import (
    LONGEST_LINE,
    DecodeError,
    DeviceRefusal,
    EnvoyError,
    FleetError,
    PINError,
    ReadingsError,
    ResponseError,
    SiteError,
    TransportError,
)
from envoy.metering import Posted
from envoy.metering.results import PostingError
from envoy.profiles import get_profile
from envoy.protocol.results import Outcome, Registration, RegistrationError, StepResult
from envoy.protocol.session import Session
from envoy.validation.findings import ValidationError
from envoy.validation.validate import validate

SPECIAL = [
    DecodeError("is wrong", path="A/B[2]", line=7, remedy="Mend it."),
    ResponseError("is busy", status=503, where="GET /x", reason_code=4, max_retry_duration=9),
    PINError("has another PIN", status=200, where="GET /rg"),
    TransportError("broke", where="POST /x", maybe_received=True, transient=True),
    ValidationError(validate("<x/>"), where="x"),
    ReadingsError("2 errors", errors=["one", "two"], where="x.csv"),
    PostingError("stopped", posted=[Posted(mirror=bytes(16), name="site", waiting=3)], where="site, POST /mup"),
    DeviceRefusal("does not take it", modes=["opModFixedW"], where="device exec"),
    FleetError([SiteError("no LFDI", where="x.csv:3")], 9, where="x.csv"),
    RegistrationError("stopped", step="der", registration=Registration(lfdi=bytes(20)), where="der, PUT /x"),
]

PLAIN = [
    kind("happened", where="here", remedy="Do that.")
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, EnvoyError) and kind not in {type(error) for error in SPECIAL}
]


@pytest.mark.parametrize("error", [*SPECIAL, *PLAIN], ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_after_a_trip_to_another_process(error: EnvoyError) -> None:
    there = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(there) is type(error)
    assert str(there) == str(error)
    # Exceptions are equal to themselves alone, and a FleetError holds some.
    assert repr(there.__dict__) == repr(error.__dict__)


def test_no_server_or_document_makes_an_error_long() -> None:
    long = "x" * 100_000
    error = EnvoyError(f"{long}\nsecond {long}", where=long, remedy=long)
    assert len(str(error)) < 4 * LONGEST_LINE + 100
    assert error.what.startswith(long) and error.where == error.remedy == long
    session = Session(get_profile())
    session.note(long)
    assert len(session.findings[0]) == LONGEST_LINE
    assert len(str(StepResult("der", Outcome.READ, long, long))) == LONGEST_LINE
