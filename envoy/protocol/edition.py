"""Edition of CSIP-AUS that a server speaks, by the namespaces of what was read from it."""

from __future__ import annotations

from lxml import etree

from envoy._text import join_words
from envoy.codec.parser import parse
from envoy.errors import DocumentError, ProfileError
from envoy.namespaces import EXTENSION_NAMESPACES
from envoy.profiles import Profile

_MARK = b"csipaus.org/"
"""What every namespace of CSIP-AUS has in it; a body without it need not be parsed."""


class Edition:
    """The editions that the bodies of a server declare or use, against that of a profile.

    A server drops elements in the namespace of another edition in silence, or refuses them for a reason that does not
    name it.

    Args:
        profile: How messages look on the wire.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._own = EXTENSION_NAMESPACES.get(profile.extension_namespace or "")
        self._seen: set[str] = set()

    def observe(self, content: bytes) -> None:
        """Take the namespaces of a body into account: those that its root declares, and those of its elements."""
        if self._own is None or self._own in self._seen or _MARK not in content:
            return
        try:
            root = parse(content)
        except DocumentError:
            return
        namespaces = {*root.nsmap.values(), *(etree.QName(element).namespace for element in root.iter(etree.Element))}
        self._seen |= {EXTENSION_NAMESPACES[name] for name in namespaces if name in EXTENSION_NAMESPACES}

    def check(self) -> None:
        """Check that the profile is of an edition that the server speaks, as far as it says.

        Raises:
            ProfileError: It is of another one.
        """
        if self._own is None or not self._seen or self._own in self._seen:
            return
        names = join_words(sorted(self._seen), "and")
        raise ProfileError(
            f"the server's messages are of {names}, by their namespace, and the profile is {self._profile.name}",
            remedy=f"It would drop or refuse what this profile writes: use the profile {min(self._seen)}.",
        )
