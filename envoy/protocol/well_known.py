"""The JSON at the well-known path of CSIP-AUS 1.3: where a server has DeviceCapability, by edition.

{"supportedSchemaVersions": {"https://csipaus.org/ns/v1.3": {"dcap": ["/api/dcap"]}}}
"""

from __future__ import annotations

import json

from envoy._text import join_words
from envoy.errors import ResponseError
from envoy.namespaces import EXTENSION_NAMESPACES
from envoy.profiles import Profile


def read_editions(content: bytes) -> dict[str, str] | None:
    """Return the path of DeviceCapability by the namespace of the edition; None if it is not such a JSON.

    Editions without a path, and those that are garbled, are left out.
    """
    try:
        editions = json.loads(content)["supportedSchemaVersions"].items()
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    found = {}
    for namespace, resources in editions:
        match resources:
            case {"dcap": [str(path), *_]} if path.strip():
                found[namespace] = path.strip()
    return found


def pick_path(editions: dict[str, str], profile: Profile, where: str) -> str:
    """Return the path of DeviceCapability for the edition of a profile.

    Args:
        editions: What the server has.
        profile: The profile, one with the extensions of CSIP-AUS.
        where: The request that the server responded to.

    Raises:
        ResponseError: The server does not speak the edition.
    """
    names = {namespace: EXTENSION_NAMESPACES.get(namespace) for namespace in editions}
    wanted = EXTENSION_NAMESPACES.get(profile.extension_namespace or "")
    # The edition itself comes before a beta of it.
    for namespace in (profile.extension_namespace, *EXTENSION_NAMESPACES):
        if namespace in editions and (namespace == profile.extension_namespace or names[namespace] == wanted):
            return editions[namespace]
    others = [f"the profile {name}" for name in dict.fromkeys(filter(None, names.values()))]
    only = f", only for {join_words(map(repr, editions), 'and')}" if editions else " or any other edition"
    raise ResponseError(
        f"the server has no DeviceCapability for {profile.extension_namespace}{only}",
        status=200,
        where=where,
        remedy=f"Try {join_words(others, 'or')}." if others else "Ask the utility which edition its server speaks.",
    )
