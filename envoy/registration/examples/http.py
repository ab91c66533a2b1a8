"""A ``.http`` file, which the REST clients of VS Code, IntelliJ and others load, to send each request at a click."""

from __future__ import annotations

import textwrap

from envoy.registration.examples.sequence import MADE_UP, Sequence, outcome
from envoy.registration.examples.text import as_text


def render(sequence: Sequence) -> str:
    """Return the file."""
    note = textwrap.wrap(
        f"{MADE_UP} The client certificate is not in here: give it in the settings of the REST client.", 118
    )
    parts = ["\n".join([*(f"# {line}" for line in (sequence.heading, "", *note)), "", f"@server = {sequence.server}"])]
    for number, exchange in enumerate(sequence.exchanges, 1):
        request = as_text(exchange.request, sequence.profile, "{{server}}")
        parts.append(f"### {number}. {exchange.request.step}\n# Expected: {outcome(exchange.response)}\n\n{request}")
    return "\n\n".join(parts).replace("# \n", "#\n") + "\n"
