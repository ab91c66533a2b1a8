"""The framing of requests: how many pieces one may come in."""

from __future__ import annotations

from collections.abc import Iterable

import h11
import pytest

from envoy.server.connections.http_framing import MOST_PIECES, RequestFraming, TooManyPiecesError

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def receive(pieces: Iterable[bytes]) -> int:
    """Return how many octets of the body come in."""
    framing, octets = RequestFraming(1 << 16), 0
    for piece in pieces:
        framing.receive_data(piece)
        while (event := framing.next_event()) is not h11.NEED_DATA:
            octets += len(event.data) if isinstance(event, h11.Data) else 0
            if isinstance(event, h11.EndOfMessage):
                return octets
    raise AssertionError("it does not end")


def test_a_long_body_in_small_records_or_chunks_is_no_attack() -> None:
    size = 1 << 21
    assert receive([HEAD + b"Content-Length: %d\r\n\r\n" % size, *[b"a" * 512] * (size // 512)]) == size
    chunk = b"200\r\n" + b"a" * 512 + b"\r\n"
    assert receive([CHUNKED, *[chunk] * (size // 512), b"0\r\n\r\n"]) == size


@pytest.mark.parametrize(
    "pieces",
    [
        [CHUNKED, b"1\r\na\r\n" * 2 * MOST_PIECES],
        [HEAD + b"Content-Length: 1000000\r\n\r\n", *[b"a"] * 2 * MOST_PIECES],
        [b"POST /", *[b"a"] * 2 * MOST_PIECES],
    ],
    ids=["chunks", "body", "head"],
)
def test_countless_small_pieces_are(pieces: list[bytes]) -> None:
    with pytest.raises(TooManyPiecesError):
        receive(pieces)
