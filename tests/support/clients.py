"""What tests of the client share: requests, certificates, and what is said where no answer comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from envoy import TransportError
from envoy.protocol.flow import Request
from envoy.tls.pki import Pki

GET = Request("test", "GET", "/dcap")
POST = Request("test", "POST", "/edev", b"<EndDevice/>")
PUT = Request("test", "PUT", "/edev/1/cp", b"<ConnectionPoint/>")
AGAIN = "Run it again: what was done will be found and not repeated."


def credentials(pki: Pki, name: str = "device") -> dict[str, Any]:
    return {"cert": pki.devices[name].certificate, "key": pki.devices[name].key, "ca": pki.ca.certificate}


@contextmanager
def no_answer(request: Request, *, what: str, remedy: str, maybe_received: bool) -> Iterator[None]:
    """Check that a request has no answer, and all that is said of it."""
    with pytest.raises(TransportError) as caught:
        yield
    error = caught.value
    assert error.where == str(request)
    # OpenSSL's own words, in brackets at the end, differ between its versions.
    assert re.sub(r" \([a-z0-9 ]+\)$", "", error.what) == what
    assert error.remedy == remedy
    assert error.maybe_received is maybe_received
    assert str(error) == f"{request}: {error.what}\n  {remedy}"
