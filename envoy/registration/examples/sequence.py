"""The sequence of a registration: its exchanges, and what every format says about them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files

from lxml import etree

from envoy.codec.parser import indent
from envoy.profiles import Profile
from envoy.protocol.flow import Response
from envoy.registration.dry_run import DryExchange, dry_run
from envoy.registration.site import Site

MADE_UP = (
    "Nothing was sent. The responses, and with them the ids in the paths, are those of a simulated server that has "
    "never seen the site: the server that one registers with chooses its own, and a client follows its links."
)


@dataclass(frozen=True, slots=True)
class Sequence:
    """The exchanges of a dry run, with what every format says about them.

    Attributes:
        title: What is registered, such as the name of the site's file.
        profile: How the messages look.
        server: URL of the server, without a path.
        exchanges: The requests in their order, with their simulated responses.
        docs: Address of the documentation, to which numbers link; empty for nowhere.
    """

    title: str
    profile: Profile
    server: str
    exchanges: tuple[DryExchange, ...]
    docs: str = ""

    @classmethod
    def of(
        cls, site: Site, profile: Profile, *, title: str, server: str, entry: str | None, docs: str = ""
    ) -> Sequence:
        """Return the sequence that registers a site.

        Args:
            site: The site.
            profile: How the messages look.
            title: What to call it.
            server: URL of the server, without a path.
            entry: Path of DeviceCapability; None for the usual one.
            docs: Address of the documentation; empty for nowhere.

        Raises:
            IdentityError, EncodeError, ValidationError: The site cannot be expressed in the profile.
        """
        # On one line, since it stands in comments too.
        return cls(" ".join(title.split()), profile, server, tuple(dry_run(site, profile, entry=entry)), docs)

    @property
    def heading(self) -> str:
        """One line that says what it is."""
        return f"Registration of {self.title} ({self.profile.name})"


def phrase(response: Response) -> str:
    """Return the status of a response in figures and words, such as ``201 Created``."""
    return f"{response.status} {HTTPStatus(response.status).phrase}"


def outcome(response: Response) -> str:
    """Return a response in a few words: its status, where it leads, and what it holds."""
    location = f", Location {response.location}" if response.location else ""
    message = f", {message_name(response.content)}" if response.content else ""
    return f"{phrase(response)}{location}{message}"


def message_name(content: bytes) -> str:
    """Return the name of a message: that of its root element, or JSON."""
    if is_json(content):
        return "JSON"
    return etree.QName(etree.fromstring(content)).localname


def is_json(content: bytes) -> bool:
    """Whether a body is JSON, as that at the well-known path of CSIP-AUS 1.3 is."""
    return content.startswith(b"{")


def indented(content: bytes) -> str:
    """Return a message with its elements on lines of their own."""
    if is_json(content):
        return json.dumps(json.loads(content), indent=2)
    return indent(content, 2).decode()


def template(name: str) -> str:
    """Return a file of this package."""
    return files("envoy.registration.examples").joinpath(name).read_text(encoding="utf-8")
