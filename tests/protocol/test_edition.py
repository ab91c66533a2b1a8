"""The edition that a server speaks: a wrong profile is reported before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from envoy.errors import ProfileError
from envoy.protocol.flow import Response
from tests.support.registrations import Utility, fails, new_site

NAMESPACES = {"csip-aus-1.2": b"https://csipaus.org/ns", "csip-aus-1.3": b"https://csipaus.org/ns/v1.3"}
VARIANTS = {
    **{namespace: edition for edition, namespace in NAMESPACES.items()},
    b"http://csipaus.org/ns": "csip-aus-1.2",
    b"https://csipaus.org/ns/v1.3-beta/storage": "csip-aus-1.3",
}


def declaring(server: Utility, path: str, namespace: bytes) -> None:
    """Let the root element of what a path gives declare a namespace."""

    def answer(request: Any) -> Response:
        content = server.usual(request).content
        return Response(200, content=content.replace(b' xmlns="', b' xmlns:c="' + namespace + b'" xmlns="', 1))

    server.answers(f"GET {path}", answer)


def of_edition(server: str, profile: str) -> Utility:
    """Return a utility of one edition, for a client in the profile of another. Its list has elements of CSIP-AUS."""
    utility = Utility(server)
    utility.profile = profile
    return utility


@pytest.mark.parametrize(("profile", "other"), [("csip-aus-1.2", "csip-aus-1.3"), ("csip-aus-1.3", "csip-aus-1.2")])
def test_a_server_of_another_edition_stops_the_registration(profile: str, other: str) -> None:
    server = of_edition(other, profile)
    error = fails(server, new_site(), at="end-device")
    assert isinstance(error.__cause__, ProfileError)
    assert f"the profile {other}" in error.remedy
    assert server.writes == []


@pytest.mark.parametrize(
    ("namespace", "edition"), [*VARIANTS.items(), *zip(NAMESPACES.values(), NAMESPACES, strict=True)]
)
def test_a_declaration_at_the_root_says_the_edition(namespace: bytes, edition: str) -> None:
    # The plain standard has no elements of CSIP-AUS of its own.
    server = of_edition("ieee-2018", "csip-aus-1.2")
    declaring(server, "/dcap", namespace)
    if edition == "csip-aus-1.3":
        fails(server, new_site(), at="end-device")
        assert server.writes == []
    else:
        server.run(new_site(ders=[], nmi=None))
        assert "POST /edev" in server.writes


def test_the_plain_standard_is_spoken_with_any_server() -> None:
    server = of_edition("csip-aus-1.3", "ieee-2018")
    server.run(new_site("ieee-2018", ders=[]))
    assert "POST /edev" in server.writes


def test_a_server_that_speaks_both_editions_is_written_to() -> None:
    server = Utility()
    declaring(server, "/dcap", NAMESPACES["csip-aus-1.3"])
    assert server.run(new_site()).changed
