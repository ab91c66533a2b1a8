"""Errors of httpx as TransportErrors: what happened, what to do, and whether the server may have the request.

A ``TimeoutError`` means that a response took too long as a whole, which httpx does not check.
"""

from __future__ import annotations

import os

import httpx

from envoy.errors import TransportError
from envoy.protocol.flow import Request
from envoy.tls.context import BROKEN_OFF, NO_TLS, explain
from envoy.urls import proxies

_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.ProxyError,
    UnicodeError,
)
"""Errors that come before the request is sent. UnicodeError is a host name that DNS cannot have."""

_LASTING = (httpx.LocalProtocolError, httpx.ProxyError, httpx.UnsupportedProtocol)
"""Errors of the network that are not transient."""

_NO_CERTIFICATE = "We have no certificate, and the server may want one: cert=."

_AGAIN = "Run it again: what was done will be found and not repeated."


FAILURES = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError)
"""What sending a request raises if there is no response; on asyncio, TLS raises its own errors after the handshake.

InvalidURL comes with a response whose Location is garbled: httpx makes a URL of it, though it does not follow it. Of
some it makes a RemoteProtocolError, in the context of which it is.
"""


def transport_error(request: Request, url: httpx.URL, error: Exception, *, anonymous: bool = False) -> TransportError:
    """Return the error to raise from one of httpx.

    Args:
        request: The request.
        url: The URL that it was to be sent to.
        error: What httpx raised, one of FAILURES.
        anonymous: Whether we have no certificate. A server that ends the handshake then is taken to want one.
    """
    if isinstance(error.__context__, httpx.InvalidURL):
        error = error.__context__
    what, remedy = _describe(url, error, anonymous=anonymous)
    sent = not isinstance(error, _UNSENT)
    transient = isinstance(error, httpx.TransportError | OSError) and not isinstance(error, _LASTING)
    tls = explain(error)
    if tls is not None:
        what, remedy = tls.what, tls.remedy
        # What comes in clear after the handshake is not a refusal: the server may have the request.
        sent = sent and (not tls.refused or tls.what.startswith(NO_TLS))
        transient = transient and not tls.refused
    if anonymous and BROKEN_OFF in remedy:
        remedy = remedy.replace(BROKEN_OFF, _NO_CERTIFICATE)
        transient = transient and sent
    return TransportError(what, where=str(request), remedy=remedy, maybe_received=sent, transient=transient)


def _describe(url: httpx.URL, error: Exception, *, anonymous: bool) -> tuple[str, str]:
    host = url.netloc.decode()
    match error:
        case httpx.ConnectTimeout():
            return f"{host} did not respond in time", "Check the host, the port and the firewall between."
        case httpx.ConnectError() | UnicodeError():
            cause = _root_cause(error)
            remedy = BROKEN_OFF if "reset" in cause else "Check that the server runs, its host and port."
            if proxies():
                remedy += (
                    " A proxy is named in the environment (HTTPS_PROXY and the like): it may be what cannot be reached."
                )
            return f"cannot connect to {host}: {cause}", remedy
        case httpx.ProxyError():
            return (
                f"the proxy does not connect us to {host}: {error}",
                "HTTPS_PROXY and HTTP_PROXY in the environment name the proxy, NO_PROXY the hosts to reach without it.",
            )
        case httpx.LocalProtocolError():
            return f"the request cannot be sent: {error}", "Check the headers that are added to it."
        case httpx.TimeoutException() | TimeoutError():
            return f"no response from {host} in time", f"{_AGAIN} A longer timeout= may help."
        case httpx.InvalidURL():
            return f"{host} redirects to what is not a URL: {error}", "Report it to the utility."
        case httpx.DecodingError():
            return f"the response of {host} is garbled: {error}", "Look for a proxy between that compresses it wrongly."
    cause, remedy = _root_cause(error), _AGAIN
    if url.scheme == "http":
        remedy = f"{_AGAIN} If the server speaks TLS there, use https://."
    elif "reset" in cause or (anonymous and "disconnected" in cause):
        # In TLS 1.3 the server refuses our certificate only then, and asyncio may lose the alert that says so.
        remedy = f"{_AGAIN} {BROKEN_OFF}"
    return f"the connection to {host} broke: {cause}", remedy


def _root_cause(error: BaseException) -> str:
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    if any(isinstance(cause, UnicodeError) for cause in causes):
        # Python's own words for it depend on its version.
        return "DNS has no such names: a part of it is empty or longer than 63 characters"
    found = next((x for x in reversed(causes) if isinstance(x, OSError) and x.strerror), error)
    if isinstance(found, ConnectionError) and found.errno:
        # asyncio's own words for it say less.
        return os.strerror(found.errno)
    text = found.strerror if isinstance(found, OSError) else str(found)
    return text or type(error).__name__
