"""Messages of errors, without what differs between two runs."""

from __future__ import annotations

import re


def message(error: BaseException | str) -> str:
    """Return the text of an error without ports, temporary folders and OpenSSL's own words."""
    text = re.sub(r"\S*pytest-of-[^/]+/pytest-\d+(/popen-gw\d+)?/[^/\s:]+", "TMP", str(error))
    text = re.sub(r"(127\.0\.0\.1|localhost):\d+", "HOST", text)
    # OpenSSL's words, in brackets at the end of a line, differ between its versions.
    return re.sub(r"(?m) \([a-z0-9 ]+\)$", "", text)
