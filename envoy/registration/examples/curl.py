"""A script for bash and curl that makes the requests for real.

It takes the paths of the EndDevice and of its DERs from the responses of the server, and does not follow links. What
the server has already it does not create again.
"""

from __future__ import annotations

import re
import shlex
import textwrap

from lxml import etree

from envoy.registration.dry_run import DryExchange
from envoy.registration.examples.sequence import Sequence, indented, outcome, template

_NOTE = (
    "Run, it makes these requests, and creates nothing that is there already. The paths that the server chooses are "
    "taken from its responses; those below them, and those of the lists, are usual ones: where this server has others, "
    "its links say which."
)

_TLS = """\
cert=${CERT:-client.pem}
key=${KEY:-client.key}
ca=${CA:-ca.pem}
"""


def render(sequence: Sequence) -> str:
    """Return the script."""
    secure = sequence.server.startswith("https:")
    files = "the server and the PEM files" if secure else "the server"
    head = template("script.sh").format(
        comment="\n".join(f"# {line}".rstrip() for line in (sequence.heading, "", *textwrap.wrap(_NOTE, 118))),
        environment=f"The environment may name {files}: SERVER{', CERT, KEY and CA' if secure else ''}.",
        server=shlex.quote(sequence.server),
        tls=_TLS if secure else "",
        accept=shlex.quote(f"Accept: {sequence.profile.content_type}"),
        options=' --cert "$cert" --key "$key" --cacert "$ca"' if secure else "",
        functions="\n" + template("functions.sh")
        if any(exchange.request.method == "POST" for exchange in sequence.exchanges)
        else "",
    )
    variables: dict[str, str] = {}
    commands = [
        _command(number, exchange, sequence, variables) for number, exchange in enumerate(sequence.exchanges, 1)
    ]
    return head + "\n".join(commands)


def _command(number: int, exchange: DryExchange, sequence: Sequence, variables: dict[str, str]) -> str:
    """Return the lines that make one request; a path that its response has gets a variable."""
    request, response = exchange.request, exchange.response
    path = _path(request.href, variables)
    words = [f'"${{curl[@]}}" --request {request.method} "$server{path}"']
    created = response.location if request.method == "POST" else ""
    if created:
        words.append("""--output /dev/null --write-out "$report%{stdout}%header{location}" > "$location\"""")
    else:
        words.append('--write-out "$report"')
    if request.content is not None:
        body = indented(request.content)
        content_type = shlex.quote(f"Content-Type: {sequence.profile.content_type}")
        mark = _mark(body)
        words.append(f"--header {content_type} --data-binary @- <<'{mark}'\n{body}\n{mark}")
    elif not response.ok:
        # What the dry run does not find, a real server may have or not.
        words.append("|| true")
    comment, command = f"# {number}. {request.step}, expected: {outcome(response)}", _broken(words)
    if request.content is None or not created:
        return f"{comment}\n{command}\n"
    name, place = _variable(request.step, variables)
    variables[created] = name
    message = etree.fromstring(request.content)
    wanted = shlex.quote(message.findtext("{*}lFDI") or str(place))
    return f"""\
{comment}; or there is one already
{name}=$(known "{path}{"&" if "?" in path else "?"}" {etree.QName(message).localname} {wanted})
if [[ -z ${name} ]]; then
{command}
{name}=$(path "$(cat "$location")")
fi
echo >&2 "{name} is ${{{name}:?}}"
"""


def _broken(words: list[str]) -> str:
    """Write a command over several lines if it does not fit on one."""
    line = " ".join(words)
    return line if len(line.partition("\n")[0]) <= 120 else " \\\n  ".join(words)


def _variable(step: str, variables: dict[str, str]) -> tuple[str, int]:
    """Return a name that no other path has, and which of its step it is, from 1 on."""
    name = step.replace("-", "_")
    number = 1 + sum(known == name or known.startswith(f"{name}_") for known in variables.values())
    return (name if number == 1 else f"{name}_{number}"), number


def _path(href: str, variables: dict[str, str]) -> str:
    """Return a path as it stands between double quotes, with variables for what the server chose."""
    for location in sorted(variables, key=len, reverse=True):
        if href == location or href.startswith((f"{location}/", f"{location}?")):
            return f"${{{variables[location]}}}{_quoted(href[len(location) :])}"
    return _quoted(href)


def _quoted(text: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", text)


def _mark(body: str) -> str:
    """Return the line that ends a body, which it must not have itself."""
    mark = "XML"
    while mark in body.splitlines():
        mark += "_"
    return mark
