"""HTTP/1.1 of a connection by h11, without the requests whose end is in doubt or is made costly to find."""

from __future__ import annotations

from typing import Any

import h11

MOST_PIECES = 2000
"""Pieces that the head or the body of a request may come in, however small: chunks, and records of TLS."""

_USUAL = 128
"""Octets that may be one further piece: there are clients with records of 512."""


class TooManyPiecesError(h11.RemoteProtocolError):
    """A request comes in so many pieces that to read it costs more than it is worth."""


class RequestFraming(h11.Connection):
    """The server's side of a connection.

    ``next_event`` raises ``h11.RemoteProtocolError`` (400) for a request with both Content-Length and
    Transfer-Encoding, or with Transfer-Encoding in HTTP/1.0 (RFC 9112, 6.1): a proxy before this server may see
    another end of it. It raises ``TooManyPiecesError`` for one in more than ``MOST_PIECES`` small pieces.

    Args:
        most_head: Octets that the head of a request may have.
    """

    def __init__(self, most_head: int) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size=most_head)
        self._left = float(MOST_PIECES)

    def receive_data(self, data: bytes) -> None:
        self._left += len(data) / _USUAL - 1
        super().receive_data(data)

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Data):
            self._left -= 1
        elif isinstance(event, h11.Request | h11.EndOfMessage):
            self._left = float(MOST_PIECES)
        if isinstance(event, h11.Request):
            _check(event)
        if self._left < 0:
            raise TooManyPiecesError("the request comes in too many pieces", error_status_hint=400)
        return event


def _check(request: h11.Request) -> None:
    names = {name for name, _ in request.headers}
    if b"transfer-encoding" not in names:
        return
    if b"content-length" in names:
        raise h11.RemoteProtocolError("both Content-Length and Transfer-Encoding")
    if request.http_version < b"1.1":
        raise h11.RemoteProtocolError("Transfer-Encoding in HTTP/1.0")
