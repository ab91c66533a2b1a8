"""Requests, credentials and errors that tests of the clients share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import TransportError
from envoy.protocol.flow import Request
from envoy.tls.pki import Pki
from tests.support.messages import message

GET = Request("test", "GET", "/dcap")
POST = Request("test", "POST", "/edev", b"<EndDevice/>")
PUT = Request("test", "PUT", "/edev/1/cp", b"<ConnectionPoint/>")


def credentials(pki: Pki, name: str = "device") -> dict[str, Any]:
    return {"cert": pki.devices[name].certificate, "key": pki.devices[name].key, "ca": pki.ca.certificate}


@contextmanager
def no_response(request: Request, snapshot: SnapshotAssertion, *, maybe_received: bool) -> Iterator[None]:
    """Check that a request has no response, and that the error says why."""
    with pytest.raises(TransportError) as caught:
        yield
    assert caught.value.where == str(request)
    assert caught.value.maybe_received is maybe_received
    assert message(caught.value) == snapshot
