"""The operator of an ``envoy serve`` that somebody else has started, through its control channel."""

from __future__ import annotations

import contextlib
import json
import socket
from pathlib import Path
from typing import Any

from envoy._sqlite import Closing
from envoy.errors import EnvoyError, OperationError
from envoy.utility.operator import Operator

RESPONSE_SECONDS = 60
"""How long the server may take to respond to an order."""


class ChannelOperator(Closing, Operator):
    """The operator of a running ``envoy serve --channel FILE``.

    Args:
        file: The file.

    Raises:
        EnvoyError: There is no such file, or it is not one.
        OperationError: The server that wrote it has ended.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            way = json.loads(file.read_bytes())
            port, token = int(way["port"]), str(way["token"])
        except OSError as error:
            raise EnvoyError(
                f"there is no control channel: {error.strerror}",
                where=str(file),
                remedy="Start the server with this file: envoy serve --channel FILE ...",
            ) from None
        except (ValueError, KeyError, TypeError):
            raise EnvoyError("is not the file of a control channel", where=str(file)) from None
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), RESPONSE_SECONDS)
        except (OSError, OverflowError):
            raise self._ended() from None
        self._stream = self._socket.makefile("rwb")
        self._stream.write(token.encode() + b"\n")
        # At once: the server does not wait long for it, and the first order, which says if that fails, may come later.
        with contextlib.suppress(OSError):
            self._stream.flush()

    def _ended(self) -> OperationError:
        return OperationError(
            "the server does not respond", where=str(self._file), remedy="It may have ended: start it again."
        )

    def ask(self, order: str, **parts: Any) -> dict[str, Any]:
        line = b""
        try:
            self._stream.write(json.dumps({"order": order, **parts}).encode() + b"\n")
            self._stream.flush()
            line = self._stream.readline()
        except (OSError, ValueError):
            pass
        if not line.endswith(b"\n"):
            raise self._ended()
        response: dict[str, Any] = json.loads(line)
        if "error" in response:
            raise OperationError(**response["error"])
        return response

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(OSError):
            self._stream.close()
        self._socket.close()
